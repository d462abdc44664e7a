/** Who may let held zeros through, and why entries were wrong. */
import { describe, expect, it, test } from "vitest";
import { readHeld, readHeldCuts } from "./held.ts";
import { RELEASE_MS, releaseHeld, waitingReleases } from "./release.ts";
import { runStockSync } from "./run.ts";
import { withoutChanges } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const sku = (index: number): string => `P${String(index).padStart(2, "0")}`;
const sync = (world: World, mode: "delta" | "full" = "delta") =>
  runStockSync(world.deps, { now: world.time.now, mode });
const empty = (world: World, from: number, to: number): void => {
  for (let index = from; index < to; index += 1) world.happen.count(sku(index), 0);
};
const shownZeros = (world: World): number =>
  [...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock === 0).length;

/** Twenty parts with five pieces each; at most three may become zero at once. */
async function twenty(): Promise<World> {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), maxZeros: 3 };
    }),
  );
  for (let index = 0; index < 20; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), 5);
  }
  await sync(world);
  world.happen.wait(MINUTE);
  return world;
}
const release = (world: World, most: number, kind: "zeros" | "ended" = "zeros") =>
  releaseHeld(world.deps, { site: "S1", kind, most, by: "kim" }, world.time.now);
const releaseEnded = (world: World, most: number) => release(world, most, "ended");

describe("zeros beyond the absolute bound", () => {
  it("are held in a site of any size, with the command that releases them", async () => {
    const world = await twenty();
    empty(world, 0, 3);
    await sync(world);
    expect(shownZeros(world)).toBe(3);
    empty(world, 3, 7);
    expect(await sync(world)).toMatchObject({ changed: 0, failed: 4 });
    expect([shownZeros(world), [...world.exceptions.values()].map(({ message, action }) => [message, action])]).toEqual(
      [
        3,
        [
          [
            "A run would set 4 of 20 entries of site S1 to zero (20 %, allowed 60 % and 3 entries). They are held, all other changes were written. Among them: P03, P04, P05, P06.",
            "Look at the stock of these parts in IFS. If it is right, release the zeros: npm run stock -- release S1 --zeros 4 --by <name>. The next run plans anew, and writes them if they are not more.",
          ],
        ],
      ],
    );
  });

  it("pass once they are released, as the next run plans them and not as they were held", async () => {
    const world = await twenty();
    empty(world, 0, 5);
    await sync(world);
    await release(world, 5);
    // Meanwhile one of them is back, another one is gone.
    world.happen.count(sku(0), 5);
    empty(world, 5, 6);
    world.happen.wait(MINUTE);
    await sync(world);
    expect([world.quantityOf(sku(0)), world.quantityOf(sku(5)), shownZeros(world)]).toEqual([5, 0, 5]);
    expect(world.codes()).toEqual([]);
    const told = world.journal.map(({ event, by, recordId, detail }) => [event, by, recordId, detail]);
    expect(told).toEqual([
      ["zeros-released", "kim", "zeros S1", { zeros: 5 }],
      ["zeros-release-used", "kim", "zeros S1", { zeros: 5, released: 5 }],
    ]);
  });

  test("stay held when they are more than what was released", async () => {
    const world = await twenty();
    empty(world, 0, 5);
    await sync(world);
    await release(world, 5);
    empty(world, 5, 6);
    await sync(world);
    expect([shownZeros(world), world.codes()]).toEqual([0, ["stockAnomaly: zeros S1"]]);
  });

  test("are released once, not for the next accident", async () => {
    const world = await twenty();
    empty(world, 0, 5);
    await sync(world);
    await release(world, 5);
    await sync(world);
    empty(world, 5, 10);
    await sync(world);
    expect([shownZeros(world), world.codes()]).toEqual([5, ["stockAnomaly: zeros S1"]]);
  });

  test("are released for a while", async () => {
    const world = await twenty();
    empty(world, 0, 5);
    await sync(world);
    await release(world, 5);
    world.happen.wait(RELEASE_MS + 1);
    await sync(world);
    expect(shownZeros(world)).toBe(0);
  });

  test("are not released where nothing of the site can be seen", async () => {
    const world = await twenty();
    await release(world, 20);
    const blind = {
      ...world.deps,
      config: { ...world.deps.config, stock: { ...world.deps.config.stock, minEntriesForHold: 1 } },
    };
    world.knobs.blind = true;
    for (let index = 0; index < 20; index += 1) world.happen.ifsOrder(`T${index}`, sku(index), 1);
    await runStockSync(blind, { now: world.time.now, mode: "delta" });
    expect([shownZeros(world), world.codes()]).toEqual([0, ["stockAnomaly: sight S1"]]);
    world.knobs.blind = false;
    empty(world, 0, 20);
    await runStockSync(blind, { now: world.time.now, mode: "delta" });
    expect(shownZeros(world)).toBe(20);
  });

  it("of sales parts that ended are held like the others, and pass by a release of their own", async () => {
    const world = await twenty();
    world.parts.splice(0, 5);
    const held = async (): Promise<[number, string[]]> => {
      world.happen.wait(MINUTE);
      await sync(world, "full");
      return [shownZeros(world), world.codes().filter((code) => code.startsWith("stockAnomaly"))];
    };
    expect(await held()).toEqual([0, ["stockAnomaly: ended S1"]]);
    // Runs over the changes do not look for them, and do not say that they are gone.
    await sync(world);
    expect(world.codes()).toContain("stockAnomaly: ended S1");
    await releaseEnded(world, 4);
    expect(await held()).toEqual([0, ["stockAnomaly: ended S1"]]);
    await releaseEnded(world, 5);
    expect(await held()).toEqual([5, []]);
    expect(world.journal.filter(({ event }) => event === "ended-release-used")).toHaveLength(1);
  });

  describe("of sales parts that ended", () => {
    async function withEnded(count = 5): Promise<World> {
      const world = await twenty();
      world.parts.splice(0, count);
      world.happen.wait(MINUTE);
      await sync(world, "full");
      expect(shownZeros(world)).toBe(0);
      return world;
    }
    const heldOf = async (world: World) => (await readHeld(world.deps.cursors, "S1"))?.holds;
    const next = async (world: World) => {
      world.happen.wait(MINUTE);
      return sync(world);
    };

    it("are shown with their plan until a full run finds none, and the checkout does not trust the entries", async () => {
      const world = await withEnded();
      const cause = "the site has no sales part with an inventory part for this SKU";
      for (let run = 0; run < 2; run += 1) {
        expect(await heldOf(world)).toEqual([
          expect.objectContaining({ kind: "ended", changes: 5, more: false, skus: [0, 1, 2, 3, 4].map(sku) }),
        ]);
        expect((await heldOf(world))?.[0]?.plan[0]).toEqual({
          sku: sku(0),
          supplyChannel: "web",
          from: 5,
          to: 0,
          cause,
        });
        expect((await readHeldCuts(world.deps.cursors, new Map([["S1", ["web"]]])))(sku(0), "web")).toBe(true);
        await next(world);
      }
      world.shop.clear();
      for (let index = 0; index < 5; index += 1) world.happen.sku(sku(index));
      await sync(world, "full");
      expect([await heldOf(world), world.codes()]).toEqual([[], []]);
    });

    it("pass in the next run after their release, which reads no more than these", async () => {
      const world = await withEnded();
      world.calls.length = 0;
      await next(world);
      // Nobody has released anything: they are not asked for again.
      expect(world.calls).not.toContain("salesParts");
      await releaseEnded(world, 4);
      await next(world);
      expect(shownZeros(world)).toBe(0);
      await releaseEnded(world, 5);
      world.calls.length = 0;
      expect(await next(world)).toMatchObject({ changed: 5 });
      expect(world.calls).not.toContain("scanSite");
      expect([shownZeros(world), await heldOf(world)]).toEqual([5, []]);
      expect(world.codes().filter((code) => code.startsWith("stockAnomaly"))).toEqual([]);
      await next(world);
      expect(world.journal.filter(({ event }) => event === "ended-release-used")).toHaveLength(1);
    });

    it("that came back before their release are left alone by it", async () => {
      const world = await withEnded();
      for (const index of [0, 1, 2]) world.happen.sku(sku(index));
      await releaseEnded(world, 5);
      await next(world);
      expect([0, 3, 4].map((index) => world.quantityOf(sku(index)))).toEqual([5, 0, 0]);
    });

    it("and are more than a document lists are found again by a full run at once", async () => {
      const world = await withEnded();
      const name = "stock-held-S1";
      const stored = await world.deps.cursors.read(name);
      const held = stored?.value as { holds: object[] };
      const holds = held.holds.map((hold) => ({ ...hold, skus: [sku(0)], more: true }));
      await world.deps.cursors.write(name, { ...held, holds }, stored?.version ?? 0);
      await releaseEnded(world, 5);
      expect(await next(world)).toMatchObject({ changed: 5 });
      expect(shownZeros(world)).toBe(5);
    });

    it("and zeros of other parts are released each for itself, and neither release replaces the other", async () => {
      const world = await withEnded();
      empty(world, 10, 15);
      await next(world);
      const kinds = async () => (await heldOf(world))?.map(({ kind, changes }) => [kind, changes]);
      expect(await kinds()).toEqual([
        ["zeros", 5],
        ["ended", 5],
      ]);
      await releaseEnded(world, 5);
      await release(world, 5);
      expect((await waitingReleases(world.deps.cursors, "S1", world.time.now)).map(({ kind }) => kind)).toEqual([
        ...["zeros", "ended"],
      ]);
      await next(world);
      expect([shownZeros(world), await kinds()]).toEqual([10, []]);
      expect(await waitingReleases(world.deps.cursors, "S1", world.time.now)).toEqual([]);
    });

    it.each([
      ["zeros", "ended", [0, 1, 2, 3, 4], [10, 11, 12, 13, 14]],
      ["ended", "zeros", [10, 11, 12, 13, 14], [0, 1, 2, 3, 4]],
    ] as const)("stand beside other zeros: a release of %s leaves %s held", async (given, left, stay, go) => {
      const world = await withEnded();
      empty(world, 10, 15);
      await next(world);
      await release(world, 5, given);
      await next(world);
      expect((await heldOf(world))?.map(({ kind }) => kind)).toEqual([left]);
      expect(stay.map((index) => world.quantityOf(sku(index)))).toEqual(stay.map(() => 5));
      expect(go.map((index) => world.quantityOf(sku(index)))).toEqual(go.map(() => 0));
    });
  });
});

describe("large cuts and raises", () => {
  const bounds = { largePercent: 50, largeUnits: 10 };
  async function stocked(given: object): Promise<World> {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), bounds: { ...bounds, ...given } };
      }),
    );
    for (let index = 0; index < 20; index += 1) {
      world.happen.sku(sku(index));
      world.happen.stock(sku(index), 100);
    }
    await sync(world);
    world.happen.wait(MINUTE);
    return world;
  }
  const held = (world: World) => readHeld(world.deps.cursors, "S1");
  const isHeld = async (world: World, name: string) =>
    (await readHeldCuts(world.deps.cursors, new Map([["S1", ["web"]]])))(name, "web");

  it("beyond the bound are held with their plan, smaller ones go on, and the checkout is told", async () => {
    const world = await stocked({ maxCuts: 1 });
    world.happen.count(sku(0), 40);
    world.happen.count(sku(1), 40);
    world.happen.count(sku(2), 60);
    expect(await sync(world)).toMatchObject({ changed: 1, failed: 2 });
    expect([0, 1, 2].map((index) => world.quantityOf(sku(index)))).toEqual([100, 100, 60]);
    expect(world.codes()).toEqual(["stockAnomaly: cuts S1"]);
    const change = { supplyChannel: "web", from: 100, to: 40 };
    const cause = "IFS: on hand 40: 40. commercetools: 100 on stock, 100 available";
    expect((await held(world))?.holds).toEqual([
      {
        kind: "cuts",
        changes: 2,
        entries: 20,
        message:
          "A run would lower 2 of 20 entries of site S1 by more than 50 % and 10 units (10 %, allowed 60 % and 1 entries). They are held, all other changes were written. Among them: P00, P01.",
        plan: [
          { sku: sku(0), ...change, cause },
          { sku: sku(1), ...change, cause },
        ],
        skus: [sku(0), sku(1)],
        more: false,
        skuCount: 2,
        already: 0,
      },
    ]);
    expect([await isHeld(world, sku(0)), await isHeld(world, sku(2))]).toEqual([true, false]);
  });

  it("pass by a release, as they are planned then, once, and the checkout goes by the entries again", async () => {
    const world = await stocked({ maxCuts: 1 });
    for (const index of [0, 1]) world.happen.count(sku(index), 40);
    await sync(world);
    await releaseHeld(world.deps, { site: "S1", kind: "cuts", most: 2, by: "kim" }, world.time.now);
    world.happen.count(sku(1), 90);
    world.happen.count(sku(2), 30);
    world.happen.wait(MINUTE);
    await sync(world);
    expect([0, 1, 2].map((index) => world.quantityOf(sku(index)))).toEqual([40, 90, 30]);
    expect([world.codes(), (await held(world))?.holds, await isHeld(world, sku(0))]).toEqual([[], [], false]);
    expect(world.journal.map(({ event, by, recordId }) => [event, by, recordId])).toEqual([
      ["cuts-released", "kim", "cuts S1"],
      ["cuts-release-used", "kim", "cuts S1"],
    ]);
    for (const index of [3, 4]) world.happen.count(sku(index), 40);
    await sync(world);
    expect([3, 4].map((index) => world.quantityOf(sku(index)))).toEqual([100, 100]);
  });

  it.each(["zeros", "raises"] as const)("are not released by a release of %s", async (kind) => {
    const world = await stocked({ maxCuts: 0 });
    world.happen.count(sku(0), 40);
    await sync(world);
    await releaseHeld(world.deps, { site: "S1", kind, most: 9, by: "kim" }, world.time.now);
    await sync(world);
    expect(world.quantityOf(sku(0))).toBe(100);
  });

  it("raises have a bound of their own, off unless it is set, and what is new has none", async () => {
    const free = await stocked({});
    free.happen.count(sku(0), 1000);
    await sync(free);
    expect(free.quantityOf(sku(0))).toBe(1000);
    const world = await stocked({ maxRaises: 0 });
    world.happen.count(sku(0), 1000);
    world.happen.count(sku(1), 110);
    world.happen.sku("NEW");
    world.happen.stock("NEW", 1000);
    await sync(world, "full");
    expect([sku(0), sku(1), "NEW"].map((name) => world.quantityOf(name))).toEqual([100, 110, 1000]);
    expect([world.codes(), await isHeld(world, sku(0))]).toEqual([["stockAnomaly: raises S1"], false]);
  });

  it("by their share of the site, where it has some size", async () => {
    const world = await stocked({ maxCutsPercent: 10 });
    const small = { ...world.deps.config, stock: { ...world.deps.config.stock, minEntriesForHold: 20 } };
    for (const index of [0, 1, 2]) world.happen.count(sku(index), 40);
    await runStockSync({ ...world.deps, config: small }, { now: world.time.now, mode: "delta" });
    expect(world.codes()).toEqual(["stockAnomaly: cuts S1"]);
    await sync(world);
    expect([world.codes(), world.quantityOf(sku(0))]).toEqual([[], 40]);
  });

  it("that became zero while they waited for their turn count against the bound of zeros", async () => {
    const world = await stocked({ maxCuts: 5 });
    const strict = { ...world.deps.config, stock: { ...world.deps.config.stock, maxZeros: 0 } };
    world.happen.count(sku(0), 40);
    world.happen.count(sku(1), 0);
    let reads = 0;
    world.interfere((call) => {
      if (call === "stockRows" && ++reads === 2) world.happen.count(sku(0), 0);
    });
    await runStockSync({ ...world.deps, config: strict }, { now: world.time.now, mode: "delta" });
    expect([world.quantityOf(sku(0)), world.quantityOf(sku(1))]).toEqual([100, 100]);
  });
});

describe("a drift is journaled with its reason", () => {
  const reasons = (world: World) =>
    Object.fromEntries(
      world.journal.map(({ recordId, detail }) => [recordId, [detail.reason, detail.from, detail.to]]),
    );

  it("five of them in one run", async () => {
    const world = await twenty();
    const bookedByNobody = world.entryOf(sku(1));
    if (!bookedByNobody) throw new Error("no entry");
    world.happen.edit(sku(0), 9);
    world.entries.set(bookedByNobody.id, { ...bookedByNobody, quantityOnStock: 8 });
    world.happen.wait(MINUTE);
    world.happen.count(sku(2), 4);
    const low = world.entryOf(sku(3));
    if (low) world.entries.set(low.id, { ...low, quantityOnStock: 1 });
    // Edited by hand, and moved in IFS since.
    world.happen.edit(sku(4), 7);
    world.happen.wait(MINUTE);
    world.happen.count(sku(4), 6);
    await runStockSync(withoutChanges(world), { now: world.time.now, mode: "full" });
    expect(reasons(world)).toEqual({
      [sku(0)]: ["manualEdit", 9, 5],
      [sku(1)]: ["lostSale", 8, 5],
      [sku(2)]: ["ifsChange", 5, 4],
      [sku(3)]: ["unexplained", 1, 5],
      [sku(4)]: ["ifsChange", 7, 6],
    });
  });

  it("another formula, also in the later slices of a run", async () => {
    const world = createWorld();
    for (let index = 0; index < 250; index += 1) {
      world.happen.sku(`Q${index}`);
      world.happen.stock(`Q${index}`, 5);
    }
    await sync(world);
    world.happen.wait(MINUTE);
    const [pool] = world.deps.config.stock.pools;
    if (!pool) throw new Error("no pool");
    const channels = pool.channels.map((channel) => ({ ...channel, buffer: 1 }));
    const config = { ...world.deps.config, stock: { ...world.deps.config.stock, pools: [{ ...pool, channels }] } };
    const deps = { ...withoutChanges(world), config };
    await runStockSync(deps, { now: world.time.now, mode: "delta", budgetMs: -1 });
    await runStockSync(deps, { now: world.time.now, mode: "delta" });
    const found = world.journal.map(({ detail }) => detail.reason);
    expect([found.length, new Set(found)]).toEqual([250, new Set(["formulaChange"])]);
  });

  it("what the first full run takes over", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    world.entries.set("old", {
      id: "old",
      version: 1,
      sku: "BOLT",
      supplyChannel: { typeId: "channel", id: "id-web" },
      createdAt: "",
      lastModifiedAt: "2026-07-01T00:00:00.000Z",
      quantityOnStock: 8,
      availableQuantity: 8,
    });
    await sync(world);
    expect(reasons(world)).toEqual({ BOLT: ["takenOver", 8, 5] });
  });

  it("another API client wrote last", async () => {
    const world = await twenty();
    const written = (index: number, clientId: string): void => {
      const entry = world.entryOf(sku(index));
      const lastModifiedBy = { clientId } as unknown as NonNullable<typeof entry>["lastModifiedBy"];
      if (entry) world.entries.set(entry.id, { ...entry, quantityOnStock: 8, lastModifiedBy });
    };
    written(0, "warehouse-tool");
    written(1, "connector");
    const own = { ...withoutChanges(world), ownClientId: "connector" };
    await runStockSync(own, { now: world.time.now, mode: "full" });
    expect(reasons(world)).toEqual({ [sku(0)]: ["otherClient", 8, 5], [sku(1)]: ["lostSale", 8, 5] });
  });

  it("an edit is journaled by whatever run finds it, all else by full runs", async () => {
    const world = await twenty();
    const low = world.entryOf(sku(1));
    if (low) world.entries.set(low.id, { ...low, quantityOnStock: 1 });
    world.happen.edit(sku(0), 9);
    world.happen.ifsOrder("T0", sku(0), 1);
    world.happen.ifsOrder("T1", sku(1), 1);
    await sync(world);
    expect(reasons(world)).toEqual({ [sku(0)]: ["manualEdit", 9, 4] });
  });
});
