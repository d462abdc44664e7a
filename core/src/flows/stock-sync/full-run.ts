/** All sales parts of a site, in one run or in several. */
import type { CatalogNo, PartNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { runDelta } from "../run-delta.ts";
import { countFull } from "./counts.ts";
import { formulaOf } from "./formula.ts";
import { PARTS_PER_PAGE, pagesOf, type StockedPart, TOGETHER } from "./pages.ts";
import type { SiteState } from "./parse.ts";
import { type ScanSteps, scanSteps } from "./scan.ts";
import { syncShared } from "./shared.ts";
import { createShownEntries, type ShownEntries } from "./shown-entries.ts";
import { stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";

export type FullRunAsked = {
  readonly now: number;
  /** `delta`: only where one is due or was cut short. `fresh`: what an earlier one did does not count. */
  readonly mode: "delta" | "full" | "fresh";
};

/** The full run to begin or to go on with; undefined when none is due. */
export function fullRunOf({ deps, site, before }: SiteRun, { now, mode }: FullRunAsked): SiteState["full"] {
  // Every part is judged anew by another formula; what a full run handled by the former one was handled in vain.
  const changed = before.formula !== formulaOf(deps.config, site);
  if (before.full && !changed && mode !== "fresh") return before.full;
  const due =
    changed ||
    before.fullFinishedAt === undefined ||
    now - before.fullFinishedAt >= deps.config.schedules.stockFullSeconds * 1000;
  return mode !== "delta" || due ? { startedAt: now, entries: 0, zeroed: 0, formulaChanged: changed } : undefined;
}

/** A full run is under way: where it stands, and what it has met so far. */
export type FullPass = {
  readonly summary: RunSummary;
  readonly state: SiteState;
  /** Entries that were met, of the whole site; undefined where an earlier run has met some of them. */
  readonly shown: ShownEntries | undefined;
};

/**
 * Scans the site, and reads again by their keys the parts that differ, a few hundred at a time: their figures, entries and orders
 * in flight come in the order that a write needs. The position is saved after each page of the scan, with the parts that wait.
 */
export async function runFull(run: SiteRun, begun: SiteState, stop: () => boolean): Promise<FullPass> {
  const { startedAt = 0, after: from, entries = 0, zeroed = 0, formulaChanged = false } = begun.full ?? {};
  const shown = createShownEntries(startedAt % 2 ** 31);
  if (begun.full?.differences) run.seen.differences.tally = structuredClone(begun.full.differences);
  const found = new Map<CatalogNo, StockedPart>();
  const results: RunSummary[] = [];
  let state = begun;

  const options = { withholdZeros: true, journal: "all" as const };
  const total = run.before.fullFinishedAt === undefined ? undefined : run.before.entries;
  const tellDone = countFull(run.counts, { before: entries, total });

  async function settleFound(): Promise<void> {
    const parts = [...found.values()];
    found.clear();
    const steps = stepsOf(run, pagesOf(parts), { ...options, counts: false, found: true });
    const { changed, failed, message } = await runDelta(steps, { concurrency: run.deps.writes, ...TOGETHER });
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
    const seenSoFar = entries + run.seen.entries;
    tellDone(seenSoFar);
    state =
      next === undefined
        ? { ...state, full: undefined, fullFinishedAt: startedAt, entries: seenSoFar }
        : {
            ...state,
            full: { startedAt, after: next, entries: seenSoFar, zeroed, formulaChanged, ...differencesOf(run) },
          };
    // The end is saved with the rest of the run, once the zeros are settled.
    if (next !== undefined)
      await run.save({ ...run.before, full: state.full, formula: state.formula, again: waiting() });
    await run.progress();
  }

  const waiting = (): PartNo[] => [
    ...run.before.again,
    ...run.seen.again,
    ...[...found.values(), ...Object.values(run.seen.waiting).flatMap((changes) => [...changes.values()])].map(
      ({ partNo }) => partNo,
    ),
    ...run.seen.shared.partNos,
  ];

  const add = (parts: readonly StockedPart[]): void => {
    for (const part of parts) found.set(part.catalogNo, part);
  };
  const steps: ScanSteps = { ...scanSteps(run, { found: { add }, shown, from }), saveCursor };
  results.unshift(await runDelta(steps, { after: from, concurrency: 1, ahead: 1, stop }));
  // Stopped between two pages.
  if (found.size > 0) await settleFound();
  await settleShared(false);
  if (state.full) state = { ...state, full: { ...state.full, ...differencesOf(run) } };
  return { summary: sum(results), state, shown: from === undefined ? shown : undefined };
}

/** The full run may need several runs, and the last one tells of all. */
const differencesOf = ({ seen }: SiteRun) =>
  seen.differences.tally.count > 0 ? { differences: structuredClone(seen.differences.tally) } : {};
