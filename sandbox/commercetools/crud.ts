import { authorize } from "./auth.ts";
import { commitCreate, commitDelete, openCreate, openUpdate } from "./commit.ts";
import type { Call, Definition } from "./definition.ts";
import { concurrentModification, invalidInput, requiredField, resourceNotFound } from "./errors.ts";
import { expandAll } from "./expand.ts";
import type { Doc, Resource } from "./json.ts";
import { isDoc } from "./json.ts";
import { anyMatch, type Page, type QueryRules, runQuery } from "./query.ts";
import { extend, updateResource } from "./update.ts";

export function mayView(call: Call, definition: Definition): void {
  authorize(call.actor, [...definition.scopes.view, ...definition.scopes.manage]);
}

export function mayManage(call: Call, definition: Definition): void {
  authorize(call.actor, definition.scopes.manage);
}

export function rulesFor(call: Call, definition: Definition): QueryRules {
  return {
    fields: fieldSet(definition),
    notEqualMatchesMissing: call.world.settings.notEqualMatchesMissing,
    syncInfoPredicates: call.world.settings.syncInfoPredicates,
  };
}

const fieldSets = new WeakMap<Definition, ReadonlySet<string>>();

function fieldSet(definition: Definition): ReadonlySet<string> {
  const known = fieldSets.get(definition);
  if (known) return known;
  const fields = new Set(definition.fields);
  fieldSets.set(definition, fields);
  return fields;
}

/** Finds by `{id}`, `key={key}` or another way to address; throws 404. */
export function find<T extends Resource>(call: Call, definition: Definition<T>, address: string): T {
  const collection = call.world.collection<T>(definition.typeId);
  const separator = address.indexOf("=");
  const found =
    separator < 0
      ? collection.get(address)
      : collection.findUnique(uniqueField(definition, address.slice(0, separator)), address.slice(separator + 1));
  if (!found || !inStore(call, found)) throw resourceNotFound(definition.typeId, address);
  return found;
}

function uniqueField(definition: Definition<never>, addressed: string): string {
  return definition.addressedBy?.[addressed] ?? addressed;
}

export function inStore(call: Call, resource: Resource): boolean {
  const { storeKey, businessUnitKey } = call;
  const ofStore = storeKey === undefined || (isDoc(resource.store) && resource.store.key === storeKey);
  const unit = resource.businessUnit;
  return ofStore && (businessUnitKey === undefined || (isDoc(unit) && unit.key === businessUnitKey));
}

export function present<T extends Resource>(call: Call, definition: Definition<T>, found: T, expand: string[]): Doc {
  const shown = definition.present ? definition.present(call.world, found) : found;
  return expandAll(call.world, shown, expand);
}

export function queryResources(call: Call, definition: Definition, params: URLSearchParams): Page<Doc> {
  const page = runQuery(
    call.world.collection(definition.typeId),
    params,
    rulesFor(call, definition),
    (resource) => inStore(call, resource) && isFound(call, definition, resource),
  );
  const expand = params.getAll("expand");
  return { ...page, results: page.results.map((resource) => present(call, definition, resource, expand)) };
}

function isFound({ world }: Call, { typeId }: Definition, { createdAt }: Resource): boolean {
  const { orderQueryLagMs } = world.settings;
  return orderQueryLagMs === 0 || typeId !== "order" || Date.parse(createdAt) + orderQueryLagMs <= world.clock.now();
}

export function exists(call: Call, definition: Definition, params: URLSearchParams): boolean {
  return anyMatch(call.world.collection(definition.typeId), params, rulesFor(call, definition));
}

export async function createResource<T extends Resource>(
  call: Call,
  definition: Definition<T>,
  draft: Doc,
): Promise<T> {
  const fields = definition.create(call, draft);
  const change = openCreate<T>(call, fields);
  definition.derive?.(change);
  await extend(definition, change, "Create");
  return commitCreate(definition, change);
}

export { updateResource };

/** DELETE needs the version, except where a type says otherwise. */
export function deleteResource<T extends Resource>(
  call: Call,
  definition: Definition<T>,
  stored: T,
  version: string | null,
  versionOptional = false,
): T {
  if (version === null && !versionOptional) throw requiredField("version");
  if (version !== null) {
    if (!/^\d+$/.test(version)) throw invalidInput(`Malformed parameter: version: '${version}'`);
    if (Number(version) !== stored.version) throw concurrentModification(Number(version), stored.version);
  }
  return commitDelete(definition, openUpdate(call, stored));
}
