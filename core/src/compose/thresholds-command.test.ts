import { describe, expect, it } from "vitest";
import { streamsOf } from "../../../scripts/chance.ts";
import { historyDemand } from "../flows/threshold-simulation/demand.ts";
import type { History } from "./thresholds.ts";
import { runThresholdsCommand, type ThresholdsDeps } from "./thresholds-command.ts";

const from = Date.parse("2026-11-01T00:00:00Z");
const history: History = {
  demand: historyDemand(
    Array.from({ length: 400 }, (_, index) => [
      { sku: `S${index % 3}`, supplyChannel: "web", quantity: 1 + (index % 2), at: from + index * 400_000 },
    ]),
    { from, days: 2 },
  ),
  ...{ from: "2026-11-01T00:00:00Z", until: "2026-11-03T00:00:00Z", orders: 400, shortened: false },
  settings: { stockRunSeconds: 300, cacheSeconds: 5, unseenSeconds: 15, minimumUnits: 4 },
};

function console(over: Partial<ThresholdsDeps> = {}) {
  const printed: string[] = [];
  const complained: string[] = [];
  const files = new Map<string, string>();
  const deps: ThresholdsDeps = {
    print: (line) => printed.push(line),
    complain: (line) => complained.push(line),
    streams: streamsOf,
    history: async () => history,
    explain: async () => [],
    check: async () => ({ sales: null, looked: 0, low: [], ignored: [] }),
    countSales: async () => ({ days: 3, read: 1, orders: 9, unfinished: false }),
    plot: () => ["a chart"],
    writeFile: async (path, text) => {
      files.set(path, text);
    },
    ...over,
  };
  return { printed, complained, files, run: (...args: string[]) => runThresholdsCommand(args, deps) };
}

const small = [
  "simulate",
  "--generated",
  "--days",
  "2",
  "--orders-per-day",
  "200",
  "--skus",
  "5",
  "--repetitions",
  "2",
];
const noNetwork = { history: () => Promise.reject(new Error("asked for the history")) };

describe("simulate", () => {
  it("needs no system when orders are generated, and prints the same for the same seed", async () => {
    const [first, again, other] = [console(noNetwork), console(noNetwork), console(noNetwork)];
    const candidates = ["--candidates", "0,5,1d", "--risk", "9999", "--json"];
    expect(await first.run(...small, ...candidates)).toBe(0);
    await again.run(...small, ...candidates);
    await other.run(...small, ...candidates, "--seed", "2");
    expect(again.printed).toEqual(first.printed);
    expect(other.printed.at(-1)).not.toBe(first.printed.at(-1));
    expect(first.printed[0]).toBe("Generated: 2 days of 200 orders over 5 SKUs, seed 1");
    const last = JSON.parse(first.printed.at(-1) ?? "");
    expect(last).toMatchObject({ seed: 1, riskGoal: 9999, repetitions: 2, chosen: "0" });
    expect(last.candidates.map(({ candidate }: { candidate: string }) => candidate)).toEqual(["0", "5", "1d"]);
  });

  it("rests on the shop's orders and the configuration, where nothing else is said", async () => {
    const { run, printed } = console();
    await run("simulate", "--candidates", "0,2", "--lag", "20", "--json");
    expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({
      orders: 400,
      assumptions: { stockRunSeconds: 300, lagSeconds: 20, unseenSeconds: 15, cacheSeconds: 5 },
      checkouts: 4000,
    });
    const given = console();
    await given.run("simulate", "--candidates", "0,2", "--cache", "2", "--stock-run", "60", "--json");
    expect(JSON.parse(given.printed.at(-1) ?? "")).toMatchObject({
      assumptions: { stockRunSeconds: 60, unseenSeconds: 15, cacheSeconds: 2 },
    });
  });

  it("ends with 1 where no candidate is within the goal, or there are no orders", async () => {
    const { run, printed } = console();
    expect(await run(...small, "--risk", "0.0001")).toBe(1);
    expect(printed.at(-1)).toMatch(/^No candidate is surely within 0.0001/);
    const none = console({
      history: async () => ({ ...history, demand: historyDemand([], { from, days: 2 }), orders: 0 }),
    });
    expect(await none.run("simulate")).toBe(1);
    expect(none.complained[0]).toMatch(/^No orders between/);
  });

  it.each([
    ["csv", /^candidate,risk,/],
    ["svg", /^<svg /],
    ["html", /^<!doctype html>/],
  ])("writes a %s file", async (kind, beginning) => {
    const { run, files } = console();
    await run(...small, "--candidates", "0,9", "--out", `out.${kind}`);
    expect(files.get(`out.${kind}`)).toMatch(beginning);
  });

  it.each([
    [["simulate", "--candidates", "0,-1"], '"-1" is no candidate'],
    [["simulate", "--candidates", "1.5"], '"1.5" is no candidate'],
    [["simulate", "--candidates", "0d"], '"0d" is no candidate'],
    [["simulate", "--candidates", "1,1"], "name each candidate once"],
    [["simulate", "--risk", "0"], "risk"],
    [["simulate", "--days", "57"], "days"],
    [["simulate", "--out", "a.png"], ".csv, .svg or .html"],
    [["simulate", "--sell-out", "2"], "sell-out"],
    [["simulate", "--nonsense"], "nonsense"],
    [["explain"], "say what"],
    [["explain", "A", "B"], "say what"],
    [[], "say what"],
  ])("%j is not understood", async (args, told) => {
    const { run, complained, printed } = console();
    expect(await run(...args)).toBe(2);
    expect(complained.join("\n")).toContain(told);
    expect(printed).toEqual([]);
  });
});

describe("explain", () => {
  it("tells rule, sales, and fields that are passed over, in each channel", async () => {
    const found = {
      units: 15,
      rule: "category",
      from: "merchantCenter",
      name: "tools",
      days: 1.5,
      soldPerDay: 10,
      age: 21_600,
    } as const;
    const { run, printed } = console({
      explain: async () => [
        {
          supplyChannel: "web",
          terms: { threshold: 15, failPolicy: "closed", found },
          sold: { units: 280, days: 28, most: 4, windowSeconds: 13 },
          ignored: [{ place: "variant", field: "atp-threshold", found: "-3" }],
        },
      ],
    });
    expect(await run("explain", "BOLT")).toBe(0);
    expect(printed).toEqual([
      "web: 15 units by the rule of the category tools in the Merchant Center, 1.5 days of cover at 10 a day, counted until 6 h ago; where IFS cannot answer: closed",
      "  sold 280 in 28 days, at most 4 within 13 s",
      "  ! variant: atp-threshold is -3, which is no threshold; it is passed over",
    ]);
  });
});

describe("check and sales", () => {
  const sales = { from: "2026-11-01", to: "2026-11-28", windowSeconds: 13, age: 60 };
  const low = {
    sku: "BOLT",
    supplyChannel: "web",
    found: { units: 5, rule: "default", from: "configuration" },
    most: 5,
  } as const;
  it("end with 1 where a threshold is too low, or nobody knows", async () => {
    const bad = console({ check: async () => ({ sales, looked: 9, low: [low], ignored: [] }) });
    expect(await bad.run("check")).toBe(1);
    expect(bad.printed).toEqual([
      "BOLT @ web: 5 units by the rule of the default in the configuration; at most 5 were sold within 13 s, so it should be at least 6",
      "9 SKUs and channels that sold from 2026-11-01 to 2026-11-28: 1 thresholds too low, 0 fields unreadable.",
    ]);
    expect(await console().run("check")).toBe(1);
    expect(await console({ check: async () => ({ sales, looked: 9, low: [], ignored: [] }) }).run("check")).toBe(0);
    const { run, printed } = console();
    expect(await run("sales", "--json")).toBe(0);
    expect(printed).toEqual(['{"days":3,"read":1,"orders":9,"unfinished":false}']);
  });
});
