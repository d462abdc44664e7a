/** Local dates of a price list -> instants, and overlapping rows -> one price at a time. Pure. */

import { localDateOf } from "../../domain/local-date.ts";

const DAY_MS = 86_400_000;
/**
 * The first instant of a local day, in epoch milliseconds. Days that begin at 01:00 because the clock skips midnight, and
 * days of 23 or 25 hours, come out right: the instant is found by asking which local date it has.
 */
export function startOfDay(date: string, timeZone: string): number {
  const noonUtc = Date.parse(`${date}T12:00:00Z`);
  // Zones lie between -12 and +14 hours, so the day begins within these bounds; whole seconds are fine enough.
  let before = Math.floor((noonUtc - 27 * 3_600_000) / 1000);
  let within = Math.floor((noonUtc + 3_600_000) / 1000);
  while (localDateOf(within * 1000, timeZone) < date) within += 3600;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (localDateOf(middle * 1000, timeZone) < date) before = middle;
    else within = middle;
  }
  return within * 1000;
}

/** The first instant after a local day: `validTo` is inclusive in IFS and exclusive in commercetools. */
export function endOfDay(date: string, timeZone: string): number {
  const next = new Date(Date.parse(`${date}T12:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return startOfDay(next, timeZone);
}

/** Half-open; undefined means unbounded. Epoch milliseconds. */
export type Interval = { readonly from: number | undefined; readonly until: number | undefined };

export const covers = ({ from, until }: Interval, at: number): boolean =>
  (from === undefined || from <= at) && (until === undefined || at < until);

export const overlap = (a: Interval, b: Interval): boolean =>
  (a.from ?? -Infinity) < (b.until ?? Infinity) && (b.from ?? -Infinity) < (a.until ?? Infinity);

/**
 * IFS lets validities overlap and takes the row that began last; commercetools wants one price at a time. Cuts the rows
 * into consecutive segments, each with the row that counts there; a row may come back after a shorter one has ended.
 */
export function segments<T extends Interval>(rows: readonly T[]): (Interval & { readonly row: T })[] {
  const edges = new Set<number>();
  for (const { from, until } of rows) {
    edges.add(from ?? -Infinity);
    edges.add(until ?? Infinity);
  }
  const points = [...edges].sort((a, b) => a - b);
  const found: { from: number; until: number; row: T }[] = [];
  for (const [index, from] of points.entries()) {
    const until = points[index + 1];
    if (until === undefined) break;
    const row = rows
      .filter((candidate) => (candidate.from ?? -Infinity) <= from && from < (candidate.until ?? Infinity))
      .reduce<T | undefined>((best, candidate) => (best && startsLater(best, candidate) ? best : candidate), undefined);
    const last = found.at(-1);
    if (row === undefined) continue;
    if (last && last.row === row && last.until === from) last.until = until;
    else found.push({ from, until, row });
  }
  return found.map(({ from, until, row }) => ({
    row,
    from: from === -Infinity ? undefined : from,
    until: until === Infinity ? undefined : until,
  }));
}

/** The row that counts for each quantity, from one piece upwards, during an interval. */
export type Ladder<T> = Interval & { readonly rows: readonly T[] };

/**
 * Cuts the rows of all quantities into intervals in which the same rows count: tiers have validities of their own in IFS and
 * belong to one price in commercetools. `levelOf` is the quantity from which a row counts. Intervals without a row for one
 * piece are included; the caller decides what they mean.
 */
export function ladders<T extends Interval>(rows: readonly T[], levelOf: (row: T) => number): Ladder<T>[] {
  const levels = [...Map.groupBy(rows, levelOf)].sort(([a], [b]) => a - b).map(([, own]) => segments(own));
  const edges = new Set<number>();
  for (const { from, until } of levels.flat()) {
    edges.add(from ?? -Infinity);
    edges.add(until ?? Infinity);
  }
  const points = [...edges].sort((a, b) => a - b);
  const found: { from: number; until: number; rows: T[] }[] = [];
  for (const [index, from] of points.entries()) {
    const until = points[index + 1];
    if (until === undefined) break;
    const counting = levels.flatMap((level) => level.filter((segment) => covers(segment, from)).map(({ row }) => row));
    const last = found.at(-1);
    if (counting.length === 0) continue;
    if (last && last.until === from && sameRows(last.rows, counting)) last.until = until;
    else found.push({ from, until, rows: counting });
  }
  return found.map(({ from, until, ...rest }) => ({
    ...rest,
    from: from === -Infinity ? undefined : from,
    until: until === Infinity ? undefined : until,
  }));
}

const sameRows = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((row, index) => row === b[index]);

const startsLater = (a: Interval, b: Interval): boolean => (a.from ?? -Infinity) > (b.from ?? -Infinity);
