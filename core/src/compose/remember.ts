import { AuthenticationError, TransientError } from "../domain/failure.ts";

/**
 * A value that is read at most once per `ms`, shared by concurrent callers. When a new reading fails because the other side is
 * away (`bridge.over`), the last good value is used for `bridge.ms` more. Any other failure is thrown at once, and not remembered.
 */
export function remember<T>(options: RememberOptions, read: () => Promise<T>): () => Promise<T> {
  const { ms, now, bridge } = options;
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

  return () => {
    if (good && now() - good.at < ms) return Promise.resolve(good.value);
    reading ??= renew();
    return reading;
  };
}

export type RememberOptions = {
  readonly ms: number;
  readonly now: () => number;
  readonly bridge?: { readonly ms: number; readonly over: (error: unknown) => boolean };
};

/** An outage, not a change for the worse of what is read. */
export const isOutage = (error: unknown): boolean =>
  error instanceof TransientError || error instanceof AuthenticationError;
