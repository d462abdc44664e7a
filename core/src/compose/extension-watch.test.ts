import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { extensionKey } from "../ct/resources-extension.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { flowNames } from "../domain/records.ts";
import { trackExceptions } from "../flows/exception-tracker.ts";
import { systemClock } from "../runtime/clock.ts";
import { watchExtension } from "./extension-watch.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const configOf = (extension: "off" | "armed") =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "101", orderType: "WEB", coordinator: "C", customerNo: "W", addressNo: "1" },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    atp: { extension },
  });

/** A project with the Extension, and a service that answers its health path with `statuses` in turn (the last one for ever). */
async function project(statuses: number[]) {
  const server = createServer((_request, response) => {
    response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 500;
    response.end("{}");
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service`;
  const { ct } = clientOf(createPlatform());
  const clock = { ...systemClock, sleep: async () => {} };
  const store = createStore(ct, clock);
  await store.serviceUrl.write(url);
  const body = {
    key: extensionKey,
    destination: {
      type: "HTTP" as const,
      url: `${url}/extension`,
      authentication: { type: "AuthorizationHeader" as const, headerValue: "not-a-secret-of-anybody" },
    },
    triggers: [{ resourceTypeId: "order" as const, actions: ["Create" as const] }],
  };
  await ct.root.extensions().post({ body }).execute();
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const installed = async () => (await ct.root.extensions().get().execute()).body.results.map(({ key }) => key);
  const watch = (extension: "off" | "armed") =>
    watchExtension({ ct, store, clock, logger: quiet }, { config: configOf(extension) });
  return { store, installed, watch };
}

test("an armed extension stays while the service answers, also after one bad moment", async () => {
  const { installed, watch } = await project([200]);
  await watch("armed");
  expect(await installed()).toEqual([extensionKey]);
  const restarted = await project([503, 200]);
  await restarted.watch("armed");
  expect(await restarted.installed()).toEqual([extensionKey]);
});

test("it is taken away when the service is gone, and people are told until it is back or no longer wanted", async () => {
  const { installed, watch, store } = await project([503]);
  await watch("armed");
  expect(await installed()).toEqual([]);
  const { rows } = await store.exceptions.list(10);
  expect(rows.map(({ code, owner }) => [code, owner])).toEqual([["checkoutGuardOff", "operator"]]);
  await watch("armed");
  expect((await store.exceptions.list(10)).total).toBe(1);
  await watch("off");
  expect((await store.exceptions.list(10)).total).toBe(0);
});

test("no run of a flow closes the message of the guard", async () => {
  const { watch, store } = await project([503]);
  await watch("armed");
  for (const flow of flowNames) {
    const tracker = await trackExceptions(store.exceptions, { flow, now: Date.now() });
    await tracker.settle({ complete: true });
  }
  expect((await store.exceptions.list(10)).total).toBe(1);
});

test("it is taken away when the configuration no longer arms it", async () => {
  const { installed, watch, store } = await project([200]);
  await watch("off");
  expect(await installed()).toEqual([]);
  expect((await store.exceptions.list(10)).total).toBe(0);
});
