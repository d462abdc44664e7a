/** A site whose stock has been synchronised, and what tests of runs do with it. */
import { runStockSync, type StockRunOptions } from "../run.ts";
import { createWorld, type World } from "./world.ts";

export const MINUTE = 60_000;

export const sync = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });

/** Synchronised once; what happens from here on is found by a run that reads only what changed. */
export async function settled(world: World): Promise<World> {
  await sync(world);
  world.happen.wait(20 * MINUTE);
  // Raw material that nobody sells moves on, so that the window of changes leaves the start behind.
  world.happen.stock("RAW-MATERIAL", 1);
  await sync(world);
  world.happen.wait(MINUTE);
  world.calls.length = 0;
  return world;
}

/** A site with the given on-hand quantities, synchronised once. */
export async function started(stock: Record<string, number>, world = createWorld()) {
  for (const [sku, quantity] of Object.entries(stock)) {
    world.happen.sku(sku);
    world.happen.stock(sku, quantity);
  }
  return settled(world);
}

/** Two channels on one pool. */
export const two = (raw: Record<string, unknown>) => {
  raw.stock = {
    pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }, { supplyChannel: "store" }] }],
  };
};

/** Nothing is announced, neither by IFS nor by commercetools: only full runs find something. */
export const withoutChanges = ({ deps }: World): World["deps"] => ({
  ...deps,
  changedParts: async () => ({ keys: [], handled: async () => {} }),
  inventory: { ...deps.inventory, async *modifiedSince() {} },
});
