import type { ConnectorConfig, Route } from "../../domain/config.ts";
import {
  add,
  compare,
  type DecimalString,
  decimal,
  divide,
  isZero,
  multiply,
  ONE,
  roundTo,
  ZERO,
} from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { CatalogNo, Contract } from "../../domain/ids.ts";
import type { IfsOrderLineDraft, IfsSalesPart } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { refuse } from "./refuse.ts";
import type { ShopLine, ShopOrder, ShopTaxRate } from "./shop-order.ts";
import { taxCodeOf } from "./tax.ts";
import { MAX_PRICE_DIGITS, unitPriceOf } from "./unit-price.ts";

type LineContext = {
  readonly route: Route;
  readonly config: ConnectorConfig;
  readonly salesParts: readonly IfsSalesPart[];
  readonly wantedDeliveryDate: string;
};

/** Sales part numbers that the order's lines name, each once; lines without SKU name none. */
export const catalogNosOf = (order: ShopOrder, config: ConnectorConfig): CatalogNo[] => [
  ...new Set(order.lines.flatMap(({ sku }) => (sku === undefined ? [] : [toCatalogNo(config, sku)]))),
];

/** One IFS line per line item, repeated SKUs and gifts included. The first line that does not map is the Rejection. */
export function toLines(order: ShopOrder, context: LineContext): Result<IfsOrderLineDraft[], Rejection> {
  const lines: IfsOrderLineDraft[] = [];
  for (const line of order.lines) {
    const mapped = toLine(order, line, context);
    if (!mapped.ok) return mapped;
    lines.push(mapped.value);
  }
  return ok(lines);
}

function toLine(order: ShopOrder, line: ShopLine, context: LineContext): Result<IfsOrderLineDraft, Rejection> {
  const part = salesPartOf(line, context);
  if (!part.ok) return part;
  const units = unitsOf(line, part.value, context.config);
  if (!units.ok) return units;
  const taxRate = taxRateOf(line);
  if (!taxRate.ok) return taxRate;
  const taxCode = taxCodeOf(context.config, taxRate.value);
  if (!taxCode.ok) return taxCode;
  return ok({
    lineRef: line.id,
    contract: context.route.site as Contract,
    catalogNo: part.value.catalogNo,
    partNo: part.value.partNo,
    buyQtyDue: units.value.buyQtyDue,
    convFactor: units.value.convFactor,
    priceConvFactor: part.value.priceConvFactor,
    salesUnitMeas: part.value.salesUnitMeas,
    priceUnitMeas: part.value.priceUnitMeas,
    ...pricesOf(order, line, part.value, { rate: taxRate.value.rate, buyQtyDue: units.value.buyQtyDue }),
    discount: ZERO,
    taxCode: taxCode.value,
    wantedDeliveryDate: context.wantedDeliveryDate,
  });
}

function salesPartOf(line: ShopLine, { route, config, salesParts }: LineContext): Result<IfsSalesPart, Rejection> {
  if (line.sku === undefined) {
    return refuse("unmappedSku", "merchant", {
      message: `The line "${line.name}" has no SKU.`,
      action: "Give the product variant a SKU and enter this order in IFS by hand.",
      field: "lineItems.variant.sku",
    });
  }
  const catalogNo = toCatalogNo(config, line.sku);
  const part = salesParts.find((candidate) => candidate.catalogNo === catalogNo && candidate.contract === route.site);
  if (part?.active) return ok(part);
  return refuse("unmappedSku", "ifsAdministrator", {
    message: `SKU ${line.sku}: site ${route.site} has ${part ? "only an inactive" : "no"} sales part ${catalogNo}.`,
    action: part
      ? "Activate the sales part in IFS."
      : "Create the sales part in IFS for this site, or name another one under `skus.exceptions`.",
    field: "lineItems.variant.sku",
    value: line.sku,
  });
}

type Units = { readonly buyQtyDue: DecimalString; readonly convFactor: DecimalString };

/** Quantities are exact or refused: a quotient that does not end within nine decimals is no factor to rely on. */
function unitsOf(line: ShopLine, part: IfsSalesPart, config: ConnectorConfig): Result<Units, Rejection> {
  const no = (message: string) =>
    refuse("unmappedUnit", "ifsAdministrator", {
      message: `SKU ${line.sku}: ${message}`,
      action: "Correct the unit conversion of the sales part in IFS, or `units.sellBySalesUnit`.",
      field: "lineItems.quantity",
      value: String(line.quantity),
    });
  const { convFactor, invertedConvFactor, priceConvFactor } = part;
  if ([convFactor, invertedConvFactor, priceConvFactor].some((factor) => compare(factor, ZERO) <= 0)) {
    return no("a conversion factor of the sales part is not positive.");
  }
  const perSalesUnit = divide(convFactor, invertedConvFactor);
  const quantity = decimal(line.quantity);
  const buyQtyDue = config.units.sellBySalesUnit ? quantity : divide(quantity, perSalesUnit);
  if ([perSalesUnit, buyQtyDue].some((value) => compare(roundTo(value, 9), value) !== 0)) {
    return no(
      `${line.quantity} ${part.unitMeas ?? "pieces"} are no exact number of ${part.salesUnitMeas} (factor ${convFactor}/${invertedConvFactor}).`,
    );
  }
  return ok({ buyQtyDue, convFactor: perSalesUnit });
}

export function taxRateOf(row: {
  readonly name: string;
  readonly taxRate: ShopTaxRate | undefined;
}): Result<ShopTaxRate, Rejection> {
  if (row.taxRate) return ok(row.taxRate);
  return refuse("unmappedTax", "merchant", {
    message: `"${row.name}" has no tax rate in commercetools.`,
    action: "Set tax category and tax rate, or enter this order in IFS by hand.",
    field: "taxRate",
  });
}

/** Both unit prices of a line per IFS price unit; the one that the order's mode decides gives the line's exact total. */
function pricesOf(
  order: ShopOrder,
  line: ShopLine,
  part: IfsSalesPart,
  { rate, buyQtyDue }: { rate: DecimalString; buyQtyDue: DecimalString },
): { saleUnitPrice: DecimalString; unitPriceInclTax: DecimalString } {
  const perPiece = divide(decimal(line.quantity), buyQtyDue);
  const agreed = divide(multiply(toDecimal(line.agreedPrice), perPiece), part.priceConvFactor);
  const { price } = unitPriceOf(line.total, multiply(buyQtyDue, part.priceConvFactor), agreed);
  return bothPrices(price, rate, order.pricesIncludeTax);
}

/** The deciding price and, for information, the other one. */
export function bothPrices(
  price: DecimalString,
  rate: DecimalString,
  includesTax: boolean,
): { saleUnitPrice: DecimalString; unitPriceInclTax: DecimalString } {
  const factor = add(ONE, rate);
  if (isZero(price)) return { saleUnitPrice: ZERO, unitPriceInclTax: ZERO };
  return includesTax
    ? { saleUnitPrice: roundTo(divide(price, factor), MAX_PRICE_DIGITS), unitPriceInclTax: price }
    : { saleUnitPrice: price, unitPriceInclTax: roundTo(multiply(price, factor), MAX_PRICE_DIGITS) };
}
