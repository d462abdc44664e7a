/** Finds an order by any of its names, and everything that is known of it in either system. */
import type { Order } from "@commercetools/platform-sdk";
import { orderMessages } from "../ct/messages.ts";
import { createOrders } from "../ct/orders.ts";
import { readLinkState } from "../domain/claims.ts";
import { RefusedError } from "../domain/failure.ts";
import type { OrderId, OrderNo } from "../domain/ids.ts";
import { blockedRowOf } from "../flows/blocked.ts";
import { exceptionId, paymentRowOf, returnRowOf } from "../flows/exception-id.ts";
import type { Active, Connector } from "./connector.ts";
import { type TimelineEntry, timelineOf } from "./timeline-entries.ts";

export type Timeline = {
  readonly orderId: string;
  readonly orderNumber: string | null;
  readonly purchaseOrderNumber: string | null;
  readonly ifsOrderNos: readonly string[];
  readonly entries: readonly TimelineEntry[];
  /** Orders that have the same name besides; a purchase order number is the buyer's and may repeat. */
  readonly alsoNamedSo: readonly string[];
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const JOURNAL_ROWS = 200;

/** `name`: commercetools id, order number, purchase order number or IFS order number. Undefined: no order has it. */
export async function readTimeline(connector: Connector, name: string): Promise<Timeline | undefined> {
  const { ct, store } = connector;
  const active = await connector.active();
  const [order, ...others] = await ordersNamed(connector, active, name);
  if (!order) return undefined;
  const rows = [
    exceptionId("order-export", order.id),
    exceptionId("order-export", order.id, "ifsDuplicate"),
    returnRowOf(order.id),
    paymentRowOf(order.id),
    blockedRowOf(order.id),
  ] as const;
  const [messages, journal, exceptions, ignored, found] = await Promise.all([
    orderMessages(ct, order.id),
    store.journal.of(order.id, JOURNAL_ROWS),
    store.exceptions.byIds(rows),
    store.ignored.get(rows[0]),
    active.ifs.orders.ordersByReference([order.id]),
  ]);
  const link = readLinkState({ syncInfo: order.syncInfo }, active.channels);
  const numbers = new Set([
    ...found.map(({ orderNo }) => orderNo),
    ...(link.orderNo === undefined ? [] : [link.orderNo]),
  ]);
  const ifs = numbers.size === 0 ? [] : await active.ifs.orders.documents([...numbers], { charges: false });
  return {
    orderId: order.id,
    orderNumber: order.orderNumber ?? null,
    purchaseOrderNumber: order.purchaseOrderNumber ?? null,
    ifsOrderNos: [...numbers],
    entries: timelineOf({ order, link, messages, journal, exceptions, ignored, ifs }),
    alsoNamedSo: others.map(({ id }) => id),
  };
}

/** The first way that leads to an order counts. */
async function ordersNamed({ ct }: Connector, active: Active, name: string): Promise<Order[]> {
  const orders = createOrders(ct);
  if (UUID.test(name)) {
    const order = await orders.get(name as OrderId);
    return order ? [order] : [];
  }
  const by = (where: string, variables: Record<string, string>) =>
    orders.page({ where: [where], variables, limit: 20 });
  const numbered = await by("orderNumber = :name or purchaseOrderNumber = :name", { name });
  if (numbered.length > 0) return numbered.sort((a, b) => rank(a, name) - rank(b, name));
  const linked = await linkedTo(by, active, name);
  if (linked.length > 0) return linked;
  // Not linked, or not to be found by a link: IFS itself knows whose order it is.
  const [document] = await active.ifs.orders.documents([name as OrderNo], { charges: false });
  const reference = document?.order.externalRef ?? "";
  const order = UUID.test(reference) ? await orders.get(reference as OrderId) : undefined;
  return order ? [order] : [];
}

/** The shop's own number is unique, a buyer's is not. */
const rank = ({ orderNumber }: Order, name: string): number => (orderNumber === name ? 0 : 1);

/** Predicates on syncInfo are not documented; where they are refused, IFS is asked instead. */
async function linkedTo(
  by: (where: string, variables: Record<string, string>) => Promise<Order[]>,
  { channels }: Active,
  name: string,
): Promise<Order[]> {
  try {
    return await by("syncInfo(channel(id = :link) and externalId = :name)", { link: channels.link, name });
  } catch (error) {
    if (error instanceof RefusedError && error.system === "commercetools") return [];
    throw error;
  }
}
