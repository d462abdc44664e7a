/**
 * Orders that commercetools has taken and a given IFS figure does not contain yet. Containment is judged by evidence, never by
 * time: a line is contained as far as the demand read of this very figure shows its IFS line, or IFS had reported the line as
 * reserved, shipped or cancelled before the figure's first read. Orders younger than 30 s always count in full, because
 * commercetools itself books them late. So do orders for 30 s after their cancellation: where the platform puts their units back
 * (unverified whether it does), it does so late too, and a figure that IFS has freed meanwhile would give the same units back again.
 * The same holds for 30 s for units of a return that was set to `BackInStock`, each time that some were, and for those that an Order Edit took off.
 *
 * What moves between the reads is counted twice for a moment, never not at all. That holds for reads in this order: reported
 * documents, demand, stock rows, inventory entry, and the orders last.
 */

import { toInventoryUnits } from "./availability.ts";
import { type ClaimChannels, readLinkState, type WithSyncInfo } from "./claims.ts";
import { add, compare, type DecimalString, isNegative, subtract, ZERO } from "./decimal.ts";
import type { OrderId, OrderNo, PartNo, Sku } from "./ids.ts";
import type { IfsDemandLine, IfsOrderLine } from "./ifs-records.ts";
import type { Draw } from "./shared-pool.ts";

/** Orders up to this age count whatever IFS shows, and cancelled ones for as long after they last changed. */
export const YOUNG_MS = 30_000;

/** An order as far as stock is concerned. */
export type SoldOrder = {
  readonly orderId: OrderId;
  /** The cart that it was made of, where it was made of one. */
  readonly cartId?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Last change of a cancelled order, milliseconds since the epoch; undefined while it lives. */
  readonly cancelledAt: number | undefined;
  /** The linked IFS order, undefined while there is none. */
  readonly orderNo: OrderNo | undefined;
  readonly lines: readonly SoldLine[];
  /** What came back and was put back into stock in the shop, whenever that was. */
  readonly returned: readonly ReturnedUnits[];
  /** What Order Edits have taken off its lines lately, as far as somebody has seen the order before. */
  readonly takenOff?: readonly ReturnedUnits[];
  /** What IFS has shipped, as far as the connector has told the order of it. */
  readonly delivered?: readonly DeliveredUnits[];
};

export type DeliveredUnits = {
  readonly lineId: string;
  readonly quantity: number;
  /** When the order was told of it, milliseconds since the epoch. */
  readonly at: number;
};

export type ReturnedUnits = {
  readonly lineId: string;
  readonly quantity: number;
  /** When the item last changed, milliseconds since the epoch. */
  readonly at: number;
};

export type SoldLine = {
  readonly lineId: string;
  readonly sku: Sku;
  /** Pieces as the shop counts them. */
  readonly quantity: number;
  /** Id of the supply channel; undefined: the line has none. */
  readonly supplyChannelId: string | undefined;
};

/** The part of a commercetools order that is read here. */
export type OrderFacts = WithSyncInfo & {
  readonly id: string;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly orderState: string;
  readonly cart?: { readonly id: string };
  readonly lineItems: readonly {
    readonly id: string;
    readonly quantity: number;
    readonly variant: { readonly sku?: string };
    readonly supplyChannel?: { readonly id: string };
  }[];
  readonly shippingInfo?: DeliveryFacts;
  readonly shipping?: readonly { readonly shippingInfo: DeliveryFacts }[];
  readonly returnInfo?: readonly {
    readonly items: readonly {
      readonly type: string;
      readonly lineItemId?: string;
      readonly quantity: number;
      readonly shipmentState: string;
      readonly lastModifiedAt: string;
    }[];
  }[];
};

type DeliveryFacts = {
  readonly deliveries?: readonly {
    readonly key?: string;
    readonly createdAt: string;
    readonly items: readonly { readonly id: string; readonly quantity: number }[];
  }[];
};

/** Keys of the deliveries that the connector makes of IFS's shipments, or of what an IFS line has shipped. Others prove nothing. */
export const deliveryPrefixes = { shipment: "shp", line: "dlv" } as const;

/**
 * Undefined for an order that takes nothing out of stock: older than the export, or taken out of scope by a person before it was
 * linked (whoever delivers it by other ways makes a demand in IFS). A cancelled order still counts for a while.
 */
export function toSoldOrder(
  order: Omit<OrderFacts, "syncInfo"> & { readonly syncInfo?: OrderFacts["syncInfo"] },
  channels: ClaimChannels,
  exportFrom: string,
): SoldOrder | undefined {
  const createdAt = Date.parse(order.createdAt);
  const cancelledAt = order.orderState === "Cancelled" ? Date.parse(order.lastModifiedAt) : undefined;
  if (Number.isNaN(createdAt)) throw new RangeError(`order ${order.id} has no readable creation time`);
  if (Number.isNaN(cancelledAt)) throw new RangeError(`order ${order.id} has no readable time of its cancellation`);
  if (createdAt < Date.parse(exportFrom)) return undefined;
  const { orderNo, claim } = readLinkState({ syncInfo: order.syncInfo ?? [] }, channels);
  if (orderNo === undefined && claim.kind === "claim" && claim.claim.phase === "ignored") return undefined;
  const delivered = toDelivered(order);
  return {
    orderId: order.id as OrderId,
    ...(order.cart && { cartId: order.cart.id }),
    createdAt,
    cancelledAt,
    orderNo,
    lines: order.lineItems.flatMap((line) => {
      const { sku } = line.variant;
      if (!sku) return [];
      return [{ lineId: line.id, sku: sku as Sku, quantity: line.quantity, supplyChannelId: line.supplyChannel?.id }];
    }),
    returned: (order.returnInfo ?? []).flatMap(({ items }) => items.flatMap(toReturned)),
    ...(delivered.length > 0 && { delivered }),
  };
}

function toDelivered({ shippingInfo, shipping = [] }: Pick<OrderFacts, "shippingInfo" | "shipping">): DeliveredUnits[] {
  const prefixes: readonly string[] = Object.values(deliveryPrefixes);
  return [shippingInfo, ...shipping.map((one) => one.shippingInfo)]
    .flatMap((info) => info?.deliveries ?? [])
    .filter(({ key }) => key !== undefined && prefixes.some((prefix) => key.startsWith(`${prefix}-`)))
    .flatMap(({ createdAt, items }) =>
      items.map(({ id, quantity }) => ({ lineId: id, quantity, at: Date.parse(createdAt) })),
    );
}

function toReturned(item: NonNullable<OrderFacts["returnInfo"]>[number]["items"][number]): ReturnedUnits[] {
  if (item.lineItemId === undefined || item.shipmentState !== "BackInStock") return [];
  return [{ lineId: item.lineItemId, quantity: item.quantity, at: Date.parse(item.lastModifiedAt) }];
}

export type Evidence = {
  /** The figure's own demand read: all lines of its parts that are not final. */
  readonly demand: readonly IfsDemandLine[];
  /** Lines of linked orders, read before the figure's first read. */
  readonly reported: ReadonlyMap<OrderNo, readonly IfsOrderLine[]>;
  /**
   * When the figure's first read began, milliseconds since the epoch. With it, a line of which the figure shows nothing is contained as far
   * as the order was told of deliveries before that: IFS has had the line, and what it has of it is final. 30 s are left for clocks that differ.
   */
  readonly readAt?: number;
};

export type InFlightQuestion = {
  /** What one piece of a SKU takes at the figure's site: its inventory part, or the components of a kit; none: nothing. */
  readonly drawsOf: (sku: Sku) => readonly Draw[];
  /** False for lines that are sold out of other pools. */
  readonly counts: (supplyChannelId: string | undefined) => boolean;
  /** States whose open quantity the figure takes off. */
  readonly demandStates: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/**
 * One order line with the inventory units that the figure does not contain: ZERO for a line that it contains. A line of a kit
 * is one for each component.
 */
export type InFlightLine = {
  readonly orderId: OrderId;
  readonly lineId: string;
  readonly sku: Sku;
  readonly partNo: PartNo;
  readonly supplyChannelId: string | undefined;
  readonly quantity: DecimalString;
  /** The platform may still be about to put some of it back into stock. */
  readonly comesBack?: true;
};

/** All lines that concern the figure's site, contained ones with quantity ZERO. */
export function inFlightLines(
  orders: readonly SoldOrder[],
  evidence: Evidence,
  question: InFlightQuestion,
): InFlightLine[] {
  const shown = indexDemand(evidence.demand, question.demandStates);
  return orders.flatMap((order) => {
    const lines = order.lines.flatMap((line): Line[] => {
      const draws = question.counts(line.supplyChannelId) ? question.drawsOf(line.sku) : [];
      return draws.map(({ partNo, factor, component = false }) => {
        const inUnits = (quantity: number): DecimalString => toInventoryUnits(quantity, factor);
        const returned = inUnits(returnedLately(order, line.lineId, question.now));
        const delivered = inUnits(deliveredBefore(order, line.lineId, evidence.readAt));
        return { ...line, partNo, ordered: inUnits(line.quantity), returned, delivered, component };
      });
    });
    if (lines.length === 0) return [];
    const missing = isYoung(order, question.now)
      ? lines.map(({ ordered }) => ordered)
      : notContained(order, lines, shown, evidence.reported);
    return lines.map(({ lineId, sku, partNo, supplyChannelId, returned }, index) => ({
      orderId: order.orderId,
      lineId,
      sku,
      partNo,
      supplyChannelId,
      quantity: add(missing[index] ?? ZERO, returned),
      ...((order.cancelledAt !== undefined && !isLongCancelled(order, question.now)) || compare(returned, ZERO) > 0
        ? { comesBack: true as const }
        : {}),
    }));
  });
}

/** What commercetools books for the order, it may have booked late: its sale, or the return of its units to stock. */
const isYoung = ({ createdAt, cancelledAt }: SoldOrder, now: number): boolean =>
  now - (cancelledAt ?? createdAt) < YOUNG_MS;

/** Pieces of a line that the platform may still be about to put back into stock. */
const returnedLately = ({ returned, takenOff = [] }: SoldOrder, lineId: string, now: number): number =>
  [...returned, ...takenOff].reduce(
    (sum, one) => sum + (one.lineId === lineId && now - one.at < YOUNG_MS ? one.quantity : 0),
    0,
  );

/** Pieces of a line that IFS had shipped before the figure was read. */
const deliveredBefore = ({ delivered = [] }: SoldOrder, lineId: string, readAt: number | undefined): number =>
  delivered.reduce(
    (sum, one) =>
      sum + (one.lineId === lineId && readAt !== undefined && one.at + YOUNG_MS <= readAt ? one.quantity : 0),
    0,
  );

/** A cancelled order that has nothing to do with stock any more. */
export const isLongCancelled = (order: SoldOrder, now: number): boolean =>
  order.cancelledAt !== undefined && !isYoung(order, now);

/** Inventory units in flight of one part. */
export const inFlightOf = (
  lines: readonly Pick<InFlightLine, "partNo" | "supplyChannelId" | "quantity">[],
  partNo: PartNo,
  counts: (supplyChannelId: string | undefined) => boolean,
): DecimalString =>
  add(
    ZERO,
    ...lines.filter((line) => line.partNo === partNo && counts(line.supplyChannelId)).map(({ quantity }) => quantity),
  );

/**
 * Does an order line with this supply channel draw on the pool? A line without a channel, or with one that no pool feeds, might,
 * so it counts in every pool. `channelIds`: supply channel key -> id, of all pools.
 */
export function drawsOn(
  pool: { readonly channels: readonly { readonly supplyChannel: string }[] },
  channelIds: ReadonlyMap<string, string>,
): (supplyChannelId: string | undefined) => boolean {
  const own = new Set(pool.channels.map(({ supplyChannel }) => channelIds.get(supplyChannel)));
  const others = new Set([...channelIds.values()].filter((id) => !own.has(id)));
  return (id) => id === undefined || !others.has(id);
}

type Line = SoldLine & {
  readonly partNo: PartNo;
  readonly ordered: DecimalString;
  readonly returned: DecimalString;
  readonly delivered: DecimalString;
  readonly component: boolean;
};

/** An IFS line reduced to what the figure accounts for of it. */
type Accounted = {
  readonly key: string;
  readonly lineRef: string | null;
  readonly partNo: PartNo | null;
  readonly quantity: DecimalString;
  /** What of the quantity no other line will ever get: it has left, or nothing of the line will. */
  readonly spent: DecimalString;
  /** Nothing of the line will ever be taken out of stock any more. */
  readonly final: boolean;
};

type Shown = {
  readonly byRef: ReadonlyMap<string, readonly Accounted[]>;
  readonly byOrder: ReadonlyMap<OrderNo, readonly Accounted[]>;
};

type LineKey = Pick<IfsOrderLine, "orderNo" | "lineNo" | "relNo" | "lineItemNo">;
const keyOf = (line: LineKey): string => JSON.stringify([line.orderNo, line.lineNo, line.relNo, line.lineItemNo]);

function indexDemand(demand: readonly IfsDemandLine[], demandStates: readonly string[]): Shown {
  const byRef = new Map<string, Accounted[]>();
  const byOrder = new Map<OrderNo, Accounted[]>();
  for (const line of demand) {
    // Outside the configured states the formula takes nothing off for the open quantity, only IFS's own reservations show.
    const quantity = demandStates.includes(line.state) ? line.revisedQtyDue : add(line.qtyAssigned, line.qtyShipped);
    const { lineRef, partNo, qtyShipped: spent } = line;
    const accounted = { key: keyOf(line), lineRef, partNo, quantity, spent, final: false };
    if (line.lineRef !== null) append(byRef, line.lineRef, accounted);
    append(byOrder, line.orderNo, accounted);
  }
  return { byRef, byOrder };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const finalStates: readonly string[] = ["Delivered", "Invoiced", "Cancelled"];

/** A final line has left the demand and the stock rows for good; an open one is accounted for as far as IFS reserved or shipped. */
export const reportedQuantity = (line: IfsOrderLine): DecimalString =>
  finalStates.includes(line.state) ? line.revisedQtyDue : add(line.qtyAssigned, line.qtyShipped);

/** Ordered minus contained for each line, never below ZERO. */
function notContained(
  order: SoldOrder,
  lines: readonly Line[],
  shown: Shown,
  reported: ReadonlyMap<OrderNo, readonly IfsOrderLine[]>,
): DecimalString[] {
  if (order.cancelledAt !== undefined) return lines.map(() => ZERO);
  const rest = lines.map(({ ordered }) => ordered);
  const own = new Set<string>(order.lines.map(({ lineId }) => lineId));
  const known = accountedFor(order, shown, reported);
  // First by reference; lines that carry no reference of this order are then set against the lines of the same part.
  for (const line of known) {
    if (refersTo(own, line)) take(rest, lines, line, (sold) => sold.lineId === line.lineRef && standsFor(line, sold));
  }
  for (const line of known) {
    if (!refersTo(own, line)) take(rest, lines, passedOn(line), ({ partNo }) => partNo === line.partNo);
  }
  lines.forEach(({ lineId, component }, index) => {
    if (component && known.some((line) => line.final && line.lineRef === lineId && isWholeKit(line, lines))) {
      rest[index] = ZERO;
    }
  });
  // Of a line that is shown, what is shipped is in what is shown; of one that is not, nothing else is known.
  return lines.map(({ ordered, delivered }, index) => {
    const open = rest[index] ?? ZERO;
    if (compare(open, ordered) !== 0) return open;
    const left = subtract(ordered, delivered);
    return isNegative(left) ? ZERO : left;
  });
}

/**
 * IFS has a line for the kit and one for each component, all of which may carry the reference (unverified), and the quantity of
 * each is its own. A kit that IFS does not take apart has a single line, without any of the components.
 */
const standsFor = ({ partNo }: Accounted, sold: Line): boolean => !sold.component || partNo === sold.partNo;

const isWholeKit = ({ partNo, lineRef }: Accounted, lines: readonly Line[]): boolean =>
  !lines.some((line) => line.lineId === lineRef && line.partNo === partNo);

const refersTo = (lineIds: ReadonlySet<string>, { lineRef }: Accounted): boolean =>
  lineRef !== null && lineIds.has(lineRef);

/** Ids of commercetools are UUIDs; what people enter in IFS, and the position that stands where a reference was cleared, are not. */
const isLineId = (lineRef: string | null): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(lineRef ?? "");

/**
 * The line of a line item that an Order Edit has taken off, for those of the same part that may have come in its place: what IFS still
 * holds for it, IFS frees once they are there. What was delivered or cancelled of it is none of theirs.
 */
const passedOn = (line: Accounted): Accounted =>
  isLineId(line.lineRef) ? { ...line, quantity: subtract(line.quantity, line.spent) } : line;

/** Every IFS line known of an order once; the figure's own demand read is newer than the report and comes first. */
function accountedFor(
  order: SoldOrder,
  shown: Shown,
  reported: ReadonlyMap<OrderNo, readonly IfsOrderLine[]>,
): Accounted[] {
  const linked = order.orderNo;
  const candidates = [
    ...order.lines.flatMap(({ lineId }) => shown.byRef.get(lineId) ?? []),
    ...(linked === undefined ? [] : (shown.byOrder.get(linked) ?? [])),
    ...(linked === undefined ? [] : (reported.get(linked) ?? []).map(toAccounted)),
  ];
  const known = new Map<string, Accounted>();
  for (const line of candidates) if (!known.has(line.key)) known.set(line.key, line);
  return [...known.values()];
}

function toAccounted(line: IfsOrderLine): Accounted {
  const { lineRef, partNo, qtyShipped } = line;
  const [quantity, final] = [reportedQuantity(line), finalStates.includes(line.state)];
  return { key: keyOf(line), lineRef, partNo, quantity, spent: final ? quantity : qtyShipped, final };
}

/** Takes the accounted quantity off the matching lines, in their order; what exceeds them is lost. */
function take(
  rest: DecimalString[],
  lines: readonly Line[],
  { quantity }: Accounted,
  matches: (line: Line) => boolean,
): void {
  let left = quantity;
  lines.forEach((line, index) => {
    if (!matches(line)) return;
    const open = rest[index] ?? ZERO;
    const remaining = subtract(open, left);
    rest[index] = isNegative(remaining) ? ZERO : remaining;
    left = compare(left, open) > 0 ? subtract(left, open) : ZERO;
  });
}
