/** What a run reads before its first figure, and the sites that it can look at. */
import type { ConnectorConfig, Site } from "../../domain/config.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrderLine } from "../../domain/ifs-records.ts";
import { type SoldOrder, YOUNG_MS } from "../../domain/in-flight.ts";
import { jointPoolsOf, sitesTogether } from "../../domain/joint-pools.ts";
import { kitsOf } from "../../domain/kits.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { ExceptionTracker } from "../exception-tracker.ts";
import { createOrderReader } from "../in-flight-orders.ts";
import { noCounts, type StockCounts } from "./counts.ts";
import type { StockSyncDeps } from "./deps.ts";
import { formulaOf } from "./formula.ts";
import { channelLoading, loadingChannels } from "./loading.ts";
import { lostLately } from "./lost-units.ts";
import { channelMissing, poolsOf, siteWithoutPool } from "./map.ts";
import type { SiteState } from "./parse.ts";
import type { SiteRun, WritesEnd } from "./site-run.ts";
import { newSightings } from "./site-run.ts";
import { openOrdersState, openSiteState } from "./state.ts";
import { askingWithout } from "./unreadable.ts";

export type OpenOptions = {
  readonly progress?: ((counts: StockCounts) => Promise<void>) | undefined;
  readonly writesEndAt?: WritesEnd;
};

const NEVER: WritesEnd = { pages: Number.POSITIVE_INFINITY, rest: Number.POSITIVE_INFINITY };

export type OpenedRun = Awaited<ReturnType<typeof openRun>>;

export async function openRun(
  deps: StockSyncDeps,
  now: number,
  { progress = async () => {}, writesEndAt = NEVER }: OpenOptions = {},
) {
  const { config } = deps;
  const [channelIds, ordersState] = await Promise.all([
    deps.channelIds(supplyChannelsOf(config)),
    openOrdersState(deps.cursors),
  ]);
  const { before } = ordersState;
  const orders = createOrderReader(
    deps.ordersPage,
    { channels: deps.channels, exportFrom: config.orders.exportFrom },
    {
      changedSince: before.readAt ?? now,
      known: before.orderIds,
      remembered: before.remembered,
      lost: (changed) => lostLately(deps, changed),
      now: deps.clock.now,
    },
  );
  // Before any figure: what IFS reports of an order now, every later figure contains.
  const reported = await readReported(deps, await orders.refresh());
  const gone = [...before.gone, ...orders.gone().map((orderId) => ({ orderId, since: now }))].filter(
    ({ since }) => now - since < YOUNG_MS,
  );
  const counts = noCounts();
  return {
    now,
    channelIds,
    ordersState,
    orders,
    reported,
    gone,
    counts,
    writesEndAt,
    progress: () => progress(counts),
  };
}

const supplyChannelsOf = ({ stock }: ConnectorConfig): string[] =>
  stock.pools.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel));

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

export type OpenedSite = {
  /** Undefined: the site has no pool that could be used. */
  readonly run: SiteRun | undefined;
  readonly site: Site;
  /** Problems of the configuration that were recorded. */
  readonly failed: number;
};

/** Sites that feed supply channels together, in the configuration's order; most sites are alone. */
export function groupsOf({ stock, sites }: Pick<ConnectorConfig, "stock" | "sites">): Site[][] {
  const groups = new Map<string, Site[]>();
  for (const site of sites) {
    const name = JSON.stringify(sitesTogether(stock, site.site));
    groups.set(name, [...(groups.get(name) ?? []), site]);
  }
  return [...groups.values()];
}

/** All of them, also where a run is about one: what it writes depends on the others. */
export async function openSites(
  deps: StockSyncDeps,
  opened: OpenedRun,
  { sites, tracker }: { readonly sites: readonly Site[]; readonly tracker: ExceptionTracker },
): Promise<OpenedSite[]> {
  const together: SiteRun[] = [];
  const all: OpenedSite[] = [];
  for (const site of sites) {
    const one = await openSite(deps, opened, { site, tracker, together });
    if (one.run) together.push(one.run);
    all.push(one);
  }
  return all;
}

async function openSite(
  deps: StockSyncDeps,
  opened: OpenedRun,
  {
    site,
    tracker,
    together,
  }: { readonly site: Site; readonly tracker: ExceptionTracker; readonly together: readonly SiteRun[] },
): Promise<OpenedSite> {
  const pools = poolsOf(deps.config, site);
  tracker.seen(siteWithoutPool(site).recordId);
  if (pools.length === 0) {
    await tracker.record(siteWithoutPool(site));
    return { run: undefined, site, failed: 1 };
  }
  const { channelIds, orders, reported, gone, now, counts, writesEndAt, progress } = opened;
  const contract = site.site as Contract;
  const state = await openSiteState(deps.cursors, site.site);
  const loading = await loadingNow(deps, state.before, { site, pools, now });
  const known = await withKnownChannels(deps.config, pools, { channelIds, tracker });
  const usable = await withoutLoading(known, { loading, tracker });
  const seen = newSightings();
  const run: SiteRun = {
    deps: askingWithout(deps, seen.unreadable),
    site,
    tracker,
    channelIds,
    orders,
    reported,
    ordersGone: gone.length > 0,
    counts,
    writesEndAt,
    progress,
    contract,
    pools: usable,
    kits: kitsOf(
      deps.config.stock,
      site.site,
      deps.config.stock.kits.fromIfs ? await deps.parts.packages(contract) : [],
    ),
    localDate: localDateOf(now, site.timeZone),
    loading,
    ...state,
    seen,
    together,
  };
  return { run: usable.length === 0 ? undefined : run, site, failed: pools.length - usable.length };
}

/** A channel becomes live by another configuration: as long as that is the same, nobody needs to look. */
async function loadingNow(
  { config, cursors }: StockSyncDeps,
  before: SiteState,
  { site, pools, now }: { readonly site: Site; readonly pools: readonly Pool[]; readonly now: number },
): Promise<string[]> {
  if (before.formula === formulaOf(config, site) && before.loading.length === 0) return [];
  return loadingChannels(cursors, pools, now);
}

async function withoutLoading(
  pools: readonly Pool[],
  { loading, tracker }: Pick<SiteRun, "loading" | "tracker">,
): Promise<Pool[]> {
  const usable: Pool[] = [];
  for (const pool of pools) {
    for (const { supplyChannel } of pool.channels) tracker.seen(channelLoading(pool, supplyChannel).recordId);
    const waiting = pool.channels.filter(({ supplyChannel }) => loading.includes(supplyChannel));
    for (const { supplyChannel } of waiting) await tracker.record(channelLoading(pool, supplyChannel));
    if (waiting.length === 0) usable.push(pool);
  }
  return usable;
}

/**
 * A pool with an unknown channel is left out whole: its parts would be divided wrongly. So are all that feed channels together with it:
 * their sums would lack it.
 */
async function withKnownChannels(
  { stock }: Pick<ConnectorConfig, "stock">,
  pools: readonly Pool[],
  { channelIds, tracker }: Pick<SiteRun, "channelIds" | "tracker">,
): Promise<Pool[]> {
  const usable: Pool[] = [];
  for (const pool of pools) {
    const missing = pool.channels.filter(({ supplyChannel }) => !channelIds.has(supplyChannel));
    for (const { supplyChannel } of pool.channels) tracker.seen(channelMissing(pool, supplyChannel).recordId);
    for (const { supplyChannel } of missing) await tracker.record(channelMissing(pool, supplyChannel));
    const needed = jointPoolsOf(stock, pool)?.channels ?? [];
    if (missing.length === 0 && needed.every((key) => channelIds.has(key))) usable.push(pool);
  }
  return usable;
}
