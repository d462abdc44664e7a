/**
 * Parts on which several SKUs draw: pieces and boxes, two SKUs of one sales part, kits and their components. All who share one are
 * planned together, one page after the other has been written, because what one of them shows the others cannot.
 */
import type { CatalogNo, PartNo } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { err, ok } from "../../domain/result.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toSkus } from "../../domain/sku.ts";
import { chunked } from "../../runtime/limit.ts";
import { type RefusedRecord, runDelta } from "../run-delta.ts";
import { readSharers } from "../sharers.ts";
import type { StockPart } from "../stock-part.ts";
import { isStocked, type PartQueue, partPages, type StockedPart, TOGETHER } from "./pages.ts";
import { type PassOptions, type StockPages, stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";
import { endOfWrites, leaveParts } from "./writes-end.ts";

/** Everybody who shares them is read with them, so a page is small. */
const PARTS_PER_PAGE = 50;

/**
 * Those of the sales parts that have their inventory part to themselves; the others are put aside for `syncShared`. Whoever has read
 * all sales parts of these inventory parts says so (`complete`).
 */
export async function putSharedAside(
  run: SiteRun,
  rows: readonly IfsSalesPart[],
  { complete }: { readonly complete: boolean },
): Promise<StockedPart[]> {
  const { kits, seen } = run;
  for (const { catalogNo, partNo } of rows) {
    if (!kits.componentsOf(catalogNo)) continue;
    seen.shared.kitNos.add(catalogNo);
    if (partNo !== null) seen.shared.kitPartNos.add(partNo);
  }
  const stocked = rows.filter(isStocked).filter(({ catalogNo }) => !kits.componentsOf(catalogNo));
  const shared = sharedAmong(run, complete ? stocked : [...stocked, ...(await siblingsOf(run, stocked))]);
  for (const partNo of shared) {
    seen.shared.partNos.add(partNo);
    seen.knownShared.add(partNo);
  }
  return stocked.filter(({ partNo }) => !shared.has(partNo));
}

/**
 * Sales parts of the same inventory parts that another page may have. A sales part that is named like its inventory part, as most are,
 * has some only where another one is named otherwise; runs that met that one have noted it. The first run knows nothing and asks for all.
 */
async function siblingsOf({ deps, contract, before }: SiteRun, rows: readonly StockedPart[]): Promise<StockedPart[]> {
  const noted = new Set(before.shared);
  const first = before.fullFinishedAt === undefined || before.sharedMany;
  const asked = rows
    .filter(({ catalogNo, partNo }) => first || noted.has(partNo) || (catalogNo as string) !== partNo)
    .map(({ partNo }) => partNo);
  if (asked.length === 0) return [];
  return (await deps.parts.salesPartsOf(contract, [...new Set(asked)])).filter(isStocked);
}

function sharedAmong({ deps, kits }: SiteRun, rows: readonly StockedPart[]): Set<PartNo> {
  const untracked = new Set<string>(deps.config.skus.untracked);
  const skus = new Map<PartNo, Set<string>>();
  const shared = new Set<PartNo>();
  for (const { catalogNo, partNo } of rows) {
    const known = skus.get(partNo) ?? new Set<string>();
    skus.set(partNo, known);
    for (const sku of toSkus(deps.config, catalogNo)) if (!untracked.has(sku)) known.add(sku);
    if (known.size > 1 || kits.containing(catalogNo).length > 0) shared.add(partNo);
  }
  return shared;
}

/**
 * Sales parts of inventory parts: first those that share with nobody, then the others. `left`: parts that `stop` left for another run.
 */
export async function syncParts(
  run: SiteRun,
  parts: PartQueue,
  options: PassOptions & { readonly together?: boolean; readonly stop?: () => boolean },
): Promise<RunSummary & { readonly left: readonly PartNo[] }> {
  const pages = partPages(run, parts, (rows) => putSharedAside(run, rows, { complete: true }));
  const lone = await runDelta(stepsOf(run, pages, options), {
    concurrency: run.deps.writes,
    endWrites: endOfWrites(run, options),
    ...(options.together && TOGETHER),
    ...(options.stop && { stop: options.stop }),
  });
  return { ...sum([lone, await syncShared(run, options)]), left: await pages.left() };
}

/** What was put aside so far. */
export async function syncShared(run: SiteRun, options: PassOptions): Promise<RunSummary> {
  const { partNos, kitNos, kitPartNos } = run.seen.shared;
  if (partNos.size + kitNos.size === 0) return { processed: 0, changed: 0, failed: 0 };
  const pages = sharedPages(run, [...partNos], [...kitNos]);
  const endWrites = endOfWrites(run, options);
  const summary = await runDelta(stepsOf(run, pages, options), { concurrency: run.deps.writes, endWrites });
  if (!pages.isWhole()) leaveParts(run, [...partNos, ...kitPartNos]);
  for (const list of [partNos, kitNos, kitPartNos]) list.clear();
  return summary;
}

export type SharedPage = {
  readonly parts: readonly StockPart[];
  readonly beside: readonly StockPart[];
  readonly refused: readonly RefusedRecord[];
};

/** The parts and kits, with whoever shares them. A kit is planned once, though it may belong to several pages. */
export async function* sharedPagesOf(
  run: SiteRun,
  partNos: readonly PartNo[],
  kitNos: readonly CatalogNo[],
): AsyncGenerator<SharedPage> {
  const done = new Set<CatalogNo>();
  for (const page of [
    ...chunked(partNos, PARTS_PER_PAGE).map((chunk) => ({ partNos: chunk, kitNos: [] })),
    ...chunked(kitNos, PARTS_PER_PAGE).map((chunk) => ({ partNos: [], kitNos: chunk })),
  ]) {
    const left = { ...page, kitNos: page.kitNos.filter((kit) => !done.has(kit)) };
    if (left.partNos.length + left.kitNos.length === 0) continue;
    const { contract, kits, deps } = run;
    const scope = { contract, kits, config: deps.config, unanswered: run.seen.unreadable };
    const { drawing, beside, refused } = await readSharers(deps.parts, scope, left);
    const parts = drawing.filter(({ catalogNo }) => !done.has(catalogNo));
    const again = drawing.filter(({ catalogNo }) => done.has(catalogNo));
    for (const { catalogNo } of parts) done.add(catalogNo);
    yield { parts, beside: [...beside, ...again], refused: refused.filter(({ recordId }) => isNew(run, recordId)) };
  }
}

function isNew({ seen, tracker }: SiteRun, recordId: string): boolean {
  tracker.seen(recordId);
  const first = !seen.warehouses.has(recordId);
  seen.warehouses.add(recordId);
  return first;
}

function sharedPages(
  run: SiteRun,
  partNos: readonly PartNo[],
  kitNos: readonly CatalogNo[],
): StockPages & { readonly isWhole: () => boolean } {
  const pages = sharedPagesOf(run, partNos, kitNos);
  let beside: readonly StockPart[] = [];
  let number = 0;
  let whole = false;
  return {
    async page() {
      const { done, value } = await pages.next();
      beside = done ? [] : value.beside;
      number += 1;
      const rows = done ? [] : [...value.parts.map((part) => ok(part)), ...value.refused.map((record) => err(record))];
      return { rows, next: done ? undefined : String(number) };
    },
    beside: () => beside,
    async saveCursor(next) {
      whole = next === undefined;
    },
    isWhole: () => whole,
  };
}
