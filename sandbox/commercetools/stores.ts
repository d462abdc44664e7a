import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidInput, requiredField } from "./errors.ts";
import { docs, key, localized, requireDocs, requireKey, requireText, texts } from "./input.ts";
import { type Doc, type Reference, type Resource, setOrRemove } from "./json.ts";
import { resolveChannel } from "./references.ts";

const MAX_CHANNELS = 100;

export type Store = Resource & {
  key: string;
  languages: string[];
  countries: { code: string }[];
  distributionChannels: Reference<"channel">[];
  supplyChannels: Reference<"channel">[];
};

function readChannels(world: World, source: Doc, field: string, role: string): Reference<"channel">[] {
  const channels = (docs(source, field) ?? []).map((channel) => {
    const found = resolveChannel(world, { channel }, "channel", role);
    if (!found) throw requiredField(field);
    return found;
  });
  if (channels.length > MAX_CHANNELS) throw invalidInput(`A store takes at most ${MAX_CHANNELS} ${field}.`);
  return channels;
}

function channelActions(field: "distributionChannels" | "supplyChannels", role: string, singular: string) {
  const one = (world: World, action: Doc) => {
    const found = resolveChannel(world, action, "channel", role);
    if (!found) throw requiredField("channel");
    return found;
  };
  const actions: Record<string, Action<Store>> = {
    [`set${singular}s`]: ({ resource, world }, action) => {
      resource[field] = readChannels(world, action, field, role);
    },
    [`add${singular}`]: ({ resource, world }, action) => {
      const added = one(world, action);
      if (!resource[field].some((channel) => channel.id === added.id)) resource[field].push(added);
    },
    [`remove${singular}`]: ({ resource, world }, action) => {
      const gone = one(world, action);
      resource[field] = resource[field].filter((channel) => channel.id !== gone.id);
    },
  };
  return actions;
}

function readCountries(source: Doc): { code: string }[] {
  return (docs(source, "countries") ?? []).map((land) => ({ code: requireText(land, "code") }));
}

export const storeDefinition: Definition<Store> = {
  typeId: "store",
  path: "stores",
  scopes: scopes("stores"),
  fields: [
    ...BASE_FIELDS,
    ...["key", "name", "languages", "countries", "distributionChannels", "supplyChannels", "productSelections"],
    "custom",
  ],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    return {
      key: requireKey(draft),
      name: localized(draft, "name"),
      languages: texts(draft, "languages") ?? [],
      countries: readCountries(draft),
      distributionChannels: readChannels(world, draft, "distributionChannels", "ProductDistribution"),
      supplyChannels: readChannels(world, draft, "supplyChannels", "InventorySupply"),
      productSelections: [],
      custom: readCustom(world, draft, "store"),
    };
  },
  actions: {
    setName: ({ resource }, action) => setOrRemove(resource, "name", localized(action, "name")),
    setLanguages: ({ resource }, action) => {
      resource.languages = texts(action, "languages") ?? [];
    },
    setCountries: ({ resource }, action) => {
      if (!requireDocs(action, "countries")) return;
      resource.countries = readCountries(action);
    },
    ...channelActions("distributionChannels", "ProductDistribution", "DistributionChannel"),
    ...channelActions("supplyChannels", "InventorySupply", "SupplyChannel"),
    ...customActions<Store>("store"),
  },
};

type CustomerGroup = Resource & { key?: string; name: string };

export const customerGroupDefinition: Definition<CustomerGroup> = {
  typeId: "customer-group",
  keptWhileReferenced: true,
  path: "customer-groups",
  scopes: {
    view: ["view_customer_groups", "view_customers"],
    manage: ["manage_customer_groups", "manage_customers"],
  },
  extensible: true,
  fields: [...BASE_FIELDS, "key", "name", "custom"],
  uniques: [KEY_UNIQUE, { field: "name", value: (group) => group.name }],
  create({ world }, draft) {
    return {
      key: key(draft),
      name: requireText(draft, "groupName"),
      custom: readCustom(world, draft, "customer-group"),
    };
  },
  actions: {
    changeName: ({ resource }, action) => {
      resource.name = requireText(action, "name");
    },
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    ...customActions<CustomerGroup>("customer-group", "CustomerGroup"),
  },
};

/** A role that a business unit gives to its associates; only what a business unit needs to refer to it. */
export const associateRoleDefinition: Definition<Resource & { key: string; permissions: string[] }> = {
  typeId: "associate-role",
  path: "associate-roles",
  scopes: scopes("associate_roles"),
  fields: [...BASE_FIELDS, "key", "name", "permissions", "buyerAssignable"],
  uniques: [KEY_UNIQUE],
  create(_call, draft) {
    return {
      key: requireKey(draft),
      name: typeof draft.name === "string" ? draft.name : undefined,
      buyerAssignable: draft.buyerAssignable !== false,
      permissions: texts(draft, "permissions") ?? [],
    };
  },
  actions: {
    setPermissions: ({ resource }, action) => {
      resource.permissions = texts(action, "permissions") ?? [];
    },
  },
};
