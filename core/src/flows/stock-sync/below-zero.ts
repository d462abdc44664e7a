/** Figures below zero: shown as 0, and told with what they are. */
import type { RefusedRecord } from "../run-delta.ts";
import type { Desired } from "./map.ts";
import { LIST_CAP, type SiteState } from "./parse.ts";
import type { StockPlan } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

const LOGGED = 20;
/** In the document of a site. */
const KEPT = 200;
const NAMED = 10;

const keyOf = (partNo: string, pool: string): string => JSON.stringify([partNo, pool]);

/** `desired`: all that were looked at; `negative`: those of them below zero. What is looked at twice counts as it was seen last. */
export function noteBelowZero(run: SiteRun, desired: readonly Desired[], negative: StockPlan["negative"]): void {
  const { deps, contract, seen, counts, before } = run;
  const known = knownIn(before);
  if (seen.belowZero.size + known.size > 0) {
    for (const { part, pool } of desired) {
      const key = keyOf(part.partNo, pool.name);
      seen.belowZero.delete(key);
      if (known.has(key)) seen.aboveZero.add(key);
    }
  }
  for (const { partNo, pool, raw } of negative) {
    const key = keyOf(partNo, pool);
    if (seen.belowZero.size < LIST_CAP) seen.belowZero.set(key, { partNo, pool, raw });
    else seen.moreBelowZero += 1;
    if (seen.toldBelowZero.has(key)) continue;
    counts.belowZero += 1;
    if (seen.toldBelowZero.size < LIST_CAP) seen.toldBelowZero.add(key);
    if (seen.toldBelowZero.size <= LOGGED)
      deps.logger.warn({ flow: "stock-sync", site: contract, partNo, pool, raw }, "negative-availability");
  }
}

const knownBefore = new WeakMap<SiteState, ReadonlySet<string>>();
function knownIn(before: SiteState): ReadonlySet<string> {
  const known = knownBefore.get(before) ?? new Set(before.belowZero.map(({ partNo, pool }) => keyOf(partNo, pool)));
  knownBefore.set(before, known);
  return known;
}

type Told = Pick<SiteState, "belowZero" | "moreBelowZero">;

/** At the end of a scheduled run; `whole`: it has looked at all parts of the site. What it did not look at is as it was. */
export async function reportBelowZero(
  { site, tracker, seen, before }: SiteRun,
  { whole }: { readonly whole: boolean },
): Promise<Told> {
  // Without a single stock row, figures below zero tell of the sight and not of the shelves.
  if (seen.sighted.size === 0) return { belowZero: before.belowZero, moreBelowZero: before.moreBelowZero };
  const met = [...seen.belowZero.values()];
  const known = whole
    ? []
    : before.belowZero.filter(({ partNo, pool }) => {
        const key = keyOf(partNo, pool);
        return !seen.aboveZero.has(key) && !seen.belowZero.has(key);
      });
  const all = [...known, ...met];
  const more = seen.moreBelowZero + Math.max(0, all.length - KEPT) + (whole ? 0 : before.moreBelowZero);
  const told = { belowZero: all.slice(0, KEPT), moreBelowZero: more };
  const record = belowZero(site.site, told);
  tracker.seen(record.recordId);
  if (all.length > 0) await tracker.record(record);
  return told;
}

function belowZero(site: string, { belowZero: figures, moreBelowZero: more }: Told): RefusedRecord {
  const named = figures.slice(0, NAMED).map(({ partNo, pool, raw }) => `${partNo} ${raw} (pool ${pool})`);
  const parts = figures.length + more === 1 ? "1 part" : `${figures.length + more} parts`;
  return {
    recordType: "flow",
    recordId: `below-zero ${site}`,
    recordLabel: `stock of site ${site}`,
    rejection: {
      code: "availabilityNegative",
      message: `More is ordered and reserved of ${parts} of site ${site} than lies there. Their entries show 0. In inventory units: ${named.join(", ")}.`,
      action:
        "Look at the open order lines and at the stock of these parts in IFS. `npm run explain -- stock <sku>` shows every term of a figure.",
      owner: "operator",
    },
  };
}
