/** How late a process does what is due: while it is busy, alarms ring late, and a request waits until it is read. */
import type { Clock } from "./clock.ts";

const EVERY_MS = 20;
const PERIOD_MS = 1000;

/**
 * Milliseconds, the worst of the last one to two seconds. To be asked where work begins: it looks on while it is asked, and costs an idle
 * process nothing.
 */
export function createLateness(clock: Pick<Clock, "after" | "monotonic">): () => number {
  let due: number | undefined;
  let current = { period: 0, worst: 0 };
  let last = current;

  function note(ms: number): void {
    const period = Math.floor(clock.monotonic() / PERIOD_MS);
    if (period !== current.period) [last, current] = [current, { period, worst: 0 }];
    current.worst = Math.max(current.worst, ms);
  }

  function look(): void {
    due = clock.monotonic() + EVERY_MS;
    clock.after(EVERY_MS, () => {
      note(clock.monotonic() - (due ?? Number.POSITIVE_INFINITY));
      due = undefined;
    });
  }

  return () => {
    // An alarm that should have rung by now tells already.
    note(due === undefined ? 0 : clock.monotonic() - due);
    if (due === undefined) look();
    return Math.max(current.worst, current.period - last.period <= 1 ? last.worst : 0);
  };
}
