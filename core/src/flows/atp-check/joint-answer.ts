/** IFS's answer about a supply channel that pools of several sites feed: by the sum that the stock flow writes. */
import { type Availability, type PoolFigure, poolAvailable } from "../../domain/availability.ts";
import { ZERO } from "../../domain/decimal.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { drawsOn, inFlightLines, type SoldOrder } from "../../domain/in-flight.ts";
import { type JointLine, soldPiecesOf, soldTogether } from "../../domain/joint-lines.ts";
import { feeds, type JointPools } from "../../domain/joint-pools.ts";
import { type JointSku, jointAvailabilityOf, type PoolPart } from "../../domain/joint-stock.ts";
import { channelsOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import type { StockHold } from "../../domain/stock-hold.ts";
import type { StockPart } from "../stock-part.ts";
import type { PartFigure } from "./context.ts";
import type { Demand, IfsAnswer, UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { skusOf } from "./site-parts.ts";

/** What one site shows of the SKUs that are asked about, with nothing in flight. */
export type JointSite = {
  readonly contract: Contract;
  /** In words why its part of the SKU is not known; undefined where it is, or where the site does not sell it. */
  readonly unknown: (sku: Sku) => UnknownReason | undefined;
  /** Undefined: the site does not sell it, or nothing of it can run short. */
  readonly partOf: (sku: Sku) => StockPart | undefined;
  readonly isNotStocked: (sku: Sku) => boolean;
  /** Everybody who draws on the parts of this one and has an entry, itself among them. */
  readonly sharersOf: (part: StockPart) => readonly StockPart[];
  readonly isShown: (sku: Sku) => boolean;
  readonly rowsOf: (pool: Pool, part: StockPart, sku: Sku) => readonly Availability[];
  readonly figureOf: (pool: Pool, partNo: PartNo) => PoolFigure | undefined;
  readonly figuresOf: (parts: readonly StockPart[]) => readonly PartFigure[];
  readonly orders: readonly SoldOrder[];
};

type Asked = {
  readonly demand: Demand;
  readonly pools: JointPools;
  readonly sites: readonly JointSite[];
  readonly channelIds: ReadonlyMap<string, string>;
  /** Those that stand in the way. */
  readonly holds: readonly StockHold[];
};

export function jointAnswer(deps: AtpDeps, asked: Asked): IfsAnswer {
  const { demand, pools, sites, channelIds, holds } = asked;
  const reason = sites.map((site) => site.unknown(demand.sku)).find((why) => why !== undefined);
  if (reason !== undefined) return { kind: "none", reason };
  const key = demand.supplyChannel ?? "";
  const feeding = sites.filter(({ contract }) =>
    pools.pools.some((pool) => pool.site === contract && feeds(pool, key)),
  );
  if (feeding.every((site) => !site.partOf(demand.sku))) {
    const isNotStocked = feeding.some((site) => site.isNotStocked(demand.sku));
    return isNotStocked ? { kind: "notStocked" } : { kind: "none", reason: "unmappedSku" };
  }
  const sold = soldIn(deps, asked);
  const of = (sku: Sku): JointSku => ({
    sku,
    parts: pools.pools.flatMap((pool) => partIn(deps, { pool, sku, sites }) ?? []),
    sold: withHeld(soldPiecesOf(sold, sku, { channelIds }), holds, sku),
  });
  const targets = jointAvailabilityOf(of(demand.sku), sharersIn(deps, asked).map(of));
  const target = targets.find(({ supplyChannel }) => supplyChannel === key);
  if (!target) return { kind: "none", reason: "noSupplyChannel" };
  return { kind: "target", target: target.target, readAt: Math.min(...figuresIn(asked).map(({ readAt }) => readAt)) };
}

/** Of the SKU and of those who share its parts, at all sites. */
const figuresIn = ({ demand, sites }: Asked): PartFigure[] =>
  sites.flatMap((site) => site.figuresOf(partsAt(site, demand.sku)));

function partsAt(site: JointSite, sku: Sku): readonly StockPart[] {
  const part = site.partOf(sku);
  return part ? [part, ...site.sharersOf(part)] : [];
}

function partIn(
  { config }: AtpDeps,
  { pool, sku, sites }: { readonly pool: Pool; readonly sku: Sku; readonly sites: readonly JointSite[] },
): PoolPart | undefined {
  const site = sites.find(({ contract }) => contract === pool.site);
  const part = site?.partOf(sku);
  if (!site || !part) return undefined;
  const left = part.draws.flatMap(({ partNo }) => {
    const figure = site.figureOf(pool, partNo);
    return figure ? [[partNo, poolAvailable(figure, ZERO)] as const] : [];
  });
  return {
    ...{ pool, channels: channelsOf(pool, sku, config.stock), draws: part.draws, left: new Map(left) },
    rows: site.rowsOf(pool, part, sku),
  };
}

/** Other SKUs that draw on parts of the asked one. */
function sharersIn(deps: AtpDeps, { demand, sites }: Asked): Sku[] {
  const skus = sites.flatMap((site) => {
    const part = site.partOf(demand.sku);
    const sharers = part ? site.sharersOf(part).flatMap((sharer) => skusOf(deps, sharer)) : [];
    return sharers.filter((sku) => sku !== demand.sku && site.isShown(sku));
  });
  return [...new Set(skus)];
}

/** An order that one of the sites has read is known to all: a hold of it may have been left out already. */
function soldIn({ config, context }: AtpDeps, asked: Asked): readonly JointLine[] {
  const { pools, sites, channelIds, demand } = asked;
  const orders = [...new Map(sites.flatMap((site) => site.orders).map((order) => [order.orderId, order])).values()];
  // What was delivered is in the figure of one of the sites, nobody knows of which: so it has to be older than all of them.
  const readAt = Math.min(...figuresIn(asked).map(({ readAtEpoch }) => readAtEpoch));
  const lines = sites.map((site) => {
    const parts = partsAt(site, demand.sku);
    const partNos = new Set(parts.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)));
    const tests = pools.pools.filter((pool) => pool.site === site.contract).map((pool) => drawsOn(pool, channelIds));
    const drawsOf = (sku: Sku) => (site.partOf(sku)?.draws ?? []).filter(({ partNo }) => partNos.has(partNo));
    const question = {
      ...{ drawsOf, counts: (id: string | undefined) => tests.some((test) => test(id)) },
      ...{ demandStates: config.stock.demandStates, now: context.clock.now() },
    };
    const shown = site.figuresOf(parts).flatMap((figure) => figure.demand);
    return { lines: inFlightLines(orders, { demand: shown, reported: new Map(), readAt }, question), drawsOf };
  });
  return soldTogether({ stock: config.stock, channelIds }, lines).sold;
}

/** What is a hold now is an order in flight a moment later. A line is held at each of its sites, and counted once. */
function withHeld(sold: JointSku["sold"], holds: readonly StockHold[], sku: Sku): JointSku["sold"] {
  const of = new Map(sold.of);
  for (const [channel, list] of Map.groupBy(
    holds.filter((hold) => hold.sku === sku),
    (hold) => hold.channel,
  )) {
    const byOwner = Map.groupBy(list, ({ owner }) => owner);
    const pieces = [...byOwner.values()].map((own) => Math.max(...own.map((hold) => hold.pieces)));
    of.set(channel, (of.get(channel) ?? 0) + pieces.reduce((sum, one) => sum + one, 0));
  }
  return { ...sold, of };
}
