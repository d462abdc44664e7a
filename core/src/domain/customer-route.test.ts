import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "./config.ts";
import { configInconsistencies } from "./config-findings.ts";
import { followsCustomers, type PartyFacts, routeOfParty } from "./customer-route.ts";

const route = (name: string, when: object, customers: object = {}) => ({
  name,
  when,
  company: "10",
  site: "101",
  orderType: "WEB",
  coordinator: "SHOP",
  customerNo: "C-WEB",
  addressNo: "01",
  customers: { policy: "own", template: "T", ...customers },
});
const configOf = (routes: object[], customers: object = {}) =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes,
    customers,
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
  });

describe("the route of a customer", () => {
  const config = configOf([
    route("webshop", { country: "DE" }, { policy: "webshop" }),
    route("guests", { buyer: "guest" }),
    route("units", { businessUnit: ["werft", "dock"] }),
    route("nordic", { store: "nordic", currency: "SEK" }),
    route("gold", { customerGroup: "gold" }),
    route("Germany", { country: "DE", shippingMethod: "express" }),
  ]);
  const nobody: PartyFacts = { stores: [], country: "DE", customerGroups: [], businessUnit: undefined };

  test.each<[string, Partial<PartyFacts>, string | undefined]>([
    ["the webshop's route is nobody's, conditions of orders alone are passed over", { stores: ["other"] }, "Germany"],
    ["a store that the customer is bound to", { stores: ["other", "nordic"] }, "nordic"],
    ["of no store, any", { country: "SE" }, "nordic"],
    ["one of its groups", { stores: ["other"], customerGroups: ["silver", "gold"] }, "gold"],
    ["a business unit by its key", { businessUnit: "dock" }, "units"],
    ["another business unit", { businessUnit: "x", stores: ["other"] }, "Germany"],
    ["a country that nobody serves", { stores: ["other"], country: "US" }, undefined],
    ["a country that nobody knows", { stores: ["other"], country: undefined }, "Germany"],
  ])("%s", (_, facts, name) => {
    expect(routeOfParty(config, { ...nobody, ...facts })?.name).toBe(name);
  });

  test("for a sign-up, all that a customer can tell has to be told", () => {
    const certain = (facts: Partial<PartyFacts>) =>
      routeOfParty(config, { ...nobody, ...facts }, { certain: true })?.name;
    expect([certain({}), certain({ country: undefined }), certain({ stores: ["nordic"], country: undefined })]).toEqual(
      ["Germany", undefined, "nordic"],
    );
  });
});

test("customers are followed where their changes flow or a route makes them at sign-up, on routes of their own", () => {
  const changes = { changes: { flow: "created" } };
  expect([
    followsCustomers(configOf([route("a", {})])),
    followsCustomers(configOf([route("a", {})], changes)),
    followsCustomers(configOf([route("a", {}, { createAt: "signUp" })])),
    followsCustomers(configOf([route("a", {}, { policy: "webshop", createAt: "signUp" })], changes)),
  ]).toEqual([false, true, true, false]);
});

test("what would have no effect is told", () => {
  const paths = (routes: object[], customers: object = {}) =>
    configInconsistencies(configOf(routes, customers)).map(({ path }) => path);
  expect(paths([route("a", {}, { policy: "webshop" })], { changes: { flow: "linked" } })).toEqual([
    "customers.changes.flow",
  ]);
  expect(paths([route("a", {}, { policy: "webshop", createAt: "signUp" })])).toEqual(["routes[0].customers.createAt"]);
  expect(paths([route("a", {}, { createAt: "signUp" })], { create: "never" })).toEqual([
    "routes[0].customers.createAt",
  ]);
  expect(paths([route("a", {}, { template: undefined })])).toEqual(["routes[0].customers.template"]);
  expect(paths([route("a", {}, { createAt: "signUp" })], { changes: { flow: "created" } })).toEqual([]);
});
