import type { Address } from "./addresses.ts";
import { applicableDiscounts, discountAmount, discountLines } from "./cart-discounting.ts";
import type { CartDiscount } from "./cart-discounts.ts";
import { giftLines } from "./cart-gifts.ts";
import {
  type Cart,
  type CartItem,
  type CustomLineItem,
  currencyOf,
  type LineItem,
  type ShippingInfo,
  shippingInfos,
  unitPrice,
} from "./cart-model.ts";
import { lessDiscount, sumTaxed, type TaxedThing, taxableOf, taxableShipping, taxed, taxingOf } from "./cart-tax.ts";
import type { World } from "./definition.ts";
import { type Doc, setOrRemove } from "./json.ts";
import { cents, minorUnits, type RoundingMode, roundFraction, splitByWeight } from "./money.ts";
import type { Product } from "./product-model.ts";
import { shippingPrice } from "./shipping-methods.ts";
import { requireRate, type TaxCategory, type TaxRate } from "./taxes.ts";

/**
 * Everything the platform computes: line totals, gifts and discounts, shipping, the total and its discount, and taxes.
 * Total price = lines + custom lines + shipping - discount on the total. Taxes are only there when all of them are known.
 */
export function calculateCart(world: World, cart: Cart): void {
  for (const item of itemsOf(cart)) setTotal(item, cart.priceRoundingMode);
  const discounts = applicableDiscounts(world, cart);
  const gifts = giftLines(world, cart, discounts);
  cart.lineItems = [...cart.lineItems.filter((line) => line.lineItemMode === "Standard"), ...gifts];
  discountLines(world, cart, discounts);
  priceShipping(cart, discounts);
  setOrRemove(cart, "totalLineItemQuantity", quantityOf(cart));
  totalUp(cart, discounts, taxEverything(world, cart));
}

function itemsOf(cart: Cart): CartItem[] {
  return [...cart.lineItems, ...cart.customLineItems];
}

function quantityOf(cart: Cart): number | undefined {
  return cart.lineItems.length > 0 ? cart.lineItems.reduce((sum, line) => sum + line.quantity, 0) : undefined;
}

/** Unit price times quantity, rounded once: only high-precision prices need it. */
function setTotal(item: CartItem, mode: RoundingMode): void {
  if (item.lineItemMode === "GiftLineItem") return;
  item.discountedPricePerQuantity = [];
  if (item.priceMode === "ExternalTotal") return;
  const money = unitPrice(item);
  const unit = minorUnits(money);
  const total = roundFraction({ over: unit.over * BigInt(item.quantity), under: unit.under }, mode);
  item.totalPrice = cents(money.currencyCode, total);
}

function priceShipping(cart: Cart, discounts: CartDiscount[]): void {
  const currency = currencyOf(cart);
  const goods = itemsOf(cart).reduce((sum, item) => sum + item.totalPrice.centAmount, 0);
  for (const info of shippingInfos(cart)) {
    info.price = shippingPrice(info.shippingRate, goods);
    const price = BigInt(info.price.centAmount);
    setOrRemove(
      info,
      "discountedPrice",
      discountAmount(price, discounts, "shipping", currency, cart.priceRoundingMode),
    );
  }
}

function totalUp(cart: Cart, discounts: CartDiscount[], things: TaxedThing[] | undefined): void {
  const currency = currencyOf(cart);
  const shipping = shippingInfos(cart).reduce((sum, info) => sum + taxableShipping(info).total, 0n);
  const before = itemsOf(cart).reduce((sum, item) => sum + BigInt(item.totalPrice.centAmount), shipping);
  const discounted = discountAmount(before, discounts, "totalPrice", currency, cart.priceRoundingMode);
  const after = discounted ? BigInt(discounted.value.centAmount) : before;
  // Amounts given from outside hold only for the price they were given for.
  if (cart.taxMode === "ExternalAmount" && cart.totalPrice.centAmount !== Number(after)) delete cart.taxedPrice;
  cart.totalPrice = cents(currency, after);
  const reduced = things && discounted ? lessDiscount(things, before - after, cart.taxRoundingMode, currency) : things;
  setTaxedTotals(cart, reduced);
  if (!discounted) {
    delete cart.discountOnTotalPrice;
    return;
  }
  const summary: Doc = {
    discountedAmount: cents(currency, before - after),
    includedDiscounts: discounted.includedDiscounts,
  };
  if (things && reduced) {
    const [was, is] = [sumTaxed(things, currency), sumTaxed(reduced, currency)];
    summary.discountedNetAmount = cents(currency, was.totalNet.centAmount - is.totalNet.centAmount);
    summary.discountedGrossAmount = cents(currency, was.totalGross.centAmount - is.totalGross.centAmount);
  }
  cart.discountOnTotalPrice = summary;
}

function setTaxedTotals(cart: Cart, things: TaxedThing[] | undefined): void {
  const currency = currencyOf(cart);
  if (cart.taxMode === "ExternalAmount") return;
  const shipping = things?.filter((thing) => thing.isShipping) ?? [];
  setOrRemove(cart, "taxedPrice", things && things.length > 0 ? sumTaxed(things, currency) : undefined);
  setOrRemove(cart, "taxedShippingPrice", things && shipping.length > 0 ? sumTaxed(shipping, currency) : undefined);
}

/** Taxes every item and shipping; undefined while something cannot be taxed yet. */
function taxEverything(world: World, cart: Cart): TaxedThing[] | undefined {
  const things: (TaxedThing | undefined)[] = [];
  for (const item of itemsOf(cart)) things.push(...taxItem(world, cart, item));
  for (const info of shippingInfos(cart)) things.push(taxShipping(world, cart, info));
  return things.every((thing) => thing !== undefined) ? things : undefined;
}

function taxItem(world: World, cart: Cart, item: CartItem): (TaxedThing | undefined)[] {
  if (cart.shippingMode === "Multiple") return taxPerMethod(world, cart, item);
  if (cart.taxMode === "Platform") {
    const rate = cart.shippingAddress ? platformRate(world, item, cart.shippingAddress) : undefined;
    setOrRemove(item, "taxRate", rate);
  }
  // With amounts of an external service nothing is computed: its figures stay until the price changes.
  if (cart.taxMode === "ExternalAmount") return [given(item, BigInt(item.totalPrice.centAmount), false)];
  const rate = cart.taxMode === "Disabled" ? undefined : item.taxRate;
  const amount = taxableOf(item);
  setOrRemove(item, "taxedPrice", rate ? taxed(amount, rate, taxingOf(cart)) : undefined);
  return [given(item, amount.total, false)];
}

function given(thing: { taxedPrice?: TaxedThing["taxed"]; taxRate?: TaxRate }, price: bigint, isShipping: boolean) {
  const { taxedPrice, taxRate } = thing;
  return taxedPrice && taxRate ? { price, taxed: taxedPrice, rate: taxRate, isShipping } : undefined;
}

function platformRate(world: World, item: CartItem, place: Address): TaxRate | undefined {
  const categoryId = "variant" in item ? productTaxCategory(world, item as LineItem) : taxCategoryId(item);
  const category = categoryId ? world.collection<TaxCategory>("tax-category").get(categoryId) : undefined;
  return category ? requireRate(world, category, place) : undefined;
}

function productTaxCategory(world: World, line: LineItem): string | undefined {
  return world.collection<Product>("product").get(line.productId)?.taxCategory?.id;
}

function taxCategoryId(item: CartItem): string | undefined {
  return (item as CustomLineItem).taxCategory?.id;
}

function taxShipping(world: World, cart: Cart, info: ShippingInfo): TaxedThing | undefined {
  const place = cart.shippingMode === "Single" ? cart.shippingAddress : addressOfShipping(cart, info);
  if (cart.taxMode === "Platform") {
    const category = info.taxCategory && world.collection<TaxCategory>("tax-category").get(info.taxCategory.id);
    setOrRemove(info, "taxRate", category && place ? requireRate(world, category, place) : undefined);
  }
  const amount = taxableShipping(info);
  if (cart.taxMode !== "ExternalAmount") {
    const rate = cart.taxMode === "Disabled" ? undefined : info.taxRate;
    setOrRemove(info, "taxedPrice", rate ? taxed(amount, rate, taxingOf(cart)) : undefined);
  }
  return given(info, amount.total, true);
}

function addressOfShipping(cart: Cart, info: ShippingInfo): Address | undefined {
  return cart.shipping.find((one) => one.shippingInfo === info)?.shippingAddress;
}

/** Multiple shipping: each share of a line is taxed where it goes. Shares follow the quantities. */
function taxPerMethod(world: World, cart: Cart, item: CartItem): (TaxedThing | undefined)[] {
  const targets = item.shippingDetails?.targets ?? [];
  const assigned = targets.reduce((sum, target) => sum + target.quantity, 0);
  if (item.shippingDetails) item.shippingDetails.valid = assigned === item.quantity;
  item.perMethodTaxRate = [];
  item.taxedPricePortions = [];
  delete item.taxedPrice;
  if (assigned !== item.quantity) return [undefined];
  const shares = splitByWeight(
    BigInt(item.totalPrice.centAmount),
    targets.map((target) => BigInt(target.quantity)),
  );
  const things = targets.map((target, index) => taxTarget(world, cart, item, target, shares[index] ?? 0n));
  const known = things.filter((thing) => thing !== undefined);
  if (known.length === things.length && known.length > 0) item.taxedPrice = sumTaxed(known, currencyOf(cart));
  return things;
}

function taxTarget(
  world: World,
  cart: Cart,
  item: CartItem,
  target: { shippingMethodKey?: string },
  price: bigint,
): TaxedThing | undefined {
  const shipping = cart.shipping.find((one) => one.shippingKey === target.shippingMethodKey);
  const rate =
    shipping && cart.taxMode === "Platform" ? platformRate(world, item, shipping.shippingAddress) : undefined;
  if (!shipping || !rate) return undefined;
  const amount = { total: price, parts: [{ quantity: 1, over: price, under: 1n }] };
  const taxedShare = taxed(amount, rate, { ...taxingOf(cart), mode: "LineItemLevel" });
  item.perMethodTaxRate.push({ shippingMethodKey: shipping.shippingKey, taxRate: rate });
  item.taxedPricePortions.push({ shippingMethodKey: shipping.shippingKey, taxedPrice: taxedShare });
  return { price, taxed: taxedShare, rate, isShipping: false };
}
