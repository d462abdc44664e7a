/** What is missing in the commercetools project. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
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

  test("a guard that is switched off, has other conditions, calls another address, or is too slow", async () => {
    const value = { ...config, atp: { ...config.atp, extension: "armed" as const } };
    const serviceUrl = "/custom-objects/ifs-connector-config/service-url";
    const { url } = (await admin.get(serviceUrl)).value as { url: string };
    const trigger = value.atp.extensionTriggers[0];
    const put = async (change: object) => {
      const destination = { type: "HTTP", url: `${url}/extension` };
      const timeoutInMs = value.atp.extensionTimeoutMs;
      const body = { key: "ifs-connector-atp", destination, triggers: [trigger], timeoutInMs, ...change };
      const { version } = await admin.post("/extensions", body);
      const answerMs = "answerMs" in change ? Number(change.answerMs) : 0;
      // The service of the fixture answers; only the time it takes is another.
      const slow: typeof fetch = async (input, init) => {
        if (String(input).endsWith("/health")) await new Promise((done) => setTimeout(done, answerMs));
        return String(input).endsWith("/health") ? new Response("{}") : fetch(input, init);
      };
      const report = await diagnose({ config: { name: "test", value }, fetch: slow });
      await admin.delete("/extensions/key=ifs-connector-atp", { version: String(version) });
      const about = [...report.findings].filter(({ check }) => check === "ct.extension" || check === "ct.service");
      return about.map(({ check, severity, message }) => `${check} ${severity}: ${message}`);
    };
    expect(await put({})).toEqual([]);
    const never = { ...trigger, condition: "lineItems is defined and lineItems is not defined" };
    expect(await put({ triggers: [never] })).toEqual([expect.stringMatching(/^ct.extension error: .*switched off/)]);
    const other = { ...trigger, condition: "totalPrice is defined" };
    expect(await put({ triggers: [other] })).toEqual([expect.stringMatching(/^ct.extension warning: .*condition/)]);
    expect(await put({ timeoutInMs: 9000 })).toHaveLength(1);
    const elsewhere = { type: "HTTP", url: "http://127.0.0.1:9/service/extension" };
    expect(await put({ destination: elsewhere })).toEqual([expect.stringMatching(/^ct.extension error: .*:9/)]);
    value.atp.extensionTimeoutMs = 500;
    expect(await put({ answerMs: 260 })).toEqual([expect.stringMatching(/^ct.service warning: .*ms/)]);
  });

  test("no type for the fields of IFS", async () => {
    const { version } = await admin.get("/types/key=ifs-order");
    await admin.delete("/types/key=ifs-order", { version: String(version) });
    expect(named(await diagnose())).toEqual([{ check: "ct.type", subject: "type ifs-order", owner: operator }]);
  });

  test("a connector that was never deployed", async () => {
    const path = "/custom-objects/ifs-connector-config/activation";
    const { value } = await admin.get(path);
    await admin.delete(path);
    const report = await diagnose();
    await admin.post("/custom-objects", { container: "ifs-connector-config", key: "activation", value });
    expect(named(report)).toEqual([{ check: "ct.installation", subject: "connector", owner: operator }]);
  });

  test("documents of holds that are missing or cannot be read, and no look at them where holds are off", async () => {
    const stored = (container: string, key: string) => `/custom-objects/${container}/${key}`;
    await admin.delete(stored("ifs-connector-holds", "shard-007"), {});
    await admin.delete(stored("ifs-connector-caller-carts", "callers-03"), {});
    await admin.post("/custom-objects", { container: "ifs-connector-holds", key: "shard-009", value: { holds: [1] } });
    const report = await diagnose();
    const holds = { check: "ct.holds", subject: "ifs-connector-holds", owner: operator };
    expect(named(report)).toEqual([holds, holds, { ...holds, subject: "ifs-connector-caller-carts" }]);
    expect(
      report.findings.filter(({ check }) => check === "ct.holds").map(({ message, action }) => [message, action]),
    ).toEqual([
      [
        expect.stringMatching(/^Of 500 documents in ifs-connector-holds, 1 is missing: shard-007\. .*fail policy/),
        expect.stringMatching(/post-deploy script of service-app/),
      ],
      [
        expect.stringMatching(/^Of 500 documents in ifs-connector-holds, 1 cannot be read: shard-009\./),
        expect.stringMatching(/^Delete what cannot be read/),
      ],
      [
        expect.stringMatching(
          /^Of 16 documents in ifs-connector-caller-carts, 1 is missing: callers-03\. .*cannot hold/,
        ),
        expect.stringMatching(/post-deploy script of service-app/),
      ],
    ]);
    const value = { ...config, atp: { ...config.atp, holds: { ...config.atp.holds, mode: "off" as const } } };
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([]);
    // What cannot be read is not touched by an installation: somebody has to look at it.
    await admin.delete(stored("ifs-connector-holds", "shard-009"), {});
  });

  test("service-app: its address is not known, or nobody answers there", async () => {
    const path = "/custom-objects/ifs-connector-config/service-url";
    const { value } = await admin.get(path);
    const store = (url: unknown) =>
      admin.post("/custom-objects", { container: "ifs-connector-config", key: "service-url", value: url });
    await admin.delete(path);
    const unknown = await diagnose();
    await store({ url: "http://127.0.0.1:9/service" });
    const silent = await diagnose();
    const armed = { ...config, atp: { ...config.atp, extension: "armed" as const } };
    const needed = await diagnose({ config: { name: "test", value: armed } });
    await store(value);
    const subject = "service-app";
    expect(named(unknown, "warning")).toEqual([{ check: "ct.service-url", subject, owner: operator }]);
    expect(named(silent, "warning")).toEqual([{ check: "ct.service", subject, owner: operator }]);
    expect(named(needed)).toContainEqual({ check: "ct.service", subject, owner: operator });
  });

  test("messages that nobody can look up", async () => {
    const keep = async (enabled: boolean) => {
      const { version } = await admin.get("");
      const messagesConfiguration = { enabled, deleteDaysAfterCreation: 15 };
      await admin.post("", { version, actions: [{ action: "changeMessagesConfiguration", messagesConfiguration }] });
    };
    // The connector's own client may not read the project's settings; a broader one tells.
    const broader = { commercetools: access("admin") };
    await keep(false);
    const report = await diagnose(broader);
    await keep(true);
    const wanted = { check: "ct.messages", subject: "messages feature", owner: merchant };
    expect(named(report, "info")).toContainEqual(wanted);
    expect(named(await diagnose(broader), "info")).not.toContainEqual(wanted);
    expect((await diagnose()).seen.some((line) => line.startsWith("messages feature: not looked at"))).toBe(true);
  });

  test("one resource that cannot be read does not hide the rest", async () => {
    const broken: typeof fetch = async (input, init) =>
      String(input).includes("/subscriptions/") ? new Response("", { status: 503 }) : fetch(input, init);
    const report = await diagnose({ fetch: broken });
    expect(named(report)).toEqual([{ check: "ct.read", subject: "subscription", owner: operator }]);
    expect(report.seen).toContain("commercetools types: 1 looked at");
  });

  test("nobody there", async () => {
    const nowhere = "http://127.0.0.1:9";
    const report = await diagnose({ commercetools: { ...access(), apiUrl: nowhere, authUrl: nowhere } });
    expect(named(report)).toEqual([{ check: "ct.reachable", subject: "commercetools", owner: operator }]);
  });

  test("a clock that differs from this machine's", async () => {
    const late: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).startsWith(shop.url)) return response;
      const headers = new Headers(response.headers);
      headers.set("date", new Date(Date.now() - 600_000).toUTCString());
      return new Response(await response.text(), { status: response.status, headers });
    };
    expect(named(await diagnose({ fetch: late }))).toEqual([
      { check: "ct.clock", subject: "commercetools clock", owner: operator },
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
