import { canonical, HUNDRED, ONE, roundMoney } from "../decimal.ts";
import { num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { currencyRate, nullValue, requireIn } from "./basic-data.ts";
import { requireActivePart } from "./order-line-checks.ts";
import { findPrice } from "./pricing.ts";

const LU = "PriceQuery";

/** Computes a customer's price and keeps the work row until it is cleaned. */
export function createPriceQuery(world: World, values: Values): Row {
  for (const name of ["CatalogNo", "SalesQty", "PriceQty", "CustomerNo", "Contract", "CurrencyCode"]) {
    if (values[name] === undefined || values[name] === null) throw nullValue(LU, name);
  }
  const at = { values };
  const customerNo = text(at, "CustomerNo");
  requireIn(world, "CustOrdCustomer", [customerNo], LU, ["NOCUSTOMER", `Customer "${customerNo}" does not exist.`]);
  const salesPart = requireActivePart(world, text(at, "Contract"), text(at, "CatalogNo"));
  const day = text(at, "PriceEffectiveDate") || world.siteToday(text(at, "Contract"));
  const currency = text(at, "CurrencyCode");
  const found = findPrice(world, { salesPart, customerNo, currency, quantity: num(at, "PriceQty"), day });
  const inclTax = values.UsePriceInclTax === true;
  const price = inclTax ? found.priceInclTax : found.price;
  const net = price.times(ONE.minus(found.discount.div(HUNDRED))).toDecimalPlaces(10);
  const company = text(salesPart, "Company");
  const rate = currencyRate(world, LU, company, currency, day);
  const total = roundMoney(net.times(num(at, "PriceQty")), currency);
  const base = text(salesPart, "CurrencyCode");
  return world.table(LU).insert({
    ...values,
    PriceQueryId: String(world.next("PriceQueryId", 1)),
    UsePriceInclTax: inclTax,
    UsePriceInclTaxDb: inclTax,
    PriceEffectiveDate: day,
    SaleUnitPrice: canonical(price),
    BaseSaleUnitPrice: canonical(price.times(rate).toDecimalPlaces(10)),
    NetPrice: canonical(net),
    BaseNetPrice: canonical(net.times(rate).toDecimalPlaces(10)),
    TotalDiscount: canonical(found.discount),
    TotalAmount: canonical(total),
    BaseTotalAmount: canonical(roundMoney(total.times(rate), base)),
    PriceSource: found.source,
    PriceSourceId: found.sourceId,
    PriceSourceNetPrice: false,
    PriceFreeze: false,
    AgreementId: null,
    RebateAgreement: false,
    Company: company,
    BaseCurrencyCode: base,
    Creator: world.user,
  });
}

/** Removes every work row of the user, those of his parallel requests too. */
export function cleanPriceQuery(world: World): void {
  for (const row of [...(world.table(LU).find("Creator", world.user) ?? [])]) world.table(LU).remove(row);
}
