/**
 * Holds that outlast their binding: an attempt to order bound them, and its cart had been told that they last longer. Where the cart was
 * ordered they are over, for the order is counted by now; where the attempt failed they are the cart's as before.
 */
import { isBindingOver, isLive, type StockHold } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";

/** A cart that is not ordered counts as such for so long; when it is, its order binds the hold anew. */
const OPEN_MS = 2000;

/** Asks commercetools whether the carts of such holds of the parts were ordered; those that are known are not asked for again. */
export async function askAfterCarts(
  { context, holds: access }: AtpDeps,
  parts: readonly Pick<StockHold, "site" | "partNo">[],
  holds: readonly StockHold[],
): Promise<void> {
  const { boundCarts, clock } = context;
  const now = clock.now();
  const isMeant = ({ site, partNo }: StockHold) => parts.some((part) => part.partNo === partNo && part.site === site);
  const doubtful = holds.filter((hold) => isBindingOver(hold, now) && isLive(hold, now) && isMeant(hold));
  const asked = [...new Set(doubtful.map(({ owner }) => owner))].filter((cart) => {
    const known = boundCarts.known.get(cart);
    return !known?.isOver && !(known && clock.monotonic() - known.at < OPEN_MS);
  });
  if (!access || asked.length === 0) return;
  await boundCarts.reads.load(asked, async (carts) => {
    const at = clock.monotonic();
    const over = await access.cartsOver(carts);
    for (const cart of carts) boundCarts.known.set(cart, { isOver: over.has(cart), at });
    return new Map(carts.map((cart) => [cart, over.has(cart)]));
  });
}

/** The holds that count, as far as carts were asked after: the same list where none outlasts its binding. */
export function outlasting({ context }: AtpDeps, holds: readonly StockHold[]): readonly StockHold[] {
  const now = context.clock.now();
  if (!holds.some((hold) => isBindingOver(hold, now))) return holds;
  return holds.flatMap((hold) => {
    const cart = isBindingOver(hold, now) ? context.boundCarts.known.get(hold.owner) : undefined;
    // Of whom nobody asked, it counts: the unit may be promised.
    if (!cart) return [hold];
    return cart.isOver ? [] : [{ ...hold, order: undefined, boundUntil: undefined }];
  });
}
