/** Time as a dependency, so that tests and dry runs can own it. */
import { type Breather, createBreather } from "./breather.ts";

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never jumps; only differences mean something. */
  monotonic(): number;
  /** Calls `ring` once, after `ms`; the answer calls it off. */
  after(ms: number, ring: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Absent: work takes no time by this clock. */
  readonly breather?: Breather;
};

/** The sleep of any clock that has alarms; a sleep that is aborted leaves none behind. */
export const sleepWith =
  (after: Clock["after"]): Clock["sleep"] =>
  (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        callOff();
        reject(signal?.reason);
      };
      const callOff = after(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });

const after: Clock["after"] = (ms, ring) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

const monotonic = (): number => performance.now();

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic,
  after,
  sleep: sleepWith(after),
  breather: createBreather({ monotonic, soon: (next) => void setImmediate(next) }),
};
