/** Which of an order's return items ask for an RMA, and under which identity: what exports returns and what compares them must agree. Pure. */
import { createHash } from "node:crypto";
import type { ReturnsConfig } from "../domain/after-export-config.ts";

export type GroupedItem = {
  /** Its key where the shop gave one, which outlives a list that is written anew; else its id. */
  readonly ref: string;
  /** Of the line item or custom line item. */
  readonly lineId: string;
  readonly quantity: number;
  /** Advised, Returned, BackInStock, Unusable. */
  readonly shipmentState: string;
};

export type Wanted<T extends GroupedItem> = T & {
  /** Pieces that an RMA is to authorize; less than `quantity` where an earlier item announced the same goods. */
  readonly wanted: number;
};

/** One `returnInfo`, which becomes one RMA. */
export type Group<T extends GroupedItem> = {
  /** See RecordedReturn. */
  readonly ref: string;
  readonly content: string;
  /** Empty: nothing of it asks for an RMA. */
  readonly items: readonly Wanted<T>[];
  readonly trackingId: string | undefined;
};

type Returned<T extends GroupedItem> = { readonly items: readonly T[]; readonly trackingId: string | undefined };

const digest = (text: string, length: number): string =>
  createHash("sha256").update(text, "utf8").digest("hex").slice(0, length);

const contentOf = (items: readonly GroupedItem[]): string =>
  digest(JSON.stringify(items.map(({ lineId, quantity }) => `${lineId} ${quantity}`).sort()), 8);

/**
 * The returns of an order, each under the identity of its first item. Neither identity nor content depend on the trigger, so
 * that another configuration makes no other return of it.
 */
export function groupsOf<T extends GroupedItem>(
  returns: readonly Returned<T>[],
  trigger: ReturnsConfig["trigger"],
): Group<T>[] {
  const announced = new Map<string, number>();
  return returns.flatMap(({ items, trackingId }) => {
    const [first] = items;
    if (!first) return [];
    const wanted = items.flatMap((item): Wanted<T>[] => {
      const pieces = wantedPieces(item, trigger, announced);
      return pieces > 0 ? [{ ...item, wanted: pieces }] : [];
    });
    return [{ ref: digest(first.ref, 12), content: contentOf(items), items: wanted, trackingId }];
  });
}

/** An Advised item never becomes Returned: the shop enters another one when the goods are there (documented). */
function wantedPieces(
  { shipmentState, lineId, quantity }: GroupedItem,
  trigger: ReturnsConfig["trigger"],
  announced: Map<string, number>,
): number {
  const advised = shipmentState === "Advised";
  if (trigger !== "either") return advised === (trigger === "advised") ? quantity : 0;
  const open = announced.get(lineId) ?? 0;
  if (advised) {
    announced.set(lineId, open + quantity);
    return quantity;
  }
  const known = Math.min(open, quantity);
  announced.set(lineId, open - known);
  return quantity - known;
}
