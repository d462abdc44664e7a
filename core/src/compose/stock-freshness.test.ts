import { expect, test } from "vitest";
import { configWith } from "../flows/stock-sync/testing/world.ts";
import { readFreshness, watchFreshness } from "./stock-freshness.ts";

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

/** Sites by the minutes since their last run. */
function world(ages: Record<string, number>) {
  const open = new Map<string, string>([["stock-age-UzI", "of an earlier tick"]]);
  const log: string[] = [];
  const deps = {
    clock: { now: () => NOW } as never,
    logger: {
      info: () => {},
      warn: (_: object, event: string) => log.push(event),
      error: (_: object, event: string) => log.push(event),
    },
    store: {
      cursors: {
        read: async (name: string) => {
          const site = Object.keys(ages).find((key) => name.endsWith(key));
          return site === undefined
            ? undefined
            : { value: { caughtUpAt: NOW - (ages[site] ?? 0) * 60_000 }, version: 1 };
        },
      },
      exceptions: {
        open: async ({ id, message }: { id: string; message: string }) => void open.set(id, message),
        close: async (id: string) => void open.delete(id),
      },
    },
  };
  return { deps, open, log };
}

test("the age of every channel is known", async () => {
  const { deps } = world({ S1: 31 });
  const row = (supplyChannel: string) => ({
    ...{ supplyChannel, pool: "north", site: "S1" },
    ...{ caughtUpAt: "2026-08-01T07:29:00.000Z", ageSeconds: 1860, stale: true },
  });
  expect(await readFreshness(deps, config())).toEqual([
    row("web"),
    row("store"),
    { supplyChannel: "outlet", pool: "south", site: "S2", caughtUpAt: null, ageSeconds: null, stale: false },
  ]);
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
