import type { ConnectorConfig } from "../../domain/config.ts";
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
import type { Route } from "../../domain/route-config.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { refuse } from "../refuse.ts";
import { bySlug, usesPricesInclTax } from "./policy.ts";
import { shipViaOf } from "./ship-via.ts";
import type { ShopOrder } from "./shop-order.ts";
import { rateOf, type ShopRow } from "./shop-row.ts";
import { taxTargetOf } from "./tax-target.ts";
import { percentOf, priceDigits, unitPriceOf } from "./unit-price.ts";

type LineContext = {
  readonly route: Route;
  readonly config: ConnectorConfig;
  readonly salesParts: readonly IfsSalesPart[];
  readonly wantedDeliveryDate: string;
};

/** Sales part numbers that the order's lines name, each once; lines without SKU name none. */
export const catalogNosOf = (order: ShopOrder, config: ConnectorConfig): CatalogNo[] => [
  ...new Set([
    ...order.lines.flatMap(({ sku }) => (sku === undefined ? [] : [toCatalogNo(config, sku)])),
    ...order.customLines.flatMap(({ slug }) => {
      const part = bySlug(config.charges.customLineItemParts, slug);
      return part === undefined ? [] : [part as CatalogNo];
    }),
  ]),
];

/** One IFS line per row, repeated SKUs and gifts included. The first row that does not map is the Rejection. */
export function toLines(
  order: ShopOrder,
  rows: readonly ShopRow[],
  context: LineContext,
): Result<IfsOrderLineDraft[], Rejection> {
  const lines: IfsOrderLineDraft[] = [];
  for (const row of rows) {
    if (row.kind !== "line") continue;
    const mapped = toLine(order, row, context);
    if (!mapped.ok) return mapped;
    lines.push(mapped.value);
  }
  return ok(lines);
}

function toLine(order: ShopOrder, row: ShopRow, context: LineContext): Result<IfsOrderLineDraft, Rejection> {
  const part = salesPartOf(row, context);
  if (!part.ok) return part;
  const units = unitsOf(row, part.value, context.config);
  if (!units.ok) return units;
  const tax = taxTargetOf(order, row, context);
  if (!tax.ok) return tax;
  const shipVia = row.shipping ? shipViaOf([row.shipping], context.route) : ok(undefined);
  if (!shipVia.ok) return shipVia;
  const number = row.ref === row.id ? undefined : Number(row.ref.slice(row.id.length + 1));
  return ok({
    lineRef: row.id,
    ...(number !== undefined && { part: number }),
    contract: context.route.site as Contract,
    catalogNo: part.value.catalogNo,
    partNo: part.value.partNo,
    buyQtyDue: units.value.buyQtyDue,
    convFactor: units.value.convFactor,
    priceConvFactor: part.value.priceConvFactor,
    salesUnitMeas: part.value.salesUnitMeas,
    priceUnitMeas: part.value.priceUnitMeas,
    ...pricesOf(order, row, { part: part.value, buyQtyDue: units.value.buyQtyDue }),
    ...tax.value,
    wantedDeliveryDate: context.wantedDeliveryDate,
    ...(context.route.priceList !== undefined && { priceListNo: context.route.priceList }),
    ...(shipVia.value !== undefined && { shipViaCode: shipVia.value }),
  });
}

function salesPartOf(row: ShopRow, { route, config, salesParts }: LineContext): Result<IfsSalesPart, Rejection> {
  const catalogNo = row.catalogNo ?? (row.item?.sku === undefined ? undefined : toCatalogNo(config, row.item.sku));
  if (catalogNo === undefined) {
    return refuse("unmappedSku", "merchant", {
      message: `The line "${row.name}" has no SKU.`,
      action: "Give the product variant a SKU and enter this order in IFS by hand.",
      field: "lineItems.variant.sku",
    });
  }
  const part = salesParts.find((candidate) => candidate.catalogNo === catalogNo && candidate.contract === route.site);
  if (part?.active) return ok(part);
  const [what, field] = row.item
    ? [`SKU ${row.label}`, "lineItems.variant.sku"]
    : [`Custom line item ${row.label}`, "customLineItems.slug"];
  return refuse("unmappedSku", "ifsAdministrator", {
    message: `${what}: site ${route.site} has ${part ? "only an inactive" : "no"} sales part ${catalogNo}.`,
    action: part
      ? "Activate the sales part in IFS."
      : "Create the sales part in IFS for this site, or name another one under `skus.exceptions`.",
    field,
    value: row.label,
  });
}

type Units = { readonly buyQtyDue: DecimalString; readonly convFactor: DecimalString };

/** Quantities are exact or refused: a quotient that does not end within nine decimals is no factor to rely on. */
function unitsOf(row: ShopRow, part: IfsSalesPart, config: ConnectorConfig): Result<Units, Rejection> {
  const no = (message: string) =>
    refuse("unmappedUnit", "ifsAdministrator", {
      message: `SKU ${row.label}: ${message}`,
      action: "Correct the unit conversion of the sales part in IFS, or `units.sellBySalesUnit`.",
      field: "lineItems.quantity",
      value: String(row.quantity),
    });
  const { convFactor, invertedConvFactor, priceConvFactor } = part;
  if ([convFactor, invertedConvFactor, priceConvFactor].some((factor) => compare(factor, ZERO) <= 0)) {
    return no("a conversion factor of the sales part is not positive.");
  }
  const perSalesUnit = divide(convFactor, invertedConvFactor);
  const quantity = decimal(row.quantity);
  const buyQtyDue = config.units.sellBySalesUnit ? quantity : divide(quantity, perSalesUnit);
  if ([perSalesUnit, buyQtyDue].some((value) => compare(roundTo(value, 9), value) !== 0)) {
    return no(
      `${row.quantity} ${part.unitMeas ?? "pieces"} are no exact number of ${part.salesUnitMeas} (factor ${convFactor}/${invertedConvFactor}).`,
    );
  }
  return ok({ buyQtyDue, convFactor: perSalesUnit });
}

type Prices = Pick<IfsOrderLineDraft, "saleUnitPrice" | "unitPriceInclTax" | "discount">;

/** Both unit prices of a line per IFS price unit; the one that the order's mode decides gives the line's exact total. */
function pricesOf(
  order: ShopOrder,
  row: ShopRow,
  { part, buyQtyDue }: { readonly part: IfsSalesPart; readonly buyQtyDue: DecimalString },
): Prices {
  const perPiece = divide(decimal(row.quantity), buyQtyDue);
  const agreed = row.agreedPrice && divide(multiply(toDecimal(row.agreedPrice), perPiece), part.priceConvFactor);
  const priceUnits = multiply(buyQtyDue, part.priceConvFactor);
  const max = priceDigits(order);
  const readable = agreed !== undefined && compare(roundTo(agreed, max), agreed) === 0;
  const percent =
    order.policy.lineDiscounts === "percent" && readable ? percentOf(row.total, priceUnits, agreed) : undefined;
  const price = percent === undefined ? unitPriceOf(row.total, priceUnits, { agreed, max }).price : (agreed ?? ZERO);
  return { ...bothPrices(order, row, price), discount: percent ?? ZERO };
}

/** The deciding price and, for information, the other one. */
export function bothPrices(
  order: ShopOrder,
  row: ShopRow,
  price: DecimalString,
): Pick<IfsOrderLineDraft, "saleUnitPrice" | "unitPriceInclTax"> {
  if (isZero(price)) return { saleUnitPrice: ZERO, unitPriceInclTax: ZERO };
  const factor = row.ifsTax === "none" ? ONE : add(ONE, rateOf(row));
  const digits = priceDigits(order);
  return usesPricesInclTax(order)
    ? { saleUnitPrice: roundTo(divide(price, factor), digits), unitPriceInclTax: price }
    : { saleUnitPrice: price, unitPriceInclTax: roundTo(multiply(price, factor), digits) };
}
