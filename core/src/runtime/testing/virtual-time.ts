/** Time that passes only when nothing else can happen, so that hours cost no more than what is done in them. */
import { type Clock, sleepWith } from "../clock.ts";

type Timer = { readonly at: number; readonly order: number; readonly ring: () => void };

export type VirtualTime = {
  readonly clock: Clock;
  /** A machine's clock; `skewMs` is what its wall clock is ahead. */
  clockOf(skewMs: number): Clock;
  /** A clock whose alarms never ring again once it was killed: its machine stops in the middle of everything. */
  mortal(clock: Clock): { clock: Clock; kill(): void };
  /** Milliseconds since the beginning. */
  elapsed(): number;
  /** Lets `ms` pass. */
  run(ms: number): Promise<void>;
  /** Lets time pass until `done` says so, at most `ms`; what `done` said last. */
  until(done: () => boolean, ms: number): Promise<boolean>;
  /** Alarms that are set. */
  pending(): number;
  /** A stream has just been given something: it may take several turns of the event loop until it arrives. */
  stirred(): void;
};

/** `streams: "told"`: whoever moves bytes through streams says so by `stirred`; in all other turns only promises are under way. */
export function virtualTime(
  start = Date.parse("2026-11-02T10:00:00Z"),
  { streams = "anywhere" }: { readonly streams?: "anywhere" | "told" } = {},
): VirtualTime {
  let elapsed = 0;
  let order = 0;
  let stirred = false;
  /** Latest first, so that the next one is taken from the end. */
  const timers: Timer[] = [];

  /**
   * Everything that can happen without time passing. Streams and HTTP parsers need several turns of the event loop for one
   * message; as long as anybody sets or calls off an alarm, others may still be on their way to theirs.
   */
  async function settled(): Promise<void> {
    if (streams === "told") {
      // Promises have all had their turn when the event loop has had one.
      await turn();
      if (!stirred) return;
    }
    for (let quiet = 0, seen = order; quiet < QUIET_TURNS; quiet += 1) {
      stirred = false;
      await turn();
      if (seen === order && !stirred) continue;
      seen = order;
      quiet = -1;
    }
  }

  const after: Clock["after"] = (ms, ring) => {
    order += 1;
    const timer: Timer = { at: elapsed + Math.max(0, ms), order, ring };
    timers.splice(placeOf(timers, timer), 0, timer);
    return () => {
      order += 1;
      const index = timers.indexOf(timer);
      if (index >= 0) timers.splice(index, 1);
    };
  };

  const clockOf = (skewMs: number): Clock => ({
    now: () => Math.floor(start + elapsed + skewMs),
    monotonic: () => elapsed,
    after,
    sleep: sleepWith(after),
  });

  async function until(done: () => boolean, ms: number): Promise<boolean> {
    const end = elapsed + ms;
    await settled();
    while (!done()) {
      const next = timers.at(-1);
      if (next === undefined || next.at > end) {
        elapsed = end;
        return done();
      }
      timers.pop();
      elapsed = Math.max(elapsed, next.at);
      next.ring();
      await settled();
    }
    return true;
  }

  return {
    clock: clockOf(0),
    clockOf,
    mortal(clock) {
      let dead = false;
      const alive: Clock["after"] = (ms, ring) => clock.after(ms, () => (dead ? undefined : ring()));
      return {
        clock: { ...clock, after: alive, sleep: sleepWith(alive) },
        kill() {
          dead = true;
        },
      };
    },
    elapsed: () => elapsed,
    run: async (ms) => {
      await until(() => false, ms);
    },
    until,
    pending: () => timers.length,
    stirred: () => {
      stirred = true;
    },
  };
}

const QUIET_TURNS = 3;
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Alarms of one moment ring in the order in which they were set. */
function placeOf(timers: readonly Timer[], timer: Timer): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle];
    if (other !== undefined && (other.at > timer.at || (other.at === timer.at && other.order > timer.order))) {
      low = middle + 1;
    } else high = middle;
  }
  return low;
}

/** The same sequence for the same seed, between 0 and 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
