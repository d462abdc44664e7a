/** What happens between two calls of a run: orders, other writers, IFS. */
import { describe, expect, it } from "vitest";
import { runStockSync } from "./run.ts";
import { MINUTE, started, sync, two } from "./testing/started.ts";
import { configWith, createWorld } from "./testing/world.ts";

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
