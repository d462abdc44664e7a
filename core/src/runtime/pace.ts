/**
 * How many requests at a time the other side takes, found out by its answers: additive increase, multiplicative decrease. One place
 * more after a calm round; half as many, and a pause, when it throttles; a few less when it becomes slow.
 */
import pLimit from "p-limit";
import { ThrottledError } from "../domain/failure.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export type Pace = {
  /**
   * Runs `work` when a place is free. Work that ends in a ThrottledError is run again after the pause, behind what waits meanwhile:
   * it has to be harmless to run twice. Any other error is thrown, and so is the throttling that lasts beyond PATIENCE_MS.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Places now. */
  places(): number;
  /** Work that has no place yet. */
  waiting(): number;
};

export type PaceOptions = {
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly random: Pick<Random, "fraction">;
  /** Most places, at least 1. It begins with half of them. */
  readonly most: number;
  /** Told of each decrease. */
  readonly lowered?: (change: { readonly places: number; readonly reason: "throttled" | "slow" }) => void;
};

/** Once it was throttled, places come back no faster than one in this time. */
const CALM_MS = 1000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Throttled for so long without one success between, or asked to wait longer: the work belongs to the next run. */
export const PATIENCE_MS = 60_000;
/** Slower than this many times the usual, and than this many ms, is pressure. */
const SLOW_TIMES = 3;
const SLOW_MS = 300;
const SLOW_EVERY_MS = 5000;

export function createPace({ clock, random, most, lowered = () => {} }: PaceOptions): Pace {
  if (!Number.isInteger(most) || most < 1) throw new RangeError(`places must be a positive whole number: ${most}`);
  const limit = pLimit(Math.ceil(most / 2));
  let heldUntil = Number.NEGATIVE_INFINITY;
  let changedAt = Number.NEGATIVE_INFINITY;
  /** Since the last change. */
  let calm = 0;
  /** Pauses since the last success. */
  let throttles = 0;
  let throttledSince: number | undefined;
  let ramp = true;
  /** Averages of the time that successes took, over about ten and about five hundred of them. */
  let recent: number | undefined;
  let usual = 0;

  function change(places: number): void {
    limit.concurrency = Math.max(1, Math.min(most, places));
    changedAt = clock.monotonic();
    calm = 0;
  }

  function slowed(elapsedMs: number, now: number): boolean {
    usual = recent === undefined ? elapsedMs : usual + (elapsedMs - usual) / 500;
    recent = recent === undefined ? elapsedMs : recent + (elapsedMs - recent) / 10;
    const slow = recent > SLOW_MS && recent > SLOW_TIMES * usual;
    if (!slow || now - changedAt < SLOW_EVERY_MS || limit.concurrency === 1) return slow;
    change(Math.floor(limit.concurrency * 0.8));
    lowered({ places: limit.concurrency, reason: "slow" });
    return true;
  }

  function succeeded(begun: number): void {
    const now = clock.monotonic();
    throttles = 0;
    throttledSince = undefined;
    if (slowed(now - begun, now)) return;
    // What was begun before the last change says nothing about it, and neither do places that nobody used.
    if (begun <= changedAt || limit.pendingCount === 0) return;
    calm += 1;
    if (calm < limit.concurrency || limit.concurrency === most || (!ramp && now - changedAt < CALM_MS)) return;
    change(limit.concurrency + 1);
  }

  /** False: it lasts too long to wait for. */
  function throttled(retryAfterMs: number | undefined, begun: number): boolean {
    const now = clock.monotonic();
    throttledSince ??= now;
    if ((retryAfterMs ?? 0) > PATIENCE_MS || now - throttledSince > PATIENCE_MS) return false;
    ramp = false;
    // Requests that were in the air together are one sign, not many.
    if (begun > changedAt) {
      change(Math.floor(limit.concurrency / 2));
      throttles += 1;
      lowered({ places: limit.concurrency, reason: "throttled" });
    }
    // Jitter spreads replicas and other clients that heard the same number of seconds.
    const backOff =
      Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(throttles, 8)) * (0.5 + random.fraction() / 2);
    heldUntil = Math.max(
      heldUntil,
      // To wait for no time, or until a moment that has passed, is no answer to being asked too much.
      now + (retryAfterMs ? retryAfterMs + random.fraction() * 250 : backOff),
    );
    return true;
  }

  async function once<T>(work: () => Promise<T>): Promise<{ readonly value: T } | "again"> {
    for (let now = clock.monotonic(); now < heldUntil; now = clock.monotonic()) await clock.sleep(heldUntil - now);
    const begun = clock.monotonic();
    try {
      const value = await work();
      succeeded(begun);
      return { value };
    } catch (error) {
      if (error instanceof ThrottledError && throttled(error.retryAfterMs, begun)) return "again";
      throw error;
    }
  }

  return {
    async run(work) {
      for (;;) {
        const outcome = await limit(() => once(work));
        if (outcome !== "again") return outcome.value;
      }
    },
    places: () => limit.concurrency,
    waiting: () => limit.pendingCount,
  };
}
