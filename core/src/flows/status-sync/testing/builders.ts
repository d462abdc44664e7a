/** Records for the tests of this flow: an order of two lines, its IFS document, shipments, and a small shop that takes updates. */
import type { Delivery, Order, OrderUpdateAction, Parcel } from "@commercetools/platform-sdk";
import { decimal, ONE, ZERO } from "../../../domain/decimal.ts";
import { ConflictError } from "../../../domain/failure.ts";
import type { CatalogNo, Contract, OrderNo, PartNo } from "../../../domain/ids.ts";
import type { IfsOrderDocument, IfsOrderLine, IfsOrderState, IfsShipment } from "../../../domain/ifs-records.ts";

export const LINK = "channel-link";
export const TYPE = "type-ifs-order";

type OrderInput = Partial<Omit<Order, "lineItems" | "syncInfo">> & {
  lines?: Record<string, number>;
  orderNo?: string | null;
};

/** Two lines: "line-a" of 5 pieces, "line-b" of 2; linked to IFS order 1001. */
export function anOrder({ lines = { "line-a": 5, "line-b": 2 }, orderNo = "1001", ...rest }: OrderInput = {}): Order {
  return {
    id: "order-1",
    version: 1,
    orderNumber: "W-1",
    orderState: "Open",
    shippingMode: "Single",
    shippingInfo: { shippingMethodName: "Standard", deliveries: [] },
    shipping: [],
    lineItems: Object.entries(lines).map(([id, quantity]) => ({ id, quantity })),
    customLineItems: [],
    syncInfo:
      orderNo === null
        ? []
        : [{ channel: { typeId: "channel", id: LINK }, externalId: orderNo, syncedAt: "2026-03-01T10:00:00.000Z" }],
    ...rest,
  } as unknown as Order;
}

export const aLine = (lineRef: string | null, lineNo: string, rest: Partial<IfsOrderLine> = {}): IfsOrderLine => ({
  orderNo: "1001" as OrderNo,
  lineNo,
  relNo: "1",
  lineItemNo: "0",
  state: "Released",
  lineRef,
  contract: "HH" as Contract,
  catalogNo: "P-1" as CatalogNo,
  partNo: "P-1" as PartNo,
  buyQtyDue: decimal(5),
  convFactor: ONE,
  revisedQtyDue: decimal(5),
  qtyAssigned: ZERO,
  qtyPicked: ZERO,
  qtyShipped: ZERO,
  qtyShipdiff: ZERO,
  qtyInvoiced: ZERO,
  netAmountCurr: ZERO,
  taxAmountCurr: ZERO,
  grossAmountCurr: ZERO,
  promisedDeliveryDate: null,
  ...rest,
});

type DocumentInput = {
  orderNo?: string;
  state?: IfsOrderState;
  lines?: IfsOrderLine[];
  blockedReason?: string;
};

export function aDocument({
  orderNo = "1001",
  state = "Released",
  lines,
  blockedReason,
}: DocumentInput = {}): IfsOrderDocument {
  return {
    order: {
      orderNo: orderNo as OrderNo,
      etag: "W/1",
      state,
      externalRef: "order-1",
      contract: "HH" as Contract,
      customerNo: "C1",
      currencyCode: "EUR",
      blockedReason: blockedReason ?? null,
      cancelReason: null,
    },
    lines: lines ?? [aLine("line-a", "1"), aLine("line-b", "2", { buyQtyDue: decimal(2) })],
    charges: [],
  };
}

type ShipmentInput = Partial<Omit<IfsShipment, "lines">> & {
  /** lineNo -> inventory quantity */
  quantities?: Record<string, number>;
  orderNo?: string;
};

/** Left the house with 2 pieces of line 1, unless told otherwise. */
export function aShipment({ quantities = { "1": 2 }, orderNo = "1001", ...rest }: ShipmentInput = {}): IfsShipment {
  return {
    shipmentId: "19",
    state: "Completed",
    contract: "HH" as Contract,
    actualShipDate: "2026-03-02T09:00:00Z",
    forwardAgentId: null,
    trackingNumber: null,
    lines: Object.entries(quantities).map(([lineNo, quantity], index) => ({
      shipmentLineNo: String(index + 1),
      orderNo: orderNo as OrderNo,
      lineNo,
      relNo: "1",
      lineItemNo: "0",
      inventoryQty: decimal(quantity),
      qtyShipped: decimal(quantity),
    })),
    ...rest,
  };
}

/** Applies the actions that this flow sends as the platform documents them; anything else, or anything it refuses, throws. */
export function applyActions(order: Order, version: number, actions: readonly OrderUpdateAction[]): Order {
  if (order.version !== version) throw new ConflictError(`version ${version} is not ${order.version}`);
  const next = structuredClone(order) as Order & { version: number };
  for (const action of actions) applyAction(next, action);
  next.version = order.version + 1;
  return next;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function deliveriesOf(order: Order): Delivery[] {
  const info = order.shippingInfo ?? order.shipping[0]?.shippingInfo;
  if (!info?.deliveries) throw new Error("the order takes no deliveries");
  return info.deliveries;
}

function deliveryByKey(order: Order, key: string | undefined): Mutable<Delivery> {
  const found = deliveriesOf(order).find((delivery) => delivery.key === key);
  if (!found) throw new Error(`no delivery ${key}`);
  return found;
}

const aParcel = (key: string | undefined, trackingData: Parcel["trackingData"], items: Parcel["items"]) =>
  ({ id: `parcel-${key}`, key, createdAt: "", trackingData, items }) as Parcel;

function applyAction(order: Mutable<Order>, action: OrderUpdateAction): void {
  switch (action.action) {
    case "addDelivery": {
      const deliveries = deliveriesOf(order);
      if (deliveries.some(({ key }) => key === action.deliveryKey))
        throw new Error(`delivery ${action.deliveryKey} twice`);
      deliveries.push({
        id: `delivery-${action.deliveryKey}`,
        key: action.deliveryKey,
        createdAt: "",
        items: action.items ?? [],
        parcels: (action.parcels ?? []).map((parcel) => aParcel(parcel.key, parcel.trackingData, parcel.items)),
      });
      return;
    }
    case "setDeliveryItems":
      deliveryByKey(order, action.deliveryKey).items = action.items;
      return;
    case "addParcelToDelivery":
      deliveryByKey(order, action.deliveryKey).parcels.push(
        aParcel(action.parcelKey, action.trackingData, action.items),
      );
      return;
    case "setParcelTrackingData": {
      const parcels: Mutable<Parcel>[] = deliveriesOf(order).flatMap(({ parcels: all }) => all);
      const parcel = parcels.find(({ key }) => key === action.parcelKey);
      if (!parcel) throw new Error(`no parcel ${action.parcelKey}`);
      parcel.trackingData = action.trackingData;
      return;
    }
    case "changeOrderState":
      order.orderState = action.orderState;
      return;
    case "changeShipmentState":
      order.shipmentState = action.shipmentState;
      return;
    case "setCustomType":
      order.custom = { type: { typeId: "type", id: TYPE }, fields: { ...action.fields } };
      return;
    case "setCustomField": {
      if (!order.custom) throw new Error("no custom type");
      const { [action.name]: _old, ...fields } = order.custom.fields;
      order.custom = {
        ...order.custom,
        fields: action.value === undefined ? fields : { ...fields, [action.name]: action.value },
      };
      return;
    }
    default:
      throw new Error(`unexpected action ${action.action}`);
  }
}
