import type { LineItem, Sale } from "./cart-model.ts";
import type { Call, World } from "./definition.ts";
import { businessError, type PlatformError } from "./errors.ts";
import type { Order } from "./order-model.ts";
import { commitReservation, isHeld, modeOf, reservationOf } from "./reservations.ts";
import { availableNow, findEntry, type InventoryEntry, moveStock } from "./stock.ts";

/**
 * Checks an order's lines against stock and returns what to book. Throws OutOfStock and books nothing.
 * TrackOnly needs an entry, ReserveOnOrder enough stock (or restockableInDays), ReserveOnCart its reservation.
 */
export function planSale(call: Call, sale: Sale, orderId: string): () => void {
  const { world } = call;
  const bookings: (() => void)[] = [];
  const missing: LineItem[] = [];
  const claimed = new Map<string, number>();
  for (const line of sale.lineItems) {
    const mode = modeOf(sale, line);
    if (mode === "None") continue;
    const held = reservationOf(world, line);
    if (mode === "ReserveOnCart" && held && isHeld(held) && held.quantity >= line.quantity) {
      bookings.push(() => commitReservation(call, held, orderId));
      continue;
    }
    const entry = entryOf(world, line);
    if (!entry || !suffices(world, entry, line.quantity, claimed, mode)) {
      missing.push(line);
      continue;
    }
    claimed.set(entry.id, (claimed.get(entry.id) ?? 0) + line.quantity);
    bookings.push(() => bookSale(call, entry.id, line.quantity));
  }
  if (missing.length > 0) throw outOfStock(world, missing);
  return () => {
    for (const book of bookings) book();
  };
}

function entryOf(world: World, line: LineItem): InventoryEntry | undefined {
  return line.variant.sku === undefined ? undefined : findEntry(world, line.variant.sku, line.supplyChannel?.id);
}

function suffices(
  world: World,
  entry: InventoryEntry,
  quantity: number,
  claimed: Map<string, number>,
  mode: string,
): boolean {
  // A restock time, even 0, means that the platform accepts the order whatever is there.
  if (mode === "TrackOnly" || (mode === "ReserveOnOrder" && entry.restockableInDays !== undefined)) return true;
  return availableNow(world, entry) - (claimed.get(entry.id) ?? 0) >= quantity;
}

function bookSale(call: Call, entryId: string, quantity: number): void {
  const entry = call.world.collection<InventoryEntry>("inventory-entry").get(entryId);
  if (entry) moveStock(call, entry, -quantity, 0);
}

function outOfStock(world: World, lines: LineItem[]): PlatformError {
  const skus = lines.map((line) => line.variant.sku ?? "");
  return businessError(world, "OutOfStock", `Some line items are out of stock at the moment: ${skus.join(", ")}`, {
    lineItems: lines.map((line) => line.id),
    skus,
  });
}

/**
 * What an Order Edit books: more of a line is sold, less of it comes back. Throws OutOfStock. Whether the platform does so
 * is a setting.
 */
export function planEdit(call: Call, before: Order, after: Order): () => void {
  const { world } = call;
  if (!world.settings.orderEditMovesStock) return () => undefined;
  const quantities = (order: Order) => new Map(order.lineItems.map((line) => [line.id, line.quantity]));
  const [old, now] = [quantities(before), quantities(after)];
  const more = after.lineItems.map((line) => ({ ...line, quantity: line.quantity - (old.get(line.id) ?? 0) }));
  const book = planSale(call, { ...after, lineItems: more.filter((line) => line.quantity > 0) }, after.id);
  return () => {
    book();
    for (const line of before.lineItems) {
      const entry = modeOf(before, line) === "None" ? undefined : entryOf(world, line);
      const less = line.quantity - (now.get(line.id) ?? 0);
      if (entry && less > 0) moveStock(call, entry, less, 0);
    }
  };
}

/** Puts quantities back where the setting says that the platform does so: cancelled, deleted, returned to stock. */
export function restock(call: Call, sale: Sale, quantityOf: (line: LineItem) => number): void {
  if (!call.world.settings.cancellationRestocks) return;
  for (const line of sale.lineItems) {
    const entry = modeOf(sale, line) === "None" ? undefined : entryOf(call.world, line);
    const quantity = quantityOf(line);
    if (entry && quantity > 0) moveStock(call, entry, quantity, 0);
  }
}
