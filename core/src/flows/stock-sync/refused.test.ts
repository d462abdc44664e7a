/** What a run holds or refuses, while all else goes on. */
import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { TransientError } from "../../domain/failure.ts";
import { runStockSync } from "./run.ts";
import { MINUTE, started, sync } from "./testing/started.ts";
import { configWith, createWorld } from "./testing/world.ts";

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
