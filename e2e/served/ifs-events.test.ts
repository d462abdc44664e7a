/** Events of IFS against service-app's own code: both platforms over real HTTP, all in one process. */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Connector } from "../../core/src/compose/connector.ts";
import { scheduledFlows } from "../../core/src/compose/flows.ts";
import { hintsBeforeRuns } from "../../core/src/compose/hint-flows.ts";
import { assemble } from "../../core/src/compose/start.ts";
import { installCheckout, installJobs } from "../../core/src/ct/resources.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { readEnv } from "../../core/src/runtime/env.ts";
import { type RunningCommercetools, startCommercetools } from "../../sandbox/commercetools/start.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../../sandbox/seed/commercetools-shop.ts";
import { eventually } from "../../scripts/platforms.ts";
import { serviceApp } from "../../service-app/src/app.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SECRET = "sandbox-ifs-event-secret";
const PART = "BAT.12V.4AH";

let ifs: IfsServer;
let shop: RunningCommercetools;
let connector: Connector;
let server: Server;
let url: string;

beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(1) });
  shop = await startCommercetools({
    port: 0,
    clock: systemClock,
    projectKey: SHOP_PROJECT_KEY,
    seed: async (model) => {
      await seedShop(model);
      model.auth.addClient({ id: "connector", secret: "sandbox-secret", scopes: ["manage_project"] });
    },
  });
  const settings = readEnv(serviceApp.schema, {
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
    ATP_EXTENSION_SECRET: "sandbox-extension-secret",
    IFS_EVENT_SECRET: SECRET,
    LOG_LEVEL: "error",
  });
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  // A busy machine is no reason for a hint to be left to the job here.
  const app = assemble({ ...serviceApp, ctTimeoutMs: 20_000, ifsReadMs: () => 20_000 }, settings.value);
  connector = app.connector;
  const checkIfs = async () => "not asked";
  await installJobs(connector.ct, { checkIfs });
  await installCheckout(connector.ct, {
    checkIfs,
    serviceUrl: "https://service.test",
    extensionHeader: "sandbox-extension-secret",
    extensionPath: "/extension",
  });
  const file = parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8"));
  await connector.store.config.push(connectorConfigSchema.parse(file));
  connector.budget.start();
  server = app.server.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service/ifs-events`;
  await flow("stock-sync");
});
afterAll(async () => {
  await connector.budget.stop();
  await new Promise((done) => server.close(done));
  await shop.close();
  await ifs.close();
});

/** One scheduled run, as the job does it. */
async function flow(name: string): Promise<void> {
  const found = scheduledFlows(connector, await connector.active()).find((scheduled) => scheduled.flow === name);
  await found?.run(new Date(), async () => {});
}
const sandbox = async (path: string, method: string, body?: object): Promise<void> => {
  const response = await fetch(`${ifs.url}/sandbox/${path}`, { method, body: body && JSON.stringify(body) });
  expect([path, response.ok]).toEqual([path, true]);
};
const receive = (qty: number) => sandbox("clerk/receive", "POST", { site: "101", part: PART, qty });
const tell = async (body: unknown, secret = SECRET) => {
  const headers = { "content-type": "application/json", "x-ifs-event-secret": secret };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, { method: "POST", headers, body: text });
  return { status: response.status, body: (await response.json()) as unknown };
};
const onStock = async (): Promise<number> => {
  const { results } = (
    await connector.ct.root
      .inventory()
      .get({ queryArgs: { where: `sku="${PART}"` } })
      .execute()
  ).body;
  const { rows } = { rows: results.filter(({ key }) => key?.includes("hamburg")) };
  return rows[0]?.quantityOnStock ?? Number.NaN;
};
const answer = (stored: number, reread: string) => ({ status: 200, body: { stored, leftToPolling: 0, reread } });

test("a warehouse move is in the shop when the event is answered, without a run of the job", async () => {
  const before = await onStock();
  await receive(3);
  expect(await tell({ object: "stock", keys: [`CONTRACT=101^PART_NO=${PART}^CONFIGURATION_ID=*^`] })).toEqual(
    answer(1, "done"),
  );
  expect([await onStock(), await connector.store.hints.count()]).toEqual([before + 3, 0]);
});

test("keys that nobody knows do nothing, and are gone", async () => {
  const before = await onStock();
  const unknown = [
    {
      object: "stock",
      keys: [
        { contract: "101", partNo: "NO-SUCH-PART" },
        { contract: "999", partNo: PART },
      ],
    },
    { object: "order", keys: [{ orderNo: "NOBODYS" }] },
  ];
  expect(await tell(unknown)).toEqual(answer(3, "done"));
  expect([await onStock(), await connector.store.hints.count()]).toEqual([before, 0]);
});

test("without the secret, or with a template that went wrong, nothing is taken", async () => {
  const body = '{"object":"order","keys":[{"orderNo":"6" hose"}]}';
  expect([(await tell(body, "another-secret")).status, (await tell(body)).status]).toEqual([401, 400]);
  expect(await connector.store.hints.count()).toBe(0);
});

test("while IFS is down the hint waits, and the job looks at it before its runs", async () => {
  const before = await onStock();
  await receive(2);
  await sandbox("faults", "POST", { kind: "status", status: 503, path: "^/main/" });
  expect(await tell({ object: "stock", keys: [{ contract: "101", partNo: PART }] })).toEqual(answer(1, "later"));
  expect([await onStock(), await connector.store.hints.count()]).toEqual([before, 1]);
  await sandbox("faults", "DELETE");
  await hintsBeforeRuns(connector, await connector.active());
  expect([await onStock(), await connector.store.hints.count()]).toEqual([before + 2, 0]);
});

test("what was told and what was not ends the same with the next scheduled run, which finds nothing more to do", async () => {
  const told = await onStock();
  await flow("stock-sync");
  expect(await onStock()).toBe(told);
});

test("IFS's own Event Action tells it: textual substitution, told twice and in any order, and the shop has it within seconds", async () => {
  const action = {
    name: "STOCK_TO_SHOP",
    lu: "InventoryPartInStock",
    on: ["insert", "update"],
    columns: ["QTY_ONHAND", "QTY_RESERVED"],
    url,
    headers: `x-ifs-event-secret:${SECRET},content-type:application/json`,
    body: '{"object":"stock","keys":[{"contract":"&NEW:CONTRACT","partNo":"&NEW:PART_NO"}]}',
  };
  await sandbox("settings", "POST", { eventActions: [action], eventRepeats: 1, eventOrder: "shuffled" });
  const before = await onStock();
  await receive(4);
  await eventually("the corrected entry", 15_000, async () => ((await onStock()) === before + 4 ? true : undefined));
  await sandbox("settings", "POST", { eventActions: [] });
});
