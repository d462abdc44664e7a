import { expect, test } from "vitest";
import type { RunRecord } from "./records.ts";
import { pastRunOf, pastRunSchema, secondsOf } from "./run-history.ts";

const run = (given: Partial<RunRecord> = {}): RunRecord => ({
  flow: "stock-sync",
  runId: "r-1",
  startedAt: "2026-11-02T10:00:00.000Z",
  finishedAt: "2026-11-02T10:00:12.340Z",
  lastSuccessAt: "2026-11-02T10:00:12.340Z",
  outcome: "succeeded",
  processed: 40,
  changed: 0,
  failed: 0,
  ...given,
});
const recently = "2026-11-02T09:00:12.341Z";

test.each<[string, Partial<RunRecord>, boolean]>([
  ["the first of its flow", {}, true],
  ["nothing to tell within the hour", { keptAt: recently }, false],
  ["nothing to tell, an hour after the last that was kept", { keptAt: "2026-11-02T09:00:12.340Z" }, true],
  ["records written", { keptAt: recently, changed: 1 }, true],
  ["records refused", { keptAt: recently, failed: 1 }, true],
  ["a failure", { keptAt: recently, outcome: "failed" }, true],
  ["still running", { outcome: "running", finishedAt: undefined, changed: 1 }, false],
])("%s", (_what, given, kept) => {
  expect(pastRunOf(run(given)) !== undefined).toBe(kept);
});

test("what is kept is small, whole and readable", () => {
  const counts = { read: 40, ctRequests: 3, ifsRequests: 7 };
  const kept = pastRunOf(run({ counts, message: "x".repeat(5000), progress: { at: recently, counts: {} } }));
  expect(pastRunSchema.strict().parse(kept)).toEqual({
    flow: "stock-sync",
    runId: "r-1",
    startedAt: "2026-11-02T10:00:00.000Z",
    finishedAt: "2026-11-02T10:00:12.340Z",
    outcome: "succeeded",
    processed: 40,
    changed: 0,
    failed: 0,
    message: `${"x".repeat(299)}…`,
    counts,
  });
  expect(kept && secondsOf(kept)).toBe(12.3);
});
