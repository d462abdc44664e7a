import { canonical, type Decimal, ZERO } from "../decimal.ts";
import { refused } from "../errors.ts";
import { maybeText, num, text } from "../rows.ts";
import type { Row } from "../store.ts";
import { addDays } from "../time.ts";
import type { World } from "../world.ts";
import { taxRate } from "./basic-data.ts";
import { lineAmounts } from "./money.ts";
import { chargesOf, conversion, isPriceInclTax, openLinesOf } from "./order-parts.ts";
import { invoicedQty, refreshStates } from "./order-state.ts";

/** Invoices what is delivered and not yet invoiced, with all open charges; the ledger's row. */
export function invoiceOrder(world: World, order: Row): Row {
  const orderNo = text(order, "OrderNo");
  const lines = openLinesOf(world, orderNo).filter((line) => num(line, "QtyShipped").gt(invoicedQty(world, line)));
  if (lines.length === 0) throw refused("CustomerOrder", "NOINVOICE", `Order ${orderNo} has nothing to invoice.`);
  const charges = chargesOf(world, orderNo).filter((charge) => num(charge, "InvoicedQty").isZero());
  const goods = lines.reduce((total, line) => total.plus(grossToInvoice(world, order, line)), ZERO);
  const amount = charges.reduce((total, charge) => total.plus(num(charge, "GrossAmtCurr")), goods);
  const invoice = insertLedgerRow(world, order, amount, "CD");
  for (const line of lines) markInvoiced(world, line, text(invoice, "InvoiceNo"));
  for (const charge of charges) {
    world.table("CustomerOrderCharge").update(charge, { InvoicedQty: canonical(num(charge, "ChargedQty")) });
  }
  refreshStates(world, order);
  return invoice;
}

/** Amount up to the delivered quantity minus amount up to the invoiced one, so that the parts add up to the whole. */
function grossToInvoice(world: World, order: Row, line: Row): Decimal {
  return grossOfQuantity(world, order, line, num(line, "QtyShipped")).minus(
    grossOfQuantity(world, order, line, invoicedQty(world, line)),
  );
}

/** Gross amount of a part of a line, in order currency; `inventoryQty` in inventory units. */
export function grossOfQuantity(world: World, order: Row, line: Row, inventoryQty: Decimal): Decimal {
  const inclTax = isPriceInclTax(order);
  return lineAmounts({
    inclTax,
    price: num(line, inclTax ? "UnitPriceInclTax" : "SaleUnitPrice"),
    quantity: inventoryQty.div(conversion(line)).times(num(line, "PriceConvFactor")),
    discount: num(line, "Discount"),
    orderDiscount: num(line, "OrderDiscount").plus(num(order, "AdditionalDiscount")),
    taxRate: taxRate(world, "CustomerOrderLine", text(order, "Company"), text(line, "TaxCode")),
    currency: text(order, "CurrencyCode"),
  }).gross;
}

/** `series`: CD for debits, CR for credits, which have a negative amount. */
export function insertLedgerRow(world: World, order: Row, amount: Decimal, series: "CD" | "CR"): Row {
  const company = text(order, "Company");
  const number = world.next(`InvoiceNo ${company}`, 300_001);
  const today = world.siteToday(text(order, "Contract"));
  const term = world.table("PaymentTerm").get(company, text(order, "PayTermId"));
  return world.table("InvoiceLedgerItemCu").insert({
    Company: company,
    InvoiceId: String(number),
    InvoiceNo: `${series}${number}`,
    Objstate: "PostedAuth",
    Currency: text(order, "CurrencyCode"),
    InvoiceDate: today,
    DueDate: addDays(today, term ? num(term, "DaysToDue").toNumber() : 0),
    PayTermId: maybeText(order, "PayTermId"),
    InvoiceAmount: canonical(amount),
    OpenAmount: canonical(amount),
    Identity: text(order, "CustomerNoPay") || text(order, "CustomerNo"),
    OrderNo: text(order, "OrderNo"),
  });
}

function markInvoiced(world: World, line: Row, invoiceNo: string) {
  const shipped = num(line, "QtyShipped");
  const shown = world.settings.qtyInvoicedUnit === "sales" ? shipped.div(conversion(line)) : shipped;
  world.table("CustomerOrderLine").update(line, {
    QtyInvoiced: canonical(shown),
    IsInvoiceCreated: true,
    Cf_Invoice_No: invoiceNo,
  });
}

/** The customer paid: the open amount goes to zero. */
export function payInvoice(world: World, invoice: Row): void {
  world.table("InvoiceLedgerItemCu").update(invoice, { OpenAmount: "0", Objstate: "PaidPosted" });
}

export function invoicesOf(world: World, orderNo: string): Row[] {
  return [...(world.table("InvoiceLedgerItemCu").find("OrderNo", orderNo) ?? [])];
}
