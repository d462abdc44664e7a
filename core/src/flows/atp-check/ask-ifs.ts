/** IFS's answer to the demands that the shop's own figures could not settle: by the formula of the stock flow, from the same reads. */
import { allotmentOf, divide, type PartLine } from "../../domain/allotment.ts";
import { type Availability, availabilityOf, ONE_TO_ONE, poolAvailable, poolFigure } from "../../domain/availability.ts";
import { add, type DecimalString, ZERO } from "../../domain/decimal.ts";
import { TransientError } from "../../domain/failure.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import { drawsOn, inFlightLines, inFlightOf, type SoldOrder } from "../../domain/in-flight.ts";
import { feeds, type JointPools, jointPoolsOf } from "../../domain/joint-pools.ts";
import { type Kits, kitsOf } from "../../domain/kits.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { channelsOf, weightOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { holdShardOf, type StockHold } from "../../domain/stock-hold.ts";
import { withoutDeficits } from "../../domain/supply.ts";
import { createOrderReader } from "../in-flight-orders.ts";
import type { StockPart } from "../stock-part.ts";
import type { PartFigure } from "./context.ts";
import type { Demand, IfsAnswer, UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { figuresOf, isDemandSeen } from "./figures.ts";
import type { HeldDraw, SitePart } from "./holds.ts";
import { type JointSite, jointAnswer } from "./joint-answer.ts";
import { refusedPartsOf } from "./refused-parts.ts";
import { readKits, readSharersOf, readSiteParts, type SiteParts, skusOf, stockPartOf } from "./site-parts.ts";

type Asked = { readonly demand: Demand; readonly pool: Pool };

/** What IFS and the orders in flight say, before holds: those are counted in whenever they are looked at again. */
export type IfsView = {
  /** `holds`: those that stand in the way. */
  readonly answerTo: (demand: Demand, holds: readonly StockHold[]) => IfsAnswer;
  /** The same with more of some parts than there is, and never remembered. */
  readonly answerWith: (demand: Demand, holds: readonly StockHold[], more: MoreOf) => IfsAnswer;
  /** What a line goes by that may be ordered before the goods are there; undefined: nothing of it can be counted. */
  readonly supplied: (demand: Demand) => Supplied | undefined;
  /** What each demand takes of which part; absent: nothing that could be held. */
  readonly draws: ReadonlyMap<string, readonly HeldDraw[]>;
  /** The parts whose holds count, those of others who share them included. */
  readonly parts: readonly SitePart[];
  /** The shards of holds in which the parts lie that the answer to a demand goes by. */
  readonly shardsOf: (demand: Demand) => ReadonlySet<number>;
  /** The order of this hold is among those that were counted. */
  readonly isCounted: (hold: StockHold) => boolean;
};

export type Supplied = {
  readonly contract: Contract;
  /** Today at the site. */
  readonly localDate: string;
  /** Of the parts that the demand draws on. */
  readonly figures: ReadonlyMap<PartNo, PartFigure>;
};

/** Inventory units. */
type MoreOf = ReadonlyMap<PartNo, DecimalString>;

/** Outages are thrown. */
export async function askIfs(
  deps: AtpDeps,
  demands: readonly Demand[],
  channelIds: ReadonlyMap<string, string>,
): Promise<IfsView> {
  const asked = demands.flatMap((demand): Asked[] => poolsOf(deps, demand).map((pool) => ({ demand, pool })));
  const bySite = Map.groupBy(asked, ({ pool }) => pool.site as Contract);
  const sites = await Promise.all([...bySite].map(([contract, list]) => askSite(deps, contract, list, channelIds)));
  const reads = new Map(sites.map(({ read }) => [read.contract, read]));
  const parts = sites.flatMap(({ read }) =>
    [...read.figures.keys()].map((partNo) => ({ site: read.contract, partNo })),
  );
  const shards = new Map<string, ReadonlySet<number>>();
  function shardsFor(demand: Demand): ReadonlySet<number> {
    const pool = poolOf(deps, demand);
    const read = pool && reads.get(pool.site as Contract);
    if (!read) return new Set();
    if (jointPoolsOf(deps.config.stock, pool)) return new Set(parts.map(holdShardOf));
    return new Set([...drawnFor(deps, demand, read)].map((partNo) => holdShardOf({ site: read.contract, partNo })));
  }
  /** Holds are looked at several times for each demand, and are the same nearly always. */
  const answered = new Map<string, { readonly beside: string; readonly answer: IfsAnswer }>();
  return {
    answerTo(demand, holds) {
      const pool = poolOf(deps, demand);
      const pools = pool && jointPoolsOf(deps.config.stock, pool);
      const read = pool && reads.get(pool.site as Contract);
      if (!read) return { kind: "none", reason: "noSupplyChannel" };
      const drawn = drawnFor(deps, demand, read);
      const ofParts = pools
        ? holds.filter(({ site, partNo }) => reads.get(site)?.figures.has(partNo))
        : holds.filter(({ site, partNo }) => site === read.contract && drawn.has(partNo));
      const beside = JSON.stringify(
        ofParts.map(({ owner, sku, partNo, channel, units }) => [
          partNo,
          channel,
          units,
          ...(pools ? [owner, sku] : []),
        ]),
      );
      const known = answered.get(demand.id);
      if (known?.beside === beside) return known.answer;
      const answer = pools
        ? jointAnswer(deps, { demand, pools, sites: jointSitesOf(deps, pools, reads), channelIds, holds: ofParts })
        : answerFor(deps, { demand, pool }, { ...read, holds: ofParts });
      answered.set(demand.id, { beside, answer });
      return answer;
    },
    answerWith(demand, holds, more) {
      const pool = poolOf(deps, demand);
      const read = pool && reads.get(pool.site as Contract);
      if (!read) return { kind: "none", reason: "noSupplyChannel" };
      const ofSite = holds.filter(({ site, partNo }) => site === read.contract && read.figures.has(partNo));
      return answerFor(deps, { demand, pool }, { ...read, holds: ofSite, more });
    },
    supplied(demand) {
      const pool = poolOf(deps, demand);
      const read = pool && reads.get(pool.site as Contract);
      const part = read && stockPartOf(deps, read, demand.sku);
      const site = deps.config.sites.find(({ site }) => site === pool?.site);
      // Of several sites together, the configuration lets none be told of.
      if (!read || typeof part !== "object" || !site || jointPoolsOf(deps.config.stock, pool)) return undefined;
      const own = part.draws.flatMap(({ partNo }) => {
        const figure = read.figures.get(partNo);
        return figure ? [[partNo, figure] as const] : [];
      });
      const localDate = localDateOf(deps.context.clock.now(), site.timeZone);
      return { contract: read.contract, localDate, figures: new Map(own) };
    },
    draws: drawsOfAll(sites.flatMap(({ draws }) => draws)),
    parts,
    shardsOf(demand) {
      const known = shards.get(demand.id) ?? shardsFor(demand);
      shards.set(demand.id, known);
      return known;
    },
    isCounted: ({ order, owner }) =>
      sites.some(({ known }) => known.has(owner) || (order !== undefined && known.has(order))),
  };
}

/** The parts whose holds can change the answer to a demand: its own, and those that others who share them draw on. */
function drawnFor(deps: AtpDeps, { sku }: Demand, read: SiteRead): ReadonlySet<PartNo> {
  const known = read.drawn.get(sku);
  if (known) return known;
  const part = stockPartOf(deps, read, sku);
  const parts = typeof part === "string" ? [] : [part, ...(read.sharers.get(part.catalogNo) ?? [])];
  const drawn = new Set(partNosOf(parts));
  read.drawn.set(sku, drawn);
  return drawn;
}

const poolOf = ({ config }: AtpDeps, demand: Demand): Pool | undefined =>
  config.stock.pools.find(({ channels }) =>
    channels.some(({ supplyChannel }) => supplyChannel === demand.supplyChannel),
  );

/** All whose figures the answer needs. */
function poolsOf(deps: AtpDeps, demand: Demand): readonly Pool[] {
  const pool = poolOf(deps, demand);
  return pool ? (jointPoolsOf(deps.config.stock, pool)?.pools ?? [pool]) : [];
}

/** At each site that feeds the channel of the demand. */
function drawsOfAll(
  draws: readonly (readonly [string, readonly HeldDraw[]])[],
): ReadonlyMap<string, readonly HeldDraw[]> {
  const all = new Map<string, readonly HeldDraw[]>();
  for (const [id, some] of draws) all.set(id, [...(all.get(id) ?? []), ...some]);
  return all;
}

/** What a demand probably draws on, by what this process remembers; where it does not, the part of the sales part's number. */
export function supposedDraws(deps: AtpDeps, demand: Demand): HeldDraw[] {
  const feeding = deps.config.stock.pools.filter((pool) => feeds(pool, demand.supplyChannel ?? ""));
  return feeding.flatMap((pool) => supposedDrawsIn(deps, demand, pool));
}

function supposedDrawsIn(deps: AtpDeps, demand: Demand, pool: Pool): HeldDraw[] {
  const { config, context } = deps;
  const site = pool.site as Contract;
  const kits = kitsOf(config.stock, site, []);
  const catalogNo = toCatalogNo(config, demand.sku);
  const names = [catalogNo, ...(kits.componentsOf(catalogNo) ?? []).map((component) => component.catalogNo)];
  const parts = new Map(
    names.flatMap((name) => {
      const known = context.parts.get(JSON.stringify([site, name]));
      return known ? [[name, known] as const] : [];
    }),
  );
  const part = stockPartOf(deps, { contract: site, parts, kits }, demand.sku);
  if (part === "notStocked") return [];
  if (part === "unknown" || part === "refused")
    return [{ site, partNo: catalogNo as string as PartNo, factor: ONE_TO_ONE }];
  return part.draws.map(({ partNo, factor }) => ({ site, partNo, factor }));
}

/** With nothing in flight: that comes off the sum. */
function jointSitesOf(deps: AtpDeps, { sites }: JointPools, reads: ReadonlyMap<Contract, SiteRead>): JointSite[] {
  return sites.flatMap((name): JointSite[] => {
    const read = reads.get(name as Contract);
    const timeZone = deps.config.sites.find(({ site }) => site === name)?.timeZone;
    if (!read || timeZone === undefined) return [];
    const found = (sku: Sku) => stockPartOf(deps, read, sku);
    const partOf = (sku: Sku): StockPart | undefined => {
      const part = found(sku);
      return typeof part === "string" ? undefined : part;
    };
    const bare = (pool: Pool) => (partNo: PartNo) => {
      const line = lineOfPart(deps, { pool, partNo, timeZone }, read);
      return line && { ...line, inFlight: ZERO };
    };
    const sharersOf = (part: StockPart) => read.sharers.get(part.catalogNo) ?? [part];
    return [
      {
        contract: read.contract,
        unknown: (sku) => unknownAt(deps, read, sku),
        ...{ partOf, sharersOf, isShown: (sku) => read.shown.has(sku), orders: read.orders },
        isNotStocked: (sku) => found(sku) === "notStocked",
        rowsOf: (pool, part, sku) =>
          targetsOf(deps, { sku, pool, part, sharers: sharersOf(part) }, { read, lineOf: bare(pool) }),
        figureOf: (pool, partNo) => bare(pool)(partNo)?.figure,
        figuresOf: (parts) => partNosOf(parts).flatMap((partNo) => read.figures.get(partNo) ?? []),
      },
    ];
  });
}

/** A site that does not sell the SKU has none of it, as long as the site can be seen. */
function unknownAt(deps: AtpDeps, read: SiteRead, sku: Sku): UnknownReason | undefined {
  const part = stockPartOf(deps, read, sku);
  if (part === "notStocked") return undefined;
  if (part === "refused") return "ifsRefused";
  if (part === "unknown") {
    const isSold = read.parts.get(toCatalogNo(deps.config, sku))?.part;
    if (isSold) return "unmappedSku";
    return read.isSeen ? undefined : "demandUnseen";
  }
  if (!read.sharers.has(part.catalogNo) || isRefused(part, read)) return "ifsRefused";
  const own = part.draws.flatMap(({ partNo }) => read.figures.get(partNo) ?? []);
  if (own.length < part.draws.length) return "unmappedSku";
  return own.some(({ demandSeen }) => !demandSeen) ? "demandUnseen" : undefined;
}

type SiteRead = {
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

type HeldRead = SiteRead & { readonly holds: readonly StockHold[]; readonly more?: MoreOf };

async function askSite(
  deps: AtpDeps,
  contract: Contract,
  asked: readonly Asked[],
  channelIds: ReadonlyMap<string, string>,
) {
  const kits = await readKits(deps, contract);
  const site = { contract, kits };
  const skus = [...new Set(asked.map(({ demand }) => demand.sku))];
  const parts = await readSiteParts(deps, site, skus);
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
  const shown = await shownOf(deps, [...sharers.values()], channelIds);
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
  const known = new Set<string>(orders.flatMap(({ orderId, cartId }) => (cartId ? [orderId, cartId] : [orderId])));
  return { read, draws, known };
}

/** Where a site that feeds channels with others shows nothing of a SKU, it is either not sold there, or the site's grant is gone. */
async function isSiteSeen(
  deps: AtpDeps,
  contract: Contract,
  { asked, own }: { readonly asked: readonly Asked[]; readonly own: readonly StockPart[] },
): Promise<boolean> {
  const isJoint = asked.some(({ pool }) => jointPoolsOf(deps.config.stock, pool) !== undefined);
  if (!isJoint || own.length === asked.length) return true;
  return isDemandSeen(deps, contract, { shown: false, readAt: deps.context.clock.monotonic() });
}

const partNosOf = (parts: readonly StockPart[]): PartNo[] => [
  ...new Set(parts.flatMap(({ draws }) => draws.map(({ partNo }) => partNo))),
];

/** Who has an entry can be bought, and has its part of what is shared. Asked only where somebody shares. */
async function shownOf(
  deps: AtpDeps,
  sharers: readonly (readonly StockPart[])[],
  channelIds: ReadonlyMap<string, string>,
): Promise<ReadonlySet<Sku>> {
  const bySkus = sharers.map((parts) => parts.flatMap((part) => skusOf(deps, part)));
  const skus = new Set(bySkus.filter((each) => each.length > 1).flat());
  if (skus.size === 0) return skus;
  const entries = await deps.entries([...skus], [...channelIds.values()]);
  return new Set(entries.map(({ sku }) => sku as Sku));
}

function answerFor(deps: AtpDeps, { demand, pool }: Asked, read: HeldRead): IfsAnswer {
  const part = stockPartOf(deps, read, demand.sku);
  if (part === "notStocked") return { kind: "notStocked", ...partReadAt(deps, read, demand.sku) };
  const none = (reason: UnknownReason): IfsAnswer => ({ kind: "none", reason });
  if (part === "refused") return none("ifsRefused");
  const site = deps.config.sites.find(({ site }) => site === pool.site);
  if (part === "unknown" || !site) return none("unmappedSku");
  const sharers = read.sharers.get(part.catalogNo);
  if (!sharers || isRefused(part, read)) return none("ifsRefused");
  const own = part.draws.flatMap(({ partNo }) => read.figures.get(partNo) ?? []);
  if (own.length < part.draws.length) return none("unmappedSku");
  if (own.some(({ demandSeen }) => !demandSeen)) return none("demandUnseen");
  const lineOf = (partNo: PartNo) => lineWithMore(deps, { pool, partNo, timeZone: site.timeZone }, read);
  const targets = targetsOf(deps, { sku: demand.sku, pool, part, sharers }, { read, lineOf });
  const target = targets.find(({ supplyChannel }) => supplyChannel === demand.supplyChannel);
  if (!target) return none("noSupplyChannel");
  // Others who share are in the division by their own figures: the oldest of all counts.
  const counted = new Set([part, ...sharers].flatMap(({ draws }) => draws.map(({ partNo }) => partNo)));
  const readAt = Math.min(...[...counted].flatMap((partNo) => read.figures.get(partNo)?.readAt ?? []));
  return { kind: "target", target: target.target, readAt };
}

/** Of a part without stock nothing is read but the sales part. */
function partReadAt({ config }: AtpDeps, { parts }: SiteRead, sku: Sku): { readonly readAt?: number } {
  const readAt = parts.get(toCatalogNo(config, sku))?.readAt;
  return readAt === undefined ? {} : { readAt };
}

/** IFS gives no answer about something that the part is made of. */
const isRefused = ({ unanswered, draws }: StockPart, { refused }: SiteRead): boolean =>
  unanswered !== undefined || draws.some(({ partNo }) => refused.has(partNo));

type PoolPart = { readonly pool: Pool; readonly partNo: PartNo; readonly timeZone: string };

/** Supply is of the site, not of a pool: what other pools of the site have sold of it already is theirs. */
function lineWithMore(deps: AtpDeps, of: PoolPart, read: HeldRead): PartLine | undefined {
  const line = lineWithHolds(deps, of, read);
  const more = read.more?.get(of.partNo);
  if (!line || more === undefined) return line;
  const others = deps.config.stock.pools.filter((pool) => pool.site === of.pool.site && pool !== of.pool);
  const left = others.flatMap((pool) => {
    const other = lineWithHolds(deps, { ...of, pool }, read);
    return other ? [poolAvailable(other.figure, other.inFlight)] : [];
  });
  const { figure } = line;
  return { ...line, figure: { ...figure, onHand: add(figure.onHand, withoutDeficits(more, left)) } };
}

/** Held units come off where those of orders do: what is a hold now is an order in flight a moment later. */
function lineWithHolds(deps: AtpDeps, of: PoolPart, read: HeldRead): PartLine | undefined {
  const line = lineOfPart(deps, of, read);
  if (!line) return undefined;
  const counts = drawsOn(of.pool, read.channelIds);
  const held = read.holds.filter(({ partNo, channel }) => partNo === of.partNo && counts(read.channelIds.get(channel)));
  return { ...line, inFlight: add(line.inFlight, ...held.map(({ units }) => units)) };
}

function lineOfPart(deps: AtpDeps, { pool, partNo, timeZone }: PoolPart, read: SiteRead): PartLine | undefined {
  const { config, context } = deps;
  const figure = read.figures.get(partNo);
  if (!figure) return undefined;
  const key = JSON.stringify([pool.name, partNo]);
  const known = read.lines.get(key);
  if (known) return known;
  const counts = drawsOn(pool, read.channelIds);
  const drawsOf = (sku: Sku) => {
    const part = stockPartOf(deps, read, sku);
    // Who shares was asked by inventory parts: there, a sales part that cannot be asked for may be known all the same.
    const sold = part === "refused" ? sharerOf(deps, read, sku) : part;
    return typeof sold === "object" ? sold.draws.filter((draw) => draw.partNo === partNo) : [];
  };
  const question = { drawsOf, counts, demandStates: config.stock.demandStates, now: context.clock.now() };
  const lines = inFlightLines(
    read.orders,
    { demand: figure.demand, reported: new Map(), readAt: figure.readAtEpoch },
    question,
  );
  const { rows, demand: open } = figure;
  const localDate = localDateOf(context.clock.now(), timeZone);
  const poolRead = { rows, demand: open, rules: config.stock, localDate };
  const line = { figure: poolFigure(pool, partNo, poolRead), inFlight: inFlightOf(lines, partNo, counts) };
  read.lines.set(key, line);
  return line;
}

function sharerOf({ config }: AtpDeps, { sharers }: SiteRead, sku: Sku): StockPart | undefined {
  const catalogNo = toCatalogNo(config, sku);
  return [...sharers.values()].flat().find((part) => part.catalogNo === catalogNo);
}

/** Of all channels of the pool, by the division that the stock flow makes. */
function targetsOf(
  deps: AtpDeps,
  {
    sku: asked,
    pool,
    part,
    sharers,
  }: {
    readonly sku: Sku;
    readonly pool: Pool;
    readonly part: StockPart;
    readonly sharers: readonly StockPart[];
  },
  { read, lineOf }: { readonly read: SiteRead; readonly lineOf: (partNo: PartNo) => PartLine | undefined },
): Availability[] {
  const { stock } = deps.config;
  const sharing = sharers
    .filter(({ ended }) => ended === undefined)
    .flatMap((sharer) => skusOf(deps, sharer).map((sku) => ({ sku, draws: sharer.draws })))
    .filter(({ sku }) => sku === asked || read.shown.has(sku))
    .map((sharer) => ({ ...sharer, weight: weightOf(pool, sharer.sku, stock) }));
  const partNos = new Set([...part.draws, ...sharing.flatMap(({ draws }) => draws)].map(({ partNo }) => partNo));
  const lines = new Map(
    [...partNos].flatMap((partNo) => {
      const line = lineOf(partNo);
      return line ? [[partNo, line] as const] : [];
    }),
  );
  const allotted = allotmentOf({ sku: asked, draws: part.draws }, divide(sharing, lines));
  if (!allotted) return [];
  const channels = channelsOf(pool, asked, stock);
  return availabilityOf(allotted.figure, channels, {
    ...allotted,
    ...(part.ended !== undefined && { ended: part.ended }),
  });
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
      { changedSince, known: [], now },
    );
    return new Map([[exportFrom, { orders: await reader.refresh(), changedSince }]]);
  });
  const found = read.get(exportFrom);
  if (!found) throw new Error("the orders in flight were not read");
  // A process that stood still keeps figures for longer than it knows.
  if (oldest < found.changedSince) throw new TransientError("the figures are older than they may be");
  return found.orders;
}
