import {
  addLine,
  applyPrice,
  findItem,
  readCustomLine,
  readShippingDetails,
  selectLinePrice,
  setLineQuantity,
} from "./cart-lines.ts";
import { type Cart, INVENTORY_MODES, type LineItem } from "./cart-model.ts";
import { setCustomField, setCustomType } from "./custom-fields.ts";
import type { Action, Change } from "./definition.ts";
import { invalidField } from "./errors.ts";
import { integer, oneOf, requireInteger } from "./input.ts";
import { type Doc, setOrRemove } from "./json.ts";
import { readMoney } from "./money.ts";
import { resolveChannel } from "./references.ts";
import { initialLineState } from "./states.ts";

type CartAction = Action<Cart>;

function lineOf(change: Change<Cart>, action: Doc): LineItem {
  return findItem(change.resource.lineItems, action, "lineItem");
}

function setQuantity(change: Change<Cart>, line: LineItem, quantity: number, action: Doc): void {
  const { resource, world } = change;
  if (quantity < 0) throw invalidField("quantity", quantity);
  if (quantity === 0) {
    resource.lineItems = resource.lineItems.filter((one) => one !== line);
    return;
  }
  setLineQuantity(world, resource, line, quantity);
  if (action.externalPrice || action.externalTotalPrice) applyPrice(world, resource, line, action);
}

const changeLineItemQuantity: CartAction = (change, action) => {
  setQuantity(change, lineOf(change, action), requireInteger(action, "quantity"), action);
};

const removeLineItem: CartAction = (change, action) => {
  const line = lineOf(change, action);
  const removed = integer(action, "quantity") ?? line.quantity;
  setQuantity(change, line, Math.max(0, line.quantity - removed), action);
};

const setSupplyChannel: CartAction = (change, action) => {
  const channel = resolveChannel(change.world, action, "supplyChannel", "InventorySupply");
  setOrRemove(lineOf(change, action), "supplyChannel", channel);
};

const setDistributionChannel: CartAction = (change, action) => {
  const line = lineOf(change, action);
  const channel = resolveChannel(change.world, action, "distributionChannel", "ProductDistribution");
  setOrRemove(line, "distributionChannel", channel);
  selectLinePrice(change.world, change.resource, line);
};

const changeCustomQuantity: CartAction = ({ resource, world }, action) => {
  const line = findItem(resource.customLineItems, action, "customLineItem");
  const quantity = requireInteger(action, "quantity");
  if (quantity === 0) resource.customLineItems = resource.customLineItems.filter((one) => one !== line);
  else {
    line.quantity = quantity;
    line.state = [{ quantity, state: initialLineState(world) }];
  }
};

export const CART_LINE_ACTIONS: Record<string, CartAction> = {
  addLineItem: ({ resource, world }, action) => void addLine(world, resource, action),
  changeLineItemQuantity,
  removeLineItem,
  setLineItemPrice: (change, action) => applyPrice(change.world, change.resource, lineOf(change, action), action),
  setLineItemTotalPrice: (change, action) => applyPrice(change.world, change.resource, lineOf(change, action), action),
  setLineItemSupplyChannel: setSupplyChannel,
  setLineItemDistributionChannel: setDistributionChannel,
  setLineItemInventoryMode: (change, action) =>
    setOrRemove(lineOf(change, action), "inventoryMode", oneOf(action, "inventoryMode", INVENTORY_MODES)),
  setLineItemShippingDetails: (change, action) =>
    setOrRemove(lineOf(change, action), "shippingDetails", readShippingDetails(action)),
  setLineItemCustomType: setCustomType<Cart>({ resourceTypeId: "line-item", holder: lineOf }),
  setLineItemCustomField: setCustomField<Cart>({ resourceTypeId: "line-item", holder: lineOf }),
  addCustomLineItem: ({ resource, world }, action) => {
    resource.customLineItems.push(readCustomLine(world, resource, action));
  },
  removeCustomLineItem: ({ resource }, action) => {
    const line = findItem(resource.customLineItems, action, "customLineItem");
    resource.customLineItems = resource.customLineItems.filter((one) => one !== line);
  },
  changeCustomLineItemQuantity: changeCustomQuantity,
  changeCustomLineItemMoney: ({ resource }, action) => {
    findItem(resource.customLineItems, action, "customLineItem").money = readMoney(action, "money");
  },
};
