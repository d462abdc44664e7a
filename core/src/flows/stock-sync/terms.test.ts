/** What entries say beside their quantity. */
import { expect, it, test } from "vitest";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
function worldWith(classes: object[]): World {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), classes };
    }),
  );
  for (const sku of ["CABINET-1", "BOLT"]) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5);
  }
  return world;
}
const sync = (world: World, classes?: object[]) => {
  world.happen.wait(MINUTE);
  const { config } = world.deps;
  const stock = classes ? { ...config.stock, classes: classes as typeof config.stock.classes } : config.stock;
  return runStockSync({ ...world.deps, config: { ...config, stock } }, { now: world.time.now, mode: "full" });
};
const named = { name: "made to order", skus: ["CABINET-*"], supplyChannels: [], sites: [] };
const all = {
  ...named,
  ...{ restockableInDays: 14, minCartQuantity: 2, maxCartQuantity: 4, reorderPoint: 10, safetyStock: 5 },
};
const said = (world: World, sku: string) => {
  const { restockableInDays, minCartQuantity, maxCartQuantity, stockLevels } = world.entryOf(sku) ?? {};
  return { restockableInDays, minCartQuantity, maxCartQuantity, ...stockLevels };
};
const everything = { restockableInDays: 14, minCartQuantity: 2, maxCartQuantity: 4, reorderPoint: 10, safetyStock: 5 };

it("an entry of the class is created with them, another one without", async () => {
  const world = worldWith([all]);
  await sync(world);
  expect(said(world, "CABINET-1")).toEqual(everything);
  expect(said(world, "BOLT")).toEqual({});
  expect(await sync(world)).toMatchObject({ changed: 0 });
});

it("an entry that is there gets them in one write, with its quantity, and once", async () => {
  const world = worldWith([]);
  await sync(world);
  world.happen.count("CABINET-1", 9);
  const version = world.entryOf("CABINET-1")?.version ?? 0;
  expect(await sync(world, [all])).toMatchObject({ changed: 1 });
  expect([world.quantityOf("CABINET-1"), world.entryOf("CABINET-1")?.version]).toEqual([9, version + 1]);
  expect(said(world, "CABINET-1")).toEqual(everything);
  expect(await sync(world, [all])).toMatchObject({ changed: 0 });
});

it("one that nobody configured stays as it is; null takes one away; a drift journal tells of quantities only", async () => {
  const world = worldWith([all]);
  await sync(world);
  const classes = [
    { ...named, restockableInDays: null, maxCartQuantity: 6 },
    { ...named, name: "second", restockableInDays: 3, safetyStock: null },
  ];
  expect(await sync(world, classes)).toMatchObject({ changed: 1 });
  expect(said(world, "CABINET-1")).toEqual({ minCartQuantity: 2, maxCartQuantity: 6, reorderPoint: 10 });
  expect(world.journal).toEqual([]);
});

test("a sale between the read and the write of terms alone is not undone", async () => {
  const world = worldWith([]);
  await sync(world);
  let sold = false;
  world.interfere((call) => {
    if (call !== "update" || sold) return;
    sold = true;
    world.happen.sale("CABINET-1", 2);
  });
  await sync(world, [all]);
  expect([world.quantityOf("CABINET-1"), said(world, "CABINET-1")]).toEqual([3, everything]);
});
