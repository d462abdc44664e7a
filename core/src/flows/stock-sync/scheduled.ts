/** A scheduled run over one site: what changed, the full run where one is due, the zeros, and what the next run has to know. */
import type { PartNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { reportBelowZero } from "./below-zero.ts";
import { type ListedChanges, listChanges, mostByNumber } from "./changes.ts";
import { reportUnjournaled } from "./corrections.ts";
import { reportDemandSight, watchDemandOfSite } from "./demand-sight.ts";
import { reportDifferences } from "./direction.ts";
import { lookForEdits } from "./edits.ts";
import { formulaOf } from "./formula.ts";
import { type FullRunAsked, fullRunOf, runFull } from "./full-run.ts";
import { type HeldOfSite, type Hold, heldOfKind, openHeld, unseenOf } from "./held.ts";
import { holdKinds } from "./hold-kinds.ts";
import { reportUnseenPeers } from "./joint-report.ts";
import { reportBackOrders } from "./left-over.ts";
import { forgetNamedWrites } from "./named-writes.ts";
import { queueOf } from "./pages.ts";
import { type FullRunState, LIST_CAP, type SiteState } from "./parse.ts";
import { partNosOf, resolveParts } from "./reads.ts";
import { releaseFor } from "./release.ts";
import { syncParts } from "./shared.ts";
import type { ShownEntries } from "./shown-entries.ts";
import type { SiteRun } from "./site-run.ts";
import { witnessesOf } from "./state.ts";
import { isSightLost, reportSightLost } from "./stock-sight.ts";
import { sum } from "./sum.ts";
import { releasedEnded, reportLeft, reportReleased, reportUnmapped, type Unmapped } from "./unmapped.ts";
import { unreadableParts } from "./unreadable.ts";
import { reportUnreadable } from "./unreadable-report.ts";
import { type Settled, settleScheduled } from "./zeros.ts";

export type ScheduledOptions = Pick<FullRunAsked, "now"> & {
  readonly mode: "delta" | "full";
  readonly budgetMs: number;
};

export async function syncScheduled(run: SiteRun, options: ScheduledOptions): Promise<ScheduledResult> {
  const changes = listChanges(run);
  try {
    return await syncListed(run, changes, options);
  } finally {
    await changes.settled();
  }
}

type ScheduledResult = RunSummary & { readonly fullFinished: boolean };

async function syncListed(run: SiteRun, changes: ListedChanges, options: ScheduledOptions): Promise<ScheduledResult> {
  const { deps, before } = run;
  const begunAt = deps.clock.monotonic();
  const within = (part: number) => () => deps.clock.monotonic() > begunAt + options.budgetMs * part;
  const { demandParts, edits, held, released, fullOf, others } = await workOf(run, changes, options);
  const named = await syncNamed(run, changes, { others, stop: () => within(fullOf() ? 0.5 : 1)() });
  const [changed, full, many] = [await changes.whole(), fullOf(), changes.many() || edits.many];
  run.seen.announced = announcedTo(run, changes, full);
  const fullDue = isFullDue(before, full, many || named.left.length > LIST_CAP);
  const results: RunSummary[] = [named];
  let state: SiteState = {
    ...before,
    full,
    fullDue,
    loading: [...run.loading],
    formula: formulaOf(deps.config, run.site),
    demandParts,
  };
  let shown: ShownEntries | undefined;
  if (full) {
    // What waits for another site is looked at again; so nothing is passed that could not be judged.
    const stop = () => within(1)() || run.seen.unseenPeers.size > 0;
    const pass = await runFull(run, { ...state, full }, { stop, left: named.left });
    ({ state, shown } = pass);
    results.push(pass.summary);
  }
  const finished = full !== undefined && state.full === undefined;
  const settled = await settleScheduled(run, { held: held.before, full, finished });
  results.push(settled);
  const lost = await lostSight(run);
  const at = new Date(options.now).toISOString();
  const unseen = unseenAfter(run, held.before, !lost && named.left.length === 0);
  // Nothing is concluded from what was not shown: the same changes, and a full run that is due, come again.
  if (lost) {
    await held.save({ ...held.before, at, unseen, knowsEnded: true });
    return { ...sum([...results, ...lost, await reportUnreadable(run)]), fullFinished: false };
  }
  const already = full?.written.zeros ?? 0;
  const ended = await settleEnded(run, { shown, released, finished, already, stop: within(1) });
  const endedLeft = [...(ended?.left ?? [])];
  if (ended) results.push(ended);
  if (finished) {
    results.push(await reportDifferences(run));
    await reportBackOrders(run);
  }
  results.push(await reportUnjournaled(run));
  const belowZero = await reportBelowZero(run, { whole: finished && full !== before.full });
  results.push(await reportUnreadable(run), await reportDemandSight(run, { whole: true }));
  const done = endedLeft.length === 0 && !run.seen.cutShort;
  const complete = !many && named.left.length === 0 && done && !fullDue;
  const after = afterRun(run, state, { settled, left: named.left });
  await run.save({
    ...after,
    ...belowZero,
    ...{ endedLeft, fullDue: state.fullDue || isTooMuchLeft(run, { ...after, endedLeft }) },
    ...caughtUp(run, { full, finished, complete, done, now: options.now }),
  });
  const holds = [...settled.holds, ...(ended?.held ? [ended.held] : [])];
  await held.save({ at, holds, unseen, knowsEnded: ended !== undefined });
  await forgetNamedWrites(deps.cursors, run.site.site, settled.named);
  // Last: a run that dies before finds the same changes again.
  await edits.handled();
  await changed.handled();
  return { ...sum(results), fullFinished: finished };
}

/** What was not looked at again stays as unknown as it was. */
const unseenAfter = ({ seen }: SiteRun, held: HeldOfSite | undefined, lookedAtAll: boolean): HeldOfSite["unseen"] =>
  unseenOf(
    [...seen.unbelieved.values()].flatMap((skus) => [...skus]),
    lookedAtAll ? undefined : held?.unseen,
  );

/** Something that the run needed is not shown by IFS. */
async function lostSight(run: SiteRun): Promise<RunSummary[] | undefined> {
  const peers = await reportUnseenPeers(run);
  if (await isSightLost(run)) return [await reportSightLost(run), peers];
  return peers.failed > 0 ? [peers] : undefined;
}

/** What is to be done: the parts to look at by their numbers beside those that have changed, and the full run where one is due. */
async function workOf(run: SiteRun, changes: ListedChanges, options: ScheduledOptions) {
  const { deps, contract, before } = run;
  const findEdits = lookForEdits(run, { now: options.now, most: mostByNumber(before) });
  const [demandParts, held] = await Promise.all([
    deps.stock.partsWithOpenDemand(contract),
    openHeld(deps.cursors, run.site.site),
  ]);
  await watchDemandOfSite(run, demandParts);
  const released = await releasedEnded(run, held.before);
  const notBefore = await releasedUnlisted(run, held.before);
  run.seen.told = changes.told;
  // The very first run reads every part anyway.
  const inIfs = isFirst(before) ? [] : await workingSet(run, demandParts);
  const edits = await findEdits(inIfs);
  // Without memory of what was found before, parts that an unfinished full run has passed may have changed unseen.
  // The same holds for a pool that was left out while its channel was loaded.
  const isBack = before.loading.some((channel) => !run.loading.includes(channel));
  /** As far as the list of changes tells. */
  const fullOf = (): FullRunState | undefined => {
    const many = changes.many();
    // More than are listed: only a full run finds all of them.
    const asked = released?.more || notBefore !== undefined || many || edits.many ? "full" : options.mode;
    const mode = changes.listed()?.keys === "lost" || isBack ? "fresh" : asked;
    return fullRunOf(run, { now: options.now, mode, catchesUp: many, notBefore });
  };
  const others = [...new Set([...inIfs, ...edits.partNos])].sort();
  return { demandParts, edits, held, released, fullOf, others };
}

/** What change detection has told of and the full run looks at. */
function announcedTo({ before }: SiteRun, changes: ListedChanges, full: FullRunState | undefined) {
  const many = changes.many();
  // Also what came while a full run with another cause was under way: it meets some of that.
  const since = full?.announcedSince ?? (many || before.fullDue ? (before.caughtUpAt ?? 0) : undefined);
  return { parts: many ? changes.told : new Set<PartNo>(), since };
}

/** The very first run reads every part anyway. */
const isFirst = ({ fullFinishedAt, full }: SiteState): boolean => fullFinishedAt === undefined && full === undefined;

type NamedWork = { readonly others: readonly PartNo[]; readonly stop: () => boolean };

/** What has changed while it is listed, among what has to be looked at besides. `left`: for another run. */
async function syncNamed(run: SiteRun, changes: ListedChanges, { others, stop }: NamedWork) {
  const options = { withholdZeros: true, counts: false, journal: "edits", together: true, stop } as const;
  if (isFirst(run.before)) return syncParts(run, queueOf([]), options);
  const listed = await syncParts(run, changes.withOthers(others), options);
  const late = await syncParts(run, queueOf(changes.late()), options);
  return { ...sum([listed, late]), left: [...listed.left, ...late.left] };
}

/** Has more changed than this run looks at, some of it perhaps behind the full run? What begins now finds all of it. */
const isFullDue = (before: SiteState, full: FullRunState | undefined, tooMany: boolean): boolean => {
  if (full === undefined) return tooMany;
  return full === before.full && (before.fullDue || tooMany);
};

/** Behind the end of a list only another full run finds them. */
const isTooMuchLeft = ({ seen }: SiteRun, { again, endedLeft }: Pick<SiteState, "again" | "endedLeft">): boolean =>
  endedLeft.length > LIST_CAP || (seen.cutShort && again.length > LIST_CAP);

type Ended = {
  readonly shown: ShownEntries | undefined;
  readonly released: Hold | undefined;
  readonly finished: boolean;
  readonly already: number;
  readonly stop: () => boolean;
};

async function settleEnded(run: SiteRun, wave: Ended): Promise<Unmapped | undefined> {
  const { released, stop } = wave;
  if (wave.finished) return reportUnmapped(run, wave);
  if (released && !released.more) return reportReleased(run, released, stop);
  const { endedLeft } = run.before;
  return endedLeft.length > 0 ? reportLeft(run, endedLeft, stop) : undefined;
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

type Looked = {
  readonly full: FullRunState | undefined;
  readonly finished: boolean;
  /** All that the changes told of was looked at. */
  readonly complete: boolean;
  /** Nothing that may be written was left. */
  readonly done: boolean;
  readonly now: number;
};

/** The time up to which the site's pools are up to date; nothing where they are no further than before. */
function caughtUp(
  { before, pools }: SiteRun,
  { full, finished, complete, done, now }: Looked,
): Partial<Pick<SiteState, "caughtUpAt" | "poolsCaughtUpAt">> {
  // A full run has looked at everything that had changed when it began.
  if (!done || (!finished && (!complete || full?.catchesUp))) return {};
  const at = complete ? now : Math.max(full?.startedAt ?? 0, before.caughtUpAt ?? 0);
  const poolsCaughtUpAt = { ...before.poolsCaughtUpAt, ...Object.fromEntries(pools.map(({ name }) => [name, at])) };
  return { caughtUpAt: at, poolsCaughtUpAt };
}

/** Parts whose availability may have changed although no stock row did: demand, orders, lots, and what the last run left. */
async function workingSet(run: SiteRun, demandParts: readonly PartNo[]): Promise<PartNo[]> {
  const { before, localDate } = run;
  const orders = await run.orders.refresh();
  await resolveParts(run, orders);
  const inFlight = [...run.seen.partOf.values()].flatMap((part) => (part ? partNosOf([part]) : []));
  const expired = before.expiring.filter(({ date }) => date < localDate).map(({ partNo }) => partNo);
  const all = [
    ...demandParts,
    ...before.demandParts,
    ...before.inFlightParts,
    ...before.again,
    ...inFlight,
    ...expired,
  ];
  return [...new Set(all)].sort();
}

/** Parts that are shared no more stay noted until there are too many: they cost a read, and nothing else. */
function sharedPartsOf({ knownShared }: SiteRun["seen"], { shared, sharedMany }: SiteState) {
  const all = [...new Set([...knownShared, ...shared])];
  return { shared: all.slice(0, LIST_CAP), sharedMany: sharedMany || all.length > LIST_CAP };
}

function afterRun(
  { seen, before, localDate, ordersGone }: SiteRun,
  state: SiteState,
  { settled, left }: { readonly settled: Settled; readonly left: readonly PartNo[] },
): SiteState {
  const lots = [...before.expiring.filter(({ date }) => date >= localDate), ...seen.expiring.values()];
  return {
    ...state,
    full: state.full && { ...state.full, ...settled.full },
    // A part that had demand stays under suspicion until demand is seen again.
    demandParts: seen.demandLost ? [...before.demandParts, ...state.demandParts] : state.demandParts,
    demandOrders: [...new Set([...seen.demandOrders, ...before.demandOrders])].slice(0, 5),
    inFlightParts: [...seen.inFlightParts, ...(ordersGone ? before.inFlightParts : [])],
    again: [...new Set([...settled.again, ...seen.again, ...left, ...unreadableParts(seen.unreadable)])],
    ...sharedPartsOf(seen, before),
    expiring: [...new Map(lots.map((lot) => [JSON.stringify([lot.partNo, lot.date]), lot])).values()],
    witnesses: witnessesOf([...seen.sighted].slice(0, 5), before.witnesses),
  };
}
