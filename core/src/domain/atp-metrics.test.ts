import { expect, test } from "vitest";
import {
  addMetrics,
  addTime,
  atpMetricsSchema,
  emptyHistogram,
  newAtpMetrics,
  quantile,
  summaryOf,
  timeClasses,
} from "./atp-metrics.ts";

test("a quantile is the upper end of the class that it falls into", () => {
  const histogram = emptyHistogram();
  expect(quantile(histogram, 0.99)).toBeNull();
  for (let ms = 1; ms <= 100; ms += 1) addTime(histogram, ms);
  expect([0.5, 0.95, 0.99, 1].map((share) => quantile(histogram, share))).toEqual([50, 100, 100, 100]);
  addTime(histogram, 60_000);
  expect(quantile(histogram, 1)).toBeNull();
  expect(histogram).toHaveLength(timeClasses.length + 1);
});

test("what several replicas counted is added up, reasons that only one of them met included", () => {
  const [a, b] = [newAtpMetrics(), newAtpMetrics()];
  a.doors.extension.answers = 3;
  a.policyReasons.deadline = 2;
  addTime(a.doors.extension.total, 4);
  b.doors.extension.answers = 4;
  b.doors.question.answers = 1;
  b.policyReasons.breakerOpen = 1;
  b.policyReasons.deadline = 1;
  addTime(b.doors.extension.total, 400);
  const both = addMetrics(a, b);
  expect([both.doors.extension.answers, both.doors.question.answers]).toEqual([7, 1]);
  expect(both.policyReasons).toEqual({ deadline: 3, breakerOpen: 1 });
  expect(summaryOf(both).doors.extension).toMatchObject({ answers: 7, total: { p50Ms: 5, p99Ms: 500 } });
  expect(a.doors.extension.answers).toBe(3);
});

test("calls of the Extension are summed, and their moments are the latest of any replica", () => {
  const [a, b] = [newAtpMetrics(), newAtpMetrics()];
  a.extensionCalls = { refused: 2, refusedAt: 500, rightAt: 100 };
  b.extensionCalls = { refused: 3, refusedAt: 400, rightAt: 300 };
  expect(addMetrics(a, b).extensionCalls).toEqual({ refused: 5, refusedAt: 500, rightAt: 300 });
  expect(addMetrics(b, a).extensionCalls).toEqual({ refused: 5, refusedAt: 500, rightAt: 300 });
});

test("what an earlier release wrote is read: it told nothing of batches, nor of refused calls", () => {
  const { extensionCalls: _, doors, ...rest } = newAtpMetrics();
  const { extension, question } = doors;
  expect(atpMetricsSchema.parse({ ...rest, doors: { extension, question } })).toEqual(newAtpMetrics());
});
