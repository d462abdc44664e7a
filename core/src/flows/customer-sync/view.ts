/** What `routes[].customers.fields` may name of a customer: a small, stable view, documented in docs/mapping.md. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { CustomerValue } from "../../domain/customer-config.ts";
import { cardFields } from "../../domain/ifs-customers.ts";
import { mainAddress, type ShopParty } from "./parse.ts";

const ROOT = "customer.";
const CUSTOM = "custom.";

const plain = {
  id: ({ party }) => party.id,
  kind: ({ party }) => party.kind,
  key: ({ party }) => party.key,
  name: ({ party }) => party.name,
  email: ({ party }) => party.email,
  vatId: ({ party }) => party.vatId,
  locale: ({ locale }) => locale,
  country: (shop) => mainAddress(shop)?.country,
  phone: (shop) => phoneOf(shop),
  /** Keys, the customer's own group first. */
  group: (_shop, groups) => groups.join(",") || undefined,
  store: ({ stores }) => stores.join(",") || undefined,
} satisfies Readonly<Record<string, (shop: ShopParty, groups: readonly string[]) => string | undefined>>;

const customerFieldNames = Object.keys(plain);

/** What the connector writes or goes by itself, beside the fields of the card. */
const ours = new Set(["customerId", ...cardFields]);

/**
 * Paths and sentences of everything that names no field of a customer, or a property of IFS that is the connector's.
 * `bound`: logical field of the IFS customer -> property of the tenant.
 */
export const customerFieldFindings = (
  { routes }: Pick<ConnectorConfig, "routes">,
  bound: Readonly<Record<string, string | null>>,
): { readonly path: string; readonly message: string }[] =>
  routes.flatMap(({ customers: { fields, taxLiability } }, index) => {
    const at = (name: string): string => `routes[${index}].customers.${name}`;
    const taken = Object.keys(fields).flatMap((property) => {
      const [field] = Object.entries(bound).find(([name, one]) => one === property && ours.has(name)) ?? [];
      const message = `${property} is the tenant's property for ${field}, which is set by the connector`;
      return field === undefined ? [] : [{ path: at(`fields.${property}`), message }];
    });
    const values = [
      ...Object.entries(fields).map(([property, value]) => [`fields.${property}`, value] as const),
      ...(taxLiability === undefined ? [] : [["taxLiability", taxLiability] as const]),
    ];
    const unknown = values.flatMap(([name, value]) => {
      const message = typeof value === "object" ? pathFinding(value.field) : undefined;
      return message === undefined ? [] : [{ path: at(name), message }];
    });
    return [...taken, ...unknown];
  });

/** In words, what is wrong with a path; undefined for a good one. */
function pathFinding(path: string): string | undefined {
  const name = path.slice(ROOT.length);
  if (name.startsWith(CUSTOM) && name.length > CUSTOM.length) return undefined;
  return Object.hasOwn(plain, name)
    ? undefined
    : `there is no ${name}; known: ${customerFieldNames.join(", ")} and custom.<field>`;
}

export function phoneOf(shop: ShopParty): string | undefined {
  const address = mainAddress(shop);
  return address?.phone?.trim() || address?.mobile?.trim() || undefined;
}

/** True where some field asks for the keys of the customer groups. */
export const asksForGroups = (values: readonly (CustomerValue | undefined)[]): boolean =>
  values.some((value) => typeof value === "object" && value.field === `${ROOT}group`);

/** The value as IFS gets it; undefined: there is none, and nothing is written. */
export function valueIn(
  value: CustomerValue,
  shop: ShopParty,
  groups: readonly string[],
): string | number | boolean | undefined {
  if (typeof value !== "object") return value;
  const given = read(value.field.slice(ROOT.length), shop, groups);
  if (!value.values) return given;
  const word = given === undefined ? "none" : String(given);
  return Object.hasOwn(value.values, word) ? value.values[word] : undefined;
}

function read(name: string, shop: ShopParty, groups: readonly string[]): string | number | boolean | undefined {
  if (name.startsWith(CUSTOM)) {
    const field = name.slice(CUSTOM.length);
    return Object.hasOwn(shop.custom, field) ? simple(shop.custom[field]) : undefined;
  }
  const known = Object.entries(plain).find(([one]) => one === name);
  return known?.[1](shop, groups);
}

/** Texts, numbers, booleans, and the key of an enumeration; of anything else there is no single value. */
function simple(value: unknown): string | number | boolean | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null || !("key" in value)) return undefined;
  return typeof value.key === "string" ? value.key : undefined;
}
