import type { SandboxRequest, SandboxResponse } from "../kernel/types.ts";
import { json } from "../kernel/types.ts";
import type { BusinessUnit } from "./business-units.ts";
import { createResource, deleteResource, exists, find, mayManage, mayView, present, queryResources } from "./crud.ts";
import { deleteCustomObject, getCustomObject, putCustomObject, queryCustomObjects } from "./custom-objects.ts";
import type { Call, Definition } from "./definition.ts";
import { invalidJson, notFound, PlatformError, refuse } from "./errors.ts";
import { runGraphql } from "./graphql.ts";
import { importContainers, importInventories } from "./imports.ts";
import { type Doc, isDoc } from "./json.ts";
import { applyEdit, createEdit, type OrderEdit, readEdit, updateEdit } from "./order-edits.ts";
import { createOrderFromQuote } from "./order-from-quote.ts";
import { importOrder } from "./order-import.ts";
import { createOrderFromCart } from "./orders.ts";
import { getProjection, queryProjections } from "./product-projections.ts";
import { readProject, updateProject } from "./project.ts";
import { updateResource } from "./update.ts";

export type Route = {
  call: Call;
  method: string;
  segments: string[];
  params: URLSearchParams;
  request: SandboxRequest;
};

type Endpoint = (route: Route) => Promise<SandboxResponse> | SandboxResponse;

/** Everything under `/{projectKey}`; `segments` starts after the project key. */
export async function route(route: Route): Promise<SandboxResponse> {
  const [first, second] = route.segments;
  if (first === "in-store" && second?.startsWith("key=")) {
    const call = { ...route.call, storeKey: second.slice(4) };
    return routeTo({ ...route, call, segments: route.segments.slice(2) });
  }
  if (first === "as-associate" && route.segments[2] === "in-business-unit") return asAssociate(route);
  return routeTo(route);
}

/** `/as-associate/{customerId}/in-business-unit/key={key}/…`: carts and orders of the unit, stamped with the associate. */
async function asAssociate(route: Route): Promise<SandboxResponse> {
  const { call, segments } = route;
  const [, associateId = "", , address = "", path = ""] = segments;
  if (!address.startsWith("key=") || (path !== "carts" && path !== "orders")) throw notFound("URI not found.");
  const unit = find(call, call.world.definition<BusinessUnit>("business-unit"), address);
  if (!unit.associates.some((one) => one.customer.id === associateId)) {
    throw refuse("AssociateMissingPermission", "The customer is not an associate of the business unit.");
  }
  const actor = { ...call.actor, associateId };
  return routeTo({ ...route, call: { ...call, actor, businessUnitKey: unit.key }, segments: segments.slice(4) });
}

async function routeTo(route: Route): Promise<SandboxResponse> {
  const [path = "", address] = route.segments;
  if (path === "orders" && address === "edits") return orderEdits(route);
  const special = SPECIAL[`${route.method} ${path}${address === undefined ? "" : "/*"}`] ?? SPECIAL[`* ${path}`];
  if (special) return special(route);
  const definition = route.call.world.definitions().find((one) => one.path === path && path !== "");
  if (!definition || route.segments.length > 2) throw notFound("URI not found.");
  return address === undefined ? onCollection(route, definition) : onResource(route, definition, address);
}

async function onCollection(route: Route, definition: Definition): Promise<SandboxResponse> {
  const { call, method, params, request } = route;
  switch (method) {
    case "GET":
      mayView(call, definition);
      return json(200, queryResources(call, definition, params));
    case "HEAD":
      mayView(call, definition);
      return exists(call, definition, params) ? empty(200) : empty(404);
    case "POST": {
      if (definition.typeId === "message") throw methodNotAllowed();
      mayManage(call, definition);
      const created = await createResource(call, definition, bodyOf(request));
      return shown(route, definition, created, 201);
    }
    default:
      throw methodNotAllowed();
  }
}

async function onResource(route: Route, definition: Definition, address: string): Promise<SandboxResponse> {
  const { call, method, params, request } = route;
  switch (method) {
    case "GET":
      mayView(call, definition);
      return shown(route, definition, find(call, definition, address), 200);
    case "HEAD":
      mayView(call, definition);
      find(call, definition, address);
      return empty(200);
    case "POST": {
      if (definition.typeId === "message") throw methodNotAllowed();
      mayManage(call, definition);
      const stored = find(call, definition, address);
      return shown(route, definition, await updateResource(call, definition, stored, bodyOf(request)), 200);
    }
    case "DELETE": {
      if (definition.typeId === "message") throw methodNotAllowed();
      mayManage(call, definition);
      const gone = deleteResource(call, definition, find(call, definition, address), params.get("version"));
      return shown(route, definition, gone, 200);
    }
    default:
      throw methodNotAllowed();
  }
}

function shown(route: Route, definition: Definition, resource: Parameters<typeof present>[2], status: number) {
  return json(status, present(route.call, definition, resource, route.params.getAll("expand")));
}

const createOrder: Endpoint = async (route) => {
  const order = await createOrderFromCart(route.call, bodyOf(route.request));
  return shown(route, route.call.world.definition("order"), order, 201);
};

/** `POST /orders/import` shares its form with `POST /orders/{id}`. */
const postOrder: Endpoint = async (route) => {
  const definition = route.call.world.definition("order");
  if (route.segments[1] === "quotes") {
    return shown(route, definition, await createOrderFromQuote(route.call, bodyOf(route.request)), 201);
  }
  if (route.segments[1] !== "import") return onResource(route, definition, route.segments[1] ?? "");
  return shown(route, definition, await importOrder(route.call, bodyOf(route.request)), 201);
};

/** `/orders/edits`, `/orders/edits/{id}` and `/orders/edits/{id}/apply`. */
const orderEdits: Endpoint = async (route) => {
  const { call, method, segments, request } = route;
  const definition = call.world.definition<OrderEdit>("order-edit");
  const [, , address, verb] = segments;
  if (segments.length > 4 || (verb !== undefined && verb !== "apply")) throw notFound("URI not found.");
  if (verb === "apply" && method !== "POST") throw methodNotAllowed();
  const expanded = (edit: OrderEdit, status: number) =>
    json(status, present(call, definition, edit, route.params.getAll("expand")));
  if (method === "POST") {
    mayManage(call, call.world.definition("order-edit"));
    if (address === undefined) return expanded(await createEdit(call, bodyOf(request)), 201);
    const found = find(call, definition, address);
    const change = verb === "apply" ? applyEdit : updateEdit;
    return expanded(await change(call, found, bodyOf(request)), 200);
  }
  if (address === undefined) return onCollection(route, call.world.definition("order-edit"));
  if (method !== "GET") return onResource(route, call.world.definition("order-edit"), address);
  mayView(call, call.world.definition("order-edit"));
  return expanded(await readEdit(call, find(call, definition, address)), 200);
};

const createCustomer: Endpoint = async (route) => {
  const definition = route.call.world.definition("customer");
  mayManage(route.call, definition);
  const created = await createResource(route.call, definition, bodyOf(route.request));
  return json(201, { customer: present(route.call, definition, created, route.params.getAll("expand")) });
};

const customObjects: Endpoint = ({ call, method, segments, params, request }) => {
  const [, container, key] = segments;
  if (method === "POST" && container === undefined) {
    const { object, created } = putCustomObject(call, bodyOf(request));
    return json(created ? 201 : 200, object);
  }
  if (container !== undefined && key !== undefined) {
    if (method === "DELETE") return json(200, deleteCustomObject(call, container, key, params.get("version")));
    const object = getCustomObject(call, container, key);
    return method === "HEAD" ? empty(200) : json(200, object);
  }
  if (method !== "GET" && method !== "HEAD") throw methodNotAllowed();
  const page = queryCustomObjects(call, container, params);
  return method === "HEAD" ? empty(page.count > 0 ? 200 : 404) : json(200, page);
};

const project: Endpoint = ({ call, method, request }) => {
  if (method === "POST") return json(200, updateProject(call, bodyOf(request)));
  return json(200, readProject(call));
};

const asImport = ({ request, ...route }: Route) => ({ ...route, body: () => bodyOf(request) });

const SPECIAL: Record<string, Endpoint> = {
  "* import-containers": (route) => importContainers(asImport(route)),
  "* inventories": (route) => importInventories(asImport(route)),
  "GET ": project,
  "POST ": project,
  "POST orders": createOrder,
  "POST orders/*": postOrder,
  "POST customers": createCustomer,
  "* custom-objects": customObjects,
  "GET product-projections": ({ call, params }) => json(200, queryProjections(call, params)),
  "GET product-projections/*": ({ call, params, segments }) =>
    json(200, getProjection(call, segments[1] ?? "", params)),
  "POST graphql": async ({ call, request }) => json(200, await runGraphql(call, bodyOf(request))),
};

export function bodyOf(request: SandboxRequest): Doc {
  const raw = request.body.toString("utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch (error) {
    throw invalidJson((error as Error).message);
  }
  if (!isDoc(parsed)) throw invalidJson("The body should be a JSON object.");
  return parsed;
}

function empty(status: number): SandboxResponse {
  return { status, headers: {}, body: "" };
}

function methodNotAllowed(): PlatformError {
  return new PlatformError(405, [{ code: "InvalidOperation", message: "HTTP method not allowed." }]);
}
