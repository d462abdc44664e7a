/** Which route of the configuration an order (or a request for availability) takes. */
import type { ConnectorConfig } from "./config.ts";
import type { Rejection } from "./failure.ts";
import { err, ok, type Result } from "./result.ts";
import type { Route } from "./route-config.ts";

/** Keys, not ids. Absent: the order has none. */
export type RouteFacts = {
  readonly store?: string;
  /** Keys of the distribution channels of all lines; a line without channel counts as an empty text. */
  readonly channels: readonly string[];
  /** Keys of the supply channels of all lines, in their order; a line without one counts as an empty text. */
  readonly supplyChannels?: readonly string[];
  readonly country?: string;
  readonly currency: string;
  readonly customerGroup?: string;
  readonly businessUnit?: string;
  /** Keys of the shipping methods of all shipments, with their names. */
  readonly shippingMethods?: readonly { readonly key?: string; readonly name: string }[];
  readonly buyer?: "guest" | "customer" | "business";
  /** Of the commercetools customer; asked for only where a mapping names it, and no condition of a route. */
  readonly vatId?: string | undefined;
  /** Custom fields of the buyer's business unit, else customer, as mappings see them; asked for as `vatId` is. */
  readonly buyerCustom?: Readonly<Record<string, unknown>> | undefined;
};

/**
 * True when some route asks for the key of a customer group or of a channel, which an order only carries as an id: in a
 * condition or in its mapping.
 */
export const routesNeed = (
  config: ConnectorConfig,
  condition: "channel" | "supplyChannel" | "customerGroup",
): boolean =>
  config.routes.some(
    ({ when, mapping }) => when[condition] !== undefined || JSON.stringify(mapping).includes(condition),
  );

/** True when a mapping names a field that an order is not read with unless somebody wants it. */
export const mappingNeeds = (
  config: Pick<ConnectorConfig, "routes">,
  field: "vatId" | "buyerCustom" | "productType",
): boolean => config.routes.some(({ mapping }) => JSON.stringify(mapping).includes(field));

type Condition = keyof Route["when"];

const conditions: readonly (readonly [Condition, string])[] = [
  ["store", "store"],
  ["channel", "channel"],
  ["supplyChannel", "supply channel"],
  ["country", "country"],
  ["currency", "currency"],
  ["customerGroup", "customer group"],
  ["businessUnit", "business unit"],
  ["shippingMethod", "shipping method"],
  ["buyer", "buyer"],
];

/**
 * The first route all of whose conditions hold. A channel, supply channel or shipping method holds when every line, every shipment, has it.
 * Rejection `noRoute` names what the order has, and what no route (or only another one) covers.
 */
export function chooseRoute(config: ConnectorConfig, facts: RouteFacts): Result<Route, Rejection> {
  const route = config.routes.find((candidate) => failing(candidate, facts).length === 0);
  if (route) return ok(route);
  const known = conditions.map(([condition, name]) => `${name} ${shownAs(facts, condition)}`).join(", ");
  return err({
    code: "noRoute",
    message: `No route of the configuration matches the order (${known}). ${whatIsMissing(config, facts)}`,
    action: "Add a route for it, or a last route without conditions, under `routes`.",
    owner: "merchant",
    field: "routes",
    value: known,
  });
}

/** The values that no route covers; else the route that fails least, and why. */
function whatIsMissing({ routes }: ConnectorConfig, facts: RouteFacts): string {
  const failures = routes.map((route) => ({ route, failed: failing(route, facts) }));
  const uncovered = conditions.filter(([condition]) => failures.every(({ failed }) => failed.includes(condition)));
  if (uncovered.length > 0) {
    return `No route covers ${uncovered.map(([condition, name]) => `${name} ${shownAs(facts, condition)}`).join(", ")}.`;
  }
  const [nearest] = failures.toSorted((a, b) => a.failed.length - b.failed.length);
  const wants = nearest?.failed.map(
    (condition) => `${condition} ${listOf(nearest.route.when[condition]).join(" or ")}`,
  );
  return `Nearest is route "${nearest?.route.name}", which asks for ${wants?.join(", ")}.`;
}

const listOf = (wanted: string | readonly string[] | undefined): readonly string[] =>
  wanted === undefined ? [] : typeof wanted === "string" ? [wanted] : wanted;

const failing = ({ when }: Route, facts: RouteFacts): Condition[] =>
  conditions
    .map(([condition]) => condition)
    .filter((condition) => when[condition] !== undefined && !holds(listOf(when[condition]), facts, condition));

function holds(wanted: readonly string[], facts: RouteFacts, condition: Condition): boolean {
  if (condition === "channel" || condition === "supplyChannel") {
    const keys = keysOf(facts, condition);
    return keys.length > 0 && keys.every((key) => wanted.includes(key));
  }
  if (condition === "shippingMethod") {
    const { shippingMethods: methods = [] } = facts;
    return (
      methods.length > 0 && methods.every(({ key, name }) => wanted.includes(key ?? name) || wanted.includes(name))
    );
  }
  const given = facts[condition];
  return given !== undefined && wanted.includes(given);
}

const keysOf = (facts: RouteFacts, condition: "channel" | "supplyChannel"): readonly string[] =>
  condition === "channel" ? facts.channels : (facts.supplyChannels ?? []);

function shownAs(facts: RouteFacts, condition: Condition): string {
  if (condition === "channel" || condition === "supplyChannel") {
    return [...new Set(keysOf(facts, condition))].filter((key) => key !== "").join(" and ") || "none";
  }
  if (condition === "shippingMethod") {
    return (facts.shippingMethods ?? []).map(({ key, name }) => key ?? name).join(" and ") || "none";
  }
  return facts[condition] ?? "none";
}
