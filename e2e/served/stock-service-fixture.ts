/** service-app's own routes behind a gateway that signs, between both served models, with pools that are told apart. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { scheduledFlows } from "../../core/src/compose/flows.ts";
import { assemble } from "../../core/src/compose/start.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { startMerchantCenter } from "../../sandbox/merchant-center/merchant-center.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import { serviceApp } from "../../service-app/src/app.ts";
import { closeSandboxes, config, connection, openSandboxes, SECRET, shop } from "./doctor-fixture.ts";

export const BUFFER = 3;
export const EXTENSION_SECRET = "0123456789abcdef";

/** Two large cuts in one run are too many. */
const configured = connectorConfigSchema.parse({
  ...config,
  stock: {
    ...config.stock,
    pools: [
      { name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg", buffer: BUFFER }] },
      ...config.stock.pools.filter(({ name }) => name !== "Hamburg"),
    ],
    bounds: { ...config.stock.bounds, largePercent: 10, maxCuts: 1 },
  },
});

export type StockService = Awaited<ReturnType<typeof openStockService>>;

type StockServiceOptions = {
  /** With the `port` that it was built for: a Merchant Center whose page can be opened. */
  readonly appDir?: string;
  readonly port?: number;
  /** Of everything that the service asks. */
  readonly fetch?: typeof globalThis.fetch;
};

export async function openStockService({ port = 0, appDir = ".", fetch }: StockServiceOptions = {}) {
  await openSandboxes();
  const merchantCenter = await startMerchantCenter({
    ...{ port, appDir, commercetoolsUrl: shop.url },
    projectKey: SHOP_PROJECT_KEY,
    entryPointUriPath: "ifs-cloud",
  });
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
    ATP_EXTENSION_SECRET: EXTENSION_SECRET,
    LOG_LEVEL: "error",
  });
  // The schedule's runs, which are another application's, are begun here through the same connector: they have longer.
  const app = assemble({ ...serviceApp, ctTimeoutMs: 20_000, ifsReadMs: () => 20_000 }, settings, fetch && { fetch });
  const { connector } = app;
  const server: Server = app.server.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await connector.store.serviceUrl.write(`${url}/service`);
  await connector.store.config.push(configured);
  connector.budget.start();
  return {
    merchantCenter,
    connector,
    url,
    /** A run of the schedule. */
    async run(now: number): Promise<void> {
      const flow = scheduledFlows(connector, await connector.active()).find((one) => one.flow === "stock-sync");
      await flow?.run(new Date(now), async () => {});
    },
    async close(): Promise<void> {
      await connector.life.end();
      await connector.budget.stop();
      await new Promise((done) => server.close(done));
      await merchantCenter.close();
      await closeSandboxes();
    },
  };
}

type Entry = { id: string; version: number; sku: string; quantityOnStock: number; supplyChannel?: { id: string } };

/** The entry of a SKU in Hamburg, from the platform itself. */
export function entryOf(sku: string): Entry | undefined {
  const channel = shop.model.world.collection("channel").findUnique("key", "hamburg");
  for (const entry of shop.model.world.collection("inventory-entry").values()) {
    const row = entry as unknown as Entry;
    if (row.sku === sku && row.supplyChannel?.id === channel?.id) return row;
  }
  return undefined;
}

/** What the shop shows of a SKU in Hamburg. */
export const shown = (sku: string): number | undefined => entryOf(sku)?.quantityOnStock;
