import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnector } from "core/compose/connector.ts";
import { readEnv } from "core/runtime/env.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

/** Both systems are down: nobody listens on port 9. */
const nowhere = {
  CTP_API_URL: "http://127.0.0.1:9",
  CTP_AUTH_URL: "http://127.0.0.1:9",
  CTP_PROJECT_KEY: "shop",
  CTP_CLIENT_ID: "id",
  CTP_CLIENT_SECRET: "planted-secret",
  IFS_BASE_URL: "http://127.0.0.1:9",
  IFS_TOKEN_URL: "http://127.0.0.1:9/token",
  IFS_CLIENT_ID: "id",
  IFS_CLIENT_SECRET: "planted-secret",
  LOG_LEVEL: "error",
};

let server: Server;
let url: string;
beforeAll(async () => {
  const settings = readEnv(configSchema, nowhere);
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  const connector = createConnector({ app: "job-app", settings: settings.value, ctReadRetries: 0 });
  server = createApp(connector).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

test("the process is healthy while both systems are down", async () => {
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("a tick that cannot read its state says so, whatever the body", async () => {
  for (const body of ["", "{}", '{"flow":"everything"}']) {
    const response = await fetch(`${url}/job`, { method: "POST", body });
    expect([body, response.status]).toEqual([body, 503]);
    expect(await response.json()).toEqual({ error: { code: "unavailable", message: "try again later" } });
  }
});
