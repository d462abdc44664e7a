import type { Action, Change, World } from "./definition.ts";
import { invalidField, invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { doc, requireText } from "./input.ts";
import { type Doc, isDoc, type Reference, type Resource } from "./json.ts";
import { typedMoney } from "./money.ts";
import { referenceTo, requireResource } from "./references.ts";

export type CustomFields = { type: Reference<"type">; fields: Doc };

type FieldDefinition = { name: string; required: boolean; type: FieldType };
type FieldType = { name: string; values?: { key: string }[]; elementType?: FieldType; referenceTypeId?: string };
type TypeResource = Resource & { key: string; resourceTypeIds: string[]; fieldDefinitions: FieldDefinition[] };

/** Reads `custom: {type, fields}` of a draft; the Type must be made for this kind of resource and know every field. */
export function readCustom(
  world: World,
  source: Doc,
  resourceTypeId: string,
  field = "custom",
): CustomFields | undefined {
  const draft = doc(source, field);
  return draft ? buildCustom(world, draft, resourceTypeId) : undefined;
}

function buildCustom(world: World, draft: Doc, resourceTypeId: string): CustomFields {
  const type = requireResource<TypeResource>(world, "type", draft, "type");
  if (!type.resourceTypeIds.includes(resourceTypeId)) {
    throw invalidInput(`The type '${type.key}' cannot be used for '${resourceTypeId}'.`);
  }
  const fields: Doc = {};
  for (const [name, value] of Object.entries(doc(draft, "fields") ?? {})) {
    if (value === null || value === undefined) continue;
    fields[name] = checkedValue(definitionOf(type, name), value);
  }
  const missing = type.fieldDefinitions.find((one) => one.required && fields[one.name] === undefined);
  if (missing) throw requiredField(missing.name);
  return { type: referenceTo("type", type), fields };
}

function definitionOf(type: TypeResource, name: string): FieldDefinition {
  const found = type.fieldDefinitions.find((one) => one.name === name);
  if (!found)
    throw invalidField(
      name,
      null,
      type.fieldDefinitions.map((one) => one.name),
    );
  return found;
}

function checkedValue(definition: FieldDefinition, value: unknown): unknown {
  return checkedAs(definition.type, definition.name, value);
}

function checkedAs(type: FieldType, name: string, value: unknown): unknown {
  switch (type.name) {
    case "Set":
      if (!Array.isArray(value)) throw invalidField(name, value);
      return value.map((item) => checkedAs(type.elementType ?? { name: "String" }, name, item));
    case "Money":
      if (!isDoc(value)) throw invalidField(name, value);
      return typedMoney(value, name);
    case "Enum":
    case "LocalizedEnum":
      if (!type.values?.some((one) => one.key === value)) throw invalidField(name, value);
      return value;
    default:
      if (!hasForm(type.name, value)) throw invalidField(name, value);
      return type.name === "DateTime" ? new Date(String(value)).toISOString() : value;
  }
}

function hasForm(typeName: string, value: unknown): boolean {
  switch (typeName) {
    case "Boolean":
      return typeof value === "boolean";
    case "Number":
      return typeof value === "number";
    case "String":
      return typeof value === "string" && value.length <= 10_240;
    case "LocalizedString":
      return isDoc(value) && Object.values(value).every((label) => typeof label === "string");
    case "DateTime":
      return typeof value === "string" && value.includes("T") && !Number.isNaN(Date.parse(value));
    case "Date":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case "Time":
      return typeof value === "string" && /^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value);
    case "Reference":
      return isDoc(value) && typeof value.typeId === "string" && typeof value.id === "string";
    default:
      return false;
  }
}

/** What a message about custom fields needs to know: the prefix of its type and its extra fields. */
export type CustomOwner<T extends Resource> = {
  resourceTypeId: string;
  /** The object that carries `custom`; throws when the action names none. */
  holder: (change: Change<T>, action: Doc) => Doc;
  /** Message family: `Order` gives OrderCustomTypeSet and so on; none are sent when absent. */
  messages?: string;
  extra?: (change: Change<T>, action: Doc) => Doc;
};

/** `setCustomType`: replaces type and fields together, removes both without a type. */
export function setCustomType<T extends Resource>(owner: CustomOwner<T>): Action<T> {
  return (change, action) => {
    const holder = owner.holder(change, action);
    const previous = holder.custom as CustomFields | undefined;
    const extra = owner.extra?.(change, action) ?? {};
    const previousTypeId = previous ? { previousTypeId: previous.type.id } : {};
    if (doc(action, "type")) {
      holder.custom = buildCustom(change.world, action, owner.resourceTypeId);
      const customFields = holder.custom;
      if (owner.messages) change.emit(`${owner.messages}CustomTypeSet`, { ...extra, customFields, ...previousTypeId });
      return;
    }
    delete holder.custom;
    if (owner.messages && previous) change.emit(`${owner.messages}CustomTypeRemoved`, { ...extra, ...previousTypeId });
  };
}

/** `setCustomField`: no value removes the field; removing one that is not there is InvalidOperation. */
export function setCustomField<T extends Resource>(owner: CustomOwner<T>): Action<T> {
  return (change, action) => {
    const custom = owner.holder(change, action).custom as CustomFields | undefined;
    const name = requireText(action, "name");
    const definition = definitionOf(typeOf(change.world, custom), name);
    const fields = custom?.fields ?? {};
    const previousValue = fields[name];
    const extra = owner.extra?.(change, action) ?? {};
    const tell = (what: string, more: Doc) => {
      if (owner.messages) change.emit(`${owner.messages}CustomField${what}`, { ...extra, name, ...more });
    };
    if (action.value === undefined || action.value === null) {
      if (definition.required) throw requiredField(name);
      if (previousValue === undefined) throw invalidOperation(`The custom field '${name}' does not exist.`);
      delete fields[name];
      tell("Removed", {});
      return;
    }
    const value = checkedValue(definition, action.value);
    fields[name] = value;
    if (previousValue === undefined) tell("Added", { value });
    else tell("Changed", { value, previousValue });
  };
}

function typeOf(world: World, custom: CustomFields | undefined): TypeResource {
  if (!custom) throw invalidOperation("The resource has no custom type: set one before setting custom fields.");
  const type = world.collection<TypeResource>("type").get(custom.type.id);
  if (!type) throw invalidOperation("The custom type of the resource does not exist any more.");
  return type;
}

/** The two actions for a resource that carries `custom` itself. */
export function customActions<T extends Resource>(
  resourceTypeId: string,
  messages?: string,
): Record<string, Action<T>> {
  const owner: CustomOwner<T> = {
    resourceTypeId,
    holder: (change) => change.resource,
    ...(messages ? { messages } : {}),
  };
  return { setCustomType: setCustomType(owner), setCustomField: setCustomField(owner) };
}
