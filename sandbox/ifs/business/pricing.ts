import { type Decimal, ZERO } from "../decimal.ts";
import { flag, num, text } from "../rows.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { currencyRate, taxRate } from "./basic-data.ts";
import { otherPrice } from "./money.ts";

export type Price = {
  price: Decimal;
  priceInclTax: Decimal;
  /** Percent that the price list gives on this step. */
  discount: Decimal;
  source: "PriceList" | "SalesPart";
  sourceId: string | null;
};

export type PriceQuestion = {
  salesPart: Row;
  customerNo: string;
  currency: string;
  /** Quantity in the price unit. */
  quantity: Decimal;
  day: string;
};

/** The customer's price list in this currency, else the list price of the sales part, turned into the order currency. */
export function findPrice(world: World, question: PriceQuestion): Price {
  const { salesPart } = question;
  const rate = taxRate(world, "SalesPart", text(salesPart, "Company"), text(salesPart, "TaxCode"));
  const step = priceListStep(world, question);
  if (step) {
    return {
      price: num(step, "SalesPrice"),
      priceInclTax: otherPrice(num(step, "SalesPrice"), rate, false),
      discount: num(step, "Discount"),
      source: "PriceList",
      sourceId: text(step, "PriceListNo"),
    };
  }
  const exchange = currencyRate(world, "SalesPart", text(salesPart, "Company"), question.currency, question.day);
  const price = num(salesPart, "ListPrice")
    .div(exchange)
    .toDecimalPlaces(exchange.eq(1) ? 10 : 2);
  return { price, priceInclTax: otherPrice(price, rate, false), discount: ZERO, source: "SalesPart", sourceId: null };
}

function priceListStep(world: World, question: PriceQuestion): Row | undefined {
  const group = priceGroupOf(world, question.customerNo);
  const lists = [...world.table("SalesPriceList").all()].filter((list) => isUsable(list, group, question));
  const steps = world.table("SalesPriceListPart").find("CatalogNo", text(question.salesPart, "CatalogNo")) ?? [];
  const numbers = new Set(lists.map((list) => text(list, "PriceListNo")));
  return [...steps]
    .filter((step) => numbers.has(text(step, "PriceListNo")) && isValidStep(step, question))
    .sort(betterStep)[0];
}

function priceGroupOf(world: World, customerNo: string): string {
  const sales = world.table("CustOrdCustomer").get(customerNo);
  return sales ? text(sales, "CustPriceGroupId") : "";
}

function isUsable(list: Row, group: string, question: PriceQuestion): boolean {
  const validTo = text(list, "ValidToDate");
  return (
    flag(list, "ActivePriceList") &&
    text(list, "CustPriceGroupId") === group &&
    text(list, "CurrencyCode") === question.currency &&
    (validTo === "" || validTo >= question.day)
  );
}

function isValidStep(step: Row, question: PriceQuestion): boolean {
  const validTo = text(step, "ValidToDate");
  return (
    num(step, "MinQuantity").lte(question.quantity) &&
    text(step, "ValidFromDate") <= question.day &&
    (validTo === "" || validTo >= question.day)
  );
}

/** The largest quantity that is reached; among equals the youngest validity. */
function betterStep(a: Row, b: Row): number {
  const byQuantity = num(b, "MinQuantity").cmp(num(a, "MinQuantity"));
  if (byQuantity !== 0) return byQuantity;
  return text(a, "ValidFromDate") < text(b, "ValidFromDate") ? 1 : -1;
}
