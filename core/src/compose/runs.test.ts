import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import type { PastRun } from "../domain/run-history.ts";
import { historyQuery, readRunHistory } from "./runs.ts";

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
