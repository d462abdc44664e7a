/** IFS stock -> inventory entries of the shop: what may be sold, never more. See README.md of this folder. */
import type { Site } from "../../domain/config.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { mapLimited } from "../../runtime/limit.ts";
import { trackExceptions } from "../exception-tracker.ts";
import type { OrderReader } from "../in-flight-orders.ts";
import type { StockCounts } from "./counts.ts";
import { reportDemandSight } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { NOTHING_WRITTEN, withoutEntryWrites, writesEntries } from "./direction.ts";
import { groupsOf, type OpenedSite, openRun, openSites } from "./open.ts";
import { queueOf } from "./pages.ts";
import { ordersStillOpen, resolveParts } from "./reads.ts";
import { syncScheduled } from "./scheduled.ts";
import { syncParts } from "./shared.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";
import { type NamedSummary, nameRecords, toNamedSummary } from "./undone.ts";
import { reportUnreadable } from "./unreadable-report.ts";
import { settleNamed } from "./zeros.ts";

export type StockRunOptions = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** `delta` turns into a full run of a site by itself when one is due, was cut short, or never happened. */
  readonly mode: "delta" | "full";
  /** Only these, at once; the state of the scheduled runs is left alone. */
  readonly only?: NamedOnly;
  /** Told of the counts after every page, and at the end. */
  readonly progress?: (counts: StockCounts) => Promise<void>;
  /** A full run pauses after this time and goes on in the next run. */
  readonly budgetMs?: number;
};

export type NamedOnly = {
  readonly skus?: readonly Sku[];
  readonly partNos?: readonly { readonly contract: Contract; readonly partNo: PartNo }[];
};

/** While the changes of one site are written, the others are read. */
const SITES_AT_A_TIME = 3;
const DEFAULT_BUDGET_MS = 10 * 60_000;

/**
 * Outages are thrown, with the state of the last good run untouched; data problems become exceptions and the others go on.
 * The caller holds the job's lease and writes the run record.
 */
export async function runStockSync(given: StockSyncDeps, options: StockRunOptions): Promise<RunSummary> {
  return (await syncAll(given, options)).summary;
}

/** The same over named SKUs, with what was not written told apart. */
export async function syncNamedSkus(
  given: StockSyncDeps,
  { skus, now }: { readonly skus: readonly Sku[]; readonly now: number },
): Promise<NamedSummary> {
  const { summary, results } = await syncAll(given, { now, mode: "delta", only: { skus } });
  const unusable = results.reduce((total, one) => total + one.unusable, 0);
  return toNamedSummary(summary, { runs: results.flatMap(({ run }) => run ?? []), unusable });
}

type Synced = { readonly summary: RunSummary; readonly results: readonly SiteResult[] };

const nothingDone = (message: string): Synced => ({
  summary: { processed: 0, changed: 0, failed: 0, message },
  results: [],
});

async function syncAll(given: StockSyncDeps, options: StockRunOptions): Promise<Synced> {
  const { config } = given;
  const deps = writesEntries(config) ? given : withoutEntryWrites(given);
  if (!config.stock.enabled) return nothingDone("stock is switched off (`stock.enabled`)");
  if (config.stock.pools.length === 0) return nothingDone("no pools: stock is off");
  const tracker = await trackExceptions(deps.exceptions, {
    flow: "stock-sync",
    now: options.now,
  });
  const opened = await openRun(deps, options.now, options.progress);

  const groups = groupsOf(config).filter((group) => group.some((site) => concerns(options.only, site)));
  const results = (
    await mapLimited(groups, SITES_AT_A_TIME, async (sites) => {
      const done: SiteResult[] = [];
      // One after the other: both would plan the same entries, and meet each other's writes.
      for (const one of await openSites(deps, opened, { sites, tracker })) {
        if (concerns(options.only, one.site)) done.push(await syncSite(options, one));
      }
      return done;
    })
  ).flat();
  if (!options.only) {
    const orders = await stillOpen(results, opened.orders);
    await opened.ordersState.save({ ...orders, gone: opened.gone, readAt: options.now });
  }
  await tracker.settle({ complete: !options.only && results.every(({ fullFinished }) => fullFinished) });
  await opened.progress();
  if (writesEntries(config)) return { summary: sum(results), results };
  return { summary: sum([...results, nothingDone(NOTHING_WRITTEN).summary]), results };
}

async function stillOpen(results: readonly SiteResult[], orders: OrderReader) {
  const read = await orders.refresh();
  const open = new Set<SoldOrder>();
  for (const { run } of results) {
    if (!run) continue;
    await resolveParts(run, read);
    for (const order of ordersStillOpen(run, read)) open.add(order);
  }
  return { orders: [...open], read };
}

/** A SKU may be sold from any site; an inventory part belongs to one. */
const concerns = (only: NamedOnly | undefined, { site }: Site): boolean =>
  only === undefined || (only.skus ?? []).length > 0 || (only.partNos ?? []).some(({ contract }) => contract === site);

type SiteResult = RunSummary & {
  readonly run: SiteRun | undefined;
  readonly fullFinished: boolean;
  /** Problems of the configuration, which are among `failed`. */
  readonly unusable: number;
};

async function syncSite(options: StockRunOptions, { run, failed }: OpenedSite): Promise<SiteResult> {
  if (!run) return { processed: 0, changed: 0, failed, run, fullFinished: true, unusable: failed };
  const result = options.only
    ? await syncNamed(run, options.only)
    : await syncScheduled(run, {
        now: options.now,
        mode: options.mode,
        budgetMs: options.budgetMs ?? DEFAULT_BUDGET_MS,
      });
  return { ...result, failed: result.failed + failed, run, unusable: failed };
}

type PassResult = RunSummary & { readonly fullFinished: boolean };

async function syncNamed(run: SiteRun, { skus = [], partNos = [] }: NamedOnly): Promise<PassResult> {
  const { config, parts } = run.deps;
  nameRecords(run, skus);
  const catalogNos = [...new Set(skus.map((sku) => toCatalogNo(config, sku)))];
  const ofSite = partNos.filter(({ contract }) => contract === run.contract).map(({ partNo }) => partNo);
  const named = [
    ...(catalogNos.length > 0 ? await parts.salesParts(run.contract, catalogNos) : []),
    ...(ofSite.length > 0 ? await parts.salesPartsOf(run.contract, ofSite) : []),
  ];
  const lone = new Set(named.flatMap(({ partNo }) => partNo ?? []));
  for (const { catalogNo } of named) if (run.kits.componentsOf(catalogNo)) run.seen.shared.kitNos.add(catalogNo);
  const pass = { withholdZeros: true, counts: false, journal: "edits" } as const;
  const direct = await syncParts(run, queueOf([...lone]), pass);
  const zeros = await settleNamed(run);
  const sight = await reportDemandSight(run, { whole: false });
  return { ...sum([direct, zeros, sight, await reportUnreadable(run)]), fullFinished: false };
}
