/** What the configuration says about one SKU in one supply channel: its classes laid over the pool. Pure. */
import type { Pool, StockClass, StockConfig } from "./stock-config.ts";

/** A channel of a pool as it counts for one SKU. */
export type SkuChannel = Pool["channels"][number] & {
  /** The class that the buffer is of; undefined: the channel's own. */
  readonly bufferClass: string | undefined;
};

export function channelsOf(pool: Pick<Pool, "site" | "channels">, sku: string, stock: StockConfig): SkuChannel[] {
  return pool.channels.map((channel) => {
    const slot = { sku, site: pool.site, supplyChannel: channel.supplyChannel };
    const found = stock.classes.find(
      (row) => (row.buffer !== undefined || row.bufferShare !== undefined) && isOf(row, slot),
    );
    if (!found) return { ...channel, bufferClass: undefined };
    const { name, buffer = 0, bufferShare = 0 } = found;
    return { ...channel, buffer, bufferShare, bufferClass: name };
  });
}

type Slot = { readonly sku: string; readonly site: string; readonly supplyChannel: string };

const isOf = ({ skus, sites, supplyChannels }: StockClass, slot: Slot): boolean =>
  (skus.length === 0 || skus.some((pattern) => fits(pattern, slot.sku))) &&
  (sites.length === 0 || sites.includes(slot.site)) &&
  (supplyChannels.length === 0 || supplyChannels.includes(slot.supplyChannel));

const fits = (pattern: string, sku: string): boolean =>
  pattern.endsWith("*") ? sku.startsWith(pattern.slice(0, -1)) : pattern === sku;
