/** Keys of channels, which orders carry as ids: asked for once an hour in each process, not for each order. */
import { LRUCache } from "lru-cache";
import { keysById } from "../ct/channels.ts";
import type { CtClient } from "../ct/client.ts";

const KNOWN_MS = 3_600_000;
/** A project may have any number of channels; those that orders are sold through are few. */
const MOST = 1000;

const known = new WeakMap<CtClient, LRUCache<string, string>>();

/** Ids without a key, or that do not exist, are left out and asked for again. */
export function knownChannelKeys(
  ct: CtClient,
  monotonic: () => number,
): (ids: readonly string[]) => Promise<ReadonlyMap<string, string>> {
  const keys = known.get(ct) ?? new LRUCache<string, string>({ max: MOST, ttl: KNOWN_MS, ttlResolution: 0, perf: { now: monotonic } });
  known.set(ct, keys);
  return async (ids) => {
    const missing = ids.filter((id) => !keys.has(id));
    if (missing.length > 0) for (const [id, key] of await keysById(ct, missing)) keys.set(id, key);
    return new Map(ids.flatMap((id) => (keys.has(id) ? [[id, keys.get(id) as string] as const] : [])));
  };
}
