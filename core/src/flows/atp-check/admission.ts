/**
 * Can a check still be judged by IFS in its time? Of more checks than a process can work on, each would come too late, and all would
 * have cost their work; so the policy decides at once of as many as the others need to be in time.
 */
import type { Clock } from "../../runtime/clock.ts";

export type Admission = {
  /** `deadlineAt` in Clock.monotonic() milliseconds. */
  readonly isInTime: (deadlineAt: number) => boolean;
  /** For how long a check that IFS answered in time has waited for other systems, in milliseconds. */
  readonly waited: (ms: number) => void;
};

/** A breath or two are no delay. */
const NOT_BEHIND_MS = 10;
/** How often a check goes on after a wait: entries, parts, figures, orders, holds, and what it holds. */
const TURNS = 6;
/** Of what is known of the waits, what the newest counts. */
const SHARE = 0.05;

export function createAdmission({ monotonic, breather }: Pick<Clock, "monotonic" | "breather">): Admission {
  let waitsMs = 0;
  return {
    isInTime(deadlineAt) {
      const behindMs = breather?.behindMs() ?? 0;
      return behindMs <= NOT_BEHIND_MS || monotonic() + waitsMs + TURNS * behindMs <= deadlineAt;
    },
    waited(ms) {
      waitsMs += (ms - waitsMs) * SHARE;
    },
  };
}
