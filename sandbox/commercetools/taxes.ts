import type { Action, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { businessError, invalidField, invalidInput, requiredField } from "./errors.ts";
import { country, docs, flag, key, requireDoc, requireText, text } from "./input.ts";
import { compact, type Doc, type Resource, setOrRemove } from "./json.ts";

export type SubRate = { name: string; amount: number };
export type TaxRate = {
  id?: string;
  key?: string;
  name: string;
  /** Share of the net price, 0 to 1. */
  amount: number;
  includedInPrice: boolean;
  country: string;
  state?: string;
  subRates: SubRate[];
};
export type TaxCategory = Resource & { key?: string; name: string; rates: TaxRate[] };

/** Reads a tax rate of a category or of an external tax service. */
export function readTaxRate(draft: Doc, id?: string): TaxRate {
  const subRates = (docs(draft, "subRates") ?? []).map((sub) => ({
    name: requireText(sub, "name"),
    amount: share(sub, "amount"),
  }));
  const land = country(draft, "country");
  if (land === undefined) throw requiredField("country");
  const amount = draft.amount === undefined && subRates.length > 0 ? sumOf(subRates) : share(draft, "amount");
  if (subRates.length > 0 && Math.abs(sumOf(subRates) - amount) > 1e-9) {
    throw invalidInput("The sum of the subRates must be the amount of the tax rate.");
  }
  return compact({
    id,
    key: key(draft),
    name: requireText(draft, "name"),
    amount,
    includedInPrice: flag(draft, "includedInPrice") ?? false,
    country: land,
    state: text(draft, "state"),
    subRates,
  });
}

function sumOf(subRates: SubRate[]): number {
  return subRates.reduce((sum, sub) => sum + sub.amount, 0);
}

function share(source: Doc, field: string): number {
  const value = source[field];
  if (value === undefined || value === null) throw requiredField(field);
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw invalidField(field, value);
  return value;
}

function readRates(world: World, drafts: Doc[]): TaxRate[] {
  return drafts.map((draft) => readTaxRate(draft, world.newId()));
}

/** The rate for a place: that of the state before that of the whole country. */
export function rateFor(
  world: World,
  category: TaxCategory,
  place: { country: string; state?: string },
): TaxRate | undefined {
  const inCountry = category.rates.filter((rate) => rate.country === place.country);
  const exact = inCountry.find((rate) => rate.state === place.state);
  if (exact) return exact;
  const general = inCountry.find((rate) => rate.state === undefined);
  return world.project.carts.countryTaxRateFallbackEnabled || place.state === undefined ? general : undefined;
}

export function requireRate(world: World, category: TaxCategory, place: { country: string; state?: string }): TaxRate {
  const rate = rateFor(world, category, place);
  if (rate) return rate;
  throw businessError(
    world,
    "MissingTaxRateForCountry",
    `Tax category '${category.id}' is missing a tax rate for country '${place.country}'.`,
    compact({ taxCategoryId: category.id, country: place.country, state: place.state }),
  );
}

const replaceTaxRate: Action<TaxCategory> = ({ resource, world }, action) => {
  const index = indexOfRate(resource, action);
  resource.rates[index] = readTaxRate(requireDoc(action, "taxRate"), world.newId());
};

function indexOfRate(category: TaxCategory, action: Doc): number {
  const id = text(action, "taxRateId");
  const rateKey = text(action, "taxRateKey");
  const index = category.rates.findIndex((rate) => (id !== undefined ? rate.id === id : rate.key === rateKey));
  if (index < 0) throw invalidInput("The tax category has no such tax rate.");
  return index;
}

export const taxCategoryDefinition: Definition<TaxCategory> = {
  typeId: "tax-category",
  keptWhileReferenced: true,
  path: "tax-categories",
  scopes: {
    view: ["view_tax_categories", "view_products"],
    manage: ["manage_tax_categories", "manage_products"],
  },
  fields: [...BASE_FIELDS, "key", "name", "description", "rates"],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    return {
      key: key(draft),
      name: requireText(draft, "name"),
      description: text(draft, "description"),
      rates: readRates(world, docs(draft, "rates") ?? []),
    };
  },
  actions: {
    changeName: ({ resource }, action) => {
      resource.name = requireText(action, "name");
    },
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setDescription: ({ resource }, action) => setOrRemove(resource, "description", text(action, "description")),
    addTaxRate: ({ resource, world }, action) => {
      resource.rates.push(readTaxRate(requireDoc(action, "taxRate"), world.newId()));
    },
    replaceTaxRate,
    removeTaxRate: ({ resource }, action) => {
      resource.rates.splice(indexOfRate(resource, action), 1);
    },
  },
};

type Location = { country: string; state?: string };
export type Zone = Resource & { key?: string; name: string; locations: Location[] };

function readLocation(draft: Doc): Location {
  const land = country(draft, "country");
  if (land === undefined) throw requiredField("country");
  return compact({ country: land, state: text(draft, "state") });
}

export const zoneDefinition: Definition<Zone> = {
  typeId: "zone",
  keptWhileReferenced: true,
  path: "zones",
  scopes: { view: ["view_zones", "view_products", "view_orders"], manage: ["manage_zones", "manage_products"] },
  fields: [...BASE_FIELDS, "key", "name", "description", "locations"],
  uniques: [KEY_UNIQUE],
  create(_call, draft) {
    return {
      key: key(draft),
      name: requireText(draft, "name"),
      description: text(draft, "description"),
      locations: (docs(draft, "locations") ?? []).map(readLocation),
    };
  },
  actions: {
    changeName: ({ resource }, action) => {
      resource.name = requireText(action, "name");
    },
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setDescription: ({ resource }, action) => setOrRemove(resource, "description", text(action, "description")),
    addLocation: ({ resource }, action) => {
      resource.locations.push(readLocation(requireDoc(action, "location")));
    },
    removeLocation: ({ resource }, action) => {
      const gone = readLocation(requireDoc(action, "location"));
      resource.locations = resource.locations.filter((one) => one.country !== gone.country || one.state !== gone.state);
    },
  },
};

export function zoneCovers(zone: Zone, place: { country: string; state?: string }): boolean {
  return zone.locations.some(
    (one) => one.country === place.country && (one.state === undefined || one.state === place.state),
  );
}
