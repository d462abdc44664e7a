import { describe, expect, test } from "vitest";
import { decimal, ONE } from "../../domain/decimal.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";
import { currencyDigits } from "./currency.ts";
import { keyPrefixOf, type PriceList, toDesiredPart } from "./map.ts";
import { parsePriceRow } from "./parse.ts";
import { aList, aListConfig, aRow } from "./testing/builders.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

/** Prices of a part from its rows, or the code of what refuses them. */
function prices(rows: IfsPriceListPart[], list: PriceList = aList(), options: { factor?: string; sku?: string } = {}) {
  const parsed = rows.map((row) => parsePriceRow(row, list));
  const bad = parsed.find((row) => !row.ok);
  if (bad && !bad.ok) return [bad.error.code, bad.error.field, bad.error.value];
  const part = { list, catalogNo: "P1" as CatalogNo, rows: parsed.flatMap((row) => (row.ok ? [row.value] : [])) };
  const factor = options.factor === undefined ? ONE : decimal(options.factor);
  const mapped = toDesiredPart(part, (options.sku ?? "P1") as Sku, { factor, now: NOW });
  if (!mapped.ok) return [mapped.error.code, mapped.error.field, mapped.error.value];
  return mapped.value.prices.map(({ key, from, until, centAmount, tiers }) => ({
    key,
    from: from === undefined ? null : new Date(from).toISOString(),
    until: until === undefined ? null : new Date(until).toISOString(),
    centAmount,
    tiers: tiers.map((tier) => [tier.minimumQuantity, tier.centAmount]),
  }));
}

const from2026 = { key: "prc-WEB-P1-EUR----20260101", from: "2025-12-31T23:00:00.000Z", until: null, tiers: [] };

describe("one row", () => {
  test("net", () => {
    expect(prices([aRow()])).toEqual([{ ...from2026, centAmount: 1000 }]);
  });
  test("gross where the list says so", () => {
    expect(prices([aRow()], aList({ includesTax: true }))).toEqual([{ ...from2026, centAmount: 1190 }]);
  });
  test("the last day is inclusive: the price ends with the next midnight of the zone, on the day of the clock change too", () => {
    expect(prices([aRow({ to: "2026-03-29" })])).toEqual([
      { ...from2026, until: "2026-03-29T22:00:00.000Z", centAmount: 1000 },
    ]);
    expect(prices([aRow({ from: "2026-10-25", to: "2026-10-25" })], aList({ timeZone: "America/New_York" }))).toEqual([
      {
        key: "prc-WEB-P1-EUR----20261025",
        from: "2026-10-25T04:00:00.000Z",
        until: "2026-10-26T04:00:00.000Z",
        centAmount: 1000,
        tiers: [],
      },
    ]);
  });
  test("without dates, and with one for ever", () => {
    const any = { key: "prc-WEB-P1-EUR----any", from: null, until: null, tiers: [], centAmount: 1000 };
    expect(prices([aRow({ from: null })])).toEqual([any]);
    expect(prices([aRow({ from: null, to: "9999-12-31" })])).toEqual([any]);
  });
  test("what has ended is not written", () => {
    expect(prices([aRow({ to: "2026-02-28" })])).toEqual([]);
    expect(prices([aRow({ to: "2026-03-01" })])).toHaveLength(1);
  });
  test("per price unit: the sales part's factor", () => {
    expect(prices([aRow({ price: "2.50" })], aList(), { factor: "12" })).toEqual([{ ...from2026, centAmount: 3000 }]);
  });
});

describe("exact or refused", () => {
  test.each([
    ["EUR", "9.99", 999],
    ["EUR", "9.990", 999],
    ["EUR", "9.995", ["heldForReview", "SalesPrice", "9.995"]],
    ["JPY", "1000", 1000],
    ["JPY", "1000.5", ["heldForReview", "SalesPrice", "1000.5"]],
    ["KWD", "1.234", 1234],
    ["EUR", "0", ["heldForReview", "price", "0"]],
    ["EUR", "-1", ["heldForReview", "price", "-1"]],
    ["EUR", "90071992547409.92", ["heldForReview", "SalesPrice", "90071992547409.92"]],
  ])("%s %s", (currency, price, expected) => {
    const result = prices([aRow({ price })], aList({ currency }));
    expect(typeof result[0] === "object" ? result[0]?.centAmount : result).toEqual(expected);
  });

  test.each([
    ["EUR", 2],
    ["JPY", 0],
    ["CLP", 0],
    ["BHD", 3],
    ["CLF", 4],
    ["HUF", 2],
  ])("digits of %s: %i", (currency, digits) => {
    expect(currencyDigits(currency)).toBe(digits);
  });

  test("a row that ends before it begins", () => {
    expect(prices([aRow({ from: "2026-05-02", to: "2026-05-01" })])).toEqual([
      "heldForReview",
      "ValidToDate",
      "2026-05-01",
    ]);
  });
});

describe("tiers", () => {
  test("belong to the row of the same validity, ascending", () => {
    const rows = [aRow({ min: 100, price: "8" }), aRow({ min: 10, price: "9" }), aRow({ min: 1 })];
    expect(prices(rows)).toEqual([
      {
        ...from2026,
        centAmount: 1000,
        tiers: [
          [10, 900],
          [100, 800],
        ],
      },
    ]);
  });
  test.each([
    ["2.5", ["heldForReview", "MinQuantity", "2.5"]],
    ["-1", ["heldForReview", "MinQuantity", "-1"]],
  ])("beginning at %s pieces is refused", (min, expected) => {
    expect(prices([aRow(), aRow({ min })])).toEqual(expected);
  });
  test("of another validity cut the price where they begin and end", () => {
    const rows = [aRow(), aRow({ min: 10, from: "2026-06-01", to: "2026-06-30", price: "9" })];
    expect(prices(rows)).toEqual([
      { ...from2026, until: "2026-05-31T22:00:00.000Z", centAmount: 1000 },
      {
        key: "prc-WEB-P1-EUR----20260601",
        from: "2026-05-31T22:00:00.000Z",
        until: "2026-06-30T22:00:00.000Z",
        centAmount: 1000,
        tiers: [[10, 900]],
      },
      {
        key: "prc-WEB-P1-EUR----20260701",
        from: "2026-06-30T22:00:00.000Z",
        until: null,
        centAmount: 1000,
        tiers: [],
      },
    ]);
  });
  test("that stand while the price for one piece changes stay with both", () => {
    const rows = [aRow({ to: "2026-05-31" }), aRow({ from: "2026-06-01", price: "11" }), aRow({ min: 10, price: "9" })];
    const list = prices(rows);
    expect(list.map((price) => (typeof price === "object" ? [price.centAmount, price.tiers] : price))).toEqual([
      [1000, [[10, 900]]],
      [1100, [[10, 900]]],
    ]);
  });
  test("at a time without a price for one piece are refused, unless that time is over", () => {
    expect(prices([aRow({ min: 10 })])).toEqual(["unsupported", "MinQuantity", "10"]);
    expect(prices([aRow({ to: "2026-06-30" }), aRow({ min: 10 })])).toEqual(["unsupported", "MinQuantity", "10"]);
    expect(prices([aRow(), aRow({ min: 10, from: "2025-01-01" })])).toHaveLength(1);
  });
  test("a tier that is not exact refuses the part", () => {
    expect(prices([aRow(), aRow({ min: 10, price: "0.005" })])).toEqual(["heldForReview", "SalesPrice", "0.005"]);
  });
});

test("overlapping rows become consecutive prices, and the standing price comes back after the season", () => {
  const rows = [aRow(), aRow({ from: "2026-06-01", to: "2026-06-30", price: "8" })];
  const list = prices(rows);
  expect(list).toEqual([
    { ...from2026, until: "2026-05-31T22:00:00.000Z", centAmount: 1000 },
    {
      key: "prc-WEB-P1-EUR----20260601",
      from: "2026-05-31T22:00:00.000Z",
      until: "2026-06-30T22:00:00.000Z",
      centAmount: 800,
      tiers: [],
    },
    { key: "prc-WEB-P1-EUR----20260701", from: "2026-06-30T22:00:00.000Z", until: null, centAmount: 1000, tiers: [] },
  ]);
});

describe("keys", () => {
  const prefix = (rest: Parameters<typeof aListConfig>[0], sku = "P1") =>
    keyPrefixOf(aListConfig(rest), "P1" as CatalogNo, sku as Sku);
  test("tell list, part, currency, country, group, channel and a differing SKU apart", () => {
    const all = [
      prefix({}),
      prefix({ priceListNo: "WEB2" }),
      prefix({ currency: "USD" }),
      prefix({ country: "DE" }),
      prefix({ customerGroup: "DE" }),
      prefix({ channel: "DE" }),
      prefix({}, "SKU-1"),
    ];
    expect(all).toEqual([
      "prc-WEB-P1-EUR----",
      "prc-WEB2-P1-EUR----",
      "prc-WEB-P1-USD----",
      "prc-WEB-P1-EUR-DE---",
      "prc-WEB-P1-EUR--DE--",
      "prc-WEB-P1-EUR---DE-",
      "prc-WEB-P1-EUR----SKU_2d_1-",
    ]);
  });
  test("too long a key is a rejection, not a crash", () => {
    expect(prices([aRow()], aList({ customerGroup: "g".repeat(250) }))).toEqual(["unsupported", "key", undefined]);
    expect(prices([aRow()], aList({ customerGroup: "g".repeat(231) }))).toEqual(["unsupported", "key", undefined]);
    const [longest] = prices([aRow()], aList({ customerGroup: "g".repeat(230) }));
    expect(typeof longest === "object" && longest.key.length).toBe(256);
  });
});
