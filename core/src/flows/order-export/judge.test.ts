import { describe, expect, test } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import { judge } from "./judge.ts";
import { configWith } from "./testing/config.ts";
import { netOrder } from "./testing/orders.ts";
import { createWorld } from "./testing/world.ts";

const withRoutes = (...routes: object[]): ConnectorConfig => {
  const [base] = configWith().routes;
  const made = routes.map((route) => configWith({ route: { ...base, ...route } }).routes[0]);
  return { ...configWith(), routes: made.filter((route) => route !== undefined) };
};

function judged(order: object, config: ConnectorConfig) {
  const asked: string[] = [];
  const references = {
    channelKeys: async (ids: readonly string[]) => {
      asked.push(...ids);
      return new Map(ids.map((id) => [id, `key of ${id}`]));
    },
    customerGroupKeys: async (ids: readonly string[]) => {
      asked.push(...ids);
      return new Map(ids.map((id) => [id, `key of ${id}`]));
    },
  };
  const deps = { ...createWorld({ config }).worker(), references };
  return judge(deps, netOrder(order)).then((result) => ({
    asked,
    route: result.ok ? result.value.route.name : result.error.code,
    message: result.ok ? "" : result.error.message,
    extra: result.ok ? result.value.draft.header.extra : undefined,
  }));
}

describe("an order finds its route", () => {
  const config = withRoutes(
    { name: "business", when: { buyer: "business" } },
    { name: "courier", when: { shippingMethod: "courier" } },
    { name: "consumers", when: { buyer: "customer", country: ["DE", "AT"] } },
    { name: "guests", when: { buyer: "guest", store: "web" } },
  );
  const shippingInfo = {
    ...(netOrder().shippingInfo as object),
    shippingMethod: { typeId: "shipping-method", id: "m", obj: { key: "courier" } },
  };

  test.each<[string, object, string]>([
    ["business unit", { businessUnit: { typeId: "business-unit", key: "bu" }, customerId: "c" }, "business"],
    ["shipping method by key", { shippingInfo }, "courier"],
    ["customer and country", { customerId: "c" }, "consumers"],
    ["guest of a store", { store: { typeId: "store", key: "web" } }, "guests"],
    ["none", { store: { typeId: "store", key: "other" } }, "noRoute"],
  ])("%s", async (_, order, route) => {
    expect((await judged(order, config)).route).toBe(route);
  });

  test("and without one it is told which value no route covers", async () => {
    const { message } = await judged(
      { country: "CH", store: { typeId: "store", key: "other" } },
      withRoutes({ when: { country: "DE" } }),
    );
    expect(message).toContain("No route covers country CH.");
  });
});

describe("keys that an order carries as ids", () => {
  const customerGroup = { typeId: "customer-group", id: "g-1" };

  test("are asked for where a mapping reads them, and only then", async () => {
    const mapping = { header: { Cf_Group: { field: "order.customerGroup" } } };
    expect([
      await judged({ customerGroup }, withRoutes({ mapping })),
      await judged({ customerGroup }, withRoutes({})),
    ]).toMatchObject([
      { asked: ["g-1"], extra: { Cf_Group: "key of g-1" } },
      { asked: [], extra: undefined },
    ]);
  });
});
