/** A scheduled run over one site: what changed, the full run where one is due, the zeros, and what the next run has to know. */
import type { PartNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { reportDemandSight, watchDemandOfSite } from "./demand-sight.ts";
import { reportDifferences } from "./direction.ts";
import { formulaOf } from "./formula.ts";
import { type FullRunAsked, fullRunOf, runFull } from "./full-run.ts";
import { type HeldOfSite, heldOfKind, openHeld } from "./held.ts";
import { holdKinds } from "./hold-kinds.ts";
import { forgetNamedWrites } from "./named-writes.ts";
import { LIST_CAP, type SiteState } from "./parse.ts";
import { partNosOf, resolveParts } from "./reads.ts";
import { releaseFor } from "./release.ts";
import { syncParts } from "./shared.ts";
import type { ShownEntries } from "./shown-entries.ts";
import type { SiteRun } from "./site-run.ts";
import { witnessesOf } from "./state.ts";
import { isSightLost, reportSightLost } from "./stock-sight.ts";
import { sum } from "./sum.ts";
import { releasedEnded, reportReleased, reportUnmapped } from "./unmapped.ts";
import { unreadableParts } from "./unreadable.ts";
import { reportUnreadable } from "./unreadable-report.ts";
import { type Settled, settleScheduled } from "./zeros.ts";

export type ScheduledOptions = Pick<FullRunAsked, "now"> & {
  readonly mode: "delta" | "full";
  readonly budgetMs: number;
};

export async function syncScheduled(
  run: SiteRun,
  options: ScheduledOptions,
): Promise<RunSummary & { readonly fullFinished: boolean }> {
  const { deps, contract, before } = run;
  const stopAt = deps.clock.monotonic() + options.budgetMs;
  const [changed, demandParts] = await Promise.all([
    deps.changedParts(contract),
    deps.stock.partsWithOpenDemand(contract),
  ]);
  await watchDemandOfSite(run, demandParts);
  const held = await openHeld(deps.cursors, run.site.site);
  const released = await releasedEnded(run, held.before);
  const notBefore = await releasedUnlisted(run, held.before);
  // More than are listed: only a full run finds all of them.
  const mode = released?.more || notBefore !== undefined ? "full" : options.mode;
  const full = fullRunOf(run, { now: options.now, mode: modeOf(changed.keys, mode), notBefore });

  // The very first run reads every part anyway.
  const first = before.fullFinishedAt === undefined && before.full === undefined;
  const moved = typeof changed.keys === "string" ? [] : changed.keys;
  const working = first ? [] : await workingSet(run, [...moved, ...demandParts]);
  const changesOnly = { withholdZeros: true, counts: false, journal: "edits" } as const;
  const results = [await syncParts(run, working, { ...changesOnly, together: true })];
  let state: SiteState = { ...before, full, formula: formulaOf(deps.config, run.site), demandParts };
  let shown: ShownEntries | undefined;
  if (full) {
    const stop = () => deps.clock.monotonic() > stopAt;
    const pass = await runFull(run, { ...state, full }, stop);
    ({ state, shown } = pass);
    results.push(pass.summary);
  }
  const finished = full !== undefined && state.full === undefined;
  const zeros = await settleScheduled(run, { held: held.before, full, finished });
  if (await isSightLost(run)) {
    // Nothing is concluded from what was not shown: the same changes, and a full run that is due, come again.
    const sight = await reportSightLost(run);
    return { ...sum([...results, zeros, sight, await reportUnreadable(run)]), fullFinished: false };
  }
  const ended = finished
    ? await reportUnmapped(run, { shown, already: full.written.zeros })
    : released && !released.more
      ? await reportReleased(run, released)
      : undefined;
  if (ended) results.push(ended);
  if (finished) results.push(await reportDifferences(run));
  results.push(await reportUnreadable(run));
  const sight = await reportDemandSight(run, { whole: true });
  await run.save({ ...afterRun(run, state, zeros), caughtUpAt: options.now });
  const at = new Date(options.now).toISOString();
  const holds = [...zeros.holds, ...(ended?.held ? [ended.held] : [])];
  await held.save({ at, holds, knowsEnded: ended !== undefined });
  await forgetNamedWrites(deps.cursors, run.site.site, zeros.named);
  // Last: a run that dies before finds the same changes again.
  await changed.handled();
  return { ...sum([...results, zeros, sight]), fullFinished: finished };
}

/** Since when a released hold has had more parts than are listed: only a full run that began later finds all of them. */
async function releasedUnlisted({ deps, site }: SiteRun, held: HeldOfSite | undefined): Promise<number | undefined> {
  for (const kind of holdKinds) {
    const since = heldOfKind(held, kind)?.unlistedSince;
    // How many they are now is judged when they are planned anew.
    const wants = { site: site.site, kind, changes: 1, now: deps.clock.now() };
    if (since !== undefined && (await releaseFor(deps, wants))) return since;
  }
  return undefined;
}

/** Without memory of what was found before, parts that an unfinished full run has passed may have changed unseen. */
function modeOf(keys: readonly PartNo[] | "all" | "lost", asked: "delta" | "full"): FullRunAsked["mode"] {
  if (keys === "lost") return "fresh";
  return keys === "all" ? "full" : asked;
}

/** Parts whose availability may have changed although no stock row did: demand, orders, lots, and what the last run left. */
async function workingSet(run: SiteRun, given: readonly PartNo[]): Promise<PartNo[]> {
  const { before, localDate } = run;
  const orders = await run.orders.refresh();
  await resolveParts(run, orders);
  const inFlight = [...run.seen.partOf.values()].flatMap((part) => (part ? partNosOf([part]) : []));
  const expired = before.expiring.filter(({ date }) => date < localDate).map(({ partNo }) => partNo);
  const all = [...given, ...before.demandParts, ...before.inFlightParts, ...before.again, ...inFlight, ...expired];
  return [...new Set(all)];
}

/** Parts that are shared no more stay noted until there are too many: they cost a read, and nothing else. */
function sharedPartsOf({ knownShared }: SiteRun["seen"], { shared, sharedMany }: SiteState) {
  const all = [...new Set([...knownShared, ...shared])];
  return { shared: all.slice(0, LIST_CAP), sharedMany: sharedMany || all.length > LIST_CAP };
}

function afterRun({ seen, before, localDate, ordersGone }: SiteRun, state: SiteState, settled: Settled): SiteState {
  const lots = [...before.expiring.filter(({ date }) => date >= localDate), ...seen.expiring.values()];
  return {
    ...state,
    full: state.full && { ...state.full, ...settled.full },
    // A part that had demand stays under suspicion until demand is seen again.
    demandParts: seen.demandLost ? [...before.demandParts, ...state.demandParts] : state.demandParts,
    demandOrders: [...new Set([...seen.demandOrders, ...before.demandOrders])].slice(0, 5),
    inFlightParts: [...seen.inFlightParts, ...(ordersGone ? before.inFlightParts : [])],
    again: [...new Set([...settled.again, ...seen.again, ...unreadableParts(seen.unreadable)])],
    ...sharedPartsOf(seen, before),
    expiring: [...new Map(lots.map((lot) => [JSON.stringify([lot.partNo, lot.date]), lot])).values()],
    witnesses: witnessesOf([...seen.sighted].slice(0, 5), before.witnesses),
  };
}
