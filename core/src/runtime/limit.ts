import pLimit from "p-limit";

/**
 * Maps with at most `concurrency` calls in the air; the results keep the order of the items. The first failure is
 * thrown after the calls in the air have settled; calls that were not begun are dropped.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
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

/**
 * Gives up on `work` after `ms`: the signal is aborted and `onTimeout` thrown. Work that ignores its signal goes on
 * unwatched, so pass the signal to every call that takes one.
 */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = onTimeout();
      controller.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
