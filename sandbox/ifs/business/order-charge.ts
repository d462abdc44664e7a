import { canonical, type Decimal, roundMoney } from "../decimal.ts";
import { refused } from "../errors.ts";
import { flag, maybeText, num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { currencyRate, nullValue, requireIn, requireRate, taxFreeCode, taxRate } from "./basic-data.ts";
import { otherPrice, taxOn, taxWithin } from "./money.ts";
import { chargesOf, isPriceInclTax, linesOf, requireOrder } from "./order-parts.ts";

const LU = "CustomerOrderCharge";

/** Adds a charge: freight, a discount, rounding. Its tax comes from the charge type, not from the caller's amounts. */
export function createCharge(world: World, values: Values): Row {
  const order = requireOrder(world, String(values.OrderNo));
  if (["Delivered", "Invoiced", "Cancelled"].includes(text(order, "Objstate"))) {
    throw refused(LU, "NOINSERT", `Charges may not be added to an order that is ${text(order, "Objstate")}.`);
  }
  for (const name of world.settings.chargeMandatory) {
    if (values[name] === undefined || values[name] === null) throw nullValue(LU, name);
  }
  const type = checkCharge(world, order, values);
  const taken = chargesOf(world, text(order, "OrderNo")).map((charge) => Number(text(charge, "SequenceNo")));
  const row = world.table("CustomerOrderCharge").insert({
    ...values,
    SequenceNo: String(Math.max(0, ...taken) + 1),
    Company: text(order, "Company"),
    InvoicedQty: "0",
    ChargeTypeDescription: maybeText(type, "ChargeTypeDesc"),
    ChargeGroupDesc: maybeText(type, "ChargeGroup"),
    ...amounts(world, order, type, values),
  });
  if (world.settings.lineInsertTouchesHeader) world.table("CustomerOrder").update(order, {});
  return row;
}

const changeable = ["ChargeAmount", "ChargeAmountInclTax", "ChargedQty", "ChargeCost", "TaxCode"];

/** Changes a charge that is not invoiced; base amounts and tax follow. */
export function updateCharge(world: World, charge: Row, changes: Values): void {
  const order = requireOrder(world, text(charge, "OrderNo"));
  const ended = ["Delivered", "Invoiced", "Cancelled"].includes(text(order, "Objstate"));
  if (ended || !num(charge, "InvoicedQty").isZero()) {
    throw refused(LU, "NOUPDATE", `The charge of order ${text(order, "OrderNo")} may not be changed any more.`);
  }
  const real = Object.entries(changes).filter(([name, value]) => value !== (charge.values[name] ?? null));
  const fixed = real.find(([name]) => !changeable.includes(name));
  if (fixed) throw refused(LU, "UPDNOTALLOWED", `Field [${fixed[0]}] may not be changed.`);
  const merged = { ...charge.values, ...Object.fromEntries(real) };
  const type = checkCharge(world, order, merged);
  world.table(LU).update(charge, { ...merged, ...amounts(world, order, type, merged) });
}

export function removeCharge(world: World, charge: Row): void {
  if (!num(charge, "InvoicedQty").isZero()) throw refused(LU, "NOREMOVE", "An invoiced charge may not be removed.");
  world.table(LU).remove(charge);
}

function checkCharge(world: World, order: Row, values: Values): Row {
  const at = { values };
  if (text(at, "Contract") !== text(order, "Contract") || text(at, "Company") !== text(order, "Company")) {
    throw refused(LU, "SITEDIFF", "Site and company of a charge are those of its order.");
  }
  const lineNo = text(at, "LineNo");
  if (lineNo !== "" && !linesOf(world, text(order, "OrderNo")).some((line) => text(line, "LineNo") === lineNo)) {
    throw refused(LU, "NOLINE", `Order line "${lineNo}" does not exist.`);
  }
  const type = requireIn(world, "SalesChargeType", [text(at, "Contract"), text(at, "ChargeType")], LU, [
    "NOCHARGETYPE",
    `Charge type "${text(at, "ChargeType")}" does not exist on site ${text(at, "Contract")}.`,
  ]);
  if (num(at, "ChargedQty").lte(0)) throw refused(LU, "QTYZERO", "The charged quantity must be greater than zero.");
  const negative = num(at, "ChargeAmount").lt(0) || num(at, "ChargeAmountInclTax").lt(0);
  if (negative && world.settings.discountChargeSign === "negativeRefused") {
    throw refused(LU, "NEGATIVE", "The charge amount may not be negative.");
  }
  return type;
}

function amounts(world: World, order: Row, type: Row, values: Values): Values {
  const at = { values };
  const company = text(order, "Company");
  const currency = text(order, "CurrencyCode");
  const inclTax = isPriceInclTax(order);
  const taxCode = chargeTaxCode(world, order, type, text(at, "TaxCode"));
  const percent = taxRate(world, LU, company, taxCode);
  const price = signed(world, type, num(at, inclTax ? "ChargeAmountInclTax" : "ChargeAmount"));
  const other = otherPrice(price, percent, inclTax);
  const total = roundMoney(price.times(num(at, "ChargedQty")), currency);
  const tax = inclTax ? taxWithin(total, percent, currency) : taxOn(total, percent, currency);
  const net = inclTax ? total.minus(tax) : total;
  const own = currencyRate(world, LU, company, currency, text(order, "DateEntered").slice(0, 10));
  const { currencyRateMismatch } = world.settings;
  if (currencyRateMismatch === "refuse") requireRate(num(at, "CurrencyRate"), own);
  const rate = currencyRateMismatch === "keep" ? num(at, "CurrencyRate") : own;
  const base = (value: Decimal) => roundMoney(value.times(rate), text(order, "CompanyCurrencyCode"));
  const [without, withTax] = inclTax ? [other, price] : [price, other];
  return {
    TaxCode: taxCode,
    TaxLiability: text(order, "TaxLiability"),
    CurrencyRate: canonical(rate),
    ChargeAmount: canonical(without),
    ChargeAmountInclTax: canonical(withTax),
    BaseChargeAmount: canonical(without.times(rate).toDecimalPlaces(10)),
    BaseChargeAmtInclTax: canonical(withTax.times(rate).toDecimalPlaces(10)),
    TaxAmountCurrency: canonical(tax),
    NetAmtCurr: canonical(net),
    GrossAmtCurr: canonical(net.plus(tax)),
    NetAmtBase: canonical(base(net)),
    GrossAmtBase: canonical(base(net).plus(base(tax))),
  };
}

function signed(world: World, type: Row, amount: Decimal): Decimal {
  const turned = world.settings.discountChargeSign === "negated" && text(type, "Kind") === "DISCOUNT";
  return turned ? amount.negated() : amount;
}

function chargeTaxCode(world: World, order: Row, type: Row, given: string): string {
  if (given !== "") return given;
  const exempt = text(order, "TaxLiability") === "EXEMPT" || !flag(type, "Taxable");
  return exempt ? taxFreeCode(world, text(order, "Company")) : text(type, "TaxCode");
}
