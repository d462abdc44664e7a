import { describe, expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import {
  and,
  boolean,
  chunkTerms,
  date,
  encodedLength,
  enumMember,
  eq,
  functionCall,
  ge,
  gt,
  keyPredicate,
  le,
  lookupMember,
  lt,
  ne,
  number,
  or,
  text,
  timestamp,
} from "./filter.ts";

describe("literals", () => {
  test.each([
    [text("O'Neil"), "'O''Neil'"],
    [text("' or 1 eq 1 or 'a' eq '"), "''' or 1 eq 1 or ''a'' eq '''"],
    [text(""), "''"],
    [number(decimal("0.10")), "0.1"],
    [number(decimal("-3")), "-3"],
    [
      number(decimal("1234567890123456789012345678901234567890.000000000000000000001")),
      "1234567890123456789012345678901234567890.000000000000000000001",
    ],
    [timestamp("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z"],
    [date("2024-02-29"), "2024-02-29"],
    [boolean(true), "true"],
    [lookupMember("CustomerHandling", "IsoCountry", "SE"), "IfsApp.CustomerHandling.Lookup_IsoCountry'SE'"],
    [lookupMember("CustomerHandling", "IsoCountry", "S'E"), "IfsApp.CustomerHandling.Lookup_IsoCountry'S''E'"],
    [
      enumMember("ShipmentHandling", "ShipmentState", "Preliminary"),
      "IfsApp.ShipmentHandling.ShipmentState'Preliminary'",
    ],
  ])("%s", (literal, expected) => {
    expect(literal).toBe(expected);
  });

  test.each([
    () => timestamp("2026-01-02T03:04:05Z or true"),
    () => timestamp("2026-01-02T03:04:05.123Z"),
    () => timestamp("2026-01-02T03:04:05+01:00"),
    () => timestamp("2026-01-02"),
    () => date("2026-02-30"),
    () => date("2026-01-02T00:00:00Z"),
    () => date("26-1-2"),
    () => lookupMember("P", "L'x", "a"),
    () => enumMember("P", "E", "a' or 'b"),
    () => enumMember("P", "E.x", "a"),
  ])("refuses what would become part of the expression: %s", (make) => {
    expect(make).toThrow(RangeError);
  });
});

test("comparisons and connectives", () => {
  const a = eq("A", text("1"));
  expect(and(a, or(ne("B", text("2")), gt("C", number(decimal("1")))), ge("D", text("x")))).toBe(
    "A eq '1' and (B ne '2' or C gt 1) and D ge 'x'",
  );
  expect(and(le("A", date("2026-01-02")), lt("B", boolean(true)))).toBe("A le 2026-01-02 and B lt true");
  expect(or(a)).toBe("A eq '1'");
  expect(() => or()).toThrow(RangeError);
});

test("key predicates are encoded for the path", () => {
  const key = [
    { property: "OrderNo", value: text("A/1 'x'") },
    { property: "LineItemNo", value: number(decimal("0")) },
  ];
  expect(keyPredicate(key)).toBe("(OrderNo='A%2F1%20''x''',LineItemNo=0)");
});

test("functions name their arguments", () => {
  expect(functionCall("GetCompanyDefaults", { Company: text("10 & 20"), Full: boolean(false) })).toBe(
    "GetCompanyDefaults(Company='10%20%26%2020',Full=false)",
  );
  expect(functionCall("CustomerOrder_Default")).toBe("CustomerOrder_Default()");
});

test("key lists are cut so that no chunk is longer than its room, and nothing is lost", () => {
  const terms = Array.from({ length: 100 }, (_, index) => eq("PartNo", text(`P/${index} ä`)));
  const chunks = chunkTerms(terms, 300);
  expect(chunks.flat()).toEqual(terms);
  const lengths = chunks.map((chunk) => encodedLength(chunk.join(" or ")));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(300);
  expect(chunks.length).toBeLessThan(100);
  expect(chunkTerms(terms.slice(0, 2), 10)).toEqual([[terms[0]], [terms[1]]]);
  expect(chunkTerms([], 300)).toEqual([]);
});
