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
