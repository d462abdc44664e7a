/** IFS's answer to the demands that the shop's own figures could not settle: by the formula of the stock flow, from the same reads. */
import type { HeldByOthers, HeldUnits } from "../../domain/held-by-others.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { jointPoolsOf } from "../../domain/joint-pools.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { Pool } from "../../domain/stock-config.ts";
import { holdShardOf } from "../../domain/stock-hold.ts";
import type { PartFigure } from "./context.ts";
import type { Demand, IfsAnswer, UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { HeldDraw, SitePart } from "./holds.ts";
import { type InTime, within } from "./in-time.ts";
import { jointAnswer } from "./joint-answer.ts";
import { answerFor, jointSitesOf, type MoreOf } from "./site-answer.ts";
import { stockPartOf } from "./site-parts.ts";
import { type Asked, partNosOf, readSite, type SiteRead } from "./site-read.ts";

/** What IFS and the orders in flight say, before holds: those are counted in whenever they are looked at again. */
export type IfsView = {
  /** `held`: what stands in the way. */
  readonly answerTo: (demand: Demand, held: HeldByOthers) => IfsAnswer;
  /** The same with more of some parts than there is, and never remembered. */
  readonly answerWith: (demand: Demand, held: HeldByOthers, more: MoreOf) => IfsAnswer;
  /** What a line goes by that may be ordered before the goods are there; undefined: nothing of it can be counted. */
  readonly supplied: (demand: Demand) => Supplied | undefined;
  /** What each demand takes of which part; absent: nothing that could be held. */
  readonly draws: ReadonlyMap<string, readonly HeldDraw[]>;
  /** Sites that were asked and have not answered. */
  readonly unread: { readonly has: (site: Contract) => boolean };
  /** The parts whose holds count, those of others who share them included. */
  readonly parts: readonly SitePart[];
  /** The shards of holds in which the parts lie that the answer to a demand goes by. */
  readonly shardsOf: (demand: Demand) => ReadonlySet<number>;
  /** Ids of the orders that were counted, and of their carts. */
  readonly counted: ReadonlySet<string>;
};

export type Supplied = {
  readonly contract: Contract;
  /** Today at the site. */
  readonly localDate: string;
  /** Of the parts that the demand draws on. */
  readonly figures: ReadonlyMap<PartNo, PartFigure>;
};

/**
 * `until` in Clock.monotonic() milliseconds. Each site by itself: one that fails or hangs leaves its own lines to their policy, and those that
 * it feeds together with others. Not ok: no site has answered.
 */
export async function askIfs(
  deps: AtpDeps,
  demands: readonly Demand[],
  { channelIds, until }: { readonly channelIds: ReadonlyMap<string, string>; readonly until: number },
): Promise<InTime<IfsView>> {
  const asked = demands.flatMap((demand): Asked[] => poolsOf(deps, demand).map((pool) => ({ demand, pool })));
  const bySite = Map.groupBy(asked, ({ pool }) => pool.site as Contract);
  const answers = await Promise.all(
    [...bySite].map(async ([contract, list]) => {
      return [contract, await within(deps, until, readSite(deps, contract, list, channelIds))] as const;
    }),
  );
  const sites = answers.flatMap(([, answer]) => (answer.ok ? [answer.value] : []));
  const failed = new Map(answers.flatMap(([contract, answer]) => (answer.ok ? [] : [[contract, answer.reason]])));
  const [reason] = failed.values();
  if (sites.length === 0 && reason !== undefined) return { ok: false, reason };
  return { ok: true, value: viewOf(deps, { sites, failed, channelIds }) };
}

type Unknown = Extract<IfsAnswer, { readonly kind: "none" }>;

type Sites = {
  readonly sites: readonly Awaited<ReturnType<typeof readSite>>[];
  /** Why the others have no figures. */
  readonly failed: ReadonlyMap<Contract, UnknownReason>;
  readonly channelIds: ReadonlyMap<string, string>;
};

function viewOf(deps: AtpDeps, { sites, failed, channelIds }: Sites): IfsView {
  const reads = new Map(sites.map(({ read }) => [read.contract, read]));
  /** Where what a demand needs was read; or why not: of a sum, every site is needed. */
  function readFor(demand: Demand): { readonly pool: Pool; readonly read: SiteRead } | Unknown {
    const pool = poolOf(deps, demand);
    const [reason] = poolsOf(deps, demand).flatMap(({ site }) => failed.get(site as Contract) ?? []);
    const read = pool && reads.get(pool.site as Contract);
    return read && reason === undefined ? { pool, read } : { kind: "none", reason: reason ?? "noSupplyChannel" };
  }
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
    answerTo(demand, held) {
      const found = readFor(demand);
      if ("kind" in found) return found;
      const { pool, read } = found;
      const pools = jointPoolsOf(deps.config.stock, pool);
      const holds = pools ? held.holds().filter(({ site, partNo }) => reads.get(site)?.figures.has(partNo)) : [];
      const units = pools ? [] : heldAt(read, held, drawnFor(deps, demand, read));
      const beside = pools
        ? JSON.stringify(holds.map(({ owner, sku, partNo, channel, units }) => [partNo, channel, units, owner, sku]))
        : JSON.stringify(units);
      const known = answered.get(demand.id);
      if (known?.beside === beside) return known.answer;
      const answer = pools
        ? jointAnswer(deps, { demand, pools, sites: jointSitesOf(deps, pools, reads), channelIds, holds })
        : answerFor(deps, { demand, pool }, { ...read, holds: units });
      answered.set(demand.id, { beside, answer });
      return answer;
    },
    answerWith(demand, held, more) {
      const found = readFor(demand);
      if ("kind" in found) return found;
      const { pool, read } = found;
      return answerFor(deps, { demand, pool }, { ...read, holds: heldAt(read, held, read.figures), more });
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
    unread: failed,
    draws: drawsOfAll(sites.flatMap(({ draws }) => draws)),
    parts,
    shardsOf(demand) {
      const known = shards.get(demand.id) ?? shardsFor(demand);
      shards.set(demand.id, known);
      return known;
    },
    counted: countedBy(sites.map(({ known }) => known)),
  };
}

const heldAt = ({ contract }: SiteRead, { units }: HeldByOthers, parts: Pick<Set<PartNo>, "has">): HeldUnits[] =>
  units.filter(({ site, partNo }) => site === contract && parts.has(partNo));

/**
 * Each site reads the orders after its own figures: a hold is over only where all of them have seen its order, for one that has not takes
 * nothing off for it.
 */
function countedBy(known: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...more] = new Set(known);
  return more.length === 0 ? first : new Set([...first].filter((id) => more.every((each) => each.has(id))));
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
