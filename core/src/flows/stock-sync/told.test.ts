/** What a run tells of figures and entries beside writing them. */
import { describe, expect, it } from "vitest";
import { runStockSync } from "./run.ts";
import { MINUTE, started, sync, withoutChanges } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const messages = (world: World, code: string) =>
  [...world.exceptions.values()].flatMap((row) => (row.code === code ? [row.message] : []));

describe("a figure below zero", () => {
  const told = (world: World) => messages(world, "availabilityNegative");

  it("is an exception that keeps it, counted in the run, until a run has seen it above", async () => {
    const world = await started({ BOLT: 2, NUT: 1, SCREW: 9 });
    world.happen.ifsOrder("TEL-1", "BOLT", 5);
    const counted: number[] = [];
    await sync(world, { progress: async ({ belowZero }) => void counted.push(belowZero) });
    expect([world.quantityOf("BOLT"), counted.at(-1)]).toEqual([0, 1]);
    expect(told(world)).toEqual([
      "More is ordered and reserved of 1 part of site S1 than lies there. Their entries show 0. In inventory units: BOLT -3 (pool main).",
    ]);
    // Another one; the first has not been looked at, and has not gone.
    world.happen.wait(20 * MINUTE);
    world.happen.ifsOrder("TEL-2", "NUT", 2);
    await sync(world);
    expect(told(world)).toEqual([
      "More is ordered and reserved of 2 parts of site S1 than lies there. Their entries show 0. In inventory units: BOLT -3 (pool main), NUT -1 (pool main).",
    ]);
    await sync(world, { only: { skus: ["SCREW" as never] } });
    expect(told(world)).toHaveLength(1);
    world.happen.count("BOLT", 9);
    world.happen.cancelInIfs("TEL-2");
    await sync(world);
    expect([told(world), world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([[], 4, 1]);
  });

  it("is found by a full run as well, each part once", async () => {
    const world = await started({ BOLT: 2, NUT: 1 });
    for (const part of ["BOLT", "NUT"]) world.happen.ifsOrder(`TEL-${part}`, part, 5);
    const counted: number[] = [];
    await sync(world, { mode: "full", progress: async ({ belowZero }) => void counted.push(belowZero) });
    expect(counted.at(-1)).toBe(2);
    expect(told(world)[0]).toContain("of 2 parts of site S1");
    world.parts.splice(0, 1);
    world.happen.wait(MINUTE);
    await sync(world, { mode: "full" });
    expect(told(world)[0]).toContain("of 1 part of site S1");
  });
});

describe("restockableInDays that nobody decided about", () => {
  const told = (world: World) => messages(world, "backOrderLeftOver");
  const leave = (world: World, sku: string): void => {
    const entry = world.entryOf(sku);
    if (entry) world.entries.set(entry.id, { ...entry, restockableInDays: 7 });
  };
  const full = (world: World, classes: object[] = []) => {
    const stock = { ...world.deps.config.stock, classes: classes as World["deps"]["config"]["stock"]["classes"] };
    world.happen.wait(MINUTE);
    return runStockSync(
      { ...withoutChanges(world), config: { ...world.deps.config, stock } },
      { now: world.time.now, mode: "full" },
    );
  };

  it("is an exception with the entries, found by full runs, until a class says what holds", async () => {
    const world = await started({ BOLT: 2, NUT: 1 });
    leave(world, "BOLT");
    await full(world);
    expect(told(world)).toEqual([
      "1 inventory entries of site S1 have restockableInDays, and no class of the configuration says so: commercetools accepts orders for them without stock. Among them: BOLT @ web.",
    ]);
    const named = { name: "all", skus: [], supplyChannels: [], sites: [] };
    await full(world, [{ ...named, restockableInDays: null }]);
    expect([told(world), world.entryOf("BOLT")?.restockableInDays]).toEqual([[], undefined]);
  });

  it("is counted over all runs of a full run, and is none where a class wants it", async () => {
    const world = await started(Object.fromEntries([...Array(250).keys()].map((index) => [`P${1000 + index}`, 5])));
    for (const sku of ["P1001", "P1249"]) leave(world, sku);
    world.interfere((call) => {
      if (call === "scanSite") world.time.now += 1000;
    });
    const quiet = withoutChanges(world);
    await runStockSync(quiet, { now: world.time.now, mode: "full", budgetMs: 500 });
    expect(told(world)).toEqual([]);
    await runStockSync(quiet, { now: world.time.now, mode: "delta", budgetMs: 500 });
    expect(told(world)[0]).toContain("Among them: P1001 @ web; P1249 @ web.");
    const named = { name: "all", skus: [], supplyChannels: [], sites: [] };
    await full(world, [{ ...named, restockableInDays: 7 }]);
    expect(told(world)).toEqual([]);
  });
});

it("corrections beyond those that the journal lists are counted, by their reasons", async () => {
  const world = await started(Object.fromEntries([...Array(510).keys()].map((index) => [`P${1000 + index}`, 5])));
  world.happen.wait(MINUTE);
  let index = 0;
  for (const [id, entry] of world.entries) {
    const quantityOnStock = index++ < 505 ? 4 : 6;
    world.entries.set(id, { ...entry, quantityOnStock, availableQuantity: quantityOnStock });
  }
  const result = await runStockSync(withoutChanges(world), { now: world.time.now, mode: "full" });
  expect(result.message).toBe(
    "The journal lists 500 corrected entries of site S1 one by one; 10 more were corrected, which it counts by their reasons.",
  );
  expect(world.journal.filter(({ event }) => event === "stock-corrected")).toHaveLength(500);
  const last = world.journal.find(({ event }) => event === "stock-corrected-unlisted");
  const { listed, unlisted, unexplained = 0, lostSale = 0 } = (last?.detail ?? {}) as Record<string, number>;
  expect([listed, unlisted, unexplained + lostSale]).toEqual([500, 10, 10]);
});

it("stock in a location that belongs to no warehouse is named where pools are made of warehouses", async () => {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = {
        pools: [{ name: "main", site: "S1", warehouses: ["W1"], channels: [{ supplyChannel: "web" }] }],
      };
    }),
  );
  world.happen.sku("BOLT");
  world.happen.stock("BOLT", 5);
  world.happen.stock("BOLT", 3, { warehouse: null, locationNo: "YARD" });
  await sync(world);
  expect([world.quantityOf("BOLT"), messages(world, "unmappedSite")]).toEqual([
    5,
    [
      "IFS shows stock of site S1 in locations that belong to no warehouse, and that no pool names: YARD. It is not offered for sale.",
    ],
  ]);
});
