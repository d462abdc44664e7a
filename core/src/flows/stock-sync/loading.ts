/**
 * Entries that a load has handed over and that are not known to be worked off. They will be set to absolute quantities, at a time
 * that nobody tells: in a channel where people buy that would give back what was sold meanwhile.
 */
import { z } from "zod";
import { catalogNoSchema } from "../../domain/ids.ts";
import { toKey } from "../../domain/key.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { Cursors } from "../cursor.ts";
import type { RefusedRecord } from "../run-delta.ts";

/** Operations of the Import API end with their container, 72 hours after it was created (documented). */
const OUTSTANDING_MS = 72 * 3_600_000;

const positionSchema = z.object({
  startedAt: z.int().min(0),
  /** Last sales part whose page was handed over; absent at the beginning. */
  after: catalogNoSchema.optional(),
  done: z.int().min(0),
  total: z.int().min(0),
  submitted: z.int().min(0),
});
/** Without a position no load is under way. */
export const loadSchema = z.object({
  position: positionSchema.optional(),
  /** When the last load began of whose entries some are not known to be worked off. Milliseconds since the epoch. */
  outstandingSince: z.int().min(0).optional(),
});
export type LoadPosition = z.infer<typeof positionSchema>;

export const loadName = (channel: string): string => toKey("stock", "load", channel);

/** Live channels (keys) of the pools that a load is not known to have left. */
export async function loadingChannels(
  cursors: Pick<Cursors, "read">,
  pools: readonly Pool[],
  now: number,
): Promise<string[]> {
  const loading: string[] = [];
  for (const { supplyChannel, live } of pools.flatMap(({ channels }) => channels)) {
    const stored = live ? await cursors.read(loadName(supplyChannel)) : undefined;
    if (!stored) continue;
    const { position, outstandingSince } = loadSchema.parse(stored.value);
    const since = outstandingSince ?? position?.startedAt;
    if (since !== undefined && now - since < OUTSTANDING_MS) loading.push(supplyChannel);
  }
  return loading;
}

/** The pool is left out: its parts would be divided wrongly without the channel. */
export const channelLoading = (pool: Pick<Pool, "name">, channel: string): RefusedRecord => ({
  recordType: "flow",
  recordId: `loading ${channel}`,
  recordLabel: `pool ${pool.name}`,
  rejection: {
    code: "stockAnomaly",
    message: `Supply channel "${channel}" is live, and entries that its load handed over are not known to be worked off: they would be set to quantities of then, whatever was sold meanwhile. Pool ${pool.name} is left out.`,
    action: `Set live: false for the channel under stock.pools, and let \`npm run stock -- load ${channel}\` come to its end, which waits for them. Then set live: true again. Without that it goes on by itself 72 hours after the load began, when such entries have lapsed.`,
    owner: "operator",
    field: "stock.pools.channels.live",
  },
});
