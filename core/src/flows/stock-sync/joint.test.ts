/** Three sites that feed two channels: what an entry shows is the sum, whoever looks at it. */
import { describe, expect, test } from "vitest";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { explainStock } from "./explain.ts";
import { releaseHeld } from "./release.ts";
import { MINUTE, settled, sync } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

type Raw = Record<string, unknown>;
const sites = ["S1", "S2", "S3"] as const;
type Site = (typeof sites)[number];
type ChannelOf = { supplyChannel: string; share?: number; buffer?: number };
type Feeds = Record<Site, readonly ChannelOf[]>;

const web = { supplyChannel: "web" };
const store = { supplyChannel: "store" };

function worldOf(feeds: Feeds, stock: Raw = {}): World {
  const world = createWorld(
    configWith((raw) => {
      raw.sites = sites.map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
      raw.stock = { pools: sites.map((site) => ({ name: `P-${site}`, site, channels: feeds[site] })), ...stock };
    }),
  );
  // So that each of them shows something.
  for (const site of sites) goods(world, "OTHER", { [site]: 1 });
  return world;
}

const at = (site: string) => ({ contract: site as Contract });

/** Sold and stocked at each site that is named. */
function goods(world: World, sku: string, onHand: Partial<Record<Site, number>>): void {
  for (const [site, quantity] of Object.entries(onHand)) {
    world.happen.sku(sku, at(site));
    world.happen.stock(sku, quantity, at(site));
  }
}

/** S1 and S2 feed web; S3 feeds store. */
const two: Feeds = { S1: [web], S2: [web], S3: [store] };
const shown = (world: World, sku = "BOLT") => [world.quantityOf(sku), world.quantityOf(sku, "store")];

async function opened(onHand: Partial<Record<Site, number>>, feeds: Feeds = two, stock: Raw = {}): Promise<World> {
  const world = worldOf(feeds, stock);
  goods(world, "BOLT", onHand);
  return settled(world);
}

describe("a channel of two sites", () => {
  test("shows what both have, and the channel of the third what that one has", async () => {
    expect(shown(await opened({ S1: 5, S2: 7, S3: 4 }))).toEqual([12, 4]);
  });

  test("follows a change at each of them, and nothing is written twice", async () => {
    const world = await opened({ S1: 5, S2: 7, S3: 4 });
    for (const [site, quantity, web] of [
      ["S1", 3, 10],
      ["S2", 1, 4],
      ["S2", 9, 12],
    ] as const) {
      world.happen.count("BOLT", quantity, site);
      world.calls.length = 0;
      await sync(world);
      expect(shown(world)).toEqual([web, 4]);
      expect(world.calls.filter((call) => call === "update")).toHaveLength(1);
      world.happen.wait(MINUTE);
    }
  });

  test("is told by one site alone where the other does not sell the SKU, and ends with the last", async () => {
    const world = await opened({ S2: 7 });
    expect(shown(world)).toEqual([7, undefined]);
    world.parts.splice(
      world.parts.findIndex(({ catalogNo }) => catalogNo === "BOLT"),
      1,
    );
    await sync(world, { mode: "full" });
    expect(shown(world)).toEqual([0, undefined]);
  });

  test("keeps what the other site has when the SKU ends at one of them", async () => {
    const world = await opened({ S1: 5, S2: 7 });
    world.parts.splice(
      world.parts.findIndex(({ catalogNo, contract }) => catalogNo === "BOLT" && contract === "S1"),
      1,
    );
    await sync(world, { mode: "full" });
    expect(shown(world)).toEqual([7, undefined]);
    expect(world.codes()).toEqual([]);
  });

  test("is lowered by what one of them owes", async () => {
    const world = await opened({ S1: 5, S2: 7 });
    world.happen.ifsOrder("TEL-1", "BOLT", 9, null, "S2");
    await sync(world);
    expect(shown(world)).toEqual([3, undefined]);
  });
});

describe("goods that go from one site to the other", () => {
  test("between the reads of the two are not sold twice", async () => {
    const world = await opened({ S1: 5, S2: 7 }, { S1: [web], S2: [web], S3: [web] });
    world.happen.count("BOLT", 6, "S1");
    let [reads, most] = [0, 0];
    world.interfere((call) => {
      most = Math.max(most, world.quantityOf("BOLT") ?? 0);
      // The second read of stock rows is that of the other site.
      if (call !== "stockRows" || ++reads !== 2) return;
      world.happen.count("BOLT", 2, "S1");
      world.happen.count("BOLT", 11, "S2");
    });
    await sync(world);
    expect(world.quantityOf("BOLT")).toBe(13);
    expect(most).toBe(13);
  });
});

test("an entry is raised only once the others of its pools have come down", async () => {
  const world = await opened({ S1: 5, S2: 8 }, { S1: [web], S2: [web, store], S3: [store] });
  expect(shown(world)).toEqual([9, 4]);
  world.happen.edit("BOLT", 14, "store");
  world.happen.count("BOLT", 9, "S1");
  const only = { partNos: [{ contract: "S1" as Contract, partNo: "BOLT" as PartNo }] };
  await sync(world, { only });
  expect(shown(world)).toEqual([9, 4]);
  await sync(world, { only });
  expect(shown(world)).toEqual([13, 4]);
});

describe("what was sold from it", () => {
  test("comes off once, and not any more once either site has the order", async () => {
    for (const site of ["S1", "S2"] as const) {
      const world = await opened({ S1: 5, S2: 7, S3: 4 });
      const order = world.happen.sale("BOLT", 8) ?? "";
      world.happen.wait(MINUTE);
      await sync(world, { mode: "full" });
      expect(shown(world)).toEqual([4, 4]);
      world.happen.commit(order, site);
      await sync(world, { mode: "full" });
      expect(shown(world)).toEqual([4, 4]);
      world.happen.link(order);
      world.happen.wait(MINUTE);
      await sync(world, { mode: "full" });
      expect(shown(world)).toEqual([4, 4]);
    }
  });
});

describe("a site that shows nothing", () => {
  test.each(["hidden", "rowsHidden"] as const)("leaves the entries as they are, and is told: %s", async (knob) => {
    const world = await opened({ S1: 5, S2: 7, S3: 4 });
    world.knobs[knob] = ["S2"];
    world.happen.count("BOLT", 2, "S1");
    world.happen.count("BOLT", 1, "S3");
    await sync(world);
    expect(shown(world)).toEqual([12, 1]);
    expect(world.codes()).toContain("stockAnomaly: joint S1/S2");
    world.knobs[knob] = [];
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world)).toEqual([9, 1]);
    expect(world.codes()).toEqual([]);
  });

  test("also in a full run", async () => {
    const world = await opened({ S1: 5, S2: 7, S3: 4 });
    world.knobs.hidden = ["S2"];
    await sync(world, { mode: "full" });
    expect(shown(world)).toEqual([12, 4]);
  });
});

test("what one site holds, the run of another one leaves alone until it is released there", async () => {
  const world = worldOf(two, { maxZeros: 3, bounds: { maxCuts: 3, largeUnits: 2 } });
  const skus = Array.from({ length: 6 }, (_, index) => `P-${index}`);
  for (const sku of skus) goods(world, sku, { S1: 20, S2: 1 });
  await settled(world);
  for (const sku of skus) world.happen.count(sku, 0, "S1");
  await sync(world);
  const all = () => skus.map((sku) => world.quantityOf(sku));
  expect(all()).toEqual(skus.map(() => 21));
  expect(world.codes()).toEqual(["stockAnomaly: cuts S1"]);
  world.happen.count("P-0", 2, "S2");
  await sync(world);
  await sync(world, { only: { partNos: [{ contract: "S2" as Contract, partNo: "P-0" as PartNo }] } });
  expect(all()).toEqual(skus.map(() => 21));
  const release = { site: "S1", kind: "cuts", most: 6, by: "somebody" } as const;
  await releaseHeld({ cursors: world.deps.cursors, journal: world.deps.journal }, release, world.time.now);
  await sync(world);
  await sync(world);
  expect(all()).toEqual(skus.map((sku) => (sku === "P-0" ? 2 : 1)));
  expect(world.codes()).toEqual([]);
});

test("the derivation shows what each site gives, and the sum that the entry shows", async () => {
  const world = await opened({ S1: 5, S2: 7 });
  world.happen.sale("BOLT", 2);
  world.happen.wait(MINUTE);
  const { sites: explained } = await explainStock(world.deps, { sku: "BOLT" as Sku, now: world.time.now });
  expect(
    explained.flatMap(({ site, channels }) => channels.map(({ target, sum }) => [site, target, sum?.target])),
  ).toEqual([
    ["S1", 5, 10],
    ["S2", 7, 10],
  ]);
  expect(explained[0]?.channels[0]?.sum).toMatchObject({
    parts: [
      { site: "S1", pool: "P-S1", units: 5 },
      { site: "S2", pool: "P-S2", units: 7 },
    ],
    derivation: "S1/P-S1: on hand 5: 5; S2/P-S2: on hand 7: 7; together 12, sold and not in IFS 2: 10",
  });
});

describe("a kit", () => {
  test("is made at each site of what that site has, then added up", async () => {
    const kits = {
      list: [{ catalogNo: "KIT", components: [{ catalogNo: "BOLT", quantity: 2 }, { catalogNo: "NUT" }] }],
    };
    const world = worldOf(two, { kits });
    goods(world, "BOLT", { S1: 20, S2: 4 });
    goods(world, "NUT", { S1: 3, S2: 40 });
    for (const site of ["S1", "S2"]) world.happen.sku("KIT", { ...at(site), partNo: null });
    await settled(world);
    for (let run = 0; run < 4; run += 1) await sync(world, { mode: "full" });
    const kit = world.quantityOf("KIT") ?? 0;
    const [bolt, nut] = [world.quantityOf("BOLT") ?? 0, world.quantityOf("NUT") ?? 0];
    expect({ kit, bolt, nut }).toEqual({ kit: 2, bolt: 20, nut: 41 });
    const order = world.happen.sale("KIT", 2) ?? "";
    expect(order).not.toBe("");
    world.happen.wait(MINUTE);
    for (let run = 0; run < 3; run += 1) await sync(world, { mode: "full" });
    expect(world.quantityOf("KIT")).toBe(0);
    expect((world.quantityOf("BOLT") ?? 0) + 4).toBeLessThanOrEqual(24);
  });
});
