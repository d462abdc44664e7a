/** What has changed is looked at while the list of it is read. */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import type { PartNo } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { settled } from "./testing/started.ts";
import { createWorld, type World } from "./testing/world.ts";

const part = (index: number): PartNo => `P${String(index).padStart(4, "0")}` as PartNo;
const parts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => part(from + index));
const updates = (world: World): number => world.calls.filter((call) => call === "update").length;

/** 120 parts, each of which has one unit more in IFS than in the shop. */
async function moved(): Promise<World> {
  const world = createWorld();
  for (const sku of parts(0, 120)) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5);
  }
  await settled(world);
  for (const sku of parts(0, 120)) world.happen.count(sku, 6);
  world.calls.length = 0;
  return world;
}

type Tell = (partNos: readonly PartNo[]) => void;

/** A run for which the list of changes is read as told; whether what it told of counts as handled. */
async function run(
  world: World,
  read: (tell: Tell) => Promise<readonly PartNo[] | "lost">,
  given: Partial<StockRunOptions> = {},
) {
  let handled = false;
  const changedParts = async (_: unknown, tell: Tell = () => {}) => ({
    keys: await read(tell),
    handled: async () => {
      handled = true;
    },
  });
  const summary = await runStockSync(
    { ...world.deps, changedParts },
    { now: world.time.now, mode: "delta", ...given },
  ).catch((error: unknown) => error);
  return { summary, handled };
}

/** Until the run has done what it can. */
async function quiet(): Promise<void> {
  for (let turns = 0; turns < 300; turns += 1) await turn();
}

describe("changes that are listed page by page", () => {
  it("are written while the rest of the list is read", async () => {
    const world = await moved();
    let before = 0;
    const { summary, handled } = await run(world, async (tell) => {
      await quiet();
      tell(parts(0, 90));
      await quiet();
      before = updates(world);
      return parts(0, 120);
    });
    expect(before).toBe(90);
    expect(summary).toMatchObject({ processed: 120, changed: 120, failed: 0 });
    expect(handled).toBe(true);
    expect(parts(0, 120).map((sku) => world.quantityOf(sku))).toEqual(Array(120).fill(6));
  });

  it("are looked at once more where the list tells of a part after it was looked at", async () => {
    const world = await moved();
    await run(world, async (tell) => {
      tell(parts(0, 90));
      await quiet();
      world.happen.count(part(7), 3);
      tell([part(7)]);
      return parts(0, 90);
    });
    expect([world.quantityOf(part(7)), updates(world)]).toEqual([3, 91]);
  });

  it("wait for each other where there is no page of them, and stay one page", async () => {
    const world = await moved();
    await run(world, async (tell) => {
      for (const one of parts(0, 60)) {
        tell([one]);
        await turn();
      }
      return parts(0, 60);
    });
    expect([updates(world), world.calls.filter((call) => call === "salesPartsOf").length]).toEqual([60, 1]);
  });

  it("are left to a full run as soon as they are too many, those that were not looked at yet", async () => {
    const world = await moved();
    const strangers = Array.from({ length: 5000 }, (_, index) => `X${index}` as PartNo);
    let named = 0;
    const { summary, handled } = await run(world, async (tell) => {
      tell(parts(0, 90));
      await quiet();
      tell(strangers);
      await quiet();
      named = world.calls.filter((call) => call === "salesPartsOf").length;
      tell(parts(90, 120));
      return [...parts(0, 120), ...strangers];
    });
    expect([named, handled]).toEqual([1, true]);
    expect(summary).toMatchObject({ changed: 120, failed: 0 });
    expect(world.calls).toContain("scanSite");
  });

  it("are not handled where the list cannot be read to its end; what was written is right", async () => {
    const world = await moved();
    const state = world.cursor("stock-site-S1");
    const { summary, handled } = await run(world, async (tell) => {
      tell(parts(0, 90));
      await quiet();
      throw new TransientError("IFS is down");
    });
    expect(summary).toEqual(new TransientError("IFS is down"));
    expect([handled, updates(world), world.cursor("stock-site-S1")]).toEqual([false, 90, state]);
  });

  it("go to the next run where the time is over, those that the list tells of later included", async () => {
    const world = await moved();
    world.interfere((call) => {
      if (call === "salesPartsOf") world.time.now += 10;
    });
    const { handled } = await run(
      world,
      async (tell) => {
        tell(parts(0, 110));
        await quiet();
        return parts(0, 120);
      },
      { budgetMs: 5 },
    );
    const first = updates(world);
    expect([first, handled]).toEqual([90, true]);
    world.interfere(() => {});
    await run(world, async () => []);
    expect(parts(0, 120).map((sku) => world.quantityOf(sku))).toEqual(Array(120).fill(6));
  });
});
