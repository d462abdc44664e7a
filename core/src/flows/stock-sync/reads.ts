/** What a run reads of IFS and of the shop for a page of parts, in the order that no sold unit can slip through. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { compare, isZero } from "../../domain/decimal.ts";
import type { PartNo, Sku } from "../../domain/ids.ts";
import { drawsOn, type InFlightLine, inFlightLines, reportedQuantity, type SoldOrder } from "../../domain/in-flight.ts";
import { type SiteLines, soldTogether } from "../../domain/joint-lines.ts";
import { jointPoolsOf } from "../../domain/joint-pools.ts";
import type { Draw } from "../../domain/shared-pool.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { readStockParts } from "../sharers.ts";
import type { StockPart } from "../stock-part.ts";
import { type Current, slotOf } from "./current.ts";
import { watchDemandOfParts } from "./demand-sight.ts";
import { type Desired, expiringLots, type SiteFigures, suppliedParts } from "./map.ts";
import type { SiteRun } from "./site-run.ts";

const EXPIRY_HORIZON_DAYS = 3;
const SIGHTED = 5;

export const partNosOf = (parts: readonly StockPart[]): PartNo[] => [
  ...new Set(parts.flatMap(({ draws }) => draws.map(({ partNo }) => partNo))),
];

/** Too old for anything. */
export const noFigures = ({ localDate }: Pick<SiteRun, "localDate">): SiteFigures => ({
  ...{ demand: [], rows: [], localDate, readAt: Number.NEGATIVE_INFINITY },
});

/** Demand before stock: a line that IFS reserves in between is counted twice for a moment; the other way round, not at all. */
export async function readFigures(run: SiteRun, parts: readonly StockPart[]): Promise<SiteFigures> {
  const partNos = partNosOf(parts);
  if (partNos.length === 0) return noFigures(run);
  const readAt = run.deps.clock.monotonic();
  const demand = await run.deps.stock.openDemand(run.contract, partNos);
  // Of what was refused, no demand is shown whether there is some or not.
  const answered = partNos.filter((partNo) => !run.seen.unreadable.partNos.has(partNo));
  await watchDemandOfParts(run, answered, demand);
  const rows = await run.deps.stock.stockRows(run.contract, partNos);
  const supplied = suppliedParts(parts, { config: run.deps.config, pools: run.pools });
  const supply = supplied.length > 0 ? await run.deps.plannedSupply(run.contract, supplied) : [];
  const figures = { demand, rows, supply, localDate: run.localDate, readAt };
  noteRows(run, figures);
  return figures;
}

/** What a later run has to know of the rows: that there are some, and when their lots expire. */
export function noteRows(run: SiteRun, figures: SiteFigures): void {
  for (const { partNo } of figures.rows.slice(0, SIGHTED))
    if (run.seen.sighted.size < SIGHTED) run.seen.sighted.add(partNo);
  for (const lot of expiringLots(figures, {
    config: run.deps.config,
    pools: run.pools,
    horizonDays: EXPIRY_HORIZON_DAYS,
  })) {
    run.seen.expiring.set(JSON.stringify([lot.partNo, lot.date]), lot);
  }
}

/** Of the supply channels of the site's pools, and of those that are planned with them. */
export const channelIdsOf = ({ pools, channelIds, deps }: SiteRun): string[] => {
  const keys = pools.flatMap((pool) => [
    ...pool.channels.map(({ supplyChannel }) => supplyChannel),
    ...(jointPoolsOf(deps.config.stock, pool)?.channels ?? []),
  ]);
  return [...new Set(keys)].map((key) => channelIds.get(key) ?? "");
};

/** Entries that there should be of these, by `slotOf`. */
export function slotsOf({ channelIds }: Pick<SiteRun, "channelIds">, desired: readonly Desired[]): Map<string, Sku> {
  const all = desired.flatMap((one) => [one, ...(one.joint?.parts ?? [])]);
  return new Map(
    all.flatMap(({ sku, channels }) =>
      channels.map(({ supplyChannel }) => [slotOf(sku, channelIds.get(supplyChannel) ?? ""), sku] as const),
    ),
  );
}

/** Entries with their versions first, orders last: an order that an entry shows already can't be missed. */
export async function readCurrent(run: SiteRun, desired: readonly Desired[], figures: SiteFigures): Promise<Current> {
  const { deps, channelIds } = run;
  const all = withOthers(desired);
  const planned = new Set(desired.map(({ sku }) => sku));
  const skus = [...new Set(all.map(({ sku }) => sku))];
  const ids = channelIdsOf(run);
  const readAt = deps.clock.monotonic();
  if (skus.length === 0) return { entries: new Map(), inShop: new Set(), channelIds, readAt, inFlight: [], missed: [] };
  const entries = new Map<string, InventoryEntry>();
  const others = new Map<string, InventoryEntry>();
  for (const entry of await deps.inventory.bySkus(skus, ids)) {
    const isPlanned = planned.has(entry.sku as Sku);
    (isPlanned ? entries : others).set(slotOf(entry.sku, entry.supplyChannel?.id ?? ""), entry);
  }
  const missing = [...slotsOf(run, all)].filter(([slot]) => !entries.has(slot) && !others.has(slot));
  const incomplete = new Set(missing.map(([, sku]) => sku));
  const inShop = incomplete.size > 0 ? await deps.existingSkus([...incomplete]) : new Set<Sku>();
  const orders = await run.orders.refresh();
  await resolveParts(run, orders);
  const judged = await judge(run, orders, { desired: all, figures });
  return { entries, others, inShop, channelIds, readAt, ...judged, missed: [] };
}

/** Of a group all, at other sites as well: what one of them shows limits the others. */
function withOthers(desired: readonly Desired[]): readonly Desired[] {
  const joined = desired.flatMap(({ joint }) => joint?.parts ?? []);
  const groups = new Set([...desired, ...joined].flatMap(({ group }) => group ?? []));
  if (groups.size === 0) return desired;
  return [...desired.filter(({ group }) => group === undefined), ...[...groups].flatMap(({ members }) => members)];
}

/** Does a line with this supply channel draw on any pool of the site? */
const countsAt = (run: SiteRun): ((supplyChannelId: string | undefined) => boolean) => {
  const tests = run.pools.map((pool) => drawsOn(pool, run.channelIds));
  return (id) => tests.some((test) => test(id));
};

const lineKey = (orderId: string, lineId: string, partNo: string): string => JSON.stringify([orderId, lineId, partNo]);

type Page = { readonly desired: readonly Desired[]; readonly figures: SiteFigures };

/** Lines in flight of the parts in question, judged against the figures that were read for them. */
export async function judge(
  run: SiteRun,
  orders: readonly SoldOrder[],
  page: Page,
): Promise<Pick<Current, "inFlight" | "sold">> {
  const own = linesAt(run, orders, page);
  const { peers = [] } = page.figures;
  if (peers.length === 0) {
    note(run, own.lines);
    return { inFlight: own.lines };
  }
  const sites = [own];
  for (const peer of run.together.filter(({ contract }) => peers.some((one) => one.contract === contract))) {
    await resolveParts(peer, orders);
    const figures = peers.find(({ contract }) => contract === peer.contract)?.figures ?? noFigures(peer);
    sites.push(linesAt(peer, orders, { desired: page.desired, figures }));
  }
  const { sold, adjusted } = soldTogether({ stock: run.deps.config.stock, channelIds: run.channelIds }, sites);
  adjusted.forEach(({ run: site, lines }) => {
    note(site, lines);
  });
  return { inFlight: adjusted[0]?.lines ?? [], sold };
}

/** At one of the sites that the page has figures of. */
function linesAt(run: SiteRun, orders: readonly SoldOrder[], { desired, figures }: Page) {
  const all = new Set(desired.flatMap((one) => [one, ...(one.joint?.parts ?? [])]).filter(isAt(run)));
  for (const { group } of [...all]) for (const member of group?.members ?? []) all.add(member);
  const parts = new Set([...all].flatMap(({ figure, more }) => [figure, ...more]).map(({ partNo }) => partNo));
  const drawsOf = drawsIn(run, [...all]);
  const lines = inFlightLines(
    orders,
    { demand: figures.demand, reported: run.reported },
    {
      drawsOf: (sku) => drawsOf(sku).filter(({ partNo }) => parts.has(partNo)),
      counts: countsAt(run),
      demandStates: run.deps.config.stock.demandStates,
      now: run.deps.clock.now(),
    },
  );
  const of: SiteLines & { readonly run: SiteRun } = { run, lines, drawsOf };
  return of;
}

const isAt =
  ({ contract }: SiteRun) =>
  ({ figure }: Desired): boolean =>
    figure.contract === contract;

function note(run: SiteRun, lines: readonly InFlightLine[]): void {
  for (const { orderId, lineId, partNo, quantity } of lines) {
    const contained = isZero(quantity);
    run.seen.contained.set(lineKey(orderId, lineId, partNo), contained);
    if (!contained) run.seen.inFlightParts.add(partNo);
  }
}

/** Where IFS does not answer about a SKU, the page knows what it draws on: whoever draws on the page's parts is on the page. */
function drawsIn({ seen }: SiteRun, desired: readonly Desired[]): (sku: Sku) => readonly Draw[] {
  const { inFlight } = seen.unreadable;
  const onPage =
    inFlight.size === 0 ? undefined : new Map(desired.map(({ sku, part }): [Sku, StockPart] => [sku, part]));
  return (sku) => ((inFlight.has(sku) ? onPage?.get(sku) : undefined) ?? seen.partOf.get(sku))?.draws ?? [];
}

/** What all SKUs in flight take, each asked once per run. */
export async function resolveParts(run: SiteRun, orders: readonly SoldOrder[]): Promise<void> {
  const { config } = run.deps;
  const untracked = new Set<string>(config.skus.untracked);
  const unknown = new Set<Sku>();
  for (const { lines } of orders) {
    for (const { sku } of lines) if (!run.seen.partOf.has(sku) && !untracked.has(sku)) unknown.add(sku);
  }
  if (unknown.size === 0) return;
  const catalogNos = [...unknown].map((sku) => toCatalogNo(config, sku));
  const { contract, kits, seen } = run;
  const { unreadable } = seen;
  const partOf = await readStockParts(run.deps.parts, { contract, kits, config, unanswered: unreadable }, catalogNos);
  for (const sku of unknown) {
    const catalogNo = toCatalogNo(config, sku);
    const part = partOf(catalogNo) ?? null;
    seen.partOf.set(sku, part);
    if (part?.unanswered !== undefined || unreadable.catalogNos.has(catalogNo)) unreadable.inFlight.add(sku);
  }
}

/** Orders with a line at this site that no figure of this run was seen to contain. */
export function ordersStillOpen(run: SiteRun, orders: readonly SoldOrder[]): SoldOrder[] {
  const counts = countsAt(run);
  const { partOf, contained, unreadable } = run.seen;
  return orders.filter((order) =>
    order.lines.some(({ lineId, sku, supplyChannelId }) => {
      if (!counts(supplyChannelId)) return false;
      const open = (partOf.get(sku)?.draws ?? [])
        .map(({ partNo }) => partNo)
        .filter((partNo) => contained.get(lineKey(order.orderId, lineId, partNo)) !== true);
      // No figure tells of these, now or later.
      const unseen = unreadable.inFlight.has(sku) || open.some((partNo) => unreadable.partNos.has(partNo));
      return unseen ? !isDelivered(run, order) : open.length > 0;
    }),
  );
}

/** IFS reported every line of the order reserved, shipped or cancelled. */
function isDelivered({ reported }: SiteRun, { orderNo, lines }: SoldOrder): boolean {
  const told = (orderNo && reported.get(orderNo)) ?? [];
  return told.length >= lines.length && told.every((line) => compare(reportedQuantity(line), line.revisedQtyDue) >= 0);
}
