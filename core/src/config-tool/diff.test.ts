import { expect, test } from "vitest";
import { diffDocuments, formatDifference } from "./diff.ts";

test("settings: changed, added, removed", () => {
  const older = { prices: { maxChangePercent: 50 }, owners: { merchant: "A" } };
  const newer = { prices: { maxChangePercent: 30 }, owners: { operator: "B" } };
  const found = diffDocuments(older, newer);
  expect(found).toEqual([
    { path: "prices.maxChangePercent", old: 50, new: 30 },
    { path: "owners.operator", old: undefined, new: "B" },
    { path: "owners.merchant", old: "A", new: undefined },
  ]);
  expect(found.map(formatDifference)).toEqual([
    "~ prices.maxChangePercent: 50 -> 30",
    '+ owners.operator: "B"',
    '- owners.merchant: "A"',
  ]);
});

test("rows are compared by name: an inserted row is one difference", () => {
  const row = (name: string, site: string) => ({ name, site });
  const older = { routes: [row("de", "101"), row("se", "201")] };
  const newer = { routes: [row("at", "102"), row("de", "103"), row("se", "201")] };
  expect(diffDocuments(older, newer)).toEqual([
    { path: 'routes["at"]', old: undefined, new: row("at", "102") },
    { path: 'routes["de"].site', old: "101", new: "103" },
  ]);
});

test("the order of rows is a difference of its own", () => {
  const older = { routes: [{ name: "de" }, { name: "se" }] };
  const newer = { routes: [{ name: "se" }, { name: "de" }] };
  expect(diffDocuments(older, newer)).toEqual([{ path: "routes (order)", old: ["de", "se"], new: ["se", "de"] }]);
});

test("nested rows keep their path, plain lists go by position", () => {
  const pool = (buffer: number, warehouses: string[]) => ({
    stock: { pools: [{ name: "H", warehouses, channels: [{ supplyChannel: "w-1", buffer }] }] },
  });
  expect(diffDocuments(pool(1, ["A"]), pool(2, ["A", "B"]))).toEqual([
    { path: 'stock.pools["H"].warehouses[1]', old: undefined, new: "B" },
    { path: 'stock.pools["H"].channels["w-1"].buffer', old: 1, new: 2 },
  ]);
});

test("equal documents do not differ", () => {
  expect(diffDocuments({ a: [{ name: "x", b: [1, 2] }] }, { a: [{ name: "x", b: [1, 2] }] })).toEqual([]);
});
