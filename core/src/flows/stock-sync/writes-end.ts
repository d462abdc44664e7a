/**
 * The end of a run's writes. Its time is looked at between pages; where the platform crawls, the writes of a single page could outlast the
 * job all the same. So each write is begun before an end of its own, and what is left then belongs to the next run.
 */
import type { PartNo } from "../../domain/ids.ts";
import type { PassOptions } from "./site.ts";
import type { SiteRun, WritesEnd } from "./site-run.ts";

/** Beyond the run's time. With what is read, saved and reported they leave the job some minutes of its thirty. */
const PAGES_MS = 5 * 60_000;
const REST_MS = 10 * 60_000;
/** Every pass has so long from its first write on, so that each run gets on, however long its reads take. */
const LEAST_MS = 60_000;

/** `timeMs`: the run's time. */
export function writesEndOf(now: number, timeMs: number): WritesEnd {
  const endsAt = now + Math.max(0, timeMs);
  return { pages: endsAt + PAGES_MS, rest: endsAt + REST_MS };
}

/** Is it too late to begin a write of this pass? Asked for the first time before its first write. */
export function endOfWrites(
  { deps: { clock }, writesEndAt }: Pick<SiteRun, "deps" | "writesEndAt">,
  { withholdZeros }: Pick<PassOptions, "withholdZeros">,
): () => boolean {
  const endsAt = withholdZeros ? writesEndAt.pages : writesEndAt.rest;
  let begunAt: number | undefined;
  return () => {
    const now = clock.monotonic();
    begunAt ??= now;
    return now > Math.max(endsAt, begunAt + LEAST_MS);
  };
}

/** What a pass did not come to its end with, because its time was over: for the next run. */
export function leaveParts({ seen }: Pick<SiteRun, "seen">, partNos: readonly PartNo[]): void {
  for (const partNo of partNos) seen.again.add(partNo);
  seen.cutShort = true;
}
