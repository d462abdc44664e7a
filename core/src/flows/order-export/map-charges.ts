import type { ConnectorConfig } from "../../domain/config.ts";
import { compare, type DecimalString, decimal, multiply, ONE } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsChargeDraft } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { refuse } from "../refuse.ts";
import { bothPrices } from "./map-lines.ts";
import { bySlug } from "./policy.ts";
import type { ShopOrder } from "./shop-order.ts";
import type { ShopRow } from "./shop-row.ts";
import { taxTargetOf } from "./tax-target.ts";

type ChargeContext = { readonly route: Route; readonly config: ConnectorConfig };

/** Custom lines, shipments, the discount on the total and taxes, each as a charge of its configured type; a discount is negative. */
export function toCharges(
  order: ShopOrder,
  rows: readonly ShopRow[],
  context: ChargeContext,
): Result<IfsChargeDraft[], Rejection> {
  const charges: IfsChargeDraft[] = [];
  for (const row of rows) {
    if (row.kind !== "charge") continue;
    const charge = toCharge(order, row, context);
    if (!charge.ok) return charge;
    charges.push(charge.value);
  }
  return ok(charges);
}

function toCharge(order: ShopOrder, row: ShopRow, context: ChargeContext): Result<IfsChargeDraft, Rejection> {
  const chargeType = chargeTypeOf(row, context);
  if (!chargeType.ok) return chargeType;
  const tax = taxTargetOf(order, row, context);
  if (!tax.ok) return tax;
  const { amount, quantity } = splitOf(order, row);
  const prices = bothPrices(order, row, amount);
  return ok({
    chargeRef: row.ref,
    chargeType: chargeType.value,
    contract: context.route.site as Contract,
    chargeAmount: prices.saleUnitPrice,
    chargeAmountInclTax: prices.unitPriceInclTax,
    chargedQty: quantity,
    ...tax.value,
  });
}

/** Quantity x amount of a custom line where that gives its total, else once the total. */
function splitOf(
  order: ShopOrder,
  { agreedPrice, quantity, total }: ShopRow,
): { readonly amount: DecimalString; readonly quantity: DecimalString } {
  const whole = toDecimal(total);
  if (agreedPrice?.digits === order.digits) {
    const [amount, pieces] = [toDecimal(agreedPrice), decimal(quantity)];
    if (compare(multiply(amount, pieces), whole) === 0) return { amount, quantity: pieces };
  }
  return { amount: whole, quantity: ONE };
}

/** The charge types of the route, and for what it leaves out those of all routes. */
export const chargeTypesOf = ({ route, config }: ChargeContext) => ({
  shipping: route.charges.shipping ?? config.charges.shipping,
  discount: route.charges.discount ?? config.charges.discount,
  rounding: route.charges.rounding ?? config.charges.rounding,
  tax: route.charges.externalTax ?? config.charges.externalTax,
  customLine: (slug: string) =>
    bySlug(route.charges.customLineItems ?? {}, slug) ?? bySlug(config.charges.customLineItems, slug),
});

function chargeTypeOf(row: ShopRow, context: ChargeContext): Result<string, Rejection> {
  const types = chargeTypesOf(context);
  const known = {
    line: [undefined, "charges", "line"],
    customLine: [types.customLine(row.slug ?? ""), `charges.customLineItems.${row.slug}`, "custom line item"],
    shipping: [types.shipping, "charges.shipping", "shipping"],
    discount: [types.discount, "charges.discount", "discount on the total"],
    tax: [types.tax, "charges.externalTax", "tax"],
  } as const;
  const [chargeType, setting, what] = known[row.source];
  if (chargeType) return ok(chargeType);
  return refuse("unmappedCharge", "merchant", {
    message: `No IFS charge type is configured for the ${what} "${row.slug ?? row.label}".`,
    action: `Set \`${setting}\` in the configuration.`,
    field: setting,
    value: row.slug ?? row.label,
  });
}
