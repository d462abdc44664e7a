import type { Action, Change } from "./definition.ts";
import { invalidInput } from "./errors.ts";
import {
  docs,
  flag,
  integer,
  key,
  localized,
  oneOf,
  requireDoc,
  requireLocalized,
  requireText,
  text,
} from "./input.ts";
import { compact, type Doc, sameJson, setOrRemove } from "./json.ts";
import { allVariants, type Product, type ProductData, type Variant } from "./product-model.ts";
import { readPrice } from "./product-prices.ts";
import { resolveReference } from "./references.ts";

type ProductAction = Action<Product>;

/** Changes staged data, and with `staged: false` the current data as well. */
function onData(change: Change<Product>, action: Doc, edit: (data: ProductData) => void): void {
  const { masterData } = change.resource;
  edit(masterData.staged);
  if (flag(action, "staged") === false) edit(masterData.current);
  masterData.hasStagedChanges = !sameJson(masterData.current, masterData.staged);
}

function variantOf(data: ProductData, action: Doc): Variant {
  const sku = text(action, "sku");
  const id = integer(action, "variantId") ?? integer(action, "id");
  const found = allVariants(data).find((one) => (sku !== undefined ? one.sku === sku : one.id === id));
  if (!found) throw invalidInput(`The product has no variant '${sku ?? id}'.`);
  return found;
}

const publish: ProductAction = ({ resource, emit }) => {
  const { masterData } = resource;
  masterData.current = structuredClone(masterData.staged);
  masterData.published = true;
  masterData.hasStagedChanges = false;
  emit("ProductPublished", { removedImageUrls: [], productProjection: { id: resource.id }, scope: "All" });
};

const unpublish: ProductAction = ({ resource, emit }) => {
  resource.masterData.published = false;
  emit("ProductUnpublished");
};

const addVariant: ProductAction = (change, action) => {
  onData(change, action, (data) => {
    const id = Math.max(...allVariants(data).map((one) => one.id)) + 1;
    data.variants.push(
      compact({
        id,
        sku: text(action, "sku"),
        key: key(action),
        prices: (docs(action, "prices") ?? []).map((price) => readPrice(change.world, price)),
        attributes: (docs(action, "attributes") ?? []).map((one) => ({
          name: requireText(one, "name"),
          value: one.value,
        })),
        images: docs(action, "images") ?? [],
        assets: [],
      }),
    );
  });
};

const removeVariant: ProductAction = (change, action) => {
  onData(change, action, (data) => {
    const gone = variantOf(data, action);
    if (gone === data.masterVariant) throw invalidInput("The master variant can not be removed.");
    data.variants = data.variants.filter((one) => one !== gone);
  });
};

const setSku: ProductAction = (change, action) => {
  const variantId = integer(action, "variantId");
  onData(change, action, (data) => {
    const variant = allVariants(data).find((one) => one.id === variantId);
    if (!variant) throw invalidInput(`The product has no variant '${variantId}'.`);
    setOrRemove(variant, "sku", text(action, "sku"));
  });
};

function setOn(variant: Variant, name: string, value: unknown): void {
  const others = variant.attributes.filter((one) => one.name !== name);
  variant.attributes = value === undefined || value === null ? others : [...others, { name, value }];
}

const setAttribute: ProductAction = (change, action) => {
  onData(change, action, (data) => setOn(variantOf(data, action), requireText(action, "name"), action.value));
};

const setAttributeInAllVariants: ProductAction = (change, action) => {
  onData(change, action, (data) => {
    for (const variant of allVariants(data)) setOn(variant, requireText(action, "name"), action.value);
  });
};

const addPrice: ProductAction = (change, action) => {
  const price = readPrice(change.world, requireDoc(action, "price"));
  onData(change, action, (data) => variantOf(data, action).prices.push(price));
};

const setPrices: ProductAction = (change, action) => {
  const prices = (docs(action, "prices") ?? []).map((price) => readPrice(change.world, price));
  onData(change, action, (data) => {
    variantOf(data, action).prices = structuredClone(prices);
  });
};

const removePrice: ProductAction = (change, action) => {
  const priceId = requireText(action, "priceId");
  onData(change, action, (data) => {
    for (const variant of allVariants(data)) variant.prices = variant.prices.filter((one) => one.id !== priceId);
  });
};

const changePrice: ProductAction = (change, action) => {
  const priceId = requireText(action, "priceId");
  const price = { ...readPrice(change.world, requireDoc(action, "price")), id: priceId };
  onData(change, action, (data) => {
    for (const variant of allVariants(data)) {
      variant.prices = variant.prices.map((one) => (one.id === priceId ? price : one));
    }
  });
};

const setPriceMode: ProductAction = ({ resource, emit }, action) => {
  resource.priceMode = oneOf(action, "priceMode", ["Embedded", "Standalone"]) ?? "Embedded";
  emit("ProductPriceModeSet", { to: resource.priceMode });
};

export const PRODUCT_ACTIONS: Record<string, ProductAction> = {
  publish,
  unpublish,
  addVariant,
  removeVariant,
  setSku,
  setAttribute,
  setAttributeInAllVariants,
  addPrice,
  setPrices,
  removePrice,
  changePrice,
  setPriceMode,
  setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
  setTaxCategory: ({ resource, world }, action) =>
    setOrRemove(resource, "taxCategory", resolveReference(world, "tax-category", action, "taxCategory")),
  changeName: (change, action) =>
    onData(change, action, (data) => {
      data.name = requireLocalized(action, "name");
    }),
  setDescription: (change, action) =>
    onData(change, action, (data) => setOrRemove(data, "description", localized(action, "description"))),
  changeSlug: (change, action) =>
    onData(change, action, (data) => {
      data.slug = requireLocalized(action, "slug");
    }),
  setProductVariantKey: (change, action) =>
    onData(change, action, (data) => setOrRemove(variantOf(data, action), "key", key(action))),
};
