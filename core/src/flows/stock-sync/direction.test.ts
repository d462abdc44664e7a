/** Where commercetools is the record for stock, runs report and write no entry. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { describe, expect, it } from "vitest";
import type { Contract } from "../../domain/ids.ts";
import { withoutEntryWrites } from "./direction.ts";
import { entryKey } from "./entry-key.ts";
import { loadChannel } from "./load.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;

const turned = (more: Record<string, unknown> = {}, direction = "commercetools") =>
  configWith((raw) => {
    const { stock } = raw;
    raw.stock = { ...(stock as object), direction, ...more };
  });

const sync = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "full", ...given });

const entry = (world: World, sku: string, given: Partial<InventoryEntry> = {}): void => {
  const quantity = given.quantityOnStock ?? 0;
  const at = new Date(world.time.now).toISOString();
  world.entries.set(sku, {
    ...{ id: sku, version: 1, sku, supplyChannel: { typeId: "channel", id: "id-web" } },
    ...{ createdAt: at, lastModifiedAt: at, quantityOnStock: quantity, availableQuantity: quantity },
    ...given,
  });
};

const writes = (world: World) => world.calls.filter((call) => call === "create" || call === "update");

/** One of each kind of write that the other direction would make. */
function allKinds(direction = "commercetools"): World {
  const world = createWorld(turned({ classes: [{ name: "later", skus: ["TERMS"], restockableInDays: 9 }] }, direction));
  const stock = { CREATE: 5, RAISE: 7, LOWER: 2, ZERO: 0, TERMS: 4, ADOPT: 6, SAME: 3 };
  for (const [sku, units] of Object.entries(stock)) {
    world.happen.sku(sku);
    world.happen.stock(sku, units);
  }
  const key = (sku: string) => ({ key: entryKey(sku, "web") });
  entry(world, "RAISE", { quantityOnStock: 1, ...key("RAISE") });
  entry(world, "LOWER", { quantityOnStock: 9, ...key("LOWER") });
  entry(world, "ZERO", { quantityOnStock: 8, ...key("ZERO") });
  entry(world, "TERMS", { quantityOnStock: 4, ...key("TERMS") });
  entry(world, "ADOPT", { quantityOnStock: 5 });
  entry(world, "SAME", { quantityOnStock: 3, ...key("SAME") });
  entry(world, "ENDED", { quantityOnStock: 2, ...key("ENDED") });
  return world;
}

const differences = (world: World) =>
  world.journal
    .map(({ event, recordId, detail }) => [event, recordId, detail.commercetools, detail.ifs])
    .sort((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1));

describe("stock.direction: commercetools", () => {
  it("writes none of the kinds that the other direction writes", async () => {
    const [usual, world] = [allKinds("ifs"), allKinds()];
    await sync(usual);
    expect(writes(usual).sort()).toEqual(["create", ...Array.from({ length: 6 }, () => "update")]);

    const before = structuredClone([...world.entries]);
    const summary = await sync(world);
    expect(writes(world)).toEqual([]);
    expect([...world.entries]).toEqual(before);
    expect(summary).toMatchObject({ changed: 0, message: expect.stringContaining("No inventory entry was written") });
  });

  it("journals what a full run finds, tells it in the counts and in one exception", async () => {
    const world = allKinds();
    const told: object[] = [];
    await sync(world, { progress: async (counts) => void told.push({ ...counts }) });
    expect(differences(world)).toEqual([
      ["stock-differs", "ADOPT", 5, 6],
      ["stock-differs", "CREATE", null, 5],
      ["stock-differs", "ENDED", 2, 0],
      ["stock-differs", "LOWER", 9, 2],
      ["stock-differs", "RAISE", 1, 7],
      ["stock-differs", "TERMS", 4, 4],
      ["stock-differs", "ZERO", 8, 0],
    ]);
    expect(world.journal.find(({ recordId }) => recordId === "LOWER")?.detail).toEqual({
      ...{ site: "S1", supplyChannel: "web", commercetools: 9, ifs: 2 },
      cause: "IFS: on hand 2: 2. commercetools: 9 on stock, 9 available",
    });
    expect(told.at(-1)).toMatchObject({ read: 7, changed: 6, unchanged: 1, written: 0, held: 0 });
    expect(world.codes()).toEqual(["stockDiffers: differences S1", "unmappedSku: ENDED"]);
    const [first] = [...world.exceptions.values()].filter(({ recordId }) => recordId === "differences S1");
    expect(first?.message).toMatch(/^7 inventory entries of site S1 show another stock than IFS\. Nothing was written/);
    expect(first?.message).toContain("LOWER @ web (commercetools 9, IFS 2)");
    expect(first?.message).toContain("CREATE @ web (commercetools no entry, IFS 5)");
    expect(first?.message).toContain("TERMS @ web (commercetools 4, IFS 4, other terms)");
  });

  it("closes the exception with the full run that finds nothing, and not with the runs between", async () => {
    const world = createWorld(turned());
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    entry(world, "BOLT", { quantityOnStock: 9 });
    await sync(world);
    world.happen.edit("BOLT", 5);
    world.happen.wait(MINUTE);
    await sync(world, { mode: "delta" });
    expect(world.codes()).toEqual(["stockDiffers: differences S1"]);
    world.happen.wait(2 * 60 * MINUTE);
    await sync(world, { mode: "delta" });
    expect(world.codes()).toEqual([]);
    expect(writes(world)).toEqual([]);
  });

  it("closes the exception of a site although the full run of another one goes on", async () => {
    const channel = (site: string) => ({
      name: site,
      site,
      channels: [{ supplyChannel: site === "S1" ? "web" : "two" }],
    });
    const world = createWorld(
      configWith((raw) => {
        raw.sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
        raw.stock = { direction: "commercetools", pools: [channel("S1"), channel("S2")] };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    entry(world, "BOLT", { quantityOnStock: 9 });
    for (let index = 0; index < 450; index += 1) {
      world.happen.sku(`P${index}`, { contract: "S2" as Contract });
    }
    await sync(world);
    world.happen.edit("BOLT", 5);
    expect(world.codes()).toEqual(["stockDiffers: differences S1", "stockDiffers: differences S2"]);
    await sync(world, { budgetMs: -1 });
    expect(world.cursor("stock-site-S2")).toMatchObject({ full: { after: expect.any(String) } });
    expect(world.codes()).toEqual(["stockDiffers: differences S2"]);
  });

  it("is not held by bounds, and asks for no release", async () => {
    const world = createWorld(turned({ maxZeros: 0 }));
    world.happen.sku("BOLT");
    entry(world, "BOLT", { quantityOnStock: 9 });
    world.happen.sku("NUT");
    world.happen.stock("NUT", 1);
    await sync(world);
    expect(world.codes()).toEqual(["stockDiffers: differences S1"]);
    expect([differences(world).length, writes(world)]).toEqual([2, []]);
  });

  it("writes nothing by a hint either, and journals nothing for it", async () => {
    const world = allKinds();
    const partNos = world.parts.flatMap(({ contract, partNo }) => (partNo === null ? [] : [{ contract, partNo }]));
    expect(await sync(world, { mode: "delta", only: { partNos } })).toMatchObject({ processed: 7, changed: 0 });
    expect([writes(world), world.journal]).toEqual([[], []]);
  });

  it("tells of all runs of a full run that was cut short, with at most 500 entries of the journal for each", async () => {
    const world = createWorld(turned());
    for (let index = 0; index < 700; index += 1) {
      const sku = `P${String(index).padStart(4, "0")}`;
      world.happen.sku(sku);
      world.happen.stock(sku, 3);
    }
    // Each run handles the first page after its position, and the time for more is over.
    let runs = 0;
    do {
      await sync(world, { budgetMs: -1 });
      runs += 1;
    } while (world.codes().length === 0 && runs < 10);
    expect(runs).toBe(4);
    expect([...world.exceptions.values()].map(({ message }) => message.split(" ")[0])).toEqual(["700"]);
    expect(world.journal).toHaveLength(700);

    const whole = createWorld(turned());
    for (const part of world.parts) {
      whole.happen.sku(part.catalogNo);
      whole.happen.stock(part.catalogNo, 3);
    }
    await sync(whole);
    expect(whole.journal).toHaveLength(500);
    expect([...whole.exceptions.values()].map(({ message }) => message.split(" ")[0])).toEqual(["700"]);
  });

  it("turned round, is another formula: the next run looks at every entry and writes", async () => {
    const world = allKinds();
    await sync(world);
    world.happen.wait(MINUTE);
    const config = { ...world.deps.config, stock: { ...world.deps.config.stock, direction: "ifs" as const } };
    await runStockSync({ ...world.deps, config }, { now: world.time.now, mode: "delta" });
    expect([world.quantityOf("CREATE"), world.quantityOf("LOWER"), world.quantityOf("ZERO")]).toEqual([5, 2, 0]);
    expect(world.codes()).toEqual(["unmappedSku: ENDED"]);
  });

  it("refuses to load a channel in bulk", async () => {
    const world = createWorld(turned());
    const unused = async (): Promise<never> => {
      throw new Error("nothing may be handed over");
    };
    const imports = { mostPerRequest: 20, open: unused, submit: unused, states: unused, failures: unused };
    const deps = { ...world.deps, countSalesParts: async () => 0, sleep: async () => {}, imports };
    const load = loadChannel(deps, { channel: "web", now: world.time.now, progress: () => {} });
    await expect(load).rejects.toThrow("`stock.direction` is commercetools");
  });
});

it("whatever comes to the writes all the same ends the run", async () => {
  const world = createWorld(turned());
  const { inventory } = withoutEntryWrites(world.deps);
  await expect(inventory.update({ id: "BOLT", version: 1 }, [])).rejects.toThrow("no inventory entry may be written");
  await expect(inventory.create({ sku: "BOLT", quantityOnStock: 1 })).rejects.toThrow("no inventory entry may be");
  expect(world.calls).toEqual([]);
});
