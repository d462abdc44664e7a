/** What a run leaves behind that dies, and what two runs do to each other that should not have met. */
import { describe, expect, it } from "vitest";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { StockSyncDeps } from "./deps.ts";
import { runStockSync } from "./run.ts";
import { createWorld, type World } from "./testing/world.ts";

const PARTS = 650;
const sku = (index: number): string => `P${String(index).padStart(4, "0")}`;
const stockOf = (index: number): number => 1 + (index % 7);

function filled(): World {
  const world = createWorld();
  for (let index = 0; index < PARTS; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), stockOf(index));
  }
  return world;
}

/** The flow with a record of what it asked for and wrote. */
function watched(world: World) {
  const record = { scannedFrom: [] as (string | undefined)[], written: [] as string[] };
  const { inventory } = world.deps;
  const deps: StockSyncDeps = {
    ...world.deps,
    // Nothing changes: what the second run reads, it reads because the first did not come so far.
    changedParts: async () => ({ keys: [], handled: async () => {} }),
    scanSite: (contract, from) => {
      record.scannedFrom.push(from);
      return world.deps.scanSite(contract, from);
    },
    inventory: {
      ...inventory,
      create: async (draft) => {
        const entry = await inventory.create(draft);
        record.written.push(draft.sku);
        return entry;
      },
    },
  };
  return { deps, record };
}

const positionOf = (world: World) =>
  (world.cursor("stock-site-S1") as { full?: { after?: string; entries: number } } | null)?.full;

const isRight = (world: World): boolean =>
  world.entries.size === PARTS &&
  Array.from({ length: PARTS }, (_, index) => world.quantityOf(sku(index)) === stockOf(index)).every(Boolean);

describe("a full run that is killed", () => {
  it("at any of its calls is gone on with behind the last page that was done, writes nothing twice and counts nothing twice", async () => {
    const calls = await callsOfAWholeRun();
    const resumed = new Set<string | undefined>();
    for (let at = 1; at <= calls; at += 37) {
      const world = filled();
      let call = 0;
      world.interfere(() => {
        call += 1;
        if (call >= at) throw new TransientError("killed");
      });
      const first = watched(world);
      await expect(runStockSync(first.deps, { now: world.time.now, mode: "full" })).rejects.toThrow("killed");
      world.interfere(() => {});
      const position = positionOf(world);
      resumed.add(position?.after);
      const second = watched(world);
      await runStockSync(second.deps, { now: world.time.now, mode: "delta" });
      expect(second.record.scannedFrom[0]).toBe(position?.after);
      expect([...first.record.written, ...second.record.written].toSorted()).toEqual(
        Array.from({ length: PARTS }, (_, index) => sku(index)),
      );
      expect([isRight(world), positionOf(world)]).toEqual([true, undefined]);
      expect(world.cursor("stock-site-S1")).toMatchObject({ entries: PARTS });
    }
    // From the beginning, and behind each page but the last.
    expect([...resumed]).toEqual([undefined, sku(199), sku(399), sku(599)]);
  });
});

describe("a full run that goes on where an earlier one stopped", () => {
  const stopped = async (world: World) => {
    await runStockSync(world.deps, { now: world.time.now, mode: "full" });
    let pages = 0;
    world.interfere((call) => {
      if (call === "scanSite" && ++pages === 3) throw new TransientError("killed");
    });
    await expect(runStockSync(world.deps, { now: world.time.now, mode: "full" })).rejects.toThrow("killed");
    world.interfere(() => {});
    expect(positionOf(world)).toBeDefined();
    world.calls.length = 0;
    return world;
  };
  const asked = (world: World, list: string) => world.calls.filter((call) => call === list).length;

  it("asks for none of the entries that it did not meet, and reads the sales parts once in long pages", async () => {
    const world = await stopped(filled());
    await runStockSync(watched(world).deps, { now: world.time.now, mode: "delta" });
    expect(positionOf(world)).toBeUndefined();
    expect([asked(world, "salesParts"), asked(world, "pageSalesParts")]).toEqual([0, 2]);
  });

  it("finds parts that have ended, before and behind the place where it went on", async () => {
    const world = await stopped(filled());
    for (const name of [sku(3), sku(640)])
      world.parts.splice(
        world.parts.findIndex(({ catalogNo }) => catalogNo === name),
        1,
      );
    await runStockSync(watched(world).deps, { now: world.time.now, mode: "delta" });
    expect([world.quantityOf(sku(3)), world.quantityOf(sku(640))]).toEqual([0, 0]);
    expect([...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 0)).toHaveLength(2);
  });

  it("goes on from page to page behind numbers that a filter may name", async () => {
    const world = await stopped(filled());
    const { pageSalesParts } = world.deps.parts;
    const places: (string | undefined)[] = [];
    const parts: World["deps"]["parts"] = {
      ...world.deps.parts,
      pageSalesParts(contract, after, limit) {
        places.push(after);
        return pageSalesParts(contract, after, limit);
      },
    };
    // The five hundredth number.
    world.happen.sku("P0498#");
    await runStockSync({ ...watched(world).deps, parts }, { now: world.time.now, mode: "delta" });
    expect(places).toEqual([undefined, sku(498)]);
  });
});

async function callsOfAWholeRun(): Promise<number> {
  const world = filled();
  let calls = 0;
  world.interfere(() => {
    calls += 1;
  });
  await runStockSync(world.deps, { now: world.time.now, mode: "full" });
  return calls;
}

describe("two runs at once, one of them without the lease", () => {
  it("leave every entry right, write no difference twice, and only one of them keeps the position", async () => {
    const world = filled();
    await runStockSync(world.deps, { now: world.time.now, mode: "full" });
    world.happen.wait(60_000);
    for (let index = 0; index < PARTS; index += 3) world.happen.count(sku(index), stockOf(index) + 5);
    const run = () => runStockSync(world.deps, { now: world.time.now, mode: "full" });
    const outcomes = await Promise.allSettled([run(), run()]);
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(failures).toEqual([expect.any(ConflictError)]);
    for (let index = 0; index < PARTS; index += 1) {
      expect(world.quantityOf(sku(index))).toBe(stockOf(index) + (index % 3 === 0 ? 5 : 0));
    }
    await runStockSync(world.deps, { now: world.time.now, mode: "delta" });
    expect(world.entries.size).toBe(PARTS);
  });
});
