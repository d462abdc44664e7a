/** What pools are made of, through the whole flow: locations, rules of their own, classes, days of sale. */
import { describe, expect, test } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { formulaOf } from "./formula.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, START, type World } from "./testing/world.ts";

type Raw = Record<string, unknown>;
const worldWith = (stock: Raw): World => {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = stock;
    }),
  );
  world.happen.sku("BOLT");
  return world;
};
const web = [{ supplyChannel: "web" }];
const run = (world: World, mode: "delta" | "full" = "full") => runStockSync(world.deps, { now: world.time.now, mode });
const causes = (world: World) => world.journal.map(({ detail }) => detail.cause);

describe("two pools in one warehouse, by their locations", () => {
  const stock = {
    pools: [
      { name: "shelf", site: "S1", warehouses: ["W1"], locations: ["A", "B"], channels: web },
      { name: "back", site: "S1", warehouses: ["W1"], locations: ["C"], channels: [{ supplyChannel: "store" }] },
    ],
  };
  test("each sells what lies in its own", async () => {
    const world = worldWith(stock);
    world.happen.stock("BOLT", 5, { locationNo: "A" });
    world.happen.stock("BOLT", 6, { locationNo: "B" });
    world.happen.stock("BOLT", 7, { locationNo: "C" });
    await run(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("BOLT", "store")]).toEqual([11, 7]);
    expect(world.codes()).toEqual([]);
  });

  test("a location that no pool names is told, with the others of its warehouse, and sold by nobody", async () => {
    const world = worldWith(stock);
    world.happen.stock("BOLT", 5, { locationNo: "A" });
    world.happen.stock("BOLT", 6, { locationNo: "D" });
    world.happen.stock("BOLT", 7, { locationNo: "E" });
    world.happen.stock("BOLT", 7, { locationNo: "F", frozen: true });
    await run(world);
    expect(world.quantityOf("BOLT")).toBe(5);
    expect([...world.exceptions.values()].map(({ code, message }) => [code, message])).toEqual([
      [
        "unmappedSite",
        "IFS shows stock in locations of warehouse W1 of site S1 that no pool names: D, E. It is not offered for sale.",
      ],
    ]);
  });
});

test("a pool's own rules replace the general ones, rule by rule", async () => {
  const world = worldWith({
    ownOwnership: ["COMPANY OWNED"],
    blockedAvailabilityControls: ["QC"],
    pools: [
      { name: "new", site: "S1", warehouses: ["W1"], channels: web },
      {
        name: "outlet",
        site: "S1",
        warehouses: ["W2"],
        rules: { blockedAvailabilityControls: [], pickingLocationTypes: ["OUTLET"] },
        channels: [{ supplyChannel: "store" }],
      },
    ],
  });
  for (const warehouse of ["W1", "W2"]) {
    world.happen.stock("BOLT", 1, { warehouse });
    world.happen.stock("BOLT", 10, { warehouse, availabilityControlId: "QC" });
    world.happen.stock("BOLT", 100, { warehouse, locationType: "OUTLET", availabilityControlId: "QC" });
    world.happen.stock("BOLT", 1000, { warehouse, locationType: "OUTLET", partOwnership: "CONSIGNMENT" });
  }
  await run(world);
  expect([world.quantityOf("BOLT"), world.quantityOf("BOLT", "store")]).toEqual([1, 100]);
});

test("goods on their way count where the rules of the pool say so, at the place where they will arrive", async () => {
  const world = worldWith({
    pools: [
      { name: "here", site: "S1", warehouses: ["W1"], channels: web },
      {
        name: "coming",
        site: "S1",
        warehouses: ["W2"],
        rules: { inTransit: "count" },
        channels: [{ supplyChannel: "store" }],
      },
    ],
  });
  for (const warehouse of ["W1", "W2"]) {
    world.happen.stock("BOLT", 1, { warehouse, qtyInTransit: decimal(10) });
    world.happen.stock("BOLT", 0, { warehouse, qtyInTransit: decimal(100), frozen: true });
  }
  await run(world);
  expect([world.quantityOf("BOLT"), world.quantityOf("BOLT", "store")]).toEqual([1, 11]);
});

test("a configuration that begins to count goods on their way is another formula", () => {
  const of = (stock: Raw) => {
    const { config } = worldWith({ ...stock, pools: [{ name: "main", site: "S1", channels: web }] }).deps;
    return formulaOf(config, config.sites[0] as ConnectorConfig["sites"][number]);
  };
  expect(of({ inTransit: "leaveOut" })).toBe(of({}));
  expect(of({ inTransit: "count" })).not.toBe(of({}));
});

test("a lot leaves the shop when too little of its life is left, on the day, without a touched row", async () => {
  const world = worldWith({ minShelfLifeDays: 30, pools: [{ name: "main", site: "S1", channels: web }] });
  world.happen.stock("BOLT", 4);
  // Last day of sale: the third of August.
  world.happen.stock("BOLT", 6, { expirationDate: "2026-09-02" });
  await run(world);
  expect(world.quantityOf("BOLT")).toBe(10);
  world.happen.wait(Date.parse("2026-08-03T12:00:00Z") - START);
  world.happen.sku("OTHER");
  const noFullRun = { ...world.deps, config: { ...world.deps.config, schedules: neverFull(world) } };
  await runStockSync(noFullRun, { now: world.time.now, mode: "delta" });
  expect(world.quantityOf("BOLT")).toBe(10);
  world.happen.wait(86_400_000);
  await runStockSync(noFullRun, { now: world.time.now, mode: "delta" });
  expect(world.quantityOf("BOLT")).toBe(4);
});

const neverFull = (world: World) => ({ ...world.deps.config.schedules, stockFullSeconds: 1_000_000_000 });

test("the buffer of a class, as a part: the derivation names it", async () => {
  const world = worldWith({
    pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web", buffer: 1 }] }],
    classes: [{ name: "spare parts", skus: ["BO*"], bufferShare: 0.25 }],
  });
  world.happen.sku("NUT");
  world.happen.stock("BOLT", 10);
  world.happen.stock("NUT", 10);
  await run(world);
  expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([7, 9]);
  // So that the change of BOLT's row is past, and only the full run looks at it.
  world.happen.wait(3_600_000);
  world.happen.count("NUT", 11);
  await run(world);
  world.happen.edit("BOLT", 20);
  await run(world);
  expect(causes(world)).toEqual([
    "IFS: on hand 10: 10; buffer of spare parts 3: 7. commercetools: 20 on stock, 20 available",
  ]);
});
