/** IFS stock -> inventory entries of the shop: what may be sold, never more. See README.md of this folder. */
import type { Site } from "../../domain/config.ts";
import type { Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsOrderLine } from "../../domain/ifs-records.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { type ExceptionTracker, trackExceptions } from "../exception-tracker.ts";
import { createOrderReader, type OrderReader } from "../in-flight-orders.ts";
import { runDelta } from "../run-delta.ts";
import { reportDemandSight } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { channelMissing, poolsOf, siteWithoutPool } from "./map.ts";
import { pagesOf } from "./pages.ts";
import { syncScheduled } from "./scheduled.ts";
import { newSightings, ordersStillOpen, resolveParts, stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { openOrdersState, openSiteState } from "./state.ts";
import { sum } from "./sum.ts";
import { settleZeros } from "./zeros.ts";

export type StockRunOptions = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** `delta` turns into a full run of a site by itself when one is due, was cut short, or never happened. */
  readonly mode: "delta" | "full";
  /** Only these, at once; the state of the scheduled runs is left alone. */
  readonly only?: NamedOnly;
  /** A full run pauses after this time and goes on in the next run. */
  readonly budgetMs?: number;
};

export type NamedOnly = {
  readonly skus?: readonly Sku[];
  readonly partNos?: readonly { readonly contract: Contract; readonly partNo: PartNo }[];
};

const WRITES_AT_A_TIME = 8;
const DEFAULT_BUDGET_MS = 10 * 60_000;

/**
 * Outages are thrown, with the state of the last good run untouched; data problems become exceptions and the others go on.
 * The caller holds the job's lease and writes the run record.
 */
export async function runStockSync(deps: StockSyncDeps, options: StockRunOptions): Promise<RunSummary> {
  const { config } = deps;
  if (config.stock.pools.length === 0)
    return { processed: 0, changed: 0, failed: 0, message: "no pools: stock is off" };
  const tracker = await trackExceptions(deps.exceptions, {
    flow: "stock-sync",
    now: options.now,
  });
  const keys = config.stock.pools.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel));
  const channelIds = await deps.channelIds(keys);
  const ordersState = await openOrdersState(deps.cursors);
  const { before } = ordersState;
  const orders = createOrderReader(
    deps.ordersPage,
    { channels: deps.channels, exportFrom: config.orders.exportFrom },
    { changedSince: before.readAt ?? options.now, known: before.orderIds, now: deps.clock.now },
  );
  // Before any figure: what IFS reports of an order now, every later figure contains.
  const reported = await readReported(deps, await orders.refresh());

  const results: SiteResult[] = [];
  for (const site of config.sites.filter((candidate) => concerns(options.only, candidate))) {
    results.push(await syncSite(deps, options, { site, channelIds, orders, reported, tracker }));
  }
  if (!options.only) {
    await ordersState.save({ orders: await stillOpen(results, orders), readAt: options.now });
  }
  await tracker.settle({ complete: !options.only && results.every(({ fullFinished }) => fullFinished) });
  return sum(results);
}

async function readReported(
  deps: StockSyncDeps,
  orders: readonly SoldOrder[],
): Promise<ReadonlyMap<OrderNo, readonly IfsOrderLine[]>> {
  const linked = [...new Set(orders.flatMap(({ orderNo }) => orderNo ?? []))];
  if (linked.length === 0) return new Map();
  const documents = await deps.documents(linked);
  return Map.groupBy(
    documents.flatMap(({ lines }) => lines),
    ({ orderNo }) => orderNo,
  );
}

async function stillOpen(results: readonly SiteResult[], orders: OrderReader): Promise<SoldOrder[]> {
  const now = await orders.refresh();
  const open = new Set<SoldOrder>();
  for (const { run } of results) {
    if (!run) continue;
    await resolveParts(run, now);
    for (const order of ordersStillOpen(run, now)) open.add(order);
  }
  return [...open];
}

/** A SKU may be sold from any site; an inventory part belongs to one. */
const concerns = (only: NamedOnly | undefined, { site }: Site): boolean =>
  only === undefined || (only.skus ?? []).length > 0 || (only.partNos ?? []).some(({ contract }) => contract === site);

type Shared = Pick<SiteRun, "site" | "channelIds" | "orders" | "reported"> & { readonly tracker: ExceptionTracker };
type SiteResult = RunSummary & { readonly run: SiteRun | undefined; readonly fullFinished: boolean };

async function syncSite(deps: StockSyncDeps, options: StockRunOptions, shared: Shared): Promise<SiteResult> {
  const { site, tracker } = shared;
  const pools = poolsOf(deps.config, site);
  tracker.seen(siteWithoutPool(site).recordId);
  if (pools.length === 0) {
    await tracker.record(siteWithoutPool(site));
    return { processed: 0, changed: 0, failed: 1, run: undefined, fullFinished: true };
  }
  const usable = await withKnownChannels(pools, shared);
  const run: SiteRun = {
    deps,
    ...shared,
    contract: site.site as Contract,
    pools: usable,
    localDate: localDateOf(options.now, site.timeZone),
    ...(await openSiteState(deps.cursors, site.site)),
    seen: newSightings(),
  };
  const failed = pools.length - usable.length;
  if (usable.length === 0) return { processed: 0, changed: 0, failed, run: undefined, fullFinished: true };
  const result = options.only
    ? await syncNamed(run, options.only)
    : await syncScheduled(run, {
        now: options.now,
        mode: options.mode,
        budgetMs: options.budgetMs ?? DEFAULT_BUDGET_MS,
        writesAtATime: WRITES_AT_A_TIME,
      });
  return { ...result, failed: result.failed + failed, run };
}

/** A pool with an unknown channel is left out whole: its parts would be divided wrongly. */
async function withKnownChannels(pools: readonly Pool[], { channelIds, tracker }: Shared): Promise<Pool[]> {
  const usable: Pool[] = [];
  for (const pool of pools) {
    const missing = pool.channels.filter(({ supplyChannel }) => !channelIds.has(supplyChannel));
    for (const { supplyChannel } of pool.channels) tracker.seen(channelMissing(pool, supplyChannel).recordId);
    for (const { supplyChannel } of missing) await tracker.record(channelMissing(pool, supplyChannel));
    if (missing.length === 0) usable.push(pool);
  }
  return usable;
}

type PassResult = RunSummary & { readonly fullFinished: boolean };

async function syncNamed(run: SiteRun, { skus = [], partNos = [] }: NamedOnly): Promise<PassResult> {
  const { config, parts } = run.deps;
  const catalogNos = [...new Set(skus.map((sku) => toCatalogNo(config, sku)))];
  const ofSite = partNos.filter(({ contract }) => contract === run.contract).map(({ partNo }) => partNo);
  const named = [
    ...(catalogNos.length > 0 ? await parts.salesParts(run.contract, catalogNos) : []),
    ...(ofSite.length > 0 ? await parts.salesPartsOf(run.contract, ofSite) : []),
  ];
  const once = [...new Map(named.map((part) => [part.catalogNo, part])).values()];
  const steps = stepsOf(run, pagesOf(once), { withholdZeros: true, counts: false, journal: false });
  const direct = await runDelta(steps, { concurrency: WRITES_AT_A_TIME });
  const zeros = await settleZeros(run, WRITES_AT_A_TIME);
  return { ...sum([direct, zeros, await reportDemandSight(run)]), fullFinished: false };
}
