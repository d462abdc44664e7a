import { expect, test } from "vitest";
import type { ExceptionRecord } from "../domain/records.ts";
import { listExceptions } from "./exception-list.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const row = (id: string, fields: Partial<ExceptionRecord> = {}): ExceptionRecord => ({
  id,
  flow: "order-export",
  code: "unmappedSku",
  recordType: "order",
  recordId: `order ${id}`,
  recordLabel: id,
  message: "message",
  action: "action",
  owner: "merchant",
  firstSeenAt: "2026-11-20T11:00:00Z",
  lastSeenAt: "2026-11-20T11:30:00Z",
  attempts: 1,
  ...fields,
});
const facts = {
  rows: [
    row("a"),
    row("b", { firstSeenAt: "2026-11-19T12:00:00Z" }),
    row("c", { code: "ifsDuplicate", owner: "operator", ifsOrderNo: "P 1" }),
    row("d", { flow: "stock-sync", recordType: "sku" }),
    row("e", { code: "ofAnotherRelease" }),
  ],
  ignored: [],
  config: { owners: { merchant: "Shop team" }, links: { ifsOrder: "https://ifs.example/order?no={orderNo}" } },
  projectKey: "shop",
  now: NOW,
};
const all = { limit: 50, offset: 0 };

test("critical ones first, then the oldest, with owner, age and links", () => {
  const { rows, total } = listExceptions(facts, all);
  expect([total, rows.map(({ id }) => id)]).toEqual([5, ["c", "b", "a", "d", "e"]]);
  expect(rows[0]).toMatchObject({
    severity: "critical",
    owner: "operator",
    ageSeconds: 3600,
    links: { merchantCenter: "/shop/orders/order%20c/general", ifs: "https://ifs.example/order?no=P%201" },
  });
  expect([rows[1]?.owner, rows[1]?.ownerClass, rows[1]?.links.ifs, rows[3]?.links.merchantCenter]).toEqual([
    "Shop team",
    "merchant",
    null,
    null,
  ]);
});

test("what one cure would close is counted by its cause, and found by it", () => {
  const caused = {
    ...facts,
    rows: [
      row("a", { cause: "unmappedSku/sku/A-1", message: "line 1: no A-1" }),
      row("b", { cause: "unmappedSku/sku/B-2" }),
      row("c", { cause: "unmappedSku/sku/A-1", message: "another wording" }),
      row("old"),
    ],
  };
  const { causes } = listExceptions(caused, all);
  expect(causes).toEqual([
    { cause: "unmappedSku/sku/A-1", code: "unmappedSku", count: 2 },
    { cause: "unmappedSku", code: "unmappedSku", count: 1 },
    { cause: "unmappedSku/sku/B-2", code: "unmappedSku", count: 1 },
  ]);
  const found = listExceptions(caused, { ...all, cause: "unmappedSku/sku/A-1" });
  expect([found.rows.map(({ id }) => id), found.causes.length]).toEqual([["a", "c"], 1]);
});

test("counts are of all that is open, rows of what is asked for", () => {
  const { counts, matching, rows } = listExceptions(facts, { ...all, code: "unmappedSku", limit: 1, offset: 1 });
  expect(counts).toEqual([
    { code: "unmappedSku", severity: "error", count: 3 },
    { code: "ifsDuplicate", severity: "critical", count: 1 },
    { code: "ofAnotherRelease", severity: "error", count: 1 },
  ]);
  expect([matching, rows.map(({ id }) => id)]).toEqual([3, ["a"]]);
  const others = [{ flow: "stock-sync" }, { owner: "operator" }, { severity: "critical" as const }];
  expect(others.map((filter) => listExceptions(facts, { ...all, ...filter }).rows.map(({ id }) => id))).toEqual([
    ["d"],
    ["c"],
    ["c"],
  ]);
});
