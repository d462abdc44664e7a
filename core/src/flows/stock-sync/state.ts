/** The flow's documents of the last run. */
import type { OrderId, PartNo } from "../../domain/ids.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import { toKey } from "../../domain/key.ts";
import type { StockSyncDeps } from "./deps.ts";
import { LIST_CAP, type OrdersState, ordersStateSchema, type SiteState, siteStateSchema } from "./parse.ts";

type Cursors = Pick<StockSyncDeps, "cursors">;

const siteName = (site: string): string => toKey("stock", "site", site);
const ORDERS = toKey("stock", "orders");

export async function readSiteState(deps: Cursors, site: string): Promise<SiteState> {
  return siteStateSchema.parse((await deps.cursors.read(siteName(site)))?.value ?? {});
}

export async function readOrdersState(deps: Cursors): Promise<OrdersState> {
  return ordersStateSchema.parse((await deps.cursors.read(ORDERS))?.value ?? {});
}

/** Lists beyond their cap are cut: what is lost is found by the next full run. */
export function writeSiteState(deps: Cursors, site: string, state: SiteState): Promise<void> {
  const cut = <T>(list: readonly T[]): T[] => [...new Set(list)].slice(0, LIST_CAP);
  return write(deps, siteName(site), {
    ...state,
    demandParts: cut(state.demandParts),
    inFlightParts: cut(state.inFlightParts),
    again: cut(state.again),
    expiring: state.expiring.slice(0, LIST_CAP),
  });
}

/**
 * Linked orders come first: the others are found again because they have no link. Where even the linked ones do not fit, the
 * read of the next run begins where this one began, which finds them all once more.
 */
export function writeOrdersState(
  deps: Cursors,
  open: readonly SoldOrder[],
  read: { readonly before: OrdersState; readonly at: number },
): Promise<void> {
  const linked = open.filter(({ orderNo }) => orderNo !== undefined);
  const orderIds = [...linked, ...open.filter(({ orderNo }) => orderNo === undefined)]
    .slice(0, LIST_CAP)
    .map(({ orderId }): OrderId => orderId);
  const readAt = linked.length > LIST_CAP ? read.before.readAt : read.at;
  return write(deps, ORDERS, { readAt, orderIds } satisfies OrdersState);
}

async function write(deps: Cursors, name: string, value: unknown): Promise<void> {
  const stored = await deps.cursors.read(name);
  await deps.cursors.write(name, value, stored?.version ?? 0);
}

/** A few parts that certainly had stock rows; the newest sightings first. */
export const witnessesOf = (seen: readonly PartNo[], before: readonly PartNo[]): PartNo[] =>
  [...new Set([...seen, ...before])].slice(0, 5);
