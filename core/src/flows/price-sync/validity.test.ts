import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDateOf } from "../../domain/local-date.ts";
import { covers, endOfDay, overlap, segments, startOfDay } from "./validity.ts";

const iso = (at: number) => new Date(at).toISOString();

describe("a day begins", () => {
  test.each([
    // Berlin: winter, summer, and the two days on which the clock changes.
    ["2026-01-15", "Europe/Berlin", "2026-01-14T23:00:00.000Z"],
    ["2026-07-15", "Europe/Berlin", "2026-07-14T22:00:00.000Z"],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
    ["2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
    ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z"],
    ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
    ["2026-06-01", "UTC", "2026-06-01T00:00:00.000Z"],
    ["2026-06-01", "America/New_York", "2026-06-01T04:00:00.000Z"],
    ["2026-06-01", "Asia/Kolkata", "2026-05-31T18:30:00.000Z"],
    ["2026-06-01", "Asia/Kathmandu", "2026-05-31T18:15:00.000Z"],
    ["2026-06-01", "Pacific/Kiritimati", "2026-05-31T10:00:00.000Z"],
    ["2026-06-01", "Etc/GMT+12", "2026-06-01T12:00:00.000Z"],
    // The clock skips midnight: the day begins at 01:00.
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
    // 01:00 goes back to 00:00: the day begins with the first of the two midnights.
    ["2026-11-01", "America/Havana", "2026-11-01T04:00:00.000Z"],
    // A day that a country left out does not exist; what follows begins where it would have.
    ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"],
  ])("%s in %s at %s", (date, zone, instant) => {
    expect(iso(startOfDay(date, zone))).toBe(instant);
  });

  test("and ends where the next one begins: 23 and 25 hours in Berlin", () => {
    const hours = (date: string) => (endOfDay(date, "Europe/Berlin") - startOfDay(date, "Europe/Berlin")) / 3_600_000;
    expect(["2026-03-28", "2026-03-29", "2026-10-25", "2026-12-31"].map(hours)).toEqual([24, 23, 25, 24]);
    expect(iso(endOfDay("2026-12-31", "Europe/Berlin"))).toBe("2026-12-31T23:00:00.000Z");
    expect(iso(endOfDay("2028-02-28", "UTC"))).toBe("2028-02-29T00:00:00.000Z");
  });

  test("it is the first instant of its date, in every zone and year", () => {
    const zones = [
      "Europe/Berlin",
      "America/St_Johns",
      "Australia/Lord_Howe",
      "Africa/Cairo",
      "Asia/Tehran",
      "America/Santiago",
    ];
    const days = fc.integer({ min: Date.UTC(1975, 0, 1) / 86_400_000, max: Date.UTC(2090, 0, 1) / 86_400_000 });
    fc.assert(
      fc.property(days, fc.constantFrom(...zones), (day, zone) => {
        const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
        const at = startOfDay(date, zone);
        expect(localDateOf(at, zone)).toBe(date);
        expect(localDateOf(at - 1000, zone) < date).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("an unknown zone is refused", () => {
    expect(() => startOfDay("2026-01-01", "Europe/Nowhere")).toThrow(RangeError);
  });
});

test.each([
  [{ from: 1, until: 3 }, 0, false],
  [{ from: 1, until: 3 }, 1, true],
  [{ from: 1, until: 3 }, 3, false],
  [{ from: undefined, until: 3 }, -9, true],
  [{ from: 1, until: undefined }, 99, true],
])("%j covers %i: %s", (interval, at, expected) => {
  expect(covers(interval, at)).toBe(expected);
});

test.each([
  [{ from: 1, until: 3 }, { from: 3, until: 5 }, false],
  [{ from: 1, until: 4 }, { from: 3, until: 5 }, true],
  [{ from: undefined, until: undefined }, { from: 3, until: 5 }, true],
  [{ from: undefined, until: 3 }, { from: 3, until: undefined }, false],
])("%j and %j overlap: %s", (a, b, expected) => {
  expect([overlap(a, b), overlap(b, a)]).toEqual([expected, expected]);
});

describe("segments", () => {
  const named = (name: string, from: number | undefined, until: number | undefined) => ({ name, from, until });
  const cut = (...rows: ReturnType<typeof named>[]) =>
    segments(rows).map(({ row, from, until }) => [row.name, from, until]);

  test.each<[string, ReturnType<typeof named>[], unknown]>([
    ["nothing", [], []],
    ["one without bounds", [named("a", undefined, undefined)], [["a", undefined, undefined]]],
    [
      "a later open row ends an earlier one",
      [named("a", 1, undefined), named("b", 5, undefined)],
      [
        ["a", 1, 5],
        ["b", 5, undefined],
      ],
    ],
    [
      "whatever their order",
      [named("b", 5, undefined), named("a", 1, undefined)],
      [
        ["a", 1, 5],
        ["b", 5, undefined],
      ],
    ],
    [
      "a short row within a long one; the long one comes back",
      [named("a", 1, 9), named("b", 3, 5)],
      [
        ["a", 1, 3],
        ["b", 3, 5],
        ["a", 5, 9],
      ],
    ],
    [
      "a gap stays a gap",
      [named("a", 1, 3), named("b", 5, 7)],
      [
        ["a", 1, 3],
        ["b", 5, 7],
      ],
    ],
    [
      "neighbours",
      [named("a", 1, 3), named("b", 3, 7)],
      [
        ["a", 1, 3],
        ["b", 3, 7],
      ],
    ],
    [
      "a fallback below a season",
      [named("a", undefined, undefined), named("b", 3, 5)],
      [
        ["a", undefined, 3],
        ["b", 3, 5],
        ["a", 5, undefined],
      ],
    ],
  ])("%s", (_name, rows, expected) => {
    expect(cut(...rows)).toEqual(expected);
  });

  test("at every moment the row that began last counts, and segments never overlap", () => {
    const bound = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
    const row = fc
      .record({ from: bound, until: bound })
      .filter(({ from, until }) => from === undefined || until === undefined || from < until);
    // Rows of one part differ in their first day: it is part of IFS's key.
    const rows = fc.uniqueArray(row, { maxLength: 6, selector: ({ from }) => from });
    fc.assert(
      fc.property(rows, (list) => {
        const cuts = segments(list);
        for (let at = -1; at <= 21; at += 1) {
          const valid = list.filter((entry) => covers(entry, at)).sort((a, b) => (b.from ?? -1e9) - (a.from ?? -1e9));
          expect(cuts.filter((entry) => covers(entry, at)).map(({ row: counted }) => counted)).toEqual(
            valid.slice(0, 1),
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
