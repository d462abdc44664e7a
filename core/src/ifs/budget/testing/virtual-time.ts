/** Time that passes only when nothing else happens, and a store in it. */
import { ConflictError, TransientError } from "../../../domain/failure.ts";
import { type Clock, sleepWith } from "../../../runtime/clock.ts";
import type { BudgetStore } from "../budget.ts";
import { emptyLedger, type Ledger } from "../ledger.ts";

type Timer = { readonly at: number; readonly order: number; readonly ring: () => void };

export function virtualTime(start = Date.parse("2026-11-02T10:00:00Z")) {
  let elapsed = 0;
  let order = 0;
  let timers: Timer[] = [];
  /** Everything that can happen without time passing. */
  const settled = () => new Promise<void>((done) => setImmediate(done));

  const after: Clock["after"] = (ms, ring) => {
    order += 1;
    const timer: Timer = { at: elapsed + ms, order, ring };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  /** A machine's clock; `skewMs` is what its wall clock is ahead. */
  const clockOf = (skewMs = 0): Clock => ({
    now: () => Math.floor(start + elapsed + skewMs),
    monotonic: () => elapsed,
    after,
    sleep: sleepWith(after),
  });

  return {
    clockOf,
    /** A machine whose timers never ring again once it was killed: it stops in the middle of everything. */
    mortal(clock: Clock): { clock: Clock; kill(): void } {
      let dead = false;
      const never = new Promise<never>(() => undefined);
      const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
        clock.sleep(ms, signal).then(
          () => (dead ? never : undefined),
          (error: unknown) => (dead ? never : Promise.reject(error)),
        );
      return {
        clock: { ...clock, sleep },
        kill() {
          dead = true;
        },
      };
    },
    clock: clockOf(),
    elapsed: () => elapsed,
    async run(ms: number): Promise<void> {
      const end = elapsed + ms;
      await settled();
      for (;;) {
        const next = timers.reduce<Timer | undefined>(
          (first, timer) =>
            first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)
              ? timer
              : first,
          undefined,
        );
        if (!next || next.at > end) break;
        timers = timers.filter((timer) => timer !== next);
        elapsed = Math.max(elapsed, next.at);
        next.ring();
        await settled();
      }
      elapsed = end;
    },
  };
}

/** One document with compare-and-swap, as far away as commercetools. */
export function ledgerStore(clock: Clock, latencyMs = 30) {
  let value: Ledger = emptyLedger;
  let version = 1;
  const counts = { reads: 0, writes: 0, conflicts: 0 };
  let fault: "none" | "down" | "answerLost" = "none";
  const store: BudgetStore = {
    async read() {
      counts.reads += 1;
      await clock.sleep(latencyMs);
      if (fault === "down") throw new TransientError("the store does not answer");
      return { value: structuredClone(value), version };
    },
    async swap(next, at) {
      counts.writes += 1;
      await clock.sleep(latencyMs);
      if (fault === "down") throw new TransientError("the store does not answer");
      if (at !== version) {
        counts.conflicts += 1;
        throw new ConflictError("somebody else wrote");
      }
      value = structuredClone(next) as Ledger;
      version += 1;
      if (fault === "answerLost") throw new TransientError("the answer was lost");
      return version;
    },
  };
  return {
    store,
    counts,
    ledger: () => value,
    break(next: typeof fault) {
      fault = next;
    },
  };
}

/** The same sequence for the same seed, between 0 and 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
