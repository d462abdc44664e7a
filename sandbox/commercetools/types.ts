import type { Action, Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { duplicateField, invalidField, invalidInput, requiredField } from "./errors.ts";
import {
  docs,
  flag,
  localized,
  oneOf,
  requireDoc,
  requireKey,
  requireLocalized,
  requireText,
  text,
  texts,
} from "./input.ts";
import { compact, type Doc, isDoc, type Resource, setOrRemove } from "./json.ts";

const FIELD_TYPES = [
  ...["Boolean", "String", "LocalizedString", "Enum", "LocalizedEnum", "Number", "Money", "Date", "Time"],
  ...["DateTime", "Reference", "Set"],
];

const RESOURCE_TYPE_IDS = [
  ...["address", "asset", "business-unit", "cart-discount", "category", "channel", "custom-line-item", "customer"],
  ...["customer-group", "discount-code", "inventory-entry", "line-item", "order", "order-delivery", "order-edit"],
  ...["order-parcel", "order-return-item", "payment", "payment-interface-interaction", "payment-method"],
  ...["payment-method-info", "product-price", "product-selection", "quote", "recurring-order", "reservation"],
  ...["review", "shipping", "shipping-method", "shopping-list", "shopping-list-text-line-item"],
  ...["standalone-price", "store", "transaction"],
];

type EnumValue = Doc & { key: string };
type FieldDefinition = Doc & { name: string; type: Doc & { name: string; values?: EnumValue[] } };
type CustomType = Resource & { key: string; resourceTypeIds: string[]; fieldDefinitions: FieldDefinition[] };

function readField(draft: Doc): FieldDefinition {
  const name = requireText(draft, "name");
  if (!/^[A-Za-z0-9_-]{2,36}$/.test(name)) throw invalidField("name", name);
  const type = requireDoc(draft, "type");
  checkFieldType(type);
  return compact({
    name,
    type,
    label: requireLocalized(draft, "label"),
    required: flag(draft, "required") ?? false,
    inputHint: oneOf(draft, "inputHint", ["SingleLine", "MultiLine"]) ?? "SingleLine",
  }) as unknown as FieldDefinition;
}

function checkFieldType(type: Doc): void {
  const name = requireText(type, "name");
  if (!FIELD_TYPES.includes(name)) throw invalidField("type.name", name, FIELD_TYPES);
  if (name === "Reference" && text(type, "referenceTypeId") === undefined) throw requiredField("type.referenceTypeId");
  if (name === "Set") checkFieldType(requireDoc(type, "elementType"));
  if (name.endsWith("Enum") && !docs(type, "values")) throw requiredField("type.values");
}

function readResourceTypeIds(draft: Doc): string[] {
  const ids = texts(draft, "resourceTypeIds");
  if (!ids || ids.length === 0) throw requiredField("resourceTypeIds");
  const wrong = ids.find((id) => !RESOURCE_TYPE_IDS.includes(id));
  if (wrong !== undefined) throw invalidField("resourceTypeIds", wrong, RESOURCE_TYPE_IDS);
  return ids;
}

function fieldOf(type: CustomType, name: string): FieldDefinition {
  const found = type.fieldDefinitions.find((one) => one.name === name);
  if (!found) throw invalidInput(`The type has no field '${name}'.`);
  return found;
}

const addFieldDefinition: Action<CustomType> = ({ resource }, action) => {
  const added = readField(requireDoc(action, "fieldDefinition"));
  if (resource.fieldDefinitions.some((one) => one.name === added.name)) {
    throw duplicateField("fieldDefinition.name", added.name);
  }
  resource.fieldDefinitions.push(added);
};

const removeFieldDefinition: Action<CustomType> = ({ resource }, action) => {
  const removed = fieldOf(resource, requireText(action, "fieldName"));
  resource.fieldDefinitions = resource.fieldDefinitions.filter((one) => one !== removed);
};

const addEnumValue: Action<CustomType> = ({ resource }, action) => {
  const { type } = fieldOf(resource, requireText(action, "fieldName"));
  const holder = type.name === "Set" && isDoc(type.elementType) ? type.elementType : type;
  const value = requireDoc(action, "value") as EnumValue;
  const values = (holder.values ?? []) as EnumValue[];
  if (values.some((one) => one.key === value.key)) throw duplicateField("value.key", value.key);
  holder.values = [...values, value];
};

const changeFieldDefinitionOrder: Action<CustomType> = ({ resource }, action) => {
  const names = texts(action, "fieldNames") ?? [];
  if (names.length !== resource.fieldDefinitions.length) throw invalidInput("All fields have to be named.");
  resource.fieldDefinitions = names.map((name) => fieldOf(resource, name));
};

/** Types describe Custom Fields. Fields can be added, not retyped. */
export const typeDefinition: Definition<CustomType> = {
  typeId: "type",
  keptWhileReferenced: true,
  path: "types",
  scopes: scopes("types"),
  fields: [...BASE_FIELDS, "key", "name", "description", "resourceTypeIds", "fieldDefinitions"],
  uniques: [KEY_UNIQUE],
  create(_call, draft) {
    const fieldDefinitions = (docs(draft, "fieldDefinitions") ?? []).map(readField);
    const names = fieldDefinitions.map((one) => one.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw duplicateField("fieldDefinitions.name", twice);
    return {
      key: requireKey(draft),
      name: requireLocalized(draft, "name"),
      description: localized(draft, "description"),
      resourceTypeIds: readResourceTypeIds(draft),
      fieldDefinitions,
    };
  },
  actions: {
    changeKey: ({ resource }, action) => {
      resource.key = requireKey(action);
    },
    changeName: ({ resource }, action) => setOrRemove(resource, "name", requireLocalized(action, "name")),
    setDescription: ({ resource }, action) => setOrRemove(resource, "description", localized(action, "description")),
    addFieldDefinition,
    removeFieldDefinition,
    addEnumValue,
    addLocalizedEnumValue: addEnumValue,
    changeFieldDefinitionOrder,
    changeLabel: ({ resource }, action) => {
      fieldOf(resource, requireText(action, "fieldName")).label = requireLocalized(action, "label");
    },
    changeInputHint: ({ resource }, action) => {
      fieldOf(resource, requireText(action, "fieldName")).inputHint = requireText(action, "inputHint");
    },
  },
};
