/** Zeros come last: only when their number is known can a run tell empty shelves from lost sight. */
import type { RunSummary } from "../../domain/run-summary.ts";
import { runDelta } from "../run-delta.ts";
import { partPages } from "./pages.ts";
import { heldZeros, sightLost, tooManyZeros } from "./plan.ts";
import { releaseFor } from "./release.ts";
import { stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";

/** Nothing was set to zero so far. Now that the number is known, the zeros are planned anew and written, or held. */
export async function settleZeros(run: SiteRun): Promise<RunSummary> {
  const { deps, site, before, seen } = run;
  const { stock } = deps.config;
  const wanted = [...seen.zeroing.values()];
  const skus = wanted.map(({ sku }) => sku);
  const count = {
    zeroing: wanted.length + (before.full?.zeroed ?? 0),
    entries: Math.max(before.entries, seen.entries + (before.full?.entries ?? 0), wanted.length),
  };
  const tooMany = tooManyZeros(count, stock);
  const release = tooMany
    ? await releaseFor(deps, { site: site.site, zeroing: count.zeroing, now: deps.clock.now() })
    : undefined;
  const held = tooMany && !release ? heldZeros(site.site, count, stock, skus) : undefined;
  const blind = sightLost(site.site, skus);
  const refused = held ?? ((await isBlind(run, count.entries)) ? blind : undefined);
  if (refused && wanted.length > 0) {
    for (const { partNo } of wanted) seen.again.add(partNo);
    run.counts.held += wanted.length;
    deps.logger.warn({ flow: "stock-sync", site: site.site, ...count, recordId: refused.recordId }, "zeros-held");
    await run.tracker.record(refused);
    return { processed: 0, changed: 0, failed: wanted.length, message: refused.rejection.message };
  }
  await release?.();
  run.tracker.seen(heldZeros(site.site, { zeroing: 0, entries: 1 }, stock, []).recordId);
  run.tracker.seen(blind.recordId);
  const parts = [...new Set(wanted.map(({ partNo }) => partNo))];
  // After pages of a full run, a zero may be a drift that no change announced.
  const options = {
    withholdZeros: false,
    counts: false,
    journal: seen.entries > 0 ? ("all" as const) : ("edits" as const),
  };
  const steps = stepsOf(run, partPages(run, parts), options);
  const { changed, failed, message } = await runDelta(steps, { concurrency: deps.writes });
  return { processed: 0, changed, failed, message };
}

/** In a site of some size, not a single row (empty ones stay behind) means lost sight rather than empty shelves. */
async function isBlind({ deps, contract, before, seen }: SiteRun, entries: number): Promise<boolean> {
  if (seen.zeroing.size === 0 || seen.sighted.size > 0 || entries < deps.config.stock.minEntriesForHold) return false;
  if (before.witnesses.length === 0) return true;
  return (await deps.stock.stockRows(contract, before.witnesses)).length === 0;
}
