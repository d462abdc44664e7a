import { describe, expect, it } from "vitest";
import { hourOf } from "../ct/atp-metrics.ts";
import { setArmed } from "../ct/resources-extension.ts";
import { openHoldShards } from "../ct/testing/hold-shards.ts";
import { addTime, newAtpMetrics } from "../domain/atp-metrics.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { decimal } from "../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../domain/ids.ts";
import type { StockHold } from "../domain/stock-hold.ts";
import { checkoutConfig } from "../flows/atp-check/testing/checkout.ts";
import { readCheckout } from "./checkout-view.ts";

const NOW = Date.parse("2026-08-01T10:30:00Z");

async function open(atp: object = {}) {
  const shards = await openHoldShards();
  const told: string[] = [];
  const config = connectorConfigSchema.parse({ ...checkoutConfig(), atp: { ...checkoutConfig().atp, ...atp } });
  const logger = { info: () => {}, warn: (_: unknown, event: string) => void told.push(event), error: () => {} };
  const clock = { now: () => NOW } as Parameters<typeof readCheckout>[0]["clock"];
  return {
    ...{ ...shards, told, config },
    view: () => readCheckout({ ct: shards.ct, store: shards.store, clock, logger }, { config }),
    async install(isArmed: boolean) {
      shards.platform.seed("extensions", {
        ...{ key: "ifs-connector-atp", timeoutInMs: 2000, triggers: [] },
        destination: { type: "HTTP", url: "https://service.test/service/extension" },
      });
      await setArmed(shards.ct, config.atp, isArmed);
    },
  };
}

const hold = (owner: string, given: Partial<StockHold> = {}): StockHold => ({
  ...{ owner, by: "x", until: NOW + 60_000, sku: "BOLT" as Sku, channel: "web", pieces: 1, units: decimal(1) },
  ...{ site: "S1" as Contract, partNo: "BOLT" as PartNo },
  ...given,
});

describe("the guard", () => {
  it.each([
    ["off", "off", "nothing"],
    ["missing", "armed", "nothing"],
    ["parked", "armed", "parked"],
    ["armed", "armed", "armed"],
  ] as const)("is %s: configured %s, installed %s", async (told, extension, installed) => {
    const shop = await open({ extension });
    if (installed !== "nothing") await shop.install(installed === "armed");
    expect((await shop.view()).guard).toBe(told);
  });

  it("and what is held are unknown where they cannot be read, and the rest is shown", async () => {
    const shop = await open({ extension: "armed" });
    await shop.store.atpMetrics.write("one", hourOf(NOW), { ...newAtpMetrics(), ifsReads: 3 });
    shop.platform.intercept = ({ path, method }) => {
      if (method !== "GET" || !/extensions|connector-holds/.test(path)) return undefined;
      return new Response("{}", { status: 403 });
    };
    expect(await shop.view()).toMatchObject({ guard: "unknown", holds: null, ifsReads: 3 });
    expect(shop.told).toEqual(["checkout-not-shown", "checkout-not-shown"]);
  });
});

describe("what is held", () => {
  it("is counted by carts, and by orders that are not counted yet; expired ones are not", async () => {
    const shop = await open();
    await shop.store.holds.swap(3, [hold("a"), hold("a", { sku: "NUT" as Sku }), hold("b")], 1);
    await shop.store.holds.swap(4, [hold("b"), hold("c", { order: "o" }), hold("d", { until: NOW })], 1);
    expect((await shop.view()).holds).toEqual({ carts: 2, orders: 1 });
  });

  it("is nothing to tell where holds are off", async () => {
    expect((await (await open({ holds: { mode: "off" } })).view()).holds).toBeNull();
  });
});

it("sums the last day over all replicas, with the rate of the last hour and a half", async () => {
  const shop = await open();
  const metricsOf = (answers: number) => {
    const metrics = newAtpMetrics();
    const door = metrics.doors.extension;
    Object.assign(door, { answers, withoutIfs: 6, refused: 2, undecided: 1, policyOpen: 3, policyClosed: 1 });
    Object.assign(door, { policyBackOrder: 2 });
    for (const [part, ms] of [
      ["total", 40],
      ["ours", 3],
      ["ct", 20],
      ["ifs", 75],
    ] as const)
      addTime(door[part], ms);
    const extensionCalls = { refused: answers, refusedAt: NOW - answers, rightAt: answers === 0 ? 0 : 5 };
    return { ...metrics, extensionCalls, ifsReads: 4, cached: 5, coalesced: 2, breakerOpened: 1, corrections: 1 };
  };
  const { write } = shop.store.atpMetrics;
  await write("one", hourOf(NOW), { ...metricsOf(9), policyReasons: { deadline: 3, breakerOpen: 1 } });
  await write("two", hourOf(NOW), metricsOf(0));
  await write("one", hourOf(NOW - 3_600_000), metricsOf(36));
  await write("one", hourOf(NOW - 5 * 3_600_000), { ...metricsOf(100), policyReasons: { breakerOpen: 5 } });
  await write("one", hourOf(NOW - 24 * 3_600_000), metricsOf(1000));
  const { doors, guard: _guard, holds: _holds, ...sums } = await shop.view();
  expect(doors).toEqual([
    {
      ...{ door: "extension", answers: 145, perMinute: 0.5, withoutIfs: 24, refused: 8, undecided: 4 },
      ...{
        policyOpen: 12,
        policyClosed: 4,
        policyBackOrder: 8,
        p50Ms: 50,
        p99Ms: 50,
        oursP99Ms: 3,
        ctP99Ms: 20,
        ifsP99Ms: 75,
      },
    },
    {
      ...{ door: "question", answers: 0, perMinute: 0, withoutIfs: 0, refused: 0, undecided: 0 },
      ...{
        policyOpen: 0,
        policyClosed: 0,
        policyBackOrder: 0,
        p50Ms: null,
        p99Ms: null,
        oursP99Ms: null,
        ctP99Ms: null,
        ifsP99Ms: null,
      },
    },
    {
      ...{ door: "batch", answers: 0, perMinute: 0, withoutIfs: 0, refused: 0, undecided: 0 },
      ...{
        policyOpen: 0,
        policyClosed: 0,
        policyBackOrder: 0,
        p50Ms: null,
        p99Ms: null,
        oursP99Ms: null,
        ctP99Ms: null,
        ifsP99Ms: null,
      },
    },
  ]);
  expect(sums).toEqual({
    ...{ ifsReads: 16, cached: 20, coalesced: 8, breakerOpened: 4, corrections: 4 },
    extensionCalls: {
      ...{ refused: 145, lastRefusedAt: new Date(NOW).toISOString(), lastRightAt: new Date(5).toISOString() },
    },
    policyReasons: [
      { reason: "breakerOpen", lines: 6 },
      { reason: "deadline", lines: 3 },
    ],
  });
});
