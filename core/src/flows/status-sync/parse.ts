/** The order as commercetools shows it, reduced to what this flow compares. */
import type { Delivery, DeliveryItem, Order, TrackingData } from "@commercetools/platform-sdk";
import { newestEntry } from "../../domain/claims.ts";
import type { OrderId, OrderNo } from "../../domain/ids.ts";

export type OrderState = "Open" | "Confirmed" | "Complete" | "Cancelled";
export type ShipmentState =
  | "Pending"
  | "Backorder"
  | "Delayed"
  | "Ready"
  | "Partial"
  | "Shipped"
  | "Delivered"
  | "Canceled";

export type KnownParcel = { readonly key: string | undefined; readonly tracking: TrackingData | undefined };
export type KnownDelivery = {
  readonly key: string | undefined;
  readonly items: readonly DeliveryItem[];
  readonly parcels: readonly KnownParcel[];
};

export type LinkedOrder = {
  readonly id: OrderId;
  readonly version: number;
  /** What people call the order. */
  readonly label: string;
  readonly orderNo: OrderNo;
  readonly orderState: OrderState;
  readonly shipmentState: ShipmentState | undefined;
  /** Line item ids in the order's own sequence, which is that of the exported lines. */
  readonly lineIds: readonly string[];
  /** Line item or custom line item id -> ordered quantity. */
  readonly quantities: ReadonlyMap<string, number>;
  /** Line item id -> the shipping keys that it is split over (shipping mode Multiple). */
  readonly shippingKeys: ReadonlyMap<string, readonly string[]>;
  /** "none": the order has no shipping method, and commercetools takes no delivery. */
  readonly shipping: "none" | "single" | { readonly keys: readonly string[] };
  readonly deliveries: readonly KnownDelivery[];
  /** "ours": the order's custom fields are of the connector's Type; "foreign": of another, which is left alone (as is every order while ours is not installed). */
  readonly customType: "none" | "ours" | "foreign";
  /** Of the connector's own Type; empty for others. */
  readonly fields: CustomFieldValues;
};

/** Fields of the Type `ifs-order` that this flow writes. */
export type CustomFieldValues = {
  readonly ifsOrderNo?: string;
  readonly ifsOrderState?: string;
  readonly ifsBlockedReason?: string;
  readonly ifsInvoiceNumbers?: readonly string[];
};

export type ParseOptions = {
  /** Id of the channel `ifs-link`. */
  readonly linkChannelId: string;
  /** Id of the Type `ifs-order`; without it no custom field is written. */
  readonly orderTypeId: string | undefined;
};

/** Undefined when the order is not linked to IFS (a query may return more than was asked for). */
export function parseLinkedOrder(order: Order, options: ParseOptions): LinkedOrder | undefined {
  const orderNo = newestEntry({ syncInfo: order.syncInfo ?? [] }, options.linkChannelId)?.externalId;
  if (!orderNo) return undefined;
  return {
    id: order.id as OrderId,
    version: order.version,
    label: order.orderNumber ?? order.id,
    orderNo: orderNo as OrderNo,
    orderState: order.orderState as OrderState,
    shipmentState: order.shipmentState as ShipmentState | undefined,
    lineIds: order.lineItems.map(({ id }) => id),
    quantities: new Map([
      ...order.lineItems.map((line) => [line.id, line.quantity] as const),
      ...order.customLineItems.map((line) => [line.id, line.quantity] as const),
    ]),
    shippingKeys: new Map(
      [...order.lineItems, ...order.customLineItems].map(
        (line) => [line.id, (line.shippingDetails?.targets ?? []).flatMap((t) => t.shippingMethodKey ?? [])] as const,
      ),
    ),
    shipping: shippingOf(order),
    deliveries: deliveriesOf(order).map(knownDelivery),
    customType: customTypeOf(order, options.orderTypeId),
    fields: customTypeOf(order, options.orderTypeId) === "ours" ? fieldsOf(order.custom?.fields ?? {}) : {},
  };
}

function shippingOf(order: Order): LinkedOrder["shipping"] {
  if (order.shippingMode !== "Multiple") return order.shippingInfo ? "single" : "none";
  return order.shipping.length === 0 ? "none" : { keys: order.shipping.map(({ shippingKey }) => shippingKey) };
}

const deliveriesOf = (order: Order): Delivery[] => [
  ...(order.shippingInfo?.deliveries ?? []),
  ...(order.shipping ?? []).flatMap((shipping) => shipping.shippingInfo.deliveries ?? []),
];

const knownDelivery = (delivery: Delivery): KnownDelivery => ({
  key: delivery.key,
  items: delivery.items,
  parcels: delivery.parcels.map((parcel) => ({ key: parcel.key, tracking: parcel.trackingData })),
});

function customTypeOf(order: Order, ours: string | undefined): LinkedOrder["customType"] {
  if (ours === undefined) return "foreign";
  if (order.custom === undefined) return "none";
  return order.custom.type.id === ours ? "ours" : "foreign";
}

function fieldsOf(fields: Readonly<Record<string, unknown>>): CustomFieldValues {
  const text = (name: string) => (typeof fields[name] === "string" ? { [name]: fields[name] } : {});
  const numbers = fields.ifsInvoiceNumbers;
  return {
    ...text("ifsOrderNo"),
    ...text("ifsOrderState"),
    ...text("ifsBlockedReason"),
    ...(Array.isArray(numbers) ? { ifsInvoiceNumbers: numbers.filter((entry) => typeof entry === "string") } : {}),
  };
}
