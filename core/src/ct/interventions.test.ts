import { expect, test } from "vitest";
import type { ExceptionRecord, JournalEntry } from "../domain/records.ts";
import { createStore } from "./store.ts";
import { clientOf, createPlatform } from "./testing/platform.ts";

const AT = "2026-11-20T10:00:00.000Z";
const opened = () => {
  const platform = createPlatform();
  return { platform, store: createStore(clientOf(platform).ct, { now: () => Date.parse(AT) }) };
};
const problem = (id: string, code: string): Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts"> => ({
  id,
  flow: "order-export",
  code,
  recordType: "order",
  recordId: id,
  recordLabel: id,
  message: "message",
  action: "action",
  owner: "operator",
});
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).sort();

test("exceptions are found by id, by code, and all of them page by page", async () => {
  const { store, platform } = opened();
  const ids = Array.from({ length: 12 }, (_, index) => `ex-${String(index).padStart(2, "0")}`);
  for (const id of ids) await store.exceptions.open(problem(id, id === "ex-03" ? "ifsDuplicate" : "noRoute"));
  expect(idsOf(await store.exceptions.byCode("ifsDuplicate", 500))).toEqual(["ex-03"]);
  expect(idsOf(await store.exceptions.byIds(["ex-01", "ex-99", "ex-07"]))).toEqual(["ex-01", "ex-07"]);
  expect(await store.exceptions.byIds([])).toEqual([]);
  expect((await store.exceptions.get("ex-01"))?.code).toBe("noRoute");
  expect(await store.exceptions.get("ex-99")).toBeUndefined();
  expect(idsOf(await store.exceptions.all(5000))).toEqual(ids);
  expect((await store.exceptions.all(5)).length).toBe(5);
  expect(platform.calls.filter(({ path }) => path.endsWith("/ex-01")).length).toBeGreaterThan(0);
});

test("the journal of one record, oldest first", async () => {
  const { store } = opened();
  const entry = (recordId: string, at: string, event: string): JournalEntry => ({
    at,
    flow: "order-export",
    recordType: "order",
    recordId,
    event,
    detail: { code: "ifsRefused" },
    steps: [{ at, step: "claimed", detail: { attempt: 1 } }],
    configVersion: 2,
    by: "user-1",
  });
  await store.journal.append(entry("o1", "2026-11-20T10:00:02.000Z", "second"));
  await store.journal.append(entry("o2", "2026-11-20T10:00:01.000Z", "of another"));
  await store.journal.append(entry("o1", AT, "first"));
  expect(await store.journal.of("o1", 10)).toEqual([
    entry("o1", AT, "first"),
    entry("o1", "2026-11-20T10:00:02.000Z", "second"),
  ]);
  expect((await store.journal.of("o1", 1)).map(({ event }) => event)).toEqual(["second"]);
});

test("entries that the platform keeps without their nulls, and those of earlier versions, can be read", async () => {
  const { store, platform } = opened();
  const value = {
    at: AT,
    flow: "order-export",
    recordType: "order",
    recordId: "o1",
    event: "order-linked",
    detail: {},
  };
  platform.seed("custom-objects/ifs-connector-journal", { container: "ifs-connector-journal", key: "k1", value });
  expect(await store.journal.of("o1", 10)).toEqual([value]);
});

test("corrections and ignored exceptions are kept until they are taken back; a damaged one is named", async () => {
  const { store, platform } = opened();
  await store.corrections.write("o1", { route: "a" });
  await store.corrections.write("o1", { route: "b" });
  expect(await store.corrections.read("o1")).toEqual({ route: "b" });
  await store.corrections.remove("o1");
  expect(await store.corrections.read("o1")).toBeUndefined();
  await store.corrections.remove("o1");

  const exception = { ...problem("ex-1", "noRoute"), firstSeenAt: AT, lastSeenAt: AT, attempts: 1 };
  const ignored = { exception, reason: "by telephone", by: "user-1", at: AT };
  await store.ignored.write(ignored);
  expect([await store.ignored.get("ex-1"), await store.ignored.list(10)]).toEqual([ignored, [ignored]]);
  await store.ignored.remove("ex-1");
  expect(await store.ignored.get("ex-1")).toBeUndefined();

  const container = "ifs-connector-corrections";
  platform.seed(`custom-objects/${container}`, { container, key: "o2", value: { total: 1 } });
  await expect(store.corrections.read("o2")).rejects.toThrow("corrections of order o2");
});
