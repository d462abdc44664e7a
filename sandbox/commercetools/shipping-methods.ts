import { customActions, readCustom } from "./custom-fields.ts";
import type { Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { invalidInput } from "./errors.ts";
import { docs, flag, integer, key, localized, requireDoc, requireText, text } from "./input.ts";
import { compact, type Doc, type Reference, type Resource, sameJson, setOrRemove } from "./json.ts";
import { type CentMoney, readCents } from "./money.ts";
import { requireReference } from "./references.ts";
import { type Zone, zoneCovers } from "./taxes.ts";

export type ShippingRateTier = { type: "CartValue"; minimumCentAmount: number; price: CentMoney };
export type ShippingRate = { price: CentMoney; freeAbove?: CentMoney; tiers: ShippingRateTier[] };
type ZoneRate = { zone: Reference<"zone">; shippingRates: ShippingRate[] };
export type ShippingMethod = Resource & {
  key?: string;
  name: string;
  taxCategory: Reference<"tax-category">;
  zoneRates: ZoneRate[];
  active: boolean;
  isDefault: boolean;
};

export function readShippingRate(draft: Doc): ShippingRate {
  const price = readCents(draft, "price");
  return compact({
    price,
    freeAbove: draft.freeAbove ? readCents(draft, "freeAbove") : undefined,
    tiers: (docs(draft, "tiers") ?? []).map(readRateTier),
  });
}

function readRateTier(draft: Doc): ShippingRateTier {
  if (requireText(draft, "type") !== "CartValue") {
    throw invalidInput("This model prices shipping by CartValue tiers only.");
  }
  return {
    type: "CartValue",
    minimumCentAmount: integer(draft, "minimumCentAmount") ?? 0,
    price: readCents(draft, "price"),
  };
}

function readZoneRate(world: World, draft: Doc): ZoneRate {
  return {
    zone: requireReference(world, "zone", draft, "zone"),
    shippingRates: (docs(draft, "shippingRates") ?? []).map(readShippingRate),
  };
}

/** The rate of a method for a place and currency, or undefined when it does not ship there. */
export function shippingRateFor(
  world: World,
  method: ShippingMethod,
  place: { country: string; state?: string },
  currency: string,
): ShippingRate | undefined {
  for (const zoneRate of method.zoneRates) {
    const zone = world.collection<Zone>("zone").get(zoneRate.zone.id);
    if (!zone || !zoneCovers(zone, place)) continue;
    const rate = zoneRate.shippingRates.find((one) => one.price.currencyCode === currency);
    if (rate) return rate;
  }
  return undefined;
}

/** What shipping costs for goods of this value: the tier reached, nothing above `freeAbove`. */
export function shippingPrice(rate: ShippingRate, goodsCents: number): CentMoney {
  if (rate.freeAbove && goodsCents >= rate.freeAbove.centAmount) return { ...rate.price, centAmount: 0 };
  const reached = rate.tiers
    .filter((tier) => tier.minimumCentAmount <= goodsCents)
    .sort((a, b) => b.minimumCentAmount - a.minimumCentAmount);
  return reached[0]?.price ?? rate.price;
}

export const shippingMethodDefinition: Definition<ShippingMethod> = {
  typeId: "shipping-method",
  path: "shipping-methods",
  scopes: {
    view: ["view_shipping_methods", "view_products", "view_orders", "manage_orders"],
    manage: ["manage_shipping_methods", "manage_products"],
  },
  fields: [
    ...BASE_FIELDS,
    ...["key", "name", "localizedName", "description", "localizedDescription", "taxCategory", "zoneRates"],
    ...["active", "isDefault", "predicate", "custom", "stores", "carrier"],
  ],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    return {
      key: key(draft),
      name: requireText(draft, "name"),
      localizedName: localized(draft, "localizedName"),
      description: text(draft, "description"),
      localizedDescription: localized(draft, "localizedDescription"),
      taxCategory: requireReference(world, "tax-category", draft, "taxCategory"),
      zoneRates: (docs(draft, "zoneRates") ?? []).map((zoneRate) => readZoneRate(world, zoneRate)),
      active: flag(draft, "active") ?? true,
      isDefault: flag(draft, "isDefault") ?? false,
      carrier: text(draft, "carrier"),
      stores: [],
      custom: readCustom(world, draft, "shipping-method"),
    };
  },
  actions: {
    changeName: ({ resource }, action) => {
      resource.name = requireText(action, "name");
    },
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    changeActive: ({ resource }, action) => {
      resource.active = flag(action, "active") ?? resource.active;
    },
    changeTaxCategory: ({ resource, world }, action) => {
      resource.taxCategory = requireReference(world, "tax-category", action, "taxCategory");
    },
    addZone: ({ resource, world }, action) => {
      resource.zoneRates.push({ zone: requireReference(world, "zone", action, "zone"), shippingRates: [] });
    },
    addShippingRate: ({ resource, world }, action) => {
      const zone = requireReference(world, "zone", action, "zone");
      const rate = readShippingRate(requireDoc(action, "shippingRate"));
      const zoneRate = resource.zoneRates.find((one) => one.zone.id === zone.id);
      if (zoneRate) zoneRate.shippingRates.push(rate);
      else resource.zoneRates.push({ zone, shippingRates: [rate] });
    },
    removeShippingRate: ({ resource, world }, action) => {
      const zone = requireReference(world, "zone", action, "zone");
      const gone = readShippingRate(requireDoc(action, "shippingRate"));
      const zoneRate = resource.zoneRates.find((one) => one.zone.id === zone.id);
      if (zoneRate) zoneRate.shippingRates = zoneRate.shippingRates.filter((rate) => !sameJson(rate, gone));
    },
    ...customActions<ShippingMethod>("shipping-method"),
  },
};
