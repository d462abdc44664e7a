/** What people do with single orders, over HTTP, between both served models. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operatorRoutes } from "../../core/src/compose/operator-routes.ts";
import type { OrderId } from "../../core/src/domain/ids.ts";
import { setCaller } from "../../core/src/http/auth.ts";
import { createServer } from "../../core/src/http/server.ts";
import { ifsCloud } from "../../scripts/platforms.ts";
import { ordersInIfs } from "../../scripts/story.ts";
import { ifs, sandbox } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

let bench: OrderBench;
let server: Server;
let url: string;

/** A signed-in user; how the gateway proves one is the subject of other tests. */
const signedIn = async (): Promise<void> => {
  const { CTP_PROJECT_KEY: projectKey } = bench.connector.settings;
  setCaller({ kind: "merchantCenter", userId: "user-1", projectKey });
};

beforeAll(async () => {
  bench = await openOrderBench();
  const { logger, clock } = bench.connector;
  const routes = operatorRoutes(bench.connector, { view: signedIn, manage: signedIn });
  server = createServer({ logger, clock, routes }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service/mc`;
});
afterAll(async () => {
  await new Promise((closed) => server.close(closed));
  await bench.close();
});

/** The fields of all answers that are looked at here. */
type Body = {
  rows: { id: string; recordId: string }[];
  ignored: unknown[];
  outcome: { kind: string };
  after: { code: string } | null;
  phase: string;
  orderId: string;
  orderNumber: string;
  ifsOrderNos: string[];
  entries: { event: string; detail: Record<string, unknown> }[];
  counts: { ignored: number; unexplained: number };
  next: string | null;
  tried: number;
  closed: number;
  left: number;
  stopped: string | null;
};
async function ask(method: "GET" | "POST", path: string, body?: object): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${url}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, body: (await answer.json()) as Body };
}

/** Refused by its event: no street, so IFS has no address to deliver to. */
async function refused(): Promise<{ id: OrderId; row: string }> {
  const id = await bench.buy({
    shippingAddress: { country: "DE", firstName: "Kim", lastName: "Muster", postalCode: "20457", city: "Hamburg" },
    orderNumber: `S-${Math.random().toString(36).slice(2, 10)}`,
  });
  const outcome = await bench.event(id);
  expect(outcome.kind).toBe("rejected");
  const { body } = await ask("GET", "/exceptions?code=addressMissing&limit=200");
  const row = body.rows.find(({ recordId }) => recordId === id);
  if (!row) throw new Error(`no exception of order ${id}`);
  return { id, row: row.id };
}

const street = { shippingAddress: { streetName: "Kai", streetNumber: "7" } };
const inIfs = (id: string) => ordersInIfs(ifsCloud(ifs.url), id);

test("an order is corrected, exported once, and its timeline tells who did what", async () => {
  const { id, row } = await refused();
  const again = await ask("POST", `/exceptions/${row}/retry`);
  expect([again.status, again.body.outcome.kind, again.body.after?.code]).toEqual([200, "rejected", "addressMissing"]);
  const edited = await ask("POST", `/exceptions/${row}/edit`, { corrections: street });
  expect([edited.status, edited.body.outcome.kind, edited.body.after]).toEqual([200, "linked", null]);
  const rows = await inIfs(id);
  expect(rows.map(({ Objstate }) => Objstate)).toEqual(["Released"]);
  expect((await ask("POST", `/exceptions/${row}/retry`)).status).toBe(404);

  const orderNo = String(rows[0]?.OrderNo);
  const byId = await ask("GET", `/orders/${id}/timeline`);
  expect([byId.status, byId.body.ifsOrderNos]).toEqual([200, [orderNo]]);
  const events = byId.body.entries.map(({ event }) => event);
  const expected = [
    "order created",
    "order-rejected",
    "order-corrected",
    "claimed",
    "created",
    "compared",
    "released",
    "linked",
    "order-linked",
    "order now",
    "claim now",
    "IFS order now",
  ];
  expect(expected.filter((event) => !events.includes(event))).toEqual([]);
  expect(byId.body.entries.find(({ event }) => event === "order-corrected")).toMatchObject({
    by: "user-1",
    configVersion: 1,
    detail: { before: "nothing", after: "shipping address: streetName, streetNumber" },
  });
  // As sent: the rows of the create, then the release; each with its answer, none with a name or a street.
  const sent = byId.body.entries.filter(({ event }) => event === "sent to IFS").map(({ detail }) => detail);
  const [header, below, release] = sent;
  expect([header?.answer, below?.part, below?.OrderLinesArray, header?.CustomerOrderSet]).toEqual([
    "accepted",
    2,
    expect.stringMatching(/CatalogNo=\S+;.*BuyQtyDue=\d+;.*SaleUnitPrice=[\d.]+/),
    expect.stringContaining(`ExternalRef=${id}`),
  ]);
  expect(below?.CustomerOrderChargeArray).toMatch(/ChargeType=FREIGHT; ChargeAmount=[\d.]+;/);
  expect(header?.CustomerOrderAddressArray).toMatch(/Address1=\(\d+ characters\);.*CountryCode=DE/);
  expect(release).toMatchObject({ answer: "accepted", request: expect.stringContaining(`(OrderNo='${orderNo}')`) });
  expect(JSON.stringify(byId.body)).not.toMatch(/Muster|Kai|20457/);
  for (const name of [byId.body.orderNumber, orderNo]) {
    expect((await ask("GET", `/orders/${encodeURIComponent(name)}/timeline`)).body.orderId).toBe(id);
  }
  expect((await ask("GET", "/orders/nobody/timeline")).status).toBe(404);
});

test("an ignored order is left alone, is no finding of the ledger, and comes back", async () => {
  const { id, row } = await refused();
  const ignored = await ask("POST", `/exceptions/${row}/ignore`, { reason: "sold by telephone" });
  expect([ignored.status, ignored.body.phase]).toEqual([200, "ignored"]);
  expect((await bench.event(id)).kind).toBe("skipped");
  const list = await ask("GET", "/exceptions");
  expect(list.body.ignored).toMatchObject([{ reason: "sold by telephone", by: "user-1", exception: { id: row } }]);
  const ledger = await ask("GET", "/ledger?from=2026-01-01&to=2100-01-01");
  expect([ledger.body.counts.ignored, ledger.body.counts.unexplained, ledger.body.next]).toEqual([1, 0, null]);
  const back = await ask("POST", `/exceptions/${row}/unignore`);
  expect([back.status, back.body.outcome.kind, back.body.after?.code]).toEqual([200, "rejected", "addressMissing"]);
  expect((await ask("GET", "/exceptions")).body.ignored).toEqual([]);
});

test("all of one code are tried; telephone orders are no finding of the ledger", async () => {
  await refused();
  const all = await ask("POST", "/exceptions/retry", { code: "addressMissing", limit: 50 });
  expect([all.status, all.body.closed, all.body.left, all.body.stopped]).toEqual([200, 0, 0, null]);
  expect(all.body.tried).toBeGreaterThan(0);

  const id = await bench.buy();
  expect((await bench.event(id)).kind).toBe("linked");
  await sandbox("clerk/sell", { part: "BAT.12V.4AH", qty: 1, site: "101" });
  const { counts } = (await ask("GET", "/ledger?from=2026-01-01&to=2100-01-01")).body;
  expect(counts.unexplained).toBe(0);
});
