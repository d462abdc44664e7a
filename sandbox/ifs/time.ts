/**
 * Timestamps are stored as the digits that a clock on the wall of the site shows, followed by `Z`, because that is what the
 * OData provider hands out unless a caller asks for time-zone-aware values.
 */

type Parts = { year: number; month: number; day: number; hour: number; minute: number; second: number };

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

function partsIn(zone: string, ms: number): Parts {
  const parts: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(ms)) {
    if (part.type !== "literal") parts[part.type] = Number(part.value);
  }
  const of = (name: keyof Parts) => parts[name] ?? 0;
  return {
    year: of("year"),
    month: of("month"),
    day: of("day"),
    hour: of("hour"),
    minute: of("minute"),
    second: of("second"),
  };
}

function asIfUtc(parts: Parts): number {
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

const QUARTER_HOUR = 900_000;

/** Zones change their offset on quarters of an hour only, so one answer per quarter is enough. */
const offsets = new Map<string, { quarter: number; offset: number }>();

function offsetAt(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_HOUR);
  const known = offsets.get(zone);
  if (known?.quarter === quarter) return known.offset;
  const start = quarter * QUARTER_HOUR;
  const offset = asIfUtc(partsIn(zone, start)) - start;
  offsets.set(zone, { quarter, offset });
  return offset;
}

/** Milliseconds since the epoch -> `yyyy-MM-ddTHH:mm:ssZ` with the digits of that zone. */
export function siteTimestamp(ms: number, zone: string): string {
  return utcTimestamp(ms + offsetAt(ms, zone));
}

/** Milliseconds since the epoch -> `yyyy-MM-dd` on the calendar of that zone. */
export function siteDate(ms: number, zone: string): string {
  return siteTimestamp(ms, zone).slice(0, 10);
}

export function utcTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Digits of a zone -> real UTC digits. A time that the clocks skip is read with the offset before the change. */
export function siteToUtc(digits: string, zone: string): string {
  const wanted = Date.parse(digits);
  const first = wanted - offsetAt(wanted, zone);
  return utcTimestamp(wanted - offsetAt(first, zone));
}

/** Real UTC digits -> digits of a zone. */
export function utcToSite(digits: string, zone: string): string {
  return siteTimestamp(Date.parse(digits), zone);
}

/** Local midnight of a day that lies `days` after the given day. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
