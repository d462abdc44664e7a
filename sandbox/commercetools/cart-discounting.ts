import {
  type CartDiscount,
  type DiscountCode,
  type DiscountTarget,
  type DiscountValue,
  isLive,
  type MultiBuyTarget,
} from "./cart-discounts.ts";
import {
  type Cart,
  type CartItem,
  currencyOf,
  type DiscountedForQuantity,
  type DiscountedPrice,
  type LineItem,
  unitPrice,
} from "./cart-model.ts";
import { parseDiscountPredicate, type Subject } from "./cart-predicates.ts";
import type { World } from "./definition.ts";
import { compact, type Doc, isDoc } from "./json.ts";
import { cents, minorUnits, moneyAt, type RoundingMode, roundFraction, splitByWeight } from "./money.ts";
import type { Product } from "./product-model.ts";

/**
 * Units of one item that cost the same after the discounts so far. Amounts in the smallest unit of the item's price: cents,
 * or `scale` parts of a cent where the price has high precision.
 */
type Units = { quantity: number; value: bigint; scale: bigint; included: { discount: CartDiscount; amount: bigint }[] };

/** The discounts that apply to this cart now, first the one with the highest sort order. Sets the states of its codes. */
export function applicableDiscounts(world: World, cart: Cart): CartDiscount[] {
  const subject = subjectOf(world, cart);
  const byCode = new Set(
    matchingCodes(world, cart, subject).flatMap((code) => code.cartDiscounts.map((one) => one.id)),
  );
  const found = [...world.collection<CartDiscount>("cart-discount").values()].filter(
    (discount) =>
      isLive(discount, world.nowIso()) &&
      (!discount.requiresDiscountCode || byCode.has(discount.id)) &&
      (discount.stores.length === 0 || discount.stores.some((store) => store.key === cart.store?.key)) &&
      parseDiscountPredicate(discount.cartPredicate, "cartPredicate")(subject),
  );
  found.sort((a, b) => (a.sortOrder < b.sortOrder ? 1 : -1));
  const stop = found.findIndex((discount) => discount.stackingMode === "StopAfterThisDiscount");
  return stop < 0 ? found : found.slice(0, stop + 1);
}

function matchingCodes(world: World, cart: Cart, subject: Subject): DiscountCode[] {
  const codes: DiscountCode[] = [];
  for (const info of cart.discountCodes) {
    const code = world.collection<DiscountCode>("discount-code").get(info.discountCode.id);
    if (!code || !isLive(code, world.nowIso())) {
      info.state = code?.isActive === false ? "NotActive" : "NotValid";
      continue;
    }
    const matches = !code.cartPredicate || parseDiscountPredicate(code.cartPredicate, "cartPredicate")(subject);
    info.state = matches ? "MatchesCart" : "DoesNotMatchCart";
    if (matches) codes.push(code);
  }
  return codes;
}

function subjectOf(world: World, cart: Cart): Subject {
  const goods = cart.lineItems.reduce((sum, line) => sum + unitPrice(line).centAmount * line.quantity, 0);
  const group = cart.customerGroup && world.collection("customer-group").get(cart.customerGroup.id);
  return {
    currency: currencyOf(cart),
    lines: cart.lineItems
      .filter((line) => line.lineItemMode === "Standard")
      .map((line) => ({
        fields: lineFields(world, line),
        quantity: line.quantity,
        cents: unitPrice(line).centAmount * line.quantity,
      })),
    fields: compact({
      totalPrice: goods,
      currency: currencyOf(cart),
      country: cart.country,
      store: cart.store,
      customer: compact({ id: cart.customerId, email: cart.customerEmail, customerGroup: group }),
      custom: cart.custom?.fields,
    }),
  };
}

function lineFields(world: World, line: LineItem): Doc {
  const product = world.collection<Product>("product").get(line.productId);
  const productType = product && world.collection("product-type").get(product.productType.id);
  return compact({
    sku: line.variant.sku,
    quantity: line.quantity,
    price: unitPrice(line).centAmount,
    product: { id: line.productId, key: line.productKey },
    productType: productType && { id: productType.id, key: productType.key },
    variant: { id: line.variant.id, key: line.variant.key, sku: line.variant.sku },
    attributes: Object.fromEntries(line.variant.attributes.map(({ name, value }) => [name, attributeValue(value)])),
    custom: line.custom?.fields,
  });
}

function attributeValue(value: unknown): unknown {
  return isDoc(value) && typeof value.key === "string" ? value.key : value;
}

/** Applies all discounts on lines: sets `discountedPricePerQuantity` and `totalPrice` of every item. */
export function discountLines(world: World, cart: Cart, discounts: CartDiscount[]): void {
  const currency = currencyOf(cart);
  const items = [...cart.lineItems.filter((line) => line.lineItemMode === "Standard"), ...cart.customLineItems];
  const units = new Map<CartItem, Units[]>(items.map((item) => [item, [wholeItem(item)]]));
  for (const discount of discounts) {
    const { target, value } = discount;
    if (!target || value.type === "giftLineItem" || target.type === "shipping" || target.type === "totalPrice")
      continue;
    const matching = items.filter((item) => isTarget(world, cart, target, item)).map((item) => units.get(item) ?? []);
    const chosen = "triggerQuantity" in target ? chooseUnits(target, matching) : undefined;
    const lists = chosen?.map((one) => one.units) ?? matching;
    discountUnits(discount, value, lists, currency, cart.priceRoundingMode);
    for (const { list, units: part } of chosen ?? []) {
      // What was split off inside the chosen part belongs to the item as well.
      const [first, ...split] = part;
      if (first) list.splice(list.indexOf(first) + 1, 0, ...split);
    }
  }
  for (const item of items) setDiscounted(item, units.get(item) ?? [], cart);
}

/** Takes the units out of their groups that a multi-buy discount is for; groups of which it takes a part are split. */
function chooseUnits(target: MultiBuyTarget, lists: Units[][]): { list: Units[]; units: Units[] }[] {
  const groups = lists.flatMap((list) => list.map((group) => ({ list, group })));
  const quantity = groups.reduce((sum, { group }) => sum + group.quantity, 0);
  const times = Math.min(
    Math.floor(quantity / target.triggerQuantity),
    target.maxOccurrence ?? Number.MAX_SAFE_INTEGER,
  );
  const direction = target.selectionMode === "Cheapest" ? 1 : -1;
  groups.sort((a, b) => direction * comparePrices(a.group, b.group));
  let left = times * target.discountedQuantity;
  const chosen: { list: Units[]; units: Units[] }[] = [];
  for (const { list, group } of groups) {
    const taken = Math.min(left, group.quantity);
    if (taken === 0) continue;
    left -= taken;
    if (taken < group.quantity) {
      list.splice(list.indexOf(group) + 1, 0, { ...group, quantity: group.quantity - taken });
      group.quantity = taken;
    }
    chosen.push({ list, units: [group] });
  }
  return chosen;
}

function comparePrices(a: Units, b: Units): number {
  const difference = a.value * b.scale - b.value * a.scale;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

function wholeItem(item: CartItem): Units {
  const { over, under } = minorUnits(unitPrice(item));
  return { quantity: item.quantity, value: over, scale: under, included: [] };
}

function isLine(item: CartItem): item is LineItem {
  return "variant" in item;
}

function isTarget(world: World, cart: Cart, target: DiscountTarget, item: CartItem): boolean {
  if (!("predicate" in target)) return false;
  if (isLine(item) !== (target.type === "lineItems" || target.type === "multiBuyLineItems")) return false;
  if (isLine(item) && item.priceMode === "ExternalTotal") return false;
  const fields = isLine(item)
    ? lineFields(world, item)
    : { slug: item.slug, money: BigInt(unitPrice(item).centAmount) };
  return parseDiscountPredicate(target.predicate, "predicate")({ fields, lines: [], currency: currencyOf(cart) });
}

function discountUnits(
  discount: CartDiscount,
  value: Exclude<DiscountValue, { type: "giftLineItem" }>,
  items: Units[][],
  currency: string,
  mode: RoundingMode,
): void {
  const money = value.type === "relative" ? undefined : value.money.find((one) => one.currencyCode === currency);
  const cents = BigInt(money?.centAmount ?? 0);
  if (value.type === "relative") {
    const over = (unit: bigint) => ({ over: unit * BigInt(value.permyriad), under: 10_000n });
    takeFromEach(discount, items, ({ value: unit }) => roundFraction(over(unit), mode));
  } else if (!money) {
    // A discount without an amount in the cart's currency does not apply.
  } else if (value.type === "fixed") {
    takeFromEach(discount, items, (unit) => positive(unit.value - cents * unit.scale));
  } else if (value.applicationMode === "IndividualApplication") {
    takeFromEach(discount, items, (unit) => least(cents * unit.scale, unit.value));
  } else {
    spread(discount, cents, items, value.applicationMode === "EvenDistribution");
  }
}

function takeFromEach(discount: CartDiscount, items: Units[][], part: (unit: Units) => bigint): void {
  for (const group of items.flat()) take(group, discount, part(group));
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}

/** One amount over many units: by their prices, or evenly. Units that differ by a cent become groups of their own. */
function spread(discount: CartDiscount, cents: bigint, items: Units[][], evenly: boolean): void {
  const groups = items.flat().filter((group) => group.value > 0n);
  // Prices of different precision are compared in the finest one; the shares are whole cents.
  const finest = groups.reduce((most, group) => (group.scale > most ? group.scale : most), 1n);
  const priceOf = (group: Units) => group.value * (finest / group.scale);
  const worth = groups.reduce((sum, group) => sum + priceOf(group) * BigInt(group.quantity), 0n) / finest;
  if (worth === 0n) return;
  const weights = groups.map((group) => (evenly ? 1n : priceOf(group)) * BigInt(group.quantity));
  const shares = splitByWeight(least(cents, worth), weights);
  groups.forEach((group, index) => {
    const list = items.find((one) => one.includes(group));
    if (list) splitGroup(discount, list, group, (shares[index] ?? 0n) * group.scale);
  });
}

function splitGroup(discount: CartDiscount, list: Units[], group: Units, share: bigint): void {
  const quantity = BigInt(group.quantity);
  const cap = (amount: bigint) => least(amount, group.value);
  const low = share / quantity;
  const more = Number(share % quantity);
  if (more > 0) {
    const higher: Units = { quantity: more, value: group.value, scale: group.scale, included: [...group.included] };
    take(higher, discount, cap(low + 1n));
    list.splice(list.indexOf(group) + 1, 0, higher);
    group.quantity -= more;
  }
  take(group, discount, cap(low));
}

function take(group: Units, discount: CartDiscount, amount: bigint): void {
  if (amount === 0n) return;
  group.value -= amount;
  group.included = [...group.included, { discount, amount }];
}

function setDiscounted(item: CartItem, groups: Units[], cart: Cart): void {
  const currency = currencyOf(cart);
  const discounted = groups.some((group) => group.included.length > 0);
  item.discountedPricePerQuantity = discounted ? groups.map((group) => forQuantity(group, currency)) : [];
  if (!discounted) return;
  const over = groups.reduce((sum, group) => sum + group.value * BigInt(group.quantity), 0n);
  const under = groups[0]?.scale ?? 1n;
  item.totalPrice = cents(currency, roundFraction({ over, under }, cart.priceRoundingMode));
}

function forQuantity(group: Units, currency: string): DiscountedForQuantity {
  return { quantity: group.quantity, discountedPrice: discountedPrice(group, currency) };
}

function discountedPrice(group: Units, currency: string): DiscountedPrice {
  return {
    value: moneyAt(currency, group.value, group.scale),
    includedDiscounts: group.included.map(({ discount, amount }) => ({
      discount: { typeId: "cart-discount", id: discount.id },
      discountedAmount: moneyAt(currency, amount, group.scale),
    })),
  };
}

/** Discounts on shipping, or on everything: one amount after the other. */
export function discountAmount(
  amount: bigint,
  discounts: CartDiscount[],
  target: "shipping" | "totalPrice",
  currency: string,
  mode: RoundingMode,
): DiscountedPrice | undefined {
  const group: Units = { quantity: 1, value: amount, scale: 1n, included: [] };
  for (const discount of discounts) {
    if (discount.target?.type !== target || discount.value.type === "giftLineItem") continue;
    if (discount.value.type === "absolute") {
      const money = discount.value.money.find((one) => one.currencyCode === currency);
      const most = BigInt(money?.centAmount ?? 0);
      take(group, discount, least(most, group.value));
    } else {
      discountUnits(discount, discount.value, [[group]], currency, mode);
    }
  }
  return group.included.length > 0 ? discountedPrice(group, currency) : undefined;
}
