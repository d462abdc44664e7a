import { readAddress } from "./addresses.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Definition } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE } from "./definition.ts";
import { invalidField, requiredField } from "./errors.ts";
import { doc, localized, requireKey, requireLocalized, texts } from "./input.ts";
import { type Doc, type Resource, setOrRemove } from "./json.ts";

const ROLES = ["InventorySupply", "ProductDistribution", "OrderExport", "OrderImport", "Primary"];

export type Channel = Resource & { key: string; roles: string[] };

function readRoles(source: Doc): string[] | undefined {
  const roles = texts(source, "roles");
  const wrong = roles?.find((role) => !ROLES.includes(role));
  if (wrong !== undefined) throw invalidField("roles", wrong, ROLES);
  return roles ? [...new Set(roles)] : undefined;
}

function rolesAction(combine: (have: string[], given: string[]) => string[]): Action<Channel> {
  return ({ resource }, action) => {
    const given = readRoles(action);
    if (!given) throw requiredField("roles");
    resource.roles = combine(resource.roles, given);
  };
}

export const channelDefinition: Definition<Channel> = {
  typeId: "channel",
  keptWhileReferenced: true,
  path: "channels",
  scopes: { view: ["view_channels", "view_products"], manage: ["manage_channels", "manage_products"] },
  fields: [...BASE_FIELDS, "key", "roles", "name", "description", "address", "custom", "geoLocation"],
  uniques: [KEY_UNIQUE],
  indexes: [{ path: "key", values: (channel) => [channel.key] }],
  create({ world }, draft) {
    return {
      key: requireKey(draft),
      roles: readRoles(draft) ?? ["InventorySupply"],
      name: localized(draft, "name"),
      description: localized(draft, "description"),
      address: readAddress(world, draft, "address"),
      custom: readCustom(world, draft, "channel"),
      geoLocation: doc(draft, "geoLocation"),
    };
  },
  actions: {
    addRoles: rolesAction((have, given) => [...new Set([...have, ...given])]),
    setRoles: rolesAction((_have, given) => given),
    removeRoles: rolesAction((have, given) => have.filter((role) => !given.includes(role))),
    changeKey: ({ resource }, action) => {
      resource.key = requireKey(action);
    },
    changeName: ({ resource }, action) => setOrRemove(resource, "name", requireLocalized(action, "name")),
    changeDescription: ({ resource }, action) =>
      setOrRemove(resource, "description", requireLocalized(action, "description")),
    setAddress: ({ resource, world }, action) =>
      setOrRemove(resource, "address", readAddress(world, action, "address")),
    setGeoLocation: ({ resource }, action) => setOrRemove(resource, "geoLocation", doc(action, "geoLocation")),
    ...customActions<Channel>("channel"),
  },
};
