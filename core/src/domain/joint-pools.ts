/** Supply channels that pools of several sites feed. Pure. */
import type { Pool, StockConfig } from "./stock-config.ts";

/** Pools that feed a channel together, and whatever else feeds a channel of one of them. In the configuration's order. */
export type JointPools = {
  readonly pools: readonly Pool[];
  readonly sites: readonly string[];
  /** Keys of the supply channels of all of them. */
  readonly channels: readonly string[];
};

type Pools = Pick<StockConfig, "pools">;

/** By the list of pools, which is one object as long as a configuration is active. */
const known = new WeakMap<readonly Pool[], ReadonlyMap<Pool, JointPools>>();

/** Undefined for a pool that has all of its channels to itself. */
export const jointPoolsOf = (stock: Pools, pool: Pool): JointPools | undefined => allOf(stock).get(pool);

/**
 * The site, and those with which it feeds channels, directly or through others. In the configuration's order. Groups of pools may meet
 * at a site without sharing a channel; their sites go together all the same.
 */
export function sitesTogether(stock: Pools, site: string): string[] {
  const together = new Set([site]);
  for (const one of together) {
    for (const { sites } of allOf(stock).values()) {
      if (sites.includes(one)) for (const other of sites) together.add(other);
    }
  }
  if (together.size === 1) return [site];
  return [...new Set(stock.pools.map((pool) => pool.site))].filter((one) => together.has(one));
}

/** More than one pool feeds it. */
export const isJointChannel = ({ pools }: Pools, supplyChannel: string): boolean =>
  pools.filter((pool) => feeds(pool, supplyChannel)).length > 1;

export const feeds = ({ channels }: Pick<Pool, "channels">, supplyChannel: string): boolean =>
  channels.some((channel) => channel.supplyChannel === supplyChannel);

function allOf({ pools }: Pools): ReadonlyMap<Pool, JointPools> {
  const found = known.get(pools) ?? findJoint(pools);
  known.set(pools, found);
  return found;
}

function findJoint(pools: readonly Pool[]): Map<Pool, JointPools> {
  const joint = new Map<Pool, JointPools>();
  for (const pool of pools) {
    if (joint.has(pool)) continue;
    const members = reachedFrom(pool, pools);
    if (members.size === 1) continue;
    const ordered = pools.filter((one) => members.has(one));
    const of = {
      pools: ordered,
      sites: [...new Set(ordered.map(({ site }) => site))],
      channels: [...new Set(ordered.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel)))],
    };
    for (const one of ordered) joint.set(one, of);
  }
  return joint;
}

function reachedFrom(pool: Pool, pools: readonly Pool[]): Set<Pool> {
  const reached = new Set([pool]);
  for (const one of reached) {
    for (const { supplyChannel } of one.channels) {
      for (const other of pools) if (feeds(other, supplyChannel)) reached.add(other);
    }
  }
  return reached;
}
