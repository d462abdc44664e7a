/** Keys of channels, which orders carry as ids: asked for once an hour in each process, not for each order. */
import { keysById } from "../ct/channels.ts";
import type { CtClient } from "../ct/client.ts";

const KNOWN_MS = 3_600_000;
/** A project may have any number of channels; those that orders are sold through are few. */
const MOST = 1000;

type Known = Map<string, { readonly key: string; readonly until: number }>;
const known = new WeakMap<CtClient, Known>();

/** Ids without a key, or that do not exist, are left out and asked for again. */
export function knownChannelKeys(
  ct: CtClient,
  monotonic: () => number,
): (ids: readonly string[]) => Promise<ReadonlyMap<string, string>> {
  const channels: Known = known.get(ct) ?? new Map();
  known.set(ct, channels);
  return async (ids) => {
    const now = monotonic();
    const missing = ids.filter((id) => (channels.get(id)?.until ?? 0) <= now);
    if (missing.length > 0) {
      if (channels.size >= MOST) channels.clear();
      for (const [id, key] of await keysById(ct, missing)) channels.set(id, { key, until: now + KNOWN_MS });
    }
    return new Map(
      ids.flatMap((id): [string, string][] => {
        const one = channels.get(id);
        return one && one.until > now ? [[id, one.key]] : [];
      }),
    );
  };
}
