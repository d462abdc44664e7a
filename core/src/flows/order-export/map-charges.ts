import type { ConnectorConfig, Route } from "../../domain/config.ts";
import { compare, decimal, multiply, ONE } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsChargeDraft } from "../../domain/ifs-records.ts";
import { toDecimal } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { bothPrices, taxRateOf } from "./map-lines.ts";
import { refuse } from "./refuse.ts";
import type { ShopOrder } from "./shop-order.ts";
import { DISCOUNT_REF, SHIPPING_REF, type ShopRow, shopRows } from "./shop-rows.ts";
import { taxCodeOf } from "./tax.ts";

/** Custom lines, shipping and the discount on the total, each as a charge of its configured type; a discount is negative. */
export function toCharges(
  order: ShopOrder,
  route: Route,
  config: ConnectorConfig,
): Result<IfsChargeDraft[], Rejection> {
  const charges: IfsChargeDraft[] = [];
  for (const row of shopRows(order)) {
    if (row.kind !== "charge") continue;
    const charge = toCharge(order, row, { route, config });
    if (!charge.ok) return charge;
    charges.push(charge.value);
  }
  return ok(charges);
}

function toCharge(
  order: ShopOrder,
  row: ShopRow,
  { route, config }: { route: Route; config: ConnectorConfig },
): Result<IfsChargeDraft, Rejection> {
  const chargeType = chargeTypeOf(order, row, config);
  if (!chargeType.ok) return chargeType;
  const taxRate = taxRateOf({ name: row.label, taxRate: row.taxRate });
  if (!taxRate.ok) return taxRate;
  const taxCode = taxCodeOf(config, taxRate.value);
  if (!taxCode.ok) return taxCode;
  const { amount, quantity } = splitOf(order, row);
  const prices = bothPrices(amount, taxRate.value.rate, order.pricesIncludeTax);
  return ok({
    chargeRef: row.ref,
    chargeType: chargeType.value,
    contract: route.site as Contract,
    chargeAmount: prices.saleUnitPrice,
    chargeAmountInclTax: prices.unitPriceInclTax,
    chargedQty: quantity,
    taxCode: taxCode.value,
  });
}

/** Quantity x amount of a custom line where that gives its total, else once the total. */
function splitOf(order: ShopOrder, row: ShopRow) {
  const total = toDecimal(row.total);
  const line = order.customLines.find(({ id }) => id === row.ref);
  if (line) {
    const [amount, quantity] = [toDecimal(line.agreedPrice), decimal(line.quantity)];
    if (line.agreedPrice.digits === order.digits && compare(multiply(amount, quantity), total) === 0) {
      return { amount, quantity };
    }
  }
  return { amount: total, quantity: ONE };
}

function chargeTypeOf(order: ShopOrder, row: ShopRow, config: ConnectorConfig): Result<string, Rejection> {
  const custom = order.customLines.find(({ id }) => id === row.ref);
  const [setting, chargeType, what] = custom
    ? [
        `charges.customLineItems.${custom.slug}`,
        ownValue(config.charges.customLineItems, custom.slug),
        "custom line item",
      ]
    : row.ref === SHIPPING_REF
      ? ["charges.shipping", config.charges.shipping, "shipping"]
      : row.ref.startsWith(DISCOUNT_REF)
        ? ["charges.discount", config.charges.discount, "discount on the total"]
        : ["charges", undefined, "charge"];
  if (chargeType) return ok(chargeType);
  return refuse("unmappedCharge", "merchant", {
    message: `No IFS charge type is configured for the ${what} "${custom?.slug ?? row.label}".`,
    action: `Set \`${setting}\` in the configuration.`,
    field: setting,
    value: custom?.slug ?? row.label,
  });
}

/** A slug like "constructor" must not find what every object inherits. */
export const ownValue = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
