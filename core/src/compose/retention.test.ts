import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import type { Lease } from "../domain/records.ts";
import { systemRandom } from "../runtime/random.ts";
import { type RetentionDeps, retainRecords } from "./retention.ts";

const START = Date.parse("2026-11-02T10:00:00Z");

function world(
  prune: (before: string, limit: number) => Promise<number>,
  pruneRuns: () => Promise<number> = async () => 0,
) {
  const log: string[] = [];
  const runs: unknown[] = [];
  const calls: [string, number][] = [];
  let lease: Lease | undefined;
  let at = START;
  const note = (_fields: object, event: string) => void log.push(event);
  const deps: RetentionDeps = {
    clock: { now: () => at },
    random: systemRandom,
    logger: { info: note, warn: note, error: note },
    leases: {
      async turn(name, owner, ttlMs) {
        if (lease && lease.expiresAt > at) return undefined;
        lease = { name, owner, version: 1, expiresAt: at + ttlMs, fence: 1 };
        return lease;
      },
    },
    journal: {
      async prune(before, limit) {
        calls.push([before, limit]);
        return prune(before, limit);
      },
    },
    runHistory: {
      async prune(...asked) {
        runs.push(asked);
        return pruneRuns();
      },
    },
  };
  return {
    deps,
    log,
    calls,
    runs,
    leaseName: () => lease?.name,
    advance: (ms: number) => {
      at += ms;
    },
  };
}

test("entries older than 90 days go, once an hour whoever ticks", async () => {
  const { deps, calls, log, advance, leaseName } = world(async () => 3);
  await retainRecords(deps);
  advance(3_599_999);
  await retainRecords(deps);
  expect([calls, leaseName()]).toEqual([[["2026-08-04T10:00:00.000Z", 500]], "retention"]);
  advance(1);
  await retainRecords(deps);
  expect([calls.length, log]).toEqual([
    2,
    ["journal-pruned", "run-history-pruned", "journal-pruned", "run-history-pruned"],
  ]);
});

test("a large rest is removed in pieces, and a round has an end", async () => {
  const some = world(async () => (some.calls.length < 3 ? 500 : 20));
  await retainRecords(some.deps);
  const endless = world(async () => 500);
  await retainRecords(endless.deps);
  expect([some.calls.length, endless.calls.length]).toEqual([3, 10]);
});

test("an outage is told and stops nothing", async () => {
  const { deps, log } = world(() => Promise.reject(new TransientError("commercetools did not answer")));
  await retainRecords(deps);
  expect(log).toEqual(["journal-not-pruned", "run-history-pruned"]);
});

test("past runs of each flow end after 30 days, or with the 10,000 of the flow that came after, piece by piece", async () => {
  const some = world(
    async () => 0,
    async () => (some.runs.length < 3 ? 500 : 20),
  );
  await retainRecords(some.deps);
  const asked = (flow: string) => [flow, { before: "2026-10-03T10:00:00.000Z", most: 10_000 }, 500];
  expect(some.runs).toEqual([
    ...["order-export", "order-export", "order-export", "order-sweep", "stock-sync", "price-sync"].map(asked),
    ...["status-sync", "customer-sync"].map(asked),
  ]);
  const endless = world(
    async () => 0,
    async () => 500,
  );
  await retainRecords(endless.deps);
  expect(endless.runs).toHaveLength(60);
});
