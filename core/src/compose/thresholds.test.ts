import { describe, expect, it } from "vitest";
import { containers, createDocuments } from "../ct/documents.ts";
import { freeLease } from "../ct/leases.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform, refusal, silent } from "../ct/testing/platform.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../domain/config.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { systemRandom } from "../runtime/random.ts";
import { countSalesHourly, explainThreshold, readHistory } from "./thresholds.ts";

const NOW = Date.parse("2026-11-29T06:00:00Z");

const configWith = (atp: object): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    stock: { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }] },
    atp,
  });

async function scene(atp: object) {
  const platform = createPlatform();
  const time = { now: NOW };
  const clock: Clock = { ...systemClock, now: () => time.now };
  const { ct } = clientOf(platform);
  const connector = { ct, clock, store: createStore(ct, clock), logger: silent, random: systemRandom };
  platform.seed("channels", { id: "id-web", key: "web", roles: [] });
  await createDocuments(ct).write(containers.leases, "threshold-sales", freeLease);
  const sold = (createdAt: string, quantity: number, id: string, channel = "id-web") => {
    const row = platform.seed("orders", {
      id,
      lineItems: [{ variant: { sku: "BOLT" }, quantity, supplyChannel: { typeId: "channel", id: channel } }],
    });
    platform.tables.get("orders")?.set(id, { ...row, createdAt });
  };
  return { platform, time, connector, config: configWith(atp), sold };
}

describe("the hourly count of sales", () => {
  it("is made where a threshold is in days or the guard is armed, once an hour over all replicas", async () => {
    const idle = await scene({});
    await countSalesHourly(idle.connector, idle);
    expect(idle.platform.calls.filter(({ method }) => method === "GET")).toEqual([]);

    for (const atp of [{ thresholds: [{ days: 2 }] }, { extension: "armed" }, { thresholdFields: { days: "cover" } }]) {
      const { connector, config, platform, sold, time } = await scene({ ...atp, cover: { windowDays: 2 } });
      sold("2026-11-28T10:00:00.000Z", 5, "o-1");
      sold("2026-11-28T10:00:01.000Z", 9, "o-2", "id-of-nobody");
      await countSalesHourly(connector, { config });
      expect([...((await connector.store.sales.read())?.rows.values() ?? [])]).toEqual([["BOLT", "web", 5, 5]]);
      const before = platform.writes();
      await countSalesHourly(connector, { config });
      // The attempt at the lease is all that a second replica does.
      expect(platform.writes() - before).toBeLessThanOrEqual(1);
      time.now += 3_600_001;
      const again = platform.calls.length;
      await countSalesHourly(connector, { config });
      // The days are known: no order is read again.
      expect(platform.calls.slice(again).filter(({ path }) => path === "/orders")).toEqual([]);
    }
  });

  it("never rejects", async () => {
    const { connector, config, platform } = await scene({ extension: "armed" });
    platform.intercept = () => refusal(400, "InvalidInput", "not today");
    await expect(countSalesHourly(connector, { config })).resolves.toBeUndefined();
  });
});

describe("the explanation of a SKU", () => {
  it("tells each channel's rule with the sales behind it", async () => {
    const { connector, config, sold } = await scene({ thresholds: [{ days: 2 }], cover: { windowDays: 2 } });
    sold("2026-11-28T10:00:00.000Z", 5, "o-1");
    await countSalesHourly(connector, { config });
    expect(await explainThreshold(connector, { config }, "BOLT")).toEqual([
      {
        supplyChannel: "web",
        terms: {
          ...{ threshold: 5, failPolicy: "open" },
          found: { units: 5, rule: "default", from: "configuration", days: 2, soldPerDay: 2.5, age: 21_600 },
        },
        sold: { units: 5, days: 2, most: 5, windowSeconds: 15 },
        ignored: [],
      },
    ]);
  });
});

describe("the history for a simulation", () => {
  it("is the orders of the last days, and rests on the configuration's own rhythm", async () => {
    const { connector, config, sold } = await scene({
      cacheSeconds: 4,
      shopCacheSeconds: 20,
      cover: { minimumUnits: 7 },
    });
    sold("2026-11-27T05:59:59.000Z", 100, "o-0");
    sold("2026-11-27T06:00:00.000Z", 1, "o-1");
    sold("2026-11-29T05:59:50.000Z", 3, "o-2");
    expect(await readHistory(connector, { config }, 2)).toEqual({
      demand: {
        items: [{ name: "BOLT @ web", webPerDay: 2 }],
        checkouts: [
          { at: 0, lines: [{ item: 0, quantity: 1 }] },
          { at: 172_790, lines: [{ item: 0, quantity: 3 }] },
        ],
        seconds: 172_800,
      },
      ...{ from: "2026-11-27T06:00:00.000Z", until: "2026-11-29T06:00:00.000Z", orders: 2, shortened: false },
      settings: { stockRunSeconds: 60, cacheSeconds: 4, unseenSeconds: 30, minimumUnits: 7 },
    });
  });
});
