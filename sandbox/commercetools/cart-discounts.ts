import { parseDiscountPredicate } from "./cart-predicates.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import { readStores } from "./customers.ts";
import type { Action, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { invalidField, invalidInput, requiredField } from "./errors.ts";
import {
  dateTime,
  doc,
  docs,
  flag,
  integer,
  key,
  localized,
  oneOf,
  requireDoc,
  requireInteger,
  requireLocalized,
  requireOneOf,
  requireText,
  text,
  texts,
} from "./input.ts";
import { compact, type Doc, type KeyReference, type Reference, type Resource, setOrRemove } from "./json.ts";
import { type CentMoney, cents } from "./money.ts";
import { requireReference, resolveChannel } from "./references.ts";

export const APPLICATION_MODES = ["ProportionateDistribution", "EvenDistribution", "IndividualApplication"] as const;
export type ApplicationMode = (typeof APPLICATION_MODES)[number];

export type DiscountValue =
  | { type: "relative"; permyriad: number; applicationMode?: ApplicationMode }
  | { type: "absolute" | "fixed"; money: CentMoney[]; applicationMode?: ApplicationMode }
  | {
      type: "giftLineItem";
      product: Reference<"product">;
      variantId: number;
      supplyChannel?: Reference<"channel">;
      distributionChannel?: Reference<"channel">;
    };

/** Of every `triggerQuantity` matching units, `discountedQuantity` are discounted: the cheapest or the dearest of all. */
export type MultiBuyTarget = {
  type: "multiBuyLineItems" | "multiBuyCustomLineItems";
  predicate: string;
  triggerQuantity: number;
  discountedQuantity: number;
  maxOccurrence?: number;
  selectionMode: "Cheapest" | "MostExpensive";
};

export type DiscountTarget =
  | { type: "lineItems" | "customLineItems"; predicate: string }
  | MultiBuyTarget
  | { type: "shipping" | "totalPrice" };

export type CartDiscount = Resource & {
  key?: string;
  value: DiscountValue;
  cartPredicate: string;
  target?: DiscountTarget;
  sortOrder: string;
  stores: KeyReference<"store">[];
  isActive: boolean;
  requiresDiscountCode: boolean;
  validFrom?: string;
  validUntil?: string;
  stackingMode: "Stacking" | "StopAfterThisDiscount";
};

export type DiscountCode = Resource & {
  key?: string;
  code: string;
  cartDiscounts: Reference<"cart-discount">[];
  cartPredicate?: string;
  isActive: boolean;
  validFrom?: string;
  validUntil?: string;
  maxApplications?: number;
};

function readValue(world: World, source: Doc): DiscountValue {
  const value = requireDoc(source, "value");
  const type = requireOneOf(value, "type", ["relative", "absolute", "fixed", "giftLineItem"]);
  const applicationMode = oneOf(value, "applicationMode", APPLICATION_MODES);
  if (type === "relative") {
    const permyriad = requireInteger(value, "permyriad");
    if (permyriad < 0 || permyriad > 10_000) throw invalidField("permyriad", permyriad);
    return compact({ type, permyriad, applicationMode });
  }
  if (type === "giftLineItem") {
    return compact({
      type,
      product: requireReference(world, "product", value, "product"),
      variantId: requireInteger(value, "variantId"),
      supplyChannel: resolveChannel(world, value, "supplyChannel", "InventorySupply"),
      distributionChannel: resolveChannel(world, value, "distributionChannel", "ProductDistribution"),
    });
  }
  const money = docs(value, "money")?.map((one) =>
    cents(requireText(one, "currencyCode"), requireInteger(one, "centAmount")),
  );
  if (!money || money.length === 0) throw requiredField("value.money");
  return compact({ type, money, applicationMode });
}

function readTarget(source: Doc): DiscountTarget | undefined {
  const target = doc(source, "target");
  if (!target) return undefined;
  const type = requireText(target, "type");
  if (type === "shipping" || type === "totalPrice") return { type };
  const predicate = requireText(target, "predicate");
  parseDiscountPredicate(predicate, "target.predicate");
  if (type === "multiBuyLineItems" || type === "multiBuyCustomLineItems") return readMultiBuy(type, predicate, target);
  if (type === "lineItems" || type === "customLineItems") return { type, predicate };
  throw invalidInput(`Discounts on '${type}' are not part of this model.`);
}

function readMultiBuy(type: MultiBuyTarget["type"], predicate: string, target: Doc): MultiBuyTarget {
  const triggerQuantity = requireInteger(target, "triggerQuantity");
  const discountedQuantity = requireInteger(target, "discountedQuantity");
  if (triggerQuantity < 1) throw invalidField("target.triggerQuantity", triggerQuantity);
  if (discountedQuantity < 1 || discountedQuantity > triggerQuantity) {
    throw invalidField("target.discountedQuantity", discountedQuantity);
  }
  const maxOccurrence = integer(target, "maxOccurrence");
  const selectionMode = oneOf(target, "selectionMode", ["Cheapest", "MostExpensive"]) ?? "Cheapest";
  return compact({ type, predicate, triggerQuantity, discountedQuantity, maxOccurrence, selectionMode });
}

function readSortOrder(source: Doc): string {
  const sortOrder = requireText(source, "sortOrder");
  if (!/^0\.\d*[1-9]$/.test(sortOrder)) throw invalidField("sortOrder", sortOrder);
  return sortOrder;
}

function readCartPredicate(source: Doc): string {
  const predicate = requireText(source, "cartPredicate");
  parseDiscountPredicate(predicate, "cartPredicate");
  return predicate;
}

const changeValue: Action<CartDiscount> = ({ resource, world }, action) => {
  resource.value = readValue(world, action);
};

export const cartDiscountDefinition: Definition<CartDiscount> = {
  typeId: "cart-discount",
  path: "cart-discounts",
  scopes: { view: ["view_cart_discounts", "view_orders"], manage: ["manage_cart_discounts", "manage_orders"] },
  fields: [
    ...BASE_FIELDS,
    ...["key", "name", "description", "value", "cartPredicate", "target", "sortOrder", "stores", "isActive"],
    ...["validFrom", "validUntil", "requiresDiscountCode", "references", "stackingMode", "custom"],
  ],
  uniques: [KEY_UNIQUE, { field: "sortOrder", value: (discount) => discount.sortOrder }],
  create({ world }, draft) {
    const value = readValue(world, draft);
    const target = readTarget(draft);
    if (value.type !== "giftLineItem" && !target) throw requiredField("target");
    return {
      key: key(draft),
      name: requireLocalized(draft, "name"),
      description: localized(draft, "description"),
      value,
      cartPredicate: readCartPredicate(draft),
      target,
      sortOrder: readSortOrder(draft),
      stores: readStores(world, draft),
      isActive: flag(draft, "isActive") ?? true,
      requiresDiscountCode: flag(draft, "requiresDiscountCode") ?? false,
      validFrom: dateTime(draft, "validFrom"),
      validUntil: dateTime(draft, "validUntil"),
      stackingMode: oneOf(draft, "stackingMode", ["Stacking", "StopAfterThisDiscount"]) ?? "Stacking",
      references: [],
      custom: readCustom(world, draft, "cart-discount"),
    };
  },
  actions: {
    changeValue,
    changeCartPredicate: ({ resource }, action) => {
      resource.cartPredicate = readCartPredicate(action);
    },
    changeTarget: ({ resource }, action) => setOrRemove(resource, "target", readTarget(action)),
    changeIsActive: ({ resource }, action) => {
      resource.isActive = flag(action, "isActive") ?? resource.isActive;
    },
    changeName: ({ resource }, action) => setOrRemove(resource, "name", requireLocalized(action, "name")),
    changeSortOrder: ({ resource }, action) => {
      resource.sortOrder = readSortOrder(action);
    },
    changeRequiresDiscountCode: ({ resource }, action) => {
      resource.requiresDiscountCode = flag(action, "requiresDiscountCode") ?? false;
    },
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setValidFrom: ({ resource }, action) => setOrRemove(resource, "validFrom", dateTime(action, "validFrom")),
    setValidUntil: ({ resource }, action) => setOrRemove(resource, "validUntil", dateTime(action, "validUntil")),
    ...customActions<CartDiscount>("cart-discount"),
  },
};

function readDiscounts(world: World, source: Doc): Reference<"cart-discount">[] {
  const discounts = docs(source, "cartDiscounts");
  if (!discounts) throw requiredField("cartDiscounts");
  return discounts.map((discount) => requireReference(world, "cart-discount", { discount }, "discount"));
}

function readCodePredicate(source: Doc): string | undefined {
  const predicate = text(source, "cartPredicate");
  if (predicate !== undefined) parseDiscountPredicate(predicate, "cartPredicate");
  return predicate;
}

export const discountCodeDefinition: Definition<DiscountCode> = {
  typeId: "discount-code",
  path: "discount-codes",
  scopes: { view: ["view_discount_codes", "view_orders"], manage: ["manage_discount_codes", "manage_orders"] },
  fields: [
    ...BASE_FIELDS,
    ...["key", "name", "description", "code", "cartDiscounts", "cartPredicate", "isActive", "references"],
    ...["maxApplications", "maxApplicationsPerCustomer", "groups", "validFrom", "validUntil", "custom"],
  ],
  indexes: [{ path: "code", values: (code) => [code.code] }],
  uniques: [KEY_UNIQUE, { field: "code", value: (code) => code.code }],
  create({ world }, draft) {
    return {
      key: key(draft),
      name: localized(draft, "name"),
      description: localized(draft, "description"),
      code: requireText(draft, "code"),
      cartDiscounts: readDiscounts(world, draft),
      cartPredicate: readCodePredicate(draft),
      isActive: flag(draft, "isActive") ?? true,
      validFrom: dateTime(draft, "validFrom"),
      validUntil: dateTime(draft, "validUntil"),
      maxApplications: integer(draft, "maxApplications"),
      maxApplicationsPerCustomer: integer(draft, "maxApplicationsPerCustomer"),
      groups: texts(draft, "groups") ?? [],
      references: [],
      stores: [],
      custom: readCustom(world, draft, "discount-code"),
    };
  },
  actions: {
    changeCartDiscounts: ({ resource, world }, action) => {
      resource.cartDiscounts = readDiscounts(world, action);
    },
    changeIsActive: ({ resource }, action) => {
      resource.isActive = flag(action, "isActive") ?? resource.isActive;
    },
    setCartPredicate: ({ resource }, action) => setOrRemove(resource, "cartPredicate", readCodePredicate(action)),
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setName: ({ resource }, action) => setOrRemove(resource, "name", localized(action, "name")),
    setMaxApplications: ({ resource }, action) =>
      setOrRemove(resource, "maxApplications", integer(action, "maxApplications")),
    setValidFrom: ({ resource }, action) => setOrRemove(resource, "validFrom", dateTime(action, "validFrom")),
    setValidUntil: ({ resource }, action) => setOrRemove(resource, "validUntil", dateTime(action, "validUntil")),
    ...customActions<DiscountCode>("discount-code"),
  },
};

export function isLive(one: { isActive: boolean; validFrom?: string; validUntil?: string }, at: string): boolean {
  if (!one.isActive || (one.validFrom !== undefined && at < one.validFrom)) return false;
  return one.validUntil === undefined || at < one.validUntil;
}
