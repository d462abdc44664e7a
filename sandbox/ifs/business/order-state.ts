import { canonical, HUNDRED, ONE } from "../decimal.ts";
import { num, text } from "../rows.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { conversion, isInventoryLine, linesOf, undelivered } from "./order-parts.ts";

/** Where a line or an order stands, from first to last. */
const ladder = ["Planned", "Released", "Reserved", "Picked", "PartiallyDelivered", "Delivered", "Invoiced"] as const;

type Step = (typeof ladder)[number];

/** Sets the line's state from its quantities, and the order's from its lines. Writes only what changes. */
export function refreshStates(world: World, order: Row): void {
  const lines = linesOf(world, text(order, "OrderNo"));
  for (const line of lines) refreshLine(world, line);
  const state = orderState(order, lines);
  if (state !== text(order, "Objstate")) world.table("CustomerOrder").update(order, { Objstate: state });
}

function refreshLine(world: World, line: Row) {
  const present = text(line, "Objstate");
  if (present === "Cancelled") return;
  const state = lineState(world, line);
  const open = undelivered(line).minus(num(line, "QtyAssigned"));
  const toReserve = canonical(open.lt(0) || state === "Delivered" || state === "Invoiced" ? "0" : open);
  if (state !== present || toReserve !== text(line, "QtyToReserve")) {
    world.table("CustomerOrderLine").update(line, { Objstate: state, QtyToReserve: toReserve });
  }
}

function lineState(world: World, line: Row): Step {
  const due = num(line, "RevisedQtyDue").plus(num(line, "QtyShipdiff"));
  const enough = due.times(ONE.minus(num(line, "CloseTolerance").div(HUNDRED)));
  const shipped = num(line, "QtyShipped");
  if (shipped.gte(enough) && shipped.gt(0)) return invoicedQty(world, line).gte(shipped) ? "Invoiced" : "Delivered";
  if (shipped.gt(0)) return "PartiallyDelivered";
  if (text(line, "Objstate") === "Planned") return "Planned";
  if (num(line, "QtyPicked").gte(due)) return "Picked";
  return num(line, "QtyAssigned").gte(due) ? "Reserved" : "Released";
}

/** Invoiced quantity in inventory units, whatever unit the column shows. */
export function invoicedQty(world: World, line: Row) {
  const shown = num(line, "QtyInvoiced");
  return world.settings.qtyInvoicedUnit === "sales" ? shown.times(conversion(line)) : shown;
}

function orderState(order: Row, lines: Row[]): string {
  const present = text(order, "Objstate");
  const alive = lines.filter((line) => text(line, "Objstate") !== "Cancelled");
  if (present === "Planned" || present === "Blocked" || present === "Cancelled") return present;
  if (alive.length === 0) return lines.length > 0 ? "Cancelled" : present;
  const ranks = alive.map((line) => rank(text(line, "Objstate")));
  const lowest = Math.min(...ranks);
  if (lowest >= rank("Delivered")) return ladder[lowest] ?? present;
  if (Math.max(...ranks) >= rank("PartiallyDelivered")) return "PartiallyDelivered";
  const goods = alive.filter(isInventoryLine).map((line) => rank(text(line, "Objstate")));
  return goods.length === 0 ? "Released" : (ladder[Math.max(rank("Released"), Math.min(...goods))] ?? present);
}

function rank(state: string): number {
  return ladder.indexOf(state as Step);
}
