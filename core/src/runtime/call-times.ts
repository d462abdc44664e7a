/**
 * How long one piece of work waits for either system. Unlike the request meter it sees shared reads: who waits for a read that somebody
 * else began waits for that system all the same.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type System = "ct" | "ifs";

export type Wait = { readonly system: System; readonly from: number; readonly to: number };
/** What is waited for, as far as it is known now: a wait that goes on has no end (Infinity). */
type Told = () => readonly Wait[];
/** Clock.monotonic() milliseconds, in no order; they may overlap. */
export type CallTimes = {
  readonly waits: Wait[];
  /** Of calls that are under way: who gives up at its deadline waited for them all the same. */
  readonly open: Set<Told>;
};

const recorders = new AsyncLocalStorage<CallTimes>();

export const newCallTimes = (): CallTimes => ({ waits: [], open: new Set() });

/** Runs `work`; what it waits for is added to `times` as it goes. */
export const timing = <T>(times: CallTimes, work: () => T): T => recorders.run(times, work);

/** To be called where the work begins to wait; it waits until it calls what this returns, with the time then. */
export function waiting(told: Told): (now: number) => void {
  const times = recorders.getStore();
  if (!times) return () => {};
  times.open.add(told);
  return (now) => {
    times.open.delete(told);
    for (const wait of told()) {
      const to = Math.min(wait.to, now);
      if (to > wait.from) times.waits.push({ ...wait, to });
    }
  };
}

export const waitsOf = ({ waits, open }: CallTimes): Wait[] => [...waits, ...[...open].flatMap((told) => told())];

/** The same call, whose time counts as waiting for the system. */
export const timed =
  <A extends unknown[], R>(
    system: System,
    clock: { readonly monotonic: () => number },
    call: (...args: A) => Promise<R>,
  ): ((...args: A) => Promise<R>) =>
  async (...args) => {
    const from = clock.monotonic();
    const ends = waiting(() => [{ system, from, to: Number.POSITIVE_INFINITY }]);
    try {
      return await call(...args);
    } finally {
      ends(clock.monotonic());
    }
  };

export type TimeSplit = { readonly oursMs: number; readonly ctMs: number; readonly ifsMs: number };

/** The time between both moments, each millisecond once: while both systems are waited for it is commercetools'. */
export function splitTime(times: CallTimes, from: number, to: number): TimeSplit {
  const within = waitsOf(times).map((wait) => ({
    ...wait,
    from: Math.max(from, wait.from),
    to: Math.min(to, wait.to),
  }));
  const ctMs = covered(within.filter(({ system }) => system === "ct"));
  const allMs = covered(within);
  return { oursMs: to - from - allMs, ctMs, ifsMs: allMs - ctMs };
}

function covered(waits: readonly Wait[]): number {
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of waits.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
