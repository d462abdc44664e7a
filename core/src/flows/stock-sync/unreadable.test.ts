/** Parts that IFS refuses to be asked for: left alone wherever an empty answer would mean something, while all others go on. */
import { describe, expect, it } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import { explainStock } from "./explain.ts";
import { loadChannel } from "./load.ts";
import { previewStock } from "./preview.ts";
import { runStockSync } from "./run.ts";
import { MINUTE, settled, started, sync } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const ODD = "ODD#1";
const shown = (world: World, ...skus: string[]) => skus.map((sku) => world.quantityOf(sku));
const lists = ["salesPartsOf", "salesParts", "openDemand", "stockRows"] as const;
/** Every list by keys, or these. */
const refuse = (world: World, value: string, ...of: readonly string[]): void => {
  world.knobs.refuses = (list, asked) => asked === value && (of.length === 0 || of.includes(list));
};
const told = (world: World) =>
  [...world.exceptions.values()].map(({ code, recordId, owner }) => `${code} ${recordId} ${owner}`).sort();
const kits = (...list: object[]) =>
  createWorld(
    configWith((raw) => {
      raw.stock = { ...(raw.stock as object), kits: { list } };
    }),
  );
const kitOf = (...components: string[]) => ({
  catalogNo: "KIT",
  components: components.map((catalogNo) => ({ catalogNo, quantity: 1 })),
});

describe("a part that IFS refuses to be asked for", () => {
  it.each<[readonly string[]]>([[lists], [["salesPartsOf"]], [["openDemand"]], [["stockRows"]]])(
    "stays as it is, is named, and is read again once IFS answers (%s)",
    async (refused) => {
      const world = await started({ BOLT: 10, [ODD]: 10 });
      refuse(world, ODD, ...refused);
      world.happen.count("BOLT", 4);
      world.happen.count(ODD, 3);
      expect(await sync(world)).toMatchObject({ changed: 1, failed: 1 });
      expect(shown(world, "BOLT", ODD)).toEqual([4, 10]);
      expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
      expect([...world.exceptions.values()][0]).toMatchObject({
        recordType: "sku",
        recordLabel: ODD,
        message: `IFS gives no answer that can be used about inventory part ${ODD} of site S1, so the stock of ${ODD} cannot be read: Malformed Request. Its inventory entries stay as they are, and so do those of other SKUs that draw on it; all others are synchronised.`,
      });
      // Long after the movement itself is no longer seen.
      world.happen.wait(60 * MINUTE);
      world.happen.stock("RAW-MATERIAL", 1);
      await sync(world);
      refuse(world, "nothing");
      world.happen.wait(MINUTE);
      world.happen.stock("RAW-MATERIAL", 1);
      await sync(world);
      expect(shown(world, "BOLT", ODD)).toEqual([4, 3]);
      expect(told(world)).toEqual([]);
    },
  );

  it("is asked for once in a run, however many of its lists would name it", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD);
    world.happen.count(ODD, 3);
    world.happen.ifsOrder("TEL-1", ODD, 1);
    world.happen.order(ODD, 1);
    let refusals = 0;
    const { refuses } = world.knobs;
    world.knobs.refuses = (list, value) => {
      const refused = refuses(list, value);
      refusals += refused ? 1 : 0;
      return refused;
    };
    await sync(world, { mode: "full" });
    // By its part number, and by its sales part's.
    expect(refusals).toBe(2);
  });

  it("has not ended and is not empty for a full run, which nobody else misses", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10, NUT: 5 });
    refuse(world, ODD);
    world.happen.edit("NUT", 99);
    world.happen.edit(ODD, 7);
    world.happen.count(ODD, 0);
    world.happen.wait(3 * 60 * MINUTE);
    expect(await sync(world, { mode: "full" })).toMatchObject({ changed: 1 });
    expect(shown(world, "BOLT", ODD, "NUT")).toEqual([10, 7, 5]);
    expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
    expect(world.cursor("stock-site-S1")).toMatchObject({ fullFinishedAt: world.time.now });
  });

  it("is left out by a scan that has to ask for lists of parts", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD);
    world.happen.edit("BOLT", 99);
    const { scanSite } = world.deps;
    const byLists: World["deps"]["scanSite"] = (contract, from) => {
      const scan = scanSite(contract, from);
      return {
        async next() {
          const page = await scan.next();
          if (!page) return undefined;
          const rows = page.rows.filter(({ partNo }) => partNo !== (ODD as PartNo));
          return { ...page, rows };
        },
      };
    };
    const deps = {
      ...world.deps,
      scanSite: byLists,
      changedParts: async () => ({ keys: [], handled: async () => {} }),
    };
    expect(await runStockSync(deps, { now: world.time.now, mode: "full" })).toMatchObject({ changed: 1, failed: 1 });
    expect(shown(world, "BOLT", ODD)).toEqual([10, 10]);
    expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
  });

  it("is not without demand: what it had is no sign that demand is hidden", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    world.happen.ifsOrder("TEL-1", ODD, 1);
    world.happen.ifsOrder("TEL-2", "BOLT", 8);
    await sync(world);
    expect(shown(world, "BOLT", ODD)).toEqual([2, 9]);
    refuse(world, ODD, "openDemand");
    world.happen.cancelInIfs("TEL-2");
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world, "BOLT", ODD)).toEqual([10, 9]);
    expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
  });

  describe("whose supply cannot be asked for", () => {
    const bySupply = () =>
      createWorld(
        configWith((raw) => {
          const classes = [{ name: "coming", skus: ["*"], restockableInDays: "supply" }];
          raw.stock = { ...(raw.stock as object), classes, supply: { sources: ["purchaseOrders"] } };
        }),
      );

    it("stays as it is too", async () => {
      const world = await started({ BOLT: 10, [ODD]: 10 }, bySupply());
      refuse(world, ODD, "plannedSupply");
      for (const part of ["BOLT", ODD]) world.happen.count(part, 4);
      await sync(world);
      expect(shown(world, "BOLT", ODD)).toEqual([4, 10]);
      expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
    });

    it("stays as it is where it was asked for, and figures are read again because they have become old", async () => {
      const world = await started({ BOLT: 10, [ODD]: 10 }, bySupply());
      world.happen.count(ODD, 3);
      let once = false;
      world.interfere((call) => {
        if (call !== "update" || once) return;
        once = true;
        world.happen.wait(6000);
        world.happen.edit(ODD, 8);
        refuse(world, ODD, "plannedSupply");
      });
      await sync(world);
      expect(shown(world, ODD)).toEqual([8]);
      expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
    });
  });

  it("named by people or by an event is refused by name, and the others of the list are synchronised", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD);
    world.happen.count("BOLT", 4);
    world.happen.count(ODD, 3);
    const only = { skus: ["BOLT", ODD] as Sku[] };
    expect(await sync(world, { only })).toEqual({ processed: 1, changed: 1, failed: 1 });
    expect(shown(world, "BOLT", ODD)).toEqual([4, 10]);
    world.happen.count("BOLT", 6);
    const partNos = ["BOLT", ODD].map((partNo) => ({ contract: "S1" as Contract, partNo: partNo as PartNo }));
    expect(await sync(world, { only: { partNos } })).toEqual({ processed: 1, changed: 1, failed: 1 });
    expect(shown(world, "BOLT", ODD)).toEqual([6, 10]);
    expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
  });

  it("is told by the dry run and by the explanation, which plan nothing for it", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD);
    world.happen.count("BOLT", 4);
    world.happen.count(ODD, 3);
    const report = { changes: [] as string[], refused: [] as string[] };
    await previewStock(world.deps, world.time.now, {
      change: ({ record }) => report.changes.push(record),
      refused: ({ recordId }) => report.refused.push(recordId),
      progress: () => {},
    });
    expect(report).toEqual({ changes: ["BOLT @ web"], refused: [`S1/${ODD}`] });
    for (const of of [lists, ["salesPartsOf"], ["stockRows"]]) {
      refuse(world, ODD, ...of);
      const { problems, sites } = await explainStock(world.deps, { sku: ODD as Sku, now: world.time.now });
      expect(problems).toEqual([expect.stringContaining(ODD)]);
      expect(sites.flatMap(({ channels }) => channels)).toEqual([]);
    }
  });

  it("is left out by a load, and named", async () => {
    const world = createWorld(
      configWith((raw) => {
        raw.stock = { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web", live: false }] }] };
      }),
    );
    for (const sku of ["BOLT", ODD]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 5);
    }
    refuse(world, ODD);
    const handed: string[] = [];
    const loaded = await loadChannel(
      {
        ...world.deps,
        countSalesParts: async () => 2,
        sleep: async () => {},
        imports: {
          mostPerRequest: 20,
          open: async () => {},
          submit: async (_, { drafts }) => {
            handed.push(...drafts.map(({ sku }) => sku));
            return [];
          },
          states: async () => ({ processing: 0, imported: 1, failed: 0 }),
          failures: async () => [],
        },
      },
      { channel: "web", now: world.time.now, progress: () => {} },
    );
    expect([handed, loaded.failed]).toEqual([["BOLT"], 1]);
    expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
  });
});

describe("who shares such a part", () => {
  it("stays as it is: the boxes of refused pieces", async () => {
    const world = createWorld();
    world.happen.sku("BOX", { partNo: ODD as PartNo, convFactor: decimal(4) });
    await started({ BOLT: 10, [ODD]: 20 }, world);
    const before = shown(world, ODD, "BOX");
    refuse(world, ODD, "stockRows");
    world.happen.count(ODD, 0);
    await sync(world);
    expect(shown(world, ODD, "BOX")).toEqual(before);
    expect(told(world)).toEqual(["ifsRefused S1/BOX ifsAdministrator", `ifsRefused S1/${ODD} ifsAdministrator`]);
  });

  it.each([
    ["every list", []],
    ["the stock", ["stockRows"]],
    ["the demand", ["openDemand"]],
    ["the sales parts of the part", ["salesPartsOf"]],
  ])("a kit is not taken for one without this component, and keeps its share of the others (%s)", async (_, of) => {
    const world = kits(kitOf(ODD, "NUT"));
    world.happen.sku("KIT", { partNo: null });
    for (const [sku, quantity] of Object.entries({ NUT: 20, [ODD]: 20 })) {
      world.happen.sku(sku);
      world.happen.stock(sku, quantity);
    }
    await sync(world);
    await settled(world);
    expect(shown(world, ODD, "NUT", "KIT")).toEqual([10, 10, 10]);
    refuse(world, ODD, ...of);
    world.happen.count("NUT", 16);
    for (const mode of ["delta", "full", "delta"] as const) {
      await sync(world, { mode });
      world.happen.wait(MINUTE);
    }
    // Of 16, 10 are shown by the kit.
    const [odd, nut, kit] = shown(world, ODD, "NUT", "KIT");
    expect([odd, kit]).toEqual([10, 10]);
    expect(nut).toBeLessThanOrEqual(8);
    expect(told(world)).toContain("ifsRefused S1/KIT ifsAdministrator");
    expect(told(world).filter((line) => line.startsWith("unmappedSku"))).toEqual([]);
    // Nothing that the kit may still sell is given to others.
    world.happen.count("NUT", 30);
    await sync(world);
    expect((world.quantityOf("NUT") ?? 0) + (world.quantityOf("KIT") ?? 0)).toBeLessThanOrEqual(30);
    expect(world.quantityOf("NUT")).toBe(15);
    refuse(world, "nothing");
    for (let run = 0; run < 3; run += 1) {
      world.happen.wait(MINUTE);
      await sync(world, { mode: "full" });
    }
    expect(told(world)).toEqual([]);
  });

  it("a kit is planned where the page of its component's part shows the sales part that cannot be asked for", async () => {
    const world = kits(kitOf(ODD, "NUT"));
    world.happen.sku("KIT", { partNo: null });
    for (const sku of [ODD, "NUT"]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 20);
    }
    await sync(world);
    await settled(world);
    refuse(world, ODD, "salesParts");
    world.happen.count("NUT", 16);
    await sync(world);
    expect(shown(world, ODD, "NUT", "KIT")).toEqual([10, 8, 10]);
    expect(told(world)).toEqual(["ifsRefused S1/KIT ifsAdministrator"]);
    world.happen.count(ODD, 16);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(shown(world, "KIT")).toEqual([8]);
    expect(told(world)).toEqual([]);
  });

  it("a kit whose own number is refused keeps its share of its components", async () => {
    const world = kits({ ...kitOf("BOLT", "NUT"), catalogNo: "KIT#1" });
    world.happen.sku("KIT#1", { partNo: null });
    for (const sku of ["BOLT", "NUT"]) {
      world.happen.sku(sku);
      world.happen.stock(sku, 20);
    }
    await sync(world);
    await settled(world);
    expect(shown(world, "BOLT", "NUT", "KIT#1")).toEqual([10, 10, 10]);
    refuse(world, "KIT#1");
    world.happen.count("NUT", 30);
    await sync(world);
    expect(shown(world, "BOLT", "NUT", "KIT#1")).toEqual([10, 20, 10]);
    expect(told(world)).toEqual(["ifsRefused S1/KIT#1 ifsAdministrator"]);
  });
});

describe("orders in flight", () => {
  it("of a sales part that cannot be asked for count for its part all the same", async () => {
    const world = createWorld();
    world.happen.sku("BOX#4", { partNo: "BOLT" as PartNo, convFactor: decimal(4) });
    world.happen.sku("BOLT");
    world.happen.stock("BOLT", 40);
    await sync(world);
    await settled(world);
    const pieces = () => (world.quantityOf("BOLT") ?? 0) + 4 * (world.quantityOf("BOX#4") ?? 0);
    expect(pieces()).toBe(40);
    refuse(world, "BOX#4");
    // Sold, and not in IFS yet.
    world.happen.sale("BOX#4", 3);
    for (const mode of ["delta", "full", "delta", "full"] as const) {
      world.happen.wait(MINUTE);
      world.happen.stock("BOLT", 0);
      await sync(world, { mode });
      expect(pieces()).toBeLessThanOrEqual(28);
    }
  });

  it("of a kit with such a component count for its other components, and for that one where it is known", async () => {
    const world = kits(kitOf("ODD#SALES", "NUT"));
    world.happen.sku("KIT", { partNo: null });
    world.happen.sku("ODD#SALES", { partNo: "BOLT" as PartNo });
    world.happen.sku("NUT");
    for (const part of ["BOLT", "NUT"]) world.happen.stock(part, 20);
    await sync(world);
    await settled(world);
    expect(shown(world, "ODD#SALES", "NUT", "KIT")).toEqual([10, 10, 10]);
    refuse(world, "ODD#SALES", "salesParts");
    world.happen.order("KIT", 4);
    for (let run = 0; run < 3; run += 1) {
      world.happen.wait(MINUTE);
      for (const part of ["BOLT", "NUT"]) world.happen.stock(part, 0);
      await sync(world);
    }
    const [odd = 0, nut = 0, kit = 0] = shown(world, "ODD#SALES", "NUT", "KIT");
    expect(odd + kit).toBeLessThanOrEqual(16);
    expect(nut + kit).toBeLessThanOrEqual(16);
  });

  it("of it are remembered until IFS has reported all of them", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD);
    const order = world.happen.sale(ODD, 3) as string;
    world.happen.commit(order);
    world.happen.link(order);
    for (let run = 0; run < 2; run += 1) {
      world.happen.wait(MINUTE);
      await sync(world);
      expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [order] });
    }
    world.happen.reserve(`W${order}`);
    world.happen.wait(MINUTE);
    // Nothing at all is reported of the order: that is no report of its end.
    world.knobs.demandHidden = true;
    await sync(world);
    expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [order] });
    world.knobs.demandHidden = false;
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [] });
  });

  it("of a part whose sales part alone can be asked for are remembered as well", async () => {
    const world = await started({ BOLT: 10, [ODD]: 10 });
    refuse(world, ODD, "salesPartsOf");
    const order = world.happen.sale(ODD, 3) as string;
    world.happen.commit(order);
    world.happen.link(order);
    world.happen.wait(MINUTE);
    await sync(world);
    expect(world.cursor("stock-orders")).toMatchObject({ orderIds: [order] });
  });
});

it("a sales part that cannot be asked for has not ended, though no sales part is shown for its entry", async () => {
  const world = await started({ BOLT: 10, [ODD]: 10 });
  // The scan does not meet it: its part has another number, which no list of the run asks for.
  const at = world.parts.findIndex(({ catalogNo }) => catalogNo === (ODD as CatalogNo));
  world.parts[at] = { ...(world.parts[at] as World["parts"][number]), partNo: null };
  refuse(world, ODD, "salesParts");
  world.happen.wait(3 * 60 * MINUTE);
  await sync(world, { mode: "full" });
  expect(shown(world, "BOLT", ODD)).toEqual([10, 10]);
  expect(told(world)).toEqual([`ifsRefused S1/${ODD} ifsAdministrator`]);
});
