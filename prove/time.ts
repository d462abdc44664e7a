/** The virtual time of a world, and what of this process has to follow it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type VirtualTime, virtualTime } from "../core/src/runtime/testing/virtual-time.ts";

/** A Monday morning: 10:00 in London, 11:00 on the clocks of the seeded company. */
export const START = Date.parse("2026-11-02T10:00:00Z");

export type WorldTime = VirtualTime & {
  /** Lets time pass until `work` has an end; gives its value or throws its error. */
  drive<T>(work: Promise<T>, limitMs?: number): Promise<T>;
};

const LONGEST_MS = 3_600_000;

/** `streams` as in virtualTime. */
export function createTime(streams: "anywhere" | "told"): WorldTime {
  const time = virtualTime(START, { streams });
  return {
    ...time,
    async drive(work, limitMs = LONGEST_MS) {
      let ended = false;
      const note = () => {
        ended = true;
      };
      work.then(note, note);
      if (!(await time.until(() => ended, limitMs))) {
        throw new Error(`it had no end within ${limitMs / 1000} s of virtual time; ${time.pending()} alarms are set`);
      }
      return work;
    },
  };
}

/** Whose code is running: for libraries that take the global `fetch`. */
export const running = new AsyncLocalStorage<{ readonly fetch: typeof fetch }>();

/**
 * Some libraries of the applications take what nobody can hand them: the circuit breaker and the rate limiter their time from
 * `Date.now`, the payments SDK its network from `fetch`. Both are this world's until the answer is called. Timers that code under test
 * sets behind the clock's back are listed, but for those by which the rate limiter forgets: it decides by `Date.now` alone.
 */
export function takeOverGlobals(time: VirtualTime): { restore(): void; readonly realTimers: readonly string[] } {
  const { fetch, setTimeout, setInterval } = globalThis;
  const { now } = Date;
  const realTimers: string[] = [];
  const watched = <F extends typeof setTimeout | typeof setInterval>(original: F): F =>
    new Proxy(original, {
      apply(target, self, args) {
        const { stack = "" } = new Error("timer");
        if (running.getStore() !== undefined && !stack.includes("/rate-limiter-flexible/")) realTimers.push(stack);
        return Reflect.apply(target, self, args);
      },
    });
  globalThis.fetch = (input, init) => {
    const process = running.getStore();
    if (!process) throw new Error("a call left the world: no process is running it");
    return process.fetch(input, init);
  };
  globalThis.setTimeout = watched(setTimeout);
  globalThis.setInterval = watched(setInterval);
  Date.now = () => time.clock.now();
  return {
    realTimers,
    restore() {
      Object.assign(globalThis, { fetch, setTimeout, setInterval });
      Date.now = now;
    },
  };
}
