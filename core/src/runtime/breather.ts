/**
 * When one answer of another system is what many waited for, all of them go on at once, one behind the other, and meanwhile no alarm rings, no
 * request is read and nothing is sent on. With a breath between them what is due comes first, and the first of them are already waiting
 * for the next system while the last ones go on.
 */

export type Breather = {
  /** Undefined: go on at once. To be asked by each of those that were woken by the same thing; they go on in this order. */
  readonly breathe: () => Promise<void> | undefined;
  /** For how long the next one to go on has been waiting, in milliseconds: how far the process is behind its work. */
  readonly behindMs: () => number;
};

/** Work that goes on without a breath. */
const SLICE_MS = 4;

/** `soon`: behind what is due, once. */
type Timing = { readonly monotonic: () => number; readonly soon: (next: () => void) => void };

export function createBreather({ monotonic, soon }: Timing): Breather {
  /** Since when this process has worked without a breath; undefined: it begins now. */
  let since: number | undefined;
  /** Somebody goes on now: until all that follows from it without another wait is done. */
  let isWorking = false;
  const waiting: { readonly since: number; readonly goOn: () => void }[] = [];

  const isOver = (): boolean => since !== undefined && monotonic() - since >= SLICE_MS;

  function begin(): void {
    since = monotonic();
    soon(() => {
      since = undefined;
      if (waiting.length === 0) return;
      begin();
      if (!isWorking) next();
    });
  }

  function next(): void {
    isWorking = false;
    if (isOver()) return;
    const first = waiting.shift();
    if (!first) return;
    work();
    first.goOn();
  }

  function work(): void {
    isWorking = true;
    // Node empties its queue of promises before that of ticks.
    queueMicrotask(() => process.nextTick(next));
  }

  return {
    breathe() {
      if (since === undefined) begin();
      if (!isWorking && waiting.length === 0 && !isOver()) {
        work();
        return undefined;
      }
      return new Promise((goOn) => {
        waiting.push({ since: monotonic(), goOn });
      });
    },
    behindMs: () => (waiting[0] ? monotonic() - waiting[0].since : 0),
  };
}
