import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnector } from "core/compose/connector.ts";
import { readEnv } from "core/runtime/env.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

const SECRET = "planted-extension-secret";
const EVENT_SECRET = "planted-event-secret";

/** All systems are down: nobody listens on port 9. */
const nowhere = {
  CTP_API_URL: "http://127.0.0.1:9",
  CTP_AUTH_URL: "http://127.0.0.1:9",
  CTP_SESSION_URL: "http://127.0.0.1:9",
  CTP_PROJECT_KEY: "shop",
  CTP_CLIENT_ID: "id",
  CTP_CLIENT_SECRET: "planted-secret",
  IFS_BASE_URL: "http://127.0.0.1:9",
  IFS_TOKEN_URL: "http://127.0.0.1:9/token",
  IFS_CLIENT_ID: "id",
  IFS_CLIENT_SECRET: "planted-secret",
  CLOUD_IDENTIFIER: "gcp-eu",
  ENTRY_POINT_URI_PATH: "ifs-cloud",
  ATP_EXTENSION_SECRET: SECRET,
  IFS_EVENT_SECRET: EVENT_SECRET,
  ALLOWED_ORIGINS: "https://shop.example, https://b2b.example",
  LOG_LEVEL: "error",
};

let server: Server;
let url: string;
beforeAll(async () => {
  const settings = readEnv(configSchema, nowhere);
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  const connector = createConnector({
    app: "service-app",
    settings: settings.value,
    ctReadRetries: 0,
    ctTimeoutMs: 1000,
  });
  server = createApp(connector, settings.value).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service`;
});
afterAll(() => new Promise((done) => server.close(done)));

test("the process is healthy while everything else is down", async () => {
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

const doors = [
  ["POST", "/atp", {}],
  ["POST", "/extension", {}],
  ["POST", "/extension", { authorization: "wrong" }],
  ["POST", "/extension", { authorization: `${SECRET} x` }],
  ["POST", "/atp", { authorization: SECRET }],
  ["POST", "/atp", { "x-session-id": "../../admin" }],
  ["POST", "/ifs-events", {}],
  ["POST", "/ifs-events", { authorization: EVENT_SECRET }],
  ["POST", "/ifs-events", { "x-ifs-event-secret": SECRET }],
  ["POST", "/ifs-events", { "x-ifs-event-secret": `${EVENT_SECRET}x` }],
  ["GET", "/mc/overview", { authorization: SECRET }],
  ["GET", "/mc/doctor", { authorization: SECRET }],
] as [string, string, Record<string, string>][];

test.each(doors)("%s %s with %o is refused before anything is asked", async (method, path, headers) => {
  const response = await fetch(`${url}${path}`, { method, headers, body: method === "POST" ? "{}" : undefined });
  // The Merchant Center's guard first has to learn the service's own address, which is stored in commercetools.
  const expected = path.startsWith("/mc/") ? 503 : 401;
  expect([path, response.status]).toEqual([path, expected]);
  expect(await response.text()).not.toContain("planted");
});

test("the extension answers in time by the declared policy while everything is down", async () => {
  const line = { id: "l1", quantity: 1, variant: { sku: "A" } };
  const bodies = [
    JSON.stringify({ action: "Create", resource: { typeId: "order", obj: { lineItems: [line] } } }),
    JSON.stringify({ action: "Update", resource: {} }),
    "{broken",
  ];
  const ask = (body: string) => fetch(`${url}/extension`, { method: "POST", headers: { authorization: SECRET }, body });
  // Not measured: code that runs for the first time beside other tests.
  await (await ask("{}")).body?.cancel();
  await (await ask(bodies[0] ?? "")).body?.cancel();
  for (const body of bodies) {
    const begun = performance.now();
    const response = await ask(body);
    expect([body.slice(0, 20), response.status]).toEqual([body.slice(0, 20), 200]);
    expect(await response.json()).toEqual({ actions: [] });
    expect(performance.now() - begun).toBeLessThan(1800);
  }
});

const event = (body: string) =>
  fetch(`${url}/ifs-events`, { method: "POST", headers: { "x-ifs-event-secret": EVENT_SECRET }, body });

test.each([
  ['{"object":"order","keys":[{"orderNo":"10"01"}]}', "the body is not JSON"],
  ['{"object":"order","keys":[{"orderNo":"&NEW:ORDER_NO"}]}', "keys[0]: orderNo was not substituted by IFS"],
  ['{"object":"order","keys":[{"orderNo":"line\nbreak"}]}', "the body is not JSON"],
  ["", "the body is not as expected"],
  ["null", "the body is not as expected"],
  [`{"object":"order","keys":["${"x".repeat(20_000)}"]}`, "the body is larger than this endpoint takes"],
])("an event that its template broke is refused with a reason: %.60s", async (body, message) => {
  const response = await event(body);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect([response.status, error.code]).toEqual([400, "unreadable"]);
  expect(error.message).toContain(message);
});

test("an event that cannot be stored is not acknowledged", async () => {
  expect((await event('{"object":"order","keys":[{"orderNo":"1001"}]}')).status).toBe(503);
});

test.each([undefined, ""])("without a secret (%j) there is no address for events", async (secret) => {
  const settings = readEnv(configSchema, { ...nowhere, IFS_EVENT_SECRET: secret });
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  const connector = createConnector({ app: "service-app", settings: settings.value });
  const other = createApp(connector, settings.value).listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}/service/ifs-events`;
  const response = await fetch(address, { method: "POST", headers: { "x-ifs-event-secret": "" }, body: "{}" });
  expect(response.status).toBe(404);
  await new Promise((done) => other.close(done));
});

test("pages of configured storefronts may ask from the browser, others may not", async () => {
  const preflight = (origin: string) =>
    fetch(`${url}/atp`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
  const allowed = await preflight("https://b2b.example");
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://b2b.example");
  expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
});

test("the extension's secret may be several, of which the first is sent", () => {
  const [sent, former] = ["planted-secret-new-one", "planted-secret-old-one"];
  const settings = readEnv(configSchema, { ...nowhere, ATP_EXTENSION_SECRET: `${sent}, ${former}` });
  expect(settings.ok && settings.value.ATP_EXTENSION_SECRET).toEqual([sent, former]);
});

test.each([
  ["ALLOWED_ORIGINS", "https://shop.example/path"],
  ["ATP_EXTENSION_SECRET", "short"],
  ["ATP_EXTENSION_SECRET", "planted-secret-of-sixteen,short"],
  ["ATP_EXTENSION_SECRET", " , "],
  ["ATP_STOREFRONT_KEYS", "planted-storefront-key-0123456"],
  ["ATP_STOREFRONT_KEYS", "planted storefront key with spaces 0123456789"],
  [
    "ATP_STOREFRONT_KEYS",
    Array.from({ length: 6 }, (_, index) => `${index}-planted-storefront-key-0123456789`).join(","),
  ],
  ["TRUSTED_PROXIES", "-1"],
  ["IFS_EVENT_SECRET", "short"],
  ["IFS_EVENT_SECRET", "planted-secret,with-a-comma"],
  ["IFS_EVENT_SECRET", "planted-secret:with-a-colon"],
  ["ENTRY_POINT_URI_PATH", "IFS Cloud"],
  ["CTP_SESSION_URL", "session"],
])("%s = %s is not accepted, and a secret is not repeated", (key, value) => {
  const settings = readEnv(configSchema, { ...nowhere, [key]: value });
  if (settings.ok) throw new Error("it was accepted");
  expect(settings.error.map((finding) => finding.key)).toEqual([key]);
  if (/SECRET|KEYS/.test(key)) expect(JSON.stringify(settings.error)).not.toContain(value);
});
