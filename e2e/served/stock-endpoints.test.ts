/** What people ask and do about stock in the Merchant Center: service-app's own routes, a gateway that signs, and both served models. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Connector } from "../../core/src/compose/connector.ts";
import type { ChannelFreshness } from "../../core/src/compose/stock-freshness.ts";
import { add, type DecimalString, decimal, subtract } from "../../core/src/domain/decimal.ts";
import type { RunSummary } from "../../core/src/domain/run-summary.ts";
import type { StockExplanation } from "../../core/src/flows/stock-sync/explain.ts";
import type { HeldOfSite } from "../../core/src/flows/stock-sync/held.ts";
import { placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { shopper } from "../../scripts/story.ts";
import { resetIfs, root, sandbox, shop } from "./doctor-fixture.ts";
import { BUFFER, openStockService, type StockService, shown } from "./stock-service-fixture.ts";

const HOUR = 3_600_000;
/** Stocked at site 101, sold by the piece, and by no other SKU. */
const [EXPLAINED, NAMED, ...CUT] = ["HN.M5.A2", "HN.M5.A4", "HN.M6.A2", "HN.M6.A4", "HN.M8.A2"] as const;

let bench: StockService;
let connector: Connector;
let url: string;
let run: StockService["run"];
/** Before any run. */
let freshnessAtFirst: ChannelFreshness[];

beforeAll(async () => {
  bench = await openStockService();
  ({ connector, url, run } = bench);
  for (const part of CUT) await sandbox("clerk/receive", { part, site: "101", qty: "200", location: "PICK-01" });
  freshnessAtFirst = await freshness();
  await run(Date.now() - HOUR);
});
afterAll(() => bench.close());

/** As the page asks; its answer, whose fields the document names. */
async function ask<T extends object>(method: "get" | "post", address: string, body?: object): Promise<T> {
  const path = `/service/mc/stock${address}`;
  const [audience = ""] = path.split("?");
  const permissions = [method === "get" ? "viewIfsCloud" : "manageIfsCloud"];
  const signed = await fetch(`${bench.merchantCenter.issuer}/sandbox/token`, {
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
    ...(path.endsWith("/release") ? ["zeros", "cuts", "raises", "ended"] : []),
  ]);
}

/** Of the answer, and of the rows of its list. */
const fieldsOf = (answer: object): string[] =>
  Object.entries(answer).flatMap(([name, value]: [string, unknown]) => [
    name,
    ...(name === "channels" && Array.isArray(value) ? value.flatMap((row: object) => Object.keys(row)) : []),
  ]);

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
  expect(answer).toMatchObject({ changed: 1, failed: 0, waiting: 0, elsewhere: 0 });
  expect([shown(NAMED), shown(other ?? "")]).toEqual([before.named + 7, before.other]);
  expect((await ask<RunSummary>("post", "/sync", { skus: [NAMED] })).changed).toBe(0);
});

test("held cuts are listed with their plan, and a release lets the next run write them", async () => {
  type Releases = { readonly releases: readonly { readonly until: string }[] };
  type Held = { readonly sites: readonly (HeldOfSite & Releases & { readonly site: string })[] };
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
  // Whoever looks now sees that it was released, by whom and when. A release of another kind changes nothing about it.
  await ask("post", "/release", { site: "101", ended: 1 });
  const [cuts, ended, ...none] = (await held()).sites[0]?.releases ?? [];
  expect(cuts).toEqual({ kind: "cuts", most: CUT.length, by: "user-7", at: expect.any(String), until: release.until });
  expect([ended, none]).toEqual([expect.objectContaining({ kind: "ended", most: 1, by: "user-7" }), []]);
  expect(Date.parse(release.until) - asked).toBeGreaterThanOrEqual(2 * HOUR);
  expect(Date.parse(release.until) - asked).toBeLessThan(2 * HOUR + 60_000);
  expect(CUT.map(shown)).toEqual(before);
  await run(Date.now());
  expect(CUT.map(shown)).toEqual(before.map((quantity) => quantity - 190));
  expect((await held()).sites).toMatchObject([{ site: "101", holds: [], releases: [{ kind: "ended" }] }]);
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
