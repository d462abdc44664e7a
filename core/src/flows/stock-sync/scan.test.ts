/** A full run looks at everything for little, and writes by nothing that it saw that way. */
import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { ScannedPage, StockSyncDeps } from "./deps.ts";
import { runStockSync } from "./run.ts";
import { withoutChanges } from "./testing/started.ts";
import { createWorld, type World } from "./testing/world.ts";

const HOUR = 3_600_000;
const named = (index: number): string => `P${String(index).padStart(4, "0")}`;

async function synced(count: number): Promise<World> {
  const world = createWorld();
  for (let index = 0; index < count; index += 1) {
    world.happen.sku(named(index));
    world.happen.stock(named(index), 10);
  }
  await full(world);
  world.happen.wait(2 * HOUR);
  return world;
}

const full = (world: World, deps: StockSyncDeps = world.deps) =>
  runStockSync(deps, { now: world.time.now, mode: "full" });

/** Of the calls of one full run without changes that a delta would find. */
async function callsOf(world: World, deps: StockSyncDeps = world.deps): Promise<string[]> {
  const before = world.calls.length;
  await full(world, { ...deps, changedParts: async () => ({ keys: [], handled: async () => {} }) });
  return world.calls.slice(before);
}

/** The scan as the world shows it, with pages of somebody's own making. */
const scanning = ({ deps }: World, change: (page: ScannedPage) => ScannedPage): StockSyncDeps => ({
  ...deps,
  scanSite(contract, from) {
    const scan = deps.scanSite(contract, from);
    return {
      async next() {
        const page = await scan.next();
        return page && change(page);
      },
    };
  },
});

describe("a full run", () => {
  it("asks for nothing by its key where nothing differs", async () => {
    const world = await synced(450);
    const calls = await callsOf(world);
    expect(calls.filter((call) => ["stockRows", "openDemand", "bySkus", "salesPartsOf"].includes(call))).toEqual([]);
    expect(calls.filter((call) => call === "glance").length).toBe(3);
    expect(calls.filter((call) => ["update", "create"].includes(call))).toEqual([]);
  });

  it("reads again what differs, in the order of a write: demand, stock, entries, orders", async () => {
    const world = await synced(450);
    world.happen.edit(named(7), 3);
    const calls = await callsOf(world);
    const from = calls.indexOf("openDemand");
    const order = calls.slice(from).filter((call) => /openDemand|stockRows|bySkus|ordersPage|update/.test(call));
    expect(order.slice(0, 5)).toEqual(["openDemand", "stockRows", "bySkus", "ordersPage", "update"]);
    expect(world.quantityOf(named(7))).toBe(10);
  });

  it("writes nothing by what a scan shows wrongly", async () => {
    const world = await synced(450);
    const deps = scanning(world, (page) => ({
      ...page,
      rows: page.rows.map((row) => ({ ...row, qtyOnhand: decimal(99) })),
    }));
    const calls = await callsOf(world, deps);
    expect(calls.filter((call) => ["update", "create"].includes(call))).toEqual([]);
    expect([world.quantityOf(named(0)), world.quantityOf(named(449))]).toEqual([10, 10]);
  });

  it("takes rows that a scan does not show for no empty shelf", async () => {
    const world = await synced(450);
    const calls = await callsOf(
      world,
      scanning(world, (page) => ({ ...page, rows: [] })),
    );
    expect(calls.filter((call) => call === "update")).toEqual([]);
    expect(world.quantityOf(named(3))).toBe(10);
  });

  it("names entries without a sales part, and asks for no others", async () => {
    const world = await synced(600);
    await world.deps.inventory.create({
      sku: "GONE",
      supplyChannel: { typeId: "channel", id: "id-web" },
      quantityOnStock: 4,
    });
    await full(world);
    expect(world.codes()).toEqual(["unmappedSku: GONE"]);
    const asked: string[] = [];
    const { salesParts } = world.deps.parts;
    const parts: StockSyncDeps["parts"] = {
      ...world.deps.parts,
      async salesParts(contract, catalogNos) {
        asked.push(...catalogNos);
        return salesParts(contract, catalogNos);
      },
    };
    await callsOf(world, { ...world.deps, parts });
    expect(asked).toEqual(["GONE"]);
  });

  it("counts what it looked at once, whether it was read again or not", async () => {
    const world = await synced(450);
    for (const index of [3, 300]) world.happen.edit(named(index), 3);
    const told: { read: number; changed: number; unchanged: number; written: number }[] = [];
    await runStockSync(withoutChanges(world), {
      now: world.time.now,
      mode: "full",
      progress: async ({ read, changed, unchanged, written }) => void told.push({ read, changed, unchanged, written }),
    });
    expect(told.at(-1)).toEqual({ read: 450, changed: 2, unchanged: 448, written: 2 });
    expect(world.cursor("stock-site-S1")).toMatchObject({ entries: 450 });
  });
});
