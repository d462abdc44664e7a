/** What entries say beside their quantity. */
import { describe, expect, it, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
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

test("a date that another class once told is taken off with a number of days, and found by a full run", async () => {
  const world = worldWith([{ ...named, restockableInDays: 3 }]);
  await sync(world);
  const entry = world.entryOf("CABINET-1");
  if (!entry) throw new Error("no entry");
  world.entries.set(entry.id, { ...entry, expectedDelivery: "2026-07-01T00:00:00.000Z" });
  world.happen.wait(60_000);
  const deps = { ...world.deps, changedParts: async () => ({ keys: [], handled: async () => {} }) };
  expect(await runStockSync(deps, { now: world.time.now, mode: "full" })).toMatchObject({ changed: 1 });
  expect([world.entryOf("CABINET-1")?.expectedDelivery, said(world, "CABINET-1")]).toEqual([
    undefined,
    expect.objectContaining({ restockableInDays: 3 }),
  ]);
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

describe("what IFS expects", () => {
  const bySupply = (days = {}) => [{ name: "on its way", skus: ["CABINET-*"], restockableInDays: "supply", ...days }];
  function expecting(...lines: [number, string][]): World {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = {
          ...(raw.stock as object),
          classes: bySupply(),
          supply: { sources: ["purchaseOrders"], handlingDays: 1, horizonDays: 30 },
        };
      }),
    );
    for (const sku of ["CABINET-1", "BOLT"]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 0);
      for (const [quantity, date] of lines) {
        const line = { contract: "S1" as Contract, partNo: sku as string as PartNo, date };
        world.supply.push({ ...line, quantity: decimal(quantity) });
      }
    }
    return world;
  }
  const told = (world: World, sku = "CABINET-1") => {
    const { restockableInDays, expectedDelivery } = world.entryOf(sku) ?? {};
    return [restockableInDays, expectedDelivery];
  };
  const run = (world: World) => {
    world.happen.wait(MINUTE);
    return runStockSync(world.deps, { now: world.time.now, mode: "full" });
  };

  it("is told with its date where the class lets the SKU be ordered at zero, and of no other SKU", async () => {
    const world = expecting([5, "2026-08-10"]);
    await run(world);
    expect([told(world), told(world, "BOLT")]).toEqual([
      [10, "2026-08-11T00:00:00.000Z"],
      [undefined, undefined],
    ]);
    expect(await run(world)).toMatchObject({ changed: 0 });
    expect(world.calls.filter((call) => call === "plannedSupply").length).toBeGreaterThan(0);
  });

  it("moves with the goods that others have ordered, and is taken back when nothing is left of it", async () => {
    const world = expecting([5, "2026-08-10"], [5, "2026-08-20"]);
    await run(world);
    world.happen.ifsOrder("TEL-1", "CABINET-1", 5);
    await run(world);
    expect(told(world)).toEqual([20, "2026-08-21T00:00:00.000Z"]);
    world.happen.order("CABINET-1", 5);
    await run(world);
    expect(told(world)).toEqual([undefined, undefined]);
    world.supply.push({ ...(world.supply[0] as (typeof world.supply)[number]), date: "2026-08-25" });
    await run(world);
    expect(told(world)).toEqual([25, "2026-08-26T00:00:00.000Z"]);
  });

  it("a class that says it no more takes both off again", async () => {
    const world = expecting([5, "2026-08-10"]);
    await run(world);
    await sync(world, [{ ...named, restockableInDays: null }]);
    expect(told(world)).toEqual([undefined, undefined]);
  });

  it("costs no read where no class goes by it", async () => {
    const world = worldWith([]);
    await sync(world);
    expect(world.calls).not.toContain("plannedSupply");
  });
});
