import { findItem, readShippingDetails } from "./cart-lines.ts";
import type { CartItem, ItemState } from "./cart-model.ts";
import type { Action, Change } from "./definition.ts";
import { invalidInput, invalidOperation } from "./errors.ts";
import { dateTime, requireDocs, requireInteger } from "./input.ts";
import { compact, type Doc, setOrRemove } from "./json.ts";
import type { Order } from "./order-model.ts";
import { requireReference, requireResource } from "./references.ts";
import { checkTransition, type State } from "./states.ts";

type OrderAction = Action<Order>;
type Prefix = "lineItem" | "customLineItem";

function itemOf(order: Order, action: Doc, prefix: Prefix): CartItem {
  return prefix === "lineItem"
    ? findItem(order.lineItems, action, prefix)
    : findItem(order.customLineItems, action, prefix);
}

function named(prefix: Prefix, item: CartItem): Doc {
  return compact({ [`${prefix}Id`]: item.id, [`${prefix}Key`]: item.key });
}

/** Moves a quantity from one state to another; it must be in the state it is said to come from. */
function transition(prefix: Prefix, message: string): OrderAction {
  return ({ resource, world, emit }, action) => {
    const item = itemOf(resource, action, prefix);
    const quantity = requireInteger(action, "quantity");
    const fromState = requireReference(world, "state", action, "fromState");
    const to = requireResource<State>(world, "state", action, "toState");
    if (to.type !== "LineItemState") throw invalidInput(`The state '${to.key}' is not of the type LineItemState.`);
    const there = item.state.find((one) => one.state.id === fromState.id);
    if (quantity < 1 || !there || there.quantity < quantity) {
      throw invalidOperation(`The quantity ${quantity} is not in the state '${fromState.id}'.`);
    }
    checkTransition(world, fromState, to);
    const toState = { typeId: "state" as const, id: to.id };
    item.state = moved(item.state, fromState.id, toState.id, quantity);
    const transitionDate = dateTime(action, "actualTransitionDate") ?? world.nowIso();
    emit(message, { ...named(prefix, item), transitionDate, quantity, fromState, toState });
  };
}

function moved(states: ItemState[], from: string, to: string, quantity: number): ItemState[] {
  const left = states.map((one) =>
    one.state.id === from ? { ...one, quantity: one.quantity - quantity } : { ...one },
  );
  const target = left.find((one) => one.state.id === to);
  if (target) target.quantity += quantity;
  else left.push({ quantity, state: { typeId: "state", id: to } });
  return left.filter((one) => one.quantity > 0);
}

/** Replaces all states of a line; the quantities must sum to the line's. Transitions do not count. */
function importState(prefix: Prefix, message: string): OrderAction {
  return (change, action) => {
    const { resource, world } = change;
    const item = itemOf(resource, action, prefix);
    const before = item.state;
    const states = requireDocs(action, "state").map((one) => ({
      quantity: requireInteger(one, "quantity"),
      state: requireReference(world, "state", one, "state"),
    }));
    const sum = states.reduce((total, one) => total + one.quantity, 0);
    if (sum !== item.quantity) {
      throw invalidInput(`The quantities of the states sum to ${sum}, the line has ${item.quantity}.`);
    }
    item.state = states;
    if (world.settings.importLineItemStateMessage) announceImport(change, named(prefix, item), message, before, states);
  };
}

function announceImport(
  change: Change<Order>,
  name: Doc,
  message: string,
  before: ItemState[],
  after: ItemState[],
): void {
  const fromState = before[0]?.state;
  for (const { quantity, state } of after) {
    if (before.some((one) => one.state.id === state.id && one.quantity === quantity)) continue;
    change.emit(message, { ...name, transitionDate: change.world.nowIso(), quantity, fromState, toState: state });
  }
}

function setDetails(prefix: Prefix): OrderAction {
  return ({ resource }, action) => {
    setOrRemove(itemOf(resource, action, prefix), "shippingDetails", readShippingDetails(action));
  };
}

export const ORDER_LINE_ACTIONS: Record<string, OrderAction> = {
  transitionLineItemState: transition("lineItem", "LineItemStateTransition"),
  transitionCustomLineItemState: transition("customLineItem", "CustomLineItemStateTransition"),
  importLineItemState: importState("lineItem", "LineItemStateTransition"),
  importCustomLineItemState: importState("customLineItem", "CustomLineItemStateTransition"),
  setLineItemShippingDetails: setDetails("lineItem"),
  setCustomLineItemShippingDetails: setDetails("customLineItem"),
};
