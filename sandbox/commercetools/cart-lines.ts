import {
  type Cart,
  type CartItem,
  type CustomLineItem,
  currencyOf,
  INVENTORY_MODES,
  type LineItem,
  type ShippingTarget,
} from "./cart-model.ts";
import { readCustom } from "./custom-fields.ts";
import type { GroupAssignment } from "./customers.ts";
import type { World } from "./definition.ts";
import { businessError, invalidField, invalidInput, requiredField } from "./errors.ts";
import {
  dateTime,
  doc,
  docs,
  integer,
  key,
  oneOf,
  requireInteger,
  requireLocalized,
  requireText,
  text,
} from "./input.ts";
import { compact, type Doc, sameJson } from "./json.ts";
import { cents, readCents, readMoney, type TypedMoney } from "./money.ts";
import { type PriceQuery, selectPrice, selectStandalonePrice, unitValue } from "./price-selection.ts";
import { allVariants, findVariantBySku, type Product, type Variant } from "./product-model.ts";
import { resolveChannel, resolveReference } from "./references.ts";
import { initialLineState } from "./states.ts";
import { findEntry } from "./stock.ts";
import { readTaxRate } from "./taxes.ts";

/** Builds a line out of a LineItemDraft; a platform price is selected for its quantity. */
export function readLine(world: World, cart: Cart, draft: Doc): LineItem {
  const { product, variant } = findVariant(world, draft);
  const quantity = integer(draft, "quantity") ?? 1;
  if (quantity < 1) throw invalidField("quantity", quantity);
  const externalTax = doc(draft, "externalTaxRate");
  const now = world.nowIso();
  const currency = currencyOf(cart);
  const line = {
    id: world.newId(),
    key: key(draft),
    productId: product.id,
    productKey: product.key,
    productType: product.productType,
    name: product.masterData.current.name,
    productSlug: product.masterData.current.slug,
    variant,
    quantity,
    price: { id: "", value: cents(currency, 0) },
    totalPrice: cents(currency, 0),
    discountedPricePerQuantity: [],
    taxRate: externalTax ? readTaxRate(externalTax) : undefined,
    perMethodTaxRate: [],
    taxedPricePortions: [],
    state: [{ quantity, state: initialLineState(world) }],
    supplyChannel: resolveChannel(world, draft, "supplyChannel", "InventorySupply"),
    distributionChannel: resolveChannel(world, draft, "distributionChannel", "ProductDistribution"),
    priceMode: "Platform",
    lineItemMode: "Standard",
    inventoryMode: oneOf(draft, "inventoryMode", INVENTORY_MODES),
    shippingDetails: readShippingDetails(draft),
    custom: readCustom(world, draft, "line-item"),
    addedAt: dateTime(draft, "addedAt") ?? now,
    lastModifiedAt: now,
  } as LineItem;
  applyPrice(world, cart, line, draft);
  return compact(line);
}

function findVariant(world: World, draft: Doc): { product: Product; variant: Variant } {
  const sku = text(draft, "sku");
  if (sku !== undefined) {
    const found = findVariantBySku(world, sku);
    if (!found) throw invalidInput(`The variant with SKU '${sku}' was not found.`);
    if (!found.product.masterData.published) throw invalidInput(`The product of the SKU '${sku}' is not published.`);
    return found;
  }
  const productId = text(draft, "productId");
  if (productId === undefined) throw requiredField("sku");
  const product = world.collection<Product>("product").get(productId);
  const variantId = integer(draft, "variantId") ?? 1;
  const variant = product && allVariants(product.masterData.current).find((one) => one.id === variantId);
  if (!product || !variant) throw invalidInput(`The variant ${variantId} of product '${productId}' was not found.`);
  return { product, variant };
}

/** Takes a price from outside if the draft has one, else selects one of the platform's. */
export function applyPrice(world: World, cart: Cart, line: LineItem, draft: Doc): void {
  const total = doc(draft, "externalTotalPrice");
  if (total) {
    line.priceMode = "ExternalTotal";
    line.price = { id: world.newId(), value: inCurrency(cart, readMoney(total, "price")) };
    line.totalPrice = readCents(total, "totalPrice");
    return;
  }
  if (draft.externalPrice) {
    line.priceMode = "ExternalPrice";
    line.price = { id: world.newId(), value: inCurrency(cart, readMoney(draft, "externalPrice")) };
    return;
  }
  line.priceMode = "Platform";
  selectLinePrice(world, cart, line);
}

function inCurrency(cart: Cart, money: TypedMoney): TypedMoney {
  if (money.currencyCode !== currencyOf(cart)) throw invalidInput("The currency must be that of the cart.");
  return money;
}

/** Selects the platform price of a line again: after a change of quantity, customer, group, country or channel. */
export function selectLinePrice(world: World, cart: Cart, line: LineItem): void {
  if (line.priceMode !== "Platform") return;
  const price = currentPrice(world, cart, line);
  if (!price) throw noPrice(world, line, priceQuery(world, cart, line));
  line.price = price;
}

/** A line shows the prices of when it was added, but is priced by those that the product has now. */
function embeddedPrices(product: Product | undefined, line: LineItem): Variant["prices"] {
  const variants = product ? allVariants(product.masterData.current) : [];
  return (variants.find((one) => one.id === line.variant.id) ?? line.variant).prices;
}

/** The platform price that a line would get now for its quantity; undefined where none fits. */
export function currentPrice(world: World, cart: Cart, line: LineItem): LineItem["price"] | undefined {
  const query = priceQuery(world, cart, line);
  const product = world.collection<Product>("product").get(line.productId);
  const { sku } = line.variant;
  const price =
    product?.priceMode === "Standalone" && sku !== undefined
      ? selectStandalonePrice(world, sku, query)
      : selectPrice(embeddedPrices(product, line), query);
  if (!price) return undefined;
  const { id, key: priceKey, country, customerGroup, channel, validFrom, validUntil, tiers, discounted } = price;
  const value = unitValue({ ...price, discounted: undefined }, line.quantity);
  return compact({
    ...{ id, key: priceKey, value, country, customerGroup, channel },
    ...{ validFrom, validUntil, tiers, discounted },
  });
}

function noPrice(world: World, line: LineItem, query: PriceQuery) {
  return businessError(
    world,
    "MatchingPriceNotFound",
    `No matching price was found for the SKU '${line.variant.sku}'.`,
    {
      productId: line.productId,
      variantId: line.variant.id,
      ...compact({ currency: query.currency, country: query.country, channel: line.distributionChannel }),
    },
  );
}

function priceQuery(world: World, cart: Cart, line: LineItem): PriceQuery {
  const customer = cart.customerId ? world.collection("customer").get(cart.customerId) : undefined;
  const unit = cart.businessUnit
    ? world.collection("business-unit").findUnique("key", cart.businessUnit.key)
    : undefined;
  const assigned = [customer, unit].flatMap((one) => (one?.customerGroupAssignments ?? []) as GroupAssignment[]);
  const groups = [cart.customerGroup?.id, ...assigned.map((one) => one.customerGroup.id)];
  return compact({
    currency: currencyOf(cart),
    country: cart.country,
    customerGroupIds: groups.filter((id) => id !== undefined),
    channelId: line.distributionChannel?.id,
    at: world.nowIso(),
  });
}

/** Adding the same thing again raises the quantity of the line that is there. */
export function addLine(world: World, cart: Cart, draft: Doc): LineItem {
  const line = readLine(world, cart, draft);
  const same = cart.lineItems.find((one) => isSame(one, line));
  if (!same) {
    cart.lineItems.push(line);
    return line;
  }
  setLineQuantity(world, cart, same, same.quantity + line.quantity);
  return same;
}

function isSame(a: LineItem, b: LineItem): boolean {
  return (
    a.variant.sku === b.variant.sku &&
    a.productId === b.productId &&
    a.variant.id === b.variant.id &&
    a.lineItemMode === "Standard" &&
    a.priceMode === "Platform" &&
    b.priceMode === "Platform" &&
    a.key === b.key &&
    sameJson(
      [a.supplyChannel, a.distributionChannel, a.custom, a.inventoryMode],
      [b.supplyChannel, b.distributionChannel, b.custom, b.inventoryMode],
    )
  );
}

export function setLineQuantity(world: World, cart: Cart, line: LineItem, quantity: number): void {
  line.quantity = quantity;
  line.state = [{ quantity, state: initialLineState(world) }];
  line.lastModifiedAt = world.nowIso();
  selectLinePrice(world, cart, line);
}

/** `minCartQuantity` and `maxCartQuantity` of the entry that the line would be sold from. */
export function checkLimits(world: World, line: LineItem): void {
  const entry = line.variant.sku === undefined ? undefined : findEntry(world, line.variant.sku, line.supplyChannel?.id);
  const { quantity } = line;
  const { minCartQuantity, maxCartQuantity } = entry ?? {};
  const what = `The quantity ${quantity} of '${line.variant.sku}'`;
  if (minCartQuantity !== undefined && quantity < minCartQuantity) {
    const extra = { quantity, minCartQuantity, lineItem: line.id };
    throw businessError(
      world,
      "LineItemQuantityBelowLimit",
      `${what} is below the limit of ${minCartQuantity}.`,
      extra,
    );
  }
  if (maxCartQuantity !== undefined && quantity > maxCartQuantity) {
    const extra = { quantity, maxCartQuantity, lineItem: line.id };
    throw businessError(
      world,
      "LineItemQuantityAboveLimit",
      `${what} is above the limit of ${maxCartQuantity}.`,
      extra,
    );
  }
}

export function readShippingDetails(source: Doc): LineItem["shippingDetails"] {
  const details = doc(source, "shippingDetails");
  if (!details) return undefined;
  const targets = (docs(details, "targets") ?? []).map(
    (target): ShippingTarget =>
      compact({
        addressKey: requireText(target, "addressKey"),
        quantity: requireInteger(target, "quantity"),
        shippingMethodKey: text(target, "shippingMethodKey"),
      }),
  );
  return { targets, valid: true };
}

export function readCustomLine(world: World, cart: Cart, draft: Doc): CustomLineItem {
  const quantity = integer(draft, "quantity") ?? 1;
  const externalTax = doc(draft, "externalTaxRate");
  return compact({
    id: world.newId(),
    key: key(draft),
    name: requireLocalized(draft, "name"),
    money: inCurrency(cart, readMoney(draft, "money")),
    slug: requireText(draft, "slug"),
    quantity,
    totalPrice: cents(currencyOf(cart), 0),
    discountedPricePerQuantity: [],
    taxCategory: resolveReference(world, "tax-category", draft, "taxCategory"),
    taxRate: externalTax ? readTaxRate(externalTax) : undefined,
    perMethodTaxRate: [],
    taxedPricePortions: [],
    state: [{ quantity, state: initialLineState(world) }],
    priceMode: oneOf(draft, "priceMode", ["Standard", "External"]) ?? "Standard",
    shippingDetails: readShippingDetails(draft),
    custom: readCustom(world, draft, "custom-line-item"),
  });
}

/** Finds a line or custom line by `…Id` or `…Key` of an action. */
export function findItem<T extends CartItem>(items: T[], action: Doc, prefix: "lineItem" | "customLineItem"): T {
  const id = text(action, `${prefix}Id`);
  const itemKey = text(action, `${prefix}Key`);
  if (id === undefined && itemKey === undefined) throw requiredField(`${prefix}Id`);
  const found = items.find((one) => (id !== undefined ? one.id === id : one.key === itemKey));
  if (!found) throw invalidInput(`The ${prefix} '${id ?? itemKey}' was not found.`);
  return found;
}
