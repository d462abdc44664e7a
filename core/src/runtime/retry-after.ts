/**
 * Milliseconds from a Retry-After header in seconds or as an HTTP date; undefined where it is absent or unreadable. `now` in
 * milliseconds since the epoch.
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
