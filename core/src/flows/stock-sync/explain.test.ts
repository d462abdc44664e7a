/** What people are shown is what is written. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { PartNo, Sku } from "../../domain/ids.ts";
import { type ChannelExplanation, explainStock } from "./explain.ts";
import { previewStock } from "./preview.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const explained = (world: World, sku: string) => explainStock(world.deps, { sku: sku as Sku, now: world.time.now });
const channels = async (world: World, sku: string): Promise<readonly ChannelExplanation[]> =>
  (await explained(world, sku)).sites.flatMap((site) => site.channels);
const full = (world: World) => runStockSync(world.deps, { now: world.time.now, mode: "full" });
const WRITES = ["create", "update", "cursorWrite"];

const units = fc.nat(40);
const anyState = fc.record({
  onHand: units,
  frozen: units,
  telephone: fc.array(units, { maxLength: 2 }),
  conv: fc.constantFrom(1, 6),
  share: fc.constantFrom(1, 0.5),
  bufferShare: fc.constantFrom(0, 0.25),
  orders: fc.array(fc.record({ sku: fc.constantFrom("BOX", "PIECE"), quantity: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 3,
  }),
});
type State = typeof anyState extends fc.Arbitrary<infer T> ? T : never;

function worldIn({ onHand, frozen, telephone, conv, share, bufferShare, orders }: State): World {
  const world = createWorld(
    configWith((raw) => {
      raw.stock = {
        pools: [
          {
            name: "main",
            site: "S1",
            channels: [
              { supplyChannel: "web", share, bufferShare },
              { supplyChannel: "store", share: 0.5 },
            ],
          },
        ],
        // A hold is no part of the derivation.
        maxChangePercent: 100,
      };
    }),
  );
  world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(conv) });
  world.happen.sku("PIECE", { partNo: "BOLT" as PartNo });
  world.happen.stock("BOLT", onHand);
  world.happen.stock("BOLT", frozen, { frozen: true });
  telephone.forEach((quantity, index) => {
    world.happen.ifsOrder(`TEL-${index}`, "BOLT", quantity);
  });
  for (const { sku, quantity } of orders) world.happen.order(sku, quantity);
  world.happen.wait(60_000);
  return world;
}

describe("the derivation", () => {
  it("of every channel equals the number that the next runs write, in hundreds of states", async () => {
    await fc.assert(
      fc.asyncProperty(anyState, async (state) => {
        const world = worldIn(state);
        const before = [...(await channels(world, "BOX")), ...(await channels(world, "PIECE"))];
        await full(world);
        await full(world);
        const after = ["BOX", "PIECE"].flatMap((sku) => ["web", "store"].map((key) => world.quantityOf(sku, key)));
        expect(before.map(({ target }) => target)).toEqual(after);
        for (const { derivation, onHand, reserved, demand, inFlight, raw, target, share, buffer } of before) {
          expect(Number(onHand) - Number(reserved) - Number(demand) - Number(inFlight)).toBe(Number(raw));
          expect(Math.max(0, share - buffer)).toBe(target);
          expect(derivation.startsWith(`on hand ${onHand}`)).toBe(true);
        }
        const now = [...(await channels(world, "BOX")), ...(await channels(world, "PIECE"))];
        expect(now.map(({ next, entry }) => [next, entry?.quantityOnStock])).toEqual(after.map((each) => [null, each]));
      }),
      { numRuns: 300 },
    );
  });

  it("comes with rows, demand, orders in flight, the entry and its last writer, and nothing is written", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 20, { locationNo: "A-1" });
    world.happen.stock("BOLT", 5, { locationNo: "A-2", frozen: true });
    await full(world);
    world.happen.ifsOrder("TEL-1", "BOLT", 4);
    const order = world.happen.order("BOLT", 3);
    world.happen.wait(60_000);
    world.happen.edit("BOLT", 99);
    world.calls.length = 0;
    const explanation = await explained(world, "BOLT");
    expect(world.calls.filter((call) => WRITES.includes(call))).toEqual([]);
    expect([world.journal, world.exceptions.size]).toEqual([[], 0]);
    expect(explanation).toMatchObject({
      tracked: true,
      problems: [],
      sites: [
        {
          site: "S1",
          catalogNo: "BOLT",
          partNo: "BOLT",
          channels: [
            {
              supplyChannel: "web",
              pool: "main",
              derivation: "on hand 20, demand 4, in flight 3: 13; not counted: frozen 5",
              target: 13,
              entry: { quantityOnStock: 99, availableQuantity: 99, lastModifiedBy: "user u-7" },
              next: {
                to: 13,
                cause:
                  "IFS: on hand 20, demand 4, in flight 3: 13; not counted: frozen 5. commercetools: 99 on stock, 99 available",
              },
            },
          ],
          rows: [
            { locationNo: "A-1", qtyOnhand: "20", pools: { main: "counts" } },
            { locationNo: "A-2", qtyOnhand: "5", pools: { main: "frozen" } },
          ],
          demand: [{ orderNo: "TEL-1", state: "Released", open: "4" }],
          inFlight: [{ orderId: order, ifsOrderNo: null, sku: "BOLT", supplyChannel: "web", quantity: "3" }],
        },
      ],
    });
  });

  test.each<[string, (world: World) => void, string[]]>([
    ["a SKU that no site sells", () => {}, ["No site with a pool has the sales part BOLT."]],
    [
      "a SKU that no product has",
      (world) => {
        world.happen.sku("BOLT");
        world.shop.clear();
      },
      ["No product of commercetools has the SKU BOLT, so no entry is created for it."],
    ],
    [
      "a factor that can't count",
      (world) => world.happen.sku("BOLT", { convFactor: decimal(0) }),
      [
        "Sales part BOLT of site S1 has the conversion factor 0 (inverted 1), so its stock can't be counted in sales units.",
      ],
    ],
    ["a sales part without inventory part", (world) => world.happen.sku("BOLT", { partNo: null }), []],
  ])("%s is told in words", async (_, given, problems) => {
    const world = createWorld();
    given(world);
    const { problems: told, sites } = await explained(world, "BOLT");
    expect([told.slice(0, 1), sites.flatMap((site) => site.channels.filter(({ next }) => next))]).toEqual([
      problems,
      [],
    ]);
  });
});

describe("the plan of a full run, before there is one", () => {
  async function previewed(world: World) {
    const lines: string[] = [];
    const refused: string[] = [];
    const counts = await previewStock(world.deps, world.time.now, {
      change: ({ record, kind, from, to, cause }) => lines.push(`${record}: ${kind} ${from} -> ${to}. ${cause}`),
      refused: ({ recordId }) => refused.push(recordId),
      progress: () => {},
    });
    return { lines, refused, counts };
  }

  it("tells every change with its cause, over many pages, and writes nothing", async () => {
    const world = createWorld();
    for (let index = 0; index < 250; index += 1) {
      const sku = `P${String(index).padStart(4, "0")}`;
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
    }
    await full(world);
    world.happen.edit("P0000", 9);
    world.happen.edit("P0001", 2);
    world.happen.count("P0240", 0);
    world.happen.sku("NEW");
    world.happen.stock("NEW", 1);
    world.happen.sku("ODD", { convFactor: decimal(0) });
    world.happen.wait(60_000);
    world.calls.length = 0;
    const { lines, refused, counts } = await previewed(world);
    expect(world.calls.filter((call) => WRITES.includes(call))).toEqual([]);
    expect(lines).toEqual([
      "NEW @ web: create null -> 1. IFS: on hand 1: 1. commercetools: no entry",
      "P0000 @ web: lower 9 -> 5. IFS: on hand 5: 5. commercetools: 9 on stock, 9 available",
      "P0001 @ web: raise 2 -> 5. IFS: on hand 5: 5. commercetools: 2 on stock, 2 available",
      "P0240 @ web: zero 5 -> 0. IFS: on hand 0: 0. commercetools: 5 on stock, 5 available",
    ]);
    expect(refused).toEqual(["S1/ODD"]);
    const expected = { parts: 251, entries: 250, unchanged: 247, create: 1, raise: 1, lower: 1, zero: 1 };
    expect(counts).toEqual({ ...expected, terms: 0, waits: 0, refused: 1 });
    // What it told is what a run does.
    expect(await full(world)).toMatchObject({ changed: 4 });
    expect((await previewed(world)).lines).toEqual([]);
  });

  it("tells of entries that no sales part stands for: named, set to zero, and held", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), maxZeros: 1 };
      }),
    );
    for (const sku of ["BOLT", "GONE", "LOST"]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
    }
    await full(world);
    const lost = world.entryOf("LOST");
    if (lost) world.entries.set(lost.id, { ...lost, key: "theirs" });
    world.parts.splice(1, 2);
    world.happen.wait(60_000);
    world.calls.length = 0;
    const cause = "the site has no sales part with an inventory part for this SKU";
    const { lines, refused, counts } = await previewed(world);
    expect([lines, refused, counts.zero]).toEqual([[`GONE @ web: zero 5 -> 0. ${cause}`], ["GONE", "LOST"], 1]);
    expect(world.calls.filter((call) => WRITES.includes(call))).toEqual([]);
    world.happen.count("BOLT", 0);
    expect((await previewed(world)).refused).toEqual(["ended S1", "GONE", "LOST"]);
    // As a run says and does.
    await full(world);
    expect([world.codes(), world.quantityOf("BOLT"), world.quantityOf("GONE")]).toEqual([
      ["stockAnomaly: ended S1", "unmappedSku: GONE", "unmappedSku: LOST"],
      ...[0, 5],
    ]);
  });

  it("concludes nothing from a site that can't be seen, or whose stock can't", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), minEntriesForHold: 1, maxChangePercent: 100 };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    await full(world);
    world.knobs.blind = true;
    const blind = await previewed(world);
    expect([blind.lines.length, blind.refused]).toEqual([1, ["sight S1"]]);
    world.knobs.siteHidden = true;
    const hidden = await previewed(world);
    expect([hidden.lines, hidden.refused]).toEqual([[], ["sight S1"]]);
  });

  it("tells of figures below zero, and of entries that may be ordered without stock", async () => {
    const world = createWorld();
    for (const sku of ["BOLT", "NUT"]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
    }
    await full(world);
    world.happen.ifsOrder("TEL-1", "BOLT", 8);
    const nut = world.entryOf("NUT");
    if (nut) world.entries.set(nut.id, { ...nut, restockableInDays: 7 });
    expect((await previewed(world)).refused).toEqual(["below-zero S1", "restock S1"]);
  });

  it("raises nothing past a line that was taken back between the two reads, as a run does", async () => {
    const world = createWorld();
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    await full(world);
    world.happen.ifsOrder("TEL-1", "BOLT", 3);
    world.happen.reserve("TEL-1");
    await full(world);
    world.interfere((call) => {
      if (call === "stockRows") world.happen.unreserve("TEL-1");
    });
    expect((await previewed(world)).lines).toEqual([]);
  });

  it("comes while the flow is switched off, which writes nothing", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), enabled: false };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    expect(await full(world)).toEqual({
      ...{ processed: 0, changed: 0, failed: 0 },
      message: "stock is switched off (`stock.enabled`)",
    });
    const only = { skus: ["BOLT" as Sku] };
    await runStockSync(world.deps, { now: world.time.now, mode: "delta", only });
    expect(world.entries.size).toBe(0);
    expect((await previewed(world)).counts.create).toBe(1);
  });

  it("says which zeros a run would hold, and which raises would wait", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { ...(raw.stock as object), minEntriesForHold: 1 };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 5);
    await full(world);
    world.happen.count("BOLT", 0);
    expect((await previewed(world)).refused).toEqual(["zeros S1"]);
    world.happen.ifsOrder("TEL-1", "BOLT", 2);
    await full(world);
    world.happen.count("BOLT", 20);
    world.knobs.demandHidden = true;
    expect((await previewed(world)).lines).toEqual([
      "BOLT @ web: waits 5 -> 20. IFS: on hand 20: 20. commercetools: 5 on stock, 5 available",
    ]);
  });
});
