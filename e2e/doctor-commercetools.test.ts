/** What is missing in the commercetools project. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../core/src/domain/config.ts";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";
import {
  access,
  admin,
  closeSandboxes,
  config,
  diagnose,
  install,
  named,
  openSandboxes,
  resetIfs,
  shop,
} from "./doctor-fixture.ts";

beforeAll(openSandboxes);
afterAll(closeSandboxes);
beforeEach(resetIfs);

const merchant = "merchant";
const operator = "operator";

describe("the project in commercetools", () => {
  afterEach(install);

  const change = async (path: string, ...actions: unknown[]) => {
    const { version } = await admin.get(path);
    await admin.post(path, { version, actions });
  };
  const channelPath = async (key: string) => {
    const { results } = await admin.get("/channels", { where: `key = "${key}"` });
    return `/channels/${(results as { id: string }[])[0]?.id}`;
  };

  test("no subscription", async () => {
    const { version } = await admin.get("/subscriptions/key=ifs-connector-orders");
    await admin.delete("/subscriptions/key=ifs-connector-orders", { version: String(version) });
    expect(named(await diagnose())).toEqual([
      { check: "ct.subscription", subject: "subscription ifs-connector-orders", owner: operator },
    ]);
  });

  test("a subscription that does not deliver, and one that misses messages", async () => {
    const subject = "subscription ifs-connector-orders";
    shop.model.setSubscriptionStatus({ key: "ifs-connector-orders", status: "ConfigurationError" });
    await change("/subscriptions/key=ifs-connector-orders", {
      action: "setMessages",
      messages: [{ resourceTypeId: "order", types: ["OrderCreated"] }],
    });
    expect(named(await diagnose())).toEqual([
      { check: "ct.subscription-health", subject, owner: operator },
      { check: "ct.subscription-messages", subject, owner: operator },
    ]);
    shop.model.setSubscriptionStatus({ key: "ifs-connector-orders", status: "Healthy" });
  });

  test("scopes that are missing", async () => {
    const report = await diagnose({ commercetools: access("few-scopes") });
    expect(named(report)).toEqual([
      { check: "ct.scope", subject: "manage_subscriptions", owner: operator },
      { check: "ct.scope", subject: "subscription", owner: operator },
    ]);
    expect(named(report, "warning")).toEqual([{ check: "ct.scope", subject: "view_sessions", owner: operator }]);
  });

  test("a wrong API client", async () => {
    const report = await diagnose({ commercetools: { ...access(), clientSecret: "not-this-one" } });
    expect(named(report)).toEqual([{ check: "ct.sign-in", subject: "commercetools", owner: operator }]);
  });

  test("channels without their role, and a pool's channel that is missing", async () => {
    await change(await channelPath("ifs-link"), { action: "removeRoles", roles: ["OrderExport"] });
    const pools = [...config.stock.pools, { name: "Nowhere", site: "101", channels: [{ supplyChannel: "nowhere" }] }];
    const value = connectorConfigSchema.parse({ ...config, stock: { ...config.stock, pools } });
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([
      { check: "ct.channel-role", subject: "channel ifs-link", owner: operator },
      { check: "ct.channel", subject: "channel nowhere", owner: merchant },
    ]);
  });

  test("a type without one of its fields", async () => {
    await change("/types/key=ifs-order", { action: "removeFieldDefinition", fieldName: "ifsOrderState" });
    expect(named(await diagnose())).toEqual([{ check: "ct.type-field", subject: "type ifs-order", owner: operator }]);
  });

  test("a guard at order creation that is armed and not installed", async () => {
    const value = { ...config, atp: { ...config.atp, extension: "armed" as const } };
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([
      { check: "ct.extension", subject: "extension ifs-connector-atp", owner: operator },
    ]);
  });

  test("orders that protect no stock", async () => {
    await placeOrder({
      url: shop.url,
      projectKey: SHOP_PROJECT_KEY,
      country: "DE",
      currency: "EUR",
      customerEmail: "shopper@shopper.example",
      shippingAddress: { country: "DE" },
      inventoryMode: "None",
      lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 1000 }],
    });
    const report = await diagnose();
    expect(named(report)).toEqual([]);
    expect(named(report, "warning")).toEqual([
      { check: "ct.inventory-mode", subject: "inventoryMode None", owner: merchant },
    ]);
  });
});
