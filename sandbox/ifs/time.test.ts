import { describe, expect, test } from "vitest";
import { addDays, siteDate, siteTimestamp, siteToUtc, utcToSite } from "./time.ts";

describe("site time", () => {
  const at = (text: string) => Date.parse(text);

  test("shows the digits of the site's clock, in winter and in summer", () => {
    expect([
      siteTimestamp(at("2026-01-15T23:30:00Z"), "Europe/Berlin"),
      siteTimestamp(at("2026-07-15T22:30:00Z"), "Europe/Stockholm"),
      siteTimestamp(at("2026-07-15T22:30:00Z"), "America/New_York"),
      siteDate(at("2026-07-15T22:30:00Z"), "Europe/Berlin"),
    ]).toEqual(["2026-01-16T00:30:00Z", "2026-07-16T00:30:00Z", "2026-07-15T18:30:00Z", "2026-07-16"]);
  });

  test("goes to UTC and back across both changes of the clocks", () => {
    const digits = [
      "2026-03-29T01:59:59Z",
      "2026-03-29T03:00:00Z",
      "2026-10-25T01:59:59Z",
      "2026-10-25T03:00:00Z",
      "2026-07-01T00:00:00Z",
    ];
    expect(digits.map((text) => siteToUtc(text, "Europe/Berlin"))).toEqual([
      "2026-03-29T00:59:59Z",
      "2026-03-29T01:00:00Z",
      "2026-10-24T23:59:59Z",
      "2026-10-25T02:00:00Z",
      "2026-06-30T22:00:00Z",
    ]);
    expect(digits.map((text) => utcToSite(siteToUtc(text, "Europe/Berlin"), "Europe/Berlin"))).toEqual(digits);
  });

  test("adds days over months and leap years", () => {
    expect([addDays("2028-02-28", 1), addDays("2026-12-31T10:00:00Z", 1), addDays("2026-03-01", -1)]).toEqual([
      "2028-02-29",
      "2027-01-01",
      "2026-02-28",
    ]);
  });
});
