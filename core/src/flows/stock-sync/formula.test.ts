import { describe, expect, it, test } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import { formulaOf } from "./formula.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

type Raw = Record<string, unknown>;
const SITE = { site: "S1", company: "10", timeZone: "Europe/Berlin" };
const pool = { name: "main", site: "S1", channels: [{ supplyChannel: "web" }] };
const withPool = (change: Raw, rest: Raw = {}) =>
  configWith((raw) => {
    raw.stock = { pools: [{ ...pool, ...change }], ...rest };
  });

test.each<[string, ConnectorConfig]>([
  ["a buffer", withPool({ channels: [{ supplyChannel: "web", buffer: 5 }] })],
  ["a share", withPool({ channels: [{ supplyChannel: "web", share: 0.5 }] })],
  ["a warehouse", withPool({ warehouses: ["W1"] })],
  ["a location", withPool({ locations: ["A"] })],
  ["a rule of the pool", withPool({ rules: { ownOwnership: ["X"] } })],
  ["a share as buffer", withPool({ channels: [{ supplyChannel: "web", bufferShare: 0.1 }] })],
  ["days of sale", withPool({}, { minShelfLifeDays: 5 })],
  ["a class", withPool({}, { classes: [{ name: "all", buffer: 1 }] })],
  ["the states of demand", withPool({}, { demandStates: ["Released"] })],
  ["a SKU without stock", configWith((raw) => Object.assign(raw, { skus: { untracked: ["X"] } }))],
  ["the unit", configWith((raw) => Object.assign(raw, { units: { sellBySalesUnit: false } }))],
])("%s makes another formula", (_, config) => {
  expect(formulaOf(config, SITE)).not.toBe(formulaOf(configWith(), SITE));
});

test("what the figures do not depend on makes none", () => {
  const config = configWith((raw) => {
    raw.schedules = { stockFullSeconds: 10 };
    raw.stock = {
      pools: [pool, { name: "other", site: "S2", channels: [{ supplyChannel: "x" }] }],
      maxChangePercent: 5,
    };
  });
  expect(formulaOf(config, SITE)).toBe(formulaOf(configWith(), SITE));
});

describe("another formula", () => {
  const sync = (world: World, config: ConnectorConfig, budgetMs?: number) => {
    world.happen.wait(60_000);
    const deps = { ...world.deps, config };
    return runStockSync(deps, { now: world.time.now, mode: "delta", ...(budgetMs === undefined ? {} : { budgetMs }) });
  };
  const started = async (count: number) => {
    const world = createWorld();
    for (let index = 0; index < count; index += 1) {
      const sku = `P${String(index).padStart(3, "0")}`;
      world.happen.sku(sku);
      world.happen.stock(sku, 20);
    }
    await sync(world, configWith());
    world.happen.wait(30 * 60_000);
    // Raw material that nobody sells moves on, so that the window of changes leaves the start behind.
    world.happen.stock("RAW-MATERIAL", 1);
    await sync(world, configWith());
    return world;
  };
  const buffered = (buffer: number) => withPool({ channels: [{ supplyChannel: "web", buffer }] });
  const shown = (world: World) => [...new Set([...world.entries.values()].map((entry) => entry.quantityOnStock))];

  it("is written by the next run, once", async () => {
    const world = await started(3);
    expect(await sync(world, buffered(5))).toMatchObject({ changed: 3 });
    expect(shown(world)).toEqual([15]);
    world.calls.length = 0;
    await sync(world, buffered(5));
    expect(world.calls.filter((call) => call === "pageSalesParts")).toEqual([]);
  });

  it("begins a full run anew that was cut short by the former one", async () => {
    const world = await started(450);
    await sync(world, buffered(5), -1);
    expect(shown(world).sort()).toEqual([15, 20]);
    await sync(world, buffered(8));
    expect(shown(world)).toEqual([12]);
  });
});
