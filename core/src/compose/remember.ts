import { AuthenticationError, TransientError } from "../domain/failure.ts";

/** Part of `ms` after which a value is read anew while nobody waits, where `ahead` says so. */
const AHEAD = 0.8;

/**
 * A value that is at most `ms` old, read by one reading for all concurrent callers. When a new reading fails because the other side is
 * away (`bridge.over`), the last good value is used for `bridge.ms` more. Any other failure is thrown at once, and not remembered; of a
 * reading that nobody waits for, the next one tells.
 */
export function remember<T>(options: RememberOptions, read: () => Promise<T>): () => Promise<T> {
  const { ms, now, bridge, ahead = false } = options;
  let good: { at: number; value: T } | undefined;
  let reading: Promise<T> | undefined;

  async function renew(): Promise<T> {
    try {
      const value = await read();
      good = { at: now(), value };
      return value;
    } catch (error) {
      const bridged = bridge?.over(error) === true && good && now() - good.at < ms + bridge.ms;
      if (bridged && good) return good.value;
      throw error;
    } finally {
      reading = undefined;
    }
  }

  const begun = (): Promise<T> => {
    reading ??= renew();
    return reading;
  };

  return () => {
    const age = good ? now() - good.at : Number.POSITIVE_INFINITY;
    if (!good || age >= ms) return begun();
    if (ahead && age >= ms * AHEAD && !reading) begun().catch(() => {});
    return Promise.resolve(good.value);
  };
}

export type RememberOptions = {
  readonly ms: number;
  readonly now: () => number;
  /** Read anew shortly before it is too old: who asks often waits for no reading but the first. */
  readonly ahead?: boolean;
  readonly bridge?: { readonly ms: number; readonly over: (error: unknown) => boolean };
};

/** An outage, not a change for the worse of what is read. */
export const isOutage = (error: unknown): boolean =>
  error instanceof TransientError || error instanceof AuthenticationError;
