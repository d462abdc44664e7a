import pLimit from "p-limit";
import type { Clock } from "./clock.ts";

/**
 * Maps with at most `concurrency` calls in the air; the results keep the order of the items. The first failure is
 * thrown after the calls in the air have settled; calls that were not begun are dropped.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  // Nearly always; a limit costs more than what a check at checkout does under it.
  if (items.length <= 1) return Promise.all(items.map(work));
  const limit = pLimit(concurrency);
  let failed = false;
  const settled = await Promise.allSettled(
    items.map((item, index) =>
      limit(async () => {
        if (failed) throw new Dropped();
        try {
          return await work(item, index);
        } catch (error) {
          failed = true;
          throw error;
        }
      }),
    ),
  );
  const failure = settled.find((entry) => entry.status === "rejected" && !(entry.reason instanceof Dropped));
  if (failure?.status === "rejected") throw failure.reason;
  return settled.map((entry) => (entry as PromiseFulfilledResult<R>).value);
}

/** Marks work that was not begun because an earlier one had failed. */
class Dropped extends Error {}

/** The list in pieces of at most `size`. */
export function chunked<T>(items: readonly T[], size: number): T[][] {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`chunk size must be a positive whole number: ${size}`);
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** How long something may take, by whose clock. */
export type Deadline = { readonly clock: Pick<Clock, "after">; readonly ms: number };

/**
 * Aborted at `notAfter`, in monotonic milliseconds. A process that slept may go on before its alarms ring: what must not happen
 * late looks at the time itself.
 */
export type TimedSignal = AbortSignal & { readonly notAfter: number; readonly turn: Turn };

/**
 * Among those that wait for the same. `first`: it ends something that was begun, and goes before what was not. `last`: what waits beside
 * it leads to an end sooner.
 */
export type Turn = "first" | "next" | "last";

/**
 * Runs `work` under a signal that is aborted after `ms`, or as soon as `caller` is, with the reason of that one. The alarm ends
 * with the work: nothing is left ringing, however many calls there are. Work that ignores its signal is waited for.
 */
export async function within<T>(
  {
    clock,
    ms,
    caller,
  }: Deadline & {
    readonly clock: Pick<Clock, "monotonic">;
    readonly caller?: AbortSignal | TimedSignal;
  },
  work: (signal: TimedSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const latest = caller && "notAfter" in caller ? caller.notAfter : Number.POSITIVE_INFINITY;
  const signal = Object.assign(controller.signal, {
    notAfter: Math.min(clock.monotonic() + ms, latest),
    turn: turnOf(caller),
  });
  const follow = () => controller.abort(caller?.reason);
  if (caller?.aborted) follow();
  caller?.addEventListener("abort", follow, { once: true });
  const callOff = clock.after(ms, () =>
    controller.abort(new DOMException(`no complete answer within ${ms} ms`, "TimeoutError")),
  );
  try {
    return await work(signal);
  } finally {
    callOff();
    caller?.removeEventListener("abort", follow);
  }
}

export const turnOf = (signal: AbortSignal | undefined): Turn =>
  signal !== undefined && "turn" in signal ? (signal.turn as Turn) : "next";

/** The same time, for what goes before others. */
export const ahead = (signal: TimedSignal): TimedSignal =>
  Object.assign(AbortSignal.any([signal]), { notAfter: signal.notAfter, turn: "first" as const });

/** For what has no deadline of its own. */
export const inTurn = (turn: Turn): TimedSignal =>
  Object.assign(new AbortController().signal, { notAfter: Number.POSITIVE_INFINITY, turn });

/**
 * Gives up on `work` after `ms`: the signal is aborted and `onTimeout` thrown. Work that ignores its signal goes on
 * unwatched, so pass the signal to every call that takes one.
 */
export async function withDeadline<T>(
  { clock, ms, onTimeout }: Deadline & { readonly onTimeout: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let callOff: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    callOff = clock.after(ms, () => {
      const error = onTimeout();
      controller.abort(error);
      reject(error);
    });
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    callOff?.();
  }
}
