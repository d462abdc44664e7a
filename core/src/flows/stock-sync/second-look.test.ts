/** What IFS changes between two reads of one figure, figures that have become old, and deleted orders give nothing back twice. */
import { describe, expect, it } from "vitest";
import { runStockSync } from "./run.ts";
import { createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;

const sync = (world: World) => runStockSync(world.deps, { now: world.time.now, mode: "delta" });

/** 10 pieces, of which the telephone has sold and reserved 4; the shop shows 6. */
async function withReservation() {
  const world = createWorld();
  world.happen.sku("BOLT");
  world.happen.stock("BOLT", 10);
  await sync(world);
  world.happen.ifsOrder("TEL-1", "BOLT", 4);
  world.happen.reserve("TEL-1");
  await sync(world);
  world.happen.wait(MINUTE);
  expect(world.quantityOf("BOLT")).toBe(6);
  return world;
}

/** Once, at the first call of this name from now on. */
function at(world: World, name: string, ...works: readonly (() => void)[]): void {
  const left = [...works];
  world.interfere((call) => {
    if (call === name) left.shift()?.();
  });
}

describe("a reservation that is taken back between the demand and the stock", () => {
  it("raises nothing", async () => {
    const world = await withReservation();
    at(world, "stockRows", () => world.happen.unreserve("TEL-1"));
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
  });

  it("leaves a raise what is surely there, and the rest to the next run", async () => {
    const world = await withReservation();
    world.happen.stock("BOLT", 5);
    at(world, "stockRows", () => {
      world.happen.unreserve("TEL-1");
      world.happen.ifsOrder("TEL-2", "BOLT", 1);
    });
    await sync(world);
    // TEL-2 is newer than the figure.
    expect(world.quantityOf("BOLT")).toBe(11);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10);
  });

  it("is told by the line's ETag alone where it was made again at once", async () => {
    const world = await withReservation();
    world.interfere((call) => {
      if (call === "stockRows") world.happen.unreserve("TEL-1");
      if (call === "bySkus") world.happen.reserve("TEL-1");
    });
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
  });

  it("is noticed where lines come without an ETag, too", async () => {
    const world = await withReservation();
    world.knobs.etags = false;
    at(world, "stockRows", () => world.happen.unreserve("TEL-1"));
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
  });

  it("costs a question only where an entry would be raised past a reservation", async () => {
    const world = await withReservation();
    world.happen.sku("NUT");
    world.happen.stock("NUT", 3);
    world.calls.length = 0;
    await sync(world);
    expect(world.quantityOf("NUT")).toBe(3);
    expect(world.calls.filter((call) => call === "openDemand")).toHaveLength(1);
    world.happen.stock("BOLT", 2);
    world.calls.length = 0;
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(8);
    expect(world.calls.filter((call) => call === "openDemand")).toHaveLength(2);
  });
});

describe("figures that have become old", () => {
  /** 5 pieces are shown and 3 more have come, so that a run raises 5 to 8. */
  const withDelivery = async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    await sync(world);
    world.happen.wait(MINUTE);
    world.happen.stock("BOLT", 3);
    return world;
  };

  it("are read again with the entry after a conflict", async () => {
    const world = await withDelivery();
    at(world, "update", () => {
      world.happen.wait(6000);
      world.happen.ifsOrder("TEL-1", "BOLT", 6);
      // Another replica that knows of it.
      world.happen.edit("BOLT", 2);
    });
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(2);
  });

  it("raise no entry that was read later than they", async () => {
    const world = await withDelivery();
    at(world, "stockRows", () => {
      world.happen.wait(16_000);
      world.happen.ifsOrder("TEL-1", "BOLT", 6);
      world.happen.edit("BOLT", 2);
    });
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(2);
  });

  it("lower it all the same", async () => {
    const world = await withDelivery();
    world.happen.count("BOLT", 1);
    at(world, "stockRows", () => world.happen.wait(16_000));
    world.calls.length = 0;
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(4);
    expect(world.calls.filter((call) => call === "stockRows")).toHaveLength(1);
  });
});

describe("an order that is deleted while it is in flight", () => {
  it("gives its units back once, though the platform books them late", async () => {
    const world = createWorld();
    world.knobs.lagMs = 10_000;
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 10);
    await sync(world);
    const order = world.happen.sale("BOLT", 4) ?? "";
    world.happen.wait(11_000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
    world.happen.deleteInShop(order);
    await sync(world);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
    world.happen.wait(10_000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10);
  });

  it("gives them back half a minute later where the platform does not", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 10);
    await sync(world);
    const order = world.happen.sale("BOLT", 4) ?? "";
    await sync(world);
    world.orders.delete(order);
    await sync(world);
    world.happen.wait(29_000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(6);
    world.happen.wait(1000);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(10);
  });
});
