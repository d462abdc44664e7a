/**
 * When the check at order creation is switched off and on: commercetools fails every order that an API Extension leaves unanswered, so it
 * is off while the service cannot be relied on. Pure.
 */
import { z } from "zod";

/** `good`: answered within half of the Extension's time-out. `slow`: within the time-out. */
export type Look = "good" | "slow" | "unanswered";

/** In a row. One is a restart, two are bad luck. */
export const LOOKS_TO_DISARM = 3;
/** In a row: a service that comes and goes costs more orders than the check saves. */
export const LOOKS_TO_ARM = 10;
/** Of the Extension's time-out: the way from commercetools may be longer than ours, and the check itself takes time. */
export const GOOD_PART_OF_TIMEOUT = 0.5;

/** What was seen in a row so far; kept between the ticks. */
export const guardLooksSchema = z.object({
  /** Was the Extension armed at the last look? */
  armed: z.boolean(),
  /** Unanswered ones while armed, good ones while not. */
  inARow: z.int().min(0),
});
export type GuardLooks = z.infer<typeof guardLooksSchema>;

export const lookOf = (answer: { readonly ms: number } | undefined, timeoutMs: number): Look => {
  if (!answer || answer.ms >= timeoutMs) return "unanswered";
  return answer.ms < timeoutMs * GOOD_PART_OF_TIMEOUT ? "good" : "slow";
};

/** One more look; `act` where the row is complete. `armed` is what the platform shows now: a deployment may have changed it since. */
export function afterLook(
  known: GuardLooks | undefined,
  { look, armed }: { readonly look: Look; readonly armed: boolean },
): { readonly looks: GuardLooks; readonly act: "arm" | "disarm" | undefined } {
  const before = known?.armed === armed ? known.inARow : 0;
  const inARow = look === (armed ? "unanswered" : "good") ? before + 1 : 0;
  const act = armed ? inARow >= LOOKS_TO_DISARM && ("disarm" as const) : inARow >= LOOKS_TO_ARM && ("arm" as const);
  return { looks: { armed, inARow }, act: act || undefined };
}
