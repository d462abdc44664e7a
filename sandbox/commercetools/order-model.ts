import type { CartItem, Delivery, Parcel, Sale, ShippingInfo } from "./cart-model.ts";
import type { CustomFields } from "./custom-fields.ts";
import { invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { text } from "./input.ts";
import type { Doc, Reference, Resource } from "./json.ts";

export const ORDER_STATES = ["Open", "Confirmed", "Complete", "Cancelled"] as const;
export const SHIPMENT_STATES = [
  ...(["Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled"] as const),
] as const;
export const PAYMENT_STATES = ["BalanceDue", "Failed", "Pending", "CreditOwed", "Paid"] as const;
export const RETURN_PAYMENT_STATES = ["NonRefundable", "Initial", "Refunded", "NotRefunded"] as const;

export type SyncInfo = { channel: Reference<"channel">; externalId?: string; syncedAt: string };

export type ReturnItem = Doc & {
  id: string;
  key?: string;
  quantity: number;
  type: "LineItemReturnItem" | "CustomLineItemReturnItem";
  lineItemId?: string;
  customLineItemId?: string;
  shipmentState: "Advised" | "Returned" | "BackInStock" | "Unusable";
  paymentState: (typeof RETURN_PAYMENT_STATES)[number];
  custom?: CustomFields;
  lastModifiedAt: string;
};
export type ReturnInfo = { items: ReturnItem[]; returnTrackingId?: string; returnDate?: string };

export type Order = Resource &
  Sale & {
    orderNumber?: string;
    purchaseOrderNumber?: string;
    orderState: (typeof ORDER_STATES)[number];
    shipmentState?: (typeof SHIPMENT_STATES)[number];
    paymentState?: (typeof PAYMENT_STATES)[number];
    state?: Reference<"state">;
    syncInfo: SyncInfo[];
    returnInfo: ReturnInfo[];
    cart?: Reference<"cart">;
    lastMessageSequenceNumber?: number;
  };

export function allItems(order: Order): CartItem[] {
  return [...order.lineItems, ...order.customLineItems];
}

/** Where a delivery is kept: the one shippingInfo, or that of a shipping key. */
export type Shipment = { info: ShippingInfo; shippingKey?: string };

export function shipments(order: Order): Shipment[] {
  const several = order.shipping.map((one) => ({ info: one.shippingInfo, shippingKey: one.shippingKey }));
  return order.shippingInfo ? [{ info: order.shippingInfo }, ...several] : several;
}

/** The shipment that an action means: `shippingKey` is required for Multiple and forbidden for Single. */
export function shipmentOf(order: Order, action: Doc): Shipment {
  const shippingKey = text(action, "shippingKey");
  if (order.shippingMode === "Multiple") {
    if (shippingKey === undefined) throw requiredField("shippingKey");
    const found = shipments(order).find((one) => one.shippingKey === shippingKey);
    if (!found) throw invalidInput(`The order has no shipping with the key '${shippingKey}'.`);
    return found;
  }
  if (shippingKey !== undefined) throw invalidOperation("A shippingKey is not allowed with the shipping mode Single.");
  const [only] = shipments(order);
  if (!only) throw invalidOperation("The order has no shippingInfo.");
  return only;
}

/** A delivery by id or key, with the shipment that it belongs to. */
export function deliveryOf(order: Order, action: Doc): { delivery: Delivery; shipment: Shipment } {
  const id = text(action, "deliveryId");
  const key = text(action, "deliveryKey");
  if (id === undefined && key === undefined) throw requiredField("deliveryId");
  for (const shipment of shipments(order)) {
    const delivery = shipment.info.deliveries.find((one) => (id !== undefined ? one.id === id : one.key === key));
    if (delivery) return { delivery, shipment };
  }
  throw invalidInput(`The order has no delivery '${id ?? key}'.`);
}

export function parcelOf(order: Order, action: Doc): { parcel: Parcel; delivery: Delivery; shipment: Shipment } {
  const id = text(action, "parcelId");
  const key = text(action, "parcelKey");
  if (id === undefined && key === undefined) throw requiredField("parcelId");
  for (const shipment of shipments(order)) {
    for (const delivery of shipment.info.deliveries) {
      const parcel = delivery.parcels.find((one) => (id !== undefined ? one.id === id : one.key === key));
      if (parcel) return { parcel, delivery, shipment };
    }
  }
  throw invalidInput(`The order has no parcel '${id ?? key}'.`);
}

export function returnItemOf(order: Order, action: Doc): ReturnItem {
  const id = text(action, "returnItemId");
  const key = text(action, "returnItemKey");
  if (id === undefined && key === undefined) throw requiredField("returnItemId");
  const found = order.returnInfo
    .flatMap((info) => info.items)
    .find((one) => (id !== undefined ? one.id === id : one.key === key));
  if (!found) throw invalidInput(`The order has no return item '${id ?? key}'.`);
  return found;
}
