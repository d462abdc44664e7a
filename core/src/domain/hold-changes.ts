/** How a shard of holds changes: what a request places in it, and gives back. Pure. */
import { changed, forgotten, rememberedOf } from "./held-by-others.ts";
import { boundBeside, isLive, MOST_HOLDS, rememberedUntil, type StockHold } from "./stock-hold.ts";

/** What a request wants to be held for a cart, all of it. */
export type HoldRequest = {
  readonly owner: string;
  readonly wanted: readonly StockHold[];
  /** How long a cart may hold a SKU by asking again and again, in milliseconds. */
  readonly longestMs: number;
};

export const slotOf = ({ site, partNo, sku, channel }: StockHold): string =>
  JSON.stringify([site, partNo, sku, channel]);

/**
 * The holds of a shard after the request: asking again sets, it never adds. What is forgotten is gone. The same list where nothing
 * changes; undefined where the shard is full.
 *
 * What an order has bound is not taken from it: a question that comes late leaves it as it is, and another attempt to order the
 * same cart keeps the larger quantity, because the attempt before may still become an order. An attempt may fail: what it binds lasts no
 * shorter than what its cart was told.
 *
 * What a question asks for ends at the latest `longestMs` after its cart began to hold the SKU; what an order takes has no such end.
 */
export function placeHolds(
  holds: readonly StockHold[],
  { owner, wanted, longestMs }: HoldRequest,
  now: number,
): readonly StockHold[] | undefined {
  const own = rememberedOf(holds, owner, now);
  const placed = new Map(wanted.map((hold) => [slotOf(hold), aged(hold, own, longestMs)]));
  for (const hold of own) {
    const slot = slotOf(hold);
    const kept = keptOf(hold, placed.get(slot), { now, by: wanted[0]?.by ?? hold.by });
    if (kept) placed.set(slot, kept);
  }
  const mine = [...placed.values()];
  const gone = goneBeside(holds, { own, come: mine.length, now });
  if (gone === undefined) return undefined;
  const isSame =
    gone.length === 0 && mine.length === own.length && own.every((hold) => isEqual(hold, placed.get(slotOf(hold))));
  return isSame ? holds : changed(holds, { gone: [...own, ...gone], come: mine });
}

/** What others' holds make room; undefined: there is none. What only tells how old a hold was is the first to go. */
function goneBeside(
  holds: readonly StockHold[],
  { own, come, now }: { readonly own: readonly StockHold[]; readonly come: number; readonly now: number },
): readonly StockHold[] | undefined {
  const gone = forgotten(holds, now);
  if (holds.length - gone.length - own.length + come <= MOST_HOLDS || come <= own.length) return gone;
  const others = new Set(own);
  const ended = holds.filter((hold) => !isLive(hold, now) && !others.has(hold));
  return holds.length - ended.length - own.length + come <= MOST_HOLDS ? ended : undefined;
}

/** The cart has held one of these for as long as it may. Never of an order. */
export function isHeldLongest(
  holds: readonly StockHold[],
  { owner, wanted, longestMs }: HoldRequest,
  now: number,
): boolean {
  const own = rememberedOf(holds, owner, now);
  return wanted.some((hold) => aged(hold, own, longestMs).until <= now);
}

/** As old as what the cart has held of the SKU, in whatever channel, and no longer than it may get. */
function aged(hold: StockHold, own: readonly StockHold[], longestMs: number): StockHold {
  const before = own.flatMap(({ sku, since }) => (sku === hold.sku && since !== undefined ? [since] : []));
  if (before.length === 0 && hold.since === undefined) return hold;
  const since = Math.min(...before, hold.since ?? Number.POSITIVE_INFINITY);
  return { ...hold, since, ...(hold.order === undefined && { until: Math.min(hold.until, since + longestMs) }) };
}

/** What becomes of a hold whose cart asks for the next. */
function keptOf(
  hold: StockHold,
  next: StockHold | undefined,
  { now, by }: { readonly now: number; readonly by: string },
): StockHold | undefined {
  if (!isLive(hold, now)) return next ?? hold;
  if (hold.order === undefined) {
    if (!next) return hold.since === undefined ? undefined : { ...hold, until: now, by };
    return next.order === undefined ? next : boundBeside(next, hold);
  }
  if (next?.order === undefined) return next ? { ...boundBeside(hold, next), since: next.since } : hold;
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
    a.since === b.since &&
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
  const isRemembered = (hold: StockHold) => rememberedUntil(hold) > now;
  const left = holds.filter((hold) => isRemembered(hold) && !(hold.owner === owner && hold.by === by));
  const taken = new Set(left.filter((hold) => hold.owner === owner).map(slotOf));
  return [...left, ...before.filter((hold) => isRemembered(hold) && !taken.has(slotOf(hold)))];
}
