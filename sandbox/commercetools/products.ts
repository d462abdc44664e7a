import type { Call, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { duplicateField, invalidField, requiredField } from "./errors.ts";
import { doc, docs, flag, key, localized, oneOf, requireLocalized, text } from "./input.ts";
import { compact, type Doc, type Reference } from "./json.ts";
import { PRODUCT_ACTIONS } from "./product-actions.ts";
import {
  type Attribute,
  allVariants,
  type Price,
  type Product,
  type ProductData,
  type Variant,
} from "./product-model.ts";
import { readPrice } from "./product-prices.ts";
import type { ProductType } from "./product-types.ts";
import { requireResource, resolveReference } from "./references.ts";

export function readVariant(world: World, draft: Doc, id: number, productType: ProductType): Variant {
  return compact({
    id,
    sku: text(draft, "sku"),
    key: key(draft),
    prices: (docs(draft, "prices") ?? []).map((price): Price => readPrice(world, price)),
    attributes: (docs(draft, "attributes") ?? []).map((attribute) => readAttribute(attribute, productType)),
    images: docs(draft, "images") ?? [],
    assets: [],
  });
}

function readAttribute(draft: Doc, productType: ProductType): Attribute {
  const name = text(draft, "name") ?? "";
  const known = productType.attributes.map((one) => one.name);
  if (!known.includes(name)) throw invalidField("attributes.name", name, known);
  return { name, value: draft.value };
}

function readData(world: World, draft: Doc, productType: ProductType): ProductData {
  const master = readVariant(world, doc(draft, "masterVariant") ?? {}, 1, productType);
  const others = (docs(draft, "variants") ?? []).map((one, index) => readVariant(world, one, index + 2, productType));
  return compact({
    name: requireLocalized(draft, "name"),
    description: localized(draft, "description"),
    slug: requireLocalized(draft, "slug"),
    categories: [],
    categoryOrderHints: {},
    metaTitle: localized(draft, "metaTitle"),
    metaDescription: localized(draft, "metaDescription"),
    masterVariant: master,
    variants: others,
    searchKeywords: {},
    attributes: [],
  });
}

function skusOf(product: Product): string[] {
  const skus = [product.masterData.current, product.masterData.staged].flatMap((data) =>
    allVariants(data).flatMap((variant) => (variant.sku === undefined ? [] : [variant.sku])),
  );
  return [...new Set(skus)];
}

/** SKUs are unique in the project, slugs per language. */
function checkUnique({ world, resource }: Change<Product>): void {
  const collection = world.collection<Product>("product");
  for (const sku of skusOf(resource)) {
    for (const id of collection.idsByIndex("sku", sku)) {
      if (id !== resource.id) throw duplicateField("sku", sku);
    }
  }
  for (const slug of slugsOf(resource)) {
    for (const id of collection.idsByIndex("slug", slug)) {
      if (id !== resource.id) throw duplicateField("slug", slug.slice(slug.indexOf("|") + 1));
    }
  }
}

function slugsOf(product: Product): string[] {
  const slugs = [product.masterData.current, product.masterData.staged].flatMap((data) =>
    Object.entries(data.slug).map(([locale, slug]) => `${locale}|${slug}`),
  );
  return [...new Set(slugs)];
}

export const productDefinition: Definition<Product> = {
  typeId: "product",
  path: "products",
  scopes: { view: ["view_products"], manage: ["manage_products"] },
  fields: [
    ...BASE_FIELDS,
    "key",
    "productType",
    "masterData",
    "taxCategory",
    "state",
    "priceMode",
    "reviewRatingStatistics",
  ],
  indexes: [
    { path: "sku", values: skusOf },
    { path: "slug", values: slugsOf },
    { path: "key", values: (product) => (product.key ? [product.key] : []) },
    { path: "masterData.current.masterVariant.sku", values: skusOf },
    { path: "masterData.current.variants.sku", values: skusOf },
    { path: "masterData.staged.masterVariant.sku", values: skusOf },
    { path: "masterData.staged.variants.sku", values: skusOf },
  ],
  uniques: [KEY_UNIQUE],
  create(call: Call, draft) {
    const { world } = call;
    const productType = requireResource<ProductType>(world, "product-type", draft, "productType");
    if (draft.masterVariant === undefined && docs(draft, "variants")?.length) throw requiredField("masterVariant");
    const data = readData(world, draft, productType);
    const published = flag(draft, "publish") ?? false;
    const reference: Reference<"product-type"> = { typeId: "product-type", id: productType.id };
    return {
      key: key(draft),
      productType: reference,
      masterData: { published, current: data, staged: structuredClone(data), hasStagedChanges: false },
      taxCategory: resolveReference(world, "tax-category", draft, "taxCategory"),
      state: resolveReference(world, "state", draft, "state"),
      priceMode: oneOf(draft, "priceMode", ["Embedded", "Standalone"]) ?? "Embedded",
    };
  },
  beforeCommit: checkUnique,
  created(change) {
    change.emit("ProductCreated", { productProjection: { id: change.resource.id, version: 1 } });
  },
  deleted: ({ resource, emit }) =>
    emit("ProductDeleted", { removedImageUrls: [], currentProjection: { id: resource.id } }),
  actions: PRODUCT_ACTIONS,
};
