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

test("the day turns with the minute, in each zone by itself, and back", () => {
  const turn = Date.parse("2026-03-01T23:00:00Z");
  const told = (at: number) => [localDateOf(at, "Europe/Berlin"), localDateOf(at, "UTC")];
  for (const _ of [1, 2]) {
    expect(told(turn - 1)).toEqual(["2026-03-01", "2026-03-01"]);
    expect(told(turn)).toEqual(["2026-03-02", "2026-03-01"]);
    expect(told(turn + 3_600_000)).toEqual(["2026-03-02", "2026-03-02"]);
  }
});
