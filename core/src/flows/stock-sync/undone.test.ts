/** What a person who has named SKUs is told of what was not written. */
import { expect, test } from "vitest";
import { ConflictError } from "../../domain/failure.ts";
import type { Sku } from "../../domain/ids.ts";
import { syncNamedSkus } from "./run.ts";
import { MINUTE, settled, sync, two } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const named = (world: World, ...skus: string[]) =>
  syncNamedSkus(world.deps, { skus: skus as Sku[], now: world.time.now });

async function stocked(stock: object, skus = ["BOLT", "NUT", "PIN"]): Promise<World> {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), ...stock };
    }),
  );
  for (const sku of skus) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5);
  }
  return settled(world);
}

test("what is held waits for a person and was refused by nobody", async () => {
  const world = await stocked({ maxZeros: 0 });
  world.happen.count("BOLT", 0);
  world.happen.count("NUT", 4);
  expect(await named(world, "BOLT", "NUT")).toMatchObject({ changed: 1, failed: 0, waiting: 1, elsewhere: 0 });
  // Once a scheduled run holds it, a named one does not begin with it.
  await sync(world);
  expect(await named(world, "BOLT")).toMatchObject({ changed: 0, failed: 0, waiting: 1, elsewhere: 0 });
});

test("an entry that others keep writing waits for a later run", async () => {
  const world = await stocked({});
  world.happen.count("BOLT", 4);
  const update: World["deps"]["inventory"]["update"] = async () => {
    throw new ConflictError("somebody else was faster");
  };
  const contested = { ...world.deps, inventory: { ...world.deps.inventory, update } };
  expect(await syncNamedSkus(contested, { skus: ["BOLT" as Sku], now: world.time.now })).toMatchObject({
    changed: 0,
    failed: 0,
    waiting: 1,
    elsewhere: 0,
  });
});

test("a raise that waits until another channel has come down was not done to its end", async () => {
  const world = createWorld(configWith(two));
  world.happen.sku("BOLT");
  world.happen.stock("BOLT", 10);
  await settled(world);
  world.happen.edit("BOLT", 1, "web");
  world.happen.edit("BOLT", 9, "store");
  expect(await named(world, "BOLT")).toMatchObject({ failed: 0, waiting: 1, elsewhere: 0 });
  expect(await named(world, "BOLT")).toMatchObject({ failed: 0, waiting: 0, elsewhere: 0 });
});

test("what commercetools refuses of the named SKU has failed, and what it refuses of a sharer belongs elsewhere", async () => {
  const world = await stocked({});
  world.happen.sku("BOX", { partNo: "BOLT", convFactor: "10" } as object);
  world.happen.stock("BOLT", 95);
  world.happen.sku("WRONG", { partNo: "BOLT", convFactor: "0" } as object);
  expect(await named(world, "BOLT")).toMatchObject({ failed: 0, waiting: 0, elsewhere: 1 });
  expect(await named(world, "WRONG")).toMatchObject({ failed: 1, waiting: 0, elsewhere: 0 });
  expect(world.codes()).toEqual(["unmappedUnit: S1/WRONG"]);
});

test("a supply channel that there is not is a matter of the configuration, and not of the SKU", async () => {
  const world = await stocked({
    pools: [
      { name: "main", site: "S1", warehouses: ["W1"], channels: [{ supplyChannel: "web" }] },
      { name: "lost", site: "S1", warehouses: ["W2"], channels: [{ supplyChannel: "nowhere" }] },
    ],
  });
  world.happen.wait(MINUTE);
  world.channelIds.delete("nowhere");
  world.happen.count("BOLT", 4);
  expect(await named(world, "BOLT")).toMatchObject({ changed: 1, failed: 0, waiting: 0, elsewhere: 1 });
});
