import { canonical, type Decimal, minimum, ZERO } from "../decimal.ts";
import { refused } from "../errors.ts";
import { flag, num, text } from "../rows.ts";
import type { Scalar, Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { requireIn, requireSite } from "./basic-data.ts";

const LU = "InventoryPartInStock";

/** Stock that an order may reserve: our own, on a picking location, neither frozen, blocked, expired nor for a project. */
export function isReservable(row: Row, today: string): boolean {
  const expires = text(row, "ExpirationDate");
  return (
    text(row, "LocationTypeDb") === "PICKING" &&
    text(row, "PartOwnershipDb") === "COMPANY OWNED" &&
    text(row, "AvailabilityControlId") === "" &&
    text(row, "ProjectId") === "" &&
    !flag(row, "FreezeFlagDb") &&
    (expires === "" || expires >= today)
  );
}

export function availableOf(row: Row): Decimal {
  return num(row, "QtyOnhand").minus(num(row, "QtyReserved"));
}

export function stockRows(world: World, contract: string, partNo: string): Row[] {
  return [...(world.table(LU).find("PartNo", partNo) ?? [])].filter((row) => text(row, "Contract") === contract);
}

/** What a new order could reserve now, in inventory units. */
export function reservableQty(world: World, contract: string, partNo: string): Decimal {
  const today = world.siteToday(contract);
  return stockRows(world, contract, partNo)
    .filter((row) => isReservable(row, today))
    .reduce((total, row) => total.plus(availableOf(row)), ZERO);
}

/** Changes quantities of a row; a transaction of goods always moves LastActivityDate, a reservation by setting. */
function moveQty(world: World, row: Row, onhand: Decimal, reserved: Decimal) {
  const isTransaction = !onhand.isZero();
  const stamped = isTransaction || world.settings.reservationMovesLastActivityDate;
  world.table(LU).update(row, {
    QtyOnhand: canonical(num(row, "QtyOnhand").plus(onhand)),
    QtyReserved: canonical(num(row, "QtyReserved").plus(reserved)),
    ...(stamped ? { LastActivityDate: world.siteNow(text(row, "Contract")) } : {}),
  });
}

export type StockPlace = { contract: string; partNo: string; locationNo?: string; lotBatchNo?: string };

/** Takes goods in. Without a location they go to the part's first picking place of the site. */
export function receive(world: World, place: StockPlace, qty: Decimal): Row {
  if (qty.lte(0)) throw refused(LU, "QTYZERO", "The received quantity must be greater than zero.");
  requireSite(world, LU, place.contract);
  const part = requireIn(world, "InventoryPart", [place.contract, place.partNo], LU, [
    "NOPART",
    `Inventory part "${place.partNo}" does not exist on site ${place.contract}.`,
  ]);
  const row = stockRow(world, part, place.locationNo ?? homeLocation(world, place), place.lotBatchNo ?? "*");
  moveQty(world, row, qty, ZERO);
  return row;
}

function homeLocation(world: World, place: StockPlace): string {
  const picking = stockRows(world, place.contract, place.partNo).find(
    (row) => text(row, "LocationTypeDb") === "PICKING" && !flag(row, "FreezeFlagDb"),
  );
  return picking ? text(picking, "LocationNo") : "PICK-01";
}

function stockRow(world: World, part: Row, locationNo: string, lotBatchNo: string): Row {
  const key: [string, string] = [text(part, "Contract"), text(part, "PartNo")];
  const found = world.table(LU).get(...key, "*", locationNo, lotBatchNo, "*", "1", "*", "0", "0");
  if (found) return found;
  const location = requireIn(world, "InventoryLocation", [key[0], locationNo], LU, [
    "NOLOCATION",
    `Location "${locationNo}" does not exist on site ${key[0]}.`,
  ]);
  return world.table(LU).insert(newStockRow(world, part, location, lotBatchNo));
}

export function newStockRow(world: World, part: Row, location: Row, lotBatchNo: string): Values {
  const contract = text(part, "Contract");
  const now = world.siteNow(contract);
  const site = requireSite(world, LU, contract);
  return {
    Contract: contract,
    PartNo: text(part, "PartNo"),
    ConfigurationId: "*",
    LocationNo: text(location, "LocationNo"),
    LotBatchNo: lotBatchNo,
    SerialNo: "*",
    EngChgLevel: "1",
    WaivDevRejNo: "*",
    ActivitySeq: "0",
    HandlingUnitId: "0",
    QtyOnhand: "0",
    QtyReserved: "0",
    QtyInTransit: "0",
    UoM: text(part, "UnitMeas"),
    Company: text(site, "Company"),
    Warehouse: text(location, "Warehouse"),
    LocationDescription: text(location, "LocationName"),
    LocationTypeDb: text(location, "LocationTypeDb"),
    FreezeFlagDb: false,
    PartOwnershipDb: "COMPANY OWNED",
    PartNoDesc: text(part, "Description"),
    InvPartBarcodeExist: "FALSE",
    LastActivityDate: now,
    ReceiptDate: now,
    CreateDate: now.slice(0, 10),
  };
}

/** Takes unreserved goods out for another reason than an order. */
export function issue(world: World, place: StockPlace, qty: Decimal): void {
  if (qty.lte(0)) throw refused(LU, "QTYZERO", "The issued quantity must be greater than zero.");
  const rows = stockRows(world, place.contract, place.partNo).filter(
    (row) => (!place.locationNo || text(row, "LocationNo") === place.locationNo) && availableOf(row).gt(0),
  );
  takeFrom(
    rows,
    qty,
    (row, part) => moveQty(world, row, part.negated(), ZERO),
    () => {
      throw refused(LU, "NOTENOUGH", `There are not ${canonical(qty)} of part "${place.partNo}" to issue.`);
    },
  );
}

/** Spreads a quantity over rows in turn. `short` is called when they do not hold it. */
function takeFrom(rows: Row[], qty: Decimal, take: (row: Row, part: Decimal) => void, short: () => void): Decimal {
  const total = rows.reduce((all, row) => all.plus(availableOf(row)), ZERO);
  if (total.lt(qty)) short();
  let rest = qty;
  for (const row of rows) {
    if (rest.lte(0)) break;
    const part = minimum(rest, availableOf(row));
    take(row, part);
    rest = rest.minus(part);
  }
  return qty.minus(rest);
}

/** Reserves up to `qty` (inventory units) for an order line, oldest expiry first; gives what was found. */
export function reserveForLine(world: World, line: Row, qty: Decimal): Decimal {
  const contract = text(line, "Contract");
  const today = world.siteToday(contract);
  const rows = stockRows(world, contract, text(line, "PartNo"))
    .filter((row) => isReservable(row, today) && availableOf(row).gt(0))
    .sort(byExpiry);
  return takeFrom(
    rows,
    qty,
    (row, part) => {
      moveQty(world, row, ZERO, part);
      insertReservation(world, line, row, part, null);
    },
    () => undefined,
  );
}

function byExpiry(a: Row, b: Row): number {
  const [x, y] = [text(a, "ExpirationDate") || "9999", text(b, "ExpirationDate") || "9999"];
  if (x !== y) return x < y ? -1 : 1;
  return text(a, "LocationNo") < text(b, "LocationNo") ? -1 : 1;
}

const RESERVATION = "CustomerOrderReservation";

function insertReservation(world: World, line: Row, stock: Row, qty: Decimal, shipmentId: string | null) {
  const key = world.table(LU).def.keys.map((name) => stock.values[name] ?? null);
  world.table(RESERVATION).insert({
    ReservationId: String(world.next("ReservationId", 1)),
    OrderNo: text(line, "OrderNo"),
    LineNo: text(line, "LineNo"),
    RelNo: text(line, "RelNo"),
    LineItemNo: text(line, "LineItemNo"),
    StockKey: JSON.stringify(key),
    QtyAssigned: canonical(qty),
    QtyPicked: shipmentId === null ? "0" : canonical(qty),
    ShipmentId: shipmentId,
  });
}

function reservationsOf(world: World, line: Row, picked: boolean): Row[] {
  return [...(world.table(RESERVATION).find("OrderNo", text(line, "OrderNo")) ?? [])].filter(
    (row) =>
      text(row, "LineNo") === text(line, "LineNo") &&
      text(row, "RelNo") === text(line, "RelNo") &&
      num(row, "QtyPicked").gt(0) === picked,
  );
}

function stockOf(world: World, reservation: Row): Row {
  const key = JSON.parse(text(reservation, "StockKey")) as Scalar[];
  const row = world.table(LU).get(...key);
  if (!row) throw new Error(`the stock row of reservation ${text(reservation, "ReservationId")} is gone`);
  return row;
}

/** Gives back what is reserved and not picked; the quantity given back. */
export function unreserveLine(world: World, line: Row): Decimal {
  let total = ZERO;
  for (const reservation of reservationsOf(world, line, false)) {
    const qty = num(reservation, "QtyAssigned");
    moveQty(world, stockOf(world, reservation), ZERO, qty.negated());
    world.table(RESERVATION).remove(reservation);
    total = total.plus(qty);
  }
  return total;
}

/** Moves up to `qty` of what is reserved to the shipment location, where it stays reserved until delivery. */
export function pickForLine(world: World, line: Row, qty: Decimal, shipmentId: string, locationNo: string): Decimal {
  let rest = qty;
  for (const reservation of reservationsOf(world, line, false)) {
    if (rest.lte(0)) break;
    const part = minimum(rest, num(reservation, "QtyAssigned"));
    const from = stockOf(world, reservation);
    const inventoryPart = world.table("InventoryPart").get(text(from, "Contract"), text(from, "PartNo"));
    if (!inventoryPart) throw new Error(`the part of stock row ${from.objid} is gone`);
    moveQty(world, from, part.negated(), part.negated());
    const target = stockRow(world, inventoryPart, locationNo, text(from, "LotBatchNo"));
    moveQty(world, target, part, part);
    shrinkReservation(world, reservation, part);
    insertReservation(world, line, target, part, shipmentId);
    rest = rest.minus(part);
  }
  return qty.minus(rest);
}

function shrinkReservation(world: World, reservation: Row, part: Decimal) {
  const left = num(reservation, "QtyAssigned").minus(part);
  if (left.isZero()) world.table(RESERVATION).remove(reservation);
  else world.table(RESERVATION).update(reservation, { QtyAssigned: canonical(left) });
}

/** Picked goods of one shipment leave the house; the quantity that left. */
export function deliverPicked(world: World, line: Row, shipmentId: string): Decimal {
  let total = ZERO;
  for (const reservation of reservationsOf(world, line, true)) {
    if (text(reservation, "ShipmentId") !== shipmentId) continue;
    const qty = num(reservation, "QtyPicked");
    moveQty(world, stockOf(world, reservation), qty.negated(), qty.negated());
    world.table(RESERVATION).remove(reservation);
    total = total.plus(qty);
  }
  return total;
}
