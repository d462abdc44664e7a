/** Formats are expensive to make; there are as many as the configuration names zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA-u-ca-iso8601-nu-latn", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  formats.set(timeZone, made);
  return made;
}

const partsOf = (epochMs: number, timeZone: string): ReadonlyMap<string, string> =>
  new Map(
    formatOf(timeZone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, value]),
  );

const MINUTE_MS = 60_000;
/** By zone, of the minute that was asked for last: a date changes at the turn of a minute, and is asked for with every figure. */
const dates = new Map<string, { readonly minute: number; readonly date: string }>();

/** The local date at an instant, `YYYY-MM-DD`. Throws a RangeError for an unknown time zone. */
export function localDateOf(epochMs: number, timeZone: string): string {
  const minute = Math.floor(epochMs / MINUTE_MS);
  const known = dates.get(timeZone);
  if (known?.minute === minute) return known.date;
  const parts = partsOf(epochMs, timeZone);
  const date = `${parts.get("year")?.padStart(4, "0")}-${parts.get("month")}-${parts.get("day")}`;
  dates.set(timeZone, { minute, date });
  return date;
}

/** Date and time of a clock in the zone, `YYYY-MM-DDTHH:MM:SS`. Throws a RangeError for an unknown time zone. */
export function localTimeOf(epochMs: number, timeZone: string): string {
  const parts = partsOf(epochMs, timeZone);
  return `${localDateOf(epochMs, timeZone)}T${parts.get("hour")}:${parts.get("minute")}:${parts.get("second")}`;
}

const DAY_MS = 86_400_000;

/** A local date (`YYYY-MM-DD`) moved by days, which may be negative. RangeError for a text that is no date. */
export const daysLater = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
