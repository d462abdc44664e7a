/** How an order is expressed where IFS offers more than one way: what the merchant configured, and what follows from it. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { ChargesPolicy, ShopOrder } from "./shop-order.ts";

export const defaultPolicy: ChargesPolicy = {
  discountOnTotal: "charge",
  lineDiscounts: "price",
  externalTax: "compute",
  subTaxes: "each",
  priceDecimals: undefined,
  customLineItemParts: {},
};

export const withPolicy = (
  order: ShopOrder,
  { charges, tax, orders }: Pick<ConnectorConfig, "charges" | "tax" | "orders">,
): ShopOrder => ({
  ...order,
  policy: {
    discountOnTotal: charges.discountOnTotal,
    lineDiscounts: charges.lineDiscounts,
    externalTax: tax.external.amounts,
    subTaxes: tax.subTaxes,
    priceDecimals: orders.priceDecimals,
    customLineItemParts: charges.customLineItemParts,
  },
});

/** The order's taxes were computed outside of commercetools. */
export const isTaxedOutside = ({ taxMode }: ShopOrder): boolean =>
  taxMode === "External" || taxMode === "ExternalAmount";

/** Taxes that IFS must not compute again: sent as charges, or expected as given. */
export const taxesAsCharges = (order: ShopOrder): boolean =>
  isTaxedOutside(order) && order.policy.externalTax === "charge";
export const taxesAsGiven = (order: ShopOrder): boolean =>
  isTaxedOutside(order) && order.policy.externalTax === "check";

/** Whether the IFS order is one of prices with tax. Rows without tax of their own have net prices. */
export const usesPricesInclTax = (order: ShopOrder): boolean => order.pricesIncludeTax && !taxesAsCharges(order);

/**
 * The entry of a table by slug: the exact one, else the longest that ends with `*` and begins like it. A slug like
 * "constructor" must not find what every object inherits.
 */
export function bySlug(table: Readonly<Record<string, string>>, slug: string): string | undefined {
  if (Object.hasOwn(table, slug)) return table[slug];
  const patterns = Object.keys(table).filter((key) => key.endsWith("*") && slug.startsWith(key.slice(0, -1)));
  const [longest] = patterns.toSorted((a, b) => b.length - a.length);
  return longest === undefined ? undefined : table[longest];
}
