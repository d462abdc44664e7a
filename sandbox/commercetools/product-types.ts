import type { Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { duplicateField, invalidInput } from "./errors.ts";
import { docs, flag, key, localized, oneOf, requireDoc, requireLocalized, requireText, text } from "./input.ts";
import { compact, type Doc, type Resource, setOrRemove } from "./json.ts";

const ATTRIBUTE_TYPES = [
  ...["boolean", "text", "ltext", "enum", "lenum", "number", "money", "date", "time", "datetime"],
  ...["reference", "set", "nested"],
];

export type AttributeDefinition = Doc & { name: string; isRequired: boolean; type: Doc };
export type ProductType = Resource & { key?: string; name: string; attributes: AttributeDefinition[] };

function readAttribute(draft: Doc): AttributeDefinition {
  const type = requireDoc(draft, "type");
  const typeName = requireText(type, "name");
  if (!ATTRIBUTE_TYPES.includes(typeName)) throw invalidInput(`Unknown attribute type '${typeName}'.`);
  return compact({
    type,
    name: requireText(draft, "name"),
    label: requireLocalized(draft, "label"),
    isRequired: flag(draft, "isRequired") ?? false,
    attributeConstraint:
      oneOf(draft, "attributeConstraint", ["None", "Unique", "CombinationUnique", "SameForAll"]) ?? "None",
    inputTip: localized(draft, "inputTip"),
    inputHint: oneOf(draft, "inputHint", ["SingleLine", "MultiLine"]) ?? "SingleLine",
    isSearchable: flag(draft, "isSearchable") ?? true,
  }) as AttributeDefinition;
}

export const productTypeDefinition: Definition<ProductType> = {
  typeId: "product-type",
  keptWhileReferenced: true,
  path: "product-types",
  scopes: { view: ["view_product_types", "view_products"], manage: ["manage_product_types", "manage_products"] },
  fields: [...BASE_FIELDS, "key", "name", "description", "attributes"],
  uniques: [KEY_UNIQUE],
  create(_call, draft) {
    return {
      key: key(draft),
      name: requireText(draft, "name"),
      description: requireText(draft, "description"),
      attributes: (docs(draft, "attributes") ?? []).map(readAttribute),
    };
  },
  actions: {
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    changeName: ({ resource }, action) => {
      resource.name = requireText(action, "name");
    },
    changeDescription: ({ resource }, action) => setOrRemove(resource, "description", text(action, "description")),
    addAttributeDefinition: ({ resource }, action) => {
      const added = readAttribute(requireDoc(action, "attribute"));
      if (resource.attributes.some((one) => one.name === added.name))
        throw duplicateField("attribute.name", added.name);
      resource.attributes.push(added);
    },
    removeAttributeDefinition: ({ resource }, action) => {
      const name = requireText(action, "name");
      resource.attributes = resource.attributes.filter((one) => one.name !== name);
    },
  },
};

/** Only what an externally computed discounted price has to refer to. */
export const productDiscountDefinition: Definition<Resource> = {
  typeId: "product-discount",
  path: "product-discounts",
  scopes: {
    view: ["view_product_discounts", "view_products"],
    manage: ["manage_product_discounts", "manage_products"],
  },
  fields: [...BASE_FIELDS, "key", "name", "value", "predicate", "sortOrder", "isActive", "validFrom", "validUntil"],
  uniques: [KEY_UNIQUE],
  create(_call, draft) {
    return {
      key: key(draft),
      name: requireLocalized(draft, "name"),
      value: requireDoc(draft, "value"),
      predicate: requireText(draft, "predicate"),
      sortOrder: requireText(draft, "sortOrder"),
      isActive: flag(draft, "isActive") ?? true,
      references: [],
    };
  },
  actions: {
    changeIsActive: ({ resource }, action) => setOrRemove(resource, "isActive", flag(action, "isActive")),
  },
};
