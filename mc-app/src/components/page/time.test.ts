import { expect, it } from "vitest";
import { earliest, secondsSince, toAge } from "./time.ts";

it.each([
  [-3, { value: 0, unit: "second" }],
  [59.9, { value: 59, unit: "second" }],
  [60, { value: 1, unit: "minute" }],
  [3_599, { value: 59, unit: "minute" }],
  [3_600, { value: 1, unit: "hour" }],
  [48 * 3_600 - 1, { value: 47, unit: "hour" }],
  [48 * 3_600, { value: 2, unit: "day" }],
])("%s seconds", (seconds, age) => {
  expect(toAge(seconds)).toEqual(age);
});

it("counts seconds from a moment in any offset", () => {
  expect(secondsSince("2026-03-03T10:29:00+01:00", Date.parse("2026-03-03T09:30:00Z"))).toBe(60);
});

it("finds the earliest by time, not by spelling", () => {
  expect([earliest(["2026-03-03T09:30:00Z", "2026-03-03T10:00:00+01:00"]), earliest([])]).toEqual([
    "2026-03-03T10:00:00+01:00",
    undefined,
  ]);
});
