/**
 * How a shard of holds is written: rows of fields in a fixed order, and what many rows have in common once. A shard is sent whole with
 * every swap, many times a second, and rows take a third of what objects take.
 */
import { z } from "zod";
import { decimal } from "../domain/decimal.ts";
import { contractSchema, partNoSchema, skuSchema } from "../domain/ids.ts";
import type { StockHold } from "../domain/stock-hold.ts";

const text = z.string().min(1);
const UNITS = /^\d+(\.\d+)?$/;
const units = z.string().regex(UNITS);

/** Site, inventory part, SKU, key of the supply channel. */
const placeSchema = z.tuple([contractSchema, partNoSchema, skuSchema, text]);
/** Owner, request, until, index of the place, units, pieces, order, caller ("" for none of both), 1 where the cart reserves. */
const rowSchema = z.tuple([
  text,
  text,
  z.int(),
  z.int().min(0),
  units,
  z.int().min(1),
  z.string(),
  z.string(),
  z.int(),
]);

type Row = z.input<typeof rowSchema>;

/** What a row says, without a schema: shards are read and written many times a second. Whatever it does not know the schema judges. */
const isRow = (row: unknown): row is Row =>
  Array.isArray(row) &&
  row.length === 9 &&
  [0, 1].every((at) => isText(row[at])) &&
  isText(row[4]) &&
  UNITS.test(row[4]) &&
  [6, 7].every((at) => typeof row[at] === "string") &&
  isWhole(row[2]) &&
  isWhole(row[3]) &&
  row[3] >= 0 &&
  isWhole(row[5]) &&
  row[5] >= 1 &&
  isWhole(row[8]);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

const shardSchema = z.object({ places: z.array(placeSchema), holds: z.array(z.unknown()) });
export type HoldRows = { places: z.input<typeof placeSchema>[]; holds: Row[] };

export const noHoldRows: HoldRows = { places: [], holds: [] };

export function toHoldRows(holds: readonly StockHold[]): HoldRows {
  const places: HoldRows["places"] = [];
  const known = new Map<string, number>();
  let last: { readonly hold: StockHold; readonly index: number } | undefined;
  const indexOf = (hold: StockHold): number => {
    // The holds of one part lie side by side nearly always.
    if (last && isSamePlace(last.hold, hold)) return last.index;
    const { site, partNo, sku, channel } = hold;
    const place: HoldRows["places"][number] = [site, partNo, sku, channel];
    const name = JSON.stringify(place);
    const index = known.get(name) ?? places.push(place) - 1;
    known.set(name, index);
    last = { hold, index };
    return index;
  };
  const rows = holds.map((hold): HoldRows["holds"][number] => [
    hold.owner,
    hold.by,
    hold.until,
    indexOf(hold),
    hold.units,
    hold.pieces,
    hold.order ?? "",
    hold.caller ?? "",
    hold.reserves ? 1 : 0,
  ]);
  return { places, holds: rows };
}

const isSamePlace = (one: StockHold, other: StockHold): boolean =>
  one.partNo === other.partNo && one.sku === other.sku && one.channel === other.channel && one.site === other.site;

/** Throws what is wrong with it, in words. */
export function fromHoldRows(value: unknown): StockHold[] {
  const parsed = shardSchema.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { places, holds } = parsed.data;
  return holds.map((row) => {
    const [owner, by, until, index, inventoryUnits, pieces, order, caller, reserves] = isRow(row) ? row : readRow(row);
    const place = places[index];
    if (!place) throw new Error(`a hold of ${owner} is at place ${index} of ${places.length}`);
    const [site, partNo, sku, channel] = place;
    // All of one shape: they are gone through by the hundred.
    return {
      ...{ owner, by, until, site, partNo, sku, channel, units: decimal(inventoryUnits), pieces },
      ...{ order: order || undefined, caller: caller || undefined, reserves: reserves === 0 ? undefined : true },
    };
  });
}

function readRow(value: unknown): Row {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}
