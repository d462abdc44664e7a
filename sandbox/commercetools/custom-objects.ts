import { authorize, stampOf } from "./auth.ts";
import { commitCreate, commitDelete, commitUpdate, openCreate, openUpdate } from "./commit.ts";
import { queryResources } from "./crud.ts";
import type { Call, Definition } from "./definition.ts";
import { BASE_FIELDS } from "./definition.ts";
import { concurrentModification, invalidField, invalidInput, notFound, requiredField } from "./errors.ts";
import { integer, requireText } from "./input.ts";
import { type Doc, type Resource, withoutNulls } from "./json.ts";
import { notifyChange } from "./notifications.ts";
import type { Page } from "./query.ts";

export type CustomObject = Resource & { container: string; key: string; value: unknown };

const NAME = /^[-_~.a-zA-Z0-9]{1,256}$/;
const WRITERS = ["manage_key_value_documents", "manage_orders", "manage_products", "manage_customers"];
const READERS = ["view_key_value_documents", "view_orders", "view_products", "view_customers", ...WRITERS];
const SORTABLE = ["container", "key", "createdAt", "lastModifiedAt"];

export const customObjectDefinition: Definition<CustomObject> = {
  typeId: "key-value-document",
  path: "custom-objects",
  scopes: { view: READERS, manage: WRITERS },
  fields: [...BASE_FIELDS, "container", "key", "value"],
  indexes: [{ path: "container", values: (object) => [object.container] }],
  uniques: [{ field: "key", value: (object) => slot(object.container, object.key) }],
  create() {
    throw new Error("custom objects are written through putCustomObject");
  },
  actions: {},
};

function slot(container: string, key: string): string {
  return `${container}\n${key}`;
}

function stored(call: Call, container: string, key: string): CustomObject | undefined {
  return call.world.collection<CustomObject>("key-value-document").findUnique("key", slot(container, key));
}

/**
 * Creates or replaces. Without a version the last write wins; with one it must be the stored version. What `version: 0`
 * means is a setting. Null fields of the value are not kept.
 */
export function putCustomObject(call: Call, draft: Doc): { object: CustomObject; created: boolean } {
  authorize(call.actor, WRITERS);
  const container = name(draft, "container");
  const key = name(draft, "key");
  if (!("value" in draft) || draft.value === undefined) throw requiredField("value");
  const value = withoutNulls(draft.value);
  const version = sentVersion(call, draft);
  const before = stored(call, container, key);
  if (!before) {
    if (version !== undefined && version !== 0) throw concurrentModification(version, 0);
    const change = openCreate<CustomObject>(call, { container, key, value });
    return { object: commitCreate(customObjectDefinition, change), created: true };
  }
  if (version !== undefined && version !== before.version) throw concurrentModification(version, before.version);
  const change = openUpdate(call, before);
  change.resource.value = value;
  const object = commitUpdate(customObjectDefinition, change);
  // Whether the same value is a write is a setting; compare-and-set must not depend on it.
  const raises = object === before && call.world.settings.customObjectSameValueRaisesVersion;
  return { object: raises ? touch(call, before) : object, created: false };
}

function touch(call: Call, object: CustomObject): CustomObject {
  const touched = {
    ...object,
    version: object.version + 1,
    lastModifiedAt: call.world.nowIso(),
    lastModifiedBy: stampOf(call.actor),
  };
  call.world.collection<CustomObject>("key-value-document").put(touched);
  notifyChange(call.world, "key-value-document", "ResourceUpdated", touched, object.version);
  return touched;
}

function sentVersion(call: Call, draft: Doc): number | undefined {
  const version = integer(draft, "version");
  return version === 0 && call.world.settings.customObjectVersionZero === "noVersion" ? undefined : version;
}

function name(draft: Doc, field: string): string {
  const value = requireText(draft, field);
  if (!NAME.test(value)) throw invalidField(field, value);
  return value;
}

export function getCustomObject(call: Call, container: string, key: string): CustomObject {
  authorize(call.actor, READERS);
  const found = stored(call, container, key);
  if (!found) throw notFound(`The CustomObject with container '${container}' and key '${key}' was not found.`);
  return found;
}

export function deleteCustomObject(call: Call, container: string, key: string, version: string | null): CustomObject {
  authorize(call.actor, WRITERS);
  const found = getCustomObject(call, container, key);
  if (version !== null && Number(version) !== found.version) {
    throw concurrentModification(Number(version), found.version);
  }
  return commitDelete(customObjectDefinition, openUpdate(call, found));
}

/** `GET /custom-objects/{container}`, or all of them (deprecated) without a container. */
export function queryCustomObjects(call: Call, container: string | undefined, params: URLSearchParams): Page<Doc> {
  authorize(call.actor, READERS);
  const narrowed = new URLSearchParams(params);
  if (container !== undefined) {
    if (!NAME.test(container)) throw invalidField("container", container);
    narrowed.append("where", `container = ${JSON.stringify(container)}`);
  }
  for (const sort of params.getAll("sort")) {
    if (!SORTABLE.includes(sort.split(/\s/)[0] ?? "")) throw invalidInput(`Malformed parameter: sort: '${sort}'`);
  }
  return queryResources(call, customObjectDefinition as unknown as Definition, narrowed);
}
