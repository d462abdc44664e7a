/** What change detection has told of is no drift, also where it was too much to be looked at one by one. */
import { describe, expect, it } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { PartNo } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { MINUTE, sync } from "./testing/started.ts";
import { createWorld, type World } from "./testing/world.ts";

const COUNT = 450;
const part = (index: number): string => `P${String(index).padStart(3, "0")}`;
const all = [...Array(COUNT).keys()].map((index) => part(index) as PartNo);
/** So many that they are not looked at one by one; most are raw material that nobody sells. */
const tooMany = (keys: readonly PartNo[]): PartNo[] => [
  ...keys,
  ...[...Array(5001).keys()].map((index) => `RAW-${index}` as PartNo),
];

/** Up to date since ten minutes; a page of the scan takes a second. */
async function settled(): Promise<World> {
  const world = createWorld();
  for (const name of all) {
    world.happen.sku(name);
    world.happen.stock(name, 5);
  }
  await sync(world);
  world.happen.wait(10 * MINUTE);
  world.interfere((call) => {
    if (call === "scanSite") world.time.now += 1000;
  });
  return world;
}

function run(
  world: World,
  keys: readonly PartNo[] | "all" | "lost",
  { config = world.deps.config, ...given }: Partial<StockRunOptions> & { readonly config?: ConnectorConfig } = {},
) {
  const changedParts = async () => ({ keys, handled: async () => {} });
  return runStockSync({ ...world.deps, config, changedParts }, { now: world.time.now, mode: "delta", ...given });
}
/** Several runs, of which only the first is told of changes. */
async function inSlices(
  world: World,
  keys: readonly PartNo[] | "all" | "lost",
  given: { readonly config?: ConnectorConfig } = {},
): Promise<void> {
  await run(world, keys, { budgetMs: 500, ...given });
  for (let slice = 0; slice < 3; slice += 1) await run(world, [], { budgetMs: 500, ...given });
}

const reasons = (world: World) => Object.groupBy(world.journal, ({ detail }) => String(detail.reason));
const right = (world: World, quantity: number): number =>
  [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === quantity).length;

describe("a full run over changes that were too many", () => {
  it.each([
    { told: "of everything", keys: "all" },
    { told: "of a lost memory", keys: "lost" },
    { told: "of a list", keys: tooMany(all) },
  ] as const)("journals none of them, in none of its slices: told $told", async ({ keys }) => {
    const world = await settled();
    for (const name of all) world.happen.count(name, 4);
    await inSlices(world, keys);
    expect([right(world, 4), world.journal]).toEqual([COUNT, []]);
  });

  it("nor what a list told of whose rows have no date that moves", async () => {
    const world = await settled();
    for (const name of all) world.happen.count(name, 4);
    for (const row of world.rows) Object.assign(row, { lastActivityDate: null });
    await run(world, tooMany(all));
    expect([right(world, 4), world.journal]).toEqual([COUNT, []]);
  });

  it("journals what change detection has missed before, what a person set and what was never booked", async () => {
    const world = await settled();
    // Moved in IFS before the last run that was up to date, which was not told of it.
    world.happen.count(part(440), 4);
    world.happen.wait(10 * MINUTE);
    await run(world, []);
    world.happen.wait(MINUTE);
    for (const name of all.slice(0, 200)) world.happen.count(name, 4);
    const entry = world.entryOf(part(441));
    if (entry) world.entries.set(entry.id, { ...entry, quantityOnStock: 6 });
    world.happen.edit(part(442), 9);
    await inSlices(world, tooMany(all.slice(0, 200)));
    expect(world.journal.map(({ recordId, detail }) => [recordId, detail.reason]).sort()).toEqual([
      [part(440), "ifsChange"],
      [part(441), "lostSale"],
      [part(442), "manualEdit"],
    ]);
  });

  it("that another formula needs as well journals every entry with that cause", async () => {
    const world = await settled();
    for (const name of all) world.happen.count(name, 4);
    const [pool] = world.deps.config.stock.pools;
    if (!pool) throw new Error("no pool");
    const channels = pool.channels.map((channel) => ({ ...channel, buffer: 1 }));
    const config = { ...world.deps.config, stock: { ...world.deps.config.stock, pools: [{ ...pool, channels }] } };
    await inSlices(world, tooMany(all), { config });
    expect(right(world, 3)).toBe(COUNT);
    expect(reasons(world)).toEqual({ formulaChange: expect.objectContaining({ length: COUNT }) });
  });

  it("journals nothing of what came while another one was under way, whichever of them finds it", async () => {
    const world = await settled();
    await run(world, [], { mode: "full", budgetMs: 500 });
    await run(world, [], { budgetMs: 500 });
    world.happen.wait(MINUTE);
    // One of its pages is left; the next full run finds the others, in several slices.
    for (const name of all) world.happen.count(name, 4);
    await run(world, tooMany(all), { budgetMs: 500 });
    expect(right(world, 4)).toBeLessThan(COUNT / 2);
    for (let slice = 0; slice < 6; slice += 1) await run(world, [], { budgetMs: 500 });
    expect([right(world, 4), world.journal]).toEqual([COUNT, []]);
  });

  it("is over with it: what the next reconciliation finds was missed", async () => {
    const world = await settled();
    for (const name of all) world.happen.count(name, 4);
    await inSlices(world, tooMany(all));
    world.happen.wait(MINUTE);
    world.happen.count(part(3), 3);
    await run(world, [], { mode: "full" });
    expect(world.journal.map(({ recordId, detail }) => [recordId, detail.reason])).toEqual([[part(3), "ifsChange"]]);
  });
});
