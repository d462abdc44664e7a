/** Facts against the order: only what moves forward. Pure. */
import type { DeliveryItem, OrderUpdateAction, TrackingData } from "@commercetools/platform-sdk";
import type { Rejection } from "../../domain/failure.ts";
import type { DesiredDelivery, DesiredParcel, OrderFacts } from "./map.ts";
import type { KnownDelivery, LinkedOrder, OrderState, ShipmentState } from "./parse.ts";

/**
 * States move to a higher rank only, so late or repeated data change nothing and any order of the same facts ends in the
 * same state. A cancelled order is final.
 */
const ORDER_RANK: Readonly<Record<OrderState, number>> = { Open: 0, Confirmed: 1, Complete: 2, Cancelled: 3 };
const SHIPMENT_RANK: Readonly<Record<ShipmentState, number>> = {
  Pending: 0,
  Backorder: 1,
  Delayed: 2,
  Ready: 3,
  Partial: 4,
  Shipped: 5,
  Delivered: 6,
  Canceled: 7,
};

/** commercetools takes 500 actions per update; states follow once all deliveries are in. */
const MAX_ACTIONS = 400;

export type OrderPlan = {
  readonly actions: OrderUpdateAction[];
  /** One sentence per action, for people. */
  readonly causes: string[];
  readonly rejections: Rejection[];
  /** States that IFS reports and the order has already passed. */
  readonly ignoredStates: number;
};

export function planOrder(order: LinkedOrder, facts: OrderFacts): OrderPlan {
  const plan: OrderPlan = { actions: [], causes: [], rejections: [...facts.rejections], ignoredStates: 0 };
  planDeliveries(order, facts, plan);
  if (plan.actions.length > MAX_ACTIONS) {
    return { ...plan, actions: plan.actions.slice(0, MAX_ACTIONS), causes: plan.causes.slice(0, MAX_ACTIONS) };
  }
  const ignoredStates = planStates(order, facts, plan);
  planFields(order, facts, plan);
  return { ...plan, ignoredStates };
}

const push = (plan: OrderPlan, action: OrderUpdateAction, cause: string): void => {
  plan.actions.push(action);
  plan.causes.push(cause);
};

function planDeliveries(order: LinkedOrder, facts: OrderFacts, plan: OrderPlan): void {
  const delivered = deliveredQuantities(order.deliveries);
  for (const desired of facts.deliveries) {
    const existing = order.deliveries.find(({ key }) => key === desired.key);
    if (existing) {
      growDelivery(order, { desired, existing, delivered }, plan);
      planParcel(existing, desired.parcel, plan);
      continue;
    }
    const problem = itemProblem(order, desired, delivered) ?? shippingProblem(order, desired);
    if (problem) {
      plan.rejections.push(problem);
      continue;
    }
    addQuantities(delivered, desired.items);
    push(plan, addDelivery(order, desired), `IFS shipped: ${desired.source}`);
  }
}

function addDelivery(order: LinkedOrder, desired: DesiredDelivery): OrderUpdateAction {
  const shippingKey = shippingKeyOf(order, desired);
  return {
    action: "addDelivery",
    deliveryKey: desired.key,
    ...(shippingKey === undefined ? {} : { shippingKey }),
    items: [...desired.items],
    ...(desired.parcel
      ? { parcels: [{ key: desired.parcel.key, trackingData: desired.parcel.tracking, items: [...desired.items] }] }
      : {}),
  };
}

type Growth = {
  readonly desired: DesiredDelivery;
  readonly existing: KnownDelivery;
  readonly delivered: Map<string, number>;
};

/** A delivery read from the order line follows its quantity upwards; what a shipment carried never changes. */
function growDelivery(order: LinkedOrder, { desired, existing, delivered }: Growth, plan: OrderPlan): void {
  if (!desired.grows) return;
  const known = deliveredQuantities([existing]);
  const growth = desired.items
    .map(({ id, quantity }) => ({ id, quantity: quantity - (known.get(id) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  if (growth.length === 0) return;
  const problem = itemProblem(order, { ...desired, items: growth }, delivered);
  if (problem) {
    plan.rejections.push(problem);
    return;
  }
  addQuantities(delivered, growth);
  push(
    plan,
    { action: "setDeliveryItems", deliveryKey: desired.key, items: [...desired.items] },
    `IFS delivered more: ${desired.source}`,
  );
}

function planParcel(existing: KnownDelivery, desired: DesiredParcel | undefined, plan: OrderPlan): void {
  if (!desired) return;
  const known = existing.parcels.find(({ key }) => key === desired.key);
  if (!known) {
    push(
      plan,
      {
        action: "addParcelToDelivery",
        deliveryKey: existing.key,
        parcelKey: desired.key,
        trackingData: desired.tracking,
        items: [...existing.items],
      },
      `IFS has the tracking number ${desired.tracking.trackingId}`,
    );
  } else if (!sameTracking(known.tracking, desired.tracking)) {
    push(
      plan,
      { action: "setParcelTrackingData", parcelKey: desired.key, trackingData: desired.tracking },
      `IFS changed the tracking number to ${desired.tracking.trackingId}`,
    );
  }
}

const sameTracking = (known: TrackingData | undefined, desired: TrackingData): boolean =>
  known?.trackingId === desired.trackingId &&
  known?.carrier === desired.carrier &&
  known?.provider === desired.provider &&
  known?.providerTransaction === desired.providerTransaction;

function deliveredQuantities(deliveries: readonly KnownDelivery[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { items } of deliveries) addQuantities(sums, items);
  return sums;
}

function addQuantities(sums: Map<string, number>, items: readonly DeliveryItem[]): void {
  for (const { id, quantity } of items) sums.set(id, (sums.get(id) ?? 0) + quantity);
}

/** commercetools does not compare delivered with ordered quantities: this is the only place where anybody does. */
function itemProblem(
  order: LinkedOrder,
  desired: Pick<DesiredDelivery, "items" | "source">,
  delivered: ReadonlyMap<string, number>,
): Rejection | undefined {
  for (const { id, quantity } of desired.items) {
    const ordered = order.quantities.get(id);
    if (ordered === undefined) {
      return {
        code: "invalidInput",
        message: `IFS order ${order.orderNo}, ${desired.source}: its line refers to line item ${id}, which order ${order.label} does not have.`,
        action: "Check whether the order was changed after its export, and record the delivery by hand if it is right.",
        owner: "operator",
        field: "lineItemId",
        value: id,
      };
    }
    const total = (delivered.get(id) ?? 0) + quantity;
    if (total > ordered) {
      return {
        code: "heldForReview",
        message: `IFS order ${order.orderNo}, ${desired.source}: ${total} pieces of line item ${id} would be delivered, ${ordered} were ordered.`,
        action:
          "Compare the deliveries of the order with those in IFS; remove what is there twice, or leave the delivery out.",
        owner: "operator",
        field: "quantity",
        value: String(total),
      };
    }
  }
  return undefined;
}

function shippingProblem(order: LinkedOrder, desired: DesiredDelivery): Rejection | undefined {
  const missing = order.shipping === "none";
  if (!missing && (order.shipping === "single" || shippingKeyOf(order, desired) !== undefined)) return undefined;
  return {
    code: "unsupported",
    message: missing
      ? `Order ${order.label} has no shipping method, so commercetools cannot take the delivery of IFS order ${order.orderNo} (${desired.source}).`
      : `Order ${order.label} has several shipping methods, and ${desired.source} of IFS order ${order.orderNo} does not belong to exactly one of them.`,
    action: "Record the delivery by hand; orders of this kind need a shipping method per delivery.",
    owner: "operator",
    field: "shipping",
  };
}

/** Mode Multiple: the one shipping method that all items of the delivery share. */
function shippingKeyOf(order: LinkedOrder, desired: DesiredDelivery): string | undefined {
  if (typeof order.shipping === "string") return undefined;
  if (order.shipping.keys.length === 1) return order.shipping.keys[0];
  const shared = desired.items
    .map(({ id }) => order.shippingKeys.get(id) ?? [])
    .reduce((left, right) => left.filter((key) => right.includes(key)));
  return shared.length === 1 ? shared[0] : undefined;
}

/** Number of states that were behind the order. */
function planStates(order: LinkedOrder, facts: OrderFacts, plan: OrderPlan): number {
  let ignored = 0;
  const { orderState, shipmentState } = facts;
  if (shipmentState !== undefined && shipmentState !== order.shipmentState) {
    const rank = order.shipmentState === undefined ? -1 : SHIPMENT_RANK[order.shipmentState];
    if (SHIPMENT_RANK[shipmentState] > rank) {
      push(plan, { action: "changeShipmentState", shipmentState }, `IFS order is ${facts.ifsState}`);
    } else ignored += 1;
  }
  if (orderState !== undefined && orderState !== order.orderState) {
    if (ORDER_RANK[orderState] > ORDER_RANK[order.orderState]) {
      push(plan, { action: "changeOrderState", orderState }, `IFS order is ${facts.ifsState}`);
    } else ignored += 1;
  }
  return ignored;
}

/**
 * What has no native field, in the connector's own Type. A Type of the merchant on the order is never replaced, and its
 * fields are not known here, so there nothing is written. Invoice numbers are only ever added.
 */
function planFields(order: LinkedOrder, facts: OrderFacts, plan: OrderPlan): void {
  if (order.customType === "foreign") return;
  const invoices = [...new Set([...(order.fields.ifsInvoiceNumbers ?? []), ...facts.invoiceNumbers])].sort();
  const wanted: Record<string, string | string[] | undefined> = {
    ifsOrderNo: order.orderNo,
    ifsOrderState: facts.ifsState,
    ifsBlockedReason: facts.blockedReason,
    ...(invoices.length === 0 ? {} : { ifsInvoiceNumbers: invoices }),
  };
  const known = order.fields as Readonly<Record<string, unknown>>;
  const changed = Object.entries(wanted).filter(([name, value]) => !sameValue(known[name], value));
  if (changed.length === 0) return;
  const cause = `IFS order is ${facts.ifsState}`;
  if (order.customType === "none") {
    const fields = Object.fromEntries(changed);
    push(plan, { action: "setCustomType", type: { typeId: "type", key: "ifs-order" }, fields }, cause);
    return;
  }
  for (const [name, value] of changed) {
    push(plan, { action: "setCustomField", name, ...(value === undefined ? {} : { value }) }, cause);
  }
}

/** Sets come back in no particular order. */
function sameValue(known: unknown, wanted: string | string[] | undefined): boolean {
  if (!Array.isArray(wanted)) return known === wanted;
  return Array.isArray(known) && known.length === wanted.length && wanted.every((entry) => known.includes(entry));
}
