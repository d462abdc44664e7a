import { currentPrice } from "./cart-lines.ts";
import { type Cart, type CartItem, currencyOf, type LineItem, type ShippingInfo } from "./cart-model.ts";
import type { World } from "./definition.ts";
import { businessError, refuse } from "./errors.ts";
import { sameJson } from "./json.ts";
import type { Product } from "./product-model.ts";
import { type ShippingMethod, shippingRateFor } from "./shipping-methods.ts";
import { rateFor, type TaxCategory, type TaxRate } from "./taxes.ts";

/**
 * A cart keeps the prices and rates of its last recalculation. An order is refused with PriceChanged while a price, a tax
 * rate or a shipping rate is not what it would be now, and with ShippingMethodDoesNotMatchCart where the method ships
 * nowhere near.
 */
export function refuseOutdated(world: World, cart: Cart): void {
  const infos = [
    { info: cart.shippingInfo, place: cart.shippingAddress },
    ...cart.shipping.map((one) => ({ info: one.shippingInfo, place: one.shippingAddress })),
  ];
  if (infos.some(({ info }) => info?.shippingMethodState === "DoesNotMatchCart")) {
    throw refuse("ShippingMethodDoesNotMatchCart", "The shipping method does not match the cart.");
  }
  const lines = cart.lineItems.filter((line) => !isPriceCurrent(world, cart, line) || !isTaxCurrent(world, cart, line));
  const shipping = infos.some(({ info, place }) => info && place && !isRateCurrent(world, cart, info, place));
  if (lines.length === 0 && !shipping) return;
  throw businessError(world, "PriceChanged", "The price of some line items changed: recalculate the cart.", {
    lineItems: lines.map((line) => line.id),
    shipping,
  });
}

function isPriceCurrent(world: World, cart: Cart, line: LineItem): boolean {
  if (line.priceMode !== "Platform" || line.lineItemMode !== "Standard") return true;
  const now = currentPrice(world, cart, line);
  return now !== undefined && sameJson([now.value, now.discounted], [line.price.value, line.price.discounted]);
}

function isTaxCurrent(world: World, cart: Cart, line: LineItem): boolean {
  if (cart.taxMode !== "Platform" || !cart.shippingAddress || cart.shippingMode === "Multiple") return true;
  const product = world.collection<Product>("product").get(line.productId);
  return isSameRate(rateIn(world, product?.taxCategory?.id, cart.shippingAddress), line.taxRate);
}

function isRateCurrent(world: World, cart: Cart, info: ShippingInfo, place: { country: string; state?: string }) {
  if (cart.taxMode === "Platform" && !isSameRate(rateIn(world, info.taxCategory?.id, place), info.taxRate))
    return false;
  if (!info.shippingMethod) return true;
  const method = world.collection<ShippingMethod>("shipping-method").get(info.shippingMethod.id);
  const rate = method && shippingRateFor(world, method, place, currencyOf(cart));
  return rate !== undefined && sameJson(rate, info.shippingRate);
}

function rateIn(world: World, categoryId: string | undefined, place: { country: string; state?: string }) {
  const category = categoryId ? world.collection<TaxCategory>("tax-category").get(categoryId) : undefined;
  return category && rateFor(world, category, place);
}

function isSameRate(now: TaxRate | undefined, then: CartItem["taxRate"]): boolean {
  return now?.amount === then?.amount && now?.includedInPrice === then?.includedInPrice;
}
