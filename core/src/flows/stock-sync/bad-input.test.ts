/** What nobody should have entered, and what people do to both systems between two reads. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { describe, expect, it, test } from "vitest";
import { MOST_UNITS } from "../../domain/availability.ts";
import { decimal } from "../../domain/decimal.ts";
import { RefusedError } from "../../domain/failure.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { runStockSync } from "./run.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const sync = (world: World, mode: "delta" | "full" = "delta") =>
  runStockSync(world.deps, { now: world.time.now, mode });

function worldOf(...skus: string[]): World {
  const world = createWorld();
  for (const sku of skus) world.happen.sku(sku);
  return world;
}

describe("quantities that nobody should have entered", () => {
  it.each<[string, string, number]>([
    ["negative", "-3", 0],
    ["a part of a piece", "0.999", 0],
    ["pieces and a part", "7.999", 7],
    ["enormous", "1000000000000000000000000000000", MOST_UNITS],
    ["enormous and negative", "-1000000000000000000000000000000", 0],
  ])("%s: shown as what can be sold, and the others are written", async (_, quantity, shown) => {
    const world = worldOf("ODD", "BOLT");
    world.happen.stock("ODD", 0, { qtyOnhand: decimal(quantity) });
    world.happen.stock("BOLT", 5);
    await sync(world);
    expect([world.quantityOf("ODD"), world.quantityOf("BOLT")]).toEqual([shown, 5]);
  });

  it("a part of a piece ordered by telephone takes the whole piece", async () => {
    const world = worldOf("BOLT");
    world.happen.stock("BOLT", 5);
    world.happen.ifsOrder("TEL-1", "BOLT", 0.5);
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(4);
  });

  it("an enormous quantity of one part is divided among its SKUs like any other", async () => {
    const world = worldOf("BOLT");
    world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal("1000000000000000000000") });
    world.happen.stock("BOLT", 0, { qtyOnhand: decimal("1000000000000000000000000") });
    await sync(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("BOX")]).toEqual([MOST_UNITS, 999]);
  });
});

describe("a location that is moved to another site while a run reads", () => {
  const twoSites = () =>
    createWorld(
      configWith((raw) => {
        raw.sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
        raw.stock = {
          pools: [
            { name: "one", site: "S1", channels: [{ supplyChannel: "web" }] },
            { name: "two", site: "S2", channels: [{ supplyChannel: "store" }] },
          ],
        };
      }),
    );
  async function begun(): Promise<World> {
    const world = twoSites();
    for (const contract of ["S1", "S2"] as Contract[]) world.happen.sku("BOLT", { contract });
    world.happen.stock("BOLT", 10, { locationNo: "SHELF" });
    // A site that has lost its only row counts as not shown.
    world.happen.sku("NUT");
    world.happen.stock("NUT", 3);
    await sync(world);
    world.happen.wait(MINUTE);
    return world;
  }
  const shown = (world: World) => [world.quantityOf("BOLT", "web"), world.quantityOf("BOLT", "store")];

  it("is corrected by the next run where IFS leaves an empty row behind", async () => {
    const world = await begun();
    let moved = false;
    world.interfere((call) => {
      if (call !== "stockRows" || moved) return;
      moved = true;
      world.happen.count("BOLT", 0);
      world.happen.stock("BOLT", 10, { contract: "S2" as Contract, locationNo: "SHELF" });
    });
    await sync(world, "full");
    world.happen.wait(MINUTE);
    await sync(world);
    expect([shown(world), world.codes()]).toEqual([[0, 10], []]);
  });

  it("and by the next full run where the row itself goes over", async () => {
    const world = await begun();
    let calls = 0;
    world.interfere((call) => {
      if (call !== "stockRows" || ++calls !== 2) return;
      const at = world.rows.findIndex(({ locationNo }) => locationNo === "SHELF");
      const row = world.rows[at];
      if (row) world.rows[at] = { ...row, contract: "S2" as Contract };
    });
    await sync(world, "full");
    world.happen.wait(MINUTE);
    await sync(world, "full");
    expect([shown(world), world.codes()]).toEqual([[0, 10], []]);
  });
});

test("SKUs with every character that IFS allows, and the longest, have entries with keys of their own", async () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
  const skus = [
    ...printable.map((character) => `A${character}1`),
    "ÄÖÜß-é-Ω",
    "Ж/中",
    "A 1",
    "A  1",
    "ä".repeat(25),
    "Ω".repeat(80),
  ];
  const world = worldOf(...new Set(skus));
  for (const sku of new Set(skus)) world.happen.stock(sku, 3);
  await sync(world);
  const keys = [...world.entries.values()].map(({ key }) => key ?? "");
  expect([...new Set(skus)].map((sku) => world.quantityOf(sku))).toEqual([...new Set(skus)].map(() => 3));
  expect(new Set(keys).size).toBe(new Set(skus).size);
  expect(keys.filter((key) => !/^[A-Za-z0-9_-]{2,256}$/.test(key))).toEqual([]);
  expect(await sync(world, "full")).toMatchObject({ changed: 0, failed: 0 });
});

describe("a supply channel that is deleted by hand", () => {
  it("is named, its pool waits as a whole, the others go on, and all is well when it is back", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = {
          pools: [
            {
              name: "one",
              site: "S1",
              warehouses: ["W1"],
              channels: [{ supplyChannel: "web" }, { supplyChannel: "app" }],
            },
            { name: "two", site: "S1", warehouses: ["W2"], channels: [{ supplyChannel: "store" }] },
          ],
        };
      }),
    );
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 10);
    world.happen.stock("BOLT", 6, { warehouse: "W2" });
    await sync(world);
    const id = world.channelIds.get("app") ?? "";
    world.channelIds.delete("app");
    for (const row of world.rows) world.happen.count(row.partNo, 4);
    world.happen.wait(MINUTE);
    await sync(world, "full");
    expect([world.codes(), world.quantityOf("BOLT", "web")]).toEqual([["unmappedSite: channel app"], 5]);
    expect([...world.entries.values()].filter(({ supplyChannel }) => supplyChannel === undefined)).toEqual([]);
    world.channelIds.set("app", id);
    world.happen.wait(MINUTE);
    await sync(world, "full");
    expect([world.codes(), world.quantityOf("BOLT", "web"), world.quantityOf("BOLT", "app")]).toEqual([[], 2, 2]);
  });

  it("in the middle of a run refuses single entries: each is an exception, and the others are written", async () => {
    const world = worldOf("BOLT", "NUT");
    for (const sku of ["BOLT", "NUT"]) world.happen.stock(sku, 5);
    const { create } = world.deps.inventory;
    const inventory = {
      ...world.deps.inventory,
      create: (draft: Parameters<typeof create>[0]): Promise<InventoryEntry> =>
        draft.sku === "BOLT"
          ? Promise.reject(new RefusedError("commercetools", "ReferencedResourceNotFound", 400, "no such channel"))
          : create(draft),
    };
    expect(await runStockSync({ ...world.deps, inventory }, { now: world.time.now, mode: "full" })).toMatchObject({
      changed: 1,
    });
    expect([world.codes(), world.quantityOf("NUT")]).toEqual([["invalidInput: BOLT"], 5]);
  });
});

test("one SKU of five hundred that commercetools refuses: 499 are written in the same run, and one is an exception", async () => {
  const skus = Array.from({ length: 500 }, (_, index) => `P${String(index).padStart(3, "0")}`);
  const world = worldOf(...skus);
  for (const sku of skus) world.happen.stock(sku, 5);
  const { create } = world.deps.inventory;
  const inventory = {
    ...world.deps.inventory,
    create: (draft: Parameters<typeof create>[0]): Promise<InventoryEntry> =>
      draft.sku === "P250"
        ? Promise.reject(new RefusedError("commercetools", "InvalidInput", 400, "not allowed"))
        : create(draft),
  };
  await runStockSync({ ...world.deps, inventory }, { now: world.time.now, mode: "full" });
  expect([world.entries.size, world.codes()]).toEqual([499, ["invalidInput: P250"]]);
});

test("10,000 rows with one time stamp are all found, in one run, and none is written twice", {
  timeout: 60_000,
}, async () => {
  const world = createWorld();
  const skus = Array.from({ length: 10_000 }, (_, index) => `P${String(index).padStart(5, "0")}`);
  const at = new Date(world.time.now).toISOString();
  for (const sku of skus) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5, { lastActivityDate: at });
  }
  const few = { ...world.deps.config, schedules: { ...world.deps.config.schedules, stockFullSeconds: 1_000_000 } };
  const run = () => runStockSync({ ...world.deps, config: few }, { now: world.time.now, mode: "delta" });
  await run();
  await run();
  world.happen.wait(20 * MINUTE);
  const moved = new Date(world.time.now).toISOString();
  world.rows.forEach((row, index) => {
    world.rows[index] = { ...row, qtyOnhand: decimal(7), lastActivityDate: moved };
  });
  world.calls.length = 0;
  expect(await run()).toMatchObject({ processed: 10_000, changed: 10_000, failed: 0 });
  expect(world.calls.filter((call) => call === "update")).toHaveLength(10_000);
  expect(world.calls).not.toContain("pageSalesParts");
  expect(await run()).toMatchObject({ changed: 0 });
});

test("one empty answer for some parts is not believed: nothing becomes zero", async () => {
  const skus = Array.from({ length: 200 }, (_, index) => `P${1000 + index}`);
  const world = worldOf(...skus);
  for (const sku of skus) world.happen.stock(sku, 5);
  await sync(world);
  world.happen.wait(MINUTE);
  for (const sku of skus) world.happen.count(sku, 6);
  let asked = 0;
  world.interfere((call) => {
    if (call !== "stockRows") return;
    asked += 1;
    world.knobs.blind = asked === 1;
  });
  await sync(world);
  expect([...world.entries.values()].filter(({ quantityOnStock }) => quantityOnStock < 5)).toEqual([]);
  expect(world.codes()).toEqual([]);
});

describe("a part that ends in IFS", () => {
  const ended = async (given: (world: World) => void) => {
    const world = worldOf("OLD", "BOLT");
    for (const sku of ["OLD", "BOLT"]) world.happen.stock(sku, 5);
    await sync(world);
    world.happen.wait(MINUTE);
    given(world);
    await sync(world, "full");
    return world;
  };
  const remove = (world: World) =>
    world.parts.splice(
      world.parts.findIndex(({ catalogNo }) => catalogNo === "OLD"),
      1,
    );

  it("goes to zero and is told, with what it showed in the journal", async () => {
    const world = await ended(remove);
    expect([world.quantityOf("OLD"), world.quantityOf("BOLT"), world.codes()]).toEqual([0, 5, ["unmappedSku: OLD"]]);
    expect(world.journal.map(({ event, recordId, detail }) => [event, recordId, detail])).toEqual([
      ["stock-ended", "OLD", { site: "S1", supplyChannel: "web", from: 5, to: 0 }],
    ]);
    world.happen.wait(MINUTE);
    await sync(world, "full");
    expect(world.codes()).toEqual([]);
  });

  it("that is not active any more goes to zero in the run that looks at it, and comes back", async () => {
    const set = (active: boolean) => (world: World) => {
      world.parts.forEach((part, index) => {
        if (part.catalogNo === "OLD") world.parts[index] = { ...part, active };
      });
    };
    const world = await ended(set(false));
    expect([world.quantityOf("OLD"), world.quantityOf("BOLT")]).toEqual([0, 5]);
    set(true)(world);
    await sync(world, "full");
    expect(world.quantityOf("OLD")).toBe(5);
  });

  it("is only told where somebody else made the entry", async () => {
    const world = await ended((all) => {
      const entry = all.entryOf("OLD");
      if (entry) all.entries.set(entry.id, { ...entry, key: "theirs" });
      remove(all);
    });
    expect([world.quantityOf("OLD"), world.codes()]).toEqual([5, ["unmappedSku: OLD"]]);
  });

  it("with more than may become zero at once is held", async () => {
    const world = await ended(remove);
    world.happen.edit("OLD", 5);
    const config = { ...world.deps.config, stock: { ...world.deps.config.stock, maxZeros: 0 } };
    await runStockSync({ ...world.deps, config }, { now: world.time.now, mode: "full" });
    expect([world.quantityOf("OLD"), world.codes()]).toEqual([5, ["stockAnomaly: ended S1", "unmappedSku: OLD"]]);
  });

  it("and sold at the moment of the write keeps the sale", async () => {
    const world = worldOf("OLD", "BOLT");
    for (const sku of ["OLD", "BOLT"]) world.happen.stock(sku, 5);
    await sync(world);
    remove(world);
    world.interfere((call) => {
      if (call === "update") world.happen.sale("OLD", 2);
    });
    await sync(world, "full");
    expect(world.quantityOf("OLD")).toBe(3);
  });
});

describe("an entry that somebody else made", () => {
  /** They show what is right. */
  async function adopted(stock: object = {}): Promise<World> {
    const config = configWith((raw) => {
      raw.stock = { ...(raw.stock as object), ...stock };
    });
    const world = createWorld(config);
    for (const [sku, key] of [
      ["BOLT", undefined],
      ["NUT", "theirs"],
    ] as const) {
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
      const supplyChannel = { typeId: "channel" as const, id: "id-web" };
      const entry = { id: sku, version: 1, sku, supplyChannel, createdAt: "", lastModifiedAt: "2026-07-01T00:00:00Z" };
      world.entries.set(sku, { ...entry, ...(key && { key }), quantityOnStock: 5, availableQuantity: 5 });
    }
    await sync(world);
    return world;
  }
  const keys = (world: World) => ["BOLT", "NUT"].map((sku) => world.entryOf(sku)?.key);
  async function end(world: World): Promise<void> {
    world.parts.length = 0;
    world.happen.sku("ANOTHER");
    world.happen.stock("ANOTHER", 1);
    world.happen.wait(MINUTE);
    await sync(world, "full");
  }

  it("without a key gets ours with the first look at it, once, so that it goes to zero when its part ends", async () => {
    const world = await adopted();
    expect([keys(world), world.journal]).toEqual([["inv-BOLT-web", "theirs"], []]);
    expect(await sync(world, "full")).toMatchObject({ changed: 0 });
    await end(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT"), world.codes()]).toEqual([
      ...[0, 5, ["unmappedSku: BOLT", "unmappedSku: NUT"]],
    ]);
  });

  it("with a key of its own gets ours as well where the configuration says so", async () => {
    const world = await adopted({ adoptKeys: "all" });
    expect(keys(world)).toEqual(["inv-BOLT-web", "inv-NUT-web"]);
    expect(await sync(world, "full")).toMatchObject({ changed: 0 });
    await end(world);
    expect([world.quantityOf("BOLT"), world.quantityOf("NUT")]).toEqual([0, 0]);
  });

  it("gets nothing where commercetools is the record for stock, and is no difference", async () => {
    const world = await adopted({ direction: "commercetools", adoptKeys: "all" });
    expect([keys(world), world.codes()]).toEqual([[undefined, "theirs"], []]);
  });
});

test("an entry that somebody made without a key gets ours with a write of its stock, and keeps a key that it has", async () => {
  const world = worldOf("BOLT", "NUT");
  for (const [sku, key] of [
    ["BOLT", undefined],
    ["NUT", "theirs"],
  ] as const) {
    world.happen.stock(sku, 5);
    const supplyChannel = { typeId: "channel" as const, id: "id-web" };
    const entry = { id: sku, version: 1, sku, supplyChannel, createdAt: "", lastModifiedAt: "2026-07-01T00:00:00Z" };
    world.entries.set(sku, { ...entry, ...(key && { key }), quantityOnStock: 1, availableQuantity: 1 });
  }
  await sync(world);
  expect([world.entryOf("BOLT")?.key, world.entryOf("NUT")?.key]).toEqual(["inv-BOLT-web", "theirs"]);
});
