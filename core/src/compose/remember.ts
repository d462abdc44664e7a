/** A value that is read at most once per `ms`, shared by concurrent callers. A failure is not remembered. */
export function remember<T>(ms: number, now: () => number, read: () => Promise<T>): () => Promise<T> {
  let known: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (known && now() - known.at < ms) return known.value;
    const entry = { at: now(), value: read() };
    known = entry;
    entry.value.catch(() => {
      if (known === entry) known = undefined;
    });
    return entry.value;
  };
}
