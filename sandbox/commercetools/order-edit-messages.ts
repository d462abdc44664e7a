import type { CustomLineItem, LineItem } from "./cart-model.ts";
import type { Change } from "./definition.ts";
import { compact, type Doc, sameJson } from "./json.ts";
import type { Order } from "./order-model.ts";

/** Tells what an Order Edit did to lines, shipping and discounts, with the figures that came out of it. */
export function announceEdit({ before, resource: after, emit }: Change<Order>): void {
  if (!before) return;
  announceLines(before, after, emit);
  announceCustomLines(before, after, emit);
  const { shippingInfo, customerGroup } = after;
  if (!sameJson(shippingOf(before), shippingOf(after))) {
    emit("OrderShippingInfoSet", compact({ shippingInfo, oldShippingInfo: before.shippingInfo }));
  }
  const oldCodes = before.discountCodes.map((one) => one.discountCode);
  const newCodes = after.discountCodes.map((one) => one.discountCode);
  for (const discountCode of newCodes.filter((one) => !oldCodes.some((old) => old.id === one.id))) {
    emit("OrderDiscountCodeAdded", { discountCode });
  }
  for (const discountCode of oldCodes.filter((one) => !newCodes.some((now) => now.id === one.id))) {
    emit("OrderDiscountCodeRemoved", { discountCode });
  }
  if (!sameJson(before.customerGroup, customerGroup) && before.customerId === after.customerId) {
    emit("OrderCustomerGroupSet", compact({ customerGroup, oldCustomerGroup: before.customerGroup }));
  }
}

function shippingOf({ shippingInfo }: Order): Doc | undefined {
  if (!shippingInfo) return undefined;
  const { shippingMethodName, shippingMethod, shippingRate, price } = shippingInfo;
  return { shippingMethodName, shippingMethod, shippingRate, price };
}

type Emit = Change<Order>["emit"];

function announceLines(before: Order, after: Order, emit: Emit): void {
  const old = new Map(before.lineItems.map((line) => [line.id, line]));
  const now = new Map(after.lineItems.map((line) => [line.id, line]));
  for (const line of after.lineItems) {
    const added = line.quantity - (old.get(line.id)?.quantity ?? 0);
    if (added > 0) emit("OrderLineItemAdded", { lineItem: structuredClone(line), addedQuantity: added });
  }
  for (const line of before.lineItems) {
    const left = now.get(line.id);
    const removedQuantity = line.quantity - (left?.quantity ?? 0);
    if (removedQuantity > 0) emit("OrderLineItemRemoved", removed(line, left, removedQuantity));
  }
  for (const line of after.lineItems) {
    const was = old.get(line.id);
    if (!was || sameJson(was.discountedPricePerQuantity, line.discountedPricePerQuantity)) continue;
    const { discountedPricePerQuantity, totalPrice, taxedPrice, taxedPricePortions } = line;
    const figures = { discountedPricePerQuantity, totalPrice, taxedPrice, taxedPricePortions };
    emit("OrderLineItemDiscountSet", compact({ ...nameOf(line), ...structuredClone(figures) }));
  }
}

function nameOf(line: LineItem): Doc {
  return compact({ lineItemId: line.id, lineItemKey: line.key });
}

function removed(line: LineItem, left: LineItem | undefined, removedQuantity: number): Doc {
  return compact({
    ...nameOf(line),
    removedQuantity,
    newQuantity: left?.quantity ?? 0,
    newState: left?.state ?? [],
    newTotalPrice: left?.totalPrice ?? { ...line.totalPrice, centAmount: 0 },
    newTaxedPrice: left?.taxedPrice,
    newPrice: left?.price,
    newShippingDetail: left?.shippingDetails,
  });
}

function announceCustomLines(before: Order, after: Order, emit: Emit): void {
  const named = (line: CustomLineItem) => compact({ customLineItemId: line.id, customLineItemKey: line.key });
  for (const line of after.customLineItems) {
    const was = before.customLineItems.find((one) => one.id === line.id);
    if (!was) emit("OrderCustomLineItemAdded", { customLineItem: structuredClone(line) });
    else if (was.quantity !== line.quantity) {
      const quantities = { quantity: line.quantity, oldQuantity: was.quantity };
      emit("OrderCustomLineItemQuantityChanged", { ...named(line), ...quantities });
    }
  }
  for (const line of before.customLineItems) {
    if (after.customLineItems.some((one) => one.id === line.id)) continue;
    emit("OrderCustomLineItemRemoved", { ...named(line), customLineItem: line });
  }
}
