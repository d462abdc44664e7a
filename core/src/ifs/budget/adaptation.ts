/**
 * What IFS's answers say about how much it can take. Throttling halves the pace and is followed by a pause; slowness lowers it a
 * little; calm brings it back. All times are monotonic milliseconds.
 */
import type { Clock } from "../../runtime/clock.ts";

export type Outcome = {
  readonly status: number;
  readonly elapsedMs: number;
  /** Only reads are compared with each other: an order takes longer than a page at the best of times. */
  readonly read: boolean;
  /** From `Retry-After`. */
  readonly retryAfterMs?: number;
};

export type Adaptation = {
  observe(outcome: Outcome): void;
  /** Part of the share that bulk and orders may use now, 0.1 to 1. */
  factor(): number;
  /** Nothing is sent before. */
  holdUntil(): number;
  /** Another process was asked to stay away. */
  hold(until: number): void;
};

const LEAST = 0.1;
const CALM_MS = 10_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** Slower than this many times the usual, and than this many ms, is pressure. */
const SLOW_TIMES = 3;
const SLOW_MS = 1000;

export function createAdaptation(clock: Pick<Clock, "monotonic">, random: () => number): Adaptation {
  let factor = 1;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let changedAt = clock.monotonic();
  let throttles = 0;
  /** Averages of the time of reads, over about five and about fifty of them. */
  let recent: number | undefined;
  let usual = 0;

  function lower(by: number, now: number): void {
    factor = Math.max(LEAST, factor * by);
    changedAt = now;
  }

  function throttled(retryAfterMs: number | undefined, now: number): void {
    // Answers of requests that were in the air together are one sign, not many.
    if (now >= heldUntil) {
      lower(0.5, now);
      throttles += 1;
    }
    // Jitter spreads the processes that heard the same number of seconds.
    const backOff = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(throttles - 1, 9)) * (0.5 + random());
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(retryAfterMs ?? 0, retryAfterMs === undefined ? backOff : 0));
    heldUntil = Math.max(heldUntil, now + pause + (retryAfterMs === undefined ? 0 : random() * 250));
  }

  function measured(elapsedMs: number, now: number): void {
    usual = recent === undefined ? elapsedMs : usual + (elapsedMs - usual) / 50;
    recent = recent === undefined ? elapsedMs : recent + (elapsedMs - recent) / 5;
    if (recent > SLOW_MS && recent > SLOW_TIMES * usual && now - changedAt >= CALM_MS / 2) lower(0.8, now);
  }

  return {
    observe({ status, elapsedMs, read, retryAfterMs }) {
      const now = clock.monotonic();
      if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
        throttled(retryAfterMs, now);
        return;
      }
      if (status >= 200 && status < 300 && read) measured(elapsedMs, now);
      if (status < 500 && factor < 1 && now - changedAt >= CALM_MS && now >= heldUntil) {
        factor = Math.min(1, factor + 0.1);
        changedAt = now;
      }
      if (factor === 1) throttles = 0;
    },
    factor: () => factor,
    holdUntil: () => heldUntil,
    hold(until) {
      heldUntil = Math.max(heldUntil, until);
    },
  };
}
