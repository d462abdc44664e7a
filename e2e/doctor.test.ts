/** The doctor against both models: a sound installation gives no error, and each broken prerequisite is found by its name. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createCt } from "../core/src/ct/client.ts";
import { installJobs, installOrders } from "../core/src/ct/resources.ts";
import { createStore } from "../core/src/ct/store.ts";
import { connectorScopes } from "../core/src/doctor/ct-check.ts";
import type { Finding, Report } from "../core/src/doctor/finding.ts";
import { type DoctorDeps, runDoctor } from "../core/src/doctor/run.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../core/src/domain/config.ts";
import { systemClock as connectorClock } from "../core/src/runtime/clock.ts";
import { type Api, createApi } from "../sandbox/commercetools/api-caller.ts";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { type RunningCommercetools, startCommercetools } from "../sandbox/commercetools/start.ts";
import { connectorClient, type IfsServer, startIfs } from "../sandbox/ifs/server.ts";
import { defaultSettings } from "../sandbox/ifs/settings.ts";
import { seededRandom, systemClock } from "../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../sandbox/seed/commercetools-shop.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const config = connectorConfigSchema.parse(parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8")));
const declaredScopes = (
  parse(readFileSync(join(root, "connect.yaml"), "utf8")) as { inheritAs: { apiClient: { scopes: string[] } } }
).inheritAs.apiClient.scopes;
const SECRET = "sandbox-secret";
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let ifs: IfsServer;
let shop: RunningCommercetools;
let admin: Api;
let service: Server;

const access = (clientId = "connector") => ({
  apiUrl: shop.url,
  authUrl: shop.url,
  projectKey: SHOP_PROJECT_KEY,
  clientId,
  clientSecret: SECRET,
});

function connection() {
  const tokenUrl = `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`;
  return { baseUrl: ifs.url, tokenUrl, clientId: "ctconnector", clientSecret: SECRET };
}

const diagnose = (over: Partial<DoctorDeps> = {}): Promise<Report> =>
  runDoctor({ commercetools: access(), ifs: connection(), clock: connectorClock, logger: silent, ...over });

const withIfs = (change: Partial<ConnectorConfig["ifs"]>): Partial<DoctorDeps> => ({
  config: { name: "test", value: { ...config, ifs: { ...config.ifs, ...change } } },
});

/** Findings without the sentences for people, which are not the contract. */
const named = ({ findings }: Report, severity: Finding["severity"] = "error") =>
  findings
    .filter((finding) => finding.severity === severity)
    .map(({ check, subject, owner, proposal }) => ({ check, subject, owner, ...(proposal ? { proposal } : {}) }));

async function sandbox(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${ifs.url}/sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/** Answers of IFS whose text is changed on the way, as another tenant would write it. */
const rewriting =
  (matches: RegExp, change: (text: string) => string): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (!matches.test(String(input))) return response;
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    return new Response(change(await response.text()), { status: response.status, headers });
  };

/** What the deployment scripts do; repairs what a test broke. */
async function install(): Promise<void> {
  const ct = createCt({ ...access(), logger: silent });
  const common = { checkIfs: async () => "not asked" };
  const topic = {
    CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub",
    CONNECT_GCP_PROJECT_ID: "sandbox",
    CONNECT_GCP_TOPIC_NAME: "connector-events",
  } as const;
  await installOrders(ct, topic, common);
  await installJobs(ct, common);
}

beforeAll(async () => {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(7) });
  shop = await startCommercetools({
    port: 0,
    clock: systemClock,
    random: seededRandom(8),
    projectKey: SHOP_PROJECT_KEY,
    async seed(model) {
      await seedShop(model);
      model.auth.addClient({ id: "connector", secret: SECRET, scopes: declaredScopes });
      model.auth.addClient({
        id: "few-scopes",
        secret: SECRET,
        scopes: declaredScopes.filter((scope) => scope !== "manage_subscriptions" && scope !== "view_sessions"),
      });
    },
    push: { endpoints: {} },
  });
  admin = createApi({ url: shop.url, projectKey: SHOP_PROJECT_KEY, clientId: "admin", clientSecret: SECRET });
  await install();
  service = createServer((_request, response) => response.end("{}"));
  await new Promise<void>((listening) => service.listen(0, "127.0.0.1", listening));
  const store = createStore(createCt({ ...access(), logger: silent }), connectorClock);
  await store.serviceUrl.write(`http://127.0.0.1:${(service.address() as AddressInfo).port}/service`);
  await store.config.push(config);
});
afterAll(async () => {
  service.close();
  await ifs.close();
  await shop.close();
});
beforeEach(async () => {
  const { companies, sites, projections } = connectorClient;
  await sandbox("settings", defaultSettings);
  await sandbox("grants/ctconnector", { companies, sites, projections });
});

test("a sound installation gives no error and no warning, and everything was looked at", async () => {
  const report = await diagnose();
  expect(named(report)).toEqual([]);
  expect(named(report, "warning")).toEqual([]);
  expect(report).toMatchObject({ configuration: "version 1", projectKey: SHOP_PROJECT_KEY, errors: 0, warnings: 0 });
  const looks = report.seen.map((line) => line.replace(/\d+ ms/g, "n ms").replace(/active since .*/, "active"));
  expect(looks).toEqual(
    expect.arrayContaining([
      "IFS token: accepted, lives 180 s",
      "IFS sites shown: 101, 102, 201",
      "orderLine: CustomerOrderHandling/CustomerOrderLineSet has its key and 40 bound fields looked at",
      "binding: states, constants, actions and arrays compared with the metadata",
      "read stock: 3 lists, 3 with rows",
      "time zone of order: real UTC with the header",
      "time zone of stock: digits are the site's own",
      "commercetools channels: 5 looked at",
      "connector: active",
      "subscription: Healthy, destination GoogleCloudPubSub",
    ]),
  );
});

test("the scopes looked for are those of connect.yaml", () => {
  expect([...connectorScopes].sort()).toEqual([...declaredScopes].sort());
});

test("nothing is written in IFS, and nothing but reads is sent to commercetools", async () => {
  const calls: string[] = [];
  const counting: typeof fetch = (input, init) => {
    calls.push(`${init?.method ?? "GET"} ${String(input).replace(/\?.*/, "")}`);
    return fetch(input, init);
  };
  await diagnose({ fetch: counting });
  const writes = calls.filter((call) => !call.startsWith("GET "));
  expect(writes.toSorted()).toEqual([`POST ${connection().tokenUrl}`, `POST ${shop.url}/oauth/token`].toSorted());
  expect(calls.length).toBeGreaterThan(50);
});

/** The command as people run it; the sandbox's addresses come from the environment. */
function command(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ status: number | null; text: string }> {
  const { baseUrl, tokenUrl, clientId, clientSecret } = connection();
  const child = spawn(process.execPath, ["scripts/doctor.ts", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      CTP_API_URL: shop.url,
      CTP_AUTH_URL: shop.url,
      CTP_PROJECT_KEY: SHOP_PROJECT_KEY,
      CTP_CLIENT_ID: "connector",
      CTP_CLIENT_SECRET: SECRET,
      IFS_BASE_URL: baseUrl,
      IFS_TOKEN_URL: tokenUrl,
      IFS_CLIENT_ID: clientId,
      IFS_CLIENT_SECRET: clientSecret,
      ...env,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (status) => done({ status, text }));
  });
}

test("the command: 0 and a report, 1 and the finding, 2 where it cannot start; no secret is ever shown", async () => {
  const sound = await command(["--json"]);
  expect([sound.status, JSON.parse(sound.text)]).toMatchObject([0, { errors: 0, configuration: "version 1" }]);
  const refused = await command([], { IFS_CLIENT_SECRET: "planted-secret" });
  expect([refused.status, refused.text.includes("ERROR  ifs.sign-in  IFS Cloud")]).toEqual([1, true]);
  expect(refused.text).not.toContain("planted-secret");
  const lost = await command([], { IFS_BASE_URL: "" });
  expect([lost.status, lost.text.includes("ERROR  ifs.settings")]).toEqual([1, true]);
  expect((await command([], { CTP_CLIENT_SECRET: "" })).status).toBe(2);
  const grants = await command(["--grants", "--json"]);
  expect([grants.status, JSON.parse(grants.text).sites]).toEqual([0, ["101", "102", "201"]]);
});

const merchant = "merchant";
const ifsAdministrator = "ifsAdministrator";
const operator = "operator";

describe("the binding against the tenant", () => {
  test("a projection of another name, with the name that was meant", async () => {
    await sandbox("settings", { renames: { ShipmentHandling: "CShipmentHandling" } });
    expect(named(await diagnose())).toEqual([
      {
        check: "ifs.projection",
        subject: "projection ShipmentHandling",
        owner: ifsAdministrator,
        proposal: "CShipmentHandling",
      },
    ]);
  });

  test("a set of another name", async () => {
    await sandbox("settings", { renames: { "ShipmentHandling/ShipmentSet": "CShipmentSet" } });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.set", subject: "shipment", owner: ifsAdministrator, proposal: "CShipmentSet" },
    ]);
  });

  test("a field of another name", async () => {
    const fetch = rewriting(/ShipmentHandling\.svc\/\$metadata/, (text) =>
      text.replaceAll('"ShipmentId"', '"CShipmentId"'),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.field", subject: "shipment.shipmentId", owner: merchant, proposal: "CShipmentId" },
      { check: "ifs.field", subject: "shipmentLine.shipmentId", owner: merchant, proposal: "CShipmentId" },
    ]);
  });

  test("a field that the connector can do without is a warning", async () => {
    await sandbox("settings", { hiddenProperties: ["ShipmentHandling/ShipmentSet/ConsignmentNoteId"] });
    const report = await diagnose();
    expect(named(report)).toEqual([]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.field", subject: "shipment.trackingNumber", owner: merchant },
    ]);
  });

  test("a field of another type, and one that is too short", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text
        .replace('Name="BuyQtyDue" Type="Edm.Decimal"', 'Name="BuyQtyDue" Type="Edm.String"')
        .replace(
          'Name="ExternalRef" Type="Edm.String" MaxLength="50"',
          'Name="ExternalRef" Type="Edm.String" MaxLength="30"',
        ),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.field-length", subject: "order.externalRef", owner: merchant },
      { check: "ifs.field-type", subject: "orderLine.buyQtyDue", owner: merchant },
    ]);
  });

  test("a key of other fields", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text.replace('<PropertyRef Name="RelNo"/>', ""),
    );
    expect(named(await diagnose({ fetch }), "warning")).toEqual([
      { check: "ifs.key", subject: "orderLine", owner: merchant },
      { check: "ifs.key", subject: "openDemand", owner: merchant },
    ]);
  });

  test("members that an enumeration does not have", async () => {
    await sandbox("settings", { supplyFromStockMember: "InventoryOrder" });
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text.replaceAll('<Member Name="Invoiced"', '<Member Name="InvoicedClosed"'),
    );
    const report = await diagnose({ fetch });
    expect(named(report)).toEqual([
      { check: "ifs.enum-member", subject: "openDemand.state", owner: merchant, proposal: "InvoicedClosed" },
      {
        check: "ifs.enum-member",
        subject: "constants.inventoryLine.SupplyCode",
        owner: merchant,
        proposal: "InventoryOrder",
      },
    ]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.unknown-state", subject: "order.state", owner: merchant },
      { check: "ifs.unknown-state", subject: "orderLine.state", owner: merchant },
    ]);
  });

  test("an enumeration of another name, where filters need it", async () => {
    const binding = { ...config.ifs.binding, openDemand: { enums: { state: "CustOrdLineState" } } };
    const report = await diagnose(withIfs({ binding }));
    // The read itself is not tried with states that the metadata already refuses.
    expect(named(report)).toEqual([
      { check: "ifs.enum", subject: "openDemand.state", owner: merchant, proposal: "CustomerOrderLineState" },
    ]);
  });

  test("an action of another name, and a parameter", async () => {
    await sandbox("settings", { releaseActionName: "CustomerOrder_SetReleased" });
    const binding = { ...config.ifs.binding, actions: { cancelReason: "CancellationReason" } };
    expect(named(await diagnose(withIfs({ binding })))).toEqual([
      { check: "ifs.action", subject: "actions.release", owner: merchant, proposal: "CustomerOrder_SetReleased" },
      { check: "ifs.action-parameter", subject: "actions.cancelReason", owner: merchant, proposal: "CancelReason" },
    ]);
  });

  test("constants, arrays and route fields that the tenant does not know", async () => {
    const binding = {
      ...config.ifs.binding,
      constants: { order: { IsNewCustomr: false, WantedDeliveryDate: true } },
      linesArray: "OrderLineArray",
    };
    const routes = config.routes.map((route) => ({ ...route, extra: { DistrictCod: "N" } }));
    const value = { ...config, routes, ifs: { ...config.ifs, binding } };
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([
      { check: "ifs.constant", subject: "constants.order.IsNewCustomr", owner: merchant, proposal: "IsNewCustomer" },
      { check: "ifs.constant-type", subject: "constants.order.WantedDeliveryDate", owner: merchant },
      { check: "ifs.constant", subject: "routes[0].extra.DistrictCod", owner: merchant, proposal: "DistrictCode" },
      { check: "ifs.constant", subject: "routes[1].extra.DistrictCod", owner: merchant, proposal: "DistrictCode" },
      { check: "ifs.array", subject: "linesArray", owner: merchant, proposal: "OrderLinesArray" },
    ]);
  });

  test("words of the binding that cannot be understood", async () => {
    expect(named(await diagnose(withIfs({ binding: { shipment: { fields: { nonsense: "X" } } } })))).toEqual([
      { check: "config.binding", subject: "ifs.binding.shipment.fields.nonsense", owner: merchant },
    ]);
  });
});

describe("what the service user may and sees", () => {
  test("a site that is not granted", async () => {
    await sandbox("grants/ctconnector", { sites: ["101", "201"] });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.site-grant", subject: "site 102", owner: ifsAdministrator },
    ]);
  });

  test("a company that is not granted", async () => {
    await sandbox("grants/ctconnector", { companies: ["10"] });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.company-grant", subject: "company 20", owner: ifsAdministrator },
    ]);
  });

  test("a site of another company", async () => {
    const sites = config.sites.map((site) => (site.site === "102" ? { ...site, company: "20" } : site));
    expect(named(await diagnose({ config: { name: "test", value: { ...config, sites } } }))).toEqual([
      { check: "ifs.site-company", subject: "site 102", owner: merchant },
    ]);
  });

  test("a projection that is not granted", async () => {
    const granted = [
      "CustomerOrderHandling",
      "InventoryPartInStockHandling",
      "SalesPartHandling",
      "SalesPriceListHandling",
      "SitesHandling",
    ];
    await sandbox("grants/ctconnector", { projections: granted });
    const report = await diagnose();
    expect(named(report)).toEqual([
      { check: "ifs.projection-grant", subject: "projection ShipmentHandling", owner: ifsAdministrator },
    ]);
    // Neither is needed by a flow that is enabled.
    expect(named(report, "info").map(({ check, subject }) => `${check} ${subject}`)).toEqual([
      "ifs.catalogue AllProjections",
      "ifs.projection-grant projection ArCustomerInvoicesAnalysis",
      "ifs.key priceListPart",
    ]);
  });

  test("lines that cannot be read across orders", async () => {
    await sandbox("settings", { linesAcrossOrders: false });
    expect(named(await diagnose())).toEqual(
      ["101", "102", "201"].map((site) => ({
        check: "ifs.read",
        subject: `openDemand, site ${site}`,
        owner: ifsAdministrator,
      })),
    );
  });

  test("one projection out of order does not hide the rest", async () => {
    const broken: typeof fetch = async (input, init) =>
      /AllProjections|SalesPartHandling/.test(String(input)) ? new Response("", { status: 503 }) : fetch(input, init);
    const report = await diagnose({ fetch: broken });
    expect(named(report)).toEqual([
      { check: "ifs.metadata", subject: "projection SalesPartHandling", owner: ifsAdministrator },
    ]);
    expect(report.seen).toContain("IFS sites shown: 101, 102, 201");
  });

  test("a wrong secret", async () => {
    expect(named(await diagnose({ ifs: { ...connection(), clientSecret: "not-this-one" } }))).toEqual([
      { check: "ifs.sign-in", subject: "IFS Cloud", owner: ifsAdministrator },
    ]);
  });

  test("nobody there", async () => {
    const nowhere = "http://127.0.0.1:9";
    expect(named(await diagnose({ ifs: { ...connection(), baseUrl: nowhere, tokenUrl: `${nowhere}/token` } }))).toEqual(
      [{ check: "ifs.reachable", subject: "IFS Cloud", owner: operator }],
    );
  });

  test("tokens that live 5 seconds", async () => {
    await sandbox("settings", { tokenSeconds: 5 });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.token-life", subject: "IFS token", owner: ifsAdministrator },
    ]);
  });

  test("the clock of IFS is wrong", async () => {
    const late: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).startsWith(ifs.url)) return response;
      const headers = new Headers(response.headers);
      headers.set("date", new Date(Date.now() - 600_000).toUTCString());
      return new Response(await response.text(), { status: response.status, headers });
    };
    expect(named(await diagnose({ fetch: late }))).toEqual([
      { check: "ifs.clock", subject: "IFS clock", owner: operator },
    ]);
  });

  test("rows without ETags", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/CustomerOrder/, (text) =>
      text.replaceAll(/"@odata\.etag":"(?:[^"\\]|\\.)*",?/g, ""),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.etag", subject: "projection CustomerOrderHandling", owner: ifsAdministrator },
    ]);
  });

  test("a projection that is bound as time-zone aware and is not", async () => {
    const binding = { ...config.ifs.binding, stock: { timeZoneAware: true } };
    expect(named(await diagnose(withIfs({ binding })))).toEqual([
      { check: "ifs.time-zone", subject: "stock", owner: merchant },
    ]);
  });

  test("a site whose time zone is not the one of IFS", async () => {
    const sites = config.sites.map((site) => (site.site === "101" ? { ...site, timeZone: "Asia/Tokyo" } : site));
    expect(named(await diagnose({ config: { name: "test", value: { ...config, sites } } }))).toEqual([
      { check: "ifs.site-time-zone", subject: "site 101", owner: merchant },
    ]);
  });

  test("a sentinel order that cannot be seen, and a price list without rows", async () => {
    const lists = [...config.prices.lists, { ...config.prices.lists[0], priceListNo: "WEB-USD", currency: "USD" }];
    const value = connectorConfigSchema.parse({
      ...config,
      prices: { ...config.prices, lists },
      ifs: { ...config.ifs, sentinelOrders: { "101": "GONE" } },
    });
    const report = await diagnose({ config: { name: "test", value } });
    expect(named(report)).toEqual([{ check: "ifs.sentinel", subject: "site 101", owner: merchant }]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.empty", subject: "priceListPart, price list WEB-USD", owner: merchant },
    ]);
  });
});

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
