import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../domain/ids.ts";
import type { StockHold } from "../domain/stock-hold.ts";
import { createHoldWriter, fromHoldRows, noHoldRows } from "./hold-rows.ts";

const name = fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 12, unit: "binary" }));
const few = fc.constantFrom("A", "B", 'C",["');
const holds: fc.Arbitrary<StockHold[]> = fc.array(
  fc.record(
    {
      owner: name,
      by: name,
      until: fc.integer({ min: 0 }),
      site: few.map((site) => site.slice(0, 1) as Contract),
      partNo: few.map((partNo) => partNo.toUpperCase() as PartNo),
      sku: few as fc.Arbitrary<Sku>,
      channel: few,
      units: fc.integer({ min: 0, max: 1e6 }).map((units) => decimal(String(units / 8))),
      pieces: fc.integer({ min: 1 }),
      order: name,
      caller: name,
      reserves: fc.constant(true as const),
      boundUntil: fc.integer({ min: 0 }),
      since: fc.integer({ min: 0 }),
    },
    { requiredKeys: ["owner", "by", "until", "site", "partNo", "sku", "channel", "units", "pieces"] },
  ),
);

const overJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("what is written is read again, over JSON", () => {
  fc.assert(
    fc.property(holds, (all) => {
      expect(fromHoldRows(overJson(createHoldWriter()(3, all)))).toEqual(all);
    }),
  );
});

test("a writer that remembers what it wrote writes what one would that remembers nothing", () => {
  const change = fc.record({ keep: fc.array(fc.boolean(), { maxLength: 8 }), come: holds });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      const write = createHoldWriter();
      let all: StockHold[] = [];
      for (const { keep, come } of changes) {
        all = [...all.filter((_, index) => keep[index % keep.length]), ...come];
        expect(fromHoldRows(overJson(write(3, all)))).toEqual(all);
      }
    }),
  );
});

const hold = (owner: string, part = "P"): StockHold => ({
  ...{ owner, by: "r", until: 1, site: "1" as Contract, partNo: part as PartNo, sku: "S" as Sku },
  ...{ channel: "web", units: decimal("1"), pieces: 1 },
});

test("a place that many holds share is written once", () => {
  expect(createHoldWriter()(3, [hold("a"), hold("b")])).toEqual({
    places: [["1", "P", "S", "web"]],
    holds: "a r 1 0 1 1   0|b r 1 0 1 1   0",
  });
  expect(fromHoldRows(noHoldRows)).toEqual([]);
});

test("nothing in it has to be escaped, whatever the names are", () => {
  const odd = { ...hold('a "b" | c\\d%0020\n\ud800'), order: "é" };
  const { holds: text } = createHoldWriter()(3, [odd]);
  expect(JSON.stringify(text)).toBe(`"${text}"`);
  expect(fromHoldRows({ places: [["1", "P", "S", "web"]], holds: text })).toEqual([odd]);
});

test("places of which nothing is held any more are not written for ever", () => {
  const write = createHoldWriter();
  let most = 0;
  for (let n = 0; n < 100; n += 1) {
    const { places } = write(3, [hold("a", `P${n}`)]);
    most = Math.max(most, places.length);
  }
  expect(most).toBeLessThan(30);
});

const row = ["a", "r", "1", "0", "1", "1", "", "", "0"];
const shard = (holds: unknown, places: unknown = [["1", "P", "S", "web"]]) => ({ places, holds });
const damaged = (at: number, value: string) => shard(row.with(at, value).join(" "));

test("a row is one", () => {
  expect(fromHoldRows(shard(row.join(" ")))).toEqual([hold("a")]);
});

test("a row tells since when its cart has held, beside the end of its binding or without one", () => {
  const since = { ...hold("a"), since: 7 };
  expect(fromHoldRows(shard(`${row.join(" ")} s7`))).toEqual([since]);
  expect(fromHoldRows(shard(`${row.join(" ")} 9 s7`))).toEqual([{ ...since, boundUntil: 9 }]);
});

test.each([
  ["no rows", shard([])],
  ["no places", { holds: "" }],
  ["a hold at a place that is not listed", shard(row.join(" "), [])],
  ["a negative quantity", damaged(4, "-1")],
  ["no quantity", damaged(4, "")],
  ["no owner", damaged(0, "")],
  ["no request", damaged(1, "")],
  ["a broken time", damaged(2, "1.5")],
  ["a place before the first", damaged(3, "-1")],
  ["no pieces", damaged(5, "0")],
  ["a name that is cut", damaged(6, "a%00")],
  ["a reservation that is none", damaged(8, "2")],
  ["an end of the binding that is no time", shard(`${row.join(" ")} more`)],
  ["a beginning that is no time", shard(`${row.join(" ")} s1.5`)],
  ["a beginning before the end of the binding", shard(`${row.join(" ")} s1 1`)],
  ["a row that is too long", shard(`${row.join(" ")} 1 more`)],
  ["a row that is empty", shard(`${row.join(" ")}|`)],
])("%s is damage", (_, value) => {
  expect(() => fromHoldRows(value)).toThrow(Error);
});
