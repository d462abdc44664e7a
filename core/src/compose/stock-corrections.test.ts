import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import type { JournalEntry } from "../domain/records.ts";
import { correctionsQuery, readCorrections } from "./stock-corrections.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const entry = (at: string, recordId: string, event: string, detail: JournalEntry["detail"]): JournalEntry => ({
  ...{ at, flow: "stock-sync", recordType: "sku", recordId, event },
  detail,
});
const corrected = (at: string, sku: string) =>
  entry(at, sku, "stock-corrected", {
    ...{ site: "101", pool: "Hamburg", from: 9, to: 5, reason: "manualEdit" },
    ...{ cause: "IFS: on hand 5: 5.", lastModifiedBy: "user u-7" },
  });

const shown = (at: string, sku: string) => ({
  ...{ at, sku, site: "101", pool: "Hamburg", supplyChannel: null, from: 9, to: 5 },
  ...{ reason: "manualEdit", cause: "IFS: on hand 5: 5.", lastModifiedBy: "user u-7" },
});

async function told() {
  const clock = { now: () => NOW };
  const store = createStore(clientOf(createPlatform()).ct, clock);
  await store.journal.appendAll([
    corrected("2026-11-01T10:00:00.000Z", "OLD"),
    corrected("2026-11-19T10:00:00.000Z", "BOLT"),
    entry("2026-11-19T11:00:00.000Z", "GONE", "stock-ended", { site: "101", supplyChannel: "web", from: 3, to: 0 }),
    entry("2026-11-19T12:00:00.000Z", "BOLT", "stock-differs", { site: "101", commercetools: 1, ifs: 2 }),
    entry("2026-11-19T13:00:00.000Z", "corrections 101", "stock-corrected-unlisted", {
      ...{ site: "101", listed: 500, unlisted: 40, takenOver: 40 },
    }),
    corrected("2026-11-20T10:00:00.000Z", "NUT"),
  ]);
  return (query: object) => readCorrections({ store, clock }, correctionsQuery.parse(query));
}

test("the last corrections come newest first, with those that were only counted", async () => {
  const read = await told();
  expect(await read({})).toEqual({
    since: "2026-11-06T12:00:00.000Z",
    corrections: [
      shown("2026-11-20T10:00:00.000Z", "NUT"),
      {
        ...{ at: "2026-11-19T11:00:00.000Z", sku: "GONE", site: "101", pool: null, supplyChannel: "web" },
        ...{ from: 3, to: 0, reason: "ended", cause: null, lastModifiedBy: null },
      },
      shown("2026-11-19T10:00:00.000Z", "BOLT"),
    ],
    total: 3,
    unlisted: [{ at: "2026-11-19T13:00:00.000Z", site: "101", count: 40 }],
    unlistedRuns: 1,
  });
});

test.each([
  [{ sku: "BOLT" }, ["BOLT"], 1],
  [{ limit: "1" }, ["NUT"], 3],
  [{ days: "30" }, ["NUT", "GONE", "BOLT", "OLD"], 4],
])("those of %o, and how many there are", async (query, skus, total) => {
  const read = await (await told())(query);
  expect([read.corrections.map(({ sku }) => sku), read.total]).toEqual([skus, total]);
});
