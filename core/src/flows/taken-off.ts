/**
 * Units that an Order Edit has taken off an order. Where the platform puts them back into stock by itself (unverified whether it does),
 * it does so late: until then they count as in flight, or a figure of IFS that has them already would give them back once more.
 * An order does not tell what it was before, so whoever has read it remembers that.
 */
import { z } from "zod";
import { orderIdSchema, skuSchema } from "../domain/ids.ts";
import { type ReturnedUnits, type SoldLine, type SoldOrder, YOUNG_MS } from "../domain/in-flight.ts";

const rememberedSchema = z.object({
  orderId: orderIdSchema,
  lines: z.array(
    z.object({
      lineId: z.string(),
      sku: skuSchema,
      quantity: z.number(),
      supplyChannelId: z.string().optional(),
    }),
  ),
  /** Milliseconds since the epoch. */
  takenOff: z.array(z.object({ lineId: z.string(), quantity: z.number(), at: z.number() })).default([]),
});
export const rememberedOrders = z.array(rememberedSchema).default([]);
export type RememberedOrder = z.infer<typeof rememberedSchema>;

/** So much is kept from run to run, newest orders first. Of others an edit is seen only where one run reads them before and after it. */
const MOST_ORDERS = 150;
const MOST_LINES = 20;

/** The order with what it has lost since it was remembered. `at`: its last change, milliseconds since the epoch. */
export function withTakenOff(
  order: SoldOrder,
  before: Pick<SoldOrder, "lines" | "takenOff"> | RememberedOrder | undefined,
  { at, now }: { readonly at: number; readonly now: number },
): SoldOrder {
  if (!before || order.cancelledAt !== undefined) return order;
  const left = new Map(order.lines.map(({ lineId, quantity }) => [lineId, quantity]));
  const lost = before.lines.flatMap(({ lineId, quantity }): ReturnedUnits[] => {
    const less = quantity - (left.get(lineId) ?? 0);
    return less > 0 ? [{ lineId, quantity: less, at }] : [];
  });
  const takenOff = [...(before.takenOff ?? []), ...lost].filter((one) => now - one.at < YOUNG_MS);
  if (takenOff.length === 0) return order;
  // A line that is gone altogether stays, as one of nothing, for what it had.
  const gone = before.lines
    .filter(({ lineId }) => !left.has(lineId) && takenOff.some((one) => one.lineId === lineId))
    .map((line): SoldLine => ({ ...line, supplyChannelId: line.supplyChannelId, quantity: 0 }));
  return { ...order, lines: [...order.lines, ...gone], takenOff };
}

/** `gone`: lines that the order has no more, as ones of nothing. */
export type LostUnits = { readonly takenOff: readonly ReturnedUnits[]; readonly gone: readonly SoldLine[] };

/** The order with what somebody else knows that it has lost. */
export function withLost(order: SoldOrder, { takenOff, gone }: LostUnits): SoldOrder {
  const known = new Set(order.lines.map(({ lineId }) => lineId));
  return {
    ...order,
    lines: [...order.lines, ...gone.filter(({ lineId }) => !known.has(lineId))],
    takenOff: [...(order.takenOff ?? []), ...takenOff],
  };
}

export const remember = (orders: readonly SoldOrder[]): RememberedOrder[] =>
  orders
    .filter(({ lines, cancelledAt }) => cancelledAt === undefined && lines.length <= MOST_LINES)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .slice(0, MOST_ORDERS)
    .map(({ orderId, lines, takenOff = [] }) => ({
      orderId,
      lines: lines.map(({ supplyChannelId, ...line }) => ({ ...line, ...(supplyChannelId && { supplyChannelId }) })),
      takenOff: [...takenOff],
    }));
