/** A shop with orders that nobody has exported yet, event-app from its bundle, and both models with the latencies of a real tenant. */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { createCt } from "../core/src/ct/client.ts";
import { createStore } from "../core/src/ct/store.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../core/src/domain/config.ts";
import { systemClock } from "../core/src/runtime/clock.ts";
import { createApi } from "../sandbox/commercetools/api-caller.ts";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { parts } from "../sandbox/seed/ifs-parts.ts";
import { anyPorts, PROJECT_KEY, type Stack, startStack } from "../scripts/stack.ts";
import { shopper } from "../scripts/story.ts";
import { control, delayed, type Latency } from "./controls.ts";

export type Push = { readonly orderId: string; readonly body: string };
/** `ifsByName`: "POST CustomerOrderHandling/$batch" -> count. */
export type Requests = { readonly ct: number; readonly ifs: number; readonly ifsByName: ReadonlyMap<string, number> };

export type OrderWorld = {
  readonly eventUrl: string;
  /** Places orders of 1 to 8 lines; the pushes that the platform sends for them. */
  place(count: number): Promise<Push[]>;
  /** Both ends answer as late as that from now on. */
  delay(latency: Latency): Promise<void>;
  configure(change: { readonly release: boolean; readonly budget: number }): Promise<void>;
  /** The connector's requests so far, by both models' own records. */
  requests(): Promise<Requests>;
  /** Of the orders: those that are not in IFS and linked, and those that are there more than once. */
  outcome(orderIds: readonly string[]): Promise<{ lost: number; duplicates: number }>;
  rssMb(): number;
  close(): Promise<void>;
};

const SECRET = "sandbox-secret";
const LINES = 8;
/** One site, pieces: what a shop sells most. */
const skus = parts
  .filter(({ type, sites, convFactor }) => type === "inventory" && sites.includes("101") && convFactor === "1")
  .slice(0, 40)
  .map(({ catalogNo }) => catalogNo);

export async function openOrderWorld(root: string, say: (line: string) => void): Promise<OrderWorld> {
  const stack = await startStack({
    root,
    ports: anyPorts,
    logDir: join(root, "artifacts", "bench"),
    progress: say,
    merchantCenter: false,
    announce: false,
    apps: ["event-app"],
  });
  const sink = await openSink();
  try {
    await control(stack.urls.commercetools, "POST", "push/endpoint", { topic: "connector-events", url: sink.url });
    await stack.script("event-app", "post-deploy");
    return await worldOf(stack, sink);
  } catch (error) {
    sink.close();
    await stack.stop();
    throw error;
  }
}

async function worldOf(stack: Stack, sink: Sink): Promise<OrderWorld> {
  const { urls, root } = stack;
  const configFile = parse(await readFile(join(root, "sandbox", "connector-config.yaml"), "utf8"));
  const config = connectorConfigSchema.parse(configFile);
  const ct = createCt({
    apiUrl: urls.commercetools,
    authUrl: urls.commercetools,
    projectKey: PROJECT_KEY,
    clientId: "admin",
    clientSecret: SECRET,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const store = createStore(ct, systemClock);
  const admin = createApi({
    url: urls.commercetools,
    projectKey: PROJECT_KEY,
    clientId: "admin",
    clientSecret: SECRET,
  });
  let started = false;
  return {
    eventUrl: urls.event,
    async place(count) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) ids.push(await placeOne(urls.commercetools, index));
      return sink.pushesOf(ids);
    },
    async delay(latency) {
      await delayed(urls.commercetools, latency.ct);
      await delayed(urls.ifs, latency.ifs);
    },
    async configure({ release, budget }) {
      await store.config.push(withLoad(config, release, budget));
      if (!started) await stack.startApp("event-app");
      started = true;
    },
    async requests() {
      const ofCt = await control<Record<string, number>>(urls.commercetools, "GET", "counters");
      const ofIfs = await control<Record<string, number>>(urls.ifs, "GET", "state/counters");
      // The parts of a batch are counted beside the batch, which is the one request.
      const sent = Object.entries(ofIfs).filter(([name]) => !name.startsWith("batch "));
      return {
        ct: ofCt.connector ?? 0,
        ifs: sent.reduce((sum, [, count]) => sum + count, 0),
        ifsByName: new Map(sent),
      };
    },
    async outcome(orderIds) {
      const inIfs = await control<{ externalRef: string | null; state: string }[]>(urls.ifs, "GET", "state/orders");
      const live = Map.groupBy(
        inIfs.filter(({ state }) => state !== "Cancelled"),
        ({ externalRef }) => externalRef ?? "",
      );
      const linked = new Set(await linkedOrders(admin));
      return {
        lost: orderIds.filter((id) => !live.has(id) || !linked.has(id)).length,
        duplicates: orderIds.filter((id) => (live.get(id)?.length ?? 0) > 1).length,
      };
    },
    rssMb: () => stack.app("event-app").peakMemoryMb() ?? Number.NaN,
    async close() {
      sink.close();
      await stack.stop();
    },
  };
}

const withLoad = (config: ConnectorConfig, release: boolean, budget: number): ConnectorConfig => ({
  ...config,
  orders: { ...config.orders, release, claimSeconds: 60, lateCommitWaitSeconds: 600 },
  ifs: { ...config.ifs, budget: { requestsPerMinute: budget, concurrency: 16 }, concurrency: 12 },
});

async function placeOne(url: string, index: number): Promise<string> {
  const lines = Array.from({ length: 1 + (index % LINES) }, (_, line) => ({
    sku: skus[(index * 7 + line) % skus.length] as string,
    quantity: 1 + ((index + line) % 3),
    externalPrice: 499 + ((index * 37 + line * 101) % 5000),
  }));
  const order = await placeOrder({
    url,
    projectKey: PROJECT_KEY,
    lines,
    country: shopper.country,
    currency: shopper.currency,
    customerEmail: shopper.customerEmail,
    shippingAddress: shopper.address,
    shippingMethodKey: shopper.shippingMethodKey,
    inventoryMode: "None",
  });
  return String(order.id);
}

async function linkedOrders(admin: ReturnType<typeof createApi>): Promise<string[]> {
  const ids: string[] = [];
  const channels = (await admin.get("/channels", { where: 'key = "ifs-link"' })).results as { id: string }[];
  const link = channels[0]?.id;
  for (let after = ""; ; ) {
    const page = await admin.get("/orders", {
      ...(after !== "" && { where: `id > "${after}"` }),
      sort: "id asc",
      limit: "500",
    });
    const rows = page.results as { id: string; syncInfo: { channel: { id: string } }[] }[];
    ids.push(...rows.filter(({ syncInfo }) => syncInfo.some(({ channel }) => channel.id === link)).map(({ id }) => id));
    const last = rows.at(-1);
    if (!last || rows.length < 500) return ids;
    after = last.id;
  }
}

type Sink = { readonly url: string; pushesOf(ids: readonly string[]): Promise<Push[]>; close(): void };

/** Takes what the platform pushes, so that it can be pushed again at the time and in the number that the run wants. */
async function openSink(): Promise<Sink> {
  const created = new Map<string, string>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const { data } = (JSON.parse(body) as { message: { data: string } }).message;
      const notification = JSON.parse(Buffer.from(data, "base64").toString("utf8")) as Notification;
      if (notification.type === "OrderCreated") created.set(notification.resource.id, body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/event`,
    async pushesOf(ids) {
      const giveUpAt = performance.now() + 60_000;
      while (!ids.every((id) => created.has(id))) {
        if (performance.now() > giveUpAt) throw new Error("the platform did not announce every order within a minute");
        await sleep(50);
      }
      return ids.map((orderId) => ({ orderId, body: created.get(orderId) ?? "" }));
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Notification = { readonly type?: string; readonly resource: { readonly id: string } };
