/** Zeros of entries whose sales part has ended: one that is refused, a platform that throttles, and a run whose time is over. */
import { describe, expect, it } from "vitest";
import { RefusedError, ThrottledError } from "../../domain/failure.ts";
import { createPace } from "../../runtime/pace.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { MINUTE } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

type Update = World["deps"]["inventory"]["update"];
const sku = (index: number): string => `P${1000 + index}`;

/** So many SKUs with 5 each, of which the first ones' sales parts have ended since the site was synchronised. */
async function withEnded({ skus, ended }: { skus: number; ended: number }) {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), maxChangePercent: 100, maxZeros: 1000 };
    }),
  );
  for (let index = 0; index < skus; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), 5);
  }
  await run(world, { mode: "full" });
  world.parts.splice(0, ended);
  world.happen.wait(MINUTE);
  return world;
}

const run = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });

/** What becomes of an update instead; undefined: it is made. */
function updates(world: World, instead: (ref: Parameters<Update>[0]) => Promise<undefined>): () => void {
  const { update } = world.deps.inventory;
  const replaced: Update = async (ref, actions) => (await instead(ref)) ?? update(ref, actions);
  Object.assign(world.deps.inventory, { update: replaced });
  return () => Object.assign(world.deps.inventory, { update });
}

const emptied = ({ entries }: World) => [...entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 0);
const state = (world: World) => world.cursor("stock-site-S1") as Record<string, unknown>;

describe("a refused zero of an ended part", () => {
  const refusing = (world: World) => {
    const id = world.entryOf(sku(1))?.id;
    return updates(world, async (ref) => {
      if (ref.id === id) throw new RefusedError("commercetools", "InvalidOperation", 400, "the stock is not a number");
      return undefined;
    });
  };

  it("is an exception of its own, the others are written, and the run ends", async () => {
    const world = await withEnded({ skus: 6, ended: 3 });
    refusing(world);
    world.happen.count(sku(4), 2);
    expect(await run(world, { mode: "full" })).toMatchObject({ changed: 3, failed: 4 });
    expect([0, 1, 2, 3, 4].map((index) => world.quantityOf(sku(index)))).toEqual([0, 5, 0, 5, 2]);
    expect(world.codes()).toEqual([
      `invalidInput: ${sku(1)}`,
      ...[0, 1, 2].map((index) => `unmappedSku: ${sku(index)}`),
    ]);
    const [refused] = [...world.exceptions.values()].filter(({ code }) => code === "invalidInput");
    expect(refused).toMatchObject({ recordLabel: `${sku(1)} @ web` });
    expect(refused?.message).toContain(`${sku(1)} @ web`);
    expect(refused?.message).toContain("the stock is not a number");
    expect(state(world)).toMatchObject({ caughtUpAt: world.time.now, fullFinishedAt: world.time.now });
    expect(world.cursor("stock-orders")).toMatchObject({ readAt: world.time.now });
  });

  it("closes when it is written later", async () => {
    const world = await withEnded({ skus: 6, ended: 3 });
    const allow = refusing(world);
    await run(world, { mode: "full" });
    allow();
    world.happen.wait(MINUTE);
    await run(world, { mode: "full" });
    expect([world.quantityOf(sku(1)), world.codes()]).toEqual([0, [`unmappedSku: ${sku(1)}`]]);
    world.happen.wait(MINUTE);
    await run(world, { mode: "full" });
    expect(world.codes()).toEqual([]);
  });
});

describe("zeros of ended parts", () => {
  /** A pace over the time of the world: who waits lets it pass. */
  const paceOf = (world: World, most = 8) => {
    const clock = { monotonic: () => world.time.now, sleep: async (ms: number) => world.happen.wait(ms) };
    return createPace({ clock, random: { fraction: () => 0.5 }, most });
  };

  it("that commercetools throttles are written in the same run, at its pace", async () => {
    const world = await withEnded({ skus: 300, ended: 100 });
    let [calls, inTheAir, most] = [0, 0, 0];
    updates(world, async () => {
      calls += 1;
      const throttles = calls % 20 === 0;
      inTheAir += 1;
      most = Math.max(most, inTheAir);
      await new Promise(setImmediate);
      inTheAir -= 1;
      if (throttles) throw new ThrottledError("429");
      return undefined;
    });
    Object.assign(world.deps, { writes: paceOf(world) });
    expect(await run(world, { mode: "full" })).toMatchObject({ changed: 100 });
    expect(emptied(world)).toHaveLength(100);
    expect(calls).toBe(105);
    expect(most).toBeGreaterThan(1);
    expect(state(world)).toMatchObject({ endedLeft: [] });
    expect(world.journal.filter(({ event }) => event === "stock-ended")).toHaveLength(100);
  });

  /** Each write takes a second, one at a time. */
  async function slow(ended: number): Promise<World> {
    const world = await withEnded({ skus: ended + 50, ended });
    Object.assign(world.deps, { writes: 1 });
    updates(world, async () => {
      world.happen.wait(1000);
      return undefined;
    });
    return world;
  }

  it("end with the run's time, and the next run goes on with them at once", async () => {
    const world = await slow(450);
    const before = state(world).caughtUpAt;
    const told = [(await run(world, { mode: "full", budgetMs: MINUTE })).message];
    const counts = [emptied(world).length];
    expect(state(world)).toMatchObject({ fullFinishedAt: expect.any(Number) });
    while (emptied(world).length < 450 && counts.length < 10) {
      expect(state(world).caughtUpAt).toBe(before);
      world.calls.length = 0;
      told.push((await run(world, { budgetMs: MINUTE })).message);
      expect(world.calls).not.toContain("scanSite");
      counts.push(emptied(world).length);
    }
    expect(counts).toEqual([100, 200, 300, 400, 450]);
    expect(told.at(0)).toBe("350 SKUs without a sales part are left to the next run: their entries still show stock.");
    expect(told.at(-1)).toBeUndefined();
    expect(state(world)).toMatchObject({ endedLeft: [] });
    expect(Number(state(world).caughtUpAt)).toBeGreaterThan(Number(before));
  });

  it("that are left are no zeros for parts that have come back", async () => {
    const world = await slow(450);
    await run(world, { mode: "full", budgetMs: MINUTE });
    const left = [...world.entries.values()].filter((one) => one.quantityOnStock > 0 && one.sku < sku(450));
    expect(left).toHaveLength(350);
    for (const one of left) world.happen.sku(one.sku);
    await run(world, { budgetMs: MINUTE });
    expect(emptied(world)).toHaveLength(100);
    expect(state(world)).toMatchObject({ endedLeft: [] });
  });

  it("that somebody else wrote first are looked at by the next run", async () => {
    const world = await withEnded({ skus: 6, ended: 3 });
    let sold = false;
    world.interfere((call) => {
      if (call !== "update" || sold) return;
      sold = true;
      world.happen.sale(sku(0), 1);
    });
    await run(world, { mode: "full" });
    expect([0, 1, 2].map((index) => world.quantityOf(sku(index)))).toEqual([4, 0, 0]);
    world.happen.wait(MINUTE);
    await run(world);
    expect(world.quantityOf(sku(0))).toBe(0);
  });
});
