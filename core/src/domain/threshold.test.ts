import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectorConfigSchema } from "./config.ts";
import { type SalesFigures, toSalesDay, toSalesFigures, toSalesParts } from "./sales.ts";
import { noFacts, readAmount, type SkuFacts, termsOf, unitsFor } from "./threshold.ts";

const NOW = Date.parse("2026-11-29T06:00:00Z");
const settings = (given: object = {}) => connectorConfigSchema.shape.atp.parse({ defaultThreshold: 10, ...given });

const facts = (given: Partial<SkuFacts> = {}): SkuFacts => ({ ...noFacts, ...given });

/** BOLT sold 30 in web, 6 in the store and 3 without a channel, in three days. */
const sales = (): SalesFigures | undefined => {
  const at = Date.parse("2026-11-26T12:00:00Z");
  const sold = (supplyChannel: string, quantity: number) => ({ sku: "BOLT", supplyChannel, quantity, at });
  const days = ["2026-11-26", "2026-11-27", "2026-11-28"].map((day, index) =>
    toSalesDay(index === 0 ? [sold("web", 30), sold("store", 6), sold("", 3)] : [], {
      ...{ day, orders: 3, windowSeconds: 13 },
    }),
  );
  return toSalesFigures(toSalesParts(days, "2026-11-29T00:10:00Z"));
};

const ask = (atp: object, given: { facts?: SkuFacts | undefined; supplyChannel?: string; sales?: boolean } = {}) =>
  termsOf(settings(atp), {
    ...{ sku: "BOLT", supplyChannel: given.supplyChannel ?? "web", now: NOW },
    facts: "facts" in given ? given.facts : facts(),
    sales: given.sales === false ? undefined : sales(),
  });

describe("the order of the rules", () => {
  // From the most specific to the most general: with all of them each is found once those before it are gone.
  const rows = [
    { sku: "BOLT", supplyChannel: "web", threshold: 101 },
    { sku: "BOLT", threshold: 103 },
    { category: "bolts", supplyChannel: "web", threshold: 105 },
    { category: "bolts", threshold: 107 },
    { category: "tools", threshold: 108 },
    { productType: "part", supplyChannel: "web", threshold: 109 },
    { productType: "part", threshold: 110 },
    { supplyChannel: "web", threshold: 111 },
    { threshold: 112 },
  ];
  const all = facts({
    productType: "part",
    variant: { units: 102 },
    product: { units: 104 },
    categories: [
      { key: "bolts", above: 0, units: 106 },
      { key: "tools", above: 1 },
    ],
  });

  const found = (amongRows: object[], amongFacts: SkuFacts) => {
    const { units, rule, from, name } = ask({ thresholds: amongRows }, { facts: amongFacts }).found;
    return [units, rule, from, name ?? ""].join(" ");
  };

  it("is sku and channel, variant, sku, product, category by nearness, product type, channel, default", () => {
    const seen: string[] = [];
    let [left, known] = [rows, all];
    for (;;) {
      seen.push(found(left, known));
      const units = Number(seen.at(-1)?.split(" ")[0]);
      if (units === 10) break;
      left = left.filter(({ threshold }) => threshold !== units);
      if (units === 102) known = { ...known, variant: {} };
      if (units === 104) known = { ...known, product: {} };
      if (units === 106)
        known = { ...known, categories: known.categories.map(({ key = "", above }) => ({ key, above })) };
    }
    expect(seen).toEqual([
      "101 sku configuration ",
      "102 sku merchantCenter ",
      "103 sku configuration ",
      "104 product merchantCenter ",
      "105 category configuration bolts",
      "106 category merchantCenter bolts",
      "107 category configuration bolts",
      "108 category configuration tools",
      "109 productType configuration part",
      "110 productType configuration part",
      "111 supplyChannel configuration web",
      "112 default configuration ",
      "10 default configuration ",
    ]);
  });

  it("does not depend on the order of the rows, unless two are equally specific", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 1 }), (some) => {
        const lowest = Math.min(102, ...some.map(({ threshold }) => threshold));
        expect(ask({ thresholds: some }, { facts: all }).threshold).toBe(lowest);
      }),
    );
    const twice = [
      { sku: "BOLT", threshold: 3 },
      { sku: "BOLT", threshold: 4 },
    ];
    expect([ask({ thresholds: twice }).threshold, ask({ thresholds: twice.toReversed() }).threshold]).toEqual([3, 4]);
  });

  it("of two categories at the same distance takes the higher, of nearer and farther the nearer", () => {
    const two = (...categories: SkuFacts["categories"]) => ask({}, { facts: facts({ categories }) }).found;
    expect(two({ key: "a", above: 0, units: 2 }, { key: "b", above: 0, units: 9 })).toMatchObject({
      units: 9,
      name: "b",
    });
    expect(two({ key: "a", above: 1, units: 9 }, { key: "b", above: 0, units: 2 })).toMatchObject({
      units: 2,
      name: "b",
    });
  });

  it("passes by rows of another SKU, channel, product type or category", () => {
    const others = [
      { sku: "NUT", threshold: 1 },
      { sku: "BOLT", supplyChannel: "store", threshold: 2 },
      { productType: "machine", threshold: 3 },
      { category: "nuts", threshold: 4 },
      { sku: "BOLT", category: "nuts", threshold: 5 },
    ];
    expect(ask({ thresholds: others }, { facts: all, supplyChannel: "web" }).found.units).toBe(102);
    expect(ask({ thresholds: others }).found).toEqual({ units: 10, rule: "default", from: "configuration" });
  });

  it("takes the policy from the most specific row that names one", () => {
    const thresholds = [
      { sku: "BOLT", threshold: 3 },
      { supplyChannel: "web", failPolicy: "closed" },
    ];
    expect(ask({ thresholds })).toMatchObject({ threshold: 3, failPolicy: "closed" });
    expect(ask({ thresholds }, { supplyChannel: "store" })).toMatchObject({ threshold: 3, failPolicy: "open" });
  });
});

describe("days of cover", () => {
  it("are days times the average daily sales of SKU and channel, rounded up", () => {
    const thresholds = [{ sku: "BOLT", days: 1.5 }];
    expect(ask({ thresholds }).found).toEqual({
      ...{ units: 15, rule: "sku", from: "configuration", days: 1.5, soldPerDay: 10, age: 21_600 },
    });
    expect(ask({ thresholds }, { supplyChannel: "store" }).found).toMatchObject({ units: 3, soldPerDay: 2 });
    expect(unitsFor(2, { units: 29, days: 28 })).toBe(3);
    expect(unitsFor(28, { units: 1, days: 28 })).toBe(1);
    expect(unitsFor(0.1, { units: 3, days: 0.1 })).toBe(3);
  });

  it("add lines without a channel where there is only one", () => {
    const question = { sku: "BOLT", supplyChannel: "web", now: NOW, facts: facts(), sales: sales() };
    const atp = settings({ thresholds: [{ days: 1 }] });
    expect([termsOf(atp, question).threshold, termsOf(atp, { ...question, onlyChannel: true }).threshold]).toEqual([
      10, 11,
    ]);
  });

  it("are never below the floor, and never above what a threshold may be", () => {
    const cover = { minimumUnits: 4 };
    expect(ask({ thresholds: [{ days: 0.1 }], cover }).found).toMatchObject({ units: 4, soldPerDay: 10 });
    expect(ask({ thresholds: [{ days: 365 }], cover }, { supplyChannel: "nowhere" }).found).toMatchObject({ units: 4 });
  });

  it("without any figures are the default, or the floor if that is higher, and say so", () => {
    const found = (minimumUnits: number) =>
      ask({ thresholds: [{ sku: "BOLT", days: 2 }], cover: { minimumUnits } }, { sales: false }).found;
    expect(found(4)).toEqual({ units: 10, rule: "sku", from: "configuration", days: 2, assumed: "salesUnknown" });
    expect(found(40).units).toBe(40);
  });

  it("beside units: the higher of the two counts", () => {
    const both = (units: number) => ask({}, { facts: facts({ variant: { units, days: 2 } }) }).found;
    expect([both(19), both(21)]).toEqual([
      { units: 20, rule: "sku", from: "merchantCenter", days: 2, soldPerDay: 10, age: 21_600 },
      { units: 21, rule: "sku", from: "merchantCenter" },
    ]);
  });
});

describe("without the catalogue", () => {
  const thresholds = [
    { category: "single-pieces", threshold: 30, failPolicy: "closed" },
    { productType: "part", threshold: 2 },
    { supplyChannel: "web", threshold: 5 },
    { productType: "machine", supplyChannel: "store", threshold: 90 },
  ];
  it("the highest that may be meant counts, and the answer says so; and the stricter policy of those that may be meant", () => {
    expect(ask({ thresholds }, { facts: undefined })).toEqual({
      ...{ threshold: 30, failPolicy: "closed" },
      found: { units: 30, rule: "category", from: "configuration", name: "single-pieces", assumed: "productUnread" },
    });
  });
  const machines = { productType: "machine", failPolicy: "closed" };
  it.each<[string, object[], string]>([
    ["of a product type that may be meant", [machines], "closed"],
    [
      "of one before another that is open",
      [
        { ...machines, failPolicy: "open" },
        { category: "c", failPolicy: "closed" },
      ],
      "closed",
    ],
    ["of one behind a row that is meant for sure", [{ sku: "BOLT", failPolicy: "open" }, machines], "open"],
    [
      "of the row that is meant for sure, where only open ones may be",
      [
        { supplyChannel: "web", failPolicy: "closed" },
        { ...machines, failPolicy: "open" },
      ],
      "closed",
    ],
    ["of another channel's row", [{ ...machines, supplyChannel: "store" }], "open"],
  ])("the policy is the stricter: %s", (_, rows, policy) => {
    expect(ask({ thresholds: rows }, { facts: undefined }).failPolicy).toBe(policy);
  });
  it("a row that needs no catalogue and goes before counts as ever", () => {
    const own = [...thresholds, { sku: "BOLT", threshold: 1 }];
    expect(ask({ thresholds: own }, { facts: undefined }).found).toEqual({
      units: 1,
      rule: "sku",
      from: "configuration",
    });
  });
});

describe("a number that somebody entered", () => {
  it.each([
    [5, "units", 5],
    [0, "units", 0],
    ["12", "units", 12],
    [2.5, "days", 2.5],
    ["0.5", "days", 0.5],
    [undefined, "units", undefined],
    [null, "units", undefined],
    ["", "units", undefined],
    [-1, "units", "ignored"],
    ["-1", "units", "ignored"],
    [1.5, "units", "ignored"],
    [1_000_001, "units", "ignored"],
    [Number.NaN, "units", "ignored"],
    [0, "days", "ignored"],
    [366, "days", "ignored"],
    ["many", "units", "ignored"],
    ["1e5", "units", "ignored"],
    [true, "units", "ignored"],
    [[5], "units", "ignored"],
    [{ key: "5" }, "units", "ignored"],
  ] as const)("%j as %s is %s", (value, kind, expected) => {
    expect(readAmount(value, kind)).toBe(expected);
  });

  it("any value at all gives a threshold that is a whole number from 0 to a million", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom("units", "days"), (value, kind) => {
        const amount = readAmount(value, kind);
        const variant = typeof amount === "number" ? { [kind]: amount } : {};
        const { threshold } = ask({}, { facts: facts({ variant }) });
        expect(Number.isInteger(threshold) && threshold >= 0 && threshold <= 1_000_000).toBe(true);
      }),
    );
  });
});

describe("rows of the configuration", () => {
  const parse = (row: object) => connectorConfigSchema.shape.atp.safeParse({ thresholds: [row] }).success;
  it.each<[object, boolean]>([
    [{ sku: "A", threshold: 0 }, true],
    [{ category: "c", days: 0.5 }, true],
    [{ sku: "A", failPolicy: "closed" }, true],
    [{ sku: "A" }, false],
    [{ sku: "A", threshold: 1, days: 1 }, false],
    [{ sku: "A", threshold: -1 }, false],
    [{ sku: "A", threshold: 1.5 }, false],
    [{ sku: "A", days: 0 }, false],
  ])("%j: %s", (row, fits) => {
    expect(parse(row)).toBe(fits);
  });
});
