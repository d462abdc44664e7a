/** What every entry should show once nothing moves, by the models of both platforms, and what it shows. */
import type { World } from "../world.ts";
import { channelId, entryOf, ifsFigure, ordersOf, type Pool, piecesOf } from "./books.ts";
import type { Story } from "./story.ts";

/** Pieces that IFS can promise to nobody but the shop, minus orders of the shop that IFS does not have. */
export function piecesLeft(world: World, sku: string, { site, channels }: Pool): number {
  const { free } = ifsFigure(world, sku, site);
  const ids = channels.map((key) => channelId(world, key));
  const inIfs = new Set([...world.ifs.model.world().table("CustomerOrder").all()].map((row) => row.values.ExternalRef));
  const waiting = ordersOf(world).filter(({ id, orderState }) => orderState !== "Cancelled" && !inIfs.has(id));
  return free - waiting.reduce((sum, order) => sum + piecesOf(order, sku, ids), 0);
}

export type Drift = { readonly units: number; readonly findings: readonly string[] };

/** Channels of one pool share its pieces evenly; the odd ones go to the later channels. */
export function driftOf({ world, skus, pools }: Pick<Story, "world" | "skus" | "pools">): Drift {
  const findings: string[] = [];
  let units = 0;
  for (const [pool, sku] of pools.flatMap((pool) => skus.map((sku) => [pool, sku] as const))) {
    const { channels } = pool;
    const pieces = Math.max(0, piecesLeft(world, sku, pool));
    let given = 0;
    channels.forEach((key, index) => {
      const upTo = Math.floor((pieces * (index + 1)) / channels.length);
      const wanted = upTo - given;
      given = upTo;
      const entry = entryOf(world, sku, channelId(world, key));
      if (entry?.quantityOnStock === wanted) return;
      units += Math.abs(wanted - (entry?.quantityOnStock ?? 0));
      findings.push(
        `drift: ${sku} at ${key} shows ${entry?.quantityOnStock ?? "nothing"} instead of ${wanted}; the pool has ${pieces}`,
      );
    });
  }
  return { units, findings };
}
