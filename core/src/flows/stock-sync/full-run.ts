/** All sales parts of a site, in one run or in several. */
import type { CatalogNo, PartNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { runDelta } from "../run-delta.ts";
import { countFull } from "./counts.ts";
import { formulaOf } from "./formula.ts";
import { NONE_OF_ANY_KIND } from "./hold-kinds.ts";
import { PARTS_PER_PAGE, pagesOf, type StockedPart, TOGETHER } from "./pages.ts";
import { type FullRunState, LIST_CAP, type SiteState } from "./parse.ts";
import { type ScanSteps, scanSteps } from "./scan.ts";
import { syncShared } from "./shared.ts";
import { createShownEntries, type ShownEntries } from "./shown-entries.ts";
import { stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";
import { unreadableParts } from "./unreadable.ts";
import { endOfWrites, leaveParts } from "./writes-end.ts";

export type FullRunAsked = {
  readonly now: number;
  /** `delta`: only where one is due or was cut short. `fresh`: what an earlier one did does not count. */
  readonly mode: "delta" | "full" | "fresh";
  /** The site is not up to date before its end. */
  readonly catchesUp: boolean;
  /** What one did that was begun before does not count either. Epoch milliseconds. */
  readonly notBefore?: number | undefined;
};

/** The full run to begin or to go on with; undefined when none is due. */
export function fullRunOf(
  { deps, site, before }: SiteRun,
  { now, mode, catchesUp, notBefore = 0 }: FullRunAsked,
): FullRunState | undefined {
  // Every part is judged anew by another formula; what a full run handled by the former one was handled in vain.
  const changed = before.formula !== formulaOf(deps.config, site);
  if (before.full && !changed && mode !== "fresh" && before.full.startedAt >= notBefore) return before.full;
  const owed = changed || before.fullDue || before.full?.catchesUp === true;
  const due =
    owed ||
    before.fullFinishedAt === undefined ||
    now - before.fullFinishedAt >= deps.config.schedules.stockFullSeconds * 1000;
  if (mode === "delta" && !due) return undefined;
  const [written, unlisted, released] = [NONE_OF_ANY_KIND, NONE_OF_ANY_KIND, NONE_OF_ANY_KIND];
  const told = { catchesUp: owed || catchesUp || before.fullFinishedAt === undefined, formulaChanged: changed };
  const announced = catchesUp || before.fullDue || before.full?.announcedSince !== undefined;
  const since = announced && { announcedSince: before.caughtUpAt ?? 0 };
  return { startedAt: now, entries: 0, written, unlisted, released, ...told, ...since };
}

type Begun = SiteState & { readonly full: FullRunState };

/** A full run is under way: where it stands, and what it has met so far. */
export type FullPass = {
  readonly summary: RunSummary;
  readonly state: SiteState;
  /** Entries that were met, of the whole site; undefined where an earlier run has met some of them. */
  readonly shown: ShownEntries | undefined;
};

/**
 * Scans the site, and reads again by their keys the parts that differ, a few hundred at a time: their figures, entries and orders
 * in flight come in the order that a write needs. The position is saved after each page of the scan, with the parts that wait; where
 * those are more than a document lists, it stays where it was until they are settled, so that a run that dies forgets none of them.
 */
export async function runFull(
  run: SiteRun,
  begun: Begun,
  { stop, left }: { readonly stop: () => boolean; readonly left: readonly PartNo[] },
): Promise<FullPass> {
  const { startedAt, after: from, entries } = begun.full;
  const shown = createShownEntries(startedAt % 2 ** 31);
  if (begun.full.differences) run.seen.differences.tally = structuredClone(begun.full.differences);
  if (begun.full.backOrders) run.seen.backOrders = structuredClone(begun.full.backOrders);
  const found = new Map<CatalogNo, StockedPart>();
  const results: RunSummary[] = [];
  let state: SiteState = begun;

  const options = { withholdZeros: true, journal: "all" as const };
  const total = run.before.fullFinishedAt === undefined ? undefined : run.before.entries;
  const tellDone = countFull(run.counts, { before: entries, total });

  async function settleFound(): Promise<void> {
    const parts = [...found.values()];
    found.clear();
    const pages = pagesOf(parts);
    const pass = { ...options, counts: false, found: true };
    const places = { concurrency: run.deps.writes, endWrites: endOfWrites(run, pass) };
    const { changed, failed, message } = await runDelta(stepsOf(run, pages, pass), { ...places, ...TOGETHER });
    const left = pages.left().map(({ partNo }) => partNo);
    if (left.length > 0) leaveParts(run, left);
    results.push({ processed: 0, changed, failed, message });
  }

  /** What the scan put aside, because several SKUs share it, and at its end every kit. */
  async function settleShared(isEnd: boolean): Promise<void> {
    if (isEnd) for (const kit of run.kits.all) run.seen.shared.kitNos.add(kit);
    results.push(await syncShared(run, { ...options, counts: true }));
  }

  async function saveCursor(next: string | undefined): Promise<void> {
    if (next === undefined || found.size >= PARTS_PER_PAGE) await settleFound();
    if (next === undefined) await settleShared(true);
    // The same page again, by the next run.
    if (run.seen.cutShort) return;
    const seenSoFar = entries + run.seen.entries;
    tellDone(seenSoFar);
    state =
      next === undefined
        ? { ...state, full: undefined, fullFinishedAt: startedAt, entries: seenSoFar }
        : { ...state, full: { ...begun.full, after: next, entries: seenSoFar, ...talliesOf(run) } };
    // The end is saved with the rest of the run, once the zeros are settled.
    const waiting = waitingParts(run, [...found.values()]);
    if (next !== undefined && waiting.size <= LIST_CAP) {
      const again = [...waiting, ...left, ...run.seen.shared.partNos];
      await run.save({ ...run.before, full: state.full, formula: state.formula, again });
    }
    await run.progress();
  }

  const add = (parts: readonly StockedPart[]): void => {
    for (const part of parts) found.set(part.catalogNo, part);
  };
  const isStopped = () => stop() || run.seen.cutShort;
  const steps: ScanSteps = { ...scanSteps(run, { found: { add }, shown, from }), saveCursor };
  results.unshift(await runDelta(steps, { after: from, concurrency: 1, ahead: 1, stop: isStopped }));
  // Stopped between two pages.
  if (found.size > 0) await settleFound();
  await settleShared(false);
  if (state.full && !run.seen.cutShort) state = { ...state, full: { ...state.full, ...talliesOf(run) } };
  return { summary: sum(results), state, shown: from === undefined ? shown : undefined };
}

/** What a run that dies now would forget; what the last run had left was looked at before the scan began. */
function waitingParts({ seen }: SiteRun, found: readonly StockedPart[]): ReadonlySet<PartNo> {
  const withheld = Object.values(seen.waiting).flatMap((changes) => [...changes.values()]);
  const parts = [...withheld, ...found].map(({ partNo }) => partNo);
  return new Set([...parts, ...seen.again, ...unreadableParts(seen.unreadable)]);
}

/** The full run may need several runs, and the last one tells of all. */
const talliesOf = ({ seen }: SiteRun): Pick<FullRunState, "differences" | "backOrders"> => ({
  ...(seen.differences.tally.count > 0 && { differences: structuredClone(seen.differences.tally) }),
  ...(seen.backOrders.count > 0 && { backOrders: structuredClone(seen.backOrders) }),
});
