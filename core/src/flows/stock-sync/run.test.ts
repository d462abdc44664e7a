import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { configWith, createWorld, START, type World } from "./testing/world.ts";

const MINUTE = 60_000;

const sync = (world: World, given: Partial<StockRunOptions> = {}) =>
  runStockSync(world.deps, { now: world.time.now, mode: "delta", ...given });

/** A site with the given on-hand quantities, synchronised once. */
async function started(stock: Record<string, number>, world = createWorld()) {
  for (const [sku, quantity] of Object.entries(stock)) {
    world.happen.sku(sku);
    world.happen.stock(sku, quantity);
  }
  await sync(world);
  world.happen.wait(20 * MINUTE);
  // Raw material that nobody sells moves on, so that the window of changes leaves the start behind.
  world.happen.stock("RAW-MATERIAL", 1);
  await sync(world);
  world.happen.wait(MINUTE);
  world.calls.length = 0;
  return world;
}

const two = (raw: Record<string, unknown>) => {
  raw.stock = {
    pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }, { supplyChannel: "store" }] }],
  };
};

/** IFS without the announcement of changes: only full runs find something. */
const withoutChanges = (world: World): World["deps"] => ({
  ...world.deps,
  changedParts: async () => ({ keys: [], handled: async () => {} }),
});

describe("a run", () => {
  it("creates what is missing, and writes nothing the second time", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("NUT");
    world.happen.sku("SERVICE", { partNo: null });
    world.happen.stock("BOLT", 12);
    world.happen.stock("NUT", 3);
    world.happen.stock("NUT", 4, { frozen: true });
    world.shop.delete("NUT");
    expect(await sync(world)).toEqual({ processed: 2, changed: 1, failed: 0 });
    expect([...world.entries.values()].map(({ sku, key, quantityOnStock }) => ({ sku, key, quantityOnStock }))).toEqual(
      [{ sku: "BOLT", key: "inv-BOLT-web", quantityOnStock: 12 }],
    );
    expect(await sync(world, { mode: "full" })).toEqual({ processed: 2 + 2, changed: 0, failed: 0 });
  });

  it("follows what changed, and reads only that", async () => {
    const world = await started({ BOLT: 12, NUT: 3 });
    world.happen.count("BOLT", 20);
    expect(await sync(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([20, 3]);
    expect(world.calls.filter((call) => call === "pageSalesParts")).toEqual([]);
  });

  it("sees demand that touches no stock row, and its end", async () => {
    const world = await started({ BOLT: 12 });
    world.happen.ifsOrder("TEL-1", "BOLT", 5);
    expect(await sync(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(world.quantityOf("BOLT")).toBe(7);
    world.happen.wait(MINUTE);
    world.happen.reserve("TEL-1");
    world.happen.ship("TEL-1");
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
  });

  it("goes on where commercetools refuses to filter by syncInfo, with the linked orders left to their proof", async () => {
    const world = await started({ BOLT: 12, NUT: 9 });
    const linked = world.happen.sale("NUT", 2) ?? "";
    world.happen.commit(linked);
    world.happen.link(linked);
    for (let run = 0; run < 3; run += 1) {
      world.happen.wait(3 * MINUTE);
      await sync(world);
    }
    world.knobs.refusesSyncInfo = true;
    // Not booked off the entry: only the order tells of it.
    world.happen.order("BOLT", 4);
    world.happen.wait(3 * MINUTE);
    world.calls.length = 0;
    await sync(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([8, 7]);
    // The linked order is not asked about again.
    expect(world.calls.filter((call) => call === "documents")).toEqual([]);
  });

  it("takes an expired lot off although nothing moved", async () => {
    const world = createWorld();
    world.happen.sku("MILK");
    world.happen.stock("MILK", 5);
    world.happen.stock("MILK", 7, { expirationDate: "2026-08-02" });
    await sync(world);
    expect(world.quantityOf("MILK")).toBe(12);
    const noFullRun = {
      ...world.deps.config,
      schedules: { ...world.deps.config.schedules, stockFullSeconds: 999_999 },
    };
    world.time.now = Date.parse("2026-08-02T22:30:00Z");
    await runStockSync({ ...world.deps, config: noFullRun }, { now: world.time.now, mode: "delta" });
    expect(world.quantityOf("MILK")).toBe(5);
  });

  it("counts boxes, and two sales parts of one inventory part divide it, so that nothing is shown twice", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("BOLT-BOX", { partNo: "BOLT" as never, convFactor: decimal(12) });
    world.happen.stock("BOLT", 40);
    await sync(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("BOLT-BOX")]).toEqual([28, 1]);
    world.happen.sale("BOLT-BOX", 1);
    world.happen.sale("BOLT", 20);
    await sync(world);
    // Eight are left: no box, and the pieces stay.
    expect([world.quantityOf("BOLT"), world.quantityOf("BOLT-BOX")]).toEqual([8, 0]);
    world.happen.count("BOLT", 100);
    await sync(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("BOLT-BOX")]).toEqual([44, 2]);
  });

  it("leaves untracked SKUs alone and honours exceptions of the SKU mapping", async () => {
    const config = configWith((raw) => {
      raw.skus = { exceptions: [{ sku: "shop-bolt", catalogNo: "BOLT" }], untracked: ["MADE-TO-ORDER"] };
    });
    const world = createWorld(config);
    for (const sku of ["BOLT", "MADE-TO-ORDER"]) world.happen.sku(sku);
    world.shop.delete("BOLT");
    world.shop.add("shop-bolt");
    for (const part of ["BOLT", "MADE-TO-ORDER"]) world.happen.stock(part, 6);
    await sync(world);
    expect([...world.entries.values()].map(({ sku, quantityOnStock }) => [sku, quantityOnStock])).toEqual([
      ["shop-bolt", 6],
    ]);
    expect(world.codes()).toEqual([]);
  });

  it("shows a negative figure as zero and says so", async () => {
    const world = await started({ BOLT: 2 });
    world.happen.ifsOrder("TEL-1", "BOLT", 5);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(0);
    expect(world.warnings).toContainEqual({ flow: "stock-sync", site: "S1", partNo: "BOLT", pool: "main", raw: "-3" });
  });

  it("synchronises named SKUs at once and leaves the schedule's state alone", async () => {
    const world = await started({ BOLT: 12, NUT: 3 });
    const before = world.cursor("stock-site-S1");
    world.happen.count("BOLT", 20);
    world.happen.count("NUT", 1);
    expect(await sync(world, { only: { skus: ["NUT" as Sku] } })).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([12, 1]);
    expect(world.cursor("stock-site-S1")).toEqual(before);
    expect(world.calls).not.toContain("cursorWrite");
  });

  it("synchronises named inventory parts, all sales parts of them, and asks nothing of a site that has none", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(10) });
    world.happen.stock("BOLT", 40);
    await sync(world);
    world.happen.count("BOLT", 20);
    const named = (contract: string, partNo: string) =>
      sync(world, { only: { partNos: [{ contract: contract as Contract, partNo: partNo as PartNo }] } });
    world.calls.length = 0;
    expect(await named("S9", "BOLT")).toEqual({ processed: 0, changed: 0, failed: 0 });
    expect(world.calls.filter((call) => call.startsWith("salesParts"))).toEqual([]);
    expect(await named("S1", "NOBODY-SELLS-THIS")).toEqual({ processed: 0, changed: 0, failed: 0 });
    expect(await named("S1", "BOLT")).toEqual({ processed: 2, changed: 2, failed: 0 });
    expect([world.quantityOf("BOLT"), world.quantityOf("BOX")]).toEqual([10, 1]);
    expect(await named("S1", "BOLT")).toEqual({ processed: 2, changed: 0, failed: 0 });
  });

  it("reads everything when the memory of changes is lost, from the beginning, and remembers only what was saved", async () => {
    const world = await started({ BOLT: 12, NUT: 3 });
    const handled: unknown[] = [];
    const deps = {
      ...world.deps,
      changedParts: async () => ({
        keys: "lost" as const,
        handled: async () => {
          handled.push(world.cursor("stock-site-S1"));
        },
      }),
    };
    // A full run had passed BOLT when it was cut short; then BOLT changed, and nobody remembers.
    const cursor = await world.deps.cursors.read("stock-site-S1");
    const full = { startedAt: world.time.now, after: "BOLT", entries: 1, zeroed: 0 };
    await world.deps.cursors.write("stock-site-S1", { ...(cursor?.value as object), full }, cursor?.version ?? 0);
    world.happen.count("BOLT", 20);
    await runStockSync(deps, { now: world.time.now, mode: "delta" });
    expect(world.quantityOf("BOLT")).toBe(20);
    expect(handled).toEqual([world.cursor("stock-site-S1")]);
    world.interfere((call) => {
      if (call === "cursorWrite") throw new TransientError("commercetools is down");
    });
    await expect(runStockSync(deps, { now: world.time.now, mode: "delta" })).rejects.toBeInstanceOf(TransientError);
    expect(handled.length).toBe(1);
  });

  it("ends as a conflict where another run had the site at the same time, and the stock is right all the same", async () => {
    const world = await started({ BOLT: 12, NUT: 3 });
    world.happen.count("BOLT", 20);
    world.happen.count("NUT", 1);
    const ends = await Promise.allSettled([sync(world), sync(world)]);
    const reasons = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(reasons).toEqual([new ConflictError("another run moved the cursor")]);
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([20, 1]);
  });
});

describe("orders in flight", () => {
  it("keeps a sale off the shelf from the order to its shipment, through every stage of IFS", async () => {
    const world = await started({ BOLT: 10 });
    const order = world.happen.sale("BOLT", 3) as string;
    const seen: (number | undefined)[] = [];
    const stages = [
      () => {},
      () => world.happen.commit(order),
      () => world.happen.link(order),
      () => world.happen.reserve(`W${order}`),
      () => world.happen.ship(`W${order}`),
    ];
    for (const stage of stages) {
      stage();
      world.happen.wait(MINUTE);
      await sync(world);
      seen.push(world.quantityOf("BOLT"));
    }
    world.happen.wait(10 * MINUTE);
    await sync(world);
    expect([...seen, world.quantityOf("BOLT")]).toEqual([7, 7, 7, 7, 7, 7]);
    expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [] });
  });

  it("remembers a linked order until a figure is seen to contain it", async () => {
    const world = await started({ BOLT: 10 });
    const order = world.happen.order("BOLT", 3);
    await sync(world);
    // Linked, but IFS shows the line in a state whose open quantity the formula does not take off.
    world.happen.commit(order);
    world.happen.link(order);
    const planned = { ...world.deps.config, stock: { ...world.deps.config.stock, demandStates: ["Reserved"] } };
    for (let minutes = 0; minutes < 30; minutes += 10) {
      world.happen.wait(10 * MINUTE);
      await runStockSync({ ...world.deps, config: planned }, { now: world.time.now, mode: "delta" });
      expect(world.quantityOf("BOLT")).toBe(7);
      expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [order] });
    }
  });

  it.each([
    ["leaves the entry as it is", 0],
    ["puts the units back itself", 3],
  ])(
    "gives units back once when the order is cancelled before IFS had it and commercetools %s",
    async (_what, late) => {
      const world = await started({ BOLT: 10 });
      const order = world.happen.order("BOLT", 3);
      await sync(world);
      expect(world.quantityOf("BOLT")).toBe(7);
      world.happen.wait(MINUTE);
      world.happen.cancelInShop(order);
      await sync(world);
      // What commercetools books, it books up to 10 s later: had the run given the units back, they would be there twice now.
      expect(world.quantityOf("BOLT")).toBe(7);
      world.happen.edit("BOLT", 7 + late);
      world.happen.wait(31_000);
      await sync(world);
      expect(world.quantityOf("BOLT")).toBe(10);
    },
  );

  it("does not sell what lies in carts", async () => {
    const world = await started({ BOLT: 10 });
    expect(world.happen.reserveInCart("BOLT", 4)).toBe(true);
    for (let run = 0; run < 3; run += 1) {
      world.happen.wait(MINUTE);
      await sync(world, { mode: "full" });
      expect(world.entryOf("BOLT")).toMatchObject({ quantityOnStock: 10, availableQuantity: 6 });
    }
    world.happen.count("BOLT", 6);
    await sync(world);
    expect(world.entryOf("BOLT")).toMatchObject({ quantityOnStock: 6, availableQuantity: 2 });
  });

  it("counts a line without supply channel in every pool", async () => {
    const world = await started({ BOLT: 10 }, createWorld(configWith(two)));
    world.happen.order("BOLT", 4, undefined);
    await sync(world);
    expect([world.quantityOf("BOLT", "web"), world.quantityOf("BOLT", "store")]).toEqual([3, 3]);
  });
});

describe("races", () => {
  it("plans anew when a sale comes between reading and writing", async () => {
    const world = await started({ BOLT: 10 });
    world.happen.count("BOLT", 12);
    let sold: string | undefined;
    world.interfere((call) => {
      if (call === "update" && !sold) sold = world.happen.sale("BOLT", 2);
    });
    expect(await sync(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(world.quantityOf("BOLT")).toBe(10);
  });

  it("keeps a sale that is booked late and does not raise the version", async () => {
    const world = await started({ BOLT: 10 });
    Object.assign(world.knobs, { lagMs: 8000, raisesVersion: false });
    world.happen.count("BOLT", 12);
    let sold: string | undefined;
    world.interfere((call) => {
      if (call === "update" && !sold) sold = world.happen.sale("BOLT", 2);
    });
    await sync(world);
    world.happen.wait(10_000);
    expect(world.quantityOf("BOLT")).toBe(10);
  });

  it("lets a contested record wait and looks at it in the next run", async () => {
    const world = await started({ BOLT: 10, NUT: 5 });
    world.happen.count("BOLT", 12);
    world.happen.count("NUT", 6);
    world.interfere((call) => {
      if (call === "update") world.happen.edit("BOLT", (world.quantityOf("BOLT") ?? 0) - 1);
    });
    expect(await sync(world)).toEqual({
      processed: 2,
      changed: 1,
      failed: 1,
      message: "1 records kept changing under our hands and wait for the next run",
    });
    expect(world.quantityOf("NUT")).toBe(6);
    world.interfere(() => {});
    world.happen.wait(30 * MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(12);
  });

  it("throws figures away that are older than five seconds", async () => {
    const world = await started({ BOLT: 10 });
    world.happen.count("BOLT", 12);
    let slow = true;
    world.interfere((call) => {
      if (call === "ordersPage" && world.calls.at(-1) === "bySkus" && slow) {
        slow = false;
        world.happen.wait(6000);
        world.happen.sale("BOLT", 1);
      }
    });
    expect(await sync(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(world.calls.filter((call) => call === "bySkus")).toHaveLength(2);
    expect(world.quantityOf("BOLT")).toBe(11);
  });

  it("counts a line twice rather than not at all when IFS reserves it between the reads", async () => {
    const world = await started({ BOLT: 10 });
    world.happen.ifsOrder("TEL-1", "BOLT", 3);
    await sync(world);
    world.happen.wait(MINUTE);
    let reads = 0;
    world.interfere((call) => {
      if ((call === "openDemand" || call === "stockRows") && ++reads === 2) world.happen.reserve("TEL-1");
    });
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(4);
    world.interfere(() => {});
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(7);
  });

  it("never lends one channel what another is selling at that moment", async () => {
    const world = await started({ BOLT: 10 }, createWorld(configWith(two)));
    Object.assign(world.knobs, { lagMs: 8000, raisesVersion: false });
    expect(world.happen.sale("BOLT", 4, "web")).toBeDefined();
    world.happen.wait(MINUTE);
    let sold: string | undefined;
    world.interfere((call) => {
      if (call === "update" && !sold) sold = world.happen.sale("BOLT", 5, "store");
    });
    await sync(world);
    expect(sold).toBeDefined();
    expect(world.happen.sale("BOLT", 2, "web")).toBeUndefined();
    expect(world.happen.sale("BOLT", 1, "web")).toBeDefined();
    for (let run = 0; run < 3; run += 1) {
      world.happen.wait(MINUTE);
      await sync(world);
    }
    expect([world.quantityOf("BOLT", "web"), world.quantityOf("BOLT", "store")]).toEqual([0, 0]);
  });

  it("adopts an entry that somebody else creates first", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 10);
    let done = false;
    world.interfere((call) => {
      if (call !== "create" || done) return;
      done = true;
      world.entries.set("other", {
        id: "other",
        version: 3,
        sku: "BOLT",
        supplyChannel: { typeId: "channel", id: "id-web" },
        createdAt: "",
        lastModifiedAt: "",
        quantityOnStock: 4,
        availableQuantity: 4,
      });
    });
    expect(await sync(world)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect([...world.entries.values()].map(({ id, quantityOnStock }) => [id, quantityOnStock])).toEqual([
      ["other", 10],
    ]);
  });
});

describe("what is held or refused", () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`P${String(index).padStart(2, "0")}`, 5]));

  it("holds a run that would empty the site, writes the rest, and lets go when the figures are back", async () => {
    const world = await started(many);
    for (let index = 0; index < 40; index += 1) world.happen.count(`P${String(index).padStart(2, "0")}`, 0);
    world.happen.count("P50", 9);
    const summary = await sync(world);
    expect(summary).toMatchObject({ processed: 41, changed: 1, failed: 40 });
    expect(world.codes()).toEqual(["stockAnomaly: zeros S1"]);
    expect([world.quantityOf("P00"), world.quantityOf("P50")]).toEqual([5, 9]);
    for (let index = 0; index < 20; index += 1) world.happen.count(`P${String(index).padStart(2, "0")}`, 5);
    world.happen.wait(30 * MINUTE);
    expect(await sync(world)).toMatchObject({ changed: 20, failed: 0 });
    expect([world.quantityOf("P00"), world.quantityOf("P39")]).toEqual([5, 0]);
    expect(world.codes()).toEqual([]);
  });

  it("writes the same zeros when the configuration allows them", async () => {
    const world = await started(many);
    for (let index = 0; index < 40; index += 1) world.happen.count(`P${String(index).padStart(2, "0")}`, 0);
    const config = { ...world.deps.config, stock: { ...world.deps.config.stock, maxChangePercent: 70 } };
    expect(await runStockSync({ ...world.deps, config }, { now: world.time.now, mode: "delta" })).toEqual({
      processed: 40,
      changed: 40,
      failed: 0,
    });
  });

  it("does not take lost sight for empty shelves", async () => {
    const world = await started(many);
    world.knobs.blind = true;
    world.happen.ifsOrder("TEL-1", "P00", 1);
    world.happen.ifsOrder("TEL-2", "P01", 1);
    expect(await sync(world)).toMatchObject({ changed: 0, failed: 2 });
    expect(world.codes()).toEqual(["stockAnomaly: sight S1"]);
    expect([world.quantityOf("P00"), world.quantityOf("P01")]).toEqual([5, 5]);
    world.knobs.blind = false;
    world.happen.wait(MINUTE);
    await sync(world);
    expect([world.quantityOf("P00"), world.quantityOf("P01"), ...world.codes()]).toEqual([4, 4]);
  });

  it("ends without moving its state when a side is down", async () => {
    const world = await started({ BOLT: 10 });
    const before = world.cursor("stock-site-S1");
    world.happen.count("BOLT", 0);
    world.interfere((call) => {
      if (call === "stockRows") throw new TransientError("IFS is down");
    });
    await expect(sync(world)).rejects.toThrow(new TransientError("IFS is down"));
    expect(world.quantityOf("BOLT")).toBe(10);
    expect(world.cursor("stock-site-S1")).toEqual(before);
    world.interfere(() => {});
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(0);
  });

  it("names warehouses, sites, channels, units and entries that nothing stands for", async () => {
    const config = configWith((raw) => {
      raw.sites = [
        { site: "S1", company: "10", timeZone: "Europe/Berlin" },
        { site: "S2", company: "10", timeZone: "Europe/Berlin" },
      ];
      raw.stock = {
        pools: [
          { name: "main", site: "S1", warehouses: ["W1"], channels: [{ supplyChannel: "web" }] },
          { name: "lost", site: "S1", warehouses: ["W2"], channels: [{ supplyChannel: "gone" }] },
        ],
      };
    });
    const world = createWorld(config);
    world.channelIds.delete("gone");
    world.happen.sku("BOLT");
    world.happen.sku("ODD", { convFactor: decimal(0) });
    world.happen.stock("BOLT", 5);
    world.happen.stock("BOLT", 8, { warehouse: "W9" });
    world.entries.set("orphan", {
      id: "orphan",
      version: 1,
      sku: "OLD",
      supplyChannel: { typeId: "channel", id: "id-web" },
      createdAt: "",
      lastModifiedAt: "",
      quantityOnStock: 2,
      availableQuantity: 2,
    });
    await sync(world);
    expect(world.codes()).toEqual([
      "unmappedSite: channel gone",
      "unmappedSite: site S2",
      "unmappedSite: warehouse S1/W9",
      "unmappedSku: OLD",
      "unmappedUnit: S1/ODD",
    ]);
    expect([world.quantityOf("BOLT"), world.quantityOf("OLD")]).toEqual([5, 2]);
  });

  it("corrects a manual edit in the full run and journals who made it", async () => {
    const world = await started({ BOLT: 10 });
    world.happen.edit("BOLT", 99);
    world.happen.wait(2 * 3600_000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10);
    expect(world.journal).toEqual([
      {
        at: new Date(world.time.now).toISOString(),
        flow: "stock-sync",
        recordType: "sku",
        recordId: "BOLT",
        event: "stock-corrected",
        detail: {
          site: "S1",
          pool: "main",
          from: 99,
          to: 10,
          reason: "manualEdit",
          cause: "IFS: on hand 10: 10. commercetools: 99 on stock, 99 available",
          lastModifiedBy: "user u-7",
        },
      },
    ]);
  });
});

describe("a full run over many pages", () => {
  it("pauses when its time is over and goes on where it stopped", async () => {
    const world = createWorld();
    for (let index = 0; index < 450; index += 1) {
      const sku = `P${String(index).padStart(4, "0")}`;
      world.happen.sku(sku);
      world.happen.stock(sku, 1 + (index % 7));
    }
    world.interfere((call) => {
      if (call === "scanSite") world.time.now += 1000;
    });
    const entriesAfter: number[] = [];
    const quiet = withoutChanges(world);
    for (let run = 0; run < 3; run += 1) {
      await runStockSync(quiet, { now: world.time.now, mode: "delta", budgetMs: 500 });
      entriesAfter.push(world.entries.size);
    }
    expect(entriesAfter).toEqual([200, 400, 450]);
    expect(world.cursor("stock-site-S1")).toMatchObject({ fullFinishedAt: START, entries: 0 + 450 });
    expect(world.cursor("stock-site-S1")).not.toHaveProperty("full");
  });

  it("does not lose zeros that waited when the process died", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), minEntriesForHold: 1000 };
      }),
    );
    for (let index = 0; index < 250; index += 1) {
      const sku = `P${String(index).padStart(4, "0")}`;
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
    }
    await sync(world);
    world.happen.wait(2 * 3600_000);
    for (const sku of ["P0001", "P0002"]) world.happen.count(sku, 0);
    let pages = 0;
    world.interfere((call) => {
      if (call === "scanSite" && ++pages === 2) throw new TransientError("killed");
    });
    const quiet = withoutChanges(world);
    await expect(runStockSync(quiet, { now: world.time.now, mode: "full" })).rejects.toThrow("killed");
    expect(world.quantityOf("P0001")).toBe(5);
    world.interfere(() => {});
    await runStockSync(quiet, { now: world.time.now, mode: "delta" });
    expect([world.quantityOf("P0001"), world.quantityOf("P0002"), world.quantityOf("P0003")]).toEqual([0, 0, 5]);
  });
});
