/** Which route of the configuration an order (or a request for availability) takes. */
import type { ConnectorConfig, Route } from "./config.ts";
import type { Rejection } from "./failure.ts";
import { err, ok, type Result } from "./result.ts";

/** Keys, not ids. Absent: the order has none. */
export type RouteFacts = {
  readonly store?: string;
  /** Keys of the distribution channels of all lines; a line without channel counts as an empty text. */
  readonly channels: readonly string[];
  readonly country?: string;
  readonly currency: string;
  readonly customerGroup?: string;
  readonly businessUnit?: string;
};

/** True when some route asks for the key of a customer group or of a channel, which an order only carries as an id. */
export const routesNeed = (config: ConnectorConfig, condition: "channel" | "customerGroup"): boolean =>
  config.routes.some((route) => route.when[condition] !== undefined);

/** The first route all of whose conditions hold. A channel condition holds when every line has that channel. */
export function chooseRoute(config: ConnectorConfig, facts: RouteFacts): Result<Route, Rejection> {
  const route = config.routes.find((candidate) => matches(candidate, facts));
  if (route) return ok(route);
  const known = [
    `store ${facts.store ?? "none"}`,
    `channel ${[...new Set(facts.channels)].filter((key) => key !== "").join(", ") || "none"}`,
    `country ${facts.country ?? "none"}`,
    `currency ${facts.currency}`,
    `customer group ${facts.customerGroup ?? "none"}`,
    `business unit ${facts.businessUnit ?? "none"}`,
  ].join(", ");
  return err({
    code: "noRoute",
    message: `No route of the configuration matches the order (${known}).`,
    action: "Add a route for it, or a last route without conditions, under `routes`.",
    owner: "merchant",
    field: "routes",
    value: known,
  });
}

function matches({ when }: Route, facts: RouteFacts): boolean {
  const pairs: [string | undefined, string | undefined][] = [
    [when.store, facts.store],
    [when.country, facts.country],
    [when.currency, facts.currency],
    [when.customerGroup, facts.customerGroup],
    [when.businessUnit, facts.businessUnit],
  ];
  if (pairs.some(([wanted, given]) => wanted !== undefined && wanted !== given)) return false;
  return (
    when.channel === undefined || (facts.channels.length > 0 && facts.channels.every((key) => key === when.channel))
  );
}
