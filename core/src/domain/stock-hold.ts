/**
 * Units that a checkout keeps for itself until its order can be counted. Pure.
 *
 * A hold belongs to a cart and is one entry for each inventory part that a line draws on, in the shard of that part. An order that
 * is about to be created binds the holds of its cart. A reader leaves a hold out once it counts the order itself, so that every
 * unit is counted at each moment at least once; what was never ordered expires.
 */
import { type DecimalString, isNegative } from "./decimal.ts";
import type { Contract, PartNo, Sku } from "./ids.ts";

/** Documents among which the holds are divided. All of them exist from the installation on. As many as one page of a query shows. */
export const HOLD_SHARDS = 500;

/** Beyond it a shard takes no more: a document must stay small enough to be swapped many times a second. */
export const MOST_HOLDS = 2000;

export type StockHold = {
  /** The cart; where an order has none, the order. */
  readonly owner: string;
  readonly site: Contract;
  readonly partNo: PartNo;
  readonly sku: Sku;
  /** Key of the supply channel. */
  readonly channel: string;
  /** Inventory units of the part. */
  readonly units: DecimalString;
  /** The same as the shop counts it: pieces of the SKU. */
  readonly pieces: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** The request that placed it: only that one may give it back. */
  readonly by: string;
  /** Id of the order that is being made of the cart. */
  readonly order?: string | undefined;
  /** Who asked for it, where there is a limit for each. */
  readonly caller?: string | undefined;
  /** The cart has reserved the same pieces in commercetools. */
  readonly reserves?: true | undefined;
};

/** FNV-1a over UTF-16 code units: the same part is in the same shard on every machine and in every release. */
export function holdShardOf({ site, partNo }: Pick<StockHold, "site" | "partNo">): number {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify([site, partNo])) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash % HOLD_SHARDS;
}

/** What a request wants to be held for a cart, all of it. */
export type HoldRequest = {
  readonly owner: string;
  readonly wanted: readonly StockHold[];
};

const slotOf = ({ site, partNo, sku, channel }: StockHold): string => JSON.stringify([site, partNo, sku, channel]);

export const isLive = ({ until }: Pick<StockHold, "until">, now: number): boolean => until > now;

/**
 * The holds of a shard after the request: asking again sets, it never adds. Expired ones are gone. The same list where nothing
 * changes; undefined where the shard is full.
 *
 * What an order has bound is not taken from it: a question that comes late leaves it as it is, and another attempt to order the
 * same cart keeps the larger quantity, because the attempt before may still become an order.
 */
export function placeHolds(
  holds: readonly StockHold[],
  { owner, wanted }: HoldRequest,
  now: number,
): readonly StockHold[] | undefined {
  const others = holds.filter((hold) => hold.owner !== owner && isLive(hold, now));
  const own = holds.filter((hold) => hold.owner === owner && isLive(hold, now));
  const placed = new Map(wanted.map((hold) => [slotOf(hold), hold]));
  for (const hold of own) {
    if (hold.order === undefined) continue;
    const slot = slotOf(hold);
    const next = placed.get(slot);
    if (next?.order === undefined) placed.set(slot, hold);
    else if (next.pieces < hold.pieces) placed.set(slot, { ...next, pieces: hold.pieces, units: hold.units });
  }
  const mine = [...placed.values()];
  if (others.length + mine.length > MOST_HOLDS && mine.length > own.length) return undefined;
  const isSame =
    others.length + own.length === holds.length &&
    mine.length === own.length &&
    own.every((hold) => isEqual(hold, placed.get(slotOf(hold))));
  return isSame ? holds : [...others, ...mine];
}

function isEqual(a: StockHold, b: StockHold | undefined): boolean {
  return (
    b !== undefined &&
    a.units === b.units &&
    a.pieces === b.pieces &&
    a.until === b.until &&
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

/** Which holds a reader has to count. */
export type HoldReader = {
  /** Whose own holds are in nobody's way; undefined: nobody's. */
  readonly owner: string | undefined;
  readonly now: number;
  /** The reader counts the order of this hold already. */
  readonly isCounted: (hold: StockHold) => boolean;
};

export const holdsAgainst = (holds: readonly StockHold[], { owner, now, isCounted }: HoldReader): StockHold[] =>
  holds.filter((hold) => hold.owner !== owner && isLive(hold, now) && !isCounted(hold));

/**
 * Pieces of a SKU in a channel that carts have reserved in commercetools and hold here as well, so that they are not counted
 * twice. Of bound holds the reservation ends with the order, at a moment that nobody tells: they are not among them, and are
 * counted twice for that moment.
 */
export function piecesReservedAndHeld(
  holds: readonly StockHold[],
  { sku, channel }: { readonly sku: Sku; readonly channel: string },
): number {
  const byOwner = new Map<string, number>();
  for (const hold of holds) {
    if (hold.sku !== sku || hold.channel !== channel || !hold.reserves || hold.order !== undefined) continue;
    // A kit has one entry for each of its parts, each with the same pieces.
    byOwner.set(hold.owner, Math.max(byOwner.get(hold.owner) ?? 0, hold.pieces));
  }
  return [...byOwner.values()].reduce((sum, pieces) => sum + pieces, 0);
}

/** A quantity that can be held: none of a part that a sales unit takes nothing of. */
export const isHoldable = (units: DecimalString): boolean => !isNegative(units) && Number(units) > 0;
