/**
 * How a shard of holds is written: its holds in one text, and what many of them have in common once. A shard is sent whole with every
 * swap, many times a second, and as JSON within JSON: a text without quotation marks is short, and nothing in it has to be escaped.
 */
import { z } from "zod";
import { decimal } from "../domain/decimal.ts";
import { contractSchema, partNoSchema, skuSchema } from "../domain/ids.ts";
import type { StockHold } from "../domain/stock-hold.ts";

/** Site, inventory part, SKU, key of the supply channel. */
const placeSchema = z.tuple([contractSchema, partNoSchema, skuSchema, z.string().min(1)]);
const shardSchema = z.object({ places: z.array(placeSchema), holds: z.string() });
type Place = z.input<typeof placeSchema>;

/**
 * `holds`: rows of owner, request, until, index of the place, units, pieces, order, caller (empty where there is none), 1 where the
 * cart reserves; where it is not `until`, the end of its binding; and, behind an s, since when the cart has held the SKU.
 */
export type HoldRows = { readonly places: readonly Place[]; readonly holds: string };

const BETWEEN_ROWS = "|";
const NAME = "(?:[\\w.:~-]|%[0-9a-f]{4})";
const ROW = new RegExp(
  `^(${NAME}+) (${NAME}+) (\\d+) (\\d+) (\\d+(?:\\.\\d+)?) ([1-9]\\d*) (${NAME}*) (${NAME}*) ([01])(?: (\\d+))?(?: s(\\d+))?$`,
);

export const noHoldRows: HoldRows = { places: [], holds: "" };

type Written = {
  readonly holds: readonly StockHold[];
  /** Of each hold its row. */
  readonly rows: readonly string[];
  readonly text: string;
  readonly places: readonly Place[];
};
const nothing: Written = { holds: [], rows: [], text: "", places: [] };

/** Places of which nothing is held any more stay, up to so many. */
const MOST_UNUSED = 20;

/** Remembers what it wrote last of each shard: of hundreds of holds one or two are new. */
export function createHoldWriter(): (shard: number, holds: readonly StockHold[]) => HoldRows {
  const written = new Map<number, Written>();
  return (shard, holds) => {
    const before = written.get(shard) ?? nothing;
    const next = after(before.places.length > MOST_UNUSED + holds.length ? nothing : before, holds);
    written.set(shard, next);
    return { places: next.places, holds: next.text };
  };
}

/** Holds go from anywhere and come at the end: behind one that is new all are. */
function after(before: Written, holds: readonly StockHold[]): Written {
  const places = [...before.places];
  const indexes = new Map(places.map((place, index) => [JSON.stringify(place), index]));
  let next = 0;
  const rows = holds.map((hold) => {
    while (next < before.holds.length && before.holds[next] !== hold) next += 1;
    const known = before.rows[next];
    next += 1;
    return known ?? rowOf(hold, indexIn(places, indexes, hold));
  });
  const isLonger = before.holds.length > 0 && before.holds.every((hold, index) => holds[index] === hold);
  const text = isLonger ? [before.text, ...rows.slice(before.rows.length)].join(BETWEEN_ROWS) : rows.join(BETWEEN_ROWS);
  return { holds, rows, text, places };
}

function indexIn(places: Place[], indexes: Map<string, number>, { site, partNo, sku, channel }: StockHold): number {
  const place: Place = [site, partNo, sku, channel];
  const name = JSON.stringify(place);
  const index = indexes.get(name) ?? places.push(place) - 1;
  indexes.set(name, index);
  return index;
}

/** Joined, because a text that is put together of parts is taken apart again whenever it is read. */
const rowOf = (hold: StockHold, place: number): string => {
  const { owner, by, until, boundUntil, since, units, pieces, order, caller, reserves } = hold;
  const fields = [named(owner), named(by), until, place, units, pieces, named(order), named(caller), reserves ? 1 : 0];
  const bound = boundUntil === undefined ? fields : [...fields, boundUntil];
  return (since === undefined ? bound : [...bound, `s${since}`]).join(" ");
};

/** Letters and digits nearly always. */
const named = (name = ""): string =>
  name.replace(/[^\w.:~-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const nameIn = (text = ""): string =>
  text.includes("%")
    ? text.replace(/%([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
    : text;

/** Throws what is wrong with it, in words. */
export function fromHoldRows(value: unknown): StockHold[] {
  const parsed = shardSchema.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { places, holds } = parsed.data;
  return holds === "" ? [] : holds.split(BETWEEN_ROWS).map((row) => holdIn(row, places));
}

function holdIn(row: string, places: readonly z.infer<typeof placeSchema>[]): StockHold {
  const [, owner, by, until, index, units = "", pieces, order, caller, reserves, boundUntil, since] =
    ROW.exec(row) ?? [];
  const place = places[Number(index)];
  if (!place) throw new Error(`"${row.slice(0, 100)}" is no hold at one of ${places.length} places`);
  const [site, partNo, sku, channel] = place;
  // All of one shape: they are gone through by the hundred.
  return {
    ...{ owner: nameIn(owner), by: nameIn(by), until: Number(until) },
    ...{ boundUntil: boundUntil === undefined ? undefined : Number(boundUntil), site, partNo, sku, channel },
    since: since === undefined ? undefined : Number(since),
    ...{ units: decimal(units), pieces: Number(pieces), order: nameIn(order) || undefined },
    ...{ caller: nameIn(caller) || undefined, reserves: reserves === "1" ? true : undefined },
  };
}
