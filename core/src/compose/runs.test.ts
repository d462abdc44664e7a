import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import type { RunRecord } from "../domain/records.ts";
import type { PastRun } from "../domain/run-history.ts";
import { historyQuery, readRunHistory, shownRun } from "./runs.ts";

const NOW = Date.parse("2026-11-03T12:00:00Z");

const past = (finishedAt: string): PastRun => ({
  flow: "stock-sync",
  runId: `run-${finishedAt}`.replace(/[^0-9a-z-]/g, ""),
  startedAt: "2026-11-01T11:00:00.000Z",
  finishedAt,
  outcome: "succeeded",
  ...{ processed: 1, changed: 1, failed: 0 },
});

test("past runs come piece by piece, each once, with their duration; without a moment those of the last day", async () => {
  const clock = { now: () => NOW };
  const store = createStore(clientOf(createPlatform()).ct, clock);
  const ends = ["2026-11-01T11:00:07.500Z", "2026-11-02T12:00:00.000Z", "2026-11-03T11:00:00.000Z"];
  for (const end of ends) await store.runHistory.append(past(end));
  const ask = (query: object) => readRunHistory({ store, clock }, historyQuery.parse({ flow: "stock-sync", ...query }));

  const first = await ask({ since: "2026-11-01T11:00:07.500Z", limit: "2" });
  expect(first).toMatchObject({ runs: [{ seconds: 7.5 }, {}], next: "2026-11-02T12:00:00.001Z" });
  const second = await ask({ since: first.next ?? "", limit: "2" });
  expect([...first.runs, ...second.runs].map(({ finishedAt }) => finishedAt)).toEqual(ends);
  expect(second.next).toBeNull();

  const day = await ask({});
  expect([day.since, day.runs.map(({ finishedAt }) => finishedAt)]).toEqual([
    "2026-11-02T12:00:00.000Z",
    ends.slice(1),
  ]);
  expect((await ask({ flow: "price-sync" })).runs).toEqual([]);
});

const row = (given: Partial<RunRecord>): RunRecord => ({
  flow: "stock-sync",
  runId: "r-1",
  startedAt: "2026-11-03T12:00:00.000Z",
  finishedAt: "2026-11-03T12:00:04.250Z",
  outcome: "succeeded",
  ...{ processed: 9, changed: 0, failed: 0 },
  ...given,
});
const halfway = (counts: Record<string, number>, at = "2026-11-03T12:00:20.000Z") =>
  shownRun(row({ finishedAt: "2026-11-03T11:00:00.000Z", progress: { at, counts } }));

test("a run is shown with its duration, and one that is under way without that of the run before", () => {
  expect(shownRun(row({}))).toEqual({ ...row({}), seconds: 4.3 });
  expect(halfway({ read: 3 })).toMatchObject({ seconds: null, progress: { counts: { read: 3 } } });
  expect(halfway({ read: 3 }).progress).not.toHaveProperty("full");
});

test.each([
  ["from the begin", { fullDone: 4000, fullBefore: 0, fullTotal: 10_000 }, [4000, 10_000, 200, 30]],
  ["gone on from an earlier run", { fullDone: 9000, fullBefore: 8000, fullTotal: 10_000 }, [9000, 10_000, 50, 20]],
  ["more than the last time", { fullDone: 11_000, fullBefore: 0, fullTotal: 10_000 }, [11_000, 11_000, 550, 0]],
  ["a site for the first time", { fullDone: 400, fullTotal: 300, fullUncounted: 1 }, [400, null, 20, null]],
  ["nothing met so far", { fullDone: 0, fullBefore: 0, fullTotal: 10_000 }, [0, 10_000, 0, null]],
])("a full run tells how far it is: %s", (_what, counts, [done, total, perSecond, remainingSeconds]) => {
  expect(halfway(counts).progress?.full).toEqual({ done, total, perSecond, remainingSeconds });
});
