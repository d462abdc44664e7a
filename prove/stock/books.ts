/** What each platform's own model holds of a SKU: nothing here asks the connector, and no formula is shared with it. */
import { type InventoryEntry, slotOf } from "../../sandbox/commercetools/stock.ts";
import { Decimal, ZERO } from "../../sandbox/ifs/decimal.ts";
import { flag, maybeText, num, text } from "../../sandbox/ifs/rows.ts";
import type { Row } from "../../sandbox/ifs/store.ts";
import type { World } from "../world.ts";

/** A stock of goods, and the shop's supply channels that sell out of it. */
export type Pool = { readonly site: string; readonly channels: readonly [string, ...string[]] };

/** What one piece of a SKU takes out of IFS: units of an inventory part. A kit is one for each of its components. */
export type Article = {
  readonly sku: string;
  readonly partNo: string;
  readonly units: number;
  /** Of a kit: the sales part that sells the component alone. */
  readonly component?: string;
};

/** A part, all the sites that deliver it to some channels, and all that is sold of it there: whoever sells one unit takes it from the others. */
export type Supply = {
  readonly partNo: string;
  readonly sites: readonly string[];
  /** Keys of the supply channels. */
  readonly channels: readonly [string, ...string[]];
  readonly articles: readonly Article[];
};

/** Pools that feed the same channels are one supply. */
export function suppliesOf(pools: readonly Pool[], articles: readonly Article[]): Supply[] {
  const areas = Map.groupBy(pools, ({ channels }) => channels[0]);
  const ofPart = Map.groupBy(articles, ({ partNo }) => partNo);
  return [...areas.values()].flatMap((area) => {
    const [{ channels } = { channels: [""] as const }] = area;
    return [...ofPart].map(([partNo, some]) => ({
      ...{ partNo, channels, articles: some, sites: area.map(({ site }) => site) },
    }));
  });
}

/** The shop's order as far as units are concerned. */
export type ShopOrder = {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly orderState: string;
  readonly paymentState?: string;
  readonly inventoryMode: string;
  readonly syncInfo: readonly { readonly externalId?: string }[];
  readonly lineItems: readonly {
    readonly id: string;
    readonly quantity: number;
    readonly variant: { readonly sku?: string };
    readonly supplyChannel?: { readonly id: string };
  }[];
  readonly returnInfo?: readonly unknown[];
};

/** What IFS holds of a part at a site at one moment, in pieces. */
export type IfsFigure = {
  /** On hand in rows that can be sold, minus reserved, minus what open lines still want. May be negative. */
  readonly free: number;
  /** What of this was taken off for each order of the shop, and what was delivered to it: commercetools id -> pieces. */
  readonly taken: ReadonlyMap<string, number>;
  /** What lines of others still get, reserved or not: taken off in `free`. */
  readonly othersWant: number;
};

/**
 * The most that a figure of these moments, in their order, may promise to the shop. Demand is read before stock: what others ordered in
 * between is not known, what came in is. Where the two reads are one, this is the best moment. `units`: of an order, where IFS may hold
 * more for it than it has by now.
 */
export function bestOf(
  figures: readonly IfsFigure[],
  orders: readonly (Pick<ShopOrder, "id"> & { readonly units?: number })[],
): number {
  let [best, leastWanted] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { free, taken, othersWant } of figures) {
    leastWanted = Math.min(leastWanted, othersWant);
    const promised = orders.reduce((sum, { id, units = Infinity }) => sum + Math.min(units, taken.get(id) ?? 0), free);
    best = Math.max(best, promised + othersWant - leastWanted);
  }
  return best;
}

const finals = ["Delivered", "Invoiced"];

/** `articles`: what is sold of the part. A line of a kit among them wants the components, until people take these off the shelf and ship it. */
export function ifsFigure(world: World, { partNo, articles }: Goods, site: string): IfsFigure {
  const ifs = world.ifs.model.world();
  let [free, othersWant] = [unreserved(world, partNo, site), ZERO];
  const taken = new Map<string, number>();
  for (const line of ifs.table("CustomerOrderLine").find("PartNo", partNo) ?? []) {
    const state = text(line, "Objstate");
    if (text(line, "Contract") !== site || state === "Cancelled") continue;
    const open = finals.includes(state) ? ZERO : openOf(line);
    free = free.minus(open);
    const order = ifs.table("CustomerOrder").get(text(line, "OrderNo"));
    const shopOrder = order && maybeText(order, "ExternalRef");
    if (!shopOrder) {
      // A line whose reservation was taken back wants no more than before: whoever looks has to see it.
      othersWant = othersWant.plus(open).plus(num(line, "QtyAssigned"));
      continue;
    }
    const shipped = isTakenOff(world, line, shopOrder) ? ZERO : num(line, "QtyShipped");
    const held = open.plus(num(line, "QtyAssigned")).plus(shipped);
    taken.set(shopOrder, (taken.get(shopOrder) ?? 0) + held.toNumber());
  }
  for (const { orderNo, open, shipped, units } of kitLines(world, articles, site)) {
    free = free.minus(open * units);
    const shopOrder = text(orderRow(world, orderNo), "ExternalRef");
    taken.set(shopOrder, (taken.get(shopOrder) ?? 0) + (open + shipped) * units);
  }
  return { free: free.toNumber(), taken, othersWant: othersWant.toNumber() };
}

/** An Order Edit took the line item off: what left for it went to nobody who is still waiting. */
function isTakenOff(world: World, line: Row, shopOrder: string): boolean {
  const order = world.commercetools.model.world.collection<ShopOrder>("order").get(shopOrder);
  const ref = /\[ref ([^\]]+)\]/.exec(maybeText(line, "NoteText") ?? "")?.[1] ?? maybeText(line, "CustomerPoLineNo");
  return order !== undefined && /^[\da-f-]{36}$/.test(ref ?? "") && !order.lineItems.some(({ id }) => id === ref);
}

/**
 * Units of the part that a line of the shop's order has or gets, or that IFS cancelled while the shop still sells it: nobody in IFS
 * waits for them.
 */
export function unitsKnown(world: World, { partNo }: Pick<Supply, "partNo">, orderId: string): number {
  const ifs = world.ifs.model.world();
  const heads = [...ifs.table("CustomerOrder").all()].filter((row) => maybeText(row, "ExternalRef") === orderId);
  const orderNos = new Set(heads.map((row) => text(row, "OrderNo")));
  let known = ZERO;
  for (const line of ifs.table("CustomerOrderLine").find("PartNo", partNo) ?? []) {
    if (!orderNos.has(text(line, "OrderNo"))) continue;
    const [due, gone] = [num(line, "RevisedQtyDue"), isTakenOff(world, line, orderId)];
    const ended = ["Cancelled", ...finals].includes(text(line, "Objstate"));
    if (!gone) known = known.plus(due);
    else if (!ended) known = known.plus(openOf(line)).plus(num(line, "QtyAssigned"));
  }
  return known.toNumber();
}

/** Exported and linked, and not cancelled there. */
export const isInIfs = (world: World, { id, syncInfo }: ShopOrder): boolean =>
  [...world.ifs.model.world().table("CustomerOrder").all()].some(
    (row) =>
      maybeText(row, "ExternalRef") === id &&
      text(row, "Objstate") !== "Cancelled" &&
      syncInfo.some(({ externalId }) => externalId === text(row, "OrderNo")),
  );

type Goods = Pick<Supply, "partNo" | "articles">;

const orderRow = (world: World, orderNo: string): Row => {
  const order = world.ifs.model.world().table("CustomerOrder").get(orderNo);
  if (!order) throw new Error(`there is no order ${orderNo}`);
  return order;
};

/** IFS does not take these kits apart: each has a line of its own, of no inventory part. Only the shop sells them. */
export function* kitLines(world: World, articles: readonly Article[], site: string) {
  const lines = world.ifs.model.world().table("CustomerOrderLine");
  for (const { sku, partNo, units, component } of articles) {
    for (const line of component === undefined ? [] : (lines.find("CatalogNo", sku) ?? [])) {
      if (text(line, "Contract") !== site || text(line, "Objstate") === "Cancelled") continue;
      const shipped = num(line, "QtyShipped").toNumber();
      const open = Math.max(0, num(line, "RevisedQtyDue").toNumber() - shipped);
      yield { orderNo: text(line, "OrderNo"), partNo, units, open, shipped };
    }
  }
}

function unreserved(world: World, partNo: string, site: string): Decimal {
  const ifs = world.ifs.model.world();
  const today = ifs.siteToday(site);
  return [...(ifs.table("InventoryPartInStock").find("PartNo", partNo) ?? [])]
    .filter((row) => isSellable(row, site, today))
    .reduce((sum, row) => sum.plus(num(row, "QtyOnhand")).minus(num(row, "QtyReserved")), ZERO);
}

function isSellable(row: Row, site: string, today: string): boolean {
  const expires = maybeText(row, "ExpirationDate");
  return (
    text(row, "Contract") === site &&
    text(row, "LocationTypeDb") === "PICKING" &&
    !flag(row, "FreezeFlagDb") &&
    text(row, "PartOwnershipDb") === "COMPANY OWNED" &&
    (expires === null || expires.slice(0, 10) >= today)
  );
}

function openOf(line: Row): Decimal {
  const open = num(line, "RevisedQtyDue")
    .plus(num(line, "QtyShipdiff"))
    .minus(num(line, "QtyShipped"))
    .minus(num(line, "QtyAssigned"));
  return Decimal.max(open, 0);
}

export const ordersOf = ({ commercetools }: World): ShopOrder[] => [
  ...commercetools.model.world.collection<ShopOrder>("order").values(),
];

/** Of one SKU, sold from one of these supply channels. */
export const piecesOf = ({ lineItems }: ShopOrder, sku: string, channelIds: readonly string[]): number =>
  lineItems.reduce((sum, { quantity, variant, supplyChannel }) => {
    const counts = variant.sku === sku && supplyChannel !== undefined && channelIds.includes(supplyChannel.id);
    return sum + (counts ? quantity : 0);
  }, 0);

/** Units of the part that an order takes out of a supply. */
export const unitsOf = (order: ShopOrder, articles: readonly Article[], channelIds: readonly string[]): number =>
  articles.reduce((sum, { sku, units }) => sum + units * piecesOf(order, sku, channelIds), 0);

export function entryOf(world: World, sku: string, channelId: string): InventoryEntry | undefined {
  return world.commercetools.model.world
    .collection<InventoryEntry>("inventory-entry")
    .findUnique("sku", slotOf(sku, channelId));
}

/** The entry's quantity by what the platform decides: with the sales that its readers do not see yet. */
export function trueStock(world: World, entry: InventoryEntry | undefined): number {
  if (!entry) return 0;
  const { stockMoves } = world.commercetools.model.world;
  const late = stockMoves.reduce((sum, { entryId, onStock }) => sum + (entryId === entry.id ? onStock : 0), 0);
  return entry.quantityOnStock + late;
}

export function channelId(world: World, key: string): string {
  const found = world.commercetools.model.world.collection("channel").findUnique("key", key);
  if (!found) throw new Error(`the shop has no channel ${key}`);
  return found.id;
}
