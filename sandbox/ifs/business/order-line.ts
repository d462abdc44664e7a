import { canonical, type Decimal, ONE, roundMoney } from "../decimal.ts";
import { refused } from "../errors.ts";
import { flag, maybeText, num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { currencyRate, requireRate, taxFreeCode, taxRate } from "./basic-data.ts";
import { lineAmounts } from "./money.ts";
import { checkNewLine, requireActivePart, requireLineFields } from "./order-line-checks.ts";
import { isPriceInclTax, linesOf, requireOrder } from "./order-parts.ts";
import { findPrice, type Price } from "./pricing.ts";

const LU = "CustomerOrderLine";

/** Adds a line to an order. The page's defaults are not behind the API: what is missing is refused. */
export function createLine(world: World, values: Values): Row {
  requireLineFields(world, values);
  return insertLine(world, values, requireOwnRate);
}

/** The same for a person at the order page, which leaves nothing out and knows the rate. */
export function enterLine(world: World, values: Values): Row {
  return insertLine(world, values, () => undefined);
}

function insertLine(world: World, values: Values, judge: typeof requireOwnRate): Row {
  const order = requireOrder(world, String(values.OrderNo));
  requireOpenForLines(order);
  const salesPart = checkNewLine(world, order, values);
  const line: Values = {
    ...values,
    ...identity(world, order, values),
    ...fromPart(salesPart),
    ...progress(),
    ...deliveryOf(order, values),
    CustomersPONo: maybeText(order, "CustomerPoNo"),
    DateEntered: world.siteNow(text(order, "Contract")),
  };
  const quantities = quantitiesOf(world, salesPart, line);
  const priced = pricedLine(world, order, { ...line, ...quantities }, true);
  judge(world, values, priced);
  const row = world.table("CustomerOrderLine").insert({ ...line, ...quantities, ...priced });
  if (world.settings.lineInsertTouchesHeader) world.table("CustomerOrder").update(order, {});
  return row;
}

function requireOpenForLines(order: Row) {
  const state = text(order, "Objstate");
  if (["PartiallyDelivered", "Delivered", "Invoiced", "Cancelled"].includes(state)) {
    throw refused(LU, "NOINSERT", `Lines may not be added to an order that is ${state}.`);
  }
}

function identity(world: World, order: Row, values: Values): Values {
  const taken = linesOf(world, text(order, "OrderNo")).map((line) => Number(text(line, "LineNo")));
  const state = text(order, "Objstate");
  return {
    LineNo: values.LineNo ?? String(Math.max(0, ...taken) + 1),
    RelNo: values.RelNo ?? "1",
    LineItemNo: values.LineItemNo ?? "0",
    Identity1: text(order, "OrderNo"),
    Source: "CUSTOMERORDER",
    Company: text(order, "Company"),
    CustomerNo: text(order, "CustomerNo"),
    // A line added after the release follows its order at once.
    Objstate: state === "Planned" || state === "Blocked" ? "Planned" : "Released",
  };
}

function fromPart(salesPart: Row): Values {
  return {
    CatalogDesc: maybeText(salesPart, "CatalogDesc"),
    CatalogType: text(salesPart, "PartNo") === "" ? "NonInventoryPart" : "InventoryPart",
    PartNo: maybeText(salesPart, "PartNo"),
    SalesUnitMeas: maybeText(salesPart, "SalesUnitMeas"),
    InventoryUnitMeas: maybeText(salesPart, "UnitMeas"),
    PriceUnitMeas: maybeText(salesPart, "PriceUnitMeas"),
    PriceConvFactor: maybeText(salesPart, "PriceConvFactor"),
    InvertedConvFactor: maybeText(salesPart, "InvertedConvFactor"),
    SalesPriceGroupId: maybeText(salesPart, "SalesPriceGroupId"),
    Gtin: maybeText(salesPart, "Gtin"),
    Taxable: flag(salesPart, "Taxable"),
  };
}

function progress(): Values {
  const columns = "QtyAssigned QtyShort QtyPicked QtyShipped QtyShipdiff QtyInvoiced QtyReturned QtyOnOrder CharPrice";
  return Object.fromEntries(columns.split(" ").map((name) => [name, "0"]));
}

function deliveryOf(order: Row, values: Values): Values {
  return {
    DeliveryTerms: values.DeliveryTerms ?? maybeText(order, "DeliveryTerms"),
    DelTermsLocation: values.DelTermsLocation ?? maybeText(order, "DelTermsLocation"),
    ShipViaCode: values.ShipViaCode ?? maybeText(order, "ShipViaCode"),
    ForwardAgentId: values.ForwardAgentId ?? maybeText(order, "ForwardAgentId"),
    PromisedDeliveryDate: values.PromisedDeliveryDate ?? values.PlannedDeliveryDate ?? null,
    PlannedShipDate: values.PlannedShipDate ?? values.PlannedDeliveryDate ?? null,
    PlannedDueDate: String(values.PlannedDeliveryDate ?? values.WantedDeliveryDate).slice(0, 10),
  };
}

function quantitiesOf(world: World, salesPart: Row, line: Values): Values {
  if (world.settings.quantityMismatch !== "recompute") return {};
  const factor = num(salesPart, "ConvFactor");
  return {
    ConvFactor: canonical(factor),
    RevisedQtyDue: canonical(num({ values: line }, "BuyQtyDue").times(factor)),
  };
}

/** Tax code, price and amounts of a line that is new or changed. `reprice`: ask the price lists unless it is frozen. */
function pricedLine(world: World, order: Row, line: Values, reprice: boolean): Values {
  const at = { values: line };
  const company = text(order, "Company");
  const taxCode = taxCodeFor(world, company, line);
  const frozen = text(at, "PriceFreeze") === world.settings.priceFreezeFrozenMember;
  const found = reprice && !frozen ? askPrice(world, order, line) : undefined;
  const inclTax = isPriceInclTax(order);
  const given = num(at, inclTax ? "UnitPriceInclTax" : "SaleUnitPrice");
  const amounts = lineAmounts({
    inclTax,
    price: found ? (inclTax ? found.priceInclTax : found.price) : given,
    quantity: num(at, "BuyQtyDue").times(num(at, "PriceConvFactor")),
    discount: found?.discount.gt(0) ? found.discount : num(at, "Discount"),
    orderDiscount: num(at, "OrderDiscount").plus(num(order, "AdditionalDiscount")),
    taxRate: taxRate(world, LU, company, taxCode),
    currency: text(order, "CurrencyCode"),
  });
  if (!found && world.settings.taxPriceMismatch === "refuse") requirePricesToMatch(at, amounts, inclTax);
  const rate = usedRate(world, order, at);
  return {
    TaxCode: taxCode,
    ...priceSource(found),
    ...amountValues(world, order, amounts, rate),
    ...discountOf(found, at),
  };
}

/** The company's rate of the day, or by setting the caller's. */
function usedRate(world: World, order: Row, at: { values: Values }): Decimal {
  if (world.settings.currencyRateMismatch === "keep") return num(at, "CurrencyRate");
  const currency = text(order, "CurrencyCode");
  return currencyRate(world, LU, text(order, "Company"), currency, text(order, "DateEntered").slice(0, 10));
}

/** By setting, a new line whose rate or (where it was not priced again) base price differs from IFS's own is refused. */
function requireOwnRate(world: World, values: Values, priced: Values) {
  if (world.settings.currencyRateMismatch !== "refuse") return;
  const [given, own] = [{ values }, { values: priced }];
  requireRate(num(given, "CurrencyRate"), num(own, "CurrencyRate"));
  const base = num(own, "BaseSaleUnitPrice");
  if (!("PriceSource" in priced) && num(given, "BaseSaleUnitPrice").minus(base).abs().gt("0.01")) {
    throw refused(LU, "BASEPRICE", `The price in company currency is ${canonical(base)}.`);
  }
}

function discountOf(found: Price | undefined, at: { values: Values }): Values {
  return { Discount: canonical(found?.discount.gt(0) ? found.discount : num(at, "Discount")) };
}

function requirePricesToMatch(at: { values: Values }, amounts: ReturnType<typeof lineAmounts>, inclTax: boolean) {
  const given = num(at, inclTax ? "SaleUnitPrice" : "UnitPriceInclTax");
  const own = inclTax ? amounts.unitPrice : amounts.unitPriceInclTax;
  if (given.minus(own).abs().gt("0.01")) {
    throw refused(LU, "PRICETAX", `The prices with and without tax differ by other than the tax: ${canonical(own)}.`);
  }
}

/** Defaults when the line asks for them: the part's code, or the tax-free code of an exempt customer. */
function taxCodeFor(world: World, company: string, line: Values): string {
  const at = { values: line };
  const given = text(at, "TaxCode");
  const { taxOverride } = world.settings;
  if (given !== "" && text(at, "FetchTaxFromDefaults") !== "TRUE" && taxOverride !== "ignore") {
    if (taxOverride === "refuse") throw refused(LU, "NOTAXOVERRIDE", "The tax code may not be entered.");
    return given;
  }
  const salesPart = requireActivePart(world, text(at, "Contract"), text(at, "CatalogNo"));
  if (text(at, "TaxLiability") === "EXEMPT" || !flag(salesPart, "Taxable")) return taxFreeCode(world, company);
  return text(salesPart, "TaxCode");
}

function askPrice(world: World, order: Row, line: Values): Price {
  const at = { values: line };
  return findPrice(world, {
    salesPart: requireActivePart(world, text(at, "Contract"), text(at, "CatalogNo")),
    customerNo: text(order, "CustomerNo"),
    currency: text(order, "CurrencyCode"),
    quantity: num(at, "BuyQtyDue").times(num(at, "PriceConvFactor")),
    day: text(at, "PriceEffectivityDate") || text(order, "DateEntered").slice(0, 10),
  });
}

function priceSource(found: Price | undefined): Values {
  if (!found) return {};
  return {
    PriceSource: found.source,
    PriceSourceId: found.sourceId,
    PriceListNo: found.source === "PriceList" ? found.sourceId : null,
  };
}

function amountValues(world: World, order: Row, amounts: ReturnType<typeof lineAmounts>, rate: Decimal): Values {
  const base = text(order, "CompanyCurrencyCode");
  const inBase = (value: Decimal) => roundMoney(value.times(rate), base);
  const toBase = rate.eq(ONE)
    ? (value: Decimal) => canonical(value)
    : (value: Decimal) => canonical(value.times(rate).toDecimalPlaces(10));
  return {
    CurrencyRate: canonical(rate),
    SaleUnitPrice: canonical(amounts.unitPrice),
    UnitPriceInclTax: canonical(amounts.unitPriceInclTax),
    BaseSaleUnitPrice: toBase(amounts.unitPrice),
    BaseUnitPriceInclTax: toBase(amounts.unitPriceInclTax),
    DiscountAmountCurr: canonical(amounts.discount),
    TotalOrderLineDiscount: canonical(amounts.discount.plus(amounts.orderDiscount)),
    AdditionalDiscount: canonical(num(order, "AdditionalDiscount")),
    PriceEffectivityDate: world.siteToday(text(order, "Contract")),
    NetAmountCurr: canonical(amounts.net),
    TaxAmountCurr: canonical(amounts.tax),
    GrossAmountCurr: canonical(amounts.gross),
    NetAmountBase: canonical(inBase(amounts.net)),
    TaxAmountBase: canonical(inBase(amounts.tax)),
    GrossAmountBase: canonical(inBase(amounts.net).plus(inBase(amounts.tax))),
  };
}

const changeable = new Set([
  ..."BuyQtyDue RevisedQtyDue DesiredQty WantedDeliveryDate PlannedDeliveryDate PromisedDeliveryDate TargetDate".split(
    " ",
  ),
  ..."PlannedShipDate SaleUnitPrice UnitPriceInclTax Discount OrderDiscount PriceFreeze TaxCode TaxLiability".split(
    " ",
  ),
  ..."FetchTaxFromDefaults NoteText CustomerPoLineNo ShipAddrNo DeliveryTerms ShipViaCode ForwardAgentId".split(" "),
  ..."CloseTolerance CancelReason Contact DelTermsLocation PlannedDueDate".split(" "),
]);

/** Changes a line that is not yet delivered. A new quantity moves with its inventory quantity and is priced again. */
export function updateLine(world: World, line: Row, changes: Values): void {
  const state = text(line, "Objstate");
  if (["Delivered", "Invoiced", "Cancelled"].includes(state)) {
    throw refused(LU, "NOUPDATE", `The order line is ${state} and may not be changed.`);
  }
  const real = Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => value !== (line.values[name] ?? null)),
  );
  for (const name of Object.keys(real)) {
    if (!changeable.has(name)) throw refused(LU, "UPDNOTALLOWED", `Field [${name}] may not be changed.`);
  }
  const order = requireOrder(world, text(line, "OrderNo"));
  const merged: Values = { ...line.values, ...real, ...changedQuantities(world, line, real) };
  const reprice = "BuyQtyDue" in real || "PriceFreeze" in real;
  world.table("CustomerOrderLine").update(line, { ...merged, ...pricedLine(world, order, merged, reprice) });
}

function changedQuantities(world: World, line: Row, changes: Values): Values {
  if (!("BuyQtyDue" in changes) && !("RevisedQtyDue" in changes)) return {};
  const buy = num({ values: { ...line.values, ...changes } }, "BuyQtyDue");
  const due = buy.times(num(line, "ConvFactor"));
  const given = changes.RevisedQtyDue;
  if (typeof given === "string" && !due.eq(given) && world.settings.quantityMismatch === "refuse") {
    throw refused(LU, "QTYMISMATCH", `The inventory quantity must be ${canonical(due)}.`);
  }
  if (due.lte(0)) throw refused(LU, "QTYZERO", "The quantity must be greater than zero.");
  if (due.lt(num(line, "QtyAssigned").plus(num(line, "QtyShipped")))) {
    throw refused(LU, "QTYLESS", "The quantity may not be less than what is already reserved or delivered.");
  }
  return { RevisedQtyDue: canonical(due), DesiredQty: canonical(buy) };
}

/** After a header change: amounts again, prices kept. */
export function repriceLines(world: World, order: Row): void {
  for (const line of linesOf(world, text(order, "OrderNo"))) {
    if (text(line, "Objstate") === "Cancelled") continue;
    world.table("CustomerOrderLine").update(line, pricedLine(world, order, line.values, false));
  }
}
