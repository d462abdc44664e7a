/** The flow's own reads and plan without its writes: for people who ask why, and before the flow is switched on. */
import type { RefusedRecord } from "../run-delta.ts";
import { parseSalesPart, type StockPart } from "../stock-part.ts";
import type { Current } from "./current.ts";
import type { StockSyncDeps } from "./deps.ts";
import { readAllFigures } from "./joint-reads.ts";
import { type Desired, type SiteFigures, toDesired } from "./map.ts";
import { groupsOf, openRun, openSites } from "./open.ts";
import type { StockedPart } from "./pages.ts";
import { planEntries, type StockPlan } from "./plan.ts";
import { readCurrent } from "./reads.ts";
import { lookAgain } from "./second-look.ts";
import type { SiteRun } from "./site-run.ts";
import { withoutUnreadable } from "./unreadable.ts";

export type Look = {
  readonly sites: readonly SiteRun[];
  /** Problems of the configuration, such as a site without pool. */
  readonly refused: readonly RefusedRecord[];
};

/** Opens the sites in the order of reads of a run; nothing is written, and whoever tries meets an Error. */
export async function openLook(deps: StockSyncDeps, now: number): Promise<Look> {
  const reading = withoutWrites(deps);
  const refused: RefusedRecord[] = [];
  const tracker = {
    record: async (record: RefusedRecord) => void refused.push(record),
    seen: () => {},
    settle: async () => {},
  };
  const opened = await openRun(reading, now);
  const sites: SiteRun[] = [];
  for (const group of groupsOf(deps.config)) {
    for (const { run } of await openSites(reading, opened, { sites: group, tracker })) if (run) sites.push(run);
  }
  const order = deps.config.sites.map(({ site }) => site);
  return { sites: sites.toSorted((a, b) => order.indexOf(a.site.site) - order.indexOf(b.site.site)), refused };
}

function withoutWrites(deps: StockSyncDeps): StockSyncDeps {
  const write = async (): Promise<never> => {
    throw new Error("a look at stock writes nothing");
  };
  return {
    ...deps,
    inventory: { ...deps.inventory, create: write, update: write },
    cursors: { ...deps.cursors, write },
    exceptions: { ...deps.exceptions, open: write, close: write },
    journal: { append: write },
  };
}

/** One page of sales parts as a run would see it. */
export type SeenPage = {
  readonly parts: readonly StockPart[];
  readonly figures: SiteFigures;
  readonly desired: readonly Desired[];
  readonly current: Current;
  readonly plan: StockPlan;
  readonly refused: readonly RefusedRecord[];
};

/** Sales parts that have their inventory parts to themselves. */
export async function lookAtPage(run: SiteRun, rows: readonly StockedPart[]): Promise<SeenPage> {
  const { config } = run.deps;
  const parsed = rows.map((row) => parseSalesPart(row, config));
  const wrong = parsed.flatMap((each) => (each.ok ? [] : [each.error]));
  const parts = parsed.flatMap((each) => (each.ok ? [each.value] : []));
  const page = await lookAtParts(run, { parts, beside: undefined });
  return { ...page, refused: [...wrong, ...page.refused] };
}

/** `beside`: whoever else draws on the same parts; undefined: nobody. */
export async function lookAtParts(
  run: SiteRun,
  looked: { readonly parts: readonly StockPart[]; readonly beside: readonly StockPart[] | undefined },
  concerns: (desired: Desired) => boolean = () => true,
): Promise<SeenPage> {
  const { config } = run.deps;
  const figures = await readAllFigures(run, [...looked.parts, ...(looked.beside ?? [])]);
  const { parts, beside } = withoutUnreadable(run.seen.unreadable, looked);
  const { values, refused } = toDesired(parts, figures, { config, pools: run.pools, beside });
  const desired = values.filter(concerns);
  const current = await lookAgain(run, { desired, figures, current: await readCurrent(run, desired, figures) });
  return { parts, figures, desired, current, plan: planEntries(desired, current), refused };
}
