/** How a shard of holds changes: what a request places in it, and gives back. Pure. */
import { changed, expired, holdsOf } from "./held-by-others.ts";
import { boundBeside, isLive, MOST_HOLDS, type StockHold } from "./stock-hold.ts";

/** What a request wants to be held for a cart, all of it. */
export type HoldRequest = {
  readonly owner: string;
  readonly wanted: readonly StockHold[];
};

const slotOf = ({ site, partNo, sku, channel }: StockHold): string => JSON.stringify([site, partNo, sku, channel]);

/**
 * The holds of a shard after the request: asking again sets, it never adds. Expired ones are gone. The same list where nothing
 * changes; undefined where the shard is full.
 *
 * What an order has bound is not taken from it: a question that comes late leaves it as it is, and another attempt to order the
 * same cart keeps the larger quantity, because the attempt before may still become an order. An attempt may fail: what it binds lasts no
 * shorter than what its cart was told.
 */
export function placeHolds(
  holds: readonly StockHold[],
  { owner, wanted }: HoldRequest,
  now: number,
): readonly StockHold[] | undefined {
  const own = holdsOf(holds, owner, now);
  const gone = expired(holds, now);
  const stays = holds.length - gone.length - own.length;
  const placed = new Map(wanted.map((hold) => [slotOf(hold), hold]));
  for (const hold of own) {
    const slot = slotOf(hold);
    const kept = keptOf(hold, placed.get(slot));
    if (kept) placed.set(slot, kept);
  }
  const mine = [...placed.values()];
  if (stays + mine.length > MOST_HOLDS && mine.length > own.length) return undefined;
  const isSame =
    gone.length === 0 && mine.length === own.length && own.every((hold) => isEqual(hold, placed.get(slotOf(hold))));
  return isSame ? holds : changed(holds, { gone: [...own, ...gone], come: mine });
}

/** What becomes of a hold whose cart asks for the next. */
function keptOf(hold: StockHold, next: StockHold | undefined): StockHold | undefined {
  if (hold.order === undefined) return next?.order === undefined ? next : boundBeside(next, hold);
  if (next?.order === undefined) return next ? boundBeside(hold, next) : hold;
  const bound = boundBeside(next, hold);
  return bound.pieces < hold.pieces ? { ...bound, pieces: hold.pieces, units: hold.units } : bound;
}

function isEqual(a: StockHold, b: StockHold | undefined): boolean {
  return (
    b !== undefined &&
    a.units === b.units &&
    a.pieces === b.pieces &&
    a.until === b.until &&
    a.boundUntil === b.boundUntil &&
    a.by === b.by &&
    a.order === b.order &&
    a.reserves === b.reserves
  );
}

/**
 * The shard as it was before the request placed its holds, as far as they are still this request's: a later one of the same cart
 * keeps what it placed.
 */
export function giveBackHolds(
  holds: readonly StockHold[],
  { owner, by, before }: { readonly owner: string; readonly by: string; readonly before: readonly StockHold[] },
  now: number,
): readonly StockHold[] {
  if (!holds.some((hold) => hold.owner === owner && hold.by === by)) return holds;
  const left = holds.filter((hold) => isLive(hold, now) && !(hold.owner === owner && hold.by === by));
  const taken = new Set(left.filter((hold) => hold.owner === owner).map(slotOf));
  return [...left, ...before.filter((hold) => isLive(hold, now) && !taken.has(slotOf(hold)))];
}
