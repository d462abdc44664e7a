/** A list of parts without a single row is no proof that there is no stock, whatever the size of the site. */
import { describe, expect, it } from "vitest";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsStockRow } from "../../domain/ifs-records.ts";
import { readHeldCuts } from "./held.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const S1 = "S1" as Contract;
const SIGHT = "stockAnomaly: sight S1";

function run(world: World, given: Partial<StockRunOptions> = {}) {
  world.calls.length = 0;
  return runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `P${1000 + index}`);

async function siteOf(skus: readonly string[]): Promise<World> {
  const world = createWorld();
  for (const sku of skus) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5);
  }
  await run(world, { mode: "full" });
  world.happen.wait(MINUTE);
  return world;
}

type Answer = (rows: IfsStockRow[], partNos: readonly PartNo[], contract: Contract) => IfsStockRow[];

/** Gives the way back. */
function answering(world: World, answer: Answer): () => void {
  const { stock } = world.deps;
  const { stockRows } = stock;
  Object.assign(stock, {
    stockRows: async (contract: Contract, partNos: readonly PartNo[]) =>
      answer(await stockRows(contract, partNos), partNos, contract),
  });
  return () => void Object.assign(stock, { stockRows });
}

const rowsGone = (world: World, partNo: string): void => {
  const at = world.rows.findIndex((row) => row.partNo === partNo);
  world.rows.splice(at, 1);
};
const lists = (world: World): number => world.calls.filter((call) => call === "stockRows").length;
const zeros = (world: World): number =>
  [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 0).length;

describe("a list that stays without a row", () => {
  it("is not believed in a large site: its parts wait by name, the others are written, the next run looks again", async () => {
    const skus = named(300);
    const world = await siteOf(skus);
    for (const sku of skus) world.happen.count(sku, 6);
    const back = answering(world, (rows, partNos) => (partNos.includes("P1000" as PartNo) ? [] : rows));
    const summary = await run(world);
    expect([zeros(world), world.quantityOf("P1000"), world.codes()]).toEqual([0, 5, [SIGHT]]);
    expect(summary.message).toContain("waiting: P1000, P1001");
    expect([summary.processed, summary.changed + summary.failed, world.quantityOf("P1299")]).toEqual([300, 300, 6]);
    back();
    world.happen.wait(10 * MINUTE);
    expect(await run(world)).toMatchObject({ changed: summary.failed, failed: 0 });
    expect([...world.entries.values()].every(({ quantityOnStock }) => quantityOnStock === 6)).toBe(true);
    expect(world.codes()).toEqual([]);
  });

  it("is not believed beside a request of the same list that showed rows", async () => {
    const skus = named(20);
    const world = await siteOf(skus);
    for (const sku of ["P1000", "P1001"]) rowsGone(world, sku);
    const { rowsBeside } = world.deps.stock;
    // As with a short `maxUrlLength`: a request for each part, with witnesses in each.
    Object.assign(world.deps.stock, {
      rowsBeside: async (...[contract, partNos, witnesses]: Parameters<typeof rowsBeside>) => {
        const lists = await Promise.all(partNos.map((one) => rowsBeside(contract, [one], witnesses)));
        return lists
          .flat()
          .map((list) => ({ ...list, rows: list.partNos.includes("P1001" as PartNo) ? [] : list.rows }));
      },
    });
    expect(await run(world, { mode: "full" })).toMatchObject({ changed: 1, failed: 1 });
    expect([world.quantityOf("P1000"), world.quantityOf("P1001"), world.codes()]).toEqual([0, 5, [SIGHT]]);
  });

  it("empties nothing where it comes when the zeros are written, of rows that were zero before", async () => {
    const skus = named(20);
    const world = await siteOf(skus);
    world.happen.count("P1000", 0);
    let asked = 0;
    const back = answering(world, (rows) => (++asked === 1 ? rows : []));
    expect(await run(world)).toMatchObject({ changed: 0, failed: 1 });
    expect([world.quantityOf("P1000"), world.codes()]).toEqual([5, [SIGHT]]);
    back();
    world.happen.wait(10 * MINUTE);
    await run(world);
    expect([world.quantityOf("P1000"), world.codes()]).toEqual([0, []]);
  });

  it("is asked for a few times and no more, however many parts wait", async () => {
    const skus = named(400);
    const world = await siteOf(skus);
    world.knobs.blind = true;
    const only = { skus: skus as Sku[] };
    expect(await run(world, { only })).toMatchObject({ changed: 0, failed: 400 });
    expect([lists(world), zeros(world)]).toEqual([5 + 3, 0]);
  });
});

describe("the check at checkout", () => {
  const distrusts = async (world: World, ...skus: string[]) => {
    const isHeld = await readHeldCuts(world.deps.cursors, new Map([["S1", ["web"]]]));
    return skus.map((sku) => isHeld(sku, "web"));
  };

  it("asks IFS about what a blind list left as it was, until a run has seen it again", async () => {
    const skus = named(300);
    const world = await siteOf(skus);
    for (const sku of ["P1298", "P1299"]) world.happen.count(sku, 2);
    // Not in the list of its page, and beside five witnesses there is no row at all.
    const blind = (rows: IfsStockRow[], partNos: readonly PartNo[]) =>
      partNos.length <= 6 && partNos.includes("P1299" as PartNo) ? [] : rows.filter(({ partNo }) => partNo !== "P1299");
    const back = answering(world, blind);
    await run(world, { mode: "full" });
    expect(await distrusts(world, "P1298", "P1299")).toEqual([false, true]);
    back();
    // A run whose time is over before it comes to the part knows no more than the one before.
    for (const sku of skus) world.happen.count(sku, 4);
    world.happen.wait(MINUTE);
    await run(world, { budgetMs: -1 });
    expect([world.quantityOf("P1000"), world.quantityOf("P1299")]).toEqual([4, 5]);
    expect(await distrusts(world, "P1298", "P1299")).toEqual([false, true]);
    world.happen.wait(10 * MINUTE);
    await run(world);
    expect([await distrusts(world, "P1299"), world.quantityOf("P1299")]).toEqual([[false], 4]);
  });

  it("asks about all SKUs of a site whose blind ones are more than are listed, also where its sight is lost meanwhile", async () => {
    const skus = named(2100);
    const world = await siteOf(skus);
    for (const sku of skus) world.happen.count(sku, 4);
    world.knobs.blind = true;
    await run(world, { mode: "full" });
    expect(await distrusts(world, "P1000", "P3099")).toEqual([true, true]);
    world.knobs.siteHidden = true;
    world.happen.wait(MINUTE);
    await run(world);
    expect(await distrusts(world, "P1000", "P3099")).toEqual([true, true]);
    Object.assign(world.knobs, { blind: false, siteHidden: false });
    world.happen.wait(10 * MINUTE);
    await run(world, { mode: "full" });
    expect(await distrusts(world, "P1000", "P3099")).toEqual([false, false]);
  });
});

describe("more parts than the next run can be told of", () => {
  it("leave all of the run unhandled: nothing of it is forgotten", async () => {
    const skus = named(2100);
    const world = await siteOf(skus);
    for (const sku of skus) world.happen.count(sku, 4);
    // Changes that count as handled are not told of again once something has moved later.
    world.happen.wait(10 * MINUTE);
    world.happen.count("P1000", 3);
    world.knobs.blind = true;
    expect(await run(world, { mode: "full" })).toMatchObject({ changed: 0, failed: 2100 });
    expect([zeros(world), world.codes()]).toEqual([0, [SIGHT]]);
    world.knobs.blind = false;
    world.happen.wait(10 * MINUTE);
    expect(await run(world)).toMatchObject({ changed: 2100, failed: 0 });
    expect(world.codes()).toEqual([]);
  });
});

describe("a small site whose rows are not shown", () => {
  const runs: Readonly<Record<string, (skus: readonly string[]) => Partial<StockRunOptions>>> = {
    full: () => ({ mode: "full" }),
    delta: () => ({}),
    "named SKUs": (skus) => ({ only: { skus: skus as Sku[] } }),
    hints: (skus) => ({ only: { partNos: skus.map((partNo) => ({ contract: S1, partNo: partNo as PartNo })) } }),
  };
  it.each(Object.keys(runs).flatMap((name) => [1, 5, 49].map((size) => [name, size] as const)))(
    "keeps its stock: %s, %i parts",
    async (name, size) => {
      const skus = named(size);
      const world = await siteOf(skus);
      for (const sku of skus) world.happen.count(sku, 4);
      world.knobs.blind = true;
      expect(await run(world, runs[name]?.(skus))).toMatchObject({ changed: 0, failed: size });
      expect([zeros(world), world.codes()]).toEqual([0, [SIGHT]]);
      world.knobs.blind = false;
      world.happen.wait(10 * MINUTE);
      await run(world);
      expect([[...world.entries.values()].every((one) => one.quantityOnStock === 4), world.codes()]).toEqual([
        true,
        [],
      ]);
    },
  );
});

describe("a part without a row", () => {
  async function emptied(how: (world: World, partNo: string) => void): Promise<number> {
    const world = await siteOf(["BOLT", "NUT", "SCREW"]);
    // Without a row as well, and its new entry shows nothing.
    world.happen.sku("NEW");
    for (const sku of ["BOLT", "SCREW"]) how(world, sku);
    expect(await run(world, { mode: "full" })).toMatchObject({ changed: 3, failed: 0 });
    expect(["BOLT", "SCREW", "NEW", "NUT"].map((sku) => world.quantityOf(sku))).toEqual([0, 0, 0, 5]);
    expect(world.codes()).toEqual([]);
    return lists(world);
  }

  it("has no stock beside one that has a row: one list more than where rows with quantity zero are shown", async () => {
    const shown = await emptied((world, partNo) => world.happen.count(partNo, 0));
    expect([shown, await emptied(rowsGone)]).toEqual([3, 4]);
  });

  it("that is no active sales part is zero without a witness", async () => {
    const world = await siteOf(["BOLT"]);
    rowsGone(world, "BOLT");
    await run(world, { mode: "full" });
    expect([world.quantityOf("BOLT"), world.codes()]).toEqual([5, [SIGHT]]);
    for (const [at, part] of world.parts.entries()) world.parts[at] = { ...part, active: false };
    await run(world, { mode: "full" });
    expect([world.quantityOf("BOLT"), world.codes()]).toEqual([0, []]);
  });
});

describe("a channel that several sites feed", () => {
  const joint = async (): Promise<World> => {
    const world = createWorld(
      configWith((raw) => {
        const sites = ["S1", "S2"];
        raw.sites = sites.map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
        raw.stock = { pools: sites.map((site) => ({ name: site, site, channels: [{ supplyChannel: "web" }] })) };
      }),
    );
    for (const contract of ["S1", "S2"] as Contract[]) {
      for (const sku of ["BOLT", "NUT"]) {
        world.happen.sku(sku, { contract });
        world.happen.stock(sku, 5, { contract });
      }
    }
    await run(world);
    await run(world);
    world.happen.wait(MINUTE);
    return world;
  };

  it("keeps its sum where the list of one of them is blind", async () => {
    const world = await joint();
    expect(world.quantityOf("BOLT")).toBe(10);
    for (const sku of ["BOLT", "NUT"]) world.happen.count(sku, 4);
    const asked = (partNos: readonly PartNo[]) => partNos.includes("BOLT" as PartNo);
    // As where a page of parts takes two requests, and one of them is not answered.
    let first = true;
    answering(world, (rows, partNos, contract) => {
      if (contract !== "S2" || !asked(partNos)) return rows;
      const shown = first ? rows.filter(({ partNo }) => partNo !== "BOLT") : [];
      first = false;
      return shown;
    });
    await run(world, { only: { partNos: ["BOLT", "NUT"].map((one) => ({ contract: S1, partNo: one as PartNo })) } });
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([10, 9]);
    expect(world.codes()).toEqual(["stockAnomaly: sight S2"]);
  });

  it("follows a part that one of them has no row of", async () => {
    const world = await joint();
    rowsGone(world, "BOLT");
    world.happen.count("NUT", 4);
    await run(world, { mode: "full" });
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT"), world.codes()]).toEqual([5, 9, []]);
  });
});
