import { expect, test } from "vitest";
import { type AtpMetrics, newAtpMetrics } from "../domain/atp-metrics.ts";
import type { Sku } from "../domain/ids.ts";
import { createAtpContext } from "../flows/atp-check/context.ts";
import type { AvailabilityDecision, LineDecision } from "../flows/atp-check/decide.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { createAtpMeter, readAtpMetrics } from "./atp-metrics.ts";

const line = (change: Partial<LineDecision> = {}): LineDecision => ({
  ref: "a",
  sku: "BOLT" as Sku,
  supplyChannel: "web",
  requested: 1,
  outcome: "confirm",
  source: "shop",
  available: 9,
  reason: "aboveThreshold",
  policy: null,
  passes: true,
  ...change,
});
const decision = (...lines: LineDecision[]): AvailabilityDecision => ({
  purpose: "order",
  accepted: lines.every(({ passes }) => passes),
  lines,
  corrections: [],
});
const asked = line({ source: "ifs", reason: "available" });
const refused = line({ source: "ifs", reason: "outOfStock", outcome: "refuse", passes: false });
const policy = line({ source: "policy", outcome: "unknown", reason: "deadline", policy: "open", available: null });
const time = { totalMs: 90, oursMs: 4, ctMs: 40, ifsMs: 46 };

function meter(start = "2026-11-02T10:59:30Z") {
  const timeline = virtualTime(Date.parse(start));
  const written: { replica: string; hour: string; metrics: AtpMetrics }[] = [];
  const pruned: string[] = [];
  const logged: { event: string; fields: object }[] = [];
  const log = (fields: object, event: string) => void logged.push({ event, fields });
  const knobs = { down: false };
  const context = createAtpContext({ clock: timeline.clock });
  const made = createAtpMeter({
    clock: timeline.clock,
    logger: { info: log, warn: log, error: log },
    store: {
      atpMetrics: {
        async write(replica, hour, metrics) {
          if (knobs.down) throw new Error("commercetools is down");
          written.push({ replica, hour, metrics });
        },
        async prune(hour) {
          pruned.push(hour);
          return 0;
        },
      },
    },
    context,
    replica: "r1",
  });
  return { ...made, timeline, written, pruned, logged, knobs, context };
}

test("each answer is counted at its door, with its parts, and told in a line of the log each minute", async () => {
  const { answered, timeline, written, logged, context } = meter();
  answered("extension", decision(line(), line()), { ...time, totalMs: 3, ctMs: 0, ifsMs: 0 });
  answered("extension", decision(line(), asked, refused), time);
  answered("extension", undefined, time);
  answered("question", decision(policy), time);
  context.counters.coalesced += 5;
  await timeline.run(60_000);
  const [first] = written;
  expect([first?.replica, first?.hour]).toEqual(["r1", "2026-11-02T11"]);
  expect(first?.metrics.doors.extension).toMatchObject({
    ...{ answers: 3, withoutIfs: 1, lines: 5, byShop: 3, byIfs: 2, refusedLines: 1, refused: 1, undecided: 1 },
  });
  expect(first?.metrics.doors.question).toMatchObject({ answers: 1, withoutIfs: 0, policyOpen: 1, policyClosed: 0 });
  expect(first?.metrics).toMatchObject({ policyReasons: { deadline: 1 }, coalesced: 5 });
  expect(logged).toEqual([
    {
      event: "atp-metrics",
      fields: expect.objectContaining({
        flow: "atp-check",
        breaker: "closed",
        extension: expect.objectContaining({
          total: { p50Ms: 100, p95Ms: 100, p99Ms: 100 },
          ours: { p50Ms: 5, p95Ms: 5, p99Ms: 5 },
          ifs: { p50Ms: 50, p95Ms: 50, p99Ms: 50 },
        }),
      }),
    },
  ]);
});

test("minutes of an hour add up, the next hour begins anew, and what is two days old goes", async () => {
  const { answered, timeline, written, pruned } = meter("2026-11-02T10:57:30Z");
  for (let minute = 0; minute < 3; minute += 1) {
    answered("extension", decision(line()), time);
    await timeline.run(60_000);
  }
  expect(written.map(({ hour, metrics }) => [hour, metrics.doors.extension.answers])).toEqual([
    ["2026-11-02T10", 1],
    ["2026-11-02T10", 2],
    ["2026-11-02T11", 1],
  ]);
  expect(pruned).toEqual(["2026-10-31T11"]);
});

test("while nobody asks nothing is written", async () => {
  const { answered, timeline, written } = meter();
  await timeline.run(600_000);
  answered("extension", decision(line()), time);
  await timeline.run(600_000);
  expect(written).toHaveLength(1);
});

test("a minute that could not be written is in the sums of the next", async () => {
  const { answered, timeline, written, knobs } = meter("2026-11-02T10:10:00Z");
  knobs.down = true;
  answered("extension", decision(line()), time);
  await timeline.run(60_000);
  knobs.down = false;
  answered("extension", decision(line()), time);
  await timeline.run(60_000);
  expect(written.map(({ metrics }) => metrics.doors.extension.answers)).toEqual([2]);
});

test("an ending process writes what it has not written yet", async () => {
  const { answered, flush, written } = meter();
  answered("extension", decision(line()), time);
  await flush();
  await flush();
  expect(written).toHaveLength(1);
});

test("a flood of refused calls is written once a minute, with the last right one, however long ago that was", async () => {
  const { called, answered, timeline, written, logged } = meter("2026-11-02T10:00:00Z");
  const rightAt = Date.parse("2026-11-02T10:00:00Z");
  called(true);
  answered("extension", decision(line()), time);
  await timeline.run(3 * 3_600_000);
  for (let nth = 0; nth < 500; nth += 1) called(false);
  await timeline.run(59_000);
  for (let nth = 0; nth < 500; nth += 1) called(false);
  await timeline.run(1000);
  const refusedAt = rightAt + 3 * 3_600_000 + 59_000;
  expect(written.map(({ hour, metrics }) => [hour, metrics.extensionCalls])).toEqual([
    ["2026-11-02T10", { refused: 0, refusedAt: 0, rightAt }],
    ["2026-11-02T13", { refused: 1000, refusedAt, rightAt }],
  ]);
  expect(logged.at(-1)).toMatchObject({ event: "atp-metrics", fields: { extensionCalls: { refused: 1000 } } });
});

test("hours are told over all replicas, with their sum", async () => {
  const metrics = newAtpMetrics();
  metrics.doors.extension.answers = 4;
  const asked: string[] = [];
  const since = async (hour: string) => {
    asked.push(hour);
    return [
      { hour: "2026-11-02T09", replicas: 1, metrics },
      { hour: "2026-11-02T10", replicas: 2, metrics },
    ];
  };
  const clock = { now: () => Date.parse("2026-11-02T10:30:00Z") };
  const told = await readAtpMetrics({ store: { atpMetrics: { since } }, clock }, 3);
  expect(asked).toEqual(["2026-11-02T08"]);
  expect(told.hours.map(({ hour, replicas, doors }) => [hour, replicas, doors.extension.answers])).toEqual([
    ["2026-11-02T09", 1, 4],
    ["2026-11-02T10", 2, 4],
  ]);
  expect(told.total.doors.extension.answers).toBe(8);
});
