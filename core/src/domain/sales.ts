/**
 * What was sold, in a small bounded form: a document per day and, made of these, one for the window. For days of cover, and to say whether
 * a threshold is higher than what can be sold unseen. Pure.
 */
import { z } from "zod";

/** SKU, key of the supply channel (empty: the line named none; the platform keeps no null), units, most units within `windowSeconds`. */
const rowSchema = z.tuple([z.string(), z.string(), z.int().min(0), z.int().min(0)]);
export type SalesRow = z.infer<typeof rowSchema>;

const date = z.iso.date();

/** The sales of one day in UTC. */
export const salesDaySchema = z.object({
  day: date,
  /** Seconds of the window of which the rows tell the most units. */
  windowSeconds: z.int().min(1),
  orders: z.int().min(0),
  /** The best sellers first, `MOST_ROWS` of them. */
  rows: z.array(rowSchema),
});
export type SalesDay = z.infer<typeof salesDaySchema>;

/** A part of the window's figures; all parts of one writing have the same `at`. */
export const salesPartSchema = z.object({
  at: z.iso.datetime(),
  /** First and last day that were counted. */
  from: date,
  to: date,
  /** Whole days counted. */
  days: z.int().min(1),
  windowSeconds: z.int().min(1),
  orders: z.int().min(0),
  /** SKUs and channels that sold too little to be kept. */
  dropped: z.int().min(0),
  part: z.int().min(0),
  parts: z.int().min(1),
  rows: z.array(rowSchema),
});
export type SalesPart = z.infer<typeof salesPartSchema>;

/** SKUs and channels that are kept: of a day, and of the window. */
export const MOST_ROWS = 10_000;
/** Rows of one document: about 100 KB. */
const ROWS_PER_PART = 2500;
export const MOST_PARTS = MOST_ROWS / ROWS_PER_PART;

export type Sale = {
  readonly sku: string;
  /** Key; empty: the line named none. */
  readonly supplyChannel: string;
  readonly quantity: number;
  /** Epoch milliseconds. */
  readonly at: number;
};

const slotOf = (sku: string, supplyChannel: string): string => JSON.stringify([sku, supplyChannel]);

/** Sales of a day, in any order -> its document. */
export function toSalesDay(
  sales: readonly Sale[],
  { day, orders, windowSeconds }: Pick<SalesDay, "day" | "orders" | "windowSeconds">,
): SalesDay {
  const groups = Map.groupBy(sales, ({ sku, supplyChannel }) => slotOf(sku, supplyChannel));
  const rows = [...groups.values()].map((group): SalesRow => {
    const { sku, supplyChannel } = group[0] as Sale;
    const units = group.reduce((sum, { quantity }) => sum + quantity, 0);
    return [sku, supplyChannel, units, mostWithin(group, windowSeconds * 1000)];
  });
  return { day, orders, windowSeconds, rows: rows.sort(bestFirst).slice(0, MOST_ROWS) };
}

/** The most units that were sold in any stretch of `windowMs`. */
export function mostWithin(sales: readonly Pick<Sale, "at" | "quantity">[], windowMs: number): number {
  const sorted = sales.toSorted((a, b) => a.at - b.at);
  let [first, sum, most] = [0, 0, 0];
  for (const sale of sorted) {
    sum += sale.quantity;
    for (let oldest = sorted[first]; oldest && sale.at - oldest.at > windowMs; oldest = sorted[first]) {
      sum -= oldest.quantity;
      first += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}

const bestFirst = (a: SalesRow, b: SalesRow): number =>
  b[2] - a[2] || (slotOf(a[0], a[1]) < slotOf(b[0], b[1]) ? -1 : 1);

/** The documents of the window; none without a day. `at`: ISO 8601. */
export function toSalesParts(days: readonly SalesDay[], at: string): SalesPart[] {
  const sorted = days.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last) return [];
  const sums = new Map<string, SalesRow>();
  for (const [sku, channel, units, most] of sorted.flatMap(({ rows }) => rows)) {
    const slot = slotOf(sku, channel);
    const known = sums.get(slot);
    sums.set(slot, known ? [sku, channel, known[2] + units, Math.max(known[3], most)] : [sku, channel, units, most]);
  }
  const rows = [...sums.values()].sort(bestFirst);
  const kept = rows.slice(0, MOST_ROWS);
  const parts = Math.max(1, Math.ceil(kept.length / ROWS_PER_PART));
  return Array.from({ length: parts }, (_, part) => ({
    at,
    from: first.day,
    to: last.day,
    days: sorted.length,
    windowSeconds: Math.max(...sorted.map(({ windowSeconds }) => windowSeconds)),
    orders: sorted.reduce((sum, { orders }) => sum + orders, 0),
    dropped: rows.length - kept.length,
    part,
    parts,
    rows: kept.slice(part * ROWS_PER_PART, (part + 1) * ROWS_PER_PART),
  }));
}

export type SalesFigures = Omit<SalesPart, "rows" | "part" | "parts"> & {
  readonly rows: ReadonlyMap<string, SalesRow>;
};

/** undefined: parts are missing, or of different writings; somebody writes them right now, or nobody ever did. */
export function toSalesFigures(parts: readonly SalesPart[]): SalesFigures | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const { part: _part, parts: count, rows: _rows, ...about } = first;
  const own = parts.filter(({ at, parts }) => at === first.at && parts === count);
  if (new Set(own.map(({ part }) => part)).size !== count) return undefined;
  const rows = own.flatMap(({ rows }) => rows);
  return { ...about, rows: new Map(rows.map((row) => [slotOf(row[0], row[1]), row])) };
}

export type Sold = {
  readonly units: number;
  readonly days: number;
  /** Most units within the figures' `windowSeconds`. */
  readonly most: number;
};

/**
 * What the window knows of a SKU in a channel. `onlyChannel`: there is no other, so lines that named none were its own. A SKU that is not
 * among those kept sold nothing, or so little that the floor decides.
 */
export function soldOf(
  figures: SalesFigures,
  { sku, supplyChannel, onlyChannel }: { sku: string; supplyChannel: string | undefined; onlyChannel: boolean },
): Sold {
  const slots = [slotOf(sku, supplyChannel ?? ""), ...(onlyChannel ? [slotOf(sku, "")] : [])];
  const rows = [...new Set(slots)].flatMap((slot) => {
    const row = figures.rows.get(slot);
    return row ? [row] : [];
  });
  return {
    units: rows.reduce((sum, row) => sum + row[2], 0),
    days: figures.days,
    most: rows.reduce((sum, row) => sum + row[3], 0),
  };
}
