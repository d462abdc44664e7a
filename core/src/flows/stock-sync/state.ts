/** The flow's documents of the last run. */
import type { OrderId, PartNo } from "../../domain/ids.ts";
import { type SoldOrder, YOUNG_MS } from "../../domain/in-flight.ts";
import { toKey } from "../../domain/key.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { remember } from "../taken-off.ts";
import { LIST_CAP, type OrdersState, ordersStateSchema, type SiteState, siteStateSchema } from "./parse.ts";

const siteName = (site: string): string => toKey("stock", "site", site);
const ORDERS = toKey("stock", "orders");

/** They are read at every checkout that asks IFS. More of them are a fault of the export, and exceptions of it. */
const MOST_PARTLY_THERE = 300;

/** A document as the run found it, and how the run replaces it. ConflictError: another run wrote meanwhile. */
export type Kept<T, Next = T> = { readonly before: T; readonly save: (next: Next) => Promise<void> };

/** Lists beyond their cap are cut: what is lost is found by the next full run. */
export async function openSiteState(cursors: Cursors, site: string): Promise<Kept<SiteState>> {
  const cursor = await openCursor(cursors, siteName(site), siteStateSchema);
  const cut = <T>(list: readonly T[]): T[] => [...new Set(list)].slice(0, LIST_CAP);
  return {
    before: cursor.value() ?? siteStateSchema.parse({}),
    save: (state) =>
      cursor.move({
        ...state,
        demandParts: cut(state.demandParts),
        inFlightParts: cut(state.inFlightParts),
        again: cut(state.again),
        endedLeft: cut(state.endedLeft),
        expiring: state.expiring.slice(0, LIST_CAP),
      }),
  };
}

export async function openOrdersState(cursors: Cursors): Promise<Kept<OrdersState, StillOpen>> {
  const cursor = await openCursor(cursors, ORDERS, ordersStateSchema);
  const before = cursor.value() ?? ordersStateSchema.parse({});
  return { before, save: (open) => cursor.move(ordersState(before, open)) };
}

type StillOpen = {
  readonly orders: readonly SoldOrder[];
  /** Those and all others that the run has read. */
  readonly read: readonly SoldOrder[];
  readonly gone: OrdersState["gone"];
  readonly readAt: number;
};

/**
 * Linked orders come first: the others are found again because they have no link. Where even the linked ones do not fit, the
 * read of the next run begins where this one began, which finds them all once more.
 */
function ordersState(before: OrdersState, { orders: open, read, gone, readAt }: StillOpen): OrdersState {
  const linked = open.filter(({ orderNo }) => orderNo !== undefined);
  const orderIds = [...linked, ...open.filter(({ orderNo }) => orderNo === undefined)]
    .slice(0, LIST_CAP)
    .map(({ orderId }): OrderId => orderId);
  return {
    readAt: linked.length > LIST_CAP ? before.readAt : readAt,
    orderIds,
    partlyThere: linked
      .filter(({ createdAt, cancelledAt }) => cancelledAt === undefined && readAt - createdAt >= YOUNG_MS)
      .slice(0, MOST_PARTLY_THERE)
      .map(({ orderId }) => orderId),
    gone: gone.slice(0, LIST_CAP),
    remembered: remember(read),
  };
}

/** Orders that the last run found in IFS with less than they are made of. */
export async function readPartlyThere(cursors: Pick<Cursors, "read">): Promise<readonly OrderId[]> {
  const stored = await cursors.read(ORDERS);
  return stored ? ordersStateSchema.parse(stored.value).partlyThere : [];
}

/** A few parts that certainly had stock rows; the newest sightings first. */
export const witnessesOf = (seen: readonly PartNo[], before: readonly PartNo[]): PartNo[] =>
  [...new Set([...seen, ...before])].slice(0, 5);

/** By the name of a pool: begin of the last run that brought it up to date; undefined: there was none yet. */
export async function readCaughtUpAt(
  cursors: Pick<Cursors, "read">,
  site: string,
): Promise<(pool: string) => number | undefined> {
  const stored = await cursors.read(siteName(site));
  if (!stored) return () => undefined;
  const { caughtUpAt, poolsCaughtUpAt } = siteStateSchema.parse(stored.value);
  // A document of before knows the site alone.
  const known = Object.keys(poolsCaughtUpAt).length > 0;
  return (pool) => (known ? poolsCaughtUpAt[pool] : caughtUpAt);
}
