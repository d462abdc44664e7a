import { createSyncInfoFallback, type SyncInfoFallback } from "../flows/sync-info.ts";
import type { Connector } from "./connector.ts";

const fallbacks = new WeakMap<Connector, SyncInfoFallback>();

/** One per connector, which is one per process: what a query was refused for is known to all flows. */
export function syncInfoFallbackOf(connector: Connector): SyncInfoFallback {
  const known = fallbacks.get(connector);
  if (known) return known;
  const made = createSyncInfoFallback(connector);
  fallbacks.set(connector, made);
  return made;
}
