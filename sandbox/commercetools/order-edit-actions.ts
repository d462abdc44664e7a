import { CART_ACTIONS } from "./cart-actions.ts";
import { calculateCart } from "./cart-calculation.ts";
import type { Cart, CartItem, ItemState } from "./cart-model.ts";
import { setCustomShippingMethod, setShippingAddress, setShippingMethod } from "./cart-shipping.ts";
import type { Action, Change, World } from "./definition.ts";
import { compact, setOrRemove } from "./json.ts";
import { ORDER_ACTIONS } from "./order-actions.ts";
import { allItems, type Order } from "./order-model.ts";
import { initialLineState } from "./states.ts";

type OrderAction = Action<Order>;

/** What an action of carts may change on an order. */
const SALE_FIELDS = [
  ...["lineItems", "customLineItems", "totalPrice", "taxedPrice", "taxedShippingPrice", "discountOnTotalPrice"],
  ...["taxMode", "priceRoundingMode", "taxRoundingMode", "taxCalculationMode", "shippingAddress", "shippingInfo"],
  ...["shipping", "discountCodes", "country", "customerGroup"],
];

/** Lets an action of carts change an order, and computes the order anew as carts are computed. */
function onSale(action: Action<Cart>): OrderAction {
  return (change, draft) => {
    const { call, world, emit, onCommit, resource: order } = change;
    const cart: Cart = { ...order, cartState: "Active" };
    const states = new Map(allItems(order).map((item) => [item.id, { quantity: item.quantity, state: item.state }]));
    const deliveries = order.shippingInfo?.deliveries ?? [];
    action({ call, world, emit, onCommit, resource: cart }, draft);
    calculateCart(world, cart);
    for (const item of [...cart.lineItems, ...cart.customLineItems]) restate(world, item, states.get(item.id));
    if (cart.shippingInfo) cart.shippingInfo.deliveries = deliveries;
    for (const field of SALE_FIELDS) setOrRemove(order, field, cart[field]);
  };
}

/**
 * A line that gets more has the new units in the initial state; one that gets less loses those first that are the least
 * far. Which units the platform takes is not published.
 */
function restate(world: World, item: CartItem, before: { quantity: number; state: ItemState[] } | undefined): void {
  if (!before) return;
  const initial = initialLineState(world);
  const states = before.state.map((one) => ({ ...one }));
  const first = states.find((one) => one.state.id === initial.id);
  let missing = item.quantity - before.quantity;
  if (missing > 0 && first) first.quantity += missing;
  else if (missing > 0) states.push({ quantity: missing, state: initial });
  for (const one of [...(first ? [first] : []), ...states.filter((state) => state !== first)]) {
    if (missing >= 0) break;
    const taken = Math.min(one.quantity, -missing);
    one.quantity -= taken;
    missing += taken;
  }
  item.state = states.filter((one) => one.quantity > 0);
}

const FROM_CARTS = new Set([
  ...["addLineItem", "removeLineItem", "changeLineItemQuantity", "setLineItemPrice", "setLineItemTotalPrice"],
  ...["setLineItemTaxRate", "setLineItemTaxAmount", "setLineItemDistributionChannel"],
  ...["addCustomLineItem", "removeCustomLineItem", "changeCustomLineItemQuantity", "changeCustomLineItemMoney"],
  ...["setCustomLineItemTaxRate", "setCustomLineItemTaxAmount", "setShippingMethod", "setCustomShippingMethod"],
  ...["setShippingMethodTaxRate", "setShippingMethodTaxAmount", "addDiscountCode", "removeDiscountCode"],
  ...["changeTaxMode", "changeTaxRoundingMode", "changePriceRoundingMode", "changeTaxCalculationMode"],
  ...["setCountry", "setCustomerGroup"],
]);

const SALE_ACTIONS = Object.fromEntries(
  Object.entries(CART_ACTIONS).flatMap(([name, action]) => (FROM_CARTS.has(name) ? [[name, onSale(action)]] : [])),
);

/** Unlike on an order as such, a new address in an edit brings its rates of tax and shipping. */
function movingTo(action: Action<Cart>): OrderAction {
  const onOrder = onSale(action);
  return (change: Change<Order>, draft) => {
    const oldAddress = change.resource.shippingAddress;
    onOrder(change, draft);
    change.emit("OrderShippingAddressSet", compact({ address: change.resource.shippingAddress, oldAddress }));
  };
}

/** The actions that an Order Edit may stage: those of orders, and those of carts that change what is to be paid. */
export const STAGED_ACTIONS: Record<string, OrderAction> = {
  ...ORDER_ACTIONS,
  ...SALE_ACTIONS,
  setOrderTotalTax: onSale((change, draft) => CART_ACTIONS.setCartTotalTax?.(change, draft)),
  setShippingAddress: movingTo(({ resource, world }, action) => setShippingAddress(world, resource, action)),
  setShippingAddressAndShippingMethod: movingTo(({ resource, world }, action) => {
    setShippingAddress(world, resource, action);
    setShippingMethod(world, resource, action);
  }),
  setShippingAddressAndCustomShippingMethod: movingTo(({ resource, world }, action) => {
    setShippingAddress(world, resource, action);
    setCustomShippingMethod(world, resource, action);
  }),
};
