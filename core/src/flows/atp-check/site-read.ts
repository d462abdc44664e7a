/** What is read of one site for the lines that are asked about: sales parts, figures, who shares them, and the orders in flight. */
import type { PartLine } from "../../domain/allotment.ts";
import { TransientError } from "../../domain/failure.ts";
import { type CatalogNo, type Contract, isPlain, type PartNo, type Sku } from "../../domain/ids.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import { feeds, jointPoolsOf } from "../../domain/joint-pools.ts";
import type { Kits } from "../../domain/kits.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { createOrderReader } from "../in-flight-orders.ts";
import type { StockPart } from "../stock-part.ts";
import type { PartFigure } from "./context.ts";
import type { Demand } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { figuresOf, isDemandSeen } from "./figures.ts";
import { fromShop } from "./from-shop.ts";
import { refusedPartsOf } from "./refused-parts.ts";
import {
  readKits,
  readSharersOf,
  readSiteParts,
  type Site,
  type SiteParts,
  skusOf,
  stockPartOf,
  unreadParts,
} from "./site-parts.ts";

export type Asked = { readonly demand: Demand; readonly pool: Pool };

export type SiteRead = {
  readonly contract: Contract;
  readonly kits: Kits;
  readonly parts: SiteParts;
  readonly sharers: ReadonlyMap<CatalogNo, readonly StockPart[]>;
  readonly figures: ReadonlyMap<PartNo, PartFigure>;
  /** Parts of those that were asked about, of which IFS gives no answer. */
  readonly refused: ReadonlySet<PartNo>;
  /** SKUs of those who share, that have an entry. */
  readonly shown: ReadonlySet<Sku>;
  readonly orders: readonly SoldOrder[];
  readonly channelIds: ReadonlyMap<string, string>;
  /** What a part has before holds, by pool and part: the same however often holds are looked at. */
  readonly lines: Map<string, PartLine>;
  /** The parts that a SKU and those who share with it draw on. */
  readonly drawn: Map<Sku, ReadonlySet<PartNo>>;
  /** Something of the site is shown; only asked where it was not certain. */
  readonly isSeen: boolean;
};

export async function readSite(
  deps: AtpDeps,
  contract: Contract,
  asked: readonly Asked[],
  channelIds: ReadonlyMap<string, string>,
) {
  const kits = await readKits(deps, contract);
  const site = { contract, kits };
  const skus = [...new Set(asked.map(({ demand }) => demand.sku))];
  const reading = readSiteParts(deps, site, skus);
  guessFigures(deps, site, skus);
  const parts = await reading;
  const own = skus.flatMap((sku) => {
    const part = stockPartOf(deps, { contract, parts, kits }, sku);
    return typeof part === "string" ? [] : [part];
  });
  // Who shares is asked beside the figures: a question that nothing is remembered for waits one answer less.
  const ownNos = partNosOf(own);
  const [sharers, ofOwn] = await Promise.all([readSharersOf(deps, site, own), figuresOf(deps, contract, ownNos)]);
  const others = partNosOf([...sharers.values()].flat()).filter((partNo) => !ownNos.includes(partNo));
  const figures = new Map([...ofOwn, ...(await figuresOf(deps, contract, others))]);
  // After the figures: an order that left commercetools' list meanwhile is in them.
  const orders = figures.size === 0 ? [] : await ordersInFlight(deps, [...figures.values()]);
  const sold = await readSiteParts(
    deps,
    site,
    orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)),
  );
  const shown = await shownOf(deps, [...sharers.values()], { skus, channelIds });
  const noAnswer = refusedPartsOf(deps, contract);
  const read: SiteRead = {
    ...{ contract, kits, parts: new Map([...parts, ...sold]), sharers, figures, shown, orders, channelIds },
    ...{ refused: new Set(ownNos.filter((partNo) => noAnswer.has(partNo))), lines: new Map(), drawn: new Map() },
    isSeen: await isSiteSeen(deps, contract, { asked, own }),
  };
  const draws = asked.flatMap(({ demand, pool }) => {
    const part = stockPartOf(deps, read, demand.sku);
    if (typeof part === "string" || !feeds(pool, demand.supplyChannel ?? "")) return [];
    return [[demand.id, part.draws.map(({ partNo, factor }) => ({ site: contract, partNo, factor }))] as const];
  });
  return { read, draws, known: idsOf(orders) };
}

const idsOfOrders = new WeakMap<readonly SoldOrder[], ReadonlySet<string>>();
const noIds: ReadonlySet<string> = new Set();

/** Of the orders and their carts; one set for all who were read for together. */
function idsOf(orders: readonly SoldOrder[]): ReadonlySet<string> {
  if (orders.length === 0) return noIds;
  const known = idsOfOrders.get(orders);
  if (known) return known;
  const ids = new Set<string>(orders.flatMap(({ orderId, cartId }) => (cartId ? [orderId, cartId] : [orderId])));
  idsOfOrders.set(orders, ids);
  return ids;
}

/**
 * A sales part is named as its inventory part nearly always (IFS's own default). Of one that nothing is remembered of, the figures of
 * that part are read beside it: whoever needs them then joins that read, so that who asks first waits no longer than others. The
 * sales part alone says whose figures count.
 */
function guessFigures(deps: AtpDeps, site: Site, skus: readonly Sku[]): void {
  const { breakerState, figures } = deps.context;
  // While IFS fails, the one read that tries whether it is back is not for a guess; nor are the few places that a process has at its start.
  if (breakerState() !== "closed" || figures.size === 0) return;
  const named = unreadParts(deps, site, skus).filter(isPlain) as string[] as PartNo[];
  // Whoever joined it is told of its failure; nobody else misses it.
  figuresOf(deps, site.contract, named).catch(() => {});
}

/** Where a site that feeds channels with others shows nothing of a SKU, it is either not sold there, or the site's grant is gone. */
async function isSiteSeen(
  deps: AtpDeps,
  contract: Contract,
  { asked, own }: { readonly asked: readonly Asked[]; readonly own: readonly StockPart[] },
): Promise<boolean> {
  const isJoint = asked.some(({ pool }) => jointPoolsOf(deps.config.stock, pool) !== undefined);
  if (!isJoint || own.length === asked.length) return true;
  const { context, config, ifs } = deps;
  const ask = (site: Contract) => context.guarded(config.atp.deadlineMs, () => ifs.orderLinesVisible(site));
  return isDemandSeen(deps, contract, { shown: false, readAt: context.clock.monotonic(), ask });
}

export const partNosOf = (parts: readonly StockPart[]): PartNo[] => [
  ...new Set(parts.flatMap(({ draws }) => draws.map(({ partNo }) => partNo))),
];

/** Who has an entry can be bought, and has its part of what is shared; so has who is bought now. Asked only where somebody shares. */
async function shownOf(
  deps: AtpDeps,
  sharers: readonly (readonly StockPart[])[],
  { skus: asked, channelIds }: { readonly skus: readonly Sku[]; readonly channelIds: ReadonlyMap<string, string> },
): Promise<ReadonlySet<Sku>> {
  const bySkus = sharers.map((parts) => parts.flatMap((part) => skusOf(deps, part)));
  const skus = new Set(bySkus.filter((each) => each.length > 1).flat());
  if (skus.size === 0) return skus;
  const entries = await fromShop(deps.entries([...skus], [...channelIds.values()]));
  return new Set([...asked, ...entries.map(({ sku }) => sku as Sku)]);
}

/**
 * Orders that the figures may not contain: those that IFS may have taken, or that were changed otherwise, since the first read of
 * the oldest figure, and all that are not linked. Judged from when the figure was read, not from now. Those that were linked before
 * count unless the figure's demand shows them.
 */
async function ordersInFlight(deps: AtpDeps, figures: readonly PartFigure[]): Promise<readonly SoldOrder[]> {
  const { context, config, ordersPage } = deps;
  const { exportFrom } = config.orders;
  const { now } = context.clock;
  const oldest = Math.min(...figures.map(({ readAtEpoch }) => readAtEpoch));
  const read = await context.orders.load([exportFrom], async () => {
    // What the cache may hold at most, so that one read serves all callers of the moment.
    const changedSince = now() - (config.atp.cacheSeconds * 1000 + config.atp.deadlineMs);
    const reader = createOrderReader(
      ordersPage,
      { channels: deps.channels, exportFrom },
      { changedSince, known: await fromShop(deps.partlyThere()), now },
    );
    return new Map([[exportFrom, { orders: await fromShop(reader.refresh()), changedSince }]]);
  });
  const found = read.get(exportFrom);
  if (!found) throw new Error("the orders in flight were not read");
  // A process that stood still keeps figures for longer than it knows.
  if (oldest < found.changedSince) throw new TransientError("the figures are older than they may be");
  return found.orders;
}
