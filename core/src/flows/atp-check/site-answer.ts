/** What the formula makes of a site's reads and of what others hold. */
import { allotmentOf, divide, type PartLine } from "../../domain/allotment.ts";
import { type Availability, availabilityOf, poolAvailable, poolFigure } from "../../domain/availability.ts";
import { add, type DecimalString, ZERO } from "../../domain/decimal.ts";
import type { HeldUnits } from "../../domain/held-by-others.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { drawsOn, inFlightLines, inFlightOf } from "../../domain/in-flight.ts";
import type { JointPools } from "../../domain/joint-pools.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import { channelsOf, weightOf } from "../../domain/stock-class.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { withoutDeficits } from "../../domain/supply.ts";
import type { StockPart } from "../stock-part.ts";
import type { IfsAnswer, UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { JointSite } from "./joint-answer.ts";
import { skusOf, stockPartOf } from "./site-parts.ts";
import { type Asked, partNosOf, type SiteRead } from "./site-read.ts";

/** Inventory units. */
export type MoreOf = ReadonlyMap<PartNo, DecimalString>;

type HeldRead = SiteRead & { readonly holds: readonly HeldUnits[]; readonly more?: MoreOf };

export function answerFor(deps: AtpDeps, { demand, pool }: Asked, read: HeldRead): IfsAnswer {
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

/** With nothing in flight: that comes off the sum. */
export function jointSitesOf(
  deps: AtpDeps,
  { sites }: JointPools,
  reads: ReadonlyMap<Contract, SiteRead>,
): JointSite[] {
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
