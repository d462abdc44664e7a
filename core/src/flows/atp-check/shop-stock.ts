/**
 * What the shop's entries show, remembered for seconds, so that a line far above its threshold costs no request of its own. A figure that is
 * asked for again is read anew before it is too old, with many others in one read and while nobody waits for it.
 *
 * A remembered figure lacks what was sold since. What this process has let pass itself is taken off (`sold`); the rest is why a threshold
 * has to exceed what can be sold in the age of the figure and 10 seconds (the platform lowers stock up to 10 s late: documented).
 */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import type { Sku } from "../../domain/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type BatchRead, createBatcher } from "./batcher.ts";

export type ShopStock = Pick<
  InventoryEntry,
  "quantityOnStock" | "availableQuantity" | "restockableInDays" | "expectedDelivery"
>;
export type ShopEntry = ShopStock & Pick<InventoryEntry, "sku" | "supplyChannel">;

export type ShopFigure = {
  /** By the id of the supply channel; a SKU without entries has none. */
  readonly byChannel: ReadonlyMap<string, ShopStock>;
  /** Clock.monotonic() before the read. */
  readonly readAt: number;
  /** Read for the caller, not remembered. */
  readonly isFresh: boolean;
};

export type ReadEntries = (skus: readonly Sku[]) => Promise<readonly ShopEntry[]>;

export type Remembering = {
  /** Figures that are older are read while the caller waits. 0: nothing is remembered. */
  readonly maxAgeMs: number;
  readonly read: ReadEntries;
  /** A read that nobody waited for failed; whoever needs its figures reads them again. */
  readonly onFailure: (error: unknown) => void;
};

export type SoldLine = { readonly sku: Sku; readonly channelId: string; readonly quantity: number };

export type ShopStockMemory = {
  /** Read now, together with what others ask for in the same milliseconds; never by a read that had begun before. */
  fresh(skus: readonly Sku[], read: ReadEntries): Promise<ReadonlyMap<Sku, ShopFigure>>;
  /** At most `maxAgeMs` old. */
  remembered(skus: readonly Sku[], how: Remembering): Promise<ReadonlyMap<Sku, ShopFigure>>;
  /**
   * An order passed: its lines are sold before the entries show it. `maxAgeMs` as for `remembered`. The platform may ask about an
   * order more than once: the same lines of the same `owner` are sold once.
   */
  sold(lines: readonly SoldLine[], maxAgeMs: number, owner?: string): void;
  /** Pieces that passed here and that a figure read at `readAt` may lack. */
  soldSince(sku: Sku, channelId: string, readAt: number): number;
};

/** commercetools lowers the stock of an entry up to so long after the order (documented). */
export const SALES_LAG_MS = 10_000;
/** SKUs of one read at most: while an answer is taken apart every caller waits. */
const MOST_PER_READ = 200;
/** SKUs that are read anew together, in several reads. */
const MOST_RENEWED = 1000;
/** How long SKUs that are due are gathered into a read that nobody waits for. */
const GATHER_MS = 250;
/** While another one is under way, a read that somebody waits for gathers for so long: commercetools asks for few requests at a time. */
const PATIENCE_MS = 20;
/** After such a read has failed. */
const PAUSE_MS = 1000;

const MS_PER_BUCKET = 1000;
type Bucket = { readonly second: number; quantity: number };

export function createShopStock(options: {
  readonly clock: Pick<Clock, "monotonic" | "sleep" | "after">;
  readonly windowMs: number;
  /** SKUs that are remembered at most. */
  readonly most: number;
}): ShopStockMemory {
  const { clock, windowMs, most } = options;
  const bounds = { windowMs, maxKeys: MOST_PER_READ, system: "ct", patienceMs: PATIENCE_MS } as const;
  const reads = createBatcher<ShopFigure, Sku>(clock, bounds);
  /** The figure that was read longest ago first. */
  const figures = new Map<Sku, ShopFigure & { asked: boolean }>();
  const sales = new Map<string, Bucket[]>();
  /** The second in which lines of an owner passed, the first ones first. */
  const passed = new Map<string, number>();
  let isRenewing = false;

  const readFigures =
    (read: ReadEntries): BatchRead<ShopFigure, Sku> =>
    async (skus) => {
      const readAt = clock.monotonic();
      const entries = Map.groupBy(await read(skus), ({ sku }) => sku);
      const found = new Map<Sku, ShopFigure>();
      for (const sku of skus) {
        const figure = { byChannel: byChannel(entries.get(sku) ?? []), readAt, isFresh: true };
        found.set(sku, figure);
        keep(sku, figure);
      }
      return found;
    };

  function keep(sku: Sku, figure: ShopFigure): void {
    // A read that began earlier may end later.
    if ((figures.get(sku)?.readAt ?? -1) > figure.readAt) return;
    figures.delete(sku);
    figures.set(sku, { ...figure, isFresh: false, asked: false });
    for (const oldest of figures.keys()) {
      if (figures.size <= most) return;
      figures.delete(oldest);
    }
  }

  const loaded = (skus: readonly Sku[], read: ReadEntries) => reads.load(skus, readFigures(read));
  const fresh: ShopStockMemory["fresh"] = (skus, read) => reads.load(skus, readFigures(read), { joins: "gathering" });

  /** Figures that may be used, and whether one of them should be read again. */
  function recall(skus: readonly Sku[], maxAgeMs: number) {
    const now = clock.monotonic();
    const found = new Map<Sku, ShopFigure>();
    const missing: Sku[] = [];
    let isDue = false;
    for (const sku of skus) {
      const known = figures.get(sku);
      if (known && now - known.readAt <= maxAgeMs) {
        known.asked = true;
        found.set(sku, known);
        isDue ||= now - known.readAt >= maxAgeMs * DUE;
      } else missing.push(sku);
    }
    return { found, missing, isDue };
  }

  /** SKUs whose figures were used since they were read and will soon be too old, the oldest first. */
  function due(maxAgeMs: number): Sku[] {
    const now = clock.monotonic();
    const skus: Sku[] = [];
    for (const [sku, { readAt, asked }] of figures) {
      const age = now - readAt;
      if (age < maxAgeMs * TAKEN_ALONG || skus.length >= MOST_RENEWED) break;
      if (asked) skus.push(sku);
      else if (age > maxAgeMs) figures.delete(sku);
    }
    return skus;
  }

  async function renew({ maxAgeMs, read, onFailure }: Remembering): Promise<void> {
    try {
      await loaded(due(maxAgeMs), read);
    } catch (error) {
      onFailure(error);
      await clock.sleep(PAUSE_MS);
    } finally {
      isRenewing = false;
    }
  }

  /** False: the same has passed, and no figure can lack it that does not lack it anyhow. */
  function isNew(order: string, second: number, oldest: number): boolean {
    if ((passed.get(order) ?? Number.NEGATIVE_INFINITY) >= oldest) return false;
    passed.delete(order);
    passed.set(order, second);
    for (const [key, at] of passed) {
      if (passed.size <= most && at >= oldest) break;
      passed.delete(key);
    }
    return true;
  }

  function renewSoon(how: Remembering): void {
    if (isRenewing) return;
    isRenewing = true;
    clock.after(Math.min(GATHER_MS, how.maxAgeMs / 10), () => void renew(how));
  }

  return {
    fresh,

    async remembered(skus, how) {
      if (how.maxAgeMs <= 0) return fresh(skus, how.read);
      const { found, missing, isDue } = recall(skus, how.maxAgeMs);
      if (isDue) renewSoon(how);
      return missing.length > 0 ? new Map([...found, ...(await loaded(missing, how.read))]) : found;
    },

    sold(lines, maxAgeMs, owner) {
      const second = Math.floor(clock.monotonic() / MS_PER_BUCKET);
      const oldest = second - Math.ceil((maxAgeMs + SALES_LAG_MS) / MS_PER_BUCKET) - 1;
      if (owner !== undefined && !isNew(JSON.stringify([owner, lines]), second, oldest)) return;
      for (const { sku, channelId, quantity } of lines) {
        const key = slot(sku, channelId);
        const buckets = (sales.get(key) ?? []).filter((bucket) => bucket.second >= oldest);
        const last = buckets.at(-1);
        if (last?.second === second) last.quantity += quantity;
        else buckets.push({ second, quantity });
        // Written last, so that what was sold longest ago comes first.
        sales.delete(key);
        sales.set(key, buckets);
      }
      for (const [key, buckets] of sales) {
        if (sales.size <= most && (buckets.at(-1)?.second ?? 0) >= oldest) return;
        sales.delete(key);
      }
    },

    soldSince(sku, channelId, readAt) {
      const from = readAt - SALES_LAG_MS;
      let quantity = 0;
      for (const bucket of sales.get(slot(sku, channelId)) ?? []) {
        if ((bucket.second + 1) * MS_PER_BUCKET > from) quantity += bucket.quantity;
      }
      return quantity;
    },
  };
}

/** Parts of the age that is allowed: at which a read is begun, and from which other SKUs are taken along in it. */
const DUE = 0.5;
const TAKEN_ALONG = 0.4;

const slot = (sku: Sku, channelId: string): string => `${channelId} ${sku}`;

function byChannel(entries: readonly ShopEntry[]): ReadonlyMap<string, ShopStock> {
  const found = new Map<string, ShopStock>();
  for (const { supplyChannel, quantityOnStock, availableQuantity, restockableInDays, expectedDelivery } of entries) {
    if (supplyChannel === undefined) continue;
    found.set(supplyChannel.id, {
      quantityOnStock,
      availableQuantity,
      ...(restockableInDays !== undefined && { restockableInDays }),
      ...(expectedDelivery !== undefined && { expectedDelivery }),
    });
  }
  return found;
}
