import { describe, expect, it } from "vitest";
import type { Sku } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;

const sync = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });

/** A site with the given on-hand quantities, synchronised once. */
async function started(stock: Record<string, number>) {
  const world = createWorld();
  for (const [sku, quantity] of Object.entries(stock)) {
    world.happen.sku(sku);
    world.happen.stock(sku, quantity);
  }
  await sync(world);
  world.happen.wait(MINUTE);
  return world;
}

describe("open demand that can't be seen any more", () => {
  const withDemand = async () => {
    const world = await started({ BOLT: 12, NUT: 9 });
    world.happen.ifsOrder("TEL-1", "BOLT", 5);
    await sync(world);
    world.happen.wait(MINUTE);
    return world;
  };
  const shown = (world: World) => [world.quantityOf("BOLT"), world.quantityOf("NUT")];

  it("raises nothing, lowers what is less, and says so until it is back", async () => {
    const world = await withDemand();
    world.knobs.demandHidden = true;
    world.happen.count("NUT", 3);
    expect(await sync(world)).toMatchObject({ changed: 1, failed: 1 });
    expect([shown(world), world.codes()]).toEqual([[7, 3], ["stockAnomaly: demand S1"]]);
    world.happen.wait(MINUTE);
    world.happen.count("NUT", 20);
    await sync(world, { mode: "full" });
    await sync(world, { only: { skus: ["NUT" as Sku, "BOLT" as Sku] } });
    expect([shown(world), world.codes()]).toEqual([[7, 3], ["stockAnomaly: demand S1"]]);
    world.knobs.demandHidden = false;
    world.happen.wait(MINUTE);
    expect(await sync(world)).toMatchObject({ failed: 0 });
    expect([shown(world), world.codes()]).toEqual([[7, 20], []]);
  });

  it("is noticed in the middle of a run, too", async () => {
    const world = await withDemand();
    world.interfere((call) => {
      if (call === "openDemand") world.knobs.demandHidden = true;
    });
    await sync(world);
    expect([shown(world), world.codes()]).toEqual([[7, 9], ["stockAnomaly: demand S1"]]);
  });

  it("is not taken for demand that ended: its order tells", async () => {
    const world = await withDemand();
    world.happen.cancelInIfs("TEL-1");
    world.calls.length = 0;
    await sync(world);
    expect([shown(world), world.codes()]).toEqual([[12, 9], []]);
    expect(world.calls.filter((call) => call === "orderLinesVisible")).toEqual([]);
  });

  it("nor for an order that was deleted, while other lines of the site are visible", async () => {
    const world = await withDemand();
    world.happen.ifsOrder("OLD-1", "NUT", 1);
    world.happen.cancelInIfs("OLD-1");
    world.happen.deleteInIfs("TEL-1");
    await sync(world);
    expect([shown(world), world.codes()]).toEqual([[12, 9], []]);
  });

  it("is told by a linked order even where the last run knew of no demand", async () => {
    const world = await started({ BOLT: 12 });
    const order = world.happen.sale("BOLT", 4) ?? "";
    world.happen.commit(order);
    world.happen.link(order);
    // Read before the figures, and hidden from then on.
    world.interfere((call) => {
      if (call === "changedParts") world.knobs.demandHidden = true;
    });
    world.happen.count("BOLT", 30);
    await sync(world);
    expect([world.quantityOf("BOLT"), world.codes()]).toEqual([8, ["stockAnomaly: demand S1"]]);
  });
});
