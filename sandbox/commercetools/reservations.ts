import type { Cart, InventoryMode, LineItem } from "./cart-model.ts";
import { commitCreate, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import type { Call, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS } from "./definition.ts";
import { invalidOperation } from "./errors.ts";
import type { Doc, Reference, Resource } from "./json.ts";
import { availableNow, findEntry, type InventoryEntry, moveStock } from "./stock.ts";

export type Reservation = Resource & {
  inventoryEntry: Reference<"inventory-entry">;
  quantity: number;
  owner: Reference<"cart" | "order">;
  lineItemId: string;
  expiresAt: string;
  state: "Created" | "Updated" | "Released" | "Expired" | "Committed";
};

/** Reservations have no endpoint; they are seen through expansion of `lineItems[*].reservation`. */
export const reservationDefinition: Definition<Reservation> = {
  typeId: "reservation",
  path: "",
  scopes: { view: [], manage: [] },
  fields: [...BASE_FIELDS, "inventoryEntry", "quantity", "owner", "lineItemId", "expiresAt", "state"],
  indexes: [{ path: "held", values: (reservation) => (isHeld(reservation) ? ["yes"] : []) }],
  create() {
    throw new Error("reservations are made by carts");
  },
  actions: {},
};

export function modeOf(sale: { inventoryMode: InventoryMode }, line: LineItem): InventoryMode {
  return line.inventoryMode ?? sale.inventoryMode;
}

export function isHeld(reservation: Reservation): boolean {
  return reservation.state === "Created" || reservation.state === "Updated";
}

export function reservationOf(world: World, line: LineItem): Reservation | undefined {
  return line.reservation ? world.collection<Reservation>("reservation").get(line.reservation.id) : undefined;
}

/** Makes, renews and releases reservations so that they fit the lines. What cannot be reserved becomes a warning. */
export function syncReservations(change: Change<Cart>): void {
  const { resource: cart, before } = change;
  if (cart.cartState !== "Active") return;
  delete cart.warnings;
  for (const old of before?.lineItems ?? []) {
    const line = cart.lineItems.find((one) => one.id === old.id);
    if (line && modeOf(cart, line) === "ReserveOnCart") continue;
    if (line) delete line.reservation;
    change.onCommit(() => release(change.call, old, "Released"));
  }
  for (const line of cart.lineItems) {
    if (modeOf(cart, line) !== "ReserveOnCart") continue;
    const warning = reserve(
      change,
      line,
      before?.lineItems.find((one) => one.id === line.id),
    );
    if (warning) cart.warnings = [...(cart.warnings ?? []), warning];
  }
}

function reserve(change: Change<Cart>, line: LineItem, old: LineItem | undefined): Doc | undefined {
  const { world, call, resource: cart } = change;
  const held = reservationOf(world, line);
  if (held && isHeld(held) && old?.quantity === line.quantity) return undefined;
  const entry = line.variant.sku === undefined ? undefined : findEntry(world, line.variant.sku, line.supplyChannel?.id);
  const holding = held && isHeld(held) ? held.quantity : 0;
  if (!entry || availableNow(world, entry) + holding < line.quantity) {
    const code = holding > 0 ? "CannotUpdateReservation" : "CannotCreateReservation";
    return {
      code,
      message: `The quantity ${line.quantity} of '${line.variant.sku}' can not be reserved.`,
      lineItemId: line.id,
    };
  }
  const expiresAt = new Date(world.clock.now() + minutesOf(world, entry) * 60_000).toISOString();
  if (held && isHeld(held)) {
    change.onCommit(() => {
      const renewal = openUpdate(call, held);
      Object.assign(renewal.resource, { quantity: line.quantity, expiresAt, state: "Updated" });
      commitUpdate(reservationDefinition, renewal);
      moveStock(call, entry, 0, line.quantity - holding);
    });
    return undefined;
  }
  const made = openCreate<Reservation>(call, {
    inventoryEntry: { typeId: "inventory-entry", id: entry.id },
    quantity: line.quantity,
    owner: { typeId: "cart", id: cart.id },
    lineItemId: line.id,
    expiresAt,
    state: "Created",
  });
  line.reservation = { typeId: "reservation", id: made.resource.id };
  change.onCommit(() => {
    commitCreate(reservationDefinition, made);
    moveStock(call, entry, 0, line.quantity);
  });
  return undefined;
}

function minutesOf(world: World, entry: InventoryEntry): number {
  const minutes = entry.reservationExpirationInMinutes ?? world.project.inventory.reservationExpirationInMinutes;
  if (minutes !== undefined && world.project.inventory.reservationExpirationInMinutes !== undefined) return minutes;
  throw invalidOperation("ReserveOnCart needs the Project setting 'inventory.reservationExpirationInMinutes'.");
}

export function releaseReservations(call: Call, cart: Cart): void {
  for (const line of cart.lineItems) release(call, line, "Released");
}

function release(call: Call, line: LineItem, state: "Released" | "Expired"): void {
  const held = reservationOf(call.world, line);
  if (held && isHeld(held)) end(call, held, state);
}

function end(call: Call, held: Reservation, state: "Released" | "Expired" | "Committed"): void {
  const { world } = call;
  const change = openUpdate(call, held);
  change.resource.state = state;
  commitUpdate(reservationDefinition, change);
  const entry = world.collection<InventoryEntry>("inventory-entry").get(held.inventoryEntry.id);
  if (entry) moveStock(call, entry, state === "Committed" ? -held.quantity : 0, -held.quantity);
}

/** The order takes over what its cart had reserved: stock falls, availability stays. */
export function commitReservation(call: Call, held: Reservation, orderId: string): void {
  end(call, { ...held, owner: { typeId: "order", id: orderId } }, "Committed");
}

/** Ends reservations whose time is over, unless the project keeps them. */
export function expireReservations(world: World, call: Call): void {
  if (!world.project.inventory.releaseExpiredReservations) return;
  const reservations = world.collection<Reservation>("reservation");
  const now = world.nowIso();
  for (const id of [...reservations.idsByIndex("held", "yes")]) {
    const held = reservations.get(id);
    if (held && held.expiresAt <= now) end(call, held, "Expired");
  }
}
