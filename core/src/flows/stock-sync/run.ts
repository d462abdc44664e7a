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
import { openTurns, SITES_AT_A_TIME, type Turns } from "./turns.ts";
import { type NamedSummary, nameRecords, toNamedSummary } from "./undone.ts";
import { reportUnreadable } from "./unreadable-report.ts";
import { writesEndOf } from "./writes-end.ts";
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
  /** Of the whole run, all sites together; what is not done by then goes on in the next run. Default: 10 minutes. */
  readonly budgetMs?: number;
};

export type NamedOnly = {
  readonly skus?: readonly Sku[];
  readonly partNos?: readonly { readonly contract: Contract; readonly partNo: PartNo }[];
};

/** Twenty minutes before a job of Connect is ended from outside: what is begun then, and what comes after the sites, fits in. */
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
  const groups = groupsOf(config).filter((group) => group.some((site) => concerns(options.only, site)));
  const { now, budgetMs = DEFAULT_BUDGET_MS } = options;
  // What somebody named is done to its end.
  const timeMs = options.only ? Number.POSITIVE_INFINITY : budgetMs;
  const turns = await openTurns(deps, groups, { now, budgetMs: timeMs });
  const writesEndAt = writesEndOf(deps.clock.monotonic(), timeMs);
  const tracker = await trackExceptions(deps.exceptions, {
    flow: "stock-sync",
    now: options.now,
  });
  const opened = await openRun(deps, options.now, { progress: options.progress, writesEndAt });
  const syncGroup = async (sites: readonly Site[]): Promise<SiteResult[]> => {
    turns.begin(sites);
    return syncInTurn(options, turns, await openSites(deps, opened, { sites, tracker }));
  };
  const results = await savingTurns(deps, turns, async () =>
    (await mapLimited(turns.groups, SITES_AT_A_TIME, syncGroup)).flat(),
  );
  if (!options.only) {
    const orders = await stillOpen(results, opened.orders);
    await opened.ordersState.save({ ...orders, gone: opened.gone, readAt: options.now });
  }
  await tracker.settle({ complete: !options.only && results.every(({ fullFinished }) => fullFinished) });
  await opened.progress();
  if (writesEntries(config)) return { summary: sum(results), results };
  return { summary: sum([...results, nothingDone(NOTHING_WRITTEN).summary]), results };
}

/** Saved also where a site has failed: the next run begins with those that it kept waiting. */
async function savingTurns<T>({ logger }: StockSyncDeps, turns: Turns, work: () => Promise<T>): Promise<T> {
  let done: T;
  try {
    done = await work();
  } catch (error) {
    // What the run is judged by; another failure is told beside it.
    await turns.save().catch((second) => logger.error({ flow: "stock-sync", error: second }, "turns-not-saved"));
    throw error;
  }
  await turns.save();
  return done;
}

/** One after the other: two would plan the same entries, and meet each other's writes. */
async function syncInTurn(
  options: StockRunOptions,
  turns: Turns,
  opened: readonly OpenedSite[],
): Promise<SiteResult[]> {
  const done: SiteResult[] = [];
  const sites = turns.inOrder(opened.filter(({ site }) => concerns(options.only, site)));
  for (const [at, one] of sites.entries()) {
    const behind = sites.length - at - 1;
    done.push((await turns.give(one.site, behind, (ms) => syncSite(options, one, ms))) ?? notReached(one));
  }
  return done;
}

/** Its state stays as it was, and its orders in flight count as open. */
const notReached = ({ run, site, failed }: OpenedSite): SiteResult => ({
  ...{ processed: 0, changed: 0, failed, run, fullFinished: false, unusable: failed },
  message: `Site ${site.site} was not reached in this run's time; the next run begins with it.`,
});

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

/** `budgetMs`: the site's part of the run's time. */
async function syncSite(options: StockRunOptions, { run, failed }: OpenedSite, budgetMs: number): Promise<SiteResult> {
  if (!run) return { processed: 0, changed: 0, failed, run, fullFinished: true, unusable: failed };
  const result = options.only
    ? await syncNamed(run, options.only)
    : await syncScheduled(run, { now: options.now, mode: options.mode, budgetMs });
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
