import { canonical, type Decimal, minimum, ZERO } from "../decimal.ts";
import { refused } from "../errors.ts";
import { maybeText, num, text } from "../rows.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { isInventoryLine, openLinesOf, requireOrder, undelivered } from "./order-parts.ts";
import { refreshStates } from "./order-state.ts";
import { deliverPicked, pickForLine } from "./stock.ts";

const LU = "Shipment";

const shipmentLocation = "SHIP-01";

/** Whether anything of the order could leave now. */
export function canShip(world: World, order: Row): boolean {
  return openLinesOf(world, text(order, "OrderNo")).some((line) => shippable(line, undefined).gt(0));
}

export type ShipmentContent = {
  /** Inventory quantity of the order by line number; all that can leave when absent. */
  wanted?: ReadonlyMap<string, Decimal>;
  /** Orders of the same receiver that leave together with it. */
  others?: readonly Row[];
  /** A line of another business (not a customer order) travels in the same shipment. */
  foreignLine?: boolean;
};

/** A Preliminary shipment for the lines that can leave now. */
export function createShipment(world: World, order: Row, content: ShipmentContent = {}): Row {
  const { wanted, others = [], foreignLine = false } = content;
  for (const other of others) requireSameReceiver(order, other);
  const shipmentId = String(world.next("ShipmentId", 1001));
  const contract = text(order, "Contract");
  const shipment = world.table(LU).insert({
    ShipmentId: shipmentId,
    Objstate: "Preliminary",
    Contract: contract,
    ReceiverId: text(order, "CustomerNo"),
    ReceiverAddressId: maybeText(order, "ShipAddrNo"),
    ReceiverAddressName: receiverName(world, order),
    PlannedShipDate: maybeText(order, "PlannedDeliveryDate"),
    CreatedDate: world.siteNow(contract),
    ShipInventoryLocationNo: shipmentLocation,
    ForwardAgentId: maybeText(order, "ForwardAgentId"),
    ShipViaCode: maybeText(order, "ShipViaCode"),
    DeliveryTerms: maybeText(order, "DeliveryTerms"),
  });
  const own = openLinesOf(world, text(order, "OrderNo")).map((line) => ({ line, qty: shippable(line, wanted) }));
  const joined = others
    .flatMap((other) => openLinesOf(world, text(other, "OrderNo")))
    .map((line) => ({ line, qty: shippable(line, undefined) }));
  const leaving = [...own, ...joined].filter(({ qty }) => qty.gt(0));
  leaving.forEach(({ line, qty }, index) => {
    insertShipmentLine(world, shipment, line, index + 1, qty);
  });
  if (foreignLine) insertForeignLine(world, shipment, order, leaving.length + 1);
  if (leaving.length === 0)
    throw refused(LU, "NOLINES", `Order ${text(order, "OrderNo")} has nothing that can be shipped.`);
  return shipment;
}

function requireSameReceiver(order: Row, other: Row) {
  for (const name of ["CustomerNo", "ShipAddrNo", "Contract"]) {
    if (text(order, name) !== text(other, name)) {
      throw refused(
        LU,
        "RECEIVERDIFF",
        `Order ${text(other, "OrderNo")} goes to another receiver or from another site.`,
      );
    }
  }
}

/** What a shipment order of the warehouse adds: its number happens to be the order's, its source type tells them apart. */
function insertForeignLine(world: World, shipment: Row, order: Row, number: number) {
  world.table("ShipmentLine").insert({
    ShipmentId: text(shipment, "ShipmentId"),
    ShipmentLineNo: String(number),
    Contract: text(shipment, "Contract"),
    SourceRefType: "ShipmentOrder",
    SourceRef1: text(order, "OrderNo"),
    SourceRef2: "1",
    SourceRef3: "1",
    SourceRef4: "0",
    SourcePartNo: "PALLET",
    SourcePartDescription: "Euro pallet",
    InventoryPartNo: "PALLET",
    InventoryQty: "1",
    QtyAssigned: "1",
    QtyPicked: "0",
    QtyToReserve: "0",
    QtyShipped: "0",
    SourceUnitMeas: "PCS",
    ConnectedSourceQty: "1",
  });
}

function receiverName(world: World, order: Row): string | null {
  const own = world.table("CustomerOrderAddress").get(text(order, "OrderNo"));
  if (own) return maybeText(own, "Addr1");
  const address = world.table("CustomerInfoAddress").get(text(order, "CustomerNo"), text(order, "ShipAddrNo"));
  return (address && maybeText(address, "Name")) ?? maybeText(order, "CustomerName");
}

/** Goods need a reservation that is not picked yet; services only need to be open. */
function shippable(line: Row, wanted: ReadonlyMap<string, Decimal> | undefined): Decimal {
  const ready = isInventoryLine(line) ? num(line, "QtyAssigned").minus(num(line, "QtyPicked")) : undelivered(line);
  if (!wanted) return ready;
  return minimum(ready, wanted.get(text(line, "LineNo")) ?? ZERO);
}

function insertShipmentLine(world: World, shipment: Row, line: Row, number: number, qty: Decimal) {
  world.table("ShipmentLine").insert({
    ShipmentId: text(shipment, "ShipmentId"),
    ShipmentLineNo: String(number),
    Contract: text(shipment, "Contract"),
    SourceRefType: "CustomerOrder",
    SourceRef1: text(line, "OrderNo"),
    SourceRef2: text(line, "LineNo"),
    SourceRef3: text(line, "RelNo"),
    SourceRef4: text(line, "LineItemNo"),
    SourcePartNo: text(line, "CatalogNo"),
    SourcePartDescription: maybeText(line, "CatalogDesc"),
    InventoryPartNo: maybeText(line, "PartNo"),
    InventoryQty: canonical(qty),
    QtyAssigned: canonical(isInventoryLine(line) ? qty : ZERO),
    QtyPicked: "0",
    QtyToReserve: "0",
    QtyShipped: "0",
    SourceUnitMeas: maybeText(line, "SalesUnitMeas"),
    ConnectedSourceQty: canonical(qty),
  });
}

function isOfOrder(shipmentLine: Row): boolean {
  return text(shipmentLine, "SourceRefType") === "CustomerOrder";
}

function linesOfShipment(world: World, shipment: Row): { shipmentLine: Row; line: Row }[] {
  const rows = world.table("ShipmentLine").find("ShipmentId", text(shipment, "ShipmentId")) ?? [];
  return [...rows].filter(isOfOrder).map((shipmentLine) => {
    const key = [1, 2, 3, 4].map((part) => text(shipmentLine, `SourceRef${part}`));
    const line = world.table("CustomerOrderLine").get(...key);
    if (!line) throw new Error(`the order line of shipment ${text(shipment, "ShipmentId")} is gone`);
    return { shipmentLine, line };
  });
}

/** Moves the goods of a shipment to the shipment location. */
export function pickShipment(world: World, shipment: Row): void {
  const shipmentId = text(shipment, "ShipmentId");
  for (const { shipmentLine, line } of linesOfShipment(world, shipment)) {
    if (!isInventoryLine(line)) continue;
    const wanted = num(shipmentLine, "QtyAssigned").minus(num(shipmentLine, "QtyPicked"));
    const picked = pickForLine(world, line, wanted, shipmentId, text(shipment, "ShipInventoryLocationNo"));
    world.table("ShipmentLine").update(shipmentLine, {
      QtyPicked: canonical(num(shipmentLine, "QtyPicked").plus(picked)),
    });
    world.table("CustomerOrderLine").update(line, { QtyPicked: canonical(num(line, "QtyPicked").plus(picked)) });
  }
  refreshOrders(world, shipment);
}

export type Carriage = { trackingNumber?: string; carrier?: string };

/** Preliminary -> Completed: the papers are done, the goods still in the house. */
export function completeShipment(world: World, shipment: Row, carriage: Carriage): void {
  if (text(shipment, "Objstate") !== "Preliminary") {
    throw refused(LU, "NOTPRELIM", `Shipment ${text(shipment, "ShipmentId")} is ${text(shipment, "Objstate")}.`);
  }
  if (carriage.carrier && !world.table("ForwarderInfo").get(carriage.carrier)) {
    throw refused(LU, "NOFORWARDER", `Forwarder "${carriage.carrier}" does not exist.`);
  }
  world.table(LU).update(shipment, {
    Objstate: "Completed",
    ...(carriage.trackingNumber ? { [world.settings.trackingField]: carriage.trackingNumber } : {}),
    ...(carriage.carrier ? { ForwardAgentId: carriage.carrier } : {}),
  });
}

/** The goods leave: a date on the Completed shipment, quantities on lines, on-hand down. */
export function deliverShipment(world: World, shipment: Row): void {
  const shipmentId = text(shipment, "ShipmentId");
  if (text(shipment, "Objstate") !== "Completed" || maybeText(shipment, "ActualShipDate")) {
    throw refused(LU, "NODELIVER", `Shipment ${shipmentId} cannot be delivered now.`);
  }
  for (const { shipmentLine, line } of linesOfShipment(world, shipment)) {
    const left = isInventoryLine(line) ? deliverPicked(world, line, shipmentId) : num(shipmentLine, "InventoryQty");
    world.table("ShipmentLine").update(shipmentLine, { QtyShipped: canonical(left) });
    bookDelivery(world, line, left);
  }
  world.table(LU).update(shipment, {
    Objstate: world.settings.shipmentAfterDelivery,
    ActualShipDate: world.siteNow(text(shipment, "Contract")),
  });
  refreshOrders(world, shipment);
}

/** Delivered quantity onto the line; what was reserved and picked for it is used up. */
function bookDelivery(world: World, line: Row, qty: Decimal) {
  const goods = isInventoryLine(line);
  const today = world.siteToday(text(line, "Contract"));
  world.table("CustomerOrderLine").update(line, {
    QtyShipped: canonical(num(line, "QtyShipped").plus(qty)),
    QtyAssigned: canonical(goods ? num(line, "QtyAssigned").minus(qty) : num(line, "QtyAssigned")),
    QtyPicked: canonical(goods ? num(line, "QtyPicked").minus(qty) : num(line, "QtyPicked")),
    RealShipDate: today,
    FirstActualShipDate: maybeText(line, "FirstActualShipDate") ?? today,
  });
}

/** Delivers an order without any shipment, as order types without shipments do. */
export function deliverWithoutShipment(world: World, order: Row, wanted?: ReadonlyMap<string, Decimal>): Decimal {
  let total = ZERO;
  for (const line of openLinesOf(world, text(order, "OrderNo"))) {
    const qty = shippable(line, wanted);
    if (qty.lte(0)) continue;
    const left = isInventoryLine(line) ? passThrough(world, line, qty) : qty;
    bookDelivery(world, line, left);
    total = total.plus(left);
  }
  if (total.isZero())
    throw refused("CustomerOrder", "NODELIVER", `Order ${text(order, "OrderNo")} has nothing to deliver.`);
  refreshStates(world, order);
  return total;
}

function passThrough(world: World, line: Row, qty: Decimal): Decimal {
  const token = `DIRECT-${world.next("DirectDelivery", 1)}`;
  const picked = pickForLine(world, line, qty, token, shipmentLocation);
  world.table("CustomerOrderLine").update(line, { QtyPicked: canonical(num(line, "QtyPicked").plus(picked)) });
  return deliverPicked(world, line, token);
}

function refreshOrders(world: World, shipment: Row) {
  const numbers = new Set(linesOfShipment(world, shipment).map(({ line }) => text(line, "OrderNo")));
  for (const orderNo of numbers) refreshStates(world, requireOrder(world, orderNo));
}

export function shipmentsOf(world: World, orderNo: string): Row[] {
  const lines = world.table("ShipmentLine").find("SourceRef1", orderNo) ?? [];
  const ids = new Set([...lines].filter(isOfOrder).map((line) => text(line, "ShipmentId")));
  return [...ids].flatMap((id) => world.table(LU).get(id) ?? []);
}
