import { commitCreate, commitUpdate, nextVersion, type OpenChange, openCreate, openUpdate } from "./commit.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Call, Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { concurrentModification, invalidOperation, PlatformError, resourceNotFound, unknownAction } from "./errors.ts";
import { docs, flag, key, requireDoc, requireDocs, requireInteger, requireText, text } from "./input.ts";
import { compact, type Doc, type Reference, type Resource, sameJson, setOrRemove } from "./json.ts";
import { STAGED_ACTIONS } from "./order-edit-actions.ts";
import { announceEdit } from "./order-edit-messages.ts";
import type { Order } from "./order-model.ts";
import { planEdit } from "./order-stock.ts";
import { orderDefinition } from "./orders.ts";
import { requireReference } from "./references.ts";
import { applyActions, extend } from "./update.ts";

/** A prepared change of an order. Its result is NotProcessed until it is applied. */
export type OrderEdit = Resource & {
  key?: string;
  resource: Reference<"order">;
  stagedActions: Doc[];
  result: Doc & { type: "NotProcessed" | "Applied" | "PreviewSuccess" | "PreviewFailure" };
  comment?: string;
};

const stagedDefinition: Definition<Order> = { ...orderDefinition, actions: STAGED_ACTIONS };

/** Only the names are looked at here; whether an action can be done shows when it is previewed or applied. */
function knownActions(actions: Doc[]): Doc[] {
  for (const action of actions) {
    const name = requireText(action, "action");
    if (!Object.hasOwn(STAGED_ACTIONS, name)) throw unknownAction(name, Object.keys(STAGED_ACTIONS));
  }
  return actions;
}

function refuseApplied(edit: OrderEdit): void {
  if (edit.result.type === "Applied") throw invalidOperation("The order edit has already been applied.");
}

const setStagedActions: Action<OrderEdit> = ({ resource }, action) => {
  refuseApplied(resource);
  resource.stagedActions = knownActions(requireDocs(action, "stagedActions"));
};

const addStagedAction: Action<OrderEdit> = ({ resource }, action) => {
  refuseApplied(resource);
  resource.stagedActions.push(...knownActions([requireDoc(action, "stagedAction")]));
};

/** Served under `/orders/edits`, by the router. */
export const orderEditDefinition: Definition<OrderEdit> = {
  typeId: "order-edit",
  path: "",
  scopes: scopes("order_edits"),
  fields: [...BASE_FIELDS, "key", "resource", "stagedActions", "result", "comment", "custom"],
  indexes: [{ path: "resource.id", values: (edit) => [edit.resource.id] }],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    return {
      key: key(draft),
      resource: requireReference(world, "order", draft, "resource"),
      stagedActions: knownActions(docs(draft, "stagedActions") ?? []),
      result: { type: "NotProcessed" },
      comment: text(draft, "comment"),
      custom: readCustom(world, draft, "order-edit"),
    };
  },
  actions: {
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setComment: ({ resource }, action) => setOrRemove(resource, "comment", text(action, "comment")),
    setStagedActions,
    addStagedAction,
    ...customActions<OrderEdit>("order-edit"),
  },
};

/** `POST /orders/edits`. A dry run previews; whether it stores the edit is a setting. */
export async function createEdit(call: Call, draft: Doc): Promise<OrderEdit> {
  const change = openCreate<OrderEdit>(call, orderEditDefinition.create(call, draft));
  return stored(call, change, flag(draft, "dryRun") ?? false, () => commitCreate(orderEditDefinition, change));
}

/** `POST /orders/edits/{id}`. */
export async function updateEdit(call: Call, edit: OrderEdit, body: Doc): Promise<OrderEdit> {
  const version = requireInteger(body, "version");
  if (version !== edit.version) throw concurrentModification(version, edit.version);
  const actions = requireDocs(body, "actions");
  const change = openUpdate(call, edit);
  applyActions(orderEditDefinition, change, actions);
  const store = () => commitUpdate(orderEditDefinition, change, actions.length);
  return stored(call, change, flag(body, "dryRun") ?? false, store);
}

async function stored(
  call: Call,
  change: OpenChange<OrderEdit>,
  dryRun: boolean,
  store: () => OrderEdit,
): Promise<OrderEdit> {
  const edit = dryRun && !call.world.settings.orderEditDryRunStores ? change.resource : store();
  return dryRun && edit.result.type !== "Applied"
    ? { ...edit, result: await preview(call, edit) }
    : readEdit(call, edit);
}

/** What one edit looks like to a reader: unless it was applied, with a preview on the order as it is now. */
export async function readEdit(call: Call, edit: OrderEdit): Promise<OrderEdit> {
  if (edit.result.type === "Applied" || call.world.settings.orderEditRead === "notProcessed") return edit;
  return { ...edit, result: await preview(call, edit) };
}

async function preview(call: Call, edit: OrderEdit): Promise<OrderEdit["result"]> {
  try {
    const { resource, messages } = await editedOrder(call, edit);
    const messagePayloads = messages.map(({ type, fields }) => ({ type, ...fields }));
    return { type: "PreviewSuccess", preview: resource, messagePayloads };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { type: "PreviewFailure", errors: error.errors };
  }
}

/** The order with everything that the edit stages; Extensions are asked, in a dry run too. */
async function editedOrder(call: Call, edit: OrderEdit): Promise<OpenChange<Order>> {
  const order = call.world.collection<Order>("order").get(edit.resource.id);
  if (!order) throw resourceNotFound("order", edit.resource.id);
  const closed = order.orderState === "Complete" || order.orderState === "Cancelled";
  if (closed && call.world.settings.orderEditClosedOrders === "refuse") {
    throw invalidOperation(`The order is ${order.orderState} and can not be edited.`);
  }
  const change = openUpdate(call, order);
  applyActions(stagedDefinition, change, edit.stagedActions);
  await extend(orderDefinition, change, "Update");
  change.onCommit(planEdit(call, order, change.resource));
  announceEdit(change);
  return change;
}

/**
 * `POST /orders/edits/{id}/apply` with `{editVersion, resourceVersion}`: the order and the edit change together or not at
 * all. Change subscriptions hear nothing of it; the message OrderEditApplied does tell.
 */
export async function applyEdit(call: Call, edit: OrderEdit, body: Doc): Promise<OrderEdit> {
  const { world } = call;
  const editVersion = requireInteger(body, "editVersion");
  const resourceVersion = requireInteger(body, "resourceVersion");
  if (editVersion !== edit.version) throw concurrentModification(editVersion, edit.version);
  refuseApplied(edit);
  const change = await editedOrder(call, edit);
  const { before, resource: after } = change;
  if (!before) throw new Error("an edited order was stored before");
  if (resourceVersion !== before.version) throw concurrentModification(resourceVersion, before.version);
  const current = world.collection<OrderEdit>("order-edit").get(edit.id);
  if (!current) throw resourceNotFound("order-edit", edit.id);
  if (current.version !== editVersion) throw concurrentModification(editVersion, current.version);
  const steps = edit.stagedActions.length;
  const version = sameJson(before, after) ? before.version : nextVersion(world, before.version, steps);
  const applied = openUpdate(call, current);
  applied.resource.result = {
    type: "Applied",
    appliedAt: world.nowIso(),
    excerptBeforeEdit: excerpt(before, before.version),
    excerptAfterEdit: excerpt(after, version),
  };
  change.emit("OrderEditApplied", {
    edit: { ...applied.resource, version: edit.version + 1 },
    result: applied.resource.result,
  });
  change.silent = true;
  change.onCommit(() => void commitUpdate(orderEditDefinition, applied));
  commitUpdate(orderDefinition, change, steps);
  return applied.resource;
}

function excerpt({ totalPrice, taxedPrice }: Order, version: number): Doc {
  return compact({ totalPrice, taxedPrice, version });
}
