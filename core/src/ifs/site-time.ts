/**
 * IFS's timestamps look like UTC and are not: the digits are those of the site's clock. This file is the only one that
 * turns one into the other. Times are seconds-precise, as IFS's are.
 */
import type { Site } from "../domain/config.ts";
import { localTimeOf } from "../domain/local-date.ts";

export type SiteTime = {
  /** "2026-03-01T08:00:00Z" as the site wrote it -> the instant in UTC, same form. A plain date stays what it is. */
  toUtc(contract: string, digits: string): string;
  /**
   * An instant in UTC -> the site's digits for a filter "at or after". In the hour before clocks go back, the digits of
   * later instants are lower; the answer is low enough to include them.
   */
  toDigitsFrom(contract: string, utc: string): string;
};

/** Digits of sites that the configuration does not name are taken as UTC. Throws a RangeError for an unknown zone. */
export function createSiteTime(sites: readonly Pick<Site, "site" | "timeZone">[]): SiteTime {
  const zones = new Map(sites.map(({ site, timeZone }) => [site, timeZone]));
  // A zone that there is not is found here, not with the first timestamp.
  for (const zone of zones.values()) localTimeOf(0, zone);
  const offsets = new Map<string, number>();
  /** Long lists have a timestamp in each row, and asking a calendar for the zone's offset is dear. */
  function offsetAt(zone: string, instant: number): number {
    const quarter = Math.floor(instant / QUARTER) * QUARTER;
    const key = `${zone} ${quarter}`;
    const known = offsets.get(key) ?? digitsOf(zone, quarter) - quarter;
    if (offsets.size >= MOST_OFFSETS) offsets.clear();
    offsets.set(key, known);
    return known;
  }
  const digitsAt = (contract: string, instant: number): number => {
    const zone = zones.get(contract);
    return zone === undefined ? instant : instant + offsetAt(zone, instant);
  };
  return {
    toUtc(contract, digits) {
      if (/^\d{4}-\d{2}-\d{2}$/.test(digits)) return digits;
      const wanted = parse(digits);
      // The earliest instant that shows these digits: in the repeated hour the first one, so that nothing later is missed.
      const around = [DAY, -DAY].map((shift) => digitsAt(contract, wanted + shift) - (wanted + shift));
      const candidates = around.map((offset) => wanted - offset).sort((a, b) => a - b);
      const exact = candidates.find((candidate) => digitsAt(contract, candidate) === wanted);
      // Digits in the hour that clocks skip exist on no clock; the later reading is as good as any.
      return format(exact ?? candidates[1] ?? wanted);
    },
    toDigitsFrom(contract, utc) {
      const from = parse(utc);
      const digits = digitsAt(contract, from);
      // An hour later the digits are an hour ahead, unless clocks go back in between.
      const back = Math.max(0, digits + HOUR - digitsAt(contract, from + HOUR));
      return format(digits - back);
    },
  };
}

/** No zone changes its clock but at a full quarter of an hour UTC. */
const QUARTER = 900_000;
const MOST_OFFSETS = 10_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const digitsOf = (timeZone: string, instant: number): number => Date.parse(`${localTimeOf(instant, timeZone)}Z`);

function parse(value: string): number {
  const instant = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`);
  if (Number.isNaN(instant)) throw new RangeError(`not a timestamp: "${value}"`);
  return instant;
}

const format = (instant: number): string =>
  new Date(Math.floor(instant / 1000) * 1000).toISOString().replace(".000Z", "Z");
