/** Which route of the configuration a customer or business unit belongs to, without an order to tell. */
import type { ConnectorConfig } from "./config.ts";
import type { Route } from "./route-config.ts";

/** Keys, not ids. Absent or empty: nobody can tell. */
export type PartyFacts = {
  /** Stores that the party is bound to; of none it may buy in any. */
  readonly stores: readonly string[];
  readonly country: string | undefined;
  readonly customerGroups: readonly string[];
  /** Absent: a customer. */
  readonly businessUnit: string | undefined;
};

type Told = readonly string[] | undefined;

/** Currency, channel and shipping method are an order's alone. */
const told: Readonly<Record<keyof Route["when"], (facts: PartyFacts) => Told>> = {
  store: ({ stores }) => (stores.length > 0 ? stores : undefined),
  country: ({ country }) => (country === undefined ? undefined : [country]),
  customerGroup: ({ customerGroups }) => customerGroups,
  businessUnit: ({ businessUnit }) => (businessUnit === undefined ? [] : [businessUnit]),
  buyer: ({ businessUnit }) => [businessUnit === undefined ? "customer" : "business"],
  currency: () => undefined,
  channel: () => undefined,
  supplyChannel: () => undefined,
  shippingMethod: () => undefined,
};

const conditions = Object.keys(told) as (keyof Route["when"])[];

/**
 * The first route whose customers are their own and of which nothing that can be told of the party speaks against it. With
 * `certain`, everything that a customer can tell has to be told.
 */
export const routeOfParty = (
  { routes }: Pick<ConnectorConfig, "routes">,
  facts: PartyFacts,
  { certain = false }: { readonly certain?: boolean } = {},
): Route | undefined =>
  routes.find(
    ({ customers, when }) =>
      customers.policy === "own" &&
      conditions.every((condition) =>
        holds(
          when[condition],
          told[condition](facts),
          certain && condition !== "currency" && condition !== "channel" && condition !== "shippingMethod",
        ),
      ),
  );

function holds(wanted: string | readonly string[] | undefined, given: Told, certain: boolean): boolean {
  if (wanted === undefined) return true;
  if (given === undefined) return !certain;
  const list = typeof wanted === "string" ? [wanted] : wanted;
  return given.some((value) => list.includes(value));
}

/** True where some change of a customer concerns the connector: later changes flow, or customers are made at sign-up. */
export const followsCustomers = ({ routes, customers }: Pick<ConnectorConfig, "routes" | "customers">): boolean =>
  routes.some(
    ({ customers: own }) => own.policy === "own" && (customers.changes.flow !== "off" || own.createAt === "signUp"),
  );
