/** Gathers what callers ask for within a few milliseconds into one read; a key that is being read is never read twice at once. */
import type { Clock } from "../../runtime/clock.ts";

export type BatchRead<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;

export type Batcher<V> = {
  /**
   * Values of the keys; keys that the read did not return are absent. Fails as the read of any of its keys fails. All callers
   * pass the same kind of read: the one that began a batch reads it for the others.
   */
  load(keys: readonly string[], read: BatchRead<V>): Promise<Map<string, V>>;
};

type Batch<V> = { readonly keys: Set<string>; readonly values: Promise<ReadonlyMap<string, V>> };

export function createBatcher<V>(
  clock: Pick<Clock, "sleep">,
  options: {
    readonly windowMs: number;
    readonly maxKeys: number;
    /** `gathering`: a caller joins no read that has begun, because what it saw may be older than the caller's question. */
    readonly joins?: "underWay" | "gathering";
  },
): Batcher<V> {
  const underWay = new Map<string, Batch<V>>();
  let gathering: Batch<V> | undefined;

  function begin(read: BatchRead<V>): Batch<V> {
    const keys = new Set<string>();
    const batch: Batch<V> = { keys, values: gatherAndRead() };
    async function gatherAndRead(): Promise<ReadonlyMap<string, V>> {
      await clock.sleep(options.windowMs);
      if (gathering === batch) gathering = undefined;
      if (options.joins === "gathering") forget();
      try {
        return await read([...keys]);
      } finally {
        forget();
      }
    }
    function forget(): void {
      for (const key of keys) if (underWay.get(key) === batch) underWay.delete(key);
    }
    // Every caller awaits the batch itself; this only keeps one that nobody awaits any more from ending the process.
    batch.values.catch(() => {});
    return batch;
  }

  function batchOf(key: string, read: BatchRead<V>): Batch<V> {
    const known = underWay.get(key);
    if (known) return known;
    if (!gathering || gathering.keys.size >= options.maxKeys) gathering = begin(read);
    gathering.keys.add(key);
    underWay.set(key, gathering);
    return gathering;
  }

  return {
    async load(keys, read) {
      const batches = new Set(keys.map((key) => batchOf(key, read)));
      const found = new Map<string, V>();
      for (const values of await Promise.all([...batches].map((batch) => batch.values))) {
        for (const key of keys) {
          const value = values.get(key);
          if (value !== undefined) found.set(key, value);
        }
      }
      return found;
    },
  };
}
