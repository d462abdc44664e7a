import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal, ONE } from "../../domain/decimal.ts";
import { ConflictError, RefusedError, TransientError } from "../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";
import type { ExceptionRecord } from "../../domain/records.ts";
import { listIdOf } from "./map.ts";
import type { PriceListConfig } from "./parse.ts";
import { type PriceSyncDeps, runPriceSync } from "./run.ts";
import { aListConfig, aRow, aShop } from "./testing/builders.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const shape = connectorConfigSchema.shape;

type WorldInput = {
  rows?: IfsPriceListPart[];
  lists?: PriceListConfig[];
  skus?: string[];
  mapped?: { sku: string; catalogNo: string }[];
  maxChangePercent?: number;
};

function aWorld({
  rows = [],
  lists = [aListConfig()],
  skus = ["P1", "P2", "P3"],
  mapped = [],
  maxChangePercent = 50,
}: WorldInput) {
  const world = {
    shop: aShop(),
    rows,
    exceptions: new Map<string, ExceptionRecord>(),
    cursor: undefined as { value: unknown; version: number } | undefined,
    cursorWrites: [] as unknown[],
  };
  const deps: PriceSyncDeps = {
    config: {
      prices: { lists, maxChangePercent },
      skus: { exceptions: mapped, untracked: [] },
      ifs: { ...shape.ifs.parse({}), pageSize: 2 },
    },
    changedParts: async () => ({ keys: "all", handled: async () => {} }),
    ifs: {
      priceListPartsOf: async (priceListNo, catalogNos) =>
        world.rows.filter((row) => row.priceListNo === priceListNo && catalogNos.includes(row.catalogNo)),
      pagePriceListParts: async (priceListNo, after, limit) => {
        const parts = [
          ...new Set(world.rows.filter((row) => row.priceListNo === priceListNo).map(({ catalogNo }) => catalogNo)),
        ]
          .sort()
          .filter((part) => after === undefined || part > after);
        const page = parts.slice(0, limit);
        return {
          rows: world.rows.filter((row) => row.priceListNo === priceListNo && page.includes(row.catalogNo)),
          next: parts.length > limit ? page.at(-1) : undefined,
        };
      },
      priceFactorsOf: async (catalogNos) => new Map(catalogNos.map((catalogNo) => [catalogNo, ONE])),
    },
    stop: () => false,
    prices: world.shop,
    catalogue: { existingSkus: async (asked) => new Set(asked.filter((sku) => skus.includes(sku))) },
    channelIds: async (keys) => new Map(keys.filter((key) => key === "web").map((key) => [key, "c1"])),
    customerGroupIds: async (keys) => new Map(keys.filter((key) => key === "vip").map((key) => [key, "g1"])),
    exceptions: {
      open: async (exception) => {
        const seen = { firstSeenAt: "2026-03-01T12:00:00Z", lastSeenAt: "2026-03-01T12:00:00Z", attempts: 1 };
        world.exceptions.set(exception.id, { ...exception, ...seen });
      },
      close: async (id) => void world.exceptions.delete(id),
      page: async (flow, { after }) => ({
        rows: after === undefined ? [...world.exceptions.values()].filter((row) => row.flow === flow) : [],
        last: after === undefined ? "last" : undefined,
      }),
    },
    cursors: {
      read: async () => world.cursor,
      write: async (name, value, version) => {
        expect([name, version]).toEqual(["price-sync", world.cursor?.version ?? 0]);
        world.cursorWrites.push(value);
        world.cursor = { value, version: version + 1 };
        return version + 1;
      },
    },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  };
  return { world, deps };
}

const run = (deps: PriceSyncDeps) => runPriceSync(deps, { now: new Date(NOW) });
const problems = (world: { exceptions: Map<string, ExceptionRecord> }) =>
  [...world.exceptions.values()].map(({ recordType, recordLabel, code }) => [recordType, recordLabel, code]);
const parts = (...names: string[]) => names.map((part) => aRow({ part }));

test("every part that the shop sells gets its price; the second run writes nothing", async () => {
  const { world, deps } = aWorld({ rows: parts("P1", "P2", "P3", "P9") });
  expect(await run(deps)).toEqual({ processed: 4, changed: 3, failed: 0 });
  expect(world.shop.writes).toEqual(["P1", "P2", "P3"].map((part) => `create prc-WEB-${part}-EUR----20260101`));
  expect(await run(deps)).toEqual({ processed: 4, changed: 0, failed: 0 });
  expect([problems(world), world.cursor?.value]).toEqual([[], {}]);
});

test("SKUs that are named otherwise in IFS, several per part, and a number that is another part's SKU", async () => {
  const mapped = [
    { sku: "S1", catalogNo: "P1" },
    { sku: "S2", catalogNo: "P1" },
    { sku: "P2", catalogNo: "P9" },
  ];
  const { world, deps } = aWorld({ rows: parts("P1", "P2", "P9"), mapped, skus: ["S1", "S2", "P1", "P2"] });
  await run(deps);
  expect([...world.shop.prices.values()].map(({ sku, key }) => [sku, key]).sort()).toEqual([
    ["P1", "prc-WEB-P1-EUR----20260101"],
    ["P2", "prc-WEB-P9-EUR----P2-20260101"],
    ["S1", "prc-WEB-P1-EUR----S1-20260101"],
    ["S2", "prc-WEB-P1-EUR----S2-20260101"],
  ]);
  expect(await run(deps)).toMatchObject({ changed: 0, failed: 0 });
});

test("bad parts are exceptions with their reason, the others are written; cured, they close by themselves", async () => {
  const rows = [
    aRow({ part: "P1", price: "0" }),
    aRow({ part: "P2", min: 2.5 }),
    aRow({ part: "P2" }),
    aRow({ part: "P3" }),
  ];
  const { world, deps } = aWorld({ rows });
  expect(await run(deps)).toEqual({ processed: 3, changed: 1, failed: 2 });
  expect(problems(world)).toEqual([
    ["price", "P1 @ WEB", "heldForReview"],
    ["price", "P2 @ WEB", "heldForReview"],
  ]);
  world.rows = parts("P1", "P2", "P3");
  expect(await run(deps)).toEqual({ processed: 3, changed: 2, failed: 0 });
  expect(problems(world)).toEqual([]);
});

test("a jump is held until it is within the bound", async () => {
  const { world, deps } = aWorld({ rows: parts("P1") });
  await run(deps);
  world.rows = [aRow({ price: "99" })];
  expect(await run(deps)).toEqual({ processed: 1, changed: 0, failed: 1 });
  expect([...world.exceptions.values()][0]).toMatchObject({
    code: "heldForReview",
    owner: "merchant",
    message:
      "SKU P1: price list WEB moves the price from 10.00 EUR to 99.00 EUR, more than 50 percent. No price of this part was written.",
  });
  world.rows = [aRow({ price: "14" })];
  expect(await run(deps)).toEqual({ processed: 1, changed: 1, failed: 0 });
  expect(problems(world)).toEqual([]);
});

test("lists to groups and channels; one that names a missing group writes nothing and says so", async () => {
  const lists = [
    aListConfig({ customerGroup: "vip", channel: "web" }),
    aListConfig({ priceListNo: "B2B", customerGroup: "nobody" }),
    aListConfig({ priceListNo: "B2B", channel: "nowhere" }),
  ];
  const { world, deps } = aWorld({ rows: [aRow(), aRow({ list: "B2B" })], lists });
  expect(await run(deps)).toEqual({ processed: 1, changed: 1, failed: 2 });
  expect([...world.shop.prices.values()].map(({ customerGroup, channel }) => [customerGroup?.id, channel?.id])).toEqual(
    [["g1", "c1"]],
  );
  expect([...world.exceptions.values()].map(({ message }) => message)).toEqual([
    'Price list B2B is meant for the customerGroup "nobody", which commercetools does not have. None of its prices was written.',
    'Price list B2B is meant for the channel "nowhere", which commercetools does not have. None of its prices was written.',
  ]);
});

test("one IFS list for two countries", async () => {
  const lists = [aListConfig({ country: "DE" }), aListConfig({ country: "AT", includesTax: true })];
  const { world, deps } = aWorld({ rows: parts("P1"), lists });
  expect(await run(deps)).toEqual({ processed: 2, changed: 2, failed: 0 });
  expect([...world.shop.prices.values()].map(({ country, value }) => [country, value.centAmount])).toEqual([
    ["DE", 1000],
    ["AT", 1190],
  ]);
});

test("the price unit counts, and a part of which nobody knows it is refused", async () => {
  const { world, deps } = aWorld({ rows: parts("P1", "P2") });
  const priceFactorsOf = async () => new Map([["P1" as CatalogNo, decimal("0.5")]]);
  expect(await run({ ...deps, ifs: { ...deps.ifs, priceFactorsOf } })).toMatchObject({ changed: 1, failed: 1 });
  expect([...world.shop.prices.values()].map(({ sku, value }) => [sku, value.centAmount])).toEqual([["P1", 500]]);
});

describe("when something is in the way", () => {
  test("a conflict: read again, planned anew", async () => {
    const { world, deps } = aWorld({ rows: parts("P1") });
    await run(deps);
    world.rows = [aRow({ price: "11" })];
    let first = true;
    const update: PriceSyncDeps["prices"]["update"] = async (ref, actions) => {
      if (first) {
        first = false;
        const [price] = world.shop.prices.values();
        if (price) price.version += 1;
        throw new ConflictError("somebody else");
      }
      return world.shop.update(ref, actions);
    };
    expect(await run({ ...deps, prices: { ...world.shop, update } })).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(world.shop.priceAt("P1", NOW)).toBe(1100);
  });

  test("a refusal of the platform is an exception of that part only", async () => {
    const { world, deps } = aWorld({ rows: parts("P1", "P2") });
    const create: PriceSyncDeps["prices"]["create"] = async (draft) => {
      if (draft.sku === "P1") throw new RefusedError("commercetools", "DuplicateStandalonePriceScope", 400, "taken");
      return world.shop.create(draft);
    };
    expect(await run({ ...deps, prices: { ...world.shop, create } })).toEqual({ processed: 2, changed: 1, failed: 1 });
    expect(problems(world)).toEqual([["price", "P1 @ WEB", "heldForReview"]]);
  });

  test("an outage leaves the cursor before its page; the next run goes on there", async () => {
    const { world, deps } = aWorld({ rows: parts("P1", "P2", "P3") });
    let pages = 0;
    const pagePriceListParts: PriceSyncDeps["ifs"]["pagePriceListParts"] = async (list, after, limit) => {
      pages += 1;
      if (pages === 2) throw new TransientError("IFS is down");
      return deps.ifs.pagePriceListParts(list, after, limit);
    };
    await expect(run({ ...deps, ifs: { ...deps.ifs, pagePriceListParts } })).rejects.toThrow("IFS is down");
    expect(world.shop.prices.size).toBe(2);
    expect(await run(deps)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect([world.shop.prices.size, world.cursor?.value]).toEqual([3, {}]);
  });

  test("told to stop, it goes on there and closes no exception of parts not seen", async () => {
    const { world, deps } = aWorld({ rows: [...parts("P1", "P2"), aRow({ part: "P3", price: "0" })] });
    await run(deps);
    expect(problems(world)).toHaveLength(1);
    expect(await run({ ...deps, stop: () => true })).toMatchObject({ processed: 2 });
    expect(problems(world)).toHaveLength(1);
    world.rows = parts("P1", "P2", "P3");
    expect(await run(deps)).toMatchObject({ processed: 1, changed: 1 });
    expect(problems(world)).toEqual([]);
  });

  test("what the run before had created is found by its key, not created twice", async () => {
    const { world, deps } = aWorld({ rows: parts("P1") });
    const create: PriceSyncDeps["prices"]["create"] = async (draft) => {
      await world.shop.create(draft);
      throw new TransientError("the answer was lost");
    };
    await expect(run({ ...deps, prices: { ...world.shop, create } })).rejects.toThrow(TransientError);
    expect(await run(deps)).toEqual({ processed: 1, changed: 0, failed: 0 });
    expect(await world.shop.bySkus(["P1" as Sku])).toHaveLength(1);
  });
});

test("where only some parts changed, only their rows are read, of every list, and the position of whole passes is left alone", async () => {
  const lists = [aListConfig(), aListConfig({ priceListNo: "B2B", currency: "USD" })];
  const rows = [...parts("P1", "P2", "P3"), aRow({ list: "B2B", part: "P2" })];
  const { world, deps } = aWorld({ rows, lists });
  await run(deps);
  const whole = deps.ifs.pagePriceListParts;
  let pages = 0;
  const handled: string[] = [];
  const changing = (...catalogNos: string[]): PriceSyncDeps => ({
    ...deps,
    changedParts: async () => ({
      keys: catalogNos as CatalogNo[],
      handled: async () => void handled.push(catalogNos.join()),
    }),
    ifs: {
      ...deps.ifs,
      pagePriceListParts: (...asked) => {
        pages += 1;
        return whole(...asked);
      },
    },
  });
  world.rows = [
    aRow({ part: "P1", price: "11.00" }),
    aRow({ part: "P2", price: "12.00" }),
    aRow({ list: "B2B", part: "P2", price: "13.00" }),
  ];
  world.cursorWrites = [];
  expect(await run(changing("P2"))).toEqual({ processed: 2, changed: 2, failed: 0 });
  // A part that is gone from its list is no price of zero: it is left as a pass through the whole list leaves it.
  expect(await run(changing("P1", "P2", "P3", "UNKNOWN"))).toEqual({ processed: 3, changed: 1, failed: 0 });
  expect(await run(changing())).toEqual({ processed: 0, changed: 0, failed: 0 });
  expect([pages, world.cursorWrites, handled]).toEqual([0, [], ["P2", "P1,P2,P3,UNKNOWN", ""]]);
  expect(await run(deps)).toMatchObject({ changed: 0 });
});

test("changed parts of a run that was cut short come again; a pass through everything goes on where it was", async () => {
  const { world, deps } = aWorld({ rows: parts("P1", "P2", "P3") });
  let handled = 0;
  const cut = (keys: CatalogNo[] | "lost"): PriceSyncDeps => ({
    ...deps,
    changedParts: async () => ({
      keys,
      handled: async () => {
        handled += 1;
      },
    }),
    stop: () => true,
  });
  await run(cut(["P1", "P2", "P3"] as CatalogNo[]));
  expect([handled, world.cursor]).toEqual([0, undefined]);
  await run(cut("lost"));
  const position = JSON.stringify({ listId: listIdOf(aListConfig()), after: "P2" });
  expect([handled, world.cursor?.value]).toEqual([1, { position }]);
});
