import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import type { RunRecord } from "../domain/records.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemRandom } from "../runtime/random.ts";
import { createEventRecorder, type RecorderDeps } from "./event-recorder.ts";

const START = Date.parse("2026-11-02T10:00:00Z");

/** The stored line survives; each call of `process` is a process of its own. */
function aStore() {
  const runs = new Map<string, RunRecord>();
  const reads = { count: 0 };
  let at = START;
  const store: RecorderDeps["store"] = {
    runs: {
      async all() {
        reads.count += 1;
        return [...runs.values()];
      },
      async write(run) {
        runs.set(run.flow, run);
      },
    },
  };
  const clock = { now: () => at, monotonic: () => at, after: systemClock.after, sleep: async () => {} };
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  return {
    process: () => createEventRecorder({ store, clock, random: systemRandom, logger }),
    line: () => {
      const { runId: _, ...line } = runs.get("order-export") as RunRecord;
      return line;
    },
    reads,
    advance: (ms: number) => {
      at += ms;
    },
  };
}

const outage = new TransientError("IFS did not answer in 60 s");
const message =
  "The other side could not be used: IFS did not answer in 60 s. Nothing is lost; the next run continues here.";

test("a new process whose first event fails keeps the last success of the one before", async () => {
  const store = aStore();
  await store.process().handled([{ kind: "linked", orderNo: "C1" }]);
  store.advance(60_000);
  const restarted = store.process();
  await restarted.failed(outage);
  expect(store.line()).toEqual({
    flow: "order-export",
    startedAt: "2026-11-02T10:01:00.000Z",
    finishedAt: "2026-11-02T10:01:00.000Z",
    lastSuccessAt: "2026-11-02T10:00:00.000Z",
    outcome: "failed",
    processed: 1,
    changed: 0,
    failed: 1,
    message,
  });
  store.advance(5000);
  await restarted.failed(outage);
  expect(store.reads.count).toBe(1);
});

test("where nothing ever succeeded, the line says so, and the store is asked once", async () => {
  const store = aStore();
  const recorder = store.process();
  await recorder.failed(outage);
  store.advance(5000);
  await recorder.failed(outage);
  expect([store.line().lastSuccessAt, store.reads.count]).toEqual([null, 1]);
});
