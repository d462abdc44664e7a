/** What a configuration can't say of a supply channel that several pools feed. Pure. */
import { feeds, isJointChannel } from "./joint-pools.ts";
import type { StockConfig } from "./stock-config.ts";

type Finding = { path: string; message: string };

export function jointFindings(stock: StockConfig): Finding[] {
  return [...fedTwice(stock), ...notLive(stock), ...bySupply(stock)];
}

/** Open demand belongs to the site, and each pool bears all of it: two pools of one site would take it off twice. */
function fedTwice({ pools }: StockConfig): Finding[] {
  return pools.flatMap((pool, index) =>
    pool.channels.flatMap(({ supplyChannel }, nth) => {
      const path = `stock.pools[${index}].channels`;
      if (feeds({ channels: pool.channels.slice(0, nth) }, supplyChannel)) {
        return [{ path, message: `supply channel "${supplyChannel}" is listed twice` }];
      }
      const other = pools.slice(0, index).find(({ site, ...one }) => site === pool.site && feeds(one, supplyChannel));
      if (!other) return [];
      const message = `pool "${other.name}" of site "${pool.site}" feeds supply channel "${supplyChannel}" as well; name the warehouses and locations of both in one pool`;
      return [{ path, message }];
    }),
  );
}

/** A load sets what one pool has, absolutely, and goes through the sales parts of one site. A run adds up all of them. */
const notLive = (stock: StockConfig): Finding[] =>
  stock.pools.flatMap(({ channels }, index) =>
    channels
      .filter(({ live, supplyChannel }) => !live && isJointChannel(stock, supplyChannel))
      .map(({ supplyChannel }) => ({
        path: `stock.pools[${index}].channels`,
        message: `supply channel "${supplyChannel}" is fed by pools of several sites, and cannot be loaded with live: false: a load sets what one pool has, and would overwrite what the others give. Leave live: false out; the next run fills the channel with the sum. Until then no store should name it as supply channel`,
      })),
  );

/** Each site expects goods for itself, and which of them the channel's next order gets is not known. */
const bySupply = (stock: StockConfig): Finding[] =>
  stock.classes.flatMap(({ restockableInDays, supplyChannels, sites }, index) => {
    if (restockableInDays !== "supply") return [];
    const fed = stock.pools.filter(({ site }) => sites.length === 0 || sites.includes(site));
    const channels = [...new Set(fed.flatMap((pool) => pool.channels.map(({ supplyChannel }) => supplyChannel)))];
    const joint = channels.filter(
      (key) => (supplyChannels.length === 0 || supplyChannels.includes(key)) && isJointChannel(stock, key),
    );
    return joint.map((key) => ({
      path: `stock.classes[${index}].restockableInDays`,
      message: `supply channel "${key}" is fed by pools of several sites, which expect goods each for itself: which of them delivers an order is not known before it is routed, and so neither is its date. Give a number of days, or name the supplyChannels of the class without it`,
    }));
  });
