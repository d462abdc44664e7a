/**
 * The Import API as far as inventories need it: containers, import requests of at most 20 resources, one operation for each, worked
 * off later and in no order, and the two ways to look: operations and their summary. On the platform it has a host of its own; here it
 * answers on the same one.
 */
import type { SandboxResponse } from "../kernel/types.ts";
import { json } from "../kernel/types.ts";
import { authorize } from "./auth.ts";
import { commitCreate, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import type { Call, Definition, World } from "./definition.ts";
import { duplicateField, invalidInput, PlatformError, resourceNotFound } from "./errors.ts";
import { requireDoc, requireDocs, requireInteger, requireKey, requireOneOf, requireText } from "./input.ts";
import { inventoryDefinition } from "./inventory.ts";
import { compact, type Doc } from "./json.ts";
import type { InventoryEntry } from "./stock.ts";
import { applyActions } from "./update.ts";

export const MAX_IMPORT_RESOURCES = 20;
const OPERATION_LIFE_MS = 48 * 3_600_000;
const CONTAINER_LIFE_MS = 72 * 3_600_000;
const MAX_CONTAINERS = 1000;
const STATES = [
  ...(["processing", "validationFailed", "unresolved", "waitForMasterVariant", "imported"] as const),
  ...(["rejected", "canceled", "partiallyImported"] as const),
] as const;
type State = (typeof STATES)[number];

type Operation = {
  readonly id: string;
  readonly container: string;
  readonly resourceKey: string;
  readonly resource: Doc;
  readonly call: Call;
  readonly createdAt: number;
  state: State;
  version: number;
  resourceVersion?: number;
  errors?: Doc[];
  unresolvedReferences?: Doc[];
};
type Container = Doc & { key: string; createdAt: string; expiresAt: string };
type Imports = {
  containers: Map<string, Container>;
  /** The oldest first. */
  operations: Map<string, Operation>;
  /** Those that are not at their end, the oldest first. */
  open: Set<Operation>;
};

const importsOf = new WeakMap<World, Imports>();

function imports(world: World): Imports {
  const known = importsOf.get(world) ?? { containers: new Map(), operations: new Map(), open: new Set() };
  importsOf.set(world, known);
  return known;
}

/** Works off what is due, and forgets what has lived long enough. */
export function settleImports(world: World): void {
  const known = importsOf.get(world);
  if (!known) return;
  const now = world.clock.now();
  for (const operation of known.operations.values()) {
    if (now - operation.createdAt < OPERATION_LIFE_MS) break;
    known.operations.delete(operation.id);
    known.open.delete(operation);
  }
  for (const operation of known.open) {
    if (now - operation.createdAt < world.settings.importDelayMs) break;
    work(world, operation);
    if (operation.state !== "unresolved") known.open.delete(operation);
  }
  for (const [name, { expiresAt }] of known.containers) if (Date.parse(expiresAt) <= now) known.containers.delete(name);
}

function work(world: World, operation: Operation): void {
  const { resource, call } = operation;
  const channel = channelKeyOf(resource);
  if (channel !== undefined && !world.collection("channel").findUnique("key", channel)) {
    operation.state = "unresolved";
    operation.unresolvedReferences = [{ key: channel, typeId: "channel" }];
    return;
  }
  operation.version += 1;
  delete operation.unresolvedReferences;
  try {
    operation.resourceVersion = upsert(call, resource).version;
    operation.state = "imported";
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    operation.state = "rejected";
    operation.errors = error.errors;
  }
}

const channelKeyOf = (resource: Doc): string | undefined =>
  resource.supplyChannel === undefined ? undefined : requireText(requireDoc(resource, "supplyChannel"), "key");

/** By key: created, or brought to what the import says. What an import cannot say stays as it is. */
function upsert(call: Call, resource: Doc): InventoryEntry {
  const definition: Definition<InventoryEntry> = inventoryDefinition;
  const stored = call.world.collection<InventoryEntry>("inventory-entry").findUnique("key", requireKey(resource));
  if (!stored) {
    const change = openCreate<InventoryEntry>(call, definition.create(call, resource));
    definition.derive?.(change);
    return commitCreate(definition, change);
  }
  if (stored.sku !== resource.sku) {
    throw new PlatformError(400, [{ code: "InvalidFieldsUpdate", message: "The sku can not be changed." }]);
  }
  const change = openUpdate(call, stored);
  const actions = [
    { action: "changeQuantity", quantity: requireInteger(resource, "quantityOnStock") },
    compact({ action: "setRestockableInDays", restockableInDays: resource.restockableInDays }),
    compact({ action: "setExpectedDelivery", expectedDelivery: resource.expectedDelivery }),
    compact({ action: "setSupplyChannel", supplyChannel: resource.supplyChannel }),
  ];
  applyActions(definition, change, actions);
  definition.derive?.(change);
  return commitUpdate(definition, change, actions.length);
}

type Asked = {
  readonly call: Call;
  readonly method: string;
  readonly segments: readonly string[];
  readonly params: URLSearchParams;
  readonly body: () => Doc;
};

/** `import-containers`, `import-containers/{key}` and what is looked up under it. */
export function importContainers({ call, method, segments, params, body }: Asked): SandboxResponse {
  authorize(call.actor, ["manage_import_containers", "view_import_containers"]);
  const { containers, operations } = imports(call.world);
  const [, name, what] = segments;
  if (name === undefined) {
    if (method === "POST") return json(201, createContainer(call, body()));
    if (method === "GET") return json(200, page([...containers.values()], params));
    throw notAllowed();
  }
  const container = containers.get(name);
  if (!container) throw resourceNotFound("import-container", name);
  if (method === "DELETE" && what === undefined) {
    containers.delete(name);
    return json(200, container);
  }
  if (method !== "GET") throw notAllowed();
  const own = [...operations.values()].filter((operation) => operation.container === name);
  if (what === undefined) return json(200, container);
  if (what === "import-summaries") return json(200, summary(own));
  if (what !== "import-operations")
    throw new PlatformError(404, [{ code: "ResourceNotFound", message: "URI not found." }]);
  const [state, resourceKey] = [params.get("state"), params.get("resourceKey")];
  const wanted = own.filter(
    (operation) =>
      (state === null || operation.state === state) && (resourceKey === null || operation.resourceKey === resourceKey),
  );
  return json(200, page(inOrder(wanted, params.get("sort")).map(shown), params));
}

/** The oldest first, but where it is asked for otherwise. */
function inOrder(operations: readonly Operation[], sort: string | null): readonly Operation[] {
  if (sort === null || sort === "createdAt asc") return operations;
  if (sort === "createdAt desc") return operations.toReversed();
  throw invalidInput(`Malformed parameter: sort: '${sort}'.`);
}

function createContainer(call: Call, draft: Doc): Container {
  authorize(call.actor, ["manage_import_containers"]);
  const { containers } = imports(call.world);
  const name = requireKey(draft);
  if (containers.has(name)) throw duplicateField("key", name);
  if (containers.size >= MAX_CONTAINERS) {
    throw new PlatformError(400, [{ code: "MaxResourceLimitExceeded", message: "Too many import containers." }]);
  }
  const now = call.world.nowIso();
  const expiresAt = new Date(call.world.clock.now() + CONTAINER_LIFE_MS).toISOString();
  const { resourceType } = draft;
  const container = { key: name, version: 1, resourceType, createdAt: now, lastModifiedAt: now, expiresAt };
  containers.set(name, compact(container) as Container);
  return containers.get(name) as Container;
}

/** `inventories/import-containers/{key}`. */
export function importInventories({ call, method, segments, body }: Asked): SandboxResponse {
  authorize(call.actor, ["manage_products"]);
  const [, path, name = ""] = segments;
  if (path !== "import-containers" || segments.length !== 3) {
    throw new PlatformError(404, [{ code: "ResourceNotFound", message: "URI not found." }]);
  }
  if (method !== "POST") throw notAllowed();
  const { containers, operations, open } = imports(call.world);
  if (!containers.has(name)) throw resourceNotFound("import-container", name);
  const request = body();
  requireOneOf(request, "type", ["inventory"]);
  const resources = requireDocs(request, "resources");
  if (resources.length === 0 || resources.length > MAX_IMPORT_RESOURCES) {
    throw invalidInput(`An import request takes 1 to ${MAX_IMPORT_RESOURCES} resources.`);
  }
  const operationStatus = resources.map((resource) => {
    const operation: Operation = {
      id: call.world.newId(),
      container: name,
      resourceKey: typeof resource.key === "string" ? resource.key : "",
      resource,
      call,
      createdAt: call.world.clock.now(),
      state: "processing",
      version: 1,
    };
    const errors = invalid(resource);
    if (errors) return { operationId: operation.id, state: "validationFailed", errors };
    operations.set(operation.id, operation);
    open.add(operation);
    return { operationId: operation.id, state: "processing" };
  });
  return json(201, { operationStatus });
}

/** What is wrong is answered at once, and makes no operation. */
function invalid(resource: Doc): Doc[] | undefined {
  try {
    requireKey(resource);
    requireText(resource, "sku");
    requireInteger(resource, "quantityOnStock");
    channelKeyOf(resource);
    const unknown = Object.keys(resource).find((field) => !FIELDS.includes(field));
    if (unknown !== undefined) throw invalidInput(`Unknown field '${unknown}'.`);
    return undefined;
  } catch (error) {
    if (error instanceof PlatformError) return error.errors;
    throw error;
  }
}

/** Neither cart limits nor stock levels. */
const FIELDS = [
  ...["key", "sku", "quantityOnStock", "restockableInDays", "expectedDelivery"],
  ...["reservationExpirationInMinutes", "supplyChannel", "custom"],
];

function summary(operations: readonly Operation[]): Doc {
  const states = Object.fromEntries(
    STATES.map((state) => [state, operations.filter((operation) => operation.state === state).length]),
  );
  return { states, total: operations.length };
}

const shown = ({ id, container, resourceKey, state, version, createdAt, ...rest }: Operation): Doc =>
  compact({
    id,
    version,
    importContainerKey: container,
    resourceKey,
    state,
    resourceVersion: rest.resourceVersion,
    errors: rest.errors,
    unresolvedReferences: rest.unresolvedReferences,
    createdAt: new Date(createdAt).toISOString(),
    lastModifiedAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(createdAt + OPERATION_LIFE_MS).toISOString(),
  });

function page(all: readonly Doc[], params: URLSearchParams): Doc {
  const limit = Number(params.get("limit") ?? "20");
  const offset = Number(params.get("offset") ?? "0");
  if (!(limit >= 0 && limit <= 500)) throw invalidInput("Malformed parameter: limit: must be 0 to 500.");
  const results = all.slice(offset, offset + limit);
  return { limit, offset, count: results.length, total: all.length, results };
}

const notAllowed = () => new PlatformError(405, [{ code: "InvalidOperation", message: "HTTP method not allowed." }]);
