/** The doctor behind service-app's door for the Merchant Center, with both systems and the gateway's signature. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DoctorView } from "../../core/src/compose/doctor.ts";
import { assemble } from "../../core/src/compose/start.ts";
import { createCt } from "../../core/src/ct/client.ts";
import { createStore } from "../../core/src/ct/store.ts";
import { systemClock } from "../../core/src/runtime/clock.ts";
import { type MerchantCenter, startMerchantCenter } from "../../sandbox/merchant-center/merchant-center.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { serviceApp } from "../../service-app/src/app.ts";
import { access, admin, closeSandboxes, connection, openSandboxes, resetIfs, SECRET, shop } from "./doctor-fixture.ts";

const logger = { info: () => {}, warn: () => {}, error: () => {} };
let merchantCenter: MerchantCenter;
let running: { server: Server; url: string; calls: string[]; stop: () => Promise<void> };

/** A fresh process, so to speak: its own budget, its own remembered report. */
async function startService() {
  const calls: string[] = [];
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
  });
  const { connector, server: app } = assemble(serviceApp, settings, {
    logger,
    fetch: (input, init) => {
      if (String(input).startsWith(baseUrl)) calls.push(`${init?.method ?? "GET"} ${String(input)}`);
      return fetch(input, init);
    },
  });
  // As a service that was started: it knows its share of IFS before anybody asks. The default would make each report wait 15 seconds.
  await connector.active();
  connector.budget.start();
  const server = app.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await store().serviceUrl.write(`${url}/service`);
  const stop = async () => {
    await new Promise((done) => server.close(done));
    await connector.budget.stop();
  };
  return { server, url, calls, stop };
}
const store = () => createStore(createCt({ ...access(), logger }), systemClock);

beforeAll(async () => {
  await openSandboxes();
  merchantCenter = await startMerchantCenter({
    port: 0,
    appDir: ".",
    commercetoolsUrl: shop.url,
    projectKey: SHOP_PROJECT_KEY,
    entryPointUriPath: "ifs-cloud",
  });
});
afterAll(async () => {
  await merchantCenter.close();
  await closeSandboxes();
});
beforeEach(async () => {
  await resetIfs();
  running = await startService();
  return running.stop;
});

const PATH = "/service/mc/doctor";

async function ask(permissions: string[] | undefined, method = "GET", path = PATH) {
  const claims = {
    userId: "u1",
    projectKey: SHOP_PROJECT_KEY,
    audience: running.url + path.replace(/\?.*/, ""),
    permissions,
  };
  const signed = await fetch(`${merchantCenter.issuer}/sandbox/token`, {
    method: "POST",
    body: JSON.stringify(claims),
  });
  const { token } = (await signed.json()) as { token: string };
  return fetch(running.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "x-mc-api-cloud-identifier": "gcp-eu",
      "x-mc-api-forward-to-version": "v2",
    },
  });
}

/** As the page does: asks again while a run is under way. */
async function report(path = PATH): Promise<DoctorView> {
  for (;;) {
    const answer = await ask(["viewIfsCloud"], "GET", path);
    expect(answer.status).toBe(200);
    const view = (await answer.json()) as DoctorView;
    if (view.report) return view;
    expect(view).toEqual({ running: true, ageSeconds: null, report: null });
  }
}

test("a viewer gets the command's own report; nobody else gets anything, and IFS is asked for nothing then", async () => {
  expect((await fetch(running.url + PATH)).status).toBe(401);
  expect((await ask([])).status).toBe(403);
  expect(running.calls).toEqual([]);
  const view = await report();
  expect(view).toMatchObject({
    running: false,
    report: { projectKey: SHOP_PROJECT_KEY, configuration: "version 1", errors: 0, warnings: 0 },
  });
  expect(view.report?.seen).toContain("IFS sites shown: 101, 102, 201");
});

test("three at a time are one run, and the next minute asks IFS nothing", async () => {
  await Promise.all([report(), report(), report()]);
  const once = running.calls.length;
  expect(running.calls.filter((call) => call.includes("/SitesHandling.svc/$metadata")).length).toBe(1);
  const again = await report();
  expect(running.calls.length).toBe(once);
  expect(again.ageSeconds).toBeGreaterThanOrEqual(0);
});

test("it reads, whatever it is asked", async () => {
  await report(`${PATH}?write-probe=true&company=10&yes=true`);
  expect((await ask(["viewIfsCloud", "manageIfsCloud"], "POST")).status).toBe(404);
  const writes = running.calls.filter((call) => !call.startsWith("GET "));
  expect([...new Set(writes)]).toEqual([`POST ${connection().tokenUrl}`]);
});

test("before a configuration was pushed", async () => {
  const path = "/custom-objects/ifs-connector-config/active";
  const { value } = await admin.get(path);
  await admin.delete(path);
  const view = await report();
  await admin.post("/custom-objects", { container: "ifs-connector-config", key: "active", value });
  expect(view.report?.configuration).toBe("none");
  const errors = view.report?.findings.filter(({ severity }) => severity === "error").map(({ check }) => check);
  expect(errors).toEqual(["ct.configuration"]);
  expect(view.report?.seen.some((line) => line.startsWith("IFS token: accepted"))).toBe(true);
});
