import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnector } from "core/compose/connector.ts";
import { subscribedMessages } from "core/ct/resources-subscription.ts";
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
  const connector = createConnector({ app: "event-app", settings: settings.value, ctReadRetries: 0 });
  server = createApp(connector).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

const push = (notification: unknown) => {
  const data = Buffer.from(JSON.stringify(notification)).toString("base64");
  return fetch(`${url}/event`, { method: "POST", body: JSON.stringify({ message: { data, messageId: "1" } }) });
};
const orderCreated = (projectKey: string) => ({
  notificationType: "Message",
  projectKey,
  id: "m1",
  version: 1,
  sequenceNumber: 1,
  resourceVersion: 1,
  type: "OrderCreated",
  resource: { typeId: "order", id: "8f1f5e1e-0000-4000-8000-000000000001" },
});

test("the process is healthy while both systems are down, and not ready", async () => {
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
});

test("what needs no other system is acknowledged: the subscription's test notification, another project's event", async () => {
  const created = { notificationType: "ResourceCreated", projectKey: "shop", version: 1 };
  expect((await push({ ...created, resource: { typeId: "subscription", id: "s1" } })).status).toBe(204);
  expect((await push(orderCreated("another-shop"))).status).toBe(204);
});

/** Nobody answers for either system: whoever asked one, or wrote anything, could not acknowledge. */
test("messages about inventory are acknowledged without a request, those of the connector's own writes among them", async () => {
  const inventory = { ...orderCreated("shop"), resource: { typeId: "inventory-entry", id: "e1" } };
  const ours = { lastModifiedBy: { isPlatformClient: false, clientId: nowhere.CTP_CLIENT_ID } };
  for (const type of ["InventoryEntryCreated", "InventoryEntryQuantitySet", "InventoryEntryDeleted"]) {
    const quantities = {
      oldQuantityOnStock: 5,
      newQuantityOnStock: 3,
      oldAvailableQuantity: 5,
      newAvailableQuantity: 3,
    };
    expect((await push({ ...inventory, ...quantities, type })).status).toBe(204);
    expect((await push({ ...inventory, ...quantities, ...ours, type })).status).toBe(204);
  }
});

test("the subscription asks for no message about inventory", () => {
  expect(subscribedMessages.map(({ resourceTypeId }) => resourceTypeId).sort()).toEqual([
    ...["business-unit", "customer", "order", "payment"],
  ]);
});

test("an order's event is refused while it cannot be read, so that it comes again; nothing of the inside is told", async () => {
  const response = await push(orderCreated("shop"));
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(JSON.parse(text)).toEqual({ error: { code: "unavailable", message: "try again later" } });
  expect(text).not.toContain("planted-secret");
});

test("an unreadable push that cannot be journaled is not acknowledged", async () => {
  const response = await fetch(`${url}/event`, { method: "POST", body: "{broken" });
  expect(response.status).toBe(503);
});
