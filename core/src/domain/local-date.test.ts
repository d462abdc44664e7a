import { expect, test } from "vitest";
import { localDateOf } from "./local-date.ts";

test("the day is the zone's own", () => {
  const moment = Date.parse("2026-07-31T22:30:00Z");
  expect(["Europe/Berlin", "America/New_York", "UTC"].map((zone) => localDateOf(moment, zone))).toEqual([
    "2026-08-01",
    "2026-07-31",
    "2026-07-31",
  ]);
});

test("an unknown zone is a RangeError", () => {
  expect(() => localDateOf(0, "Europe/Nowhere")).toThrow(RangeError);
});
