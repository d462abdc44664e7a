/** IFS stock -> inventory entries of the shop: what may be sold, never more. See README.md of this folder. */
import type { Pool } from "../../domain/config.ts";
import type { CatalogNo, Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsOrderLine, IfsSalesPart } from "../../domain/ifs-records.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { chunked } from "../../runtime/limit.ts";
import { type ExceptionTracker, trackExceptions } from "../exception-tracker.ts";
import { createOrderReader, type OrderReader } from "../in-flight-orders.ts";
import { runDelta } from "../run-delta.ts";
import { reportDemandSight, watchDemandOfSite } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { formulaOf } from "./formula.ts";
import { channelMissing, poolsOf, siteWithoutPool } from "./map.ts";
import type { SiteState } from "./parse.ts";
import { heldZeros, sightLost, tooManyZeros, unmappedEntry } from "./plan.ts";
import { newSightings, ordersStillOpen, resolveParts, type StockPages, stepsOf } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { openOrdersState, openSiteState, witnessesOf } from "./state.ts";

export type StockRunOptions = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** `delta` turns into a full run of a site by itself when one is due, was cut short, or never happened. */
  readonly mode: "delta" | "full";
  /** Only these SKUs, at once; the state of the scheduled runs is left alone. */
  readonly skus?: readonly Sku[];
  /** A full run pauses after this time and goes on in the next run. */
  readonly budgetMs?: number;
};

const PARTS_PER_PAGE = 200;
const WRITES_AT_A_TIME = 8;
const DEFAULT_BUDGET_MS = 10 * 60_000;
/** Rows of one moment may be committed later than others, and clocks differ. */
const WATERMARK_OVERLAP_MS = 5 * 60_000;
const FIRST_WATERMARK_MS = 60 * 60_000;
const ENTRY_PAGE = 500;

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
  for (const site of config.sites) {
    results.push(await syncSite(deps, options, { site, channelIds, orders, reported, tracker }));
  }
  if (!options.skus) {
    await ordersState.save({ orders: await stillOpen(results, orders), readAt: options.now });
  }
  await tracker.settle({ complete: !options.skus && results.every(({ fullFinished }) => fullFinished) });
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
  const result = options.skus ? await syncSkus(run, options.skus) : await syncScheduled(run, options);
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

async function syncSkus(run: SiteRun, skus: readonly Sku[]): Promise<PassResult> {
  const catalogNos = [...new Set(skus.map((sku) => toCatalogNo(run.deps.config, sku)))];
  const parts = await run.deps.parts.salesParts(run.contract, catalogNos);
  const pages = pagesOf(chunked(parts.filter(isStocked), PARTS_PER_PAGE));
  const direct = await runDelta(stepsOf(run, pages, { withholdZeros: true, counts: false, journal: false }), {
    concurrency: WRITES_AT_A_TIME,
  });
  return { ...sum([direct, await settleZeros(run), await reportDemandSight(run)]), fullFinished: false };
}

async function syncScheduled(run: SiteRun, options: StockRunOptions): Promise<PassResult> {
  const { deps, contract, before } = run;
  const stopAt = deps.clock.monotonic() + (options.budgetMs ?? DEFAULT_BUDGET_MS);
  const since = before.watermark
    ? Date.parse(before.watermark) - WATERMARK_OVERLAP_MS
    : options.now - FIRST_WATERMARK_MS;
  const moved = await deps.stock.changedParts(contract, new Date(since).toISOString());
  const demandParts = await deps.stock.partsWithOpenDemand(contract);
  await watchDemandOfSite(run, demandParts);
  const full = fullRunOf(run, options);

  // The very first run reads every part anyway.
  const first = before.fullFinishedAt === undefined && before.full === undefined;
  const working = first ? [] : await workingSet(run, [...moved.partNos, ...demandParts]);
  const delta = await runDelta(
    stepsOf(run, partPages(run, working), { withholdZeros: true, counts: false, journal: false }),
    {
      concurrency: WRITES_AT_A_TIME,
    },
  );
  const formula = formulaOf(deps.config, run.site);
  let state: SiteState = { ...before, full, formula, watermark: moved.watermark, demandParts };
  const results = [delta];
  if (full) {
    const paged = await runFull(run, state, () => deps.clock.monotonic() > stopAt);
    state = paged.state;
    results.push(paged.summary);
  }
  const zeros = await settleZeros(run);
  const finished = full !== undefined && state.full === undefined;
  if (finished) results.push(await reportUnmapped(run));
  const sight = await reportDemandSight(run);
  await run.save(afterRun(run, state, zeros.changed));
  return { ...sum([...results, zeros, sight]), fullFinished: finished };
}

/** The full run to begin or to go on with; undefined when none is due. */
function fullRunOf({ deps, site, before }: SiteRun, { now, mode }: StockRunOptions): SiteState["full"] {
  // Every part is judged anew by another formula; what a full run handled by the former one was handled in vain.
  const changed = before.formula !== formulaOf(deps.config, site);
  if (before.full && !changed) return before.full;
  const due =
    changed ||
    before.fullFinishedAt === undefined ||
    now - before.fullFinishedAt >= deps.config.schedules.stockFullSeconds * 1000;
  return mode === "full" || due ? { startedAt: now, entries: 0, zeroed: 0 } : undefined;
}

/** Parts whose availability may have changed although no stock row did: demand, orders, lots, and what the last run left. */
async function workingSet(run: SiteRun, given: readonly PartNo[]): Promise<PartNo[]> {
  const { before, localDate } = run;
  const orders = await run.orders.refresh();
  await resolveParts(run, orders);
  const inFlight = [...run.seen.partOf.values()].flatMap((part) => part?.partNo ?? []);
  const expired = before.expiring.filter(({ date }) => date < localDate).map(({ partNo }) => partNo);
  const all = [...given, ...before.demandParts, ...before.inFlightParts, ...before.again, ...inFlight, ...expired];
  return [...new Set(all)];
}

type StockedPart = IfsSalesPart & { readonly partNo: PartNo };
const isStocked = (part: IfsSalesPart): part is StockedPart => part.partNo !== null;

const nothingToSave = async (): Promise<void> => {};

/** Pages that are known beforehand; positions are their numbers. */
function pagesOf(pages: readonly (readonly StockedPart[])[]): StockPages {
  return lazyPages(pages, async (page) => page);
}

/** Sales parts of inventory parts, a page of inventory parts at a time. */
function partPages({ deps, contract }: SiteRun, partNos: readonly PartNo[]): StockPages {
  return lazyPages(chunked(partNos, PARTS_PER_PAGE), async (page) =>
    (await deps.parts.salesPartsOf(contract, page)).filter(isStocked),
  );
}

function lazyPages<T>(pages: readonly T[], rowsOf: (page: T) => Promise<readonly StockedPart[]>): StockPages {
  return {
    async page(after) {
      const index = after === undefined ? 0 : Number(after);
      const page = pages[index];
      const rows = page === undefined ? [] : await rowsOf(page);
      return { rows, next: index + 1 < pages.length ? String(index + 1) : undefined };
    },
    saveCursor: nothingToSave,
  };
}

/** All sales parts of the site by keyset. The position is saved after each page, with the parts whose zeros wait. */
async function runFull(
  run: SiteRun,
  begun: SiteState,
  stop: () => boolean,
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
      state =
        next === undefined
          ? { ...state, full: undefined, fullFinishedAt: startedAt, entries }
          : { ...state, full: { startedAt, after: next as CatalogNo, entries, zeroed: begun.full?.zeroed ?? 0 } };
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
  const summary = await runDelta(stepsOf(run, pages, { withholdZeros: true, counts: true, journal: true }), {
    after: begun.full?.after,
    concurrency: WRITES_AT_A_TIME,
    stop,
  });
  return { summary, state };
}

/** Nothing was set to zero so far. Now that the number is known, the zeros are planned anew and written, or held. */
async function settleZeros(run: SiteRun): Promise<RunSummary> {
  const { deps, site, before, seen } = run;
  const { stock } = deps.config;
  const wanted = [...seen.zeroing.values()];
  const skus = wanted.map(({ sku }) => sku);
  const count = {
    zeroing: wanted.length + (before.full?.zeroed ?? 0),
    entries: Math.max(before.entries, seen.entries + (before.full?.entries ?? 0), wanted.length),
  };
  const held = tooManyZeros(count, stock) ? heldZeros(site.site, count, stock, skus) : undefined;
  const blind = sightLost(site.site, skus);
  const refused = held ?? ((await isBlind(run, count.entries)) ? blind : undefined);
  if (refused && wanted.length > 0) {
    for (const { partNo } of wanted) seen.again.add(partNo);
    deps.logger.warn({ flow: "stock-sync", site: site.site, ...count, recordId: refused.recordId }, "zeros-held");
    await run.tracker.record(refused);
    return { processed: 0, changed: 0, failed: wanted.length, message: refused.rejection.message };
  }
  run.tracker.seen(heldZeros(site.site, { zeroing: 0, entries: 1 }, stock, []).recordId);
  run.tracker.seen(blind.recordId);
  const parts = [...new Set(wanted.map(({ partNo }) => partNo))];
  // After pages of a full run, a zero may be a drift that no change announced.
  const options = { withholdZeros: false, counts: false, journal: seen.entries > 0 };
  const steps = stepsOf(run, partPages(run, parts), options);
  const { changed, failed, message } = await runDelta(steps, { concurrency: WRITES_AT_A_TIME });
  return { processed: 0, changed, failed, message };
}

/** In a site of some size, not a single row (empty ones stay behind) means lost sight rather than empty shelves. */
async function isBlind({ deps, contract, before, seen }: SiteRun, entries: number): Promise<boolean> {
  if (seen.zeroing.size === 0 || seen.sighted.size > 0 || entries < deps.config.stock.minEntriesForHold) return false;
  if (before.witnesses.length === 0) return true;
  return (await deps.stock.stockRows(contract, before.witnesses)).length === 0;
}

/** Entries of our channels with stock that no sales part stands for. They are named, never written. */
async function reportUnmapped(run: SiteRun): Promise<RunSummary> {
  const { deps, pools, channelIds } = run;
  let failed = 0;
  for (const { supplyChannel } of pools.flatMap(({ channels }) => channels)) {
    let afterId: string | undefined;
    do {
      const entries = await deps.inventory.page(channelIds.get(supplyChannel) ?? "", afterId, ENTRY_PAGE);
      const skus = entries.filter(({ quantityOnStock }) => quantityOnStock > 0).map(({ sku }) => sku as Sku);
      failed += await reportWithoutPart(run, skus, supplyChannel);
      afterId = entries.length < ENTRY_PAGE ? undefined : entries.at(-1)?.id;
    } while (afterId !== undefined);
  }
  return { processed: 0, changed: 0, failed };
}

async function reportWithoutPart(run: SiteRun, skus: readonly Sku[], channel: string): Promise<number> {
  const { config, parts } = run.deps;
  const tracked = skus.filter((sku) => !config.skus.untracked.includes(sku));
  if (tracked.length === 0) return 0;
  const catalogNos = [...new Set(tracked.map((sku) => toCatalogNo(config, sku)))];
  const known = new Set(
    (await parts.salesParts(run.contract, catalogNos)).filter(isStocked).map((part) => part.catalogNo),
  );
  const unmapped = tracked.filter((sku) => !known.has(toCatalogNo(config, sku)));
  for (const sku of unmapped) {
    await run.tracker.record(unmappedEntry(sku, toCatalogNo(config, sku), channel, run.contract));
  }
  return unmapped.length;
}

function afterRun({ seen, before, localDate }: SiteRun, state: SiteState, zeroed: number): SiteState {
  const lots = [...before.expiring.filter(({ date }) => date >= localDate), ...seen.expiring.values()];
  return {
    ...state,
    full: state.full && { ...state.full, zeroed: state.full.zeroed + zeroed },
    // A part that had demand stays under suspicion until demand is seen again.
    demandParts: seen.demandLost ? [...before.demandParts, ...state.demandParts] : state.demandParts,
    demandOrders: [...new Set([...seen.demandOrders, ...before.demandOrders])].slice(0, 5),
    inFlightParts: [...seen.inFlightParts],
    again: [...seen.again],
    expiring: [...new Map(lots.map((lot) => [JSON.stringify([lot.partNo, lot.date]), lot])).values()],
    witnesses: witnessesOf([...seen.sighted].slice(0, 5), before.witnesses),
  };
}

function sum(results: readonly RunSummary[]): RunSummary {
  const total = { processed: 0, changed: 0, failed: 0 };
  for (const { processed, changed, failed } of results) {
    total.processed += processed;
    total.changed += changed;
    total.failed += failed;
  }
  const messages = [...new Set(results.flatMap(({ message }) => message ?? []))];
  return messages.length === 0 ? total : { ...total, message: messages.join(" ") };
}
