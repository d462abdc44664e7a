import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ONE } from "../../domain/decimal.ts";
import { ConflictError } from "../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";
import { type PriceList, toDesiredPart } from "./map.ts";
import { parsePriceRow } from "./parse.ts";
import { planPart } from "./plan.ts";
import { aList, aRow, aShop, type Shop } from "./testing/builders.ts";

const at = (date: string) => Date.parse(date.length === 10 ? `${date}T12:00:00Z` : date);
const MARCH = at("2026-03-01");

type Options = { list?: PriceList; now?: number; maxChangePercent?: number; sku?: string };

function planFor(shop: Shop, rows: IfsPriceListPart[], options: Options = {}) {
  const { list = aList(), now = MARCH, maxChangePercent = 0, sku = "P1" } = options;
  const parsed = rows.map((row) => parsePriceRow(row, list));
  const good = parsed.flatMap((row) => (row.ok ? [row.value] : []));
  expect(good).toHaveLength(rows.length);
  const desired = toDesiredPart({ list, catalogNo: "P1" as CatalogNo, rows: good }, sku as Sku, { factor: ONE, now });
  if (!desired.ok) throw new Error(desired.error.message);
  return planPart(desired.value, [...shop.prices.values()], { now, maxChangePercent });
}

/** What was written, or the rejection's code and value. */
async function sync(shop: Shop, rows: IfsPriceListPart[], options: Options = {}): Promise<unknown> {
  shop.writes.length = 0;
  const { change, rejection } = planFor(shop, rows, options);
  for (const write of change?.apply.writes ?? []) {
    if (write.kind === "create") await shop.create(write.draft);
    else await shop.update(write, write.actions);
  }
  return rejection ? [rejection.code, rejection.value] : [...shop.writes];
}

const byDay = (shop: Shop, ...days: string[]) => days.map((day) => shop.priceAt("P1", at(day)));

describe("what is written", () => {
  test("a new price with scope, validity and tiers; then nothing", async () => {
    const shop = aShop();
    const list = aList({ country: "DE", customerGroup: "vip", channel: "web", customerGroupId: "g1", channelId: "c1" });
    const rows = [aRow({ to: "2026-12-31" }), aRow({ min: 10, price: "9", to: "2026-12-31" })];
    const { change } = planFor(shop, rows, { list });
    expect(change).toMatchObject({ record: "P1 @ WEB", cause: "price list WEB: 1 new, 0 changed" });
    expect(change?.apply.writes).toEqual([
      {
        kind: "create",
        draft: {
          key: "prc-WEB-P1-EUR-DE-vip-web-20260101",
          sku: "P1",
          value: { currencyCode: "EUR", centAmount: 1000 },
          country: "DE",
          customerGroup: { typeId: "customer-group", id: "g1" },
          channel: { typeId: "channel", id: "c1" },
          validFrom: "2025-12-31T23:00:00.000Z",
          validUntil: "2026-12-31T23:00:00.000Z",
          tiers: [{ minimumQuantity: 10, value: { currencyCode: "EUR", centAmount: 900 } }],
        },
      },
    ]);
    await sync(shop, rows, { list });
    expect(await sync(shop, rows, { list })).toEqual([]);
  });

  test("only what changed", async () => {
    const shop = aShop();
    const key = "prc-WEB-P1-EUR----20260101";
    await sync(shop, [aRow()]);
    expect(await sync(shop, [aRow({ price: "11" })])).toEqual([`update ${key} changeValue`]);
    expect(await sync(shop, [aRow({ price: "11" }), aRow({ min: 5, price: "9" })])).toEqual([
      `update ${key} setPriceTiers`,
    ]);
    expect(await sync(shop, [aRow({ price: "11" }), aRow({ min: 5, price: "8" })])).toEqual([
      `update ${key} setPriceTiers`,
    ]);
    expect(await sync(shop, [aRow({ price: "12" })])).toEqual([`update ${key} changeValue,setPriceTiers`]);
    expect(await sync(shop, [aRow({ price: "12", to: "2026-12-31" })])).toEqual([`update ${key} setValidFromAndUntil`]);
    expect(await sync(shop, [aRow({ price: "12", to: "2026-12-31" })])).toEqual([]);
  });

  test("tiers in another sequence are the same tiers", async () => {
    const shop = aShop();
    const rows = [aRow(), aRow({ min: 5, price: "9" }), aRow({ min: 9, price: "8" })];
    await sync(shop, rows);
    const [price] = shop.prices.values();
    if (price) price.tiers = [...(price.tiers ?? [])].reverse();
    expect(await sync(shop, rows)).toEqual([]);
  });

  test("the same SKU in other scopes is another price", async () => {
    const shop = aShop();
    const lists = [
      aList(),
      aList({ country: "DE" }),
      aList({ currency: "USD" }),
      aList({ customerGroup: "vip", customerGroupId: "g1" }),
      aList({ channel: "web", channelId: "c1" }),
    ];
    for (const list of lists) expect(await sync(shop, [aRow()], { list })).toHaveLength(1);
    expect(shop.prices.size).toBe(5);
    for (const list of lists) expect(await sync(shop, [aRow()], { list })).toEqual([]);
  });
});

describe("scheduled changes", () => {
  test("a later row: the running price is cut before the next one is created, and no moment is without price", async () => {
    const shop = aShop();
    await sync(shop, [aRow()]);
    expect(await sync(shop, [aRow(), aRow({ from: "2026-07-01", price: "12" })])).toEqual([
      "update prc-WEB-P1-EUR----20260101 setValidFromAndUntil",
      "create prc-WEB-P1-EUR----20260701",
    ]);
    expect([
      shop.priceAt("P1", at("2026-06-30T21:59:59.999Z")),
      shop.priceAt("P1", at("2026-06-30T22:00:00.000Z")),
    ]).toEqual([1000, 1200]);
  });

  test("a later row that IFS moves or withdraws before it began is left to a person", async () => {
    const shop = aShop();
    await sync(shop, [aRow(), aRow({ from: "2026-07-01", price: "12" })]);
    expect(await sync(shop, [aRow()])).toEqual(["heldForReview", "2026-06-30T22:00:00.000Z"]);
    expect(byDay(shop, "2026-03-01", "2026-08-01")).toEqual([1000, 1200]);
  });

  test("a row that IFS drops while it counts: the price goes on with what counts now", async () => {
    const shop = aShop();
    await sync(shop, [aRow(), aRow({ from: "2026-02-01", price: "12" })]);
    expect(byDay(shop, "2026-03-01")).toEqual([1200]);
    expect(await sync(shop, [aRow()])).toEqual(["update prc-WEB-P1-EUR----20260201 changeValue"]);
    expect(byDay(shop, "2026-03-01", "2027-01-01")).toEqual([1000, 1000]);
    expect(await sync(shop, [aRow()])).toEqual([]);
  });

  test("a row whose last day has passed ends the price", async () => {
    const shop = aShop();
    await sync(shop, [aRow()]);
    const rows = [aRow({ to: "2026-02-15" })];
    expect(await sync(shop, rows)).toEqual(["update prc-WEB-P1-EUR----20260101 setValidFromAndUntil"]);
    expect(byDay(shop, "2026-02-20", "2026-03-02")).toEqual([1000, undefined]);
    expect(await sync(shop, rows)).toEqual([]);
  });

  test("a list whose time zone is corrected: the later price makes room before the earlier one takes it", async () => {
    const shop = aShop();
    const rows = [aRow({ to: "2026-06-30" }), aRow({ from: "2026-07-01", price: "12" })];
    await sync(shop, rows, { list: aList({ timeZone: "Asia/Tokyo" }) });
    expect(await sync(shop, rows)).toEqual([
      "update prc-WEB-P1-EUR----20260701 setValidFromAndUntil",
      "update prc-WEB-P1-EUR----20260101 setValidFromAndUntil",
    ]);
    expect([shop.priceAt("P1", at("2026-06-30T21:59:59Z")), shop.priceAt("P1", at("2026-06-30T22:00:00Z"))]).toEqual([
      1000, 1200,
    ]);
  });

  test("the standing price without dates stays below a season", async () => {
    const shop = aShop();
    await sync(shop, [aRow({ from: null })]);
    const season = aRow({ from: "2026-06-01", to: "2026-06-30", price: "8" });
    await sync(shop, [aRow({ from: null }), season]);
    expect(byDay(shop, "2026-03-01", "2026-06-15", "2026-07-15")).toEqual([1000, 800, 1000]);
    expect(await sync(shop, [aRow({ from: null }), season])).toEqual([]);
  });
});

describe("held", () => {
  test.each([
    [50, "15", true],
    [50, "15.01", false],
    [50, "5", true],
    [50, "4.99", false],
    [12.5, "11.25", true],
    [12.5, "11.26", false],
    [0, "99999", true],
  ])("at most %f percent: to %s passes: %s", async (maxChangePercent, price, passes) => {
    const shop = aShop();
    await sync(shop, [aRow()]);
    const result = (await sync(shop, [aRow({ price })], { maxChangePercent })) as string[];
    expect(result[0] !== "heldForReview").toBe(passes);
    if (!passes) expect(byDay(shop, "2026-03-01")).toEqual([1000]);
  });

  test("a tier that jumps holds the part as well", async () => {
    const shop = aShop();
    await sync(shop, [aRow(), aRow({ min: 5, price: "9" })]);
    expect(await sync(shop, [aRow(), aRow({ min: 5, price: "0.09" })], { maxChangePercent: 50 })).toEqual([
      "heldForReview",
      "0.09 EUR",
    ]);
  });

  test("a scheduled price is compared with the one before it; held, it cuts nothing", async () => {
    const shop = aShop();
    await sync(shop, [aRow()]);
    const rows = [aRow(), aRow({ from: "2026-07-01", price: "100" })];
    expect(await sync(shop, rows, { maxChangePercent: 50 })).toEqual(["heldForReview", "100.00 EUR"]);
    expect(byDay(shop, "2026-08-01")).toEqual([1000]);
  });
});

describe("prices of another origin", () => {
  const foreign = (shop: Shop, rest: object = {}) =>
    shop.create({
      sku: "P1",
      value: { currencyCode: "EUR", centAmount: 777 },
      validFrom: "2026-01-01T00:00:00Z",
      ...rest,
    });

  test.each([
    ["without key", {}],
    ["with a key of somebody else", { key: "pim-1" }],
    ["of another price list", { key: "prc-OTHER-P1-EUR----20260101" }],
  ])("%s, in the same scope: reported and left alone", async (_name, rest) => {
    const shop = aShop();
    await foreign(shop, rest);
    const before = JSON.stringify([...shop.prices.values()]);
    expect(((await sync(shop, [aRow()])) as string[])[0]).toBe("heldForReview");
    expect(JSON.stringify([...shop.prices.values()])).toBe(before);
  });

  test.each([
    ["of another country", { country: "AT" }],
    ["of another currency", { value: { currencyCode: "USD", centAmount: 777 } }],
    ["of another SKU", { sku: "P2" }],
    ["as the fallback without validity", { validFrom: undefined }],
    ["that has ended", { validFrom: "2020-01-01T00:00:00Z", validUntil: "2021-01-01T00:00:00Z" }],
  ])("%s: none of our business", async (_name, rest) => {
    const shop = aShop();
    await foreign(shop, rest);
    expect(await sync(shop, [aRow()])).toEqual(["create prc-WEB-P1-EUR----20260101"]);
    expect([...shop.prices.values()][0]).toMatchObject({ version: 1 });
  });
});

test("a plan made for older versions is refused, not forced", async () => {
  const shop = aShop();
  await sync(shop, [aRow()]);
  const { change } = planFor(shop, [aRow({ price: "11" })]);
  await sync(shop, [aRow({ price: "12" })]);
  const [write] = change?.apply.writes ?? [];
  if (write?.kind !== "update") throw new Error("an update was planned");
  await expect(shop.update(write, write.actions)).rejects.toThrow(ConflictError);
});

describe("any sequence of price lists", () => {
  const days = ["2026-02-01", "2026-03-10", "2026-04-01", "2026-05-15", "2026-07-01"];
  const row = fc.record({
    from: fc.constantFrom(...days),
    length: fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
    price: fc.integer({ min: 1, max: 50 }),
  });
  const standing = fc.integer({ min: 1, max: 50 });
  const version = fc.record({ standing, rows: fc.uniqueArray(row, { maxLength: 4, selector: ({ from }) => from }) });
  const rowsOf = (list: { standing: number; rows: { from: string; length?: number; price: number }[] }) => [
    aRow({ from: "2026-01-01", price: String(list.standing) }),
    ...list.rows.map(({ from, length, price }) =>
      aRow({
        from,
        price: String(price),
        to: length === undefined ? null : new Date(at(from) + length * 86_400_000).toISOString().slice(0, 10),
      }),
    ),
  ];

  test("ends in IFS's price at every moment from now on, or is held whole; and the next run writes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 4 }), async (versions) => {
        const shop = aShop();
        for (const list of versions) {
          const rows = rowsOf(list);
          const before = JSON.stringify([...shop.prices.values()]);
          const result = (await sync(shop, rows)) as string[];
          if (result[0] === "heldForReview") {
            expect(JSON.stringify([...shop.prices.values()])).toBe(before);
            continue;
          }
          for (let day = 0; day < 200; day += 3) {
            const moment = MARCH + day * 86_400_000;
            const valid = rows.filter(({ validFromDate, validToDate }) => {
              const date = new Date(moment).toISOString().slice(0, 10);
              return String(validFromDate) <= date && (validToDate === null || date <= validToDate);
            });
            const counted = valid.sort((a, b) => (String(a.validFromDate) < String(b.validFromDate) ? 1 : -1))[0];
            expect(shop.priceAt("P1", moment)).toBe(Number(counted?.salesPrice) * 100);
          }
          expect(await sync(shop, rows)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
