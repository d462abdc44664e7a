/** When is a site up to date, and what of it does a run leave to the next one? */
import { describe, expect, it } from "vitest";
import type { PartNo } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { readCaughtUpAt } from "./state.ts";
import { MINUTE, started, sync } from "./testing/started.ts";
import { configWith, createWorld, START, type World } from "./testing/world.ts";

const part = (index: number): string => `P${String(index).padStart(4, "0")}`;
const caughtUpAt = async (world: World, pool = "main") => (await readCaughtUpAt(world.deps.cursors, "S1"))(pool);

function many(count: number): World {
  const world = createWorld();
  for (let index = 0; index < count; index += 1) {
    world.happen.sku(part(index));
    world.happen.stock(part(index), 5);
  }
  return world;
}

/** IFS tells of these changes; the number of runs that have handled theirs. */
function told(world: World, keys: () => readonly PartNo[] | "all" | "lost") {
  const handled: number[] = [];
  const deps = {
    ...world.deps,
    changedParts: async () => ({ keys: keys(), handled: async () => void handled.push(world.time.now) }),
  };
  const run = (given: Partial<StockRunOptions> = {}) =>
    runStockSync(deps, { now: world.time.now, mode: "delta", ...given });
  return { run, handled };
}

/** A page of the scan takes a second. */
const slowly = (world: World): void =>
  world.interfere((call) => {
    if (call === "scanSite") world.time.now += 1000;
  });

describe("a site is up to date", () => {
  it("with the end of its first full run, not with the first of the runs that it takes", async () => {
    const world = many(450);
    slowly(world);
    const { run } = told(world, () => []);
    for (let slice = 0; slice < 2; slice += 1) {
      await run({ budgetMs: 500 });
      expect(await caughtUpAt(world)).toBeUndefined();
    }
    const last = world.time.now;
    await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBe(last);
  });

  it("with the end of the full run that a lost memory needs", async () => {
    const world = await started(Object.fromEntries([...Array(250).keys()].map((index) => [part(index), 5])));
    const before = await caughtUpAt(world);
    slowly(world);
    let keys: readonly PartNo[] | "lost" = "lost";
    const { run } = told(world, () => keys);
    await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBe(before);
    keys = [];
    const last = world.time.now;
    await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBe(last);
  });

  it("up to the begin of the full run where nothing tells of changes", async () => {
    const world = await started(Object.fromEntries([...Array(250).keys()].map((index) => [part(index), 5])));
    const before = await caughtUpAt(world);
    slowly(world);
    const begin = world.time.now;
    const { run } = told(world, () => "all");
    await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBe(before);
    await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBe(begin);
  });

  it("by every run over the changes while the reconciliation goes on", async () => {
    const world = await started(Object.fromEntries([...Array(250).keys()].map((index) => [part(index), 5])));
    slowly(world);
    const { run } = told(world, () => []);
    const begin = world.time.now;
    await run({ mode: "full", budgetMs: 500 });
    expect([await caughtUpAt(world), world.cursor("stock-site-S1")]).toEqual([
      begin,
      expect.objectContaining({ full: expect.anything() }),
    ]);
  });

  it("but for a pool that is left out, because commercetools lacks its channel", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = {
          pools: [
            { name: "main", site: "S1", warehouses: ["W1"], channels: [{ supplyChannel: "web" }] },
            { name: "other", site: "S1", warehouses: ["W2"], channels: [{ supplyChannel: "store" }] },
          ],
        };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    await sync(world);
    world.channelIds.delete("store");
    world.happen.wait(MINUTE);
    await sync(world);
    expect([await caughtUpAt(world), await caughtUpAt(world, "other")]).toEqual([START + MINUTE, START]);
  });
});

describe("more changes than a run looks at", () => {
  const keysOf = (from: number, to: number) =>
    [...Array(to - from).keys()].map((index) => part(from + index) as PartNo);
  async function settled(count: number): Promise<World> {
    const world = many(count);
    await sync(world);
    world.happen.wait(MINUTE);
    world.calls.length = 0;
    return world;
  }

  it("are found by a full run, which goes on where it was cut short", async () => {
    const world = await settled(450);
    slowly(world);
    // Parts that nobody sells here are told as well.
    const raw = [...Array(5001).keys()].map((index) => `RAW-${index}` as PartNo);
    let keys: readonly PartNo[] = [...keysOf(0, 450), ...raw];
    const { run, handled } = told(world, () => keys);
    for (let index = 0; index < 450; index += 1) world.happen.count(part(index), 4);
    await run({ budgetMs: 500 });
    expect(world.calls).not.toContain("salesPartsOf");
    keys = [];
    await run({ budgetMs: 500 });
    await run({ budgetMs: 500 });
    expect([...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 4)).toHaveLength(450);
    expect(handled).toHaveLength(3);
  });

  it("that come while a full run is under way are found by another one, which begins when this one has ended", async () => {
    const world = await settled(450);
    slowly(world);
    let keys: readonly PartNo[] = [];
    const { run } = told(world, () => keys);
    await run({ mode: "full", budgetMs: 500 });
    // Behind its position.
    world.happen.count(part(0), 4);
    keys = [part(0) as PartNo, ...[...Array(5001).keys()].map((index) => `RAW-${index}` as PartNo)];
    await run({ budgetMs: 500 });
    keys = [];
    const before = await caughtUpAt(world);
    for (const shown of [5, 4]) {
      await run({ budgetMs: 500 });
      expect([await caughtUpAt(world), world.quantityOf(part(0))]).toEqual([before, shown]);
    }
    for (let slice = 0; slice < 2; slice += 1) await run({ budgetMs: 500 });
    expect(await caughtUpAt(world)).toBeGreaterThan(before ?? 0);
    const { full, fullDue } = world.cursor("stock-site-S1") as Record<string, unknown>;
    expect([full, fullDue]).toEqual([undefined, false]);
  });

  it("end a run with its time, are remembered one by one, and the next run goes on with them", async () => {
    const world = await settled(450);
    world.interfere((call) => {
      if (call === "stockRows") world.time.now += 400;
    });
    let keys: readonly PartNo[] = keysOf(0, 450);
    const { run, handled } = told(world, () => keys);
    for (let index = 0; index < 450; index += 1) world.happen.count(part(index), 4);
    const before = await caughtUpAt(world);
    const right = () => [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 4).length;
    await run({ budgetMs: 100 });
    const first = right();
    expect([first > 0, first < 450, await caughtUpAt(world)]).toEqual([true, true, before]);
    expect(handled).toHaveLength(1);
    keys = [];
    for (let slice = 0; slice < 4; slice += 1) await run({ budgetMs: 100 });
    expect(right()).toBe(450);
    expect(await caughtUpAt(world)).toBeGreaterThan(before ?? 0);
  });
});
