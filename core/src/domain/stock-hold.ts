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
  /**
   * Of one that an order attempt has bound and that was told to last longer: until when it counts whether the order is made or not, because
   * readers may not see the order yet. From then to `until` it counts for the cart, unless that was ordered.
   */
  readonly boundUntil?: number | undefined;
  /**
   * Since when its cart has held this SKU, milliseconds since the epoch: so long as it asks again, the hold ages. Absent: only orders have
   * asked for it.
   */
  readonly since?: number | undefined;
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

/** Nobody needs it any more for an order that was made; it may still be kept for a cart that was not ordered. */
export const isBindingOver = ({ boundUntil }: Pick<StockHold, "boundUntil">, now: number): boolean =>
  boundUntil !== undefined && boundUntil <= now;

/** The hold of an attempt to order, which does not end sooner than its cart is told otherwise. */
export const boundBeside = (bound: StockHold, { until }: Pick<StockHold, "until">): StockHold =>
  until <= bound.until ? bound : { ...bound, until, boundUntil: bound.boundUntil ?? bound.until };

export const isLive = ({ until }: Pick<StockHold, "until">, now: number): boolean => until > now;

/** A hold that a question asked for is remembered for so long after its end: who lets it end and asks again is no younger for that. */
export const REST_MS = 300_000;

/** Milliseconds since the epoch, from which on a hold is taken out of its shard by whoever writes next. */
export const rememberedUntil = ({ until, since }: Pick<StockHold, "until" | "since">): number =>
  since === undefined ? until : until + REST_MS;

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
