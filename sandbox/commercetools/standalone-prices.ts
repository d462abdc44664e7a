import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidField, invalidInput, invalidOperation, refuse, requiredField } from "./errors.ts";
import { country, dateTime, doc, docs, flag, key, requireDoc, requireInteger, requireText } from "./input.ts";
import { compact, type Doc, isDoc, type Resource, sameJson, setOrRemove } from "./json.ts";
import { readMoney, type TypedMoney } from "./money.ts";
import type { DiscountedPrice, PriceScope, PriceTier } from "./price-scope.ts";
import { findVariantBySku } from "./product-model.ts";
import { referenceTo, requireResource, resolveChannel, resolveReference } from "./references.ts";

export type StandalonePrice = Resource &
  PriceScope & { key?: string; sku: string; active: boolean; staged?: { value: TypedMoney } };

type PriceAction = Action<StandalonePrice>;

export function readTiers(source: Doc, currency: string): PriceTier[] | undefined {
  const tiers = docs(source, "tiers")?.map((tier) => readTier(tier, currency));
  if (!tiers || tiers.length === 0) return undefined;
  if (new Set(tiers.map((tier) => tier.minimumQuantity)).size < tiers.length) {
    throw invalidInput("Price tiers must have different minimum quantities.");
  }
  return tiers;
}

function readTier(tier: Doc, currency: string): PriceTier {
  const minimumQuantity = requireInteger(tier, "minimumQuantity");
  if (minimumQuantity < 2) throw invalidField("minimumQuantity", minimumQuantity);
  const value = readMoney(tier, "value");
  if (value.currencyCode !== currency) throw invalidInput("The currency of a tier must be that of the price.");
  return { minimumQuantity, value };
}

function scopeOf(price: StandalonePrice): unknown[] {
  const { sku, value, country: land, customerGroup, channel } = price;
  return [sku, value.currencyCode, land, customerGroup?.id, channel?.id];
}

/** One price per scope and validity; validities of one scope must not overlap. A price without validity is the fallback. */
function checkScope({ world, resource }: Change<StandalonePrice>): void {
  checkValidity(resource);
  const collection = world.collection<StandalonePrice>("standalone-price");
  for (const id of collection.idsByIndex("sku", resource.sku)) {
    const other = collection.get(id);
    if (!other || id === resource.id || !sameJson(scopeOf(other), scopeOf(resource))) continue;
    if (other.validFrom === resource.validFrom && other.validUntil === resource.validUntil) {
      throw conflict("DuplicateStandalonePriceScope", resource, other, {});
    }
    if (hasValidity(other) && hasValidity(resource) && overlap(other, resource)) {
      const theirs = compact({ conflictingValidFrom: other.validFrom, conflictingValidUntil: other.validUntil });
      throw conflict("OverlappingStandalonePriceValidity", resource, other, theirs);
    }
  }
}

function conflict(code: string, price: StandalonePrice, other: StandalonePrice, extra: Doc) {
  const { sku, value, country: land, customerGroup, channel, validFrom, validUntil } = price;
  const scope = { sku, currency: value.currencyCode, country: land, customerGroup, channel, validFrom, validUntil };
  return refuse(code, `A standalone price of the same scope exists for the SKU '${sku}'.`, {
    conflictingStandalonePrice: { typeId: "standalone-price", id: other.id },
    ...compact(scope),
    ...extra,
  });
}

function checkValidity(price: StandalonePrice): void {
  if (price.validFrom && price.validUntil && price.validFrom >= price.validUntil) {
    throw invalidInput("validFrom must be at least 1 ms before validUntil.");
  }
}

function hasValidity(price: StandalonePrice): boolean {
  return price.validFrom !== undefined || price.validUntil !== undefined;
}

function overlap(a: StandalonePrice, b: StandalonePrice): boolean {
  const early = "0000";
  const late = "9999";
  return (a.validFrom ?? early) < (b.validUntil ?? late) && (b.validFrom ?? early) < (a.validUntil ?? late);
}

const changeValue: PriceAction = ({ resource, emit }, action) => {
  const value = readMoney(action, "value");
  if (value.currencyCode !== resource.value.currencyCode)
    throw invalidInput("The currency of a price cannot be changed.");
  const staged = flag(action, "staged") ?? false;
  const oldValue = staged ? resource.staged?.value : resource.value;
  if (staged) resource.staged = { value };
  else resource.value = value;
  emit("StandalonePriceValueChanged", compact({ value, staged, oldValue }));
};

const changeActive: PriceAction = ({ resource, emit }, action) => {
  const active = flag(action, "active");
  if (active === undefined) throw requiredField("active");
  const oldActive = resource.active;
  resource.active = active;
  if (oldActive !== active) emit("StandalonePriceActiveChanged", { active, oldActive });
};

const setKey: PriceAction = ({ resource, emit }, action) => {
  const oldKey = resource.key;
  setOrRemove(resource, "key", key(action));
  emit("StandalonePriceKeySet", compact({ key: resource.key, oldKey }));
};

const setValidFrom: PriceAction = ({ resource, emit }, action) => {
  const previousValidFrom = resource.validFrom;
  setOrRemove(resource, "validFrom", dateTime(action, "validFrom"));
  emit("StandalonePriceValidFromSet", compact({ validFrom: resource.validFrom, previousValidFrom }));
};

const setValidUntil: PriceAction = ({ resource, emit }, action) => {
  const previousValidUntil = resource.validUntil;
  setOrRemove(resource, "validUntil", dateTime(action, "validUntil"));
  emit("StandalonePriceValidUntilSet", compact({ validUntil: resource.validUntil, previousValidUntil }));
};

const setValidFromAndUntil: PriceAction = ({ resource, emit }, action) => {
  const { validFrom: previousValidFrom, validUntil: previousValidUntil } = resource;
  setOrRemove(resource, "validFrom", dateTime(action, "validFrom"));
  setOrRemove(resource, "validUntil", dateTime(action, "validUntil"));
  const { validFrom, validUntil } = resource;
  const fields = compact({ validFrom, previousValidFrom, validUntil, previousValidUntil });
  emit("StandalonePriceValidFromAndUntilSet", fields);
};

const setPriceTiers: PriceAction = ({ resource, emit }, action) => {
  if (!docs(action, "tiers")) throw requiredField("tiers");
  const previousTiers = resource.tiers ?? [];
  setOrRemove(resource, "tiers", readTiers(action, resource.value.currencyCode));
  emit("StandalonePriceTiersSet", { tiers: resource.tiers ?? [], previousTiers });
};

const addPriceTier: PriceAction = ({ resource, emit }, action) => {
  const tier = readTier(requireDoc(action, "tier"), resource.value.currencyCode);
  if (resource.tiers?.some((one) => one.minimumQuantity === tier.minimumQuantity)) {
    throw invalidInput("A tier of this minimum quantity exists already.");
  }
  resource.tiers = [...(resource.tiers ?? []), tier];
  emit("StandalonePriceTierAdded", { tier });
};

const removePriceTier: PriceAction = ({ resource, emit }, action) => {
  const minimumQuantity = requireInteger(action, "minimumQuantity");
  const removedTier = resource.tiers?.find((one) => one.minimumQuantity === minimumQuantity);
  if (!removedTier) throw invalidInput(`There is no tier of minimum quantity ${minimumQuantity}.`);
  const left = resource.tiers?.filter((one) => one !== removedTier);
  setOrRemove(resource, "tiers", left?.length ? left : undefined);
  emit("StandalonePriceTierRemoved", { removedTier });
};

const setDiscountedPrice: PriceAction = ({ resource, world, emit }, action) => {
  const draft = doc(action, "discounted");
  setOrRemove(resource, "discounted", draft ? readDiscounted(world, resource.sku, draft) : undefined);
  emit("StandalonePriceExternalDiscountSet", compact({ discounted: resource.discounted }));
};

function readDiscounted(world: World, sku: string, draft: Doc): DiscountedPrice {
  const product = findVariantBySku(world, sku)?.product.masterData;
  if (!product?.published) throw invalidOperation(`No published product variant has the SKU '${sku}'.`);
  const discount = requireResource<Resource & { isActive?: boolean }>(world, "product-discount", draft, "discount");
  const kind = isDoc(discount.value) ? discount.value.type : undefined;
  if (!discount.isActive || kind !== "external") {
    throw invalidInput("The product discount must be active and of the type external.");
  }
  return { value: readMoney(draft, "value"), discount: referenceTo("product-discount", discount) };
}

const applyStagedChanges: PriceAction = ({ resource, emit }) => {
  const { staged } = resource;
  if (!staged) throw invalidOperation("The price has no staged changes.");
  resource.value = staged.value;
  delete resource.staged;
  emit("StandalonePriceStagedChangesApplied", { stagedChanges: staged });
};

const removeStagedChanges: PriceAction = ({ resource, emit }) => {
  const { staged } = resource;
  if (!staged) return;
  delete resource.staged;
  emit("StandalonePriceStagedChangesRemoved", { stagedChanges: staged });
};

/** A price of one SKU. Its scope (sku, currency, country, customer group, channel) is immutable: no action changes it. */
export const standalonePriceDefinition: Definition<StandalonePrice> = {
  typeId: "standalone-price",
  path: "standalone-prices",
  scopes: scopes("standalone_prices"),
  fields: [
    ...BASE_FIELDS,
    ...["key", "sku", "value", "country", "customerGroup", "channel", "validFrom", "validUntil", "tiers"],
    ...["discounted", "recurrencePolicy", "active", "staged", "custom"],
  ],
  indexes: [
    { path: "sku", values: (price) => [price.sku] },
    { path: "key", values: (price) => (price.key === undefined ? [] : [price.key]) },
  ],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    const value = readMoney(draft, "value");
    const staged = doc(draft, "staged");
    const price = compact({
      key: key(draft),
      sku: requireText(draft, "sku"),
      value,
      country: country(draft, "country"),
      customerGroup: resolveReference(world, "customer-group", draft, "customerGroup"),
      channel: resolveChannel(world, draft, "channel", "ProductDistribution"),
      validFrom: dateTime(draft, "validFrom"),
      validUntil: dateTime(draft, "validUntil"),
      tiers: readTiers(draft, value.currencyCode),
      active: flag(draft, "active") ?? true,
      staged: staged ? { value: readMoney(staged, "value") } : undefined,
      custom: readCustom(world, draft, "standalone-price"),
    });
    const discounted = doc(draft, "discounted");
    return discounted ? { ...price, discounted: readDiscounted(world, price.sku, discounted) } : price;
  },
  beforeCommit: checkScope,
  created: ({ resource, emit }) => emit("StandalonePriceCreated", { standalonePrice: { ...resource } }),
  deleted: ({ resource, emit }) => emit("StandalonePriceDeleted", { sku: resource.sku }),
  actions: {
    changeValue,
    changeActive,
    setKey,
    setValidFrom,
    setValidUntil,
    setValidFromAndUntil,
    setPriceTiers,
    addPriceTier,
    removePriceTier,
    setDiscountedPrice,
    applyStagedChanges,
    removeStagedChanges,
    ...customActions<StandalonePrice>("standalone-price"),
  },
};
