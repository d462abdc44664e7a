import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamsOf } from "../../../../scripts/chance.ts";
import { mostWithin } from "../../domain/sales.ts";
import { generateDemand, historyDemand } from "./demand.ts";
import { chooseFrom, type Evaluated, evaluate, intervalOf } from "./evaluate.ts";
import { drawOutside, simulate } from "./simulate.ts";
import { createItemStock } from "./stock.ts";
import { type Assumptions, type Candidate, defaultAssumptions } from "./world.ts";

const units = (...list: number[]): Candidate[] => list.map((each) => ({ kind: "units", units: each }));
const shop = { skus: 12, days: 6, ordersPerDay: 300, extraLines: 0.5, extraPieces: 1, evenness: 0.3 };
/** Rough, so that a short simulation has something to tell. */
const rough: Assumptions = {
  ...defaultAssumptions,
  telephoneShare: 1,
  stockRunSeconds: 1800,
  lotDays: 1,
  sellOutShare: 0.6,
};

const world = (seed: number, assumptions: Assumptions, given: object = {}) => {
  const demand = generateDemand({ ...shop, ...given }, streamsOf(seed));
  const outside = drawOutside(demand, assumptions, streamsOf(seed + 1_000_000));
  return { demand, outside, run: (candidate: Candidate) => simulate(demand, candidate, { outside, assumptions }) };
};
const seeds = fc.integer({ min: 0, max: 100_000 });
const few = { numRuns: 25 };

describe("a simulation", () => {
  it("is the same for the same seed and another for another", () => {
    const [first, again, other] = [7, 7, 8].map((seed) => world(seed, rough).run({ kind: "units", units: 3 }));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("asks IFS least at threshold 0, and the more the higher it is", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { run, demand } = world(seed, rough);
        const asking = units(0, 3, 10, 40, 1_000_000).map((candidate) => run(candidate).askingCheckouts);
        // A refusal here leaves pieces for a later buyer there, so single checkouts may differ.
        const slack = demand.checkouts.length * 0.01;
        for (let index = 1; index < asking.length; index += 1) {
          expect(asking[index]).toBeGreaterThanOrEqual((asking[index - 1] ?? 0) - slack);
        }
        expect(asking[0]).toBeLessThan(asking[4] ?? 0);
        expect(asking[4]).toBe(demand.checkouts.length);
      }),
      few,
    );
  });

  it("oversells no more at a higher threshold, with the same chance for all, within noise", () => {
    const sums = [0, 0, 0, 0, 0];
    const ladder = units(0, 2, 8, 32, 1_000_000);
    for (let seed = 0; seed < 20; seed += 1) {
      const { run } = world(seed, rough);
      ladder.forEach((candidate, index) => {
        sums[index] = (sums[index] ?? 0) + run(candidate).oversoldUnits;
      });
    }
    expect(sums[0]).toBeGreaterThan(50);
    for (let index = 1; index < sums.length; index += 1) {
      expect(sums[index]).toBeLessThanOrEqual((sums[index - 1] ?? 0) * 1.02);
    }
    expect(sums[4]).toBeLessThan((sums[0] ?? 0) / 10);
  });

  it("never oversells where the shop shows the truth, whatever the threshold", () => {
    const exact = { ...rough, telephoneShare: 0, unseenSeconds: 0, lagSeconds: 0, cacheSeconds: 0 };
    fc.assert(
      fc.property(seeds, fc.nat({ max: 50 }), (seed, threshold) => {
        // An arrival that the shop does not show yet is only a sale less.
        expect(world(seed, exact).run({ kind: "units", units: threshold }).oversoldUnits).toBe(0);
      }),
      few,
    );
  });

  it("never oversells above what can be sold unseen, where IFS answers without a cache", () => {
    const uncached = { ...rough, cacheSeconds: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const { demand, outside, run } = world(seed, uncached);
        const unseen = demand.items.map((_, item) => {
          const telephone = outside.telephone.filter((call) => call.item === item);
          const web = demand.checkouts.flatMap(({ at, lines }) =>
            lines.flatMap((line) => (line.item === item ? [{ at, quantity: line.quantity }] : [])),
          );
          const { stockRunSeconds, lagSeconds, unseenSeconds } = uncached;
          return mostWithin(telephone, stockRunSeconds + lagSeconds) + mostWithin(web, unseenSeconds);
        });
        expect(run({ kind: "units", units: Math.max(...unseen) }).oversoldUnits).toBe(0);
      }),
      few,
    );
  });

  it("oversells at threshold 0 where telephone orders are not shown for long", () => {
    expect(world(1, rough).run({ kind: "units", units: 0 }).oversoldOrders).toBeGreaterThan(0);
  });

  it("days of cover are units by the item's own sales", () => {
    const demand = historyDemand(
      [
        [{ sku: "A", supplyChannel: "web", quantity: 10, at: 5_000 }],
        [
          { sku: "B", supplyChannel: "", quantity: 1, at: 3_000 },
          { sku: "B", supplyChannel: "", quantity: 2, at: 3_000 },
        ],
        [],
      ],
      { from: 1000, days: 2 },
    );
    expect(demand).toEqual({
      items: [
        { name: "A @ web", webPerDay: 5 },
        { name: "B", webPerDay: 1.5 },
      ],
      checkouts: [
        { at: 2, lines: [{ item: 1, quantity: 3 }] },
        { at: 4, lines: [{ item: 0, quantity: 10 }] },
      ],
      seconds: 172_800,
    });
  });
});

describe("an item's stock", () => {
  const stock = (given: Partial<Assumptions> = {}, first = 10) =>
    createItemStock(
      { lot: 100, first, lots: () => true },
      { ...defaultAssumptions, stockRunSeconds: 60, lagSeconds: 10, unseenSeconds: 13, outageSeconds: 100, ...given },
    );

  it("shows a telephone order with the first run that reads after it, once that is written", () => {
    const item = stock();
    item.sellOutside(61, 4);
    expect([item.shown(100), item.shown(129.9), item.shown(130)]).toEqual([10, 10, 6]);
  });

  it("shows the web shop's own sales only after the unseen seconds", () => {
    const item = stock();
    expect([item.sell(100, 4), item.shown(112.9), item.shown(113)]).toEqual([0, 10, 6]);
  });

  it("the answer of IFS is used again, knows what the web shop sold, and not what was sold in IFS since", () => {
    const item = stock({ cacheSeconds: 3 });
    expect([item.ask(100), item.answered()]).toEqual([true, 10]);
    item.sell(101, 2);
    item.sellOutside(102, 5);
    expect([item.ask(103), item.answered()]).toEqual([false, 8]);
    expect([item.ask(103.1), item.answered()]).toEqual([true, 3]);
  });

  it("IFS refuses what is not there, the shop oversells it, and the next lot pays it back", () => {
    const item = stock({}, 3);
    item.sellOutside(1, 4);
    expect([item.ask(2), item.answered()]).toEqual([true, 3]);
    expect([item.sell(3, 2), item.sell(3, 2)]).toEqual([0, 1]);
    item.sellOutside(4, 1);
    expect([item.ask(102.9), item.answered()]).toEqual([true, -1]);
    expect([item.ask(200), item.answered()]).toEqual([true, 99]);
  });
});

describe("generated orders", () => {
  it("are as many as asked for, and less even than Poisson's where that is asked for", () => {
    const asked = { ...shop, days: 40, skus: 5, extraLines: 0, extraPieces: 0 };
    const spread = (evenness: number) => {
      const { checkouts } = generateDemand({ ...asked, evenness }, streamsOf(3));
      expect(checkouts.length).toBeGreaterThan(10_800);
      expect(checkouts.length).toBeLessThan(13_200);
      const hours = Array.from({ length: 960 }, () => 0);
      for (const { at, lines } of checkouts) {
        if (lines[0]?.item === 0) hours[Math.floor(at / 3600)] = (hours[Math.floor(at / 3600)] ?? 0) + 1;
      }
      const mean = hours.reduce((sum, each) => sum + each, 0) / 960;
      return hours.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 960 / mean;
    };
    expect(spread(Number.POSITIVE_INFINITY)).toBeLessThan(1.3);
    expect(spread(0.5)).toBeGreaterThan(5);
  });
});

describe("what is said of a candidate", () => {
  it("nothing that happened is not nothing that can happen", () => {
    const [low, high] = intervalOf([{ checkouts: 10_000, oversoldOrders: 0 }]);
    expect([low, high]).toEqual([0, expect.closeTo(3.84, 1)]);
    expect(intervalOf([])).toEqual([0, 10_000]);
  });

  it("oversells in groups make the interval wider than single ones", () => {
    const even = Array.from({ length: 10 }, () => ({ checkouts: 1000, oversoldOrders: 5 }));
    const grouped = even.map((each, index) => ({ ...each, oversoldOrders: index === 0 ? 50 : 0 }));
    const width = ([low, high]: [number, number]) => high - low;
    expect(width(intervalOf(grouped))).toBeGreaterThan(2 * width(intervalOf(even)));
    for (const tallies of [even, grouped]) {
      const [low, high] = intervalOf(tallies);
      expect(low).toBeLessThanOrEqual(50);
      expect(high).toBeGreaterThan(50);
    }
  });

  const row = (candidate: string, callShare: number, risk: number, riskHigh = risk): Evaluated => ({
    ...{ candidate, callShare, risk, riskHigh, riskLow: 0, unitsPerTenThousand: 0, refusedPerTenThousand: 0 },
    ...{ askShare: callShare, callsPerHour: 0, mostCallsPerHour: 0 },
  });

  it("the fewest calls whose whole interval is within the goal are chosen, and the knee is where the curve bends", () => {
    const rows = [row("0", 0.01, 100), row("5", 0.02, 10, 12), row("10", 0.03, 8, 9), row("50", 0.2, 0, 1)];
    expect(chooseFrom(rows, 10)).toEqual({ knee: "5", chosen: "10" });
    expect(chooseFrom(rows, 0.5)).toEqual({ knee: "5", chosen: undefined });
    expect(chooseFrom(rows.slice(0, 2), 20)).toEqual({ knee: undefined, chosen: "5" });
    expect(chooseFrom([row("0", 0.1, 0), row("5", 0.2, 0), row("9", 0.3, 0)], 1)).toEqual({
      knee: undefined,
      chosen: "0",
    });
  });

  it("all candidates meet the same orders", () => {
    const demand = generateDemand(shop, streamsOf(5));
    const found = evaluate({
      candidates: [...units(0, 20), { kind: "days", days: 0.5, minimumUnits: 3 }],
      ...{ assumptions: rough, repetitions: 2, riskGoal: 5, demand: () => demand },
      streams: (repetition) => streamsOf(repetition),
    });
    expect(found.checkouts).toBe(2 * demand.checkouts.length);
    expect(found.candidates.map(({ candidate }) => candidate)).toEqual(["0", "20", "0.5d"]);
    const [low, high] = found.candidates;
    expect((high?.callShare ?? 0) > (low?.callShare ?? 1) && (high?.risk ?? 1) < (low?.risk ?? 0)).toBe(true);
  });
});
