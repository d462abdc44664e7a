import { commitUpdate, openUpdate } from "./commit.ts";
import type { Call, Change, StockMove, World } from "./definition.ts";
import type { Doc, Reference, Resource } from "./json.ts";

export type InventoryEntry = Resource & {
  sku: string;
  key?: string;
  supplyChannel?: Reference<"channel">;
  quantityOnStock: number;
  availableQuantity: number;
  minCartQuantity?: number;
  maxCartQuantity?: number;
  restockableInDays?: number;
  expectedDelivery?: string;
  reservationExpirationInMinutes?: number;
  stockLevels?: { reorderPoint?: number; safetyStock?: number };
};

/** The uniqueness slot of an entry: its SKU and its channel, "no channel" being a slot of its own. */
export function slotOf(sku: string, supplyChannelId: string | undefined): string {
  return `${supplyChannelId ?? ""}|${sku}`;
}

export function findEntry(world: World, sku: string, supplyChannelId?: string): InventoryEntry | undefined {
  return world.collection<InventoryEntry>("inventory-entry").findUnique("sku", slotOf(sku, supplyChannelId));
}

/** What the platform decides by: without the lag that readers see. */
export function availableNow(world: World, entry: InventoryEntry): number {
  return world.stockMoves
    .filter((move) => move.entryId === entry.id)
    .reduce((sum, move) => sum + move.onStock - move.reserved, entry.availableQuantity);
}

/** Books a sale (`onStock` negative) or a reservation (`reserved` positive); readers see it after the lag. */
export function moveStock(call: Call, entry: InventoryEntry, onStock: number, reserved: number): void {
  const { world } = call;
  const dueAt = world.clock.now() + world.settings.stockLagMs;
  const move: StockMove = { call, entryId: entry.id, onStock, reserved, dueAt };
  if (world.settings.stockLagMs === 0) land(move);
  else insertByDue(world.stockMoves, move);
}

function insertByDue(moves: StockMove[], move: StockMove): void {
  let at = moves.length;
  while (at > 0 && (moves[at - 1] as StockMove).dueAt > move.dueAt) at -= 1;
  moves.splice(at, 0, move);
}

/** Makes due moves visible. Called before every request, so a virtual clock needs no timers. */
export function settleStock(world: World): void {
  const now = world.clock.now();
  const due = world.stockMoves.findIndex((move) => move.dueAt > now);
  const landing = world.stockMoves.splice(0, due < 0 ? world.stockMoves.length : due);
  for (const move of landing) land(move);
}

/** An absolute write may swallow sales that are on their way. */
export function forgetMoves(world: World, entryId: string): void {
  world.stockMoves = world.stockMoves.filter((move) => move.entryId !== entryId || move.onStock === 0);
}

function land({ call, entryId, onStock, reserved }: StockMove): void {
  const { world } = call;
  const entry = world.collection<InventoryEntry>("inventory-entry").get(entryId);
  if (!entry) return;
  const change = openUpdate(call, entry);
  change.resource.quantityOnStock += onStock;
  change.resource.availableQuantity += onStock - reserved;
  announceLevels(change);
  if (world.settings.orderStockRaisesVersion) {
    commitUpdate(world.definition<InventoryEntry>("inventory-entry"), change);
    return;
  }
  // The figures change under the same version: a reader cannot tell from the version that a sale happened.
  world.collection<InventoryEntry>("inventory-entry").put(change.resource);
}

/** Messages about reached levels; a sale and a direct write cause them alike. */
export function announceLevels(change: Change<InventoryEntry>): void {
  const { resource, before, emit } = change;
  if (!before || before.quantityOnStock === resource.quantityOnStock) return;
  const what: Doc = { sku: resource.sku, ...(resource.supplyChannel ? { supplyChannel: resource.supplyChannel } : {}) };
  const falls = (level: number | undefined) =>
    level !== undefined && before.quantityOnStock > level && resource.quantityOnStock <= level;
  const { quantityOnStock } = resource;
  if (falls(0)) emit("InventoryEntryOutOfStock", what);
  if (falls(resource.stockLevels?.reorderPoint)) emit("InventoryEntryReorderPoint", { ...what, quantityOnStock });
  if (falls(resource.stockLevels?.safetyStock)) emit("InventoryEntrySafetyStock", { ...what, quantityOnStock });
}
