import { readAddress } from "./addresses.ts";
import { CART_ACTIONS } from "./cart-actions.ts";
import { calculateCart } from "./cart-calculation.ts";
import { addDiscountCode } from "./cart-codes.ts";
import { checkLimits, readCustomLine, readLine } from "./cart-lines.ts";
import { type Cart, INVENTORY_MODES, TAX_CALCULATION_MODES, TAX_MODES } from "./cart-model.ts";
import { addShipping, readAddresses, setCustomShippingMethod, setShippingMethod } from "./cart-shipping.ts";
import { readCustom } from "./custom-fields.ts";
import type { Call, Change, Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { invalidOperation } from "./errors.ts";
import { country, doc, docs, key, oneOf, requireText, text, texts } from "./input.ts";
import { compact, type Doc, type Resource } from "./json.ts";
import { cents, ROUNDING_MODES } from "./money.ts";
import { resolveKeyReference, resolveReference, resolveResource } from "./references.ts";
import { releaseReservations, syncReservations } from "./reservations.ts";

/** The cart without lines and without anything computed. */
function emptyCart(call: Call, draft: Doc): Cart {
  const { world } = call;
  const currency = requireText(draft, "currency");
  const { carts } = world.project;
  const customerId = text(draft, "customerId");
  const customer =
    customerId === undefined
      ? undefined
      : resolveResource<Resource>(world, "customer", { customer: { id: customerId } }, "customer");
  const group = resolveReference(world, "customer-group", draft, "customerGroup");
  const store =
    call.storeKey === undefined
      ? resolveKeyReference(world, "store", draft, "store")
      : { typeId: "store" as const, key: call.storeKey };
  return compact({
    key: key(draft),
    customerId,
    customerEmail: text(draft, "customerEmail") ?? (customer ? String(customer.email) : undefined),
    customerGroup: group ?? (customer?.customerGroup as Cart["customerGroup"]),
    anonymousId: text(draft, "anonymousId"),
    businessUnit:
      call.businessUnitKey === undefined
        ? resolveKeyReference(world, "business-unit", draft, "businessUnit")
        : { typeId: "business-unit" as const, key: call.businessUnitKey },
    store,
    lineItems: [],
    customLineItems: [],
    totalPrice: cents(currency, 0),
    taxMode: oneOf(draft, "taxMode", TAX_MODES) ?? "Platform",
    priceRoundingMode: oneOf(draft, "priceRoundingMode", ROUNDING_MODES) ?? carts.priceRoundingMode,
    taxRoundingMode: oneOf(draft, "taxRoundingMode", ROUNDING_MODES) ?? carts.taxRoundingMode,
    taxCalculationMode: oneOf(draft, "taxCalculationMode", TAX_CALCULATION_MODES) ?? "LineItemLevel",
    inventoryMode: oneOf(draft, "inventoryMode", INVENTORY_MODES) ?? "None",
    cartState: "Active",
    billingAddress: readAddress(world, draft, "billingAddress"),
    shippingAddress: readAddress(world, draft, "shippingAddress"),
    shippingMode: oneOf(draft, "shippingMode", ["Single", "Multiple"]) ?? "Single",
    shipping: [],
    itemShippingAddresses: readAddresses(world, draft, "itemShippingAddresses"),
    discountCodes: [],
    directDiscounts: [],
    refusedGifts: [],
    country: country(draft, "country"),
    locale: text(draft, "locale"),
    origin: oneOf(draft, "origin", ["Customer", "Merchant", "Quote", "RecurringOrder"]) ?? "Customer",
    purchaseOrderNumber: text(draft, "purchaseOrderNumber"),
    custom: readCustom(world, draft, "order"),
    deleteDaysAfterLastModification: carts.deleteDaysAfterLastModification,
  }) as unknown as Cart;
}

function create(call: Call, draft: Doc): Doc {
  const { world } = call;
  const cart = emptyCart(call, draft);
  checkProject(call, cart);
  for (const line of docs(draft, "lineItems") ?? []) cart.lineItems.push(readLine(world, cart, line));
  for (const line of docs(draft, "customLineItems") ?? []) cart.customLineItems.push(readCustomLine(world, cart, line));
  if (doc(draft, "shippingMethod")) {
    setShippingMethod(world, cart, {
      shippingMethod: draft.shippingMethod,
      externalTaxRate: draft.externalTaxRateForShippingMethod,
    });
  }
  for (const shipping of docs(draft, "shipping") ?? []) addShipping(world, cart, shipping, "key");
  for (const shipping of docs(draft, "customShipping") ?? []) {
    if (cart.shippingMode === "Multiple") addShipping(world, cart, shipping, "key");
    else setCustomShippingMethod(world, cart, shipping);
  }
  for (const code of texts(draft, "discountCodes") ?? []) addDiscountCode(world, cart, code);
  return cart;
}

function checkProject(call: Call, cart: Cart): void {
  const { currencies, countries } = call.world.project;
  const currency = cart.totalPrice.currencyCode;
  if (currencies.length > 0 && !currencies.includes(currency)) {
    throw invalidOperation(`The currency '${currency}' is not one of the project's.`);
  }
  if (cart.country !== undefined && countries.length > 0 && !countries.includes(cart.country)) {
    throw invalidOperation(`The country '${cart.country}' is not one of the project's.`);
  }
}

function derive(change: Change<Cart>): void {
  calculateCart(change.world, change.resource);
}

export const cartDefinition: Definition<Cart> = {
  typeId: "cart",
  path: "carts",
  scopes: { view: ["view_orders"], manage: ["manage_orders", "manage_my_orders"] },
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "customerId", "customerEmail", "customerGroup", "anonymousId", "businessUnit", "store", "lineItems"],
    ...["customLineItems", "totalLineItemQuantity", "totalPrice", "taxedPrice", "taxedShippingPrice"],
    ...["discountOnTotalPrice", "taxMode", "priceRoundingMode", "taxRoundingMode", "taxCalculationMode"],
    ...["inventoryMode", "cartState", "billingAddress", "shippingAddress", "shippingMode", "shippingKey"],
    ...["shippingInfo", "shippingRateInput", "shippingCustomFields", "shipping", "itemShippingAddresses"],
    ...["discountCodes", "directDiscounts", "refusedGifts", "paymentInfo", "country", "locale", "origin", "custom"],
    ...["purchaseOrderNumber", "deleteDaysAfterLastModification"],
  ],
  indexes: [
    { path: "customerId", values: (cart) => (cart.customerId ? [cart.customerId] : []) },
    { path: "cartState", values: (cart) => [cart.cartState] },
  ],
  uniques: [KEY_UNIQUE],
  create,
  derive,
  beforeCommit(change) {
    const { resource, world } = change;
    if (resource.cartState === "Active") for (const line of resource.lineItems) checkLimits(world, line);
    syncReservations(change);
  },
  mayDelete(change) {
    if (change.resource.cartState !== "Ordered")
      change.onCommit(() => releaseReservations(change.call, change.resource));
  },
  actions: CART_ACTIONS,
};
