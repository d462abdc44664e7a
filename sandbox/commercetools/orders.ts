import { authorize } from "./auth.ts";
import type { Cart } from "./cart-model.ts";
import { cartDefinition } from "./carts.ts";
import { commitCreate, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import { readCustom } from "./custom-fields.ts";
import type { Call, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS } from "./definition.ts";
import { concurrentModification, invalidOperation, refuse, requiredField } from "./errors.ts";
import { oneOf, requireInteger, text } from "./input.ts";
import { compact, type Doc } from "./json.ts";
import { ORDER_ACTIONS } from "./order-actions.ts";
import { refuseOutdated } from "./order-freshness.ts";
import { ORDER_STATES, type Order, PAYMENT_STATES, SHIPMENT_STATES } from "./order-model.ts";
import { planSale, restock } from "./order-stock.ts";
import { requireResource, resolveReference } from "./references.ts";
import { extend } from "./update.ts";

const MANAGE = ["manage_orders", "manage_my_orders"];

export const orderDefinition: Definition<Order> = {
  typeId: "order",
  path: "orders",
  scopes: { view: ["view_orders"], manage: ["manage_orders"] },
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["orderNumber", "purchaseOrderNumber", "customerId", "customerEmail", "customerGroup", "anonymousId"],
    ...["businessUnit", "store", "lineItems", "customLineItems", "totalPrice", "taxedPrice", "taxedShippingPrice"],
    ...["discountOnTotalPrice", "taxMode", "priceRoundingMode", "taxRoundingMode", "taxCalculationMode"],
    ...["inventoryMode", "billingAddress", "shippingAddress", "shippingMode", "shippingKey", "shippingInfo"],
    ...["shippingRateInput", "shippingCustomFields", "shipping", "itemShippingAddresses", "discountCodes"],
    ...["paymentInfo", "country", "locale", "origin", "cart", "quote", "orderState", "shipmentState"],
    ...["paymentState", "state", "syncInfo", "returnInfo", "lastMessageSequenceNumber", "custom", "completedAt"],
    ...["recurringOrder", "directDiscounts", "refusedGifts"],
  ],
  indexes: [
    { path: "orderNumber", values: (order) => (order.orderNumber ? [order.orderNumber] : []) },
    { path: "customerId", values: (order) => (order.customerId ? [order.customerId] : []) },
    { path: "customerEmail", values: (order) => (order.customerEmail ? [order.customerEmail] : []) },
    { path: "cart.id", values: (order) => (order.cart ? [order.cart.id] : []) },
    { path: "syncInfo.externalId", values: (order) => order.syncInfo.flatMap((one) => one.externalId ?? []) },
    {
      path: "lineItems.variant.sku",
      values: (order) => [...new Set(order.lineItems.flatMap((one) => one.variant.sku ?? []))],
    },
    { path: "paymentInfo.payments.id", values: (order) => (order.paymentInfo?.payments ?? []).map((one) => one.id) },
  ],
  uniques: [{ field: "orderNumber", value: (order) => order.orderNumber }],
  addressedBy: { "order-number": "orderNumber" },
  create() {
    throw new Error("orders are made from carts or imported");
  },
  deleted(change) {
    const { resource, call } = change;
    change.emit("OrderDeleted", { order: { ...resource } });
    if (resource.orderState !== "Cancelled") change.onCommit(() => restock(call, resource, (line) => line.quantity));
  },
  created,
  actions: ORDER_ACTIONS,
};

function created({ resource, emit }: Change<Order>): void {
  if (resource.origin === "RecurringOrder") {
    emit(
      "OrderCreatedFromRecurringOrder",
      compact({ order: { ...resource }, recurringOrderRef: resource.recurringOrder }),
    );
  } else {
    emit("OrderCreated", { order: { ...resource } });
  }
}

/** `POST /orders`: turns a cart at a version into an order. The cart is Ordered afterwards and stock is booked. */
export async function createOrderFromCart(call: Call, draft: Doc): Promise<Order> {
  authorize(call.actor, MANAGE);
  const { world } = call;
  const legacyId = text(draft, "id");
  const source = draft.cart === undefined && legacyId !== undefined ? { cart: { id: legacyId } } : draft;
  const cart = requireResource<Cart>(world, "cart", source, "cart");
  checkCart(world, cart, requireInteger(draft, "version"));
  const change = openCreate<Order>(call, orderFields(world, cart, draft));
  world.collection<Order>("order").check(change.resource);
  const recurring = change.resource.origin === "RecurringOrder";
  if (!recurring || world.settings.extensionsOnRecurringOrder) await extend(orderDefinition, change, "Create");
  return placeOrder(change, cart);
}

/** From here on nothing waits: the cart is looked at again, stock is checked, and all is written together. */
function placeOrder(change: ReturnType<typeof openCreate<Order>>, seen: Cart): Order {
  const { world, call } = change;
  const cart = world.collection<Cart>("cart").get(seen.id);
  if (!cart) throw invalidOperation("The cart does not exist any more.");
  if (cart.version !== seen.version) throw concurrentModification(seen.version, cart.version);
  world.collection<Order>("order").check(change.resource);
  const book = planSale(call, change.resource, change.resource.id);
  change.onCommit(() => {
    book();
    const ordered = openUpdate(call, cart);
    ordered.resource.cartState = "Ordered";
    commitUpdate(cartDefinition, ordered);
  });
  return commitCreate(orderDefinition, change);
}

function checkCart(world: World, cart: Cart, version: number): void {
  if (cart.version !== version) throw concurrentModification(version, cart.version);
  if (cart.cartState !== "Active") throw invalidOperation(`The cart with ID '${cart.id}' was already ordered.`);
  if (cart.lineItems.length + cart.customLineItems.length === 0) {
    throw invalidOperation("An order can not be created from an empty cart.");
  }
  if (!cart.shippingAddress && cart.shippingMode === "Single" && cart.taxMode !== "Disabled") {
    throw invalidOperation("The cart has no shipping address: without one taxes can not be calculated.");
  }
  if (!cart.taxedPrice && cart.taxMode !== "Disabled") throw invalidOperation("The cart has items without a tax rate.");
  const code = cart.discountCodes.find((one) => one.state !== "MatchesCart");
  if (code) {
    throw refuse("DiscountCodeNonApplicable", "A discount code of the cart does not apply.", {
      discountCodeId: code.discountCode.id,
      reason: code.state,
    });
  }
  refuseOutdated(world, cart);
}

const HANDED_ON = [
  ...["customerId", "customerEmail", "customerGroup", "anonymousId", "businessUnit", "store", "lineItems"],
  ...["customLineItems", "totalPrice", "taxedPrice", "taxedShippingPrice", "discountOnTotalPrice", "taxMode"],
  ...["priceRoundingMode", "taxRoundingMode", "taxCalculationMode", "inventoryMode", "billingAddress"],
  ...["shippingAddress", "shippingMode", "shippingInfo", "shipping", "itemShippingAddresses", "discountCodes"],
  ...["directDiscounts", "refusedGifts", "paymentInfo", "country", "locale", "origin", "custom", "purchaseOrderNumber"],
];

/** What one sale hands on to the next: a cart to its order, a cart to a quote, a quote to its order. */
export function saleOf(source: Doc): Doc {
  const handedOn: Doc = {};
  for (const field of ["customer", ...HANDED_ON]) {
    if (source[field] !== undefined) handedOn[field] = structuredClone(source[field]);
  }
  return handedOn;
}

function orderFields(world: World, cart: Cart, draft: Doc): Doc {
  return {
    ...saleOf(cart),
    ...headerFields(world, draft),
    syncInfo: [],
    returnInfo: [],
    cart: { typeId: "cart", id: cart.id },
    // Recurring orders themselves are not modelled; what they make refers to one.
    ...(cart.origin === "RecurringOrder" ? { recurringOrder: { typeId: "recurring-order", id: world.newId() } } : {}),
  };
}

/** What an order draft and an import draft have in common. */
export function headerFields(world: World, draft: Doc): Doc {
  const orderNumber = text(draft, "orderNumber");
  if (orderNumber === "") throw requiredField("orderNumber");
  return compact({
    orderNumber,
    purchaseOrderNumber: text(draft, "purchaseOrderNumber"),
    orderState: oneOf(draft, "orderState", ORDER_STATES) ?? "Open",
    shipmentState: oneOf(draft, "shipmentState", SHIPMENT_STATES),
    paymentState: oneOf(draft, "paymentState", PAYMENT_STATES),
    state: resolveReference(world, "state", draft, "state"),
    custom: readCustom(world, draft, "order"),
  });
}
