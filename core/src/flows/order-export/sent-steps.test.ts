import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../domain/records.ts";
import type { SentRequest, SentRow } from "../../domain/sent.ts";
import { inEntries, sentSteps } from "./sent-steps.ts";

const at = "2026-11-20T10:00:00.000Z";
const request = (rows: readonly SentRow[]): SentRequest => ({
  at,
  request: "change set",
  answer: "accepted",
  counts: true,
  rows,
});
const line = (index: number): SentRow => ({
  into: "OrderLinesArray",
  values: {
    Contract: "101",
    SalesUnitMeas: "PCS",
    CatalogNo: `PART-${index}`,
    BuyQtyDue: String(index),
    Ref: "x".repeat(36) + index,
  },
});
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index + 1));
const entry: JournalEntry = {
  at,
  flow: "order-export",
  recordType: "order",
  recordId: "o",
  event: "order-linked",
  detail: { orderNo: "P1" },
};
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("writes as steps", () => {
  test("what all rows of a kind have alike is said once", () => {
    expect(sentSteps([request([{ into: "CustomerOrderSet", values: { OrderId: "WEB" } }, line(1), line(2)])])).toEqual([
      {
        at,
        step: "sent to IFS",
        detail: {
          request: "change set",
          answer: "accepted",
          rows: 3,
          CustomerOrderSet: "OrderId=WEB",
          "OrderLinesArray, each": "Contract=101; SalesUnitMeas=PCS",
          "OrderLinesArray 1": `CatalogNo=PART-1; BuyQtyDue=1; Ref=${"x".repeat(36)}1`,
          "OrderLinesArray 2": `CatalogNo=PART-2; BuyQtyDue=2; Ref=${"x".repeat(36)}2`,
        },
      },
    ]);
  });

  test("an action without a body is told by its name", () => {
    expect(sentSteps([request([{ into: "Release", values: {} }])])[0]?.detail).toEqual({
      request: "change set",
      answer: "accepted",
      rows: 1,
    });
  });

  test("an order of 500 lines is told line by line, in entries that the journal takes", () => {
    const entries = inEntries({ ...entry, steps: sentSteps([request(lines(500))]) });
    const told = entries.flatMap(({ steps = [] }) => steps.flatMap(({ detail = {} }) => Object.keys(detail)));
    expect(told.filter((name) => /^OrderLinesArray \d+$/.test(name))).toHaveLength(500);
    expect(Math.max(...entries.map(bytes))).toBeLessThanOrEqual(8000);
    expect([entries.at(-1)?.event, entries[0]?.event, entries.length < 12]).toEqual([
      "order-linked",
      "sent-to-ifs",
      true,
    ]);
  });

  test("there is an end to it, and it is said", () => {
    const entries = inEntries({ ...entry, steps: sentSteps([request(lines(5000))]) });
    expect(entries.length).toBeLessThan(15);
    expect(JSON.stringify(entries.at(-1))).toMatch(/further parts: too long to be kept/);
  });

  test("whatever characters and details there are, every entry is one that the journal takes", () => {
    const odd = { into: "OrderLinesArray", values: { CatalogNo: "\u0001".repeat(100), Note: "😀".repeat(2000) } };
    const detail = { what: "ü".repeat(1200) };
    const entries = inEntries({ ...entry, detail, steps: sentSteps([request([odd, ...lines(30), odd])]) });
    expect(Math.max(...entries.map(bytes))).toBeLessThanOrEqual(8000);
    expect(entries.at(-1)?.detail).toEqual(detail);
  });

  test("an order of eight lines is one entry", () => {
    expect(inEntries({ ...entry, steps: sentSteps([request(lines(8))]) })).toHaveLength(1);
  });
});
