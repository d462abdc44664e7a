/** What every entry should show once nothing moves, by the models of both platforms, and what it shows. */
import type { World } from "../world.ts";
import {
  type Article,
  channelId,
  entryOf,
  ifsFigure,
  ordersOf,
  type Pool,
  type Supply,
  suppliesOf,
  unitsKnown,
  unitsOf,
} from "./books.ts";
import type { Story } from "./story.ts";

/** Units that IFS can promise to nobody but the shop, minus orders of the shop that IFS does not have. */
function unitsLeft(world: World, supply: Supply): number {
  const { sites, channels, articles } = supply;
  const free = sites.reduce((sum, site) => sum + ifsFigure(world, supply, site).free, 0);
  const ids = channels.map((key) => channelId(world, key));
  const inIfs = new Set([...world.ifs.model.world().table("CustomerOrder").all()].map((row) => row.values.ExternalRef));
  const isKit = articles.some(({ component }) => component !== undefined);
  const waiting = ordersOf(world).filter(({ orderState }) => orderState !== "Cancelled");
  return waiting.reduce((left, order) => {
    const units = unitsOf(order, articles, ids);
    if (units === 0 || (isKit && inIfs.has(order.id))) return left;
    // What an Order Edit added may wait for a person; kits are not edited.
    return left - Math.max(0, units - unitsKnown(world, supply, order.id));
  }, free);
}

/** The same of a SKU that has its part and its pool to itself. */
export const piecesLeft = (world: World, sku: string, { site, channels }: Pool): number =>
  unitsLeft(world, { partNo: sku, sites: [site], channels, articles: [{ sku, partNo: sku, units: 1 }] });

export type Drift = { readonly units: number; readonly findings: readonly string[] };

const sumOf = (drifts: readonly Drift[]): Drift => ({
  units: drifts.reduce((sum, { units }) => sum + units, 0),
  findings: drifts.flatMap(({ findings }) => findings),
});

export function driftOf({ world, articles, pools }: Pick<Story, "world" | "articles" | "pools">): Drift {
  const supplies = suppliesOf(pools, articles);
  return sumOf([
    ...supplies.map((supply) => {
      const units = Math.max(0, unitsLeft(world, supply));
      const [only, ...others] = supply.articles;
      return only && others.length === 0 && only.component === undefined
        ? driftOfOne(world, supply, { ...only, left: units })
        : driftOfAll(world, supply, units);
    }),
    driftOfKits(world, supplies),
  ]);
}

/** How much of a component falls to a kit is the connector's to choose, but not that it gets nothing: of each it may count on half. */
function driftOfKits(world: World, supplies: readonly Supply[]): Drift {
  const ofKit = Map.groupBy(
    supplies.filter(({ articles }) => articles.some(({ component }) => component !== undefined)),
    ({ channels }) => channels[0],
  );
  const drifts = [...ofKit.values()].map((components): Drift => {
    const [{ channels, articles } = { channels: [], articles: [] }] = components;
    const sku = articles.find(({ component }) => component !== undefined)?.sku ?? "";
    const enough = components.map((supply) => {
      const units = supply.articles.find((article) => article.sku === sku)?.units ?? 1;
      return Math.floor(Math.max(0, unitsLeft(world, supply)) / supply.articles.length / units);
    });
    const shown = channels.reduce(
      (sum, key) => sum + (entryOf(world, sku, channelId(world, key))?.quantityOnStock ?? 0),
      0,
    );
    // Rounding may cost one in each channel.
    const least = Math.min(...enough) - channels.length;
    if (shown >= least) return { units: 0, findings: [] };
    return {
      units: least - shown,
      findings: [`drift: kit ${sku} shows ${shown}; ${least} can be made of half of what is left`],
    };
  });
  return sumOf(drifts);
}

/** Whole pieces; channels share them evenly, and the odd ones go to the later channels. */
function driftOfOne(
  world: World,
  { channels }: Supply,
  { sku, units, left }: Article & { readonly left: number },
): Drift {
  const pieces = Math.floor(left / units);
  let given = 0;
  return sumOf(
    channels.map((key, index): Drift => {
      const upTo = Math.floor((pieces * (index + 1)) / channels.length);
      const wanted = upTo - given;
      given = upTo;
      const shown = entryOf(world, sku, channelId(world, key))?.quantityOnStock;
      if (shown === wanted) return { units: 0, findings: [] };
      const text = `drift: ${sku} at ${key} shows ${shown ?? "nothing"} instead of ${wanted}; there are ${left} units`;
      return { units: Math.abs(wanted - (shown ?? 0)), findings: [text] };
    }),
  );
}

/**
 * How pieces and packs divide a part is the connector's to choose. Together they show no unit twice, and leave none over that one of
 * them could still sell.
 */
function driftOfAll(world: World, { channels, articles, partNo }: Supply, left: number): Drift {
  const shown = articles.reduce((sum, { sku, units }) => {
    const pieces = channels.map((key) => entryOf(world, sku, channelId(world, key))?.quantityOnStock ?? 0);
    return sum + units * pieces.reduce((all, one) => all + one, 0);
  }, 0);
  // What a kit leaves of a component may lack its others.
  const least = Math.min(...articles.map(({ units, component }) => (component === undefined ? units : Infinity)));
  if (shown <= left && left - shown < least) return { units: 0, findings: [] };
  const text = `drift: ${articles.map(({ sku }) => sku).join(" and ")} show ${shown} units of ${partNo}; there are ${left}`;
  return { units: Math.abs(left - shown), findings: [text] };
}
