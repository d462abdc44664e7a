import { canonical, type Decimal, minimum, ZERO } from "../decimal.ts";
import { refused } from "../errors.ts";
import { maybeText, num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { nullValue, requireIn, requireSite } from "./basic-data.ts";
import { grossOfQuantity, insertLedgerRow } from "./invoice.ts";
import { conversion, isInventoryLine, requireOrder } from "./order-parts.ts";
import { receive } from "./stock.ts";

const LU = "ReturnMaterial";
const LINE = "ReturnMaterialLine";

/** A Planned return of one customer at one site. */
export function createReturn(world: World, values: Values): Row {
  for (const name of ["Contract", "CustomerNo", "CurrencyCode"]) {
    if (values[name] === undefined || values[name] === null) throw nullValue(LU, name);
  }
  const at = { values };
  const site = requireSite(world, LU, text(at, "Contract"));
  requireIn(world, "CustomerInfo", [text(at, "CustomerNo")], LU, [
    "NOCUSTOMER",
    `Customer "${text(at, "CustomerNo")}" does not exist.`,
  ]);
  const approver = text(at, "ReturnApproverId");
  if (approver !== "") {
    requireIn(world, "OrderCoordinator", [approver], LU, ["NOAPPROVER", `Coordinator "${approver}" does not exist.`]);
  }
  return world.table(LU).insert({
    ...values,
    RmaNo: String(world.next("RmaNo", 5001)),
    Company: text(site, "Company"),
    DateRequested: world.siteNow(text(at, "Contract")),
    Objstate: "Planned",
  });
}

export function updateReturn(world: World, rma: Row, changes: Values): void {
  if (text(rma, "Objstate") !== "Planned") {
    throw refused(LU, "NOUPDATE", `Return ${text(rma, "RmaNo")} is ${text(rma, "Objstate")} and may not be changed.`);
  }
  world.table(LU).update(rma, changes);
}

const returnable = ["Blocked", "Delivered", "PartiallyDelivered", "Invoiced"];

/** A line refers to a delivered order line of the same customer, site and currency. */
export function createReturnLine(world: World, values: Values): Row {
  for (const name of ["OrderNo", "LineNo", "RelNo", "LineItemNo", "QtyToReturn", "ReturnReasonCode"]) {
    if (values[name] === undefined || values[name] === null) throw nullValue(LINE, name);
  }
  const at = { values };
  const rma = world.table(LU).get(text(at, "RmaNo"));
  if (!rma) throw refused(LINE, "NORMA", `Return ${text(at, "RmaNo")} does not exist.`);
  const orderLine = requireOrderLine(world, rma, at);
  requireIn(world, "ReturnMaterialReason", [text(at, "ReturnReasonCode")], LINE, [
    "NOREASON",
    `Return reason "${text(at, "ReturnReasonCode")}" does not exist.`,
  ]);
  requireQuantity(world, orderLine, num(at, "QtyToReturn"));
  const number = linesOfReturn(world, rma).length + 1;
  return world.table(LINE).insert({
    ConfigurationId: "*",
    ...values,
    RmaLineNo: String(number),
    Contract: text(rma, "Contract"),
    Company: text(rma, "Company"),
    CatalogNo: text(orderLine, "CatalogNo"),
    SaleUnitPrice: maybeText(orderLine, "SaleUnitPrice"),
    PriceConvFactor: maybeText(orderLine, "PriceConvFactor"),
    QtyReceived: "0",
    QtyScrapped: "0",
    QtyCredited: "0",
    DebitInvoiceNo: values.DebitInvoiceNo ?? maybeText(orderLine, "Cf_Invoice_No"),
    Objstate: text(rma, "Objstate"),
  });
}

function requireOrderLine(world: World, rma: Row, at: { values: Values }): Row {
  const key = ["OrderNo", "LineNo", "RelNo", "LineItemNo"].map((name) => text(at, name));
  const orderLine = world.table("CustomerOrderLine").get(...key);
  const order = world.table("CustomerOrder").get(text(at, "OrderNo"));
  const fits =
    order &&
    orderLine &&
    ["CustomerNo", "Contract", "CurrencyCode"].every((name) => text(order, name) === text(rma, name));
  if (!fits) {
    throw refused(LINE, "INVALID_ORDER", "The order line must be of the return's customer, site and currency.");
  }
  if (!returnable.includes(text(order, "Objstate"))) {
    throw refused(LINE, "INVALID_ORDER_STATE", `Order ${text(order, "OrderNo")} is ${text(order, "Objstate")}.`);
  }
  return orderLine;
}

function requireQuantity(world: World, orderLine: Row, qty: Decimal) {
  const shipped = num(orderLine, "QtyShipped").div(conversion(orderLine));
  const asked = [...(world.table(LINE).find("OrderNo", text(orderLine, "OrderNo")) ?? [])]
    .filter((row) => text(row, "LineNo") === text(orderLine, "LineNo"))
    .filter((row) => !["Denied", "Cancelled"].includes(text(row, "Objstate")))
    .reduce((total, row) => total.plus(num(row, "QtyToReturn")), ZERO);
  if (qty.lte(0) || asked.plus(qty).gt(shipped)) {
    throw refused(LINE, "QTYTOOMUCH", `At most ${canonical(shipped.minus(asked))} of the line can be returned.`);
  }
}

export function linesOfReturn(world: World, rma: Row): Row[] {
  return [...(world.table(LINE).find("RmaNo", text(rma, "RmaNo")) ?? [])];
}

export function releaseReturn(world: World, rma: Row): void {
  if (text(rma, "Objstate") !== "Planned") {
    throw refused(LU, "NORELEASE", `Return ${text(rma, "RmaNo")} is ${text(rma, "Objstate")}.`);
  }
  if (linesOfReturn(world, rma).length === 0)
    throw refused(LU, "NOLINES", `Return ${text(rma, "RmaNo")} has no lines.`);
  setState(world, rma, "Released");
}

function setState(world: World, rma: Row, state: string) {
  for (const line of linesOfReturn(world, rma)) world.table(LINE).update(line, { Objstate: state });
  world.table(LU).update(rma, { Objstate: state });
}

/** Goods come back: into stock, or (scrap) for the bin. `wanted`: sales quantity by return line number. */
export function receiveReturn(
  world: World,
  rma: Row,
  options: { wanted?: ReadonlyMap<string, Decimal>; scrap: boolean },
) {
  if (!["Released", "PartiallyReceived"].includes(text(rma, "Objstate"))) {
    throw refused(
      LU,
      "NORECEIVE",
      `Return ${text(rma, "RmaNo")} is ${text(rma, "Objstate")}; nothing can be received.`,
    );
  }
  for (const line of linesOfReturn(world, rma)) {
    const missing = num(line, "QtyToReturn").minus(num(line, "QtyReceived"));
    const asked = options.wanted ? (options.wanted.get(text(line, "RmaLineNo")) ?? ZERO) : missing;
    const qty = minimum(missing, asked);
    if (qty.gt(0)) receiveLine(world, line, qty, options.scrap);
  }
  const states = linesOfReturn(world, rma).map((line) => text(line, "Objstate"));
  const state = states.every((one) => one === "Received") ? "Received" : "PartiallyReceived";
  world.table(LU).update(rma, { Objstate: state });
}

function receiveLine(world: World, line: Row, qty: Decimal, scrap: boolean) {
  const key = ["OrderNo", "LineNo", "RelNo", "LineItemNo"].map((name) => text(line, name));
  const orderLine = world.table("CustomerOrderLine").get(...key);
  if (!orderLine) throw new Error(`the order line of return ${text(line, "RmaNo")} is gone`);
  const inventoryQty = qty.times(conversion(orderLine));
  if (!scrap && isInventoryLine(orderLine)) {
    receive(world, { contract: text(line, "Contract"), partNo: text(orderLine, "PartNo") }, inventoryQty);
  }
  world.table("CustomerOrderLine").update(orderLine, {
    QtyReturned: canonical(num(orderLine, "QtyReturned").plus(inventoryQty)),
  });
  const received = num(line, "QtyReceived").plus(qty);
  world.table(LINE).update(line, {
    QtyReceived: canonical(received),
    QtyScrapped: canonical(num(line, "QtyScrapped").plus(scrap ? qty : ZERO)),
    DateReturned: world.siteToday(text(line, "Contract")),
    Objstate: received.gte(num(line, "QtyToReturn")) ? "Received" : "PartiallyReceived",
  });
}

/** Approves for credit what came back since the last credit: a ledger row with a negative amount. */
export function creditReturn(world: World, rma: Row): Row {
  const lines = linesOfReturn(world, rma).filter((line) => num(line, "QtyReceived").gt(num(line, "QtyCredited")));
  const first = lines[0];
  if (!first) throw refused(LU, "NOCREDIT", `Return ${text(rma, "RmaNo")} has nothing to credit.`);
  const amount = lines.reduce((total, line) => total.plus(creditOf(world, line)), ZERO);
  const order = requireOrder(world, text(first, "OrderNo"));
  const credit = insertLedgerRow(world, order, amount.negated(), "CR");
  for (const line of lines)
    world.table(LINE).update(line, {
      CreditInvoiceNo: text(credit, "InvoiceNo"),
      QtyCredited: maybeText(line, "QtyReceived"),
    });
  if (text(rma, "Objstate") === "Received") setState(world, rma, "ReturnCompleted");
  return credit;
}

function creditOf(world: World, line: Row): Decimal {
  const order = requireOrder(world, text(line, "OrderNo"));
  const key = ["OrderNo", "LineNo", "RelNo", "LineItemNo"].map((name) => text(line, name));
  const orderLine = world.table("CustomerOrderLine").get(...key);
  if (!orderLine) throw new Error(`the order line of return ${text(line, "RmaNo")} is gone`);
  const grossUpTo = (column: string) =>
    grossOfQuantity(world, order, orderLine, num(line, column).times(conversion(orderLine)));
  return grossUpTo("QtyReceived").minus(grossUpTo("QtyCredited"));
}

export function denyReturn(world: World, rma: Row): void {
  if (!["Planned", "Released"].includes(text(rma, "Objstate"))) {
    throw refused(LU, "NODENY", `Return ${text(rma, "RmaNo")} is ${text(rma, "Objstate")} and may not be denied.`);
  }
  setState(world, rma, "Denied");
}
