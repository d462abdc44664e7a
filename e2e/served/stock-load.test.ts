/** A channel that is not live is filled through the Import API of the served model, and the ordinary flow leaves it alone. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runStockCommand } from "../../core/src/compose/stock-command.ts";
import { importUrlOf, loadStock } from "../../core/src/compose/stock-look.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../../core/src/domain/config.ts";
import { num, text } from "../../sandbox/ifs/rows.ts";
import { sellable } from "../../sandbox/ifs/sellable.ts";
import { declaredScopes, ifs, SECRET, shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

const CHANNEL = "hamburg";

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
  // The applications need no imports: whoever loads a channel brings a client for it.
  shop.model.auth.addClient({ id: "loader", secret: SECRET, scopes: [...declaredScopes, "manage_import_containers"] });
});
afterAll(() => bench.close());

function notLive(config: ConnectorConfig): ConnectorConfig {
  const pools = config.stock.pools.map((pool) => ({
    ...pool,
    channels: pool.channels.map((channel) => ({ ...channel, live: channel.supplyChannel !== CHANNEL })),
  }));
  return connectorConfigSchema.parse({ ...config, stock: { ...config.stock, pools } });
}

async function load(config: ConnectorConfig): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const { active } = bench;
  const connector = { ...bench.connector, settings: { ...bench.connector.settings, CTP_CLIENT_ID: "loader" } };
  const status = await runStockCommand(["load", CHANNEL], {
    print: (line) => void lines.push(line),
    complain: () => {},
    sync: () => Promise.reject(new Error("nothing is synchronised here")),
    release: () => Promise.reject(new Error("nothing is released here")),
    load: (channel, progress) =>
      loadStock(connector, { ...active, config }, { channel, importUrl: importUrlOf(shop.url), progress }),
  });
  return { status, lines };
}

type Entry = {
  readonly key?: string;
  readonly sku: string;
  readonly version: number;
  readonly quantityOnStock: number;
};

function entriesOf(channelKey: string): Entry[] {
  const channel = shop.model.world.collection("channel").findUnique("key", channelKey);
  return [...shop.model.world.collection("inventory-entry").values()].flatMap((entry) => {
    const { supplyChannel, ...rest } = entry as unknown as Entry & { supplyChannel?: { id: string } };
    return supplyChannel?.id === channel?.id ? [rest] : [];
  });
}

/** Sales units that the site can still sell, by IFS's own rows. The pool has no buffer, and its only channel the whole of it. */
function promised(site: string, sku: string): number {
  const parts = [...(ifs.model.world().table("SalesPart").find("CatalogNo", sku) ?? [])];
  const part = parts.find((row) => text(row, "Contract") === site);
  if (!part) throw new Error(`IFS has no sales part ${sku} at ${site}`);
  return Math.floor(sellable(ifs.model, site, text(part, "PartNo")) / num(part, "ConvFactor").toNumber());
}

test("the entries are created by the Import API, with what IFS can promise, and a second load finds nothing to do", async () => {
  const config = notLive(bench.active.config);
  const before = entriesOf(CHANNEL).length;
  expect(await load(bench.active.config).catch((error: Error) => error.message)).toContain("is live");
  shop.model.journal.length = 0;
  const { status, lines } = await load(config);
  const created = entriesOf(CHANNEL).filter(({ key, version }) => key?.startsWith("inv-") && version === 1);
  expect([status, created.length > 0]).toEqual([0, true]);
  expect(entriesOf(CHANNEL).length).toBe(before + created.length);
  expect(created.map(({ sku, quantityOnStock }) => [sku, quantityOnStock])).toEqual(
    created.map(({ sku }) => [sku, promised("101", sku)]),
  );
  expect(created.filter(({ quantityOnStock }) => quantityOnStock > 0).length).toBeGreaterThan(created.length / 2);
  expect(lines.at(-1)).toContain(`Supply channel ${CHANNEL}: ${created.length} entries handed over`);
  const posts = shop.model.journal.filter(({ method, path }) => method === "POST" && /\/inventor/.test(path));
  expect(posts.map(({ path }) => path.split("/").slice(2, 4).join("/"))).toEqual(
    Array(Math.ceil(created.length / 20)).fill("inventories/import-containers"),
  );
  expect((await load(config)).lines.at(-1)).toContain("0 entries handed over, 0 moved, 0 findings");
});

test("an API client without the scope of imports is told which one it needs, and nothing is handed over", async () => {
  const refused = loadStock(
    bench.connector,
    { ...bench.active, config: notLive(bench.active.config) },
    { channel: CHANNEL, importUrl: shop.url, progress: () => {} },
  );
  await expect(refused).rejects.toThrow("manage_import_containers");
});
