/** What the configuration says about one SKU in one supply channel: its classes laid over the pool. Pure. */
import { isJointChannel } from "./joint-pools.ts";
import type { Pool, StockClass, StockConfig } from "./stock-config.ts";

/** A channel of a pool as it counts for one SKU. */
export type SkuChannel = Pool["channels"][number] & {
  /** The class that the buffer is of; undefined: the channel's own. */
  readonly bufferClass: string | undefined;
  readonly terms: ClassTerms;
  /** Held back once of what all pools of the channel give together, instead of at each of them. */
  readonly onSum?: BufferOnSum;
};

/** Of a class that names no sites, in a channel that several pools feed. */
export type BufferOnSum = { readonly name: string; readonly buffer: number; readonly bufferShare: number };

const classTerms = ["restockableInDays", "minCartQuantity", "maxCartQuantity", "reorderPoint", "safetyStock"] as const;

/** What an entry shall say beside its quantity; `null`: it shall not say it; absent: nobody decided. */
export type EntryTerms = Readonly<
  Partial<
    Record<Exclude<(typeof classTerms)[number], "restockableInDays">, number | null> & {
      readonly restockableInDays: number | null;
      /** ISO 8601, UTC. */
      readonly expectedDelivery: string | null;
    }
  >
>;

/** As a class has them: what is told of supply is known only with what IFS expects. */
export type ClassTerms = Omit<EntryTerms, "restockableInDays" | "expectedDelivery"> & {
  readonly restockableInDays?: number | "supply" | null;
};

export function channelsOf(pool: Pick<Pool, "site" | "channels">, sku: string, stock: StockConfig): SkuChannel[] {
  return pool.channels.map((channel) => {
    const slot = { sku, site: pool.site, supplyChannel: channel.supplyChannel };
    const classes = stock.classes.filter((row) => isOf(row, slot));
    const terms = termsOf(classes);
    const found = classes.find(({ buffer, bufferShare }) => buffer !== undefined || bufferShare !== undefined);
    if (!found) return { ...channel, bufferClass: undefined, terms };
    const { name, buffer = 0, bufferShare = 0, sites } = found;
    if (sites.length === 0 && isJointChannel(stock, channel.supplyChannel)) {
      const onSum = { name, buffer, bufferShare };
      return { ...channel, buffer: 0, bufferShare: 0, bufferClass: undefined, terms, onSum };
    }
    return { ...channel, buffer, bufferShare, bufferClass: name, terms };
  });
}

/** How much of an inventory part falls to the SKU beside others that draw on it: the first class that says so and fits the site. */
export function weightOf({ site, channels }: Pick<Pool, "site" | "channels">, sku: string, stock: StockConfig): number {
  const found = stock.classes.find(
    (row) => row.weight !== undefined && channels.some(({ supplyChannel }) => isOf(row, { sku, site, supplyChannel })),
  );
  return found?.weight ?? 1;
}

function termsOf(classes: readonly StockClass[]): ClassTerms {
  const named = classTerms.flatMap((name) => {
    const value = classes.find((row) => row[name] !== undefined)?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

/** May the SKU be ordered out of this channel although there is none? `supply`: as long as its entry says that goods are expected. */
export function backOrderOf(stock: StockConfig, sku: string, supplyChannel: string): "never" | "always" | "supply" {
  const terms = stock.pools.flatMap((pool) =>
    channelsOf(pool, sku, stock)
      .filter((channel) => channel.supplyChannel === supplyChannel)
      .map((channel) => channel.terms.restockableInDays),
  );
  if (terms.some((days) => typeof days === "number")) return "always";
  return terms.includes("supply") ? "supply" : "never";
}

type Slot = { readonly sku: string; readonly site: string; readonly supplyChannel: string };

const isOf = ({ skus, sites, supplyChannels }: StockClass, slot: Slot): boolean =>
  (skus.length === 0 || skus.some((pattern) => fits(pattern, slot.sku))) &&
  (sites.length === 0 || sites.includes(slot.site)) &&
  (supplyChannels.length === 0 || supplyChannels.includes(slot.supplyChannel));

const fits = (pattern: string, sku: string): boolean =>
  pattern.endsWith("*") ? sku.startsWith(pattern.slice(0, -1)) : pattern === sku;
