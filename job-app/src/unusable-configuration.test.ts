/** A configuration that cannot be used stops every flow, and must not keep a dead check at order creation alive: every order fails by it. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnector } from "core/compose/connector.ts";
import { createDocuments } from "core/ct/documents.ts";
import { isParked } from "core/ct/resources-extension.ts";
import { createPlatform, silent } from "core/ct/testing/platform.ts";
import { readEnv } from "core/runtime/env.ts";
import { afterEach, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => (server ? server.close(() => done()) : done())));

const SERVICE = "https://service.test/service";

async function start({ failing = "nothing" } = {}) {
  const told: string[] = [];
  const platform = createPlatform();
  const settings = readEnv(configSchema, {
    CTP_API_URL: "https://api.test",
    CTP_AUTH_URL: "https://auth.test",
    CTP_PROJECT_KEY: "shop",
    CTP_CLIENT_ID: "id",
    CTP_CLIENT_SECRET: "planted-secret",
    IFS_BASE_URL: "https://ifs.test",
    IFS_TOKEN_URL: "https://ifs.test/token",
    IFS_CLIENT_ID: "id",
    IFS_CLIENT_SECRET: "planted-secret",
  });
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  const connector = createConnector({
    app: "job-app",
    settings: settings.value,
    ctReadRetries: 0,
    logger: { ...silent, warn: (_, event) => told.push(event) },
    fetch: async (input, init = {}) => {
      if (String(input).startsWith(SERVICE) || String(input).includes(failing)) throw new TypeError("fetch failed");
      return platform.fetch(String(input), init);
    },
  });
  const { ct, store } = connector;
  for (const key of ["ifs-link", "ifs-claim", "ifs-return"]) platform.seed("channels", { key });
  await store.activation.stamp("2026-01-01T00:00:00.000Z");
  await store.serviceUrl.write(SERVICE);
  // Of another release: nobody could push it.
  const documents = createDocuments(ct);
  await documents.write("ifs-connector-config-versions", "v000001", { json: '{"schemaVersion":99}' });
  await documents.write("ifs-connector-config", "active", { version: 1 });
  platform.seed("extensions", {
    key: "ifs-connector-atp",
    destination: { type: "HTTP", url: `${SERVICE}/extension` },
    triggers: [{ resourceTypeId: "order", actions: ["Create"], condition: "lineItems is defined" }],
    timeoutInMs: 2000,
  });
  const listening = createApp(connector).listen(0, "127.0.0.1");
  server = listening;
  await new Promise((done) => listening.once("listening", done));
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/job`;
  return {
    tick: async () => (await fetch(url, { method: "POST" })).status,
    isArmed: async () => {
      const [found] = (await ct.root.extensions().get().execute()).body.results;
      return found !== undefined && !isParked(found);
    },
    warned: () => told,
    told: async () => (await store.exceptions.list(10)).rows.map(({ code }) => code).sort(),
  };
}

test("a dead service-app is disarmed by three ticks all the same, and people are told of both", async () => {
  const { tick, isArmed, told } = await start();
  expect([await tick(), await tick()]).toEqual([500, 500]);
  expect([await isArmed(), await told()]).toEqual([true, ["configurationUnusable"]]);
  expect(await tick()).toBe(500);
  expect([await isArmed(), await told()]).toEqual([false, ["checkoutGuardOff", "configurationUnusable"]]);
});

test("where the check cannot be looked at either, the tick tells of the configuration, and the log of both", async () => {
  const { tick, told, warned } = await start({ failing: "/extensions" });
  expect([await tick(), await told()]).toEqual([500, ["configurationUnusable"]]);
  expect(warned()).toContain("extension-not-watched");
});
