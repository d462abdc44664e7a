/** IFS's answer to the demands that the shop's own figures could not settle: by the formula of the stock flow, from the same reads. */
import { add, type DecimalString } from "../../domain/decimal.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { jointPoolsOf } from "../../domain/joint-pools.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { holdShardOf, type StockHold } from "../../domain/stock-hold.ts";
import type { PartFigure } from "./context.ts";
import type { Demand, IfsAnswer } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { HeldDraw, SitePart } from "./holds.ts";
import { jointAnswer } from "./joint-answer.ts";
import { answerFor, type HeldUnits, jointSitesOf, type MoreOf } from "./site-answer.ts";
import { stockPartOf } from "./site-parts.ts";
import { type Asked, partNosOf, readSite, type SiteRead } from "./site-read.ts";

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

/** Outages are thrown. */
export async function askIfs(
  deps: AtpDeps,
  demands: readonly Demand[],
  channelIds: ReadonlyMap<string, string>,
): Promise<IfsView> {
  const asked = demands.flatMap((demand): Asked[] => poolsOf(deps, demand).map((pool) => ({ demand, pool })));
  const bySite = Map.groupBy(asked, ({ pool }) => pool.site as Contract);
  const sites = await Promise.all([...bySite].map(([contract, list]) => readSite(deps, contract, list, channelIds)));
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
      const held = pools ? [] : heldUnits(ofParts);
      const beside = JSON.stringify(
        pools ? ofParts.map(({ owner, sku, partNo, channel, units }) => [partNo, channel, units, owner, sku]) : held,
      );
      const known = answered.get(demand.id);
      if (known?.beside === beside) return known.answer;
      const answer = pools
        ? jointAnswer(deps, { demand, pools, sites: jointSitesOf(deps, pools, reads), channelIds, holds: ofParts })
        : answerFor(deps, { demand, pool }, { ...read, holds: held });
      answered.set(demand.id, { beside, answer });
      return answer;
    },
    answerWith(demand, holds, more) {
      const pool = poolOf(deps, demand);
      const read = pool && reads.get(pool.site as Contract);
      if (!read) return { kind: "none", reason: "noSupplyChannel" };
      const ofSite = holds.filter(({ site, partNo }) => site === read.contract && read.figures.has(partNo));
      return answerFor(deps, { demand, pool }, { ...read, holds: heldUnits(ofSite), more });
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

/** A part may be held by hundreds of carts; what counts of it are the units in each channel. */
function heldUnits(holds: readonly StockHold[]): HeldUnits[] {
  const found: { readonly partNo: PartNo; readonly channel: string; readonly each: DecimalString[] }[] = [];
  for (const { partNo, channel, units } of holds) {
    const known = found.find((one) => one.partNo === partNo && one.channel === channel);
    if (known) known.each.push(units);
    else found.push({ partNo, channel, each: [units] });
  }
  return found.map(({ each, ...of }) => ({ ...of, units: add(...each) }));
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
