/** What is looked at to settle lines without IFS: figures of the shop that are seconds old, and where those do not do, such as are read now. */
import type { Sku } from "../../domain/ids.ts";
import type { Demand, LineVerdict, Looked, UnknownReason } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { ReadEntries, ShopFigure, ShopStock } from "./shop-stock.ts";

export type ShopFigures = {
  /** Ids of the pools' channels by their keys. */
  readonly channelIds: ReadonlyMap<string, string>;
  readonly figures: ReadonlyMap<Sku, ShopFigure>;
};

export const stockIn = ({ figures, channelIds }: ShopFigures, demand: Demand): ShopStock | undefined =>
  figures.get(demand.sku)?.byChannel.get(channelIds.get(demand.supplyChannel ?? "") ?? "");

/** Without what passed here since the figure was read. */
export function unsoldIn({ context }: AtpDeps, view: ShopFigures, demand: Demand): ShopStock | undefined {
  const stock = stockIn(view, demand);
  const channelId = view.channelIds.get(demand.supplyChannel ?? "");
  const readAt = view.figures.get(demand.sku)?.readAt;
  if (!stock || channelId === undefined || readAt === undefined) return stock;
  const sold = context.shopStock.soldSince(demand.sku, channelId, readAt);
  return sold === 0 ? stock : { ...stock, availableQuantity: stock.availableQuantity - sold };
}

/** `ids` of the channels that are read. Figures at most `atp.shopCacheSeconds` old. */
export const rememberedFigures = (
  deps: AtpDeps,
  skus: readonly Sku[],
  ids: readonly string[],
): Promise<ReadonlyMap<Sku, ShopFigure>> =>
  deps.context.shopStock.remembered(skus, {
    maxAgeMs: deps.config.atp.shopCacheSeconds * 1000,
    read: entriesOf(deps, ids),
    onFailure: (error) => deps.logger.warn({ flow: "atp-check", error }, "shop-stock-not-renewed"),
  });

const entriesOf =
  (deps: AtpDeps, ids: readonly string[]): ReadEntries =>
  async (skus) =>
    ids.length === 0 ? [] : deps.entries(skus, ids);

/** Read now, but for those that were just read for this question. */
export async function freshFigures(
  deps: AtpDeps,
  demands: readonly Demand[],
  { figures, ids }: Pick<ShopFigures, "figures"> & { readonly ids: readonly string[] },
): Promise<ReadonlyMap<Sku, ShopFigure>> {
  const stale = new Set(demands.flatMap(({ sku }) => (figures.get(sku)?.isFresh ? [] : [sku])));
  if (stale.size === 0) return figures;
  return new Map([...figures, ...(await deps.context.shopStock.fresh([...stale], entriesOf(deps, ids)))]);
}

type Read = { readonly ok: true; readonly value: ReadonlyMap<Sku, ShopFigure> } | Unread;
type Unread = { readonly ok: false; readonly reason: UnknownReason };

export type LookedTwice<V> = Looked & {
  readonly view: V;
  /** Why no figure of those that are to be asked about could be read. */
  readonly unread: Unread | undefined;
};

/** A remembered figure may confirm, and does nothing else: what it does not confirm is looked at with figures that are read now. */
export async function lookTwice<V extends ShopFigures>(
  demands: readonly Demand[],
  given: {
    readonly view: V;
    readonly look: (demands: readonly Demand[], view: V) => Looked;
    readonly read: (close: readonly Demand[]) => Promise<Read>;
  },
): Promise<LookedTwice<V>> {
  const first = given.look(demands, given.view);
  if (first.toAsk.length === 0) return { ...first, view: given.view, unread: undefined };
  const read = await given.read(first.toAsk);
  const figures = read.ok ? read.value : nothingOf(first.toAsk);
  const view = { ...given.view, figures: new Map([...given.view.figures, ...figures]) };
  const again = given.look(first.toAsk, view);
  return {
    settled: new Map([...first.settled, ...again.settled]),
    toAsk: again.toAsk,
    view,
    unread: read.ok ? undefined : read,
  };
}

const nothingOf = (demands: readonly Demand[]): Map<Sku, ShopFigure> =>
  new Map(demands.map(({ sku }) => [sku, { byChannel: new Map(), readAt: 0, isFresh: false }]));

/** The order is about to be created, of the cart where it has one: the entries show it seconds later. */
export function rememberSales(
  { context, config }: AtpDeps,
  lines: readonly { readonly sku: Sku; readonly supplyChannel: string | undefined; readonly requested: number }[],
  owner: string | undefined,
): void {
  const ids = context.channels?.ids;
  const demands = new Map(lines.map((line) => [JSON.stringify([line.sku, line.supplyChannel]), line]));
  const sold = [...demands.values()].flatMap(({ sku, supplyChannel, requested }) => {
    const channelId = ids?.get(supplyChannel ?? "");
    return channelId === undefined ? [] : [{ sku, channelId, quantity: requested }];
  });
  context.shopStock.sold(sold, config.atp.shopCacheSeconds * 1000, owner);
}

/** Verdicts with the read of the shop's figure that they rest on. */
export function dated(
  demands: readonly Demand[],
  verdicts: ReadonlyMap<string, LineVerdict>,
  view: ShopFigures,
): Map<string, LineVerdict> {
  const result = new Map(verdicts);
  for (const demand of demands) {
    const verdict = verdicts.get(demand.id);
    const figure = stockIn(view, demand) && view.figures.get(demand.sku);
    if (verdict && figure) result.set(demand.id, { ...verdict, readAt: figure.readAt });
  }
  return result;
}
