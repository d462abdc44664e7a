/** What the configuration says about one SKU in one supply channel: its classes laid over the pool. Pure. */
import type { Pool, StockClass, StockConfig } from "./stock-config.ts";

/** A channel of a pool as it counts for one SKU. */
export type SkuChannel = Pool["channels"][number] & {
  /** The class that the buffer is of; undefined: the channel's own. */
  readonly bufferClass: string | undefined;
  readonly terms: EntryTerms;
};

const termNames = ["restockableInDays", "minCartQuantity", "maxCartQuantity", "reorderPoint", "safetyStock"] as const;

/** What an entry shall say beside its quantity; `null`: it shall not say it; absent: nobody decided. */
export type EntryTerms = Readonly<Partial<Record<(typeof termNames)[number], number | null>>>;

export function channelsOf(pool: Pick<Pool, "site" | "channels">, sku: string, stock: StockConfig): SkuChannel[] {
  return pool.channels.map((channel) => {
    const slot = { sku, site: pool.site, supplyChannel: channel.supplyChannel };
    const classes = stock.classes.filter((row) => isOf(row, slot));
    const terms = termsOf(classes);
    const found = classes.find(({ buffer, bufferShare }) => buffer !== undefined || bufferShare !== undefined);
    if (!found) return { ...channel, bufferClass: undefined, terms };
    const { name, buffer = 0, bufferShare = 0 } = found;
    return { ...channel, buffer, bufferShare, bufferClass: name, terms };
  });
}

function termsOf(classes: readonly StockClass[]): EntryTerms {
  const named = termNames.flatMap((name) => {
    const value = classes.find((row) => row[name] !== undefined)?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

/** May the SKU be ordered out of this channel although there is none? */
export const mayBackOrder = (stock: StockConfig, sku: string, supplyChannel: string): boolean =>
  stock.pools.some((pool) =>
    channelsOf(pool, sku, stock).some(
      (channel) => channel.supplyChannel === supplyChannel && typeof channel.terms.restockableInDays === "number",
    ),
  );

type Slot = { readonly sku: string; readonly site: string; readonly supplyChannel: string };

const isOf = ({ skus, sites, supplyChannels }: StockClass, slot: Slot): boolean =>
  (skus.length === 0 || skus.some((pattern) => fits(pattern, slot.sku))) &&
  (sites.length === 0 || sites.includes(slot.site)) &&
  (supplyChannels.length === 0 || supplyChannels.includes(slot.supplyChannel));

const fits = (pattern: string, sku: string): boolean =>
  pattern.endsWith("*") ? sku.startsWith(pattern.slice(0, -1)) : pattern === sku;
