import { findItem } from "./cart-lines.ts";
import { type CustomOwner, setCustomField, setCustomType } from "./custom-fields.ts";
import type { Action, Change } from "./definition.ts";
import { invalidInput, invalidOperation } from "./errors.ts";
import { requireText } from "./input.ts";
import type { Doc } from "./json.ts";
import { deliveryOf, type Order, parcelOf, returnItemOf } from "./order-model.ts";

type OrderAction = Action<Order>;

/** The pair `set…CustomType` and `set…CustomField` of one part of an order. */
function pair(part: string, owner: CustomOwner<Order>): Record<string, OrderAction> {
  return { [`set${part}CustomType`]: setCustomType(owner), [`set${part}CustomField`]: setCustomField(owner) };
}

function addressHolder(field: "billingAddress" | "shippingAddress") {
  return ({ resource }: Change<Order>): Doc => {
    const address = resource[field];
    if (!address) throw invalidOperation(`The order has no ${field}.`);
    return address;
  };
}

function itemAddress({ resource }: Change<Order>, action: Doc): Doc {
  const addressKey = requireText(action, "addressKey");
  const found = resource.itemShippingAddresses.find((one) => one.key === addressKey);
  if (!found) throw invalidInput(`The order has no address '${addressKey}'.`);
  return found;
}

function deliveryAddress({ resource }: Change<Order>, action: Doc): Doc {
  const { delivery } = deliveryOf(resource, action);
  if (!delivery.address) throw invalidOperation("The delivery has no address.");
  return delivery.address;
}

/** Custom fields of a shipping method live beside it: on the order for Single, on the shipping for Multiple. */
function shippingHolder({ resource }: Change<Order>, action: Doc): Doc {
  const shipping = resource.shipping.find((one) => one.shippingKey === action.shippingKey);
  const holder: Doc = shipping ?? resource;
  return proxied(holder, "shippingCustomFields");
}

/** Lets the custom-field actions work on a field that is not called `custom`. */
function proxied(holder: Doc, field: string): Doc {
  return {
    get custom() {
      return holder[field];
    },
    set custom(value: unknown) {
      holder[field] = value;
    },
  };
}

export const ORDER_FIELD_ACTIONS: Record<string, OrderAction> = {
  ...pair("LineItem", {
    resourceTypeId: "line-item",
    holder: ({ resource }, action) => findItem(resource.lineItems, action, "lineItem"),
  }),
  ...pair("CustomLineItem", {
    resourceTypeId: "custom-line-item",
    holder: ({ resource }, action) => findItem(resource.customLineItems, action, "customLineItem"),
  }),
  ...pair("Delivery", {
    resourceTypeId: "order-delivery",
    holder: ({ resource }, action) => deliveryOf(resource, action).delivery,
    messages: "Delivery",
    extra: ({ resource }, action) => ({ deliveryId: deliveryOf(resource, action).delivery.id }),
  }),
  ...pair("Parcel", {
    resourceTypeId: "order-parcel",
    holder: ({ resource }, action) => parcelOf(resource, action).parcel,
  }),
  ...pair("ReturnItem", {
    resourceTypeId: "order-return-item",
    holder: ({ resource }, action) => returnItemOf(resource, action),
  }),
  ...pair("BillingAddress", { resourceTypeId: "address", holder: addressHolder("billingAddress") }),
  ...pair("ShippingAddress", { resourceTypeId: "address", holder: addressHolder("shippingAddress") }),
  ...pair("ItemShippingAddress", { resourceTypeId: "address", holder: itemAddress }),
  ...pair("DeliveryAddress", { resourceTypeId: "address", holder: deliveryAddress }),
  setShippingCustomField: setCustomField<Order>({ resourceTypeId: "shipping", holder: shippingHolder }),
  setShippingCustomType: (change, action) => {
    setCustomType<Order>({ resourceTypeId: "shipping", holder: shippingHolder })(change, action);
    if (action.type !== undefined && action.type !== null) return;
    const shipping = change.resource.shipping.find((one) => one.shippingKey === action.shippingKey);
    delete ((shipping ?? change.resource) as Doc).shippingCustomFields;
  },
};
