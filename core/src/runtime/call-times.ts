/**
 * How long one piece of work waits for either system. Unlike the request meter it sees shared reads: who waits for a read that somebody
 * else began waits for that system all the same.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type System = "ct" | "ifs";

type Wait = { readonly system: System; readonly from: number; readonly to: number };
/** Clock.monotonic() milliseconds, in no order; they may overlap. */
export type CallTimes = { readonly waits: Wait[] };

const recorders = new AsyncLocalStorage<CallTimes>();

export const newCallTimes = (): CallTimes => ({ waits: [] });

/** Runs `work`; what it waits for is added to `times` as it goes. */
export const timing = <T>(times: CallTimes, work: () => T): T => recorders.run(times, work);

/** To be called where the work goes on; whatever waits there later counts for it. */
export function callRecorder(): (system: System, from: number, to: number) => void {
  const times = recorders.getStore();
  return (system, from, to) => {
    if (times && to > from) times.waits.push({ system, from, to });
  };
}

/** The same call, whose time counts as waiting for the system. */
export const timed =
  <A extends unknown[], R>(
    system: System,
    clock: { readonly monotonic: () => number },
    call: (...args: A) => Promise<R>,
  ): ((...args: A) => Promise<R>) =>
  async (...args) => {
    const record = callRecorder();
    const from = clock.monotonic();
    try {
      return await call(...args);
    } finally {
      record(system, from, clock.monotonic());
    }
  };

export type TimeSplit = { readonly oursMs: number; readonly ctMs: number; readonly ifsMs: number };

/** The time between both moments, each millisecond once: while both systems are waited for it is commercetools'. */
export function splitTime({ waits }: CallTimes, from: number, to: number): TimeSplit {
  const within = waits.map((wait) => ({ ...wait, from: Math.max(from, wait.from), to: Math.min(to, wait.to) }));
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
