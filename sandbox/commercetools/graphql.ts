import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  parse,
  validate,
} from "graphql";
import { createResource, find, mayManage, mayView, queryResources, updateResource } from "./crud.ts";
import { deleteCustomObject, getCustomObject, putCustomObject, queryCustomObjects } from "./custom-objects.ts";
import type { Call, Definition, TypeId, World } from "./definition.ts";
import { invalidInput, invalidJson, PlatformError, requiredField } from "./errors.ts";
import { SDL } from "./graphql-schema.ts";
import { doc, text } from "./input.ts";
import { type Doc, isDoc, type Resource } from "./json.ts";
import { readProject } from "./project.ts";

const schema = buildSchema(SDL);

/** `POST /{projectKey}/graphql`: errors come back under 200, each with the platform's code in `extensions`. */
export async function runGraphql(call: Call, body: Doc): Promise<ExecutionResult | Doc> {
  const source = text(body, "query");
  if (source === undefined) throw requiredField("query");
  const { document, errors } = prepared(source);
  refuseComplex(call.world, document);
  const result: ExecutionResult =
    errors.length > 0
      ? { errors }
      : await execute({
          schema,
          document,
          rootValue: roots(call),
          variableValues: doc(body, "variables") ?? {},
          operationName: text(body, "operationName") ?? null,
        });
  return result.errors ? { ...result, errors: result.errors.map(shownError) } : result;
}

type Prepared = { readonly document: DocumentNode; readonly errors: readonly GraphQLError[] };

/** Callers send the same few texts again and again, with other variables. */
const known = new Map<string, Prepared>();
const MOST_KNOWN = 200;

function prepared(source: string): Prepared {
  const found = known.get(source);
  if (found) return found;
  const document = parsed(source);
  const result = { document, errors: validate(schema, document) };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(source, result);
  return result;
}

function parsed(source: string): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    throw invalidInput(`Syntax error while parsing GraphQL query. ${(error as Error).message}`);
  }
}

function refuseComplex(world: World, document: DocumentNode): void {
  const fields = document.definitions.flatMap((one) =>
    "selectionSet" in one ? one.selectionSet.selections : [],
  ).length;
  if (fields <= world.settings.graphqlMaxFields) return;
  throw new PlatformError(400, [
    { code: "QueryComplexityLimitExceeded", message: `The query has ${fields} top-level fields.` },
  ]);
}

function shownError(error: GraphQLError): Doc {
  const cause = error.originalError;
  const shown: Doc = { message: error.message, ...(error.path ? { path: error.path } : {}) };
  if (error.locations) shown.locations = error.locations;
  if (cause instanceof PlatformError) shown.extensions = cause.errors[0];
  else if (!cause) shown.extensions = { code: "InvalidField" };
  else throw cause;
  return shown;
}

function roots(call: Call): Doc {
  const { world } = call;
  return {
    project: () => readProject(call),
    limits: () => ({ query: limitsOf(world) }),
    customObject: (args: Doc) => absentAsNull(() => shownAs(world, customObjectBy(call, args))),
    customObjects: (args: Doc) => queryCustomObjects(call, text(args, "container"), paramsOf(args)),
    order: one(call, "order", { orderNumber: "order-number" }),
    orders: many(call, "order"),
    inventoryEntry: one(call, "inventory-entry"),
    inventoryEntries: many(call, "inventory-entry"),
    standalonePrice: one(call, "standalone-price"),
    standalonePrices: many(call, "standalone-price"),
    channel: one(call, "channel"),
    channels: many(call, "channel"),
    extension: one(call, "extension"),
    createOrUpdateCustomObject: ({ draft }: { draft: Doc }) =>
      putCustomObject(call, { ...draft, value: parsedValue(draft) }).object,
    deleteCustomObject: (args: Doc) => {
      const { container, key } = customObjectBy(call, args);
      return deleteCustomObject(call, container, key, args.version === undefined ? null : String(args.version));
    },
    createInventoryEntry: create(call, "inventory-entry"),
    updateInventoryEntry: update(call, "inventory-entry"),
    createStandalonePrice: create(call, "standalone-price"),
    updateStandalonePrice: update(call, "standalone-price"),
    updateOrder: update(call, "order", { orderNumber: "order-number" }),
  };
}

/** In GraphQL the value of a CustomObject is written as a string of JSON. */
function parsedValue(draft: Doc): unknown {
  try {
    return JSON.parse(String(draft.value));
  } catch (error) {
    throw invalidJson(`value: ${(error as Error).message}`);
  }
}

function customObjectBy(call: Call, args: Doc) {
  const id = text(args, "id");
  const byId = id === undefined ? undefined : call.world.collection("key-value-document").get(id);
  const container = text(args, "container") ?? String(byId?.container ?? "");
  return getCustomObject(call, container, text(args, "key") ?? String(byId?.key ?? ""));
}

function addressOf(args: Doc, others: Record<string, string>): string {
  const id = text(args, "id");
  if (id !== undefined) return id;
  for (const [field, addressed] of Object.entries({ key: "key", ...others })) {
    const value = text(args, field);
    if (value !== undefined) return `${addressed}=${value}`;
  }
  throw requiredField("id");
}

function one(call: Call, typeId: TypeId, others: Record<string, string> = {}) {
  return (args: Doc) => {
    const definition = call.world.definition(typeId);
    mayView(call, definition);
    return absentAsNull(() => {
      const found = find(call, definition, addressOf(args, others));
      return shownAs(call.world, definition.present ? definition.present(call.world, found) : found);
    });
  };
}

function many(call: Call, typeId: TypeId) {
  return (args: Doc) => {
    const definition = call.world.definition(typeId);
    mayView(call, definition);
    const params = paramsOf(args);
    const total = () => queryResources(call, definition, params).total;
    const counted = new URLSearchParams([...params, ["withTotal", "false"]]);
    const page = queryResources(call, definition, counted);
    // Counted where it is asked for.
    return { ...page, total, results: page.results.map((found) => shownAs(call.world, found)) };
  };
}

function create(call: Call, typeId: TypeId) {
  return async ({ draft }: { draft: Doc }) => {
    const definition: Definition = call.world.definition(typeId);
    mayManage(call, definition);
    return shownAs(call.world, await createResource(call, definition, draft));
  };
}

function update(call: Call, typeId: TypeId, others: Record<string, string> = {}) {
  return async (args: Doc) => {
    const definition: Definition = call.world.definition(typeId);
    mayManage(call, definition);
    const stored: Resource = find(call, definition, addressOf(args, others));
    const body = { version: args.version, actions: (args.actions as Doc[]).map(flatAction) };
    return shownAs(call.world, await updateResource(call, definition, stored, body));
  };
}

/** `{changeQuantity: {quantity: 3}}` -> `{action: "changeQuantity", quantity: 3}`. */
function flatAction(action: Doc): Doc {
  const [entry] = Object.entries(action);
  if (!entry) throw invalidInput("An update action must name what it does.");
  return { action: entry[0], ...(isDoc(entry[1]) ? entry[1] : {}) };
}

function paramsOf(args: Doc): URLSearchParams {
  const params = new URLSearchParams();
  if (typeof args.where === "string") params.set("where", args.where);
  for (const sort of (args.sort as string[] | undefined) ?? []) params.append("sort", sort);
  for (const field of ["limit", "offset"]) if (args[field] !== undefined) params.set(field, String(args[field]));
  return params;
}

/** References are offered both as `xRef` and, followed, as `x`; custom fields as a list; localized names as text. */
function shownAs(world: World, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => shownAs(world, item));
  if (!isDoc(value)) return value;
  const shown: Doc = {};
  for (const [field, inner] of Object.entries(value)) {
    if (isDoc(inner) && typeof inner.typeId === "string") {
      shown[`${field}Ref`] = inner;
      shown[field] = followed(world, inner);
    } else {
      shown[field] = field === "value" && "container" in value ? inner : shownAs(world, inner);
    }
  }
  if (isDoc(value.fields) && isDoc(value.type)) {
    shown.customFieldsRaw = Object.entries(value.fields).map(([name, raw]) => ({ name, value: raw }));
  }
  if (isDoc(value.name)) shown.name = localizedText(value.name);
  return shown;
}

function followed(world: World, reference: Doc): unknown {
  const known = world.definitions().some((definition) => definition.typeId === reference.typeId);
  return known ? world.collection(reference.typeId as TypeId).get(String(reference.id)) : undefined;
}

function localizedText(name: Doc) {
  return (args: Doc) => {
    const wanted = [text(args, "locale"), ...((args.acceptLanguage as string[] | undefined) ?? [])];
    const found = wanted.find((locale) => locale !== undefined && name[locale] !== undefined);
    return found === undefined ? Object.values(name)[0] : name[found];
  };
}

function absentAsNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof PlatformError && error.status === 404) return null;
    throw error;
  }
}

function limitsOf(world: World): Doc {
  const of = (typeId: TypeId, limit: number) => ({ current: world.collection(typeId).size(), limit });
  return {
    extensions: of("extension", 25),
    subscriptions: of("subscription", 50),
    customObjects: of("key-value-document", 20_000_000),
    products: { current: world.collection("product").size(), limit: null },
  };
}
