import { invoicesOf } from "./business/invoice.ts";
import { conversion, linesOf, totalsOf } from "./business/order-parts.ts";
import { shipmentsOf } from "./business/shipment.ts";
import { canonical, Decimal } from "./decimal.ts";
import { OdataError, refused } from "./errors.ts";
import { maybeText, num, text } from "./rows.ts";
import type { Row } from "./store.ts";
import type { World } from "./world.ts";

export type Summary = { [name: string]: string | boolean | null | string[] | Summary | Summary[] };

/** A command's JSON input. Names are read without regard to case, so `OrderNo` and `orderNo` are one. */
export type Input = {
  text(name: string): string;
  optional(name: string): string | undefined;
  flag(name: string, fallback: boolean): boolean;
  /** An object of texts and numbers, e.g. quantity by line number. */
  map(name: string): Map<string, string> | undefined;
  decimal(name: string): Decimal;
  order(world: World): Row;
};

export function badInput(message: string): OdataError {
  return new OdataError(400, "CLERK_INPUT", message);
}

export function createInput(body: Record<string, unknown>): Input {
  const values = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const input: Input = {
    optional(name) {
      const value = values.get(name.toLowerCase());
      if (value === undefined || value === null || value === "") return undefined;
      if (typeof value !== "string" && typeof value !== "number") throw badInput(`"${name}" is a text or a number.`);
      return String(value);
    },
    text(name) {
      const value = input.optional(name);
      if (value === undefined) throw badInput(`"${name}" is missing.`);
      return value;
    },
    flag(name, fallback) {
      const value = values.get(name.toLowerCase()) ?? fallback;
      if (typeof value !== "boolean") throw badInput(`"${name}" is true or false.`);
      return value;
    },
    map(name) {
      const value = values.get(name.toLowerCase());
      if (value === undefined || value === null) return undefined;
      if (typeof value !== "object" || Array.isArray(value)) throw badInput(`"${name}" is an object, e.g. {"1": "2"}.`);
      return new Map(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
    },
    decimal: (name) => toDecimal(name, input.text(name)),
    order(world) {
      const orderNo = input.text("orderNo");
      const order = world.table("CustomerOrder").get(orderNo);
      if (!order) throw refused("CustomerOrder", "NOTEXIST", `There is no order ${orderNo}.`);
      return order;
    },
  };
  return input;
}

function toDecimal(name: string, value: string): Decimal {
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw badInput(`"${name}" is a number, not "${value}".`);
  return new Decimal(value);
}

/** `lines: {"1": "2"}` in sales units -> inventory quantity by line number; undefined = everything. */
export function wantedLines(world: World, order: Row, input: Input): Map<string, Decimal> | undefined {
  const given = input.map("lines");
  if (!given) return undefined;
  const lines = linesOf(world, text(order, "OrderNo"));
  return new Map(
    [...given].map(([lineNo, qty]) => {
      const line = lines.find((row) => text(row, "LineNo") === lineNo);
      if (!line) throw badInput(`Order ${text(order, "OrderNo")} has no line ${lineNo}.`);
      return [lineNo, toDecimal("lines", qty).times(conversion(line))];
    }),
  );
}

/** An order for people: where it stands, its lines, shipments and invoices. Quantities in inventory units. */
export function summarizeOrder(world: World, order: Row): Summary {
  const orderNo = text(order, "OrderNo");
  const totals = totalsOf(world, order);
  return {
    orderNo,
    state: text(order, "Objstate"),
    blockedReason: maybeText(order, "BlockedReason"),
    site: text(order, "Contract"),
    customerNo: text(order, "CustomerNo"),
    customerPoNo: maybeText(order, "CustomerPoNo"),
    externalRef: maybeText(order, "ExternalRef"),
    currency: text(order, "CurrencyCode"),
    totalGross: canonical(totals.grossInclChargesCurr),
    lines: linesOf(world, orderNo).map((line) => ({
      lineNo: text(line, "LineNo"),
      catalogNo: text(line, "CatalogNo"),
      state: text(line, "Objstate"),
      quantity: `${canonical(num(line, "BuyQtyDue"))} ${text(line, "SalesUnitMeas")}`,
      reserved: canonical(num(line, "QtyAssigned")),
      picked: canonical(num(line, "QtyPicked")),
      shipped: canonical(num(line, "QtyShipped")),
      invoiced: canonical(num(line, "QtyInvoiced")),
    })),
    shipments: shipmentsOf(world, orderNo).map((shipment) => ({
      shipmentId: text(shipment, "ShipmentId"),
      state: text(shipment, "Objstate"),
      shippedAt: maybeText(shipment, "ActualShipDate"),
      trackingNumber: maybeText(shipment, world.settings.trackingField),
      carrier: maybeText(shipment, "ForwardAgentId"),
    })),
    invoices: invoicesOf(world, orderNo).map((invoice) => ({
      invoiceNo: text(invoice, "InvoiceNo"),
      amount: canonical(num(invoice, "InvoiceAmount")),
      open: canonical(num(invoice, "OpenAmount")),
    })),
  };
}
