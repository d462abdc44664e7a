/**
 * The door for IFS's events: a hint is stored first, then looked at within the same request.
 *
 * Looked at here and not only by the job, because the job comes once a minute; within the request and not after it, because
 * nothing runs on in a service once its answer is sent. It is bounded: a few keys, short exchanges, one reading at a time in each
 * process, and an end; what it does not manage is the job's.
 */
import { TransientError } from "../domain/failure.ts";
import { type Hint, parseHints } from "../domain/hints.ts";
import type { Outcome } from "../http/respond.ts";
import type { Clock } from "../runtime/clock.ts";
import { mapLimited } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import type { HintSummary } from "./hints.ts";
import { remember } from "./remember.ts";

export type HintDoorDeps = {
  readonly clock: Pick<Clock, "monotonic">;
  readonly logger: Logger;
  readonly hints: {
    readonly put: (hint: Hint) => Promise<void>;
    readonly count: () => Promise<number>;
  };
  /** Looks at what waits until nothing new does, or until it is over. */
  readonly look: (isOver: () => boolean) => Promise<HintSummary>;
};

export const hintLimits = {
  /** Keys that one process stores in a minute; a shop's warehouse does less, and a mass change is better polled. */
  keysPerMinute: 600,
  /** Hints that wait; beyond, the scheduled runs are as fast. */
  waiting: 2000,
  /** No reading is begun, and none goes on, after this time of a request. */
  lookMs: 5000,
} as const;

/** Of a request; a hundred keys are some 5 KB. */
export const HINT_BYTES = 16_384;

/** Writes of one request at a time. */
const CONCURRENT_PUTS = 8;
const COUNT_MS = 10_000;

/** `reread`: `done` all that waited was looked at; `queued` another request is doing it; `later` the job will. */
export type HintAnswer = {
  readonly stored: number;
  /** Keys that were not stored: too many at once. The scheduled runs find them. */
  readonly leftToPolling: number;
  readonly reread: "done" | "queued" | "later";
};

export function createHintDoor(deps: HintDoorDeps): (body: unknown) => Promise<Outcome> {
  const { clock, hints } = deps;
  const allowance = createAllowance(clock, hintLimits.keysPerMinute);
  const waiting = remember({ ms: COUNT_MS, now: clock.monotonic }, hints.count);
  const soon = createSoon(deps);
  return async (body) => {
    const parsed = parseHints(body);
    if (!parsed.ok) return { kind: "unreadable", message: parsed.error };
    const room = Math.max(0, hintLimits.waiting - (await waiting()));
    const taken = parsed.value.slice(0, allowance(Math.min(parsed.value.length, room)));
    await mapLimited(taken, CONCURRENT_PUTS, hints.put);
    const answer: HintAnswer = {
      stored: taken.length,
      leftToPolling: parsed.value.length - taken.length,
      reread: taken.length > 0 ? await soon() : "later",
    };
    return { kind: "done", body: answer };
  };
}

/** How many of the wanted may be taken now; what was not used in one minute is not saved for the next. */
function createAllowance({ monotonic }: Pick<Clock, "monotonic">, perMinute: number): (wanted: number) => number {
  let left = perMinute;
  let refilledAt = monotonic();
  return (wanted) => {
    const now = monotonic();
    left = Math.min(perMinute, left + ((now - refilledAt) * perMinute) / 60_000);
    refilledAt = now;
    const given = Math.min(wanted, Math.floor(left));
    left -= given;
    return given;
  };
}

/** One reading at a time: who comes meanwhile leaves its hint to it and is answered at once. */
function createSoon({ clock, logger, look }: HintDoorDeps): () => Promise<HintAnswer["reread"]> {
  let looking = false;
  let again = false;
  return async () => {
    again = true;
    if (looking) return "queued";
    looking = true;
    const endsAt = clock.monotonic() + hintLimits.lookMs;
    const isOver = () => clock.monotonic() > endsAt;
    try {
      while (again && !isOver()) {
        again = false;
        await look(isOver);
      }
      return again || isOver() ? "later" : "done";
    } catch (error) {
      // The hint is stored; what became of this reading is no reason for IFS to send it again.
      if (!(error instanceof TransientError)) logger.warn({ error }, "hints-not-looked-at");
      return "later";
    } finally {
      looking = false;
    }
  };
}
