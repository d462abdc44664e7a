import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { runStockSync } from "./run.ts";
import { MINUTE, started, sync, withoutChanges } from "./testing/started.ts";
import { configWith, createWorld, START } from "./testing/world.ts";

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
