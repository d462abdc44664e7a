/**
 * Can the site's open demand still be seen? A lost grant answers an empty list, which reads like "nothing is sold any more" and
 * would raise the shop's stock. So where demand was known and none is shown, witnesses are asked before the silence is believed.
 */
import type { PartNo } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsOrderLine } from "../../domain/ifs-records.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { isRaise, type StockAction } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

const WITNESSES = 5;

/** `shown`: parts of the whole site that show open demand now. */
export async function watchDemandOfSite(run: SiteRun, shown: readonly PartNo[]): Promise<void> {
  if (shown.length > 0) {
    for (const partNo of shown) run.seen.demandParts.add(partNo);
    return;
  }
  if (run.before.demandParts.length > 0 || openPartsOf(run).size > 0) await askWitnesses(run, () => true);
}

/** `lines`: what was just read as the open demand of these parts. */
export async function watchDemandOfParts(
  run: SiteRun,
  partNos: readonly PartNo[],
  lines: readonly IfsDemandLine[],
): Promise<void> {
  for (const { orderNo } of lines) run.seen.demandOrders.add(orderNo);
  if (lines.length > 0) return;
  const known = new Set([...run.before.demandParts, ...run.seen.demandParts, ...openPartsOf(run)]);
  if (!partNos.some((partNo) => known.has(partNo))) return;
  const asked = new Set(partNos);
  await askWitnesses(run, (partNo) => asked.has(partNo));
}

/** Lines of orders that had open demand, read by their keys; failing those, any order line of the site. */
async function askWitnesses(run: SiteRun, asked: (partNo: PartNo) => boolean): Promise<void> {
  const { deps, contract, before, reported, seen } = run;
  if (seen.demandLost) return;
  const linked = [...reported]
    .filter(([, lines]) => lines.some((line) => isOpen(run, line)))
    .map(([orderNo]) => orderNo);
  const witnesses = [...before.demandOrders.slice(0, WITNESSES), ...linked.slice(0, WITNESSES)];
  const documents = witnesses.length > 0 ? await deps.documents([...new Set(witnesses)]) : [];
  const lines = documents.flatMap((document) => document.lines).filter((line) => line.contract === contract);
  const contradicted = lines.some((line) => isOpen(run, line) && line.partNo !== null && asked(line.partNo));
  seen.demandLost = contradicted || (lines.length === 0 && !(await deps.stock.orderLinesVisible(contract)));
}

const isOpen = ({ deps, contract }: SiteRun, line: IfsOrderLine): boolean =>
  line.contract === contract && line.partNo !== null && deps.config.stock.demandStates.includes(line.state);

const openPartsOf = (run: SiteRun): Set<PartNo> =>
  new Set([...run.reported.values()].flat().flatMap((line) => (isOpen(run, line) ? (line.partNo ?? []) : [])));

/** True for a change that would raise an entry by figures without demand; it waits for the next run. */
export function isHeldRaise({ seen, together }: SiteRun, action: StockAction): boolean {
  // Of a sum, it matters at each of its sites.
  const isLost =
    seen.demandLost || (action.desired.joint !== undefined && together.some((peer) => peer.seen.demandLost));
  if (!isLost || !isRaise(action)) return false;
  seen.again.add(action.desired.part.partNo);
  seen.heldRaises.add(action.desired.sku);
  return true;
}

/** At the end of a run: names a lost sight. `whole`: the run asked for the demand of the whole site, so that otherwise the exception closes. */
export async function reportDemandSight(
  { deps, site, seen, tracker, counts }: SiteRun,
  { whole }: { readonly whole: boolean },
): Promise<RunSummary> {
  const lost = demandLost(site.site, [...seen.heldRaises]);
  if (whole) tracker.seen(lost.recordId);
  if (!seen.demandLost) return { processed: 0, changed: 0, failed: 0 };
  counts.held += seen.heldRaises.size;
  const failed = Math.max(1, seen.heldRaises.size);
  seen.undone.waiting += failed;
  deps.logger.warn(
    { flow: "stock-sync", site: site.site, raises: seen.heldRaises.size, recordId: lost.recordId },
    "raises-held",
  );
  await tracker.record(lost);
  return { processed: 0, changed: 0, failed, message: lost.rejection.message };
}

export const demandLost = (site: string, skus: readonly string[]): RefusedRecord => ({
  recordType: "flow",
  recordId: `demand ${site}`,
  recordLabel: `open demand of site ${site}`,
  rejection: {
    code: "stockAnomaly",
    message: `IFS shows no open order lines of site ${site} where there were some, and no witness that they ended. No stock was raised; waiting: ${skus.slice(0, 10).join(", ") || "none"}.`,
    action: "Check that the service user may still read order lines of this site in IFS.",
    owner: "ifsAdministrator",
  },
});
