import type { Order } from "@commercetools/platform-sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostWithin, type SalesDay, type SalesPart, soldOf, toSalesFigures, toSalesParts } from "../../domain/sales.ts";
import { countSales, type SalesDeps } from "./run.ts";

const NOW = Date.parse("2026-11-29T06:00:00Z");

function shop(orders: readonly Order[]) {
  const days = new Map<string, SalesDay>();
  const knobs = { stop: () => false };
  const reads: string[] = [];
  let window: readonly SalesPart[] = [];
  const deps: SalesDeps = {
    async ordersPage({ where, variables = {}, afterId = "", limit }) {
      expect(where).toEqual(["createdAt >= :from", "createdAt < :until"]);
      const { from, until } = variables as { from: string; until: string };
      reads.push(from.slice(0, 10));
      const rows = orders.filter(({ createdAt, id }) => createdAt >= from && createdAt < until && id > afterId);
      return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
    },
    channelKeys: new Map([["id-web", "web"]]),
    sales: {
      day: async (day) => days.get(day),
      async writeDay(day) {
        days.set(day.day, day);
      },
      async writeWindow(parts) {
        window = parts;
      },
    },
    stop: () => knobs.stop(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const count = (given: object = {}) => countSales(deps, { windowDays: 3, windowSeconds: 13, now: NOW, ...given });
  const sold = (sku: string, supplyChannel: string | undefined) => {
    const figures = toSalesFigures(window);
    return figures && soldOf(figures, { sku, supplyChannel, onlyChannel: false });
  };
  return { count, sold, reads, knobs, days, window: () => window };
}

let number = 0;
const order = (createdAt: string, sku: string, quantity: number, channel?: string): Order => {
  number += 1;
  const supplyChannel = channel && { typeId: "channel", id: channel };
  return {
    ...{ id: `o-${String(number).padStart(6, "0")}`, createdAt, orderState: "Cancelled" },
    lineItems: [
      { variant: { sku }, quantity, ...(supplyChannel && { supplyChannel }) },
      { variant: {}, quantity: 7 },
    ],
  } as unknown as Order;
};

describe("sales figures", () => {
  it("count whole days before today by SKU and channel, and the most of any stretch of seconds", async () => {
    const { count, sold } = shop([
      order("2026-11-25T23:59:59.999Z", "BOLT", 100, "id-web"),
      order("2026-11-26T00:00:00.000Z", "BOLT", 1, "id-web"),
      order("2026-11-27T10:00:00.000Z", "BOLT", 2, "id-web"),
      order("2026-11-27T10:00:13.000Z", "BOLT", 4, "id-web"),
      order("2026-11-27T10:00:13.001Z", "BOLT", 1, "id-web"),
      order("2026-11-28T23:59:59.999Z", "BOLT", 5),
      order("2026-11-28T12:00:00.000Z", "BOLT", 50, "id-of-nobody"),
      order("2026-11-29T00:00:00.000Z", "BOLT", 100, "id-web"),
    ]);
    expect(await count()).toEqual({ days: 3, read: 3, orders: 6, unfinished: false });
    expect([sold("BOLT", "web"), sold("BOLT", undefined), sold("NUT", "web")]).toEqual([
      { units: 8, days: 3, most: 6 },
      { units: 5, days: 3, most: 5 },
      { units: 0, days: 3, most: 0 },
    ]);
  });

  it("read each day once, and again only for another stretch of seconds", async () => {
    const { count, reads } = shop([]);
    await count();
    expect(reads).toEqual(["2026-11-28", "2026-11-27", "2026-11-26"]);
    expect(await count({ now: NOW + 3_600_000 })).toMatchObject({ read: 0 });
    expect(await count({ now: NOW + 86_400_000 })).toMatchObject({ days: 3, read: 1 });
    expect(reads.slice(3)).toEqual(["2026-11-29"]);
    expect(await count({ windowSeconds: 20 })).toMatchObject({ read: 3 });
  });

  it("leave a day alone until queries find all of it", async () => {
    const { count, reads } = shop([]);
    await count({ windowDays: 1, now: Date.parse("2026-11-29T00:14:59Z") });
    await count({ windowDays: 1, now: Date.parse("2026-11-29T00:15:00Z") });
    expect(reads).toEqual(["2026-11-27", "2026-11-28"]);
  });

  it("stop when time is up, newest days first, and go on in the next run", async () => {
    const { count, knobs, window } = shop([order("2026-11-28T12:00:00.000Z", "BOLT", 3, "id-web")]);
    let left = 2;
    knobs.stop = () => {
      left -= 1;
      return left < 0;
    };
    expect(await count()).toMatchObject({ days: 2, unfinished: true });
    expect(window()[0]).toMatchObject({ from: "2026-11-27", to: "2026-11-28", days: 2 });
    left = 5;
    expect(await count()).toMatchObject({ days: 3, read: 1, unfinished: false });
  });

  it("page through a day of many orders", async () => {
    const many = Array.from({ length: 1200 }, () => order("2026-11-28T12:00:00.000Z", "BOLT", 1, "id-web"));
    const { count, sold, reads } = shop(many);
    await count();
    expect([sold("BOLT", "web")?.units, reads.filter((day) => day === "2026-11-28").length]).toEqual([1200, 3]);
  });
});

describe("the documents", () => {
  const day = (rows: SalesDay["rows"]): SalesDay => ({ day: "2026-11-28", windowSeconds: 13, orders: 1, rows });

  it("are bounded: the best sellers are kept, and how many are not is told", () => {
    const days = [0, 1].map((half) =>
      day(Array.from({ length: 10_000 }, (_, index) => [`S${half}-${index}`, "web", index + 1, 1])),
    );
    const parts = toSalesParts(days, "2026-11-29T00:10:00Z");
    expect(parts.map(({ rows, dropped }) => [rows.length, dropped])).toEqual(Array(4).fill([2500, 10_000]));
    expect(parts[0]?.rows.slice(0, 2)).toEqual([
      ["S0-9999", "web", 10_000, 1],
      ["S1-9999", "web", 10_000, 1],
    ]);
    expect(toSalesFigures(parts)?.rows.size).toBe(10_000);
  });

  it("of two writings make no figures", () => {
    const rows = Array.from({ length: 3000 }, (_, index): SalesDay["rows"][number] => [`S${index}`, "web", 1, 1]);
    const [old, fresh] = ["2026-11-28T00:10:00Z", "2026-11-29T00:10:00Z"].map((at) => toSalesParts([day(rows)], at));
    const mixed = [...(fresh ?? []).slice(0, 1), ...(old ?? []).slice(1)];
    expect([toSalesFigures(mixed), toSalesFigures([]), toSalesFigures(fresh ?? [])?.rows.size]).toEqual([
      undefined,
      undefined,
      3000,
    ]);
  });

  it("the most within a stretch is what counting every stretch gives", () => {
    const sale = fc.record({ at: fc.integer({ min: 0, max: 60 }), quantity: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(sale), fc.integer({ min: 0, max: 30 }), (sales, ms) => {
        const sums = sales.map((first) =>
          sales.reduce((sum, { at, quantity }) => (at >= first.at && at <= first.at + ms ? sum + quantity : sum), 0),
        );
        expect(mostWithin(sales, ms)).toBe(Math.max(0, ...sums));
      }),
    );
  });
});
