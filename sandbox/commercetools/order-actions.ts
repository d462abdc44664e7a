import { readAddress } from "./addresses.ts";
import { customActions } from "./custom-fields.ts";
import type { Action } from "./definition.ts";
import { invalidInput, invalidOperation, refuse } from "./errors.ts";
import { dateTime, flag, requireOneOf, requireText, text } from "./input.ts";
import { compact, type Resource, setOrRemove } from "./json.ts";
import { ORDER_DELIVERY_ACTIONS } from "./order-delivery-actions.ts";
import { ORDER_FIELD_ACTIONS } from "./order-field-actions.ts";
import { ORDER_LINE_ACTIONS } from "./order-line-actions.ts";
import { ORDER_STATES, type Order, PAYMENT_STATES, SHIPMENT_STATES, type SyncInfo } from "./order-model.ts";
import { ORDER_RETURN_ACTIONS } from "./order-return-actions.ts";
import { restock } from "./order-stock.ts";
import { requireReference, requireResource, resolveKeyReference, resolveResource } from "./references.ts";
import { checkTransition, type State } from "./states.ts";

type OrderAction = Action<Order>;

/** Records that the order is known elsewhere. No Message tells of it. Replace or append for one channel is a setting. */
const updateSyncInfo: OrderAction = ({ resource, world }, action) => {
  const channel = requireResource<Resource & { roles: string[] }>(world, "channel", action, "channel");
  if (!channel.roles.includes("OrderExport") && !channel.roles.includes("OrderImport")) {
    throw invalidInput(`The channel '${channel.id}' has neither the role OrderExport nor OrderImport.`);
  }
  const entry: SyncInfo = compact({
    channel: { typeId: "channel" as const, id: channel.id },
    externalId: text(action, "externalId"),
    syncedAt: dateTime(action, "syncedAt") ?? world.nowIso(),
  });
  const replace = world.settings.syncInfoSameChannel === "replace";
  const kept = replace ? resource.syncInfo.filter((one) => one.channel.id !== channel.id) : resource.syncInfo;
  resource.syncInfo = [...kept, entry];
};

const changeOrderState: OrderAction = (change, action) => {
  const { resource, emit, call } = change;
  const oldOrderState = resource.orderState;
  resource.orderState = requireOneOf(action, "orderState", ORDER_STATES);
  if (oldOrderState === resource.orderState) return;
  emit("OrderStateChanged", { orderState: resource.orderState, oldOrderState });
  if (resource.orderState === "Cancelled") change.onCommit(() => restock(call, resource, (line) => line.quantity));
};

const changeShipmentState: OrderAction = ({ resource, emit }, action) => {
  const oldShipmentState = resource.shipmentState;
  resource.shipmentState = requireOneOf(action, "shipmentState", SHIPMENT_STATES);
  if (oldShipmentState === resource.shipmentState) return;
  emit("OrderShipmentStateChanged", compact({ shipmentState: resource.shipmentState, oldShipmentState }));
};

const changePaymentState: OrderAction = ({ resource, emit }, action) => {
  const oldPaymentState = resource.paymentState;
  resource.paymentState = requireOneOf(action, "paymentState", PAYMENT_STATES);
  if (oldPaymentState === resource.paymentState) return;
  emit("OrderPaymentStateChanged", compact({ paymentState: resource.paymentState, oldPaymentState }));
};

const transitionState: OrderAction = ({ resource, world, emit }, action) => {
  const to = requireResource<State>(world, "state", action, "state");
  if (to.type !== "OrderState") throw invalidInput(`The state '${to.key}' is not of the type OrderState.`);
  const oldState = resource.state;
  const force = flag(action, "force") ?? false;
  if (!force) checkTransition(world, oldState, to);
  resource.state = { typeId: "state", id: to.id };
  emit("OrderStateTransition", compact({ state: resource.state, oldState, force }));
};

/** Settable once: the number identifies the order for good. */
const setOrderNumber: OrderAction = ({ resource, world }, action) => {
  const orderNumber = text(action, "orderNumber");
  if (resource.orderNumber !== undefined && resource.orderNumber !== orderNumber) {
    throw invalidOperation("The orderNumber can not be changed once set.");
  }
  setOrRemove(resource, "orderNumber", orderNumber);
  const owner =
    orderNumber === undefined ? undefined : world.collection<Order>("order").findUnique("orderNumber", orderNumber);
  if (owner && owner.id !== resource.id) {
    const message = `A duplicate value '"${orderNumber}"' exists for field 'orderNumber'.`;
    throw refuse("DuplicateField", message, { field: "orderNumber", duplicateValue: orderNumber });
  }
};

const setPurchaseOrderNumber: OrderAction = ({ resource, emit }, action) => {
  const oldPurchaseOrderNumber = resource.purchaseOrderNumber;
  setOrRemove(resource, "purchaseOrderNumber", text(action, "purchaseOrderNumber"));
  const { purchaseOrderNumber } = resource;
  emit("OrderPurchaseOrderNumberSet", compact({ purchaseOrderNumber, oldPurchaseOrderNumber }));
};

const setCustomerEmail: OrderAction = ({ resource, emit }, action) => {
  const oldEmail = resource.customerEmail;
  setOrRemove(resource, "customerEmail", text(action, "email"));
  emit("OrderCustomerEmailSet", compact({ email: resource.customerEmail, oldEmail }));
};

const setCustomerId: OrderAction = ({ resource, world, emit }, action) => {
  const id = text(action, "customerId");
  const customer = id === undefined ? undefined : resolveResource(world, "customer", { customer: { id } }, "customer");
  const oldCustomer = resource.customerId === undefined ? undefined : { typeId: "customer", id: resource.customerId };
  const oldCustomerGroup = resource.customerGroup;
  setOrRemove(resource, "customerId", customer?.id);
  setOrRemove(resource, "customerGroup", customer?.customerGroup);
  emit(
    "OrderCustomerSet",
    compact({
      customer: customer ? { typeId: "customer", id: customer.id } : undefined,
      customerGroup: resource.customerGroup,
      oldCustomer,
      oldCustomerGroup,
    }),
  );
};

function setAddress(field: "billingAddress" | "shippingAddress", message: string): OrderAction {
  return ({ resource, world, emit }, action) => {
    const oldAddress = resource[field];
    setOrRemove(resource, field, readAddress(world, action, "address"));
    emit(message, compact({ address: resource[field], oldAddress }));
  };
}

const addPayment: OrderAction = ({ resource, world, emit }, action) => {
  const payment = requireReference(world, "payment", action, "payment");
  const payments = resource.paymentInfo?.payments ?? [];
  if (payments.some((one) => one.id === payment.id)) return;
  resource.paymentInfo = { payments: [...payments, payment] };
  emit("OrderPaymentAdded", { paymentRef: payment });
};

const removePayment: OrderAction = ({ resource, world, emit }, action) => {
  const payment = requireReference(world, "payment", action, "payment");
  const payments = (resource.paymentInfo?.payments ?? []).filter((one) => one.id !== payment.id);
  setOrRemove(resource, "paymentInfo", payments.length > 0 ? { payments } : undefined);
  emit("OrderPaymentRemoved", { paymentRef: payment, removedPaymentInfo: payments.length === 0 });
};

const addItemShippingAddress: OrderAction = ({ resource, world }, action) => {
  const address = readAddress(world, action, "address");
  if (!address?.key) throw invalidInput("The address needs a key.");
  resource.itemShippingAddresses = [
    ...resource.itemShippingAddresses.filter((one) => one.key !== address.key),
    address,
  ];
};

const removeItemShippingAddress: OrderAction = ({ resource }, action) => {
  const addressKey = requireText(action, "addressKey");
  resource.itemShippingAddresses = resource.itemShippingAddresses.filter((one) => one.key !== addressKey);
};

const setStore: OrderAction = ({ resource, world, emit }, action) => {
  setOrRemove(resource, "store", resolveKeyReference(world, "store", action, "store"));
  emit("OrderStoreSet", compact({ store: resource.store }));
};

const setBusinessUnit: OrderAction = ({ resource, world, emit }, action) => {
  const old = resource.businessUnit;
  setOrRemove(resource, "businessUnit", resolveKeyReference(world, "business-unit", action, "businessUnit"));
  emit("OrderBusinessUnitSet", compact({ businessUnit: resource.businessUnit, oldbusinessUnit: old }));
};

export const ORDER_ACTIONS: Record<string, OrderAction> = {
  updateSyncInfo,
  changeOrderState,
  changeShipmentState,
  changePaymentState,
  transitionState,
  setOrderNumber,
  setPurchaseOrderNumber,
  setCustomerEmail,
  setCustomerId,
  setBillingAddress: setAddress("billingAddress", "OrderBillingAddressSet"),
  setShippingAddress: setAddress("shippingAddress", "OrderShippingAddressSet"),
  setLocale: ({ resource }, action) => setOrRemove(resource, "locale", text(action, "locale")),
  addPayment,
  removePayment,
  addItemShippingAddress,
  updateItemShippingAddress: addItemShippingAddress,
  removeItemShippingAddress,
  setStore,
  setBusinessUnit,
  ...customActions<Order>("order", "Order"),
  ...ORDER_LINE_ACTIONS,
  ...ORDER_DELIVERY_ACTIONS,
  ...ORDER_RETURN_ACTIONS,
  ...ORDER_FIELD_ACTIONS,
};
