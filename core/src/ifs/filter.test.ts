import { describe, expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import {
  and,
  chunkTerms,
  encodedLength,
  enumMember,
  eq,
  ge,
  gt,
  keyPredicate,
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
    [timestamp("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z"],
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
