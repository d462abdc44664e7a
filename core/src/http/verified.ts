/** Credentials that were verified a moment ago. In the process alone; whoever loses it asks again. */
import { createHash } from "node:crypto";
import type { Clock } from "../runtime/clock.ts";
import { rememberedOf } from "../runtime/remembered.ts";
import { CallerRefusedError } from "./respond.ts";

/** A credential that was taken back, or has expired, is good for so much longer at most. */
const ACCEPTED_MS = 30_000;
/** A refusal is kept for less: long enough against a loop of guesses. */
const REFUSED_MS = 5000;
/** Entries of each kind. Refusals have a place of their own, so that guesses push nobody out. */
const MOST = 10_000;

/** Tells credentials apart without being one. */
export const traceOf = (credential: string): string => digest(credential).slice(0, 16);

const digest = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

type Kept<T> = { readonly value: T; readonly askedAt: number };

/**
 * Asks about a credential once for all requests of a moment, and keeps the answer; outages are not kept. Entries are found by the
 * credential's hash, so that a dump of the process shows none.
 */
export function createVerified<T extends object>(clock: Pick<Clock, "monotonic">) {
  const accepted = rememberedOf<Kept<T>>(MOST);
  const refused = rememberedOf<Kept<CallerRefusedError>>(MOST);
  const asking = new Map<string, Promise<T>>();
  const isFresh = (kept: Kept<unknown>, ms: number) => clock.monotonic() - kept.askedAt < ms;

  async function answered(key: string, ask: () => Promise<T>): Promise<T> {
    // From before the question: what is kept is never older than it says.
    const askedAt = clock.monotonic();
    try {
      const value = await ask();
      accepted.set(key, { value, askedAt });
      return value;
    } catch (error) {
      if (error instanceof CallerRefusedError) {
        accepted.delete(key);
        refused.set(key, { value: error, askedAt });
      }
      throw error;
    } finally {
      asking.delete(key);
    }
  }

  return async (credential: string, ask: () => Promise<T>): Promise<T> => {
    const key = digest(credential);
    const yes = accepted.get(key);
    if (yes !== undefined && isFresh(yes, ACCEPTED_MS)) return yes.value;
    const no = refused.get(key);
    if (no !== undefined && isFresh(no, REFUSED_MS)) throw no.value;
    const running = asking.get(key) ?? answered(key, ask);
    asking.set(key, running);
    return running;
  };
}
