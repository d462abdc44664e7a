/** What a run tells of the parts that it could not ask IFS for. */
import type { RunSummary } from "../../domain/run-summary.ts";
import type { SiteRun } from "./site-run.ts";
import { countRefused } from "./undone.ts";
import { unreadableRecords } from "./unreadable.ts";

/** At the end of a run, and before its exceptions are settled. */
export async function reportUnreadable(run: SiteRun): Promise<RunSummary> {
  const records = unreadableRecords(run.contract, run.seen.unreadable);
  for (const record of records) {
    countRefused(run, record);
    await run.tracker.record(record);
  }
  run.counts.rejected += records.length;
  const { partNos, catalogNos } = run.seen.unreadable;
  const { logger } = run.deps;
  for (const [key, refusal] of [...partNos, ...catalogNos])
    logger.warn({ flow: "stock-sync", site: run.contract, key, refusal }, "part-not-readable");
  return { processed: 0, changed: 0, failed: records.length };
}
