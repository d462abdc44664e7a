import { canonical, type Decimal, minimum, ZERO } from "../decimal.ts";
import { refused } from "../errors.ts";
import { flag, maybeText, num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { invoiceOrder } from "./invoice.ts";
import { isInventoryLine, linesOf, openLinesOf, requireOrder, totalsOf, undelivered } from "./order-parts.ts";
import { refreshStates } from "./order-state.ts";
import { canShip, completeShipment, createShipment, deliverShipment, pickShipment } from "./shipment.ts";
import { reserveForLine, unreserveLine } from "./stock.ts";

const LU = "CustomerOrder";

/** Planned -> Released after the credit check, or Blocked; then the order type decides how far the flow runs. */
export function releaseOrder(world: World, order: Row): void {
  const orderNo = text(order, "OrderNo");
  if (text(order, "Objstate") !== "Planned") {
    throw refused(LU, "NORELEASE", `Order ${orderNo} is ${text(order, "Objstate")} and may not be released.`);
  }
  if (openLinesOf(world, orderNo).length === 0) {
    throw refused(LU, "NOLINES", `Order ${orderNo} has no lines and may not be released.`);
  }
  requireOwnAddress(world, order);
  const block = prepaymentBlock(world, order) ?? (world.settings.creditCheck ? creditBlock(world, order) : undefined);
  if (block) {
    world.table(LU).update(order, { Objstate: "Blocked", ...block });
    return;
  }
  enterFlow(world, order);
}

/** Takes a block away and lets the order into the flow, as a credit analyst does. */
export function unblockOrder(world: World, order: Row): void {
  if (text(order, "Objstate") !== "Blocked") {
    throw refused(LU, "NOTBLOCKED", `Order ${text(order, "OrderNo")} is not blocked.`);
  }
  world.table(LU).update(order, { BlockedReason: null, BlockedTypeDb: "NOT_BLOCKED" });
  enterFlow(world, order);
}

export function blockOrder(world: World, order: Row, reason: string): void {
  if (!["Planned", "Released", "Reserved"].includes(text(order, "Objstate"))) {
    throw refused(
      LU,
      "NOBLOCK",
      `Order ${text(order, "OrderNo")} is ${text(order, "Objstate")} and may not be blocked.`,
    );
  }
  world.table(LU).update(order, { Objstate: "Blocked", BlockedReason: reason, BlockedTypeDb: "MANUAL_BLOCKED" });
}

function enterFlow(world: World, order: Row) {
  const orderNo = text(order, "OrderNo");
  world.table(LU).update(order, { Objstate: "Released" });
  for (const line of openLinesOf(world, orderNo)) {
    if (text(line, "Objstate") === "Planned") world.table("CustomerOrderLine").update(line, { Objstate: "Released" });
  }
  const type = world.table("CustOrderType").get(text(order, "OrderId"));
  runFlow(world, order, type ? text(type, "RunsTo") : "");
  refreshStates(world, order);
}

const steps = ["RESERVE", "PICK", "DELIVER", "INVOICE"];

/** Goes on by itself as far as the order type says, with what there is in stock. */
function runFlow(world: World, order: Row, runsTo: string) {
  const goesTo = (step: string) => steps.indexOf(runsTo) >= steps.indexOf(step);
  if (!goesTo("RESERVE")) return;
  reserveOrder(world, order);
  if (!goesTo("PICK") || !canShip(world, order)) return;
  const shipment = createShipment(world, order);
  pickShipment(world, shipment);
  if (!goesTo("DELIVER")) return;
  completeShipment(world, shipment, {});
  deliverShipment(world, shipment);
  if (goesTo("INVOICE")) invoiceOrder(world, order);
}

/** An order that says it has an address of its own must have it before it goes anywhere. */
function requireOwnAddress(world: World, order: Row) {
  if (!flag(order, "AddrFlagDb")) return;
  const address = world.table("CustomerOrderAddress").get(text(order, "OrderNo"));
  const inFields = maybeText(order, "SingleOccAddress1") !== null;
  if (!address && !inFields) {
    throw refused(LU, "NOSINGLEOCC", `Order ${text(order, "OrderNo")} lacks its single occurrence address.`);
  }
}

function prepaymentBlock(world: World, order: Row): Values | undefined {
  const type = world.table("CustOrderType").get(text(order, "OrderId"));
  const due = type && flag(type, "Prepayment") && num(order, "ProposedPrepaymentAmount").gt(0);
  return due ? { BlockedReason: "BLKFORPREPAY", BlockedTypeDb: "PREPAYMENT_BLOCKED" } : undefined;
}

function creditBlock(world: World, order: Row): Values | undefined {
  const payer = text(order, "CustomerNoPay") || text(order, "CustomerNo");
  const credit = world.table("CustomerCreditInfo").get(text(order, "Company"), payer);
  if (!credit) return undefined;
  if (flag(credit, "CreditBlock")) return { BlockedReason: "BLKFORCRE", BlockedTypeDb: "CREDIT_BLOCKED" };
  if (credit.values.CreditLimit === null || credit.values.CreditLimit === undefined) return undefined;
  const exposure = openAmount(world, text(order, "Company"), payer).plus(orderValueBase(world, order));
  return exposure.gt(num(credit, "CreditLimit"))
    ? { BlockedReason: "BLKCREDLIMIT", BlockedTypeDb: "CREDIT_BLOCKED" }
    : undefined;
}

function orderValueBase(world: World, order: Row): Decimal {
  const totals = totalsOf(world, order);
  return totals.netBase.plus(totals.chargeNetBase);
}

/** Open invoices plus released orders that are not invoiced, in company currency. */
function openAmount(world: World, company: string, customerNo: string): Decimal {
  const invoices = [...(world.table("InvoiceLedgerItemCu").find("Identity", customerNo) ?? [])].filter(
    (row) => text(row, "Company") === company,
  );
  const running = [...(world.table(LU).find("CustomerNo", customerNo) ?? [])].filter(
    (row) =>
      text(row, "Company") === company &&
      !["Planned", "Blocked", "Invoiced", "Cancelled"].includes(text(row, "Objstate")),
  );
  const open = invoices.reduce((total, row) => total.plus(num(row, "OpenAmount")), ZERO);
  return running.reduce((total, row) => total.plus(orderValueBase(world, row)), open);
}

/** Reserves what there is. `wanted`: inventory quantity by line number; all that is missing when absent. */
export function reserveOrder(world: World, order: Row, wanted?: ReadonlyMap<string, Decimal>): Decimal {
  if (!["Released", "Reserved", "PartiallyDelivered", "Picked"].includes(text(order, "Objstate"))) {
    throw refused(
      LU,
      "NORESERVE",
      `Order ${text(order, "OrderNo")} is ${text(order, "Objstate")}; nothing can be reserved.`,
    );
  }
  let total = ZERO;
  for (const line of openLinesOf(world, text(order, "OrderNo")).filter(isInventoryLine)) {
    const missing = undelivered(line).minus(num(line, "QtyAssigned"));
    const asked = wanted ? (wanted.get(text(line, "LineNo")) ?? ZERO) : missing;
    const found = reserveForLine(world, line, minimum(missing, asked));
    if (found.lte(0)) continue;
    world.table("CustomerOrderLine").update(line, { QtyAssigned: canonical(num(line, "QtyAssigned").plus(found)) });
    total = total.plus(found);
  }
  refreshStates(world, order);
  return total;
}

/** Gives back what is reserved and not picked, so that somebody else can have it; the quantity given back. */
export function unreserveOrder(world: World, order: Row): Decimal {
  let total = ZERO;
  for (const line of openLinesOf(world, text(order, "OrderNo")).filter(isInventoryLine)) {
    const back = unreserveLine(world, line);
    if (back.isZero()) continue;
    world.table("CustomerOrderLine").update(line, { QtyAssigned: canonical(num(line, "QtyAssigned").minus(back)) });
    total = total.plus(back);
  }
  refreshStates(world, order);
  return total;
}

/** Cancels a whole order with a reason. Refused once anything was picked or delivered. */
export function cancelOrder(world: World, order: Row, reason: string): void {
  const state = text(order, "Objstate");
  if (state === "Cancelled") throw refused(LU, "ISCANCELLED", `Order ${text(order, "OrderNo")} is already cancelled.`);
  if (["PartiallyDelivered", "Delivered", "Invoiced"].includes(state)) {
    throw refused(LU, "NOCANCEL", `Order ${text(order, "OrderNo")} is ${state} and may not be cancelled.`);
  }
  const used = requireReason(world, order, reason);
  for (const line of openLinesOf(world, text(order, "OrderNo"))) cancelOneLine(world, line, used);
  world.table(LU).update(order, { Objstate: "Cancelled", CancelReason: used });
}

export function cancelLine(world: World, line: Row, reason: string): void {
  const order = requireOrder(world, text(line, "OrderNo"));
  const used = requireReason(world, line, reason);
  cancelOneLine(world, line, used);
  const allGone = linesOf(world, text(order, "OrderNo")).every((other) => text(other, "Objstate") === "Cancelled");
  if (allGone) world.table(LU).update(order, { Objstate: "Cancelled", CancelReason: used });
  else refreshStates(world, order);
}

function requireReason(world: World, row: Row, given: string): string | null {
  const reason = given || text(row, "CancelReason");
  if (reason === "" && !world.settings.cancelReasonRequired) return null;
  if (reason === "") throw refused(LU, "NOREASON", "A cancellation reason must be entered.");
  if (!world.table("OrderCancelReason").get(reason)) {
    throw refused(LU, "NOCANCELREASON", `Cancellation reason "${reason}" does not exist.`);
  }
  return reason;
}

function cancelOneLine(world: World, line: Row, reason: string | null) {
  const label = `Line ${text(line, "LineNo")} of order ${text(line, "OrderNo")}`;
  if (text(line, "Objstate") === "Cancelled")
    throw refused("CustomerOrderLine", "ISCANCELLED", `${label} is already cancelled.`);
  if (num(line, "QtyShipped").gt(0))
    throw refused("CustomerOrderLine", "NOCANCEL", `${label} is delivered and may not be cancelled.`);
  if (num(line, "QtyPicked").gt(0))
    throw refused("CustomerOrderLine", "NOCANCELPICKED", `${label} is picked and may not be cancelled.`);
  unreserveLine(world, line);
  world.table("CustomerOrderLine").update(line, {
    Objstate: "Cancelled",
    CancelReason: reason,
    QtyAssigned: "0",
    QtyToReserve: "0",
  });
}
