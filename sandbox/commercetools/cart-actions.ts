import { readAddress } from "./addresses.ts";
import { addDiscountCode } from "./cart-codes.ts";
import { CART_LINE_ACTIONS } from "./cart-line-actions.ts";
import { selectLinePrice } from "./cart-lines.ts";
import { type Cart, TAX_CALCULATION_MODES, TAX_MODES } from "./cart-model.ts";
import { addShipping, setCustomShippingMethod, setShippingAddress, setShippingMethod } from "./cart-shipping.ts";
import { CART_TAX_ACTIONS } from "./cart-tax-actions.ts";
import { customActions } from "./custom-fields.ts";
import type { Action, Change } from "./definition.ts";
import { invalidInput, invalidOperation } from "./errors.ts";
import { country, key, requireDoc, requireOneOf, requireText, text } from "./input.ts";
import { setOrRemove } from "./json.ts";
import { ROUNDING_MODES } from "./money.ts";
import { requireReference, resolveKeyReference, resolveReference, resolveResource } from "./references.ts";

type CartAction = Action<Cart>;

/** A cart that became an order can not be changed any more. */
function open(action: CartAction): CartAction {
  return (change, draft) => {
    if (change.resource.cartState === "Ordered") throw invalidOperation("The cart was already ordered.");
    action(change, draft);
  };
}

function reprice({ world, resource }: Change<Cart>): void {
  for (const line of resource.lineItems) selectLinePrice(world, resource, line);
}

const setCustomerId: CartAction = (change, action) => {
  const { resource, world } = change;
  const customerId = text(action, "customerId");
  const customer =
    customerId === undefined
      ? undefined
      : resolveResource(world, "customer", { customer: { id: customerId } }, "customer");
  setOrRemove(resource, "customerId", customerId);
  setOrRemove(resource, "customerGroup", customer?.customerGroup);
  if (customer) resource.customerEmail ??= String(customer.email);
  reprice(change);
};

const setCustomerGroup: CartAction = (change, action) => {
  const group = resolveReference(change.world, "customer-group", action, "customerGroup");
  setOrRemove(change.resource, "customerGroup", group);
  reprice(change);
};

const setCountry: CartAction = (change, action) => {
  setOrRemove(change.resource, "country", country(action, "country"));
  reprice(change);
};

const addPayment: CartAction = ({ resource, world }, action) => {
  const payment = requireReference(world, "payment", action, "payment");
  const payments = resource.paymentInfo?.payments ?? [];
  if (!payments.some((one) => one.id === payment.id)) resource.paymentInfo = { payments: [...payments, payment] };
};

const removePayment: CartAction = ({ resource, world }, action) => {
  const payment = requireReference(world, "payment", action, "payment");
  const payments = (resource.paymentInfo?.payments ?? []).filter((one) => one.id !== payment.id);
  setOrRemove(resource, "paymentInfo", payments.length > 0 ? { payments } : undefined);
};

const removeDiscountCode: CartAction = ({ resource, world }, action) => {
  const code = requireReference(world, "discount-code", action, "discountCode");
  resource.discountCodes = resource.discountCodes.filter((one) => one.discountCode.id !== code.id);
};

const removeShippingMethod: CartAction = ({ resource }, action) => {
  const shippingKey = requireText(action, "shippingKey");
  resource.shipping = resource.shipping.filter((one) => one.shippingKey !== shippingKey);
};

const addItemShippingAddress: CartAction = ({ resource, world }, action) => {
  const address = readAddress(world, { address: requireDoc(action, "address") }, "address");
  if (!address?.key) throw invalidInput("The address needs a key.");
  resource.itemShippingAddresses = [
    ...resource.itemShippingAddresses.filter((one) => one.key !== address.key),
    address,
  ];
};

const ACTIONS: Record<string, CartAction> = {
  ...CART_LINE_ACTIONS,
  ...CART_TAX_ACTIONS,
  recalculate: reprice,
  setCustomerId,
  setCustomerGroup,
  setCountry,
  setCustomerEmail: ({ resource }, action) => setOrRemove(resource, "customerEmail", text(action, "email")),
  setAnonymousId: ({ resource }, action) => setOrRemove(resource, "anonymousId", text(action, "anonymousId")),
  setLocale: ({ resource }, action) => setOrRemove(resource, "locale", text(action, "locale")),
  setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
  setPurchaseOrderNumber: ({ resource }, action) =>
    setOrRemove(resource, "purchaseOrderNumber", text(action, "purchaseOrderNumber")),
  setBusinessUnit: ({ resource, world }, action) =>
    setOrRemove(resource, "businessUnit", resolveKeyReference(world, "business-unit", action, "businessUnit")),
  setBillingAddress: ({ resource, world }, action) =>
    setOrRemove(resource, "billingAddress", readAddress(world, action, "address")),
  setShippingAddress: ({ resource, world }, action) => setShippingAddress(world, resource, action),
  addItemShippingAddress,
  updateItemShippingAddress: addItemShippingAddress,
  setShippingMethod: ({ resource, world }, action) => setShippingMethod(world, resource, action),
  setCustomShippingMethod: ({ resource, world }, action) => setCustomShippingMethod(world, resource, action),
  addShippingMethod: ({ resource, world }, action) => addShipping(world, resource, action, "shippingKey"),
  addCustomShippingMethod: ({ resource, world }, action) => addShipping(world, resource, action, "shippingKey"),
  removeShippingMethod,
  addDiscountCode: ({ resource, world }, action) => addDiscountCode(world, resource, requireText(action, "code")),
  removeDiscountCode,
  addPayment,
  removePayment,
  changeTaxMode: ({ resource }, action) => {
    resource.taxMode = requireOneOf(action, "taxMode", TAX_MODES);
    for (const item of [...resource.lineItems, ...resource.customLineItems]) {
      delete item.taxRate;
      delete item.taxedPrice;
    }
  },
  changeTaxRoundingMode: ({ resource }, action) => {
    resource.taxRoundingMode = requireOneOf(action, "taxRoundingMode", ROUNDING_MODES);
  },
  changePriceRoundingMode: ({ resource }, action) => {
    resource.priceRoundingMode = requireOneOf(action, "priceRoundingMode", ROUNDING_MODES);
  },
  changeTaxCalculationMode: ({ resource }, action) => {
    resource.taxCalculationMode = requireOneOf(action, "taxCalculationMode", TAX_CALCULATION_MODES);
  },
  ...customActions<Cart>("order"),
};

export const CART_ACTIONS: Record<string, CartAction> = Object.fromEntries(
  Object.entries(ACTIONS).map(([name, action]) => [name, open(action)]),
);
