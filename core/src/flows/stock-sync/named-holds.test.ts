/** Runs over a few named records stand under the bounds of the whole site, and know nothing of the rest of it. */
import { describe, expect, it } from "vitest";
import type { Sku } from "../../domain/ids.ts";
import { releaseHeld } from "./release.ts";
import { MINUTE, sync } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const sku = (index: number): Sku => `P${String(index).padStart(2, "0")}` as Sku;
const named = (world: World, ...indexes: number[]) => sync(world, { only: { skus: indexes.map(sku) } });
const empty = (world: World, from: number, to: number): void => {
  for (let index = from; index < to; index += 1) world.happen.count(sku(index), 0);
};
const zerosOf = (world: World): number =>
  [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 0).length;

/** Twenty parts with `each` pieces. */
async function twenty(stock: object, each = 5): Promise<World> {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), ...stock };
    }),
  );
  for (let index = 0; index < 20; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), each);
  }
  await sync(world);
  world.happen.wait(MINUTE);
  return world;
}

describe("a named run", () => {
  it("writes no zero while zeros of the site are held, whether the hold lists it or not", async () => {
    const world = await twenty({ maxZeros: 3 });
    empty(world, 0, 4);
    await sync(world);
    empty(world, 4, 5);
    const waits = "2 changes wait with others of their kind, which are held in site S1 until somebody releases them.";
    expect(await named(world, 0, 4, 5)).toEqual({ processed: 3, changed: 0, failed: 2, message: waits });
    expect([zerosOf(world), world.codes()]).toEqual([0, ["stockAnomaly: zeros S1"]]);
  });

  it("writes what has no bound, and kinds of which nothing is held", async () => {
    const world = await twenty({ maxZeros: 3 });
    empty(world, 0, 4);
    await sync(world);
    world.happen.count(sku(5), 2);
    world.happen.count(sku(0), 1);
    expect(await named(world, 0, 5)).toEqual({ processed: 2, changed: 2, failed: 0 });
    expect([world.quantityOf(sku(0)), world.quantityOf(sku(5))]).toEqual([1, 2]);
  });

  it("writes no large cut while large cuts are held", async () => {
    const bounds = { largePercent: 50, largeUnits: 10, maxCuts: 1 };
    const world = await twenty({ bounds }, 100);
    for (const index of [0, 1]) world.happen.count(sku(index), 40);
    await sync(world);
    world.happen.count(sku(2), 30);
    for (const index of [0, 2]) expect(await named(world, index)).toMatchObject({ changed: 0, failed: 1 });
    expect([0, 1, 2].map((index) => world.quantityOf(sku(index)))).toEqual([100, 100, 100]);
  });

  it("takes no release: the scheduled run does, whose plan was shown", async () => {
    const world = await twenty({ maxZeros: 0 });
    empty(world, 0, 1);
    await releaseHeld(world.deps, { site: "S1", kind: "zeros", most: 1, by: "kim" }, world.time.now);
    expect(await named(world, 0)).toMatchObject({ changed: 0, failed: 1 });
    expect(zerosOf(world)).toBe(0);
    await sync(world);
    expect(zerosOf(world)).toBe(1);
  });

  it("leaves exceptions of the site to the runs that look at the site", async () => {
    const world = await twenty({ maxZeros: 3, minEntriesForHold: 1 });
    world.happen.ifsOrder("TEL-1", sku(9), 1);
    await sync(world);
    world.knobs.demandHidden = true;
    empty(world, 0, 4);
    await sync(world);
    const told = ["stockAnomaly: demand S1", "stockAnomaly: zeros S1"];
    expect(world.codes()).toEqual(told);
    world.happen.count(sku(12), 4);
    expect(await named(world, 12)).toMatchObject({ changed: 1 });
    expect(world.codes()).toEqual(told);
    world.knobs.demandHidden = false;
    for (let index = 0; index < 4; index += 1) world.happen.count(sku(index), 5);
    await sync(world);
    expect(world.codes()).toEqual([]);
  });

  it("and does not say that a site can be seen again, of which it saw one part", async () => {
    const world = await twenty({});
    world.knobs.siteHidden = true;
    await sync(world);
    expect(world.codes()).toEqual(["stockAnomaly: sight S1"]);
    world.knobs.siteHidden = false;
    world.happen.count(sku(12), 4);
    await named(world, 12);
    expect(world.codes()).toEqual(["stockAnomaly: sight S1"]);
    await sync(world);
    expect(world.codes()).toEqual([]);
  });
});

describe("a slip that events tell piece by piece", () => {
  it("is one: named runs count together, the scheduled run counts them in, and the hold stays until its release", async () => {
    const world = await twenty({ maxZeros: 3 });
    empty(world, 0, 7);
    for (let index = 0; index < 6; index += 1) await named(world, index);
    expect([zerosOf(world), world.codes()]).toEqual([3, ["stockAnomaly: zeros S1"]]);
    for (let run = 0; run < 2; run += 1) {
      world.happen.wait(MINUTE);
      expect(await sync(world)).toMatchObject({ changed: 0, failed: 4 });
      expect([...world.exceptions.values()].map(({ message }) => message)).toEqual([
        "A run would set 7 of 20 entries of site S1 to zero (35 %, allowed 60 % and 3 entries). They are held, all other changes were written. Among them: P03, P04, P05, P06.",
      ]);
    }
    await releaseHeld(world.deps, { site: "S1", kind: "zeros", most: 7, by: "kim" }, world.time.now);
    await sync(world);
    expect([zerosOf(world), world.codes()]).toEqual([7, []]);
    // What was released makes no wave any more.
    empty(world, 7, 10);
    for (const index of [7, 8, 9]) await named(world, index);
    expect(zerosOf(world)).toBe(10);
  });

  it("counts against the share of the site too", async () => {
    const world = await twenty({ minEntriesForHold: 1, maxChangePercent: 10 });
    empty(world, 0, 5);
    for (let index = 0; index < 5; index += 1) await named(world, index);
    expect(zerosOf(world)).toBe(2);
  });

  it("is over with the scheduled run that found it within the bound", async () => {
    const world = await twenty({ maxZeros: 3 });
    for (const from of [0, 3, 6]) {
      empty(world, from, from + 3);
      await named(world, from, from + 1, from + 2);
      expect(zerosOf(world)).toBe(from + 3);
      world.happen.wait(MINUTE);
      await sync(world);
    }
    expect(world.codes()).toEqual([]);
  });

  it("is counted right by named runs that come at the same time", async () => {
    const world = await twenty({ maxZeros: 3 });
    empty(world, 0, 4);
    await Promise.all([0, 1, 2, 3].map((index) => named(world, index)));
    expect(zerosOf(world)).toBe(3);
  });

  it("counts what a named run was about to write when it died", async () => {
    const world = await twenty({ maxZeros: 3 });
    empty(world, 0, 4);
    let counted = false;
    world.interfere((call) => {
      counted ||= call === "cursorWrite";
      if (counted && call === "update") throw new Error("killed");
    });
    await expect(named(world, 0, 1, 2)).rejects.toThrow("killed");
    world.interfere(() => {});
    await named(world, 3);
    expect(zerosOf(world)).toBe(0);
  });
});
