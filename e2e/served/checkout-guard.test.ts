/** The check at order creation beside the platforms themselves: what follows from an answer, and an Extension that is parked. */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Connector } from "../../core/src/compose/connector.ts";
import { watchExtension } from "../../core/src/compose/extension-watch.ts";
import { scheduledFlows } from "../../core/src/compose/flows.ts";
import { assemble } from "../../core/src/compose/start.ts";
import { installCheckout, installJobs } from "../../core/src/ct/resources.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { readEnv } from "../../core/src/runtime/env.ts";
import { placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { type RunningCommercetools, startCommercetools } from "../../sandbox/commercetools/start.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../../sandbox/seed/commercetools-shop.ts";
import { eventually } from "../../scripts/platforms.ts";
import { shopper } from "../../scripts/story.ts";
import { serviceApp } from "../../service-app/src/app.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SECRET = "sandbox-extension-secret";
const PART = "BAT.12V.4AH";

let ifs: IfsServer;
let shop: RunningCommercetools;
let connector: Connector;
let server: Server;
let url: string;
let settings: Parameters<typeof serviceApp.create>[1];
const config = connectorConfigSchema.parse(parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8")));
const armed = { ...config, atp: { ...config.atp, extension: "armed" as const, cacheSeconds: 0 } };

beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(1) });
  shop = await startCommercetools({
    port: 0,
    clock: systemClock,
    projectKey: SHOP_PROJECT_KEY,
    settings: { extensionDelayMs: 0 },
    seed: async (model) => {
      await seedShop(model);
      model.auth.addClient({ id: "connector", secret: "sandbox-secret", scopes: ["manage_project"] });
    },
  });
  const read = readEnv(serviceApp.schema, {
    CTP_API_URL: shop.url,
    CTP_AUTH_URL: shop.url,
    CTP_SESSION_URL: shop.url,
    CTP_PROJECT_KEY: SHOP_PROJECT_KEY,
    CTP_CLIENT_ID: "connector",
    CTP_CLIENT_SECRET: "sandbox-secret",
    IFS_BASE_URL: ifs.url,
    IFS_TOKEN_URL: `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`,
    IFS_CLIENT_ID: "ctconnector",
    IFS_CLIENT_SECRET: "sandbox-secret",
    CLOUD_IDENTIFIER: "gcp-eu",
    ENTRY_POINT_URI_PATH: "ifs-cloud",
    ATP_EXTENSION_SECRET: SECRET,
    LOG_LEVEL: "error",
  });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  settings = read.value;
  const app = assemble({ ...serviceApp, ctTimeoutMs: 20_000, ifsReadMs: () => 20_000 }, settings);
  connector = app.connector;
  server = app.server.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service`;
  const checkIfs = async () => "not asked";
  await installJobs(connector.ct, { checkIfs });
  await connector.store.config.push({ ...armed, atp: { ...armed.atp, deadlineMs: 9000, extensionTimeoutMs: 10_000 } });
  await installCheckout(connector.ct, {
    checkIfs,
    serviceUrl: url,
    extensionHeader: SECRET,
    extensionPath: "/extension",
  });
  connector.budget.start();
  const found = scheduledFlows(connector, await connector.active()).find(({ flow }) => flow === "stock-sync");
  await found?.run(new Date(), async () => {});
});
afterAll(async () => {
  await connector.life.end();
  await connector.budget.stop();
  await new Promise((done) => server.close(done));
  await shop.close();
  await ifs.close();
});

const entry = async () => {
  const where = `sku="${PART}" and supplyChannel(id="${(await channel()).id}")`;
  const { results } = (await connector.ct.root.inventory().get({ queryArgs: { where } }).execute()).body;
  return results[0];
};
const channel = async () =>
  (
    await connector.ct.root
      .channels()
      .get({ queryArgs: { where: 'key="hamburg"' } })
      .execute()
  ).body.results[0] ?? {
    id: "",
  };
const ask = async (quantity: number, at = url) => {
  const lineItems = [
    { id: "l1", quantity, variant: { sku: PART }, supplyChannel: { typeId: "channel", id: (await channel()).id } },
  ];
  const resource = {
    typeId: "order",
    id: "order-1",
    obj: { id: "order-1", cart: { typeId: "cart", id: "c1" }, lineItems },
  };
  const response = await fetch(`${at}/extension`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: SECRET },
    body: JSON.stringify({ action: "Create", resource }),
  });
  return response.status;
};

test("what IFS has less of is corrected in the shop within seconds, and the refusal is in the journal", async () => {
  const before = (await entry())?.quantityOnStock ?? 0;
  expect(before).toBeGreaterThan(3);
  const body = JSON.stringify({ site: "101", part: PART, qty: before - 3 });
  const response = await fetch(`${ifs.url}/sandbox/clerk/scrap`, { method: "POST", body });
  expect([response.status, await response.text()]).toEqual([200, expect.anything()]);
  expect((await entry())?.quantityOnStock).toBe(before);
  // Below the threshold, so that IFS is asked.
  expect(await ask(before)).toBe(400);
  const corrected = async () => ((await entry())?.quantityOnStock === 3 ? true : undefined);
  await eventually("the entry that shows what IFS has", 10_000, corrected);
  const refusal = await eventually("the refusal in the journal", 10_000, async () =>
    (await connector.store.journal.of(PART, 10)).find(({ event }) => event === "checkout-refused"),
  );
  expect(refusal.detail).toMatchObject({ requested: before, available: 3, order: "order-1", cart: "c1" });
  expect(await connector.store.hints.count()).toBe(0);
});

test("what the first shopper would wait for is read at the start: tokens, configuration, channels", async () => {
  const asked: string[] = [];
  const watched: typeof fetch = (input, init) => {
    asked.push(new URL(String(input instanceof Request ? input.url : input)).pathname);
    return fetch(input, init);
  };
  const fresh = assemble({ ...serviceApp, ctTimeoutMs: 20_000, ifsReadMs: () => 20_000 }, settings, { fetch: watched });
  const other = fresh.server.listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  fresh.connector.budget.start();
  const once = /token|ifs-connector-config|\/channels/;
  await fresh.connector.life.start();
  const atStart = asked.splice(0).filter((path) => once.test(path));
  expect(atStart).toEqual(
    expect.arrayContaining([expect.stringMatching(/oauth\/token/), expect.stringMatching(/channels/)]),
  );
  const at = `http://127.0.0.1:${(other.address() as AddressInfo).port}/service`;
  // Below its threshold: both systems are asked.
  expect(await ask(1_000_000, at)).toBe(400);
  expect(asked.length).toBeGreaterThan(2);
  expect(asked.filter((path) => once.test(path))).toEqual([]);
  await fresh.connector.life.end();
  await fresh.connector.budget.stop();
  await new Promise((done) => other.close(done));
});

test("commercetools asks an armed Extension at each order, a parked one at none, and no order fails by its condition", async () => {
  const place = async () => {
    const order = await placeOrder({
      url: shop.url,
      projectKey: SHOP_PROJECT_KEY,
      lines: [{ sku: "BAT.18V.2AH", quantity: 1, externalPrice: 4900, supplyChannelKey: "hamburg" }],
      country: shopper.country,
      currency: shopper.currency,
      customerEmail: shopper.customerEmail,
      shippingAddress: shopper.address,
      shippingMethodKey: shopper.shippingMethodKey,
      inventoryMode: "None",
    });
    return order.id !== undefined;
  };
  const asked: string[] = [];
  server.prependListener("request", ({ url: path }) => asked.push(path ?? ""));
  const extensionCalls = () => asked.filter((path) => path === "/service/extension").length;
  expect([await place(), extensionCalls()]).toEqual([true, 1]);
  const silent: typeof fetch = async () => new Response("", { status: 503 });
  const tick = (fetch?: typeof globalThis.fetch) =>
    watchExtension({ ...connector, ...(fetch && { fetch }) }, { config: armed });
  for (let nth = 0; nth < 3; nth += 1) await tick(silent);
  expect([await place(), extensionCalls()]).toEqual([true, 1]);
  for (let nth = 0; nth < 10; nth += 1) await tick();
  expect([await place(), extensionCalls()]).toEqual([true, 2]);
});
