/** What people ask and do about stock in the Merchant Center: service-app's own routes, a gateway that signs, and both served models. */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Connector } from "../../core/src/compose/connector.ts";
import { scheduledFlows } from "../../core/src/compose/flows.ts";
import { assemble } from "../../core/src/compose/start.ts";
import type { ChannelFreshness } from "../../core/src/compose/stock-freshness.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { add, type DecimalString, decimal, subtract } from "../../core/src/domain/decimal.ts";
import type { RunSummary } from "../../core/src/domain/run-summary.ts";
import type { StockExplanation } from "../../core/src/flows/stock-sync/explain.ts";
import type { HeldOfSite } from "../../core/src/flows/stock-sync/held.ts";
import { placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { type MerchantCenter, startMerchantCenter } from "../../sandbox/merchant-center/merchant-center.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { shopper } from "../../scripts/story.ts";
import { serviceApp } from "../../service-app/src/app.ts";
import {
  closeSandboxes,
  config,
  connection,
  openSandboxes,
  resetIfs,
  root,
  SECRET,
  sandbox,
  shop,
} from "./doctor-fixture.ts";

const HOUR = 3_600_000;
const BUFFER = 3;
/** Stocked at site 101, sold by the piece, and by no other SKU. */
const [EXPLAINED, NAMED, ...CUT] = ["HN.M5.A2", "HN.M5.A4", "HN.M6.A2", "HN.M6.A4", "HN.M8.A2"] as const;

let merchantCenter: MerchantCenter;
let connector: Connector;
let server: Server;
let url: string;
/** Before any run. */
let freshnessAtFirst: ChannelFreshness[];

/** Two large cuts in one run are too many. */
const configured = connectorConfigSchema.parse({
  ...config,
  stock: {
    ...config.stock,
    pools: [
      { name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg", buffer: BUFFER }] },
      ...config.stock.pools.filter(({ name }) => name !== "Hamburg"),
    ],
    bounds: { ...config.stock.bounds, largePercent: 10, maxCuts: 1 },
  },
});

beforeAll(async () => {
  await openSandboxes();
  merchantCenter = await startMerchantCenter({
    port: 0,
    appDir: ".",
    commercetoolsUrl: shop.url,
    projectKey: SHOP_PROJECT_KEY,
    entryPointUriPath: "ifs-cloud",
  });
  const { baseUrl, tokenUrl, clientId, clientSecret } = connection();
  const settings = serviceApp.schema.parse({
    CTP_API_URL: shop.url,
    CTP_AUTH_URL: shop.url,
    CTP_SESSION_URL: shop.url,
    CTP_PROJECT_KEY: SHOP_PROJECT_KEY,
    CTP_CLIENT_ID: "connector",
    CTP_CLIENT_SECRET: SECRET,
    IFS_BASE_URL: baseUrl,
    IFS_TOKEN_URL: tokenUrl,
    IFS_CLIENT_ID: clientId,
    IFS_CLIENT_SECRET: clientSecret,
    CLOUD_IDENTIFIER: merchantCenter.issuer,
    ENTRY_POINT_URI_PATH: "ifs-cloud",
    ATP_EXTENSION_SECRET: "0123456789abcdef",
    LOG_LEVEL: "error",
  });
  // The schedule's runs, which are another application's, are begun here through the same connector: they have longer.
  const app = assemble({ ...serviceApp, ctTimeoutMs: 20_000, ifsReadMs: () => 20_000 }, settings);
  connector = app.connector;
  server = app.server.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await connector.store.serviceUrl.write(`${url}/service`);
  await connector.store.config.push(configured);
  connector.budget.start();
  for (const part of CUT) await sandbox("clerk/receive", { part, site: "101", qty: "200", location: "PICK-01" });
  freshnessAtFirst = await freshness();
  await run(Date.now() - HOUR);
});
afterAll(async () => {
  await connector.life.end();
  await connector.budget.stop();
  await new Promise((done) => server.close(done));
  await merchantCenter.close();
  await closeSandboxes();
});

/** A run of the schedule. */
async function run(now: number): Promise<void> {
  const flow = scheduledFlows(connector, await connector.active()).find((one) => one.flow === "stock-sync");
  await flow?.run(new Date(now), async () => {});
}

/** As the page asks; its answer, whose fields the document names. */
async function ask<T extends object>(method: "get" | "post", address: string, body?: object): Promise<T> {
  const path = `/service/mc/stock${address}`;
  const [audience = ""] = path.split("?");
  const permissions = [method === "get" ? "viewIfsCloud" : "manageIfsCloud"];
  const signed = await fetch(`${merchantCenter.issuer}/sandbox/token`, {
    method: "POST",
    body: JSON.stringify({ userId: "user-7", projectKey: SHOP_PROJECT_KEY, audience: url + audience, permissions }),
  });
  const { token } = (await signed.json()) as { token: string };
  const response = await fetch(url + path, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${token}`,
      "x-mc-api-cloud-identifier": "gcp-eu",
      "x-mc-api-forward-to-version": "v2",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T;
  expect([response.status, answer]).toEqual([200, expect.anything()]);
  const described = words(audience.replace("/service", ""), method);
  expect(fieldsOf(answer).filter((field) => !described.has(field))).toEqual([]);
  return answer;
}

type Document = { paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>> };
const document = parse(readFileSync(join(root, "docs", "merchant-center-api.yaml"), "utf8")) as Document;

/** The document describes these answers in words. */
function words(path: string, method: string): Set<string> {
  const { description = "" } = document.paths[path]?.[method]?.responses["200"] ?? {};
  return new Set([
    ...(description.match(/\w+/g) ?? []),
    ...(path.endsWith("/release") ? ["zeros", "cuts", "raises"] : []),
  ]);
}

/** Of the answer, and of the rows of its list. */
const fieldsOf = (answer: object): string[] =>
  Object.entries(answer).flatMap(([name, value]: [string, unknown]) => [
    name,
    ...(name === "channels" && Array.isArray(value) ? value.flatMap((row: object) => Object.keys(row)) : []),
  ]);

/** What the shop shows of a SKU in Hamburg, from the platform itself. */
function shown(sku: string): number | undefined {
  const channel = shop.model.world.collection("channel").findUnique("key", "hamburg");
  for (const entry of shop.model.world.collection("inventory-entry").values()) {
    const row = entry as unknown as { sku: string; quantityOnStock: number; supplyChannel?: { id: string } };
    if (row.sku === sku && row.supplyChannel?.id === channel?.id) return row.quantityOnStock;
  }
  return undefined;
}

const hamburgOf = ({ sites }: StockExplanation) => {
  const site = sites.find((one) => one.site === "101");
  const channel = site?.channels.find(({ supplyChannel }) => supplyChannel === "hamburg");
  if (!site || !channel) throw new Error("the explanation has no such channel");
  return { site, channel };
};
const explain = (sku: string) => ask<StockExplanation>("get", `?sku=${encodeURIComponent(sku)}`);
const freshness = async () => (await ask<{ channels: ChannelFreshness[] }>("get", "/freshness")).channels;
const total = (values: readonly DecimalString[]) => add(decimal(0), ...values);

test("every term of an explanation stands on its rows, and together they are what is written", async () => {
  await sandbox("clerk/receive", { part: EXPLAINED, site: "101", qty: "40", location: "PICK-01" });
  await sandbox("clerk/sell", { catalogNo: EXPLAINED, site: "101", qty: "5" });
  await sandbox("clerk/sell", { catalogNo: EXPLAINED, site: "101", qty: "4", reserve: false });
  await placeOrder({
    url: shop.url,
    projectKey: SHOP_PROJECT_KEY,
    lines: [{ sku: EXPLAINED, quantity: 2, externalPrice: 199, supplyChannelKey: "hamburg" }],
    country: shopper.country,
    currency: shopper.currency,
    customerEmail: shopper.customerEmail,
    shippingAddress: shopper.address,
    shippingMethodKey: shopper.shippingMethodKey,
    inventoryMode: "None",
  });
  const before = shown(EXPLAINED);
  const answer = await explain(EXPLAINED);
  expect([answer.sku, answer.tracked, answer.problems]).toEqual([EXPLAINED, true, []]);
  const { site, channel } = hamburgOf(answer);
  const counted = site.rows.filter(({ pools }) => pools.Hamburg === "counts");
  expect([channel.onHand, channel.reserved, channel.demand, channel.inFlight]).toEqual([
    total(counted.map(({ qtyOnhand }) => qtyOnhand)),
    total(counted.map(({ qtyReserved }) => qtyReserved)),
    total(site.demand.map(({ open }) => open)),
    total(site.inFlight.map(({ quantity }) => quantity)),
  ]);
  expect(site.inFlight).toMatchObject([{ sku: EXPLAINED, supplyChannel: "hamburg", quantity: "2" }]);
  // Of the order that is reserved nothing is open any more.
  expect(site.demand.map(({ open }) => open).toSorted()).toEqual(["0", "4"]);
  const raw = subtract(channel.onHand, add(channel.reserved, channel.demand, channel.inFlight));
  expect([channel.raw, channel.buffer, channel.target]).toEqual([raw, BUFFER, Number(raw) - BUFFER]);
  expect([channel.next?.to, channel.entry?.quantityOnStock]).toEqual([channel.target, before]);
  expect(channel.target).not.toBe(before);
  // A look writes nothing; the next run writes what it said.
  expect(shown(EXPLAINED)).toBe(before);
  await run(Date.now() - HOUR);
  expect(shown(EXPLAINED)).toBe(channel.target);
  const after = hamburgOf(await explain(EXPLAINED)).channel;
  expect([after.entry?.quantityOnStock, after.next]).toEqual([channel.target, null]);
});

test("named SKUs are written at once, and no others", async () => {
  const [other] = CUT;
  const before = { named: shown(NAMED) ?? 0, other: shown(other ?? "") ?? 0 };
  for (const part of [NAMED, other]) {
    await sandbox("clerk/receive", { part, site: "101", qty: "7", location: "PICK-01" });
  }
  const answer = await ask<RunSummary>("post", "/sync", { skus: [NAMED] });
  expect([answer.changed, answer.failed]).toEqual([1, 0]);
  expect([shown(NAMED), shown(other ?? "")]).toEqual([before.named + 7, before.other]);
  expect((await ask<RunSummary>("post", "/sync", { skus: [NAMED] })).changed).toBe(0);
});

test("held cuts are listed with their plan, and a release lets the next run write them", async () => {
  type Held = { readonly sites: readonly (HeldOfSite & { readonly site: string })[] };
  const held = () => ask<Held>("get", "/held");
  await run(Date.now() - HOUR);
  expect(await held()).toEqual({ sites: [] });
  const before = CUT.map((sku) => shown(sku) ?? 0);
  for (const part of CUT) await sandbox("clerk/issue", { part, site: "101", qty: "190", location: "PICK-01" });
  const now = Date.now() - HOUR;
  await run(now);
  expect(CUT.map(shown)).toEqual(before);
  const { sites } = await held();
  expect(sites.map(({ site, at, holds }) => [site, at, holds.map(({ kind, changes }) => [kind, changes])])).toEqual([
    ["101", new Date(now).toISOString(), [["cuts", CUT.length]]],
  ]);
  const [hold] = sites[0]?.holds ?? [];
  expect(hold?.skus.toSorted()).toEqual(CUT.toSorted());
  expect(hold?.plan.map(({ sku, supplyChannel, from, to }) => [sku, supplyChannel, from, to]).toSorted()).toEqual(
    CUT.map((sku, index) => [sku, "hamburg", before[index], (before[index] ?? 0) - 190]),
  );

  // Fewer than are held: the run goes on holding them.
  await ask("post", "/release", { site: "101", cuts: CUT.length - 1 });
  await run(Date.now());
  expect(CUT.map(shown)).toEqual(before);
  const asked = Date.now();
  const release = await ask<{ until: string }>("post", "/release", { site: "101", cuts: CUT.length });
  expect(release).toEqual({ site: "101", cuts: CUT.length, until: expect.any(String) });
  expect(Date.parse(release.until) - asked).toBeGreaterThanOrEqual(2 * HOUR);
  expect(Date.parse(release.until) - asked).toBeLessThan(2 * HOUR + 60_000);
  expect(CUT.map(shown)).toEqual(before);
  await run(Date.now());
  expect(CUT.map(shown)).toEqual(before.map((quantity) => quantity - 190));
  expect(await held()).toEqual({ sites: [] });
  const released = await connector.store.journal.of("cuts 101", 20);
  expect(released.map(({ event, by }) => [event, by])).toContainEqual(["cuts-released", "user-7"]);
});

test("each channel tells how old it is: one that no run has reached, one that runs reach, one that they reach no more", async () => {
  const row = (supplyChannel: string, pool: string, site: string, at: number | undefined) => ({
    ...{ supplyChannel, pool, site, waitingSince: null },
    caughtUpAt: at === undefined ? null : new Date(at).toISOString(),
    ageSeconds: at === undefined ? null : expect.any(Number),
  });
  expect(freshnessAtFirst).toEqual([
    { ...row("hamburg", "Hamburg", "101", undefined), stale: false },
    { ...row("munich", "Munich", "102", undefined), stale: false },
    { ...row("gothenburg", "Gothenburg", "201", undefined), stale: false },
  ]);
  const earlier = Date.now() - HOUR;
  await run(earlier);
  await sandbox("grants/ctconnector", { companies: ["10", "20"], sites: ["101", "201"], projections: "all" });
  const now = Date.now();
  await run(now);
  await resetIfs();
  const rows = await freshness();
  expect(rows).toEqual([
    { ...row("hamburg", "Hamburg", "101", now), stale: false },
    { ...row("munich", "Munich", "102", earlier), stale: true },
    { ...row("gothenburg", "Gothenburg", "201", now), stale: false },
  ]);
  const [hamburg = 0, munich = 0] = rows.map(({ ageSeconds }) => ageSeconds ?? 0);
  expect([hamburg < 60, munich >= 3600, munich < 3660]).toEqual([true, true, true]);
});
