import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../domain/ids.ts";
import type { StockHold } from "../domain/stock-hold.ts";
import { fromHoldRows, noHoldRows, toHoldRows } from "./hold-rows.ts";

const name = fc.string({ minLength: 1, maxLength: 12 });
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
    },
    { requiredKeys: ["owner", "by", "until", "site", "partNo", "sku", "channel", "units", "pieces"] },
  ),
);

test("what is written is read again, over JSON", () => {
  fc.assert(
    fc.property(holds, (all) => {
      expect(fromHoldRows(JSON.parse(JSON.stringify(toHoldRows(all))))).toEqual(all);
    }),
  );
});

test("a place that many holds share is written once", () => {
  const hold = { owner: "a", by: "r", until: 1, site: "1" as Contract, partNo: "P" as PartNo, sku: "S" as Sku };
  const all = ["a", "b"].map((owner) => ({ ...hold, owner, channel: "web", units: decimal("1"), pieces: 1 }));
  expect(toHoldRows(all)).toEqual({
    places: [["1", "P", "S", "web"]],
    holds: [
      ["a", "r", 1, 0, "1", 1, "", "", 0],
      ["b", "r", 1, 0, "1", 1, "", "", 0],
    ],
  });
  expect(fromHoldRows(noHoldRows)).toEqual([]);
});

const row = ["a", "r", 1, 0, "1", 1, "", "", 0];
const damaged = (at: number, value: unknown) => ({
  places: [["1", "P", "S", "web"]],
  holds: [row.with(at, value as string)],
});

test.each([
  ["no rows", { holds: [] }],
  ["a hold at a place that is not listed", { places: [], holds: [["a", "r", 1, 0, "1", 1, "", "", 0]] }],
  ["a negative quantity", { places: [["1", "P", "S", "web"]], holds: [["a", "r", 1, 0, "-1", 1, "", "", 0]] }],
  ["no owner", { places: [["1", "P", "S", "web"]], holds: [["", "r", 1, 0, "1", 1, "", "", 0]] }],
  ["no request", damaged(1, "")],
  ["a broken time", damaged(2, 1.5)],
  ["a place before the first", damaged(3, -1)],
  ["a quantity that is a number", damaged(4, 1)],
  ["no pieces", damaged(5, 0)],
  ["an order that is none", damaged(6, null)],
  ["a caller that is none", damaged(7, 7)],
  ["a reservation that is no number", damaged(8, true)],
  ["a row that is too long", { places: [["1", "P", "S", "web"]], holds: [[...row, "more"]] }],
  ["a row that is none", { places: [], holds: [{}] }],
])("%s is damage", (_, value) => {
  expect(() => fromHoldRows(value)).toThrow(Error);
});
