/** Holds of more parts than a document lists, and full runs that need several runs: nothing is let through but by its release. */
import { describe, expect, it } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import { readHeld, readHeldCuts } from "./held.ts";
import { LIST_CAP } from "./parse.ts";
import { releaseHeld } from "./release.ts";
import { runStockSync } from "./run.ts";
import { MINUTE, sync, withoutChanges } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const sku = (index: number): string => `P${String(index).padStart(4, "0")}`;
const count = (world: World, [from, to]: [number, number], quantity: number): void => {
  for (let index = from; index < to; index += 1) world.happen.count(sku(index), quantity);
};
const shown = (world: World, quantity: number): number =>
  [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === quantity).length;
const holdsOf = async (world: World) =>
  ((await readHeld(world.deps.cursors, "S1"))?.holds ?? []).map(({ kind, changes, more }) => [kind, changes, more]);
const isTrusted = async (world: World, index: number) =>
  !(await readHeldCuts(world.deps.cursors, new Map([["S1", ["web"]]])))(sku(index), "web");

async function stocked(parts: number, stock: object, each = 5): Promise<World> {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), ...stock };
      raw.schedules = { stockFullSeconds: 86_400 };
    }),
  );
  for (let index = 0; index < parts; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), each);
  }
  await sync(world);
  world.happen.wait(20 * MINUTE);
  // Raw material that nobody sells moves on, so that the window of changes leaves the start behind.
  world.happen.stock("RAW-MATERIAL", 1);
  await sync(world);
  world.happen.wait(MINUTE);
  return world;
}

/** Later than the window in which change detection finds the same parts again. */
async function next(world: World) {
  world.happen.wait(20 * MINUTE);
  world.happen.stock("RAW-MATERIAL", 1);
  return sync(world);
}

const MANY = LIST_CAP + 100;
const bounds = { largePercent: 50, largeUnits: 10, maxCutsPercent: 90 };

describe.each([
  { kind: "zeros", parts: MANY + 100, each: 5, to: 0, stock: { maxChangePercent: 90 } },
  { kind: "cuts", parts: MANY + 100, each: 100, to: 20, stock: { bounds } },
] as const)("$kind of more parts than a document lists", ({ kind, parts, each, to, stock }) => {
  it("stay held, however few of them a run over the changes can see, and pass by their release", async () => {
    const world = await stocked(parts, stock, each);
    count(world, [0, MANY], to);
    await sync(world);
    const all = [kind, MANY, true];
    expect([shown(world, to), await holdsOf(world)]).toEqual([0, [all]]);
    // Whoever reads the list is told that it is cut, and how many there are.
    const [cut] = (await readHeld(world.deps.cursors, "S1"))?.holds ?? [];
    expect([cut?.plan.length, cut?.skus.length, cut?.skuCount]).toEqual([200, LIST_CAP, MANY]);
    await next(world);
    expect([shown(world, to), await holdsOf(world), world.codes()]).toEqual([
      ...[0, [all], [`stockAnomaly: ${kind} S1`]],
    ]);
    expect(await isTrusted(world, MANY - 1)).toBe(false);
    await releaseHeld(world.deps, { site: "S1", kind, most: MANY - 1, by: "kim" }, world.time.now);
    await next(world);
    expect([shown(world, to), await holdsOf(world)]).toEqual([0, [all]]);
    await releaseHeld(world.deps, { site: "S1", kind, most: MANY, by: "kim" }, world.time.now);
    await next(world);
    expect([shown(world, to), await holdsOf(world), world.codes()]).toEqual([MANY, [], []]);
    expect(await isTrusted(world, MANY - 1)).toBe(true);
  });
});

it("zeros of more parts than a document lists are over once a full run has found fewer, and not when a run over the changes has", async () => {
  const world = await stocked(MANY + 100, { maxChangePercent: 90 });
  count(world, [0, MANY], 0);
  await sync(world);
  // All that the document lists are back in IFS.
  count(world, [0, MANY - 10], 5);
  await sync(world);
  expect([shown(world, 0), await holdsOf(world)]).toEqual([0, [["zeros", MANY, true]]]);
  world.happen.wait(MINUTE);
  await sync(world, { mode: "full" });
  expect([shown(world, 0), await holdsOf(world), world.codes()]).toEqual([10, [], []]);
});

describe("a full run that needs several runs", () => {
  /** 450 parts: three runs of 200, 200 and 50, in each of which only one page has time. */
  async function sliced(stock: object, each: number): Promise<{ world: World; slice: () => Promise<unknown> }> {
    const world = await stocked(450, stock, each);
    const quiet = withoutChanges(world);
    world.interfere((call) => {
      if (call === "scanSite") world.time.now += 1000;
    });
    let mode: "full" | "delta" = "full";
    const slice = async () => {
      await runStockSync(quiet, { now: world.time.now, mode, budgetMs: 500 });
      mode = "delta";
    };
    return { world, slice };
  }

  it.each([
    ["cuts", { maxCuts: 220 }, 20],
    ["raises", { maxRaises: 220 }, 1000],
  ] as const)("adds up its %s, as one run would", async (kind, given, to) => {
    const { world, slice } = await sliced({ bounds: { ...bounds, maxCutsPercent: 100, ...given } }, 100);
    for (const from of [0, 200]) count(world, [from, from + 100], to);
    count(world, [400, 450], to);
    for (let run = 0; run < 3; run += 1) await slice();
    expect([shown(world, to), await holdsOf(world)]).toEqual([200, [[kind, 250, false]]]);
    // Nor does what was written before fall under the table with the end of the full run.
    await next(world);
    expect([shown(world, to), await holdsOf(world)]).toEqual([200, [[kind, 250, false]]]);
    await releaseHeld(world.deps, { site: "S1", kind, most: 250, by: "kim" }, world.time.now);
    await next(world);
    expect([shown(world, to), await holdsOf(world), world.codes()]).toEqual([250, [], []]);
  });

  it("uses one release for all of its runs", async () => {
    const { world, slice } = await sliced({ maxZeros: 100 }, 5);
    count(world, [0, 150], 0);
    count(world, [200, 350], 0);
    count(world, [400, 450], 0);
    await slice();
    expect([shown(world, 0), await holdsOf(world)]).toEqual([0, [["zeros", 150, false]]]);
    await releaseHeld(world.deps, { site: "S1", kind: "zeros", most: 350, by: "kim" }, world.time.now);
    await slice();
    expect(shown(world, 0)).toBe(300);
    await slice();
    expect([shown(world, 0), await holdsOf(world), world.codes()]).toEqual([350, [], []]);
    expect(world.journal.filter(({ event }) => event === "zeros-release-used")).toHaveLength(1);
  });
});

it("a full run that dies while more parts wait than a document lists forgets none of them", async () => {
  const world = await stocked(MANY + 400, { minEntriesForHold: 1_000_000 });
  count(world, [0, MANY], 0);
  const quiet = withoutChanges(world);
  let pages = 0;
  world.interfere((call) => {
    if (call === "scanSite" && ++pages === 12) throw new TransientError("killed");
  });
  await expect(runStockSync(quiet, { now: world.time.now, mode: "full" })).rejects.toThrow("killed");
  world.interfere(() => {});
  expect(shown(world, 0)).toBe(0);
  await runStockSync(quiet, { now: world.time.now, mode: "delta" });
  expect(shown(world, 0)).toBe(MANY);
});
