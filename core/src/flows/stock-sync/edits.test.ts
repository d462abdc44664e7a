/** What others set in commercetools is right again with the next run, at no cost for what shoppers do. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { describe, expect, it } from "vitest";
import type { Sku } from "../../domain/ids.ts";
import type { StockSyncDeps } from "./deps.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { MINUTE, started, sync } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

/** By time alone no full run is due. */
const config = configWith((raw) => {
  raw.schedules = { stockFullSeconds: 999_999 };
});
const shop = (stock: Record<string, number>) => started(stock, createWorld(config));

/** With the connector's own API client known, as it is in a deployment. */
const knowing = (world: World, more: Partial<StockSyncDeps> = {}): StockSyncDeps => ({
  ...world.deps,
  ownClientId: "connector",
  ...more,
});
const run = (world: World, deps: StockSyncDeps = knowing(world), given: Partial<StockRunOptions> = {}) =>
  runStockSync(deps, { now: world.time.now, mode: "delta", ...given });

type By = NonNullable<InventoryEntry["lastModifiedBy"]>;
const client = { clientId: "shop-backend" } as unknown as By;

/** Somebody sets an entry, or reserves of it. */
function set(world: World, sku: string, given: Partial<InventoryEntry>, by: By = client): void {
  const entry = world.entryOf(sku);
  if (!entry) throw new Error(`no entry of ${sku}`);
  const lastModifiedAt = new Date(world.time.now).toISOString();
  const availableQuantity = given.quantityOnStock ?? entry.availableQuantity;
  const changed = { ...entry, availableQuantity, ...given, version: entry.version + 1 };
  world.entries.set(entry.id, { ...changed, lastModifiedAt, lastModifiedBy: by });
}

const told = (world: World) =>
  world.journal.map(({ recordId, detail: { from, to, reason, lastModifiedBy } }) => [
    ...[recordId, from, to, reason, lastModifiedBy],
  ]);
/** Of sales parts by their numbers, and of figures. */
const reads = (world: World) => world.calls.filter((call) => call === "openDemand" || call === "salesParts");

/** Runs until nothing of the start lies in the window any more. */
async function settledShop(stock: Record<string, number>): Promise<World> {
  const world = await shop(stock);
  for (let index = 0; index < 3; index += 1) {
    await run(world);
    world.happen.wait(2 * MINUTE);
  }
  world.calls.length = 0;
  return world;
}

describe("an edit by a person", () => {
  it("is corrected by the next run, once, and journaled with who made it", async () => {
    const world = await settledShop({ BOLT: 10, NUT: 5 });
    world.happen.edit("BOLT", 99);
    world.happen.wait(MINUTE);
    expect(await run(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(world.quantityOf("BOLT")).toBe(10);
    expect(told(world)).toEqual([["BOLT", 99, 10, "manualEdit", "user u-7"]]);
    world.calls.length = 0;
    world.happen.wait(MINUTE);
    await run(world);
    expect([reads(world), world.journal.length]).toEqual([[], 1]);
  });

  it("is corrected as often as it is made, be it to the same quantity", async () => {
    const world = await settledShop({ BOLT: 10 });
    for (let edits = 1; edits <= 3; edits += 1) {
      world.happen.edit("BOLT", 3);
      await run(world);
      expect([world.quantityOf("BOLT"), world.journal.length]).toEqual([10, edits]);
    }
  });

  it("to a quantity that was right before is looked at again, whoever has written the entry meanwhile", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 10);
    await run(world);
    world.happen.wait(1000);
    world.happen.count("BOLT", 8);
    await run(world, knowing(world), { only: { skus: ["BOLT" as Sku] } });
    world.happen.edit("BOLT", 10);
    world.happen.wait(MINUTE);
    const changedParts = async () => ({ keys: [], handled: async () => {} });
    await run(world, knowing(world, { changedParts }));
    expect([world.quantityOf("BOLT"), told(world)]).toEqual([8, [["BOLT", 10, 8, "manualEdit", "user u-7"]]]);
  });

  it("that queries show two minutes late is found", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    const modifiedSince = world.deps.inventory.modifiedSince;
    const late: StockSyncDeps["inventory"] = { ...world.deps.inventory, async *modifiedSince() {} };
    world.happen.wait(MINUTE);
    await run(world, knowing(world, { inventory: late }));
    world.happen.wait(MINUTE);
    await run(world, knowing(world, { inventory: { ...late, modifiedSince } }));
    expect(world.quantityOf("BOLT")).toBe(10);
  });

  it("is an edit also where IFS has moved the part since", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    world.happen.wait(MINUTE);
    world.happen.count("BOLT", 8);
    await run(world);
    expect(told(world)).toEqual([["BOLT", 99, 8, "manualEdit", "user u-7"]]);
  });

  it("keeps its name where a sale lands on the entry before it is written", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    let done = false;
    world.interfere((call) => {
      if (call !== "update" || done) return;
      done = true;
      set(world, "BOLT", { quantityOnStock: 98 });
      world.happen.order("BOLT", 1);
    });
    await run(world);
    expect(told(world)).toEqual([["BOLT", 98, 9, "manualEdit", "user u-7"]]);
  });

  it("that changes nothing which IFS decides is looked at once", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 10);
    await run(world);
    expect(reads(world)).toEqual(["salesParts", "openDemand"]);
    world.calls.length = 0;
    world.happen.wait(MINUTE);
    await run(world);
    expect([reads(world), world.journal]).toEqual([[], []]);
  });

  it("is found again after a run that died", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    world.interfere((call) => {
      if (call === "stockRows") throw new Error("the process dies");
    });
    await expect(run(world)).rejects.toThrow("the process dies");
    world.interfere(() => {});
    world.happen.wait(5 * MINUTE);
    await run(world);
    expect([world.quantityOf("BOLT"), world.journal.length]).toEqual([10, 1]);
  });

  it("of a kit is corrected among those who share its components", async () => {
    const kits = configWith((raw) => {
      raw.schedules = { stockFullSeconds: 999_999 };
      raw.stock = {
        ...(raw.stock as object),
        kits: { list: [{ catalogNo: "SET", components: [{ catalogNo: "BOLT" }, { catalogNo: "NUT" }] }] },
      };
    });
    const world = createWorld(kits);
    world.happen.sku("SET", { partNo: null });
    await started({ BOLT: 10, NUT: 6 }, world);
    await run(world);
    const before = ["SET", "BOLT", "NUT"].map((sku) => world.quantityOf(sku));
    world.happen.wait(MINUTE);
    world.happen.edit("SET", 50);
    await run(world);
    expect(["SET", "BOLT", "NUT"].map((sku) => world.quantityOf(sku))).toEqual(before);
    expect(told(world)).toEqual([["SET", 50, before[0], "manualEdit", "user u-7"]]);
  });

  it("of an entry that several sites feed is corrected once", async () => {
    const joint = configWith((raw) => {
      raw.schedules = { stockFullSeconds: 999_999 };
      raw.sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
      raw.stock = {
        pools: ["S1", "S2"].map((site) => ({ name: site, site, channels: [{ supplyChannel: "web" }] })),
      };
    });
    const world = createWorld(joint);
    for (const contract of ["S1", "S2"]) {
      world.happen.sku("BOLT", { contract: contract as never });
      world.happen.stock("BOLT", 5, { contract: contract as never });
    }
    await run(world);
    world.happen.wait(MINUTE);
    world.happen.edit("BOLT", 99);
    await run(world);
    expect([world.quantityOf("BOLT"), told(world)]).toEqual([10, [["BOLT", 99, 10, "manualEdit", "user u-7"]]]);
  });

  it("stays where commercetools is the record", async () => {
    const turned = configWith((raw) => {
      raw.stock = { ...(raw.stock as object), direction: "commercetools" };
    });
    const world = await started({ BOLT: 10 }, createWorld(turned));
    await sync(world);
    expect(world.calls).not.toContain("modifiedSince");
  });

  it("in a channel that is not live is the load's", async () => {
    const loading = configWith((raw) => {
      const channels = [{ supplyChannel: "web" }, { supplyChannel: "store", live: false }];
      raw.stock = { pools: [{ name: "main", site: "S1", channels }] };
    });
    const world = await started({ BOLT: 10 }, createWorld(loading));
    const asked: (readonly string[])[] = [];
    const inventory: StockSyncDeps["inventory"] = {
      ...world.deps.inventory,
      async *modifiedSince(ids) {
        yield [];
        asked.push(ids);
      },
    };
    await run(world, knowing(world, { inventory }));
    expect(asked).toEqual([["id-web"]]);
  });
});

describe("what shoppers do", () => {
  it("costs no read of IFS that it would not cost without the look", async () => {
    const callsOf = async (looks: boolean): Promise<string[]> => {
      const world = await settledShop({ BOLT: 10, NUT: 5 });
      set(world, "BOLT", { quantityOnStock: 8 });
      world.happen.order("BOLT", 2);
      world.happen.wait(MINUTE);
      const inventory = { ...world.deps.inventory, async *modifiedSince() {} };
      await run(world, knowing(world, looks ? {} : { inventory }));
      expect(told(world)).toEqual([]);
      return world.calls.filter((call) => call !== "modifiedSince");
    };
    expect(await callsOf(true)).toEqual(await callsOf(false));
  });

  it.each([
    { customer: { typeId: "customer", id: "c-1" } },
    { anonymousId: "a-1" },
    { associate: { typeId: "customer", id: "c-2" } },
  ])("under a token of their own is not looked at: %j", async (by) => {
    const world = await settledShop({ BOLT: 10 });
    set(world, "BOLT", { availableQuantity: 7 }, { ...client, ...by } as unknown as By);
    await run(world);
    expect(reads(world)).toEqual([]);
  });

  it("is looked at once while an entry goes on saying the same: carts reserve and let go", async () => {
    const world = await settledShop({ BOLT: 10 });
    for (const availableQuantity of [9, 7, 10]) {
      set(world, "BOLT", { availableQuantity });
      await run(world);
      world.happen.wait(MINUTE);
    }
    expect(reads(world)).toEqual(["salesParts", "openDemand"]);
  });

  it("is not taken for the connector's own where that is not known: only people's edits are looked at", async () => {
    const world = await shop({ BOLT: 10, NUT: 5 });
    await sync(world);
    world.happen.wait(MINUTE);
    set(world, "BOLT", { quantityOnStock: 12 });
    world.happen.edit("NUT", 9);
    await sync(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([12, 5]);
  });
});

describe("an edit by another program", () => {
  it("is none where an order of the SKU is known", async () => {
    const world = await settledShop({ BOLT: 10 });
    set(world, "BOLT", { quantityOnStock: 8 });
    world.happen.order("BOLT", 2);
    world.happen.ifsOrder("TEL-1", "BOLT", 2);
    await run(world);
    expect([world.quantityOf("BOLT"), told(world)]).toEqual([6, []]);
  });

  it("is corrected as often as it is made, and journaled as such", async () => {
    const world = await settledShop({ BOLT: 10 });
    for (let edits = 1; edits <= 2; edits += 1) {
      set(world, "BOLT", { quantityOnStock: 12 });
      await run(world);
      expect([world.quantityOf("BOLT"), world.journal.length]).toEqual([10, edits]);
    }
    expect(told(world).at(-1)).toEqual(["BOLT", 12, 10, "otherClient", "client shop-backend"]);
  });

  it("is not made the cause of what a telephone order has changed", async () => {
    const world = await settledShop({ BOLT: 10 });
    set(world, "BOLT", { availableQuantity: 7 });
    world.happen.ifsOrder("TEL-1", "BOLT", 2);
    await run(world);
    expect([world.quantityOf("BOLT"), told(world)]).toEqual([8, []]);
  });

  it("is one of at most 180 that a run looks at, first those that no reservation explains", async () => {
    const names = [...Array(200).keys()].map((index) => `P${String(index).padStart(3, "0")}`);
    const world = await settledShop(Object.fromEntries(names.map((name) => [name, 10])));
    for (const [index, name] of names.entries()) {
      const wrong = index >= 190;
      set(world, name, wrong ? { quantityOnStock: 12 } : { availableQuantity: 9 });
    }
    const lines: object[] = [];
    const logger = { ...world.deps.logger, info: (fields: object) => void lines.push(fields) };
    expect(await run(world, knowing(world, { logger }))).toEqual({ processed: 180, changed: 10, failed: 0 });
    expect(lines).toContainEqual({ flow: "stock-sync", site: "S1", looked: 180, left: 20 });
  });
});

describe("what the connector itself has written", () => {
  /** By which clients the run does not ask. */
  function asking(world: World) {
    const asked: (string | undefined)[] = [];
    const { modifiedSince } = world.deps.inventory;
    const inventory: StockSyncDeps["inventory"] = {
      ...world.deps.inventory,
      modifiedSince: (ids, since, but) => {
        asked.push(but);
        return modifiedSince(ids, since, but);
      },
    };
    return { asked, deps: knowing(world, { inventory }) };
  }

  it("is not asked for", async () => {
    const world = await settledShop({ BOLT: 10, NUT: 5 });
    const { asked, deps } = asking(world);
    world.happen.edit("NUT", 9);
    for (const quantity of [8, 7, 6]) {
      world.happen.count("BOLT", quantity);
      await run(world, deps);
    }
    expect([asked, world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([Array(3).fill("connector"), 6, 5]);
  });

  it("is asked for where another client's change is remembered: it may be made once more", async () => {
    const world = await settledShop({ BOLT: 10 });
    const { asked, deps } = asking(world);
    // Right when it was looked at.
    set(world, "BOLT", { quantityOnStock: 10 });
    await run(world, deps);
    world.happen.wait(1000);
    world.happen.count("BOLT", 8);
    await run(world, knowing(world), { only: { skus: ["BOLT" as Sku] } });
    world.happen.wait(3 * MINUTE);
    const changedParts = async () => ({ keys: [], handled: async () => {} });
    await run(world, { ...deps, changedParts });
    set(world, "BOLT", { quantityOnStock: 10 });
    await run(world, { ...deps, changedParts });
    expect([asked, world.quantityOf("BOLT")]).toEqual([["connector", undefined, "connector"], 8]);
  });
});

describe("very many edits at once", () => {
  /** Ten thousand rows of parts that nobody sells here, in pages of 500; the pages that were read. */
  function imported(world: World) {
    const pages: number[] = [];
    const [sample] = world.entries.values();
    const inventory: StockSyncDeps["inventory"] = {
      ...world.deps.inventory,
      async *modifiedSince() {
        for (let page = 0; page < 20; page += 1) {
          pages.push(page);
          yield [...Array(500).keys()].map((index) => {
            const id = `import-${page * 500 + index}`;
            const lastModifiedBy = { user: { typeId: "user", id: "u-7" } } as unknown as By;
            return { ...(sample as InventoryEntry), id, sku: id, lastModifiedBy };
          });
        }
      },
    };
    return { pages, inventory };
  }

  it("are the work of a full run, and no more is read of them than shows that they are too many", async () => {
    const world = await settledShop({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    const { pages, inventory } = imported(world);
    await run(world, knowing(world, { inventory }));
    expect(pages).toHaveLength(11);
    expect(world.calls).toContain("scanSite");
    expect(world.calls).not.toContain("salesParts");
    expect([world.quantityOf("BOLT"), told(world)]).toEqual([10, [["BOLT", 99, 10, "manualEdit", "user u-7"]]]);
    // They count as looked at.
    world.calls.length = 0;
    world.happen.wait(MINUTE);
    await run(world);
    expect(world.calls).not.toContain("scanSite");
  });

  it("that come while a full run is under way are the work of another one", async () => {
    const world = await settledShop(Object.fromEntries([...Array(450).keys()].map((index) => [`P${index}`, 5])));
    world.interfere((call) => {
      if (call === "scanSite") world.time.now += 1000;
    });
    await run(world, knowing(world), { mode: "full", budgetMs: 500 });
    await run(world, knowing(world, { inventory: imported(world).inventory }), { budgetMs: 500 });
    expect(world.cursor("stock-site-S1")).toMatchObject({ full: expect.anything(), fullDue: true });
  });
});
