import { expect, test } from "vitest";
import type { ConnectorConfig } from "./config.ts";
import { routeSchema } from "./route-config.ts";
import { chooseRoute, type RouteFacts, routesNeed } from "./routing.ts";

const routes = (...whens: object[]): ConnectorConfig =>
  ({
    routes: whens.map((when, index) =>
      routeSchema.parse({
        name: `route ${index}`,
        when,
        company: "10",
        site: `${index}`,
        orderType: "WEB",
        coordinator: "SHOP",
        customerNo: "C",
        addressNo: "01",
      }),
    ),
  }) as unknown as ConnectorConfig;

const facts = (fields: Partial<RouteFacts> = {}): RouteFacts => ({ channels: [""], currency: "EUR", ...fields });
const siteOf = (config: ConnectorConfig, given: RouteFacts) => {
  const route = chooseRoute(config, given);
  return route.ok ? route.value.site : route.error.code;
};

test("the first route all of whose conditions hold", () => {
  const config = routes({ store: "de", currency: "EUR" }, { country: "AT" }, { businessUnit: "bu" }, {});
  expect([
    siteOf(config, facts({ store: "de" })),
    siteOf(config, facts({ store: "de", currency: "CHF" })),
    siteOf(config, facts({ country: "AT", businessUnit: "bu" })),
    siteOf(config, facts({ businessUnit: "bu" })),
    siteOf(config, facts()),
  ]).toEqual(["0", "3", "1", "2", "3"]);
});

test("a channel condition needs that channel on every line", () => {
  const config = routes({ channel: "b2b" });
  expect([
    siteOf(config, facts({ channels: ["b2b", "b2b"] })),
    siteOf(config, facts({ channels: ["b2b", ""] })),
    siteOf(config, facts({ channels: [] })),
  ]).toEqual(["0", "noRoute", "noRoute"]);
});

test("no route names what was looked for", () => {
  const route = chooseRoute(routes({ store: "de" }), facts({ store: "at", country: "AT", channels: ["b2b", ""] }));
  expect(route).toEqual({
    ok: false,
    error: {
      code: "noRoute",
      message:
        "No route of the configuration matches the order (store at, channel b2b, supply channel none, country AT, currency EUR, customer group none, business unit none, shipping method none, buyer none). No route covers store at.",
      action: "Add a route for it, or a last route without conditions, under `routes`.",
      owner: "merchant",
      field: "routes",
      value:
        "store at, channel b2b, supply channel none, country AT, currency EUR, customer group none, business unit none, shipping method none, buyer none",
    },
  });
});

test("a list stands for any of its values; a shipping method needs all shipments", () => {
  const config = routes(
    { store: ["de", "at"], shippingMethod: ["express", "Courier"] },
    { buyer: "business", country: ["DE", "AT"] },
    { store: "at", buyer: "guest" },
  );
  const methods = (...keys: string[]) => ({ shippingMethods: keys.map((key) => ({ key, name: `name of ${key}` })) });
  expect([
    siteOf(config, facts({ store: "at", ...methods("express") })),
    siteOf(config, facts({ store: "at", shippingMethods: [{ name: "Courier" }] })),
    siteOf(config, facts({ store: "at", buyer: "guest", ...methods("express", "standard") })),
    siteOf(config, facts({ store: "at", buyer: "business", country: "AT" })),
    siteOf(config, facts({ store: "ch" })),
  ]).toEqual(["0", "0", "2", "1", "noRoute"]);
});

test("where each value is covered by some route, the nearest route and what it asks for are named", () => {
  const config = routes({ store: "de", currency: "EUR", country: "DE" }, { store: "at", currency: "CHF" });
  const route = chooseRoute(config, facts({ store: "at", currency: "EUR", country: "DE" }));
  expect(route.ok ? "" : route.error.message.slice(route.error.message.indexOf(").") + 3)).toBe(
    'Nearest is route "route 0", which asks for store de.',
  );
});

test("keys are only resolved where a route asks for them", () => {
  const config = routes({ customerGroup: "vip" }, {});
  expect([routesNeed(config, "customerGroup"), routesNeed(config, "channel")]).toEqual([true, false]);
  const [route] = config.routes;
  const mapping = {
    header: { Cf_A: { expression: "order.channel", shorten: false, required: false } },
    line: {},
    charge: {},
  };
  const mapped = { ...config, routes: route ? [{ ...route, mapping }] : [] };
  expect(routesNeed(mapped, "channel")).toBe(true);
});
