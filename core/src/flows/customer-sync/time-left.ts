import { TransientError } from "../../domain/failure.ts";
import type { Clock } from "../../runtime/clock.ts";

/** A request that would have less is not begun. */
const LEAST_MS = 500;

/** Milliseconds until the deadline, `deadlineAt` by the monotonic clock. TransientError where too few are left. */
export function timeLeft({ clock }: { readonly clock: Pick<Clock, "monotonic"> }, deadlineAt: number): number {
  const left = deadlineAt - clock.monotonic();
  if (left < LEAST_MS) throw new TransientError("no time left for this customer; the next look goes on");
  return left;
}
