import { type Decimal, ONE, ZERO } from "../decimal.ts";
import { flag, num, text } from "../rows.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";

/** The rows that hang on an order, and sums over them. */

export function requireOrder(world: World, orderNo: string): Row {
  const order = world.table("CustomerOrder").get(orderNo);
  if (!order) throw new Error(`there is no order ${orderNo}`);
  return order;
}

export function linesOf(world: World, orderNo: string): Row[] {
  return [...(world.table("CustomerOrderLine").find("OrderNo", orderNo) ?? [])];
}

export function openLinesOf(world: World, orderNo: string): Row[] {
  return linesOf(world, orderNo).filter((line) => text(line, "Objstate") !== "Cancelled");
}

export function chargesOf(world: World, orderNo: string): Row[] {
  return [...(world.table("CustomerOrderCharge").find("OrderNo", orderNo) ?? [])];
}

export function sum(rows: Row[], column: string): Decimal {
  return rows.reduce((total, row) => total.plus(num(row, column)), ZERO);
}

/** What of a line is neither delivered nor given up, in inventory units. */
export function undelivered(line: Row): Decimal {
  return num(line, "RevisedQtyDue").plus(num(line, "QtyShipdiff")).minus(num(line, "QtyShipped"));
}

export function isInventoryLine(line: Row): boolean {
  return text(line, "PartNo") !== "";
}

/** Inventory units in one sales unit. */
export function conversion(line: Row): Decimal {
  const factor = num(line, "ConvFactor");
  return factor.isZero() ? ONE : factor;
}

export function isPriceInclTax(order: Row): boolean {
  return flag(order, "UsePriceInclTax");
}

/** Totals as the order list shows them; cancelled lines count nothing. */
export function totalsOf(world: World, order: Row) {
  const orderNo = text(order, "OrderNo");
  const lines = openLinesOf(world, orderNo);
  const charges = chargesOf(world, orderNo);
  const lineTax = sum(lines, "TaxAmountCurr");
  const chargeTax = sum(charges, "TaxAmountCurrency");
  return {
    netBase: sum(lines, "NetAmountBase"),
    netCurr: sum(lines, "NetAmountCurr"),
    grossCurr: sum(lines, "GrossAmountCurr"),
    chargeNetBase: sum(charges, "NetAmtBase"),
    chargeGrossCurr: sum(charges, "GrossAmtCurr"),
    taxCurr: world.settings.totalTaxIncludesCharges ? lineTax.plus(chargeTax) : lineTax,
    grossInclChargesCurr: sum(lines, "GrossAmountCurr").plus(sum(charges, "GrossAmtCurr")),
  };
}
