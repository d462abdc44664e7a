/**
 * Can the site still be seen? A lost grant answers empty lists without an error, and a run that finds nothing to do would pass for
 * a good one. So where nothing of a site was shown in a run, witnesses are asked before the silence is believed.
 */
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { countUnbelieved } from "./blind-lists.ts";
import { LIST_CAP } from "./parse.ts";
import { sightRecord } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

/** True where IFS shows no stock row and no sales part of a site that sells: asked once, and only where the run saw nothing. */
export async function isSightLost(run: SiteRun): Promise<boolean> {
  const { deps, contract, before, seen } = run;
  if (isTooMuchUnbelieved(run)) return true;
  if (seen.sighted.size > 0) return false;
  if (before.witnesses.length > 0 && (await deps.stock.stockRows(contract, before.witnesses)).length > 0) return false;
  return (await deps.parts.pageSalesParts(contract, undefined, 1)).length === 0;
}

/** More parts than the next run could be told of: it has to find all of them itself. */
const isTooMuchUnbelieved = (run: SiteRun): boolean => countUnbelieved(run) > LIST_CAP;

/** At the end of a run over the whole site. */
export async function reportSightLost(run: SiteRun): Promise<RunSummary> {
  const { deps, site, tracker } = run;
  // Told already, with their SKUs.
  if (isTooMuchUnbelieved(run)) return { processed: 0, changed: 0, failed: 0 };
  const lost = siteHidden(site.site);
  deps.logger.warn({ flow: "stock-sync", site: site.site, recordId: lost.recordId }, "site-not-shown");
  await tracker.record(lost);
  return { processed: 0, changed: 0, failed: 1, message: lost.rejection.message };
}

export const siteHidden = (site: string): RefusedRecord => ({
  ...sightRecord(site),
  rejection: {
    code: "stockAnomaly",
    message: `IFS shows neither a sales part nor a stock row of site ${site}. Lists of a site that is not granted are empty, without an error. The shop's stock of this site stays as it is.`,
    action: `Add site ${site} to the user-allowed sites of the service user in IFS, or correct the site under \`sites\`. The next run goes on by itself.`,
    owner: "ifsAdministrator",
  },
});
