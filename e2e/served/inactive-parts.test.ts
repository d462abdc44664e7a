/** A sales part that becomes inactive, and active again: what runs over the changes see of it by the strategy that watches sales parts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stockDeps } from "../../core/src/compose/flows.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import { runStockSync } from "../../core/src/flows/stock-sync/run.ts";
import { createIfsAdapter } from "../../core/src/ifs/adapter.ts";
import { connection, ifs, shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

const SITE = "101";
/** Sold by the piece, each by one SKU. Nothing of them has moved for days, and nobody has ordered them. */
const [WATCHED, LEFT] = ["HN.M5.A2", "HN.M5.A4"] as const;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
});
afterAll(() => bench.close());

/** A connector that watches sales parts so; its runs. */
function watching(salesParts: "full" | "etagSweep") {
  const { connector, active } = bench;
  const raw = active.config;
  const config = connectorConfigSchema.parse({
    ...raw,
    schedules: { ...raw.schedules, stockFullSeconds: 86_400 },
    ifs: { ...raw.ifs, changes: { ...raw.ifs.changes, salesParts: { strategy: salesParts } } },
  });
  const adapter = createIfsAdapter({ connection: connection(), config, clock: connector.clock, logger: silent });
  const deps = stockDeps(connector, { ...active, config, ifs: adapter });
  return (mode: "delta" | "full" = "delta") => runStockSync(deps, { now: Date.now(), mode });
}

function setActive(part: string, active: boolean): void {
  const table = ifs.model.world().table("SalesPart");
  const row = table.get(SITE, part);
  if (!row) throw new Error(`no sales part ${part}`);
  table.update(row, { Activeind: active ? "ActivePart" : "InactivePart" });
}

function shown(sku: string): number | undefined {
  const channel = shop.model.world.collection("channel").findUnique("key", "hamburg");
  for (const entry of shop.model.world.collection("inventory-entry").values()) {
    const row = entry as unknown as { sku: string; quantityOnStock: number; supplyChannel?: { id: string } };
    if (row.sku === sku && row.supplyChannel?.id === channel?.id) return row.quantityOnStock;
  }
  return undefined;
}

const fullRunAt = async (): Promise<unknown> =>
  ((await bench.connector.store.cursors.read(`stock-site-${SITE}`))?.value as { fullFinishedAt?: number } | undefined)
    ?.fullFinishedAt;

test("etagSweep: the next run over the changes empties its entry, and fills it again, without a full run", async () => {
  const run = watching("etagSweep");
  await run("full");
  await run();
  const [before, fullAt] = [shown(WATCHED) ?? 0, await fullRunAt()];
  expect(before).toBeGreaterThan(0);
  setActive(WATCHED, false);
  expect(await run()).toMatchObject({ changed: 1, failed: 0 });
  expect(shown(WATCHED)).toBe(0);
  setActive(WATCHED, true);
  expect(await run()).toMatchObject({ changed: 1, failed: 0 });
  expect([shown(WATCHED), (await run()).changed, await fullRunAt()]).toEqual([before, 0, fullAt]);
});

test("as delivered a run over the changes does not see it where nothing else of the part moves, and the next full run does", async () => {
  const run = watching("full");
  await run("full");
  const before = shown(LEFT);
  setActive(LEFT, false);
  await run();
  expect([before === 0, shown(LEFT)]).toEqual([false, before]);
  await run("full");
  expect(shown(LEFT)).toBe(0);
});
