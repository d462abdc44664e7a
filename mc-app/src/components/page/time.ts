export type Age = { value: number; unit: "second" | "minute" | "hour" | "day" };

/** The largest unit that still says something: 90 s is a minute, 47 h are hours, 49 h are days. Rounded down. */
export function toAge(seconds: number): Age {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return { value: whole, unit: "second" };
  if (whole < 3_600) return { value: Math.floor(whole / 60), unit: "minute" };
  if (whole < 48 * 3_600) return { value: Math.floor(whole / 3_600), unit: "hour" };
  return { value: Math.floor(whole / 86_400), unit: "day" };
}

/** Seconds from `iso` to `now` (milliseconds since the epoch). */
export function secondsSince(iso: string, now: number): number {
  return (now - Date.parse(iso)) / 1_000;
}

/** The earliest of some moments, undefined when there are none. */
export function earliest(moments: readonly string[]): string | undefined {
  return moments.reduce<string | undefined>(
    (first, moment) => (first === undefined || Date.parse(moment) < Date.parse(first) ? moment : first),
    undefined,
  );
}
