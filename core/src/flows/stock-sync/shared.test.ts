/** SKUs that draw on the same parts: pieces and boxes, two SKUs of one sales part, kits and their components. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import { explainStock } from "./explain.ts";
import { previewStock } from "./preview.ts";
import { runStockSync } from "./run.ts";
import { settled } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const sync = (world: World, mode: "delta" | "full" = "delta") =>
  runStockSync(world.deps, { now: world.time.now, mode });

const kitOf = (...components: [string, number][]) => ({
  catalogNo: "KIT",
  components: components.map(([catalogNo, quantity]) => ({ catalogNo, quantity })),
});

function worldWith(stock: Record<string, number>, kits: object[], given: Record<string, unknown> = {}): World {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), kits: { list: kits }, ...given };
    }),
  );
  for (const [sku, quantity] of Object.entries(stock)) {
    world.happen.sku(sku);
    world.happen.stock(sku, quantity);
  }
  world.happen.sku("KIT", { partNo: null });
  return world;
}

/** What one SKU leaves to another one moves in a second run. */
async function divided(world: World): Promise<World> {
  await sync(world);
  return settled(world);
}

const shown = (world: World, ...skus: string[]) => skus.map((sku) => world.quantityOf(sku));

describe("a kit", () => {
  it("shows the least that its components allow, and follows them in runs that read only what changed", async () => {
    const world = worldWith({ A: 9, B: 100 }, [kitOf(["A", 2], ["B", 1])]);
    for (const sku of ["A", "B"]) world.shop.delete(sku);
    await divided(world);
    expect(shown(world, "KIT")).toEqual([4]);
    world.happen.count("A", 4);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([2]);
    world.happen.wait(MINUTE);
    world.happen.count("A", 40);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([20]);
    world.happen.wait(MINUTE);
    world.happen.count("B", 3);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([3]);
    expect(world.calls.filter((call) => call === "pageSalesParts")).toEqual([]);
    expect(world.codes()).toEqual([]);
  });

  it("divides its components with whoever sells them alone, and gives back what it cannot use", async () => {
    const world = await divided(worldWith({ A: 20, B: 2 }, [kitOf(["A", 2], ["B", 1])]));
    expect(shown(world, "A", "B", "KIT")).toEqual([18, 1, 1]);
  });

  it("in flight takes its components, and a component in flight lowers the kit", async () => {
    const world = await divided(worldWith({ A: 20, B: 20 }, [kitOf(["A", 1], ["B", 1])]));
    expect(shown(world, "A", "B", "KIT")).toEqual([10, 10, 10]);
    world.happen.order("KIT", 4);
    await sync(world);
    expect(shown(world, "A", "B", "KIT")).toEqual([8, 8, 8]);
    world.happen.order("A", 6);
    await sync(world);
    // What the kit leaves of its other component is sold alone by the run after.
    expect(shown(world, "A", "B", "KIT")).toEqual([5, 8, 5]);
    await sync(world);
    expect(shown(world, "A", "B", "KIT")).toEqual([5, 11, 5]);
  });

  it("comes off once on its way through IFS: in flight, as demand of the components, delivered", async () => {
    const world = await divided(worldWith({ A: 20, B: 20 }, [kitOf(["A", 1], ["B", 1])]));
    const order = world.happen.order("KIT", 4);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([8]);
    world.happen.ifsOrder("W1", "A", 4, world.lineIdOf(order));
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world, "A", "B", "KIT")).toEqual([8, 8, 8]);
    world.happen.ifsOrder("W2", "B", 4, world.lineIdOf(order));
    for (const orderNo of ["W1", "W2"]) {
      world.happen.reserve(orderNo);
      world.happen.ship(orderNo);
    }
    expect(world.onHand("A")).toBe("16");
    // Delivered lines are no demand any more, and nothing links them to the order: they count twice until something does.
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([6]);
    expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [order] });
  });

  it("of components that there are not is zero, and said", async () => {
    const world = worldWith({ A: 20 }, [kitOf(["A", 1], ["GONE", 1])]);
    await divided(world);
    expect(shown(world, "A", "KIT")).toEqual([20, 0]);
    expect([...world.exceptions.values()].map(({ code, message }) => [code, message])).toEqual([
      [
        "unmappedSku",
        "Kit KIT of site S1 is made of GONE, which the site does not have as active sales parts. The kit is shown as 0.",
      ],
    ]);
    world.happen.sku("GONE");
    world.happen.stock("GONE", 5);
    world.happen.wait(MINUTE);
    await sync(world, "full");
    await sync(world);
    expect([...shown(world, "GONE", "KIT"), ...world.codes()]).toEqual([2, 3]);
  });

  it("that IFS takes apart is one without a word in the configuration", async () => {
    const world = worldWith({ A: 9 }, [], { kits: { fromIfs: true } });
    world.packages.push({
      catalogNo: "KIT" as CatalogNo,
      components: [{ catalogNo: "A" as CatalogNo, quantity: decimal(3) }],
    });
    world.shop.delete("A");
    await divided(world);
    expect(shown(world, "KIT")).toEqual([3]);
  });

  it("named alone is synchronised at once, its components with it", async () => {
    const world = await divided(worldWith({ A: 20 }, [kitOf(["A", 1])]));
    world.happen.count("A", 10);
    await runStockSync(world.deps, { now: world.time.now, mode: "delta", only: { skus: ["KIT" as Sku] } });
    expect(shown(world, "A", "KIT")).toEqual([10, 5]);
  });

  it("is explained by its scarcest component, and previewed as it will be", async () => {
    const world = worldWith({ A: 9, B: 100 }, [kitOf(["A", 2], ["B", 1])]);
    const told: string[] = [];
    const report = {
      change: ({ record, to }: { record: string; to: number }) => void told.push(`${record}: ${to}`),
      refused: () => {},
      progress: () => {},
    };
    await previewStock(world.deps, world.time.now, report);
    await sync(world);
    expect(told).toEqual(
      [...world.entries.values()].map(({ sku, quantityOnStock }) => `${sku} @ web: ${quantityOnStock}`),
    );
    const { sites } = await explainStock(world.deps, { sku: "KIT" as Sku, now: world.time.now });
    expect(sites[0]?.components).toEqual([
      { partNo: "A", quantity: "2" },
      { partNo: "B", quantity: "1" },
    ]);
    expect(sites[0]?.channels[0]?.derivation).toBe(
      "scarcest component A: on hand 9: 9; 2 per sales unit: 4; divided among 2 SKUs: 2",
    );
  });
});

describe("two SKUs of one part", () => {
  it("that are one sales part divide it, with the weights of their classes", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.skus = { exceptions: [{ sku: "SECOND", catalogNo: "BOLT" }] };
        raw.stock = { ...(raw.stock as object), classes: [{ name: "main", skus: ["BOLT"], weight: 3 }] };
      }),
    );
    world.happen.sku("BOLT");
    world.shop.add("SECOND");
    world.happen.stock("BOLT", 20);
    await divided(world);
    expect(shown(world, "BOLT", "SECOND")).toEqual([15, 5]);
  });

  it("leave each other alone where one is not sold in the shop", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(12) });
    world.shop.delete("BOX");
    world.happen.stock("BOLT", 40);
    await divided(world);
    expect(shown(world, "BOLT", "BOX")).toEqual([40, undefined]);
  });

  it("are told apart from the first run on, and a full run does not ask about the others", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("NUT");
    world.happen.sku("Z-BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(12) });
    for (const part of ["BOLT", "NUT"]) world.happen.stock(part, 40);
    await divided(world);
    expect(world.cursor("stock-site-S1")).toMatchObject({ shared: ["BOLT"], sharedMany: false });
    const asked: string[] = [];
    const { salesPartsOf } = world.deps.parts;
    const parts = {
      ...world.deps.parts,
      salesPartsOf: (contract: Contract, partNos: readonly PartNo[]) => {
        asked.push(...partNos);
        return salesPartsOf(contract, partNos);
      },
    };
    await runStockSync({ ...world.deps, parts }, { now: world.time.now, mode: "full" });
    expect([asked.includes("BOLT"), asked.includes("NUT")]).toEqual([true, false]);
    expect(shown(world, "BOLT", "Z-BOX", "NUT")).toEqual([28, 1, 40]);
  });

  it("move units to each other in two steps: down first, up when a later read shows it", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 40);
    await sync(world);
    world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(12) });
    world.happen.wait(MINUTE);
    const named = { skus: ["BOX" as Sku] };
    await runStockSync(world.deps, { now: world.time.now, mode: "delta", only: named });
    expect(shown(world, "BOLT", "BOX")).toEqual([28, 0]);
    await runStockSync(world.deps, { now: world.time.now, mode: "delta", only: named });
    expect(shown(world, "BOLT", "BOX")).toEqual([28, 1]);
  });

  it("are planned together again when one of them was changed meanwhile", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.sku("BOLT-2", { partNo: "BOLT" as PartNo });
    world.happen.stock("BOLT", 20);
    await divided(world);
    world.happen.count("BOLT", 30);
    let sold = false;
    world.interfere((call) => {
      if (call !== "update" || sold) return;
      sold = true;
      world.happen.sale("BOLT", 5);
      world.happen.sale("BOLT-2", 1);
    });
    await sync(world);
    const total = (world.quantityOf("BOLT") ?? 0) + (world.quantityOf("BOLT-2") ?? 0);
    expect(total).toBeLessThanOrEqual(24);
  });
});

describe("whatever is sold, counted and delivered between the calls of runs", () => {
  const quantity = fc.integer({ min: 1, max: 3 });
  /** Inventory units of A and B. */
  const takes: Record<string, [number, number]> = { A: [1, 0], "A-BOX": [4, 0], B: [0, 1], KIT: [2, 1] };
  const anyEvent = fc.oneof(
    fc.record({ kind: fc.constant("sale" as const), sku: fc.constantFrom("A", "A-BOX", "B", "KIT"), quantity }),
    fc.record({
      kind: fc.constant("receive" as const),
      part: fc.constantFrom("A" as const, "B" as const),
      quantity: fc.nat(20),
    }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(500, 4000, 31_000) }),
  );
  type Event = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

  it("no SKU is shown what another one of the same part is shown as well", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          a: fc.nat(30),
          b: fc.nat(10),
          events: fc.array(fc.array(anyEvent, { maxLength: 2 }), { minLength: 20, maxLength: 60 }),
        }),
        async ({ a, b, events }) => {
          const world = worldWith({ A: a, B: b }, [kitOf(["A", 2], ["B", 1])]);
          world.happen.sku("A-BOX", { partNo: "A" as PartNo, convFactor: decimal(4) });
          await sync(world);
          const sold = { A: 0, B: 0 };
          const had = { A: a, B: b };
          const waiting = [...events];
          const sell = (sku: string, pieces: number): void => {
            if (!world.happen.sale(sku, pieces)) return;
            const [ofA, ofB] = takes[sku] ?? [0, 0];
            sold.A += ofA * pieces;
            sold.B += ofB * pieces;
          };
          const receive = (part: "A" | "B", pieces: number): void => {
            had[part] += pieces;
            world.happen.count(part, had[part]);
          };
          const happens = (event: Event): void => {
            if (event.kind === "wait") world.happen.wait(event.ms);
            else if (event.kind === "sale") sell(event.sku, event.quantity);
            else receive(event.part, event.quantity);
          };
          world.interfere((call) => {
            if (["update", "openDemand", "bySkus"].includes(call))
              for (const event of waiting.shift() ?? []) happens(event);
          });
          for (let run = 0; run < 6; run += 1) await sync(world, run % 2 ? "delta" : "full");
          expect(sold.A).toBeLessThanOrEqual(had.A);
          expect(sold.B).toBeLessThanOrEqual(had.B);
          world.interfere(() => {});
          for (let run = 0; run < 5; run += 1) {
            world.happen.wait(MINUTE);
            await sync(world, "full");
          }
          const [pieces = 0, boxes = 0, nuts = 0, kits = 0] = shown(world, "A", "A-BOX", "B", "KIT");
          expect(pieces + 4 * boxes + 2 * kits).toBe(had.A - sold.A);
          expect(nuts + kits).toBe(had.B - sold.B);
        },
      ),
      { numRuns: 40 },
    );
  });
});
