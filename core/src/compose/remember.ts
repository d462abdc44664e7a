/**
 * A value that is read at most once per `ms`, shared by concurrent callers. When a new reading fails, the last good value is used
 * for `staleMs` more; without one the failure is thrown, and not remembered.
 */
export function remember<T>(
  { ms, staleMs = 0, now }: { readonly ms: number; readonly staleMs?: number; readonly now: () => number },
  read: () => Promise<T>,
): () => Promise<T> {
  let good: { at: number; value: T } | undefined;
  let reading: Promise<T> | undefined;

  async function renew(): Promise<T> {
    try {
      const value = await read();
      good = { at: now(), value };
      return value;
    } catch (error) {
      if (good && now() - good.at < ms + staleMs) return good.value;
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
