import { describe, expect, it } from "vitest";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;

const sync = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });

const aSite = () => {
  const world = createWorld();
  for (const [sku, quantity] of Object.entries({ BOLT: 12, NUT: 9 })) {
    world.happen.sku(sku);
    world.happen.stock(sku, quantity);
  }
  return world;
};
const shown = (world: World) => [world.quantityOf("BOLT"), world.quantityOf("NUT")];

describe("a site that IFS shows nothing of", () => {
  it("is named when it was never seen, and its stock comes in the minute the grant is there", async () => {
    const world = aSite();
    world.knobs.siteHidden = true;
    expect(await sync(world)).toMatchObject({ changed: 0, failed: 1, message: expect.stringContaining("site S1") });
    expect([shown(world), world.codes()]).toEqual([[undefined, undefined], ["stockAnomaly: sight S1"]]);
    world.knobs.siteHidden = false;
    world.happen.wait(MINUTE);
    expect(await sync(world)).toMatchObject({ failed: 0 });
    expect([shown(world), world.codes()]).toEqual([[12, 9], []]);
  });

  it.each(["delta", "full"] as const)(
    "is named when the grant is lost (%s), and what moved meanwhile is caught up",
    async (mode) => {
      const world = aSite();
      await sync(world);
      world.happen.wait(MINUTE);
      await sync(world);
      world.knobs.siteHidden = true;
      for (let run = 0; run < 20; run += 1) {
        world.happen.wait(MINUTE);
        if (run === 1) world.happen.count("NUT", 4);
        expect(await sync(world, { mode })).toMatchObject({ changed: 0, failed: 1 });
      }
      expect([shown(world), world.codes()]).toEqual([[12, 9], ["stockAnomaly: sight S1"]]);
      world.knobs.siteHidden = false;
      world.happen.wait(MINUTE);
      await sync(world);
      expect([shown(world), world.codes()]).toEqual([[12, 4], []]);
    },
  );

  it("is not taken for one where nothing moves, nor for one without stock", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    await sync(world);
    world.happen.wait(MINUTE);
    expect(await sync(world)).toMatchObject({ failed: 0 });
    expect(world.codes()).toEqual([]);
  });
});
