/** Named SKUs synchronised by a person while a full run is under way: both write the same entries, and neither spoils the other. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sku } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { MINUTE, started, sync } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const PARTS = 30;
const sku = (index: number) => `P${String(index).padStart(2, "0")}`;
const all = Array.from({ length: PARTS }, (_, index) => sku(index));
const site = (world: World) =>
  world.cursor("stock-site-S1") as { fullFinishedAt: number; full?: object; again: string[] };

/** Drifts and changes in every second part; the full run finds both. */
async function drifted(world = createWorld()): Promise<World> {
  await started(Object.fromEntries(all.map((name) => [name, 20])), world);
  all.forEach((name, index) => {
    if (index % 2 === 0) world.happen.edit(name, 30 + index);
    else world.happen.count(name, 10 + index);
  });
  world.happen.wait(3 * 60 * MINUTE);
  return world;
}
const onHand = (world: World) => all.map((name) => Number(world.onHand(name)));
const shown = (world: World) => all.map((name) => world.quantityOf(name));

/** A full run, and beside it a named run from its `nth` call of this name on. */
async function together(world: World, named: readonly string[], { call, nth }: { call: string; nth: number }) {
  let left = nth;
  const beside: Promise<RunSummary>[] = [];
  world.interfere((made) => {
    if (made !== call || beside.length > 0 || left-- > 0) return;
    beside.push(sync(world, { only: { skus: named as Sku[] } }));
  });
  const full = await sync(world, { mode: "full" });
  const summaries = [full, ...(await Promise.all(beside))];
  world.interfere(() => {});
  return summaries;
}

describe("a named sync beside a full run", () => {
  it.each(["changedParts", "scanSite", "glance", "openDemand", "stockRows", "bySkus", "update", "names"])(
    "from its call of %s on: each difference is written once, and the full run comes to its end",
    async (call) => {
      const world = await drifted();
      const before = site(world).fullFinishedAt;
      const updates = new Map<string, number>();
      const { update } = world.deps.inventory;
      const counted: World["deps"]["inventory"]["update"] = async (ref, actions) => {
        const entry = await update(ref, actions);
        updates.set(entry.sku, (updates.get(entry.sku) ?? 0) + 1);
        return entry;
      };
      Object.assign(world.deps.inventory, { update: counted });
      const summaries = await together(world, all, { call, nth: 0 });
      expect(summaries).toHaveLength(2);
      expect(shown(world)).toEqual(onHand(world));
      const twice = [...updates].filter(([, times]) => times > 1);
      expect(twice).toEqual([]);
      expect(summaries.reduce((sum, { changed }) => sum + changed, 0)).toBe(updates.size);
      expect(site(world).fullFinishedAt).toBeGreaterThan(before);
      expect(site(world)).not.toHaveProperty("full");
      expect(world.codes()).toEqual([]);
    },
  );

  it("lets through what a person released once, and not twice", async () => {
    const world = await drifted(
      createWorld(
        configWith((raw) => {
          raw.stock = { ...(raw.stock as object), maxZeros: 3 };
        }),
      ),
    );
    await sync(world, { mode: "full" });
    for (const name of all.slice(0, 5)) world.happen.count(name, 0);
    world.happen.wait(MINUTE);
    await together(world, all.slice(0, 5), { call: "bySkus", nth: 0 });
    // Neither may empty five of them, and together they do not either.
    expect(shown(world).filter((quantity) => quantity === 0)).toEqual([]);
    expect(world.codes()).toEqual(["stockAnomaly: zeros S1"]);
  });

  it("whenever it comes and whatever is sold meanwhile: no unit is given back, and all is right in the end", async () => {
    const anySale = fc.record({ index: fc.nat(PARTS - 1), quantity: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          call: fc.constantFrom("scanSite", "openDemand", "stockRows", "bySkus", "update", "ordersPage", "names"),
          nth: fc.nat(12),
          named: fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: PARTS }),
          sales: fc.array(anySale, { maxLength: 12 }),
          telephone: fc.array(anySale, { maxLength: 4 }),
          lagMs: fc.constantFrom(0, 2000),
        }),
        async ({ call, nth, named, sales, telephone, lagMs }) => {
          const world = await drifted();
          world.knobs.lagMs = lagMs;
          const sold = new Map<string, number>();
          const waiting = [...sales];
          const meanwhile = (): void => {
            const sale = waiting.shift();
            if (!sale) return;
            world.happen.wait(200);
            const name = sku(sale.index);
            // What the entry shows beyond the stock was so before the runs: people's edits are not theirs to answer for.
            const isEdited = (world.quantityOf(name) ?? 0) + (sold.get(name) ?? 0) > Number(world.onHand(name));
            if (!isEdited && world.happen.sale(name, sale.quantity))
              sold.set(name, (sold.get(name) ?? 0) + sale.quantity);
          };
          const { update } = world.deps.inventory;
          const watched: World["deps"]["inventory"]["update"] = async (ref, actions) => {
            const entry = await update(ref, actions);
            const left = Number(world.onHand(entry.sku)) - (sold.get(entry.sku) ?? 0);
            if (actions.some(({ action }) => action === "addQuantity"))
              expect(world.availableNow(world.entryOf(entry.sku) as typeof entry)).toBeLessThanOrEqual(left);
            meanwhile();
            return entry;
          };
          Object.assign(world.deps.inventory, { update: watched });
          for (const { index, quantity } of telephone) world.happen.ifsOrder(`TEL-${index}`, sku(index), quantity);
          await together(world, named, { call, nth });
          for (let run = 0; run < 3; run += 1) {
            world.happen.wait(MINUTE);
            await sync(world, { mode: run === 1 ? "full" : "delta" });
          }
          const open = (index: number) =>
            new Map(telephone.map((one) => [one.index, 0])).has(index)
              ? telephone.filter((one) => one.index === index).reduce((sum, { quantity }) => sum + quantity, 0)
              : 0;
          expect(shown(world)).toEqual(
            all.map((name, index) => Math.max(0, Number(world.onHand(name)) - (sold.get(name) ?? 0) - open(index))),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
