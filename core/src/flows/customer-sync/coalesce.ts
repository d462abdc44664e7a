/** One save of a shopper's profile is a message for each field, and all of them mean the same look. */

/** Runs the work of one key one after the other; whoever comes while work waits to begin shares it. */
export type Coalesce<T> = (key: string, work: () => Promise<T>) => Promise<T>;

/** Remembers nothing but what is under way. Other processes look for themselves, which does no harm. */
export function createCoalesce<T>(): Coalesce<T> {
  const running = new Map<string, Promise<T>>();
  const waiting = new Map<string, Promise<T>>();

  function begin(key: string, work: () => Promise<T>): Promise<T> {
    const run = work().finally(() => {
      if (running.get(key) === run) running.delete(key);
    });
    running.set(key, run);
    return run;
  }

  return (key, work) => {
    const now = running.get(key);
    if (!now) return begin(key, work);
    const shared = waiting.get(key);
    if (shared) return shared;
    // What the first one read may be older than this news; whatever became of it, its callers know.
    const next = now
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        waiting.delete(key);
        return begin(key, work);
      });
    waiting.set(key, next);
    return next;
  };
}
