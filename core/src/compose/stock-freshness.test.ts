import { expect, test } from "vitest";
import { configWith } from "../flows/stock-sync/testing/world.ts";
import { createFreshnessWatch, readFreshness, watchFreshness } from "./stock-freshness.ts";

const NOW = Date.parse("2026-08-01T08:00:00Z");
const config = (stock: object = {}, stockSeconds = 60) =>
  configWith((raw) => {
    raw.sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
    raw.schedules = { stockSeconds };
    raw.stock = {
      pools: [
        { name: "north", site: "S1", channels: [{ supplyChannel: "web" }, { supplyChannel: "store" }] },
        { name: "south", site: "S2", channels: [{ supplyChannel: "outlet" }] },
      ],
      ...stock,
    };
  });

/** Sites by the minutes since their last run; `pools` by those of each pool, where the run has left some out. */
function world(ages: Record<string, number>, pools: Record<string, number> = {}) {
  const open = new Map<string, string>([["stock-age-UzI", "of an earlier tick"]]);
  const log: string[] = [];
  const reads: string[] = [];
  const time = { now: NOW };
  const ago = (minutes: number): number => NOW - minutes * 60_000;
  const documents = new Map<string, { value: unknown; version: number }>(
    Object.entries(ages).map(([site, minutes]) => [
      `stock-site-${site}`,
      {
        value: {
          caughtUpAt: ago(minutes),
          poolsCaughtUpAt: Object.fromEntries(Object.entries(pools).map(([pool, each]) => [pool, ago(each)])),
        },
        version: 1,
      },
    ]),
  );
  const deps = {
    clock: { now: () => time.now } as never,
    logger: {
      info: () => {},
      warn: (_: object, event: string) => log.push(event),
      error: (_: object, event: string) => log.push(event),
    },
    store: {
      cursors: {
        read: async (name: string) => {
          reads.push(name);
          return documents.get(name);
        },
        write: async (name: string, value: unknown, version: number) => {
          documents.set(name, { value, version: version + 1 });
          return version + 1;
        },
      },
      exceptions: {
        open: async ({ id, message }: { id: string; message: string }) => void open.set(id, message),
        close: async (id: string) => void open.delete(id),
      },
    },
  };
  return { deps, open, log, time, reads };
}

test("the age of every channel is known", async () => {
  const { deps } = world({ S1: 31 });
  const row = (supplyChannel: string) => ({
    ...{ supplyChannel, pool: "north", site: "S1" },
    ...{ caughtUpAt: "2026-08-01T07:29:00.000Z", ageSeconds: 1860, waitingSince: null, stale: true },
  });
  expect(await readFreshness(deps, config())).toEqual([
    row("web"),
    row("store"),
    {
      ...{ supplyChannel: "outlet", pool: "south", site: "S2", caughtUpAt: null, ageSeconds: null },
      ...{ waitingSince: null, stale: false },
    },
  ]);
});

test("a pool that runs leave out has no part in the age of another pool of its site", async () => {
  const pools = [
    { name: "north", site: "S1", channels: [{ supplyChannel: "web" }] },
    { name: "gone", site: "S1", warehouses: ["W9"], channels: [{ supplyChannel: "store" }] },
    { name: "new", site: "S1", warehouses: ["W8"], channels: [{ supplyChannel: "outlet" }] },
  ];
  const { deps } = world({ S1: 1 }, { north: 1, gone: 90 });
  const rows = await readFreshness(deps, config({ pools }));
  expect(rows.map(({ pool, ageSeconds, stale }) => [pool, ageSeconds, stale])).toEqual([
    ["north", 60, false],
    ["gone", 5400, true],
    ["new", null, false],
  ]);
});

test("what was never brought up to date is an alarm once it was waited for too long", async () => {
  const { deps, open, log, time } = world({ S2: 1 });
  await watchFreshness(deps, { config: config() });
  time.now += 30 * 60_000;
  await watchFreshness(deps, { config: config({ maxAgeSeconds: 3600 }) });
  expect([[...open.keys()], log]).toEqual([[], []]);
  time.now += 60_000;
  await watchFreshness(deps, { config: config() });
  expect(open.get("stock-age-UzE")).toBe(
    "The stock of site S1 was never brought up to date, and a run that does so has been waited for for 31 minutes. Supply channels: web, store.",
  );
  expect(log).toContain("stock-too-old");
  const { waitingSince, stale } = (await readFreshness(deps, config()))[0] ?? {};
  expect([waitingSince, stale]).toEqual(["2026-08-01T08:00:00.000Z", true]);
  await deps.store.cursors.write("stock-site-S1", { caughtUpAt: time.now }, 0);
  await watchFreshness(deps, { config: config() });
  expect([...open.keys()].includes("stock-age-UzE")).toBe(false);
});

test("a look reads each document once", async () => {
  const { deps, reads } = world({ S1: 1, S2: 1 });
  await watchFreshness(deps, { config: config() });
  expect(reads.toSorted()).toEqual(["stock-site-S1", "stock-site-S2", "stock-waiting"]);
});

test("ticks that follow closely look once in half a minute", async () => {
  const { deps, reads, time } = world({ S1: 1, S2: 1 });
  const watch = createFreshnessWatch({ clock: { monotonic: () => time.now } as never });
  const looks: number[] = [];
  for (const seconds of [0, 4, 25.999, 0.001, 4, 60]) {
    time.now += seconds * 1000;
    await watch(deps, { config: config() });
    looks.push(reads.filter((name) => name === "stock-waiting").length);
  }
  expect(looks).toEqual([1, 1, 1, 2, 2, 3]);
});

test("what is too old is an alarm that names the channels; what is fresh again ends it", async () => {
  const { deps, open, log } = world({ S1: 31, S2: 29 });
  await watchFreshness(deps, { config: config() });
  expect([...open]).toEqual([
    [
      "stock-age-UzE",
      "The stock of site S1 was last brought up to date 31 minutes ago (2026-08-01T07:29:00.000Z). Supply channels: web, store.",
    ],
  ]);
  expect(log).toEqual(["stock-too-old"]);
});

test.each<[string, ReturnType<typeof config>]>([
  ["a bound of its own", config({ maxAgeSeconds: 3600 })],
  ["a slow schedule", config({}, 900)],
  ["a flow that is switched off", config({ enabled: false })],
])("%s: no alarm", async (_, given) => {
  const { deps, open, log } = world({ S1: 31, S2: 31 });
  await watchFreshness(deps, { config: given });
  expect([[...open], log]).toEqual([[], []]);
});

test("a store that does not answer ends no tick", async () => {
  const { deps, log } = world({});
  deps.store.cursors.read = async () => {
    throw new Error("down");
  };
  await watchFreshness(deps, { config: config() });
  expect(log).toEqual(["stock-freshness-not-watched"]);
});

test("a channel that several sites feed is as old as the oldest of them, and has no age before all have one", async () => {
  const web = [{ supplyChannel: "web" }];
  const joint = config({
    pools: [
      { name: "north", site: "S1", channels: web },
      { name: "south", site: "S2", channels: web },
    ],
  });
  const ages = async (given: Record<string, number>) =>
    (await readFreshness(world(given).deps, joint)).map(({ site, ageSeconds }) => [site, ageSeconds]);
  expect(await ages({ S1: 5, S2: 40 })).toEqual([
    ["S1", 2400],
    ["S2", 2400],
  ]);
  expect(await ages({ S1: 5 })).toEqual([
    ["S1", null],
    ["S2", null],
  ]);
});
