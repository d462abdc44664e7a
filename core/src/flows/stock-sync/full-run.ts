/** All sales parts of a site, in one run or in several. */
import type { CatalogNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { runDelta } from "../run-delta.ts";
import { formulaOf } from "./formula.ts";
import { isStocked, PAGES_AHEAD, PARTS_PER_PAGE } from "./pages.ts";
import type { SiteState } from "./parse.ts";
import { type StockPages, stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";

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

/** All sales parts of the site by keyset. The position is saved after each page, with the parts whose zeros wait. */
export async function runFull(
  run: SiteRun,
  begun: SiteState,
  { writesAtATime, stop }: { writesAtATime: number; stop: () => boolean },
): Promise<{ summary: RunSummary; state: SiteState }> {
  const { deps, contract } = run;
  let state = begun;
  const pages: StockPages = {
    async page(after) {
      const rows = await deps.parts.pageSalesParts(contract, after as CatalogNo | undefined, PARTS_PER_PAGE);
      return { rows: rows.filter(isStocked), next: rows.length < PARTS_PER_PAGE ? undefined : rows.at(-1)?.catalogNo };
    },
    async saveCursor(next) {
      const startedAt = begun.full?.startedAt ?? 0;
      const entries = (begun.full?.entries ?? 0) + run.seen.entries;
      const { zeroed = 0, formulaChanged = false } = begun.full ?? {};
      state =
        next === undefined
          ? { ...state, full: undefined, fullFinishedAt: startedAt, entries }
          : { ...state, full: { startedAt, after: next as CatalogNo, entries, zeroed, formulaChanged } };
      // The end is saved with the rest of the run, once the zeros are settled.
      if (next === undefined) return;
      const waiting = [...run.seen.zeroing.values()].map(({ partNo }) => partNo);
      await run.save({
        ...run.before,
        full: state.full,
        formula: state.formula,
        again: [...run.before.again, ...run.seen.again, ...waiting],
      });
    },
  };
  const summary = await runDelta(stepsOf(run, pages, { withholdZeros: true, counts: true, journal: "all" }), {
    after: begun.full?.after,
    concurrency: writesAtATime,
    ahead: PAGES_AHEAD,
    stop,
  });
  return { summary, state };
}
