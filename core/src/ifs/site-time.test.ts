import { expect, test } from "vitest";
import { createSiteTime } from "./site-time.ts";

const time = createSiteTime([
  { site: "B", timeZone: "Europe/Berlin" },
  { site: "N", timeZone: "America/New_York" },
]);

test.each([
  ["B", "2026-01-15T10:00:00Z", "2026-01-15T09:00:00Z"],
  ["B", "2026-07-15T10:00:00Z", "2026-07-15T08:00:00Z"],
  ["B", "2026-07-15T10:00:00", "2026-07-15T08:00:00Z"],
  ["N", "2026-01-15T10:00:00Z", "2026-01-15T15:00:00Z"],
  ["X", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z"],
  ["B", "2026-01-15", "2026-01-15"],
  // Clocks go back at 03:00 summer time: 02:30 happens twice, the first reading counts.
  ["B", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"],
  ["B", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"],
  // Clocks go forward at 02:00: 02:30 does not happen.
  ["B", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"],
  ["B", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"],
])("site %s wrote %s, which is %s", (site, digits, utc) => {
  expect(time.toUtc(site, digits)).toBe(utc);
});

test.each([
  ["B", "2026-01-15T09:00:00Z", "2026-01-15T10:00:00Z"],
  ["B", "2026-01-15T09:00:00.750Z", "2026-01-15T10:00:00Z"],
  ["N", "2026-07-15T10:00:00Z", "2026-07-15T06:00:00Z"],
  // 02:50 before clocks go back: rows written later may carry 02:00, so the filter starts an hour lower.
  ["B", "2026-10-25T00:50:00Z", "2026-10-25T01:50:00Z"],
  ["B", "2026-10-25T01:10:00Z", "2026-10-25T02:10:00Z"],
  ["B", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"],
])("at site %s, %s and later is filtered from %s", (site, utc, digits) => {
  expect(time.toDigitsFrom(site, utc)).toBe(digits);
});

test("every instant of the night clocks go back is found again", () => {
  const start = Date.parse("2026-10-24T23:00:00Z");
  const minutes = Array.from({ length: 240 }, (_, index) =>
    new Date(start + index * 60_000).toISOString().replace(".000", ""),
  );
  const digits = (utc: string) => {
    // What the site writes at that instant, by its offset.
    const offset = utc < "2026-10-25T01:00:00Z" ? 2 : 1;
    return new Date(Date.parse(utc) + offset * 3_600_000).toISOString().replace(".000", "");
  };
  const missed = minutes.flatMap((since, index) =>
    minutes.slice(index).filter((written) => digits(written) < time.toDigitsFrom("B", since)),
  );
  expect(missed).toEqual([]);
});

test("nonsense is refused", () => {
  expect(() => time.toUtc("B", "yesterday")).toThrow(RangeError);
  expect(() => createSiteTime([{ site: "B", timeZone: "Mars/Base" }])).toThrow(RangeError);
});
