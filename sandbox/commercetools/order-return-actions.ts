import { readCustom } from "./custom-fields.ts";
import type { Action, World } from "./definition.ts";
import { duplicateField, invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { dateTime, docs, key, requireDocs, requireInteger, requireOneOf, text } from "./input.ts";
import { compact, type Doc } from "./json.ts";
import { type Order, RETURN_PAYMENT_STATES, type ReturnInfo, type ReturnItem, returnItemOf } from "./order-model.ts";
import { restock } from "./order-stock.ts";

type OrderAction = Action<Order>;

/** An item starts as Advised or Returned, and stays what it started as: only Returned can move on. */
function readItem(world: World, order: Order, draft: Doc): ReturnItem {
  const shipmentState = requireOneOf(draft, "shipmentState", ["Advised", "Returned"]);
  const now = world.nowIso();
  return compact({
    id: world.newId(),
    key: key(draft),
    quantity: requireInteger(draft, "quantity"),
    ...lineOf(order, draft),
    comment: text(draft, "comment"),
    shipmentState,
    paymentState: shipmentState === "Advised" ? "NonRefundable" : "Initial",
    custom: readCustom(world, draft, "order-return-item"),
    lastModifiedAt: now,
    createdAt: now,
  } as ReturnItem);
}

function lineOf(order: Order, draft: Doc): Pick<ReturnItem, "type" | "lineItemId" | "customLineItemId"> {
  const lineItemId = text(draft, "lineItemId");
  const customLineItemId = text(draft, "customLineItemId");
  if (lineItemId !== undefined) {
    if (!order.lineItems.some((one) => one.id === lineItemId)) throw invalidInput(`No line item '${lineItemId}'.`);
    return { type: "LineItemReturnItem", lineItemId };
  }
  if (customLineItemId === undefined) throw requiredField("lineItemId");
  if (!order.customLineItems.some((one) => one.id === customLineItemId)) {
    throw invalidInput(`No custom line item '${customLineItemId}'.`);
  }
  return { type: "CustomLineItemReturnItem", customLineItemId };
}

function readReturn(world: World, order: Order, draft: Doc): ReturnInfo {
  return compact({
    items: requireDocs(draft, "items").map((item) => readItem(world, order, item)),
    returnTrackingId: text(draft, "returnTrackingId"),
    returnDate: dateTime(draft, "returnDate"),
  });
}

function checkKeys(order: Order): void {
  const keys = order.returnInfo.flatMap((info) => info.items).flatMap((item) => item.key ?? []);
  const twice = keys.find((one, index) => keys.indexOf(one) !== index);
  if (twice !== undefined) throw duplicateField("returnItem.key", twice);
}

const addReturnInfo: OrderAction = ({ resource, world, emit }, action) => {
  const returnInfo = readReturn(world, resource, action);
  resource.returnInfo.push(returnInfo);
  checkKeys(resource);
  emit("ReturnInfoAdded", { returnInfo: structuredClone(returnInfo) });
};

const setReturnInfo: OrderAction = ({ resource, world, emit }, action) => {
  resource.returnInfo = (docs(action, "items") ?? []).map((one) => readReturn(world, resource, one));
  checkKeys(resource);
  emit("ReturnInfoSet", { returnInfo: structuredClone(resource.returnInfo) });
};

const setReturnShipmentState: OrderAction = (change, action) => {
  const { resource, world, emit, call } = change;
  const item = returnItemOf(resource, action);
  const state = requireOneOf(action, "shipmentState", ["Advised", "Returned", "BackInStock", "Unusable"]);
  if (item.shipmentState !== "Returned" || (state !== "BackInStock" && state !== "Unusable")) {
    throw invalidOperation(`A return item can not go from '${item.shipmentState}' to '${state}'.`);
  }
  item.shipmentState = state;
  item.lastModifiedAt = world.nowIso();
  emit("OrderReturnShipmentStateChanged", { returnItemId: item.id, returnShipmentState: state });
  if (state === "BackInStock") {
    change.onCommit(() => restock(call, resource, (line) => (line.id === item.lineItemId ? item.quantity : 0)));
  }
};

const setReturnPaymentState: OrderAction = ({ resource, world }, action) => {
  const item = returnItemOf(resource, action);
  const state = requireOneOf(action, "paymentState", RETURN_PAYMENT_STATES);
  if (item.paymentState === "NonRefundable") throw invalidOperation("The return item is not refundable.");
  if (state !== "Refunded" && state !== "NotRefunded") throw invalidOperation(`The state '${state}' can not be set.`);
  item.paymentState = state;
  item.lastModifiedAt = world.nowIso();
};

export const ORDER_RETURN_ACTIONS: Record<string, OrderAction> = {
  addReturnInfo,
  setReturnInfo,
  setReturnShipmentState,
  setReturnPaymentState,
};
