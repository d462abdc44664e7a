/** The merchant's export rule: which orders may leave, judged by the order's own fields. Pure. */
import type { ConnectorConfig } from "./config.ts";

export type GatedOrder = {
  /** ISO 8601. */
  readonly createdAt: string;
  readonly orderState: string;
  /** `none` for an order without payment state. */
  readonly paymentState: string;
};

/** `at`: milliseconds since the epoch; undefined where only a change of the order helps. */
export type Gate = { readonly reason: string; readonly at: number | undefined };

/** Undefined: the order may leave. */
export function exportGate(
  { orderState, paymentState, createdAt }: GatedOrder,
  { orderStates, paymentStates, minimumAgeSeconds }: ConnectorConfig["orders"],
  now: number,
): Gate | undefined {
  if (!orderStates.some((state) => state === orderState)) {
    return { reason: `order state ${orderState} is not exported`, at: undefined };
  }
  if (!paymentStates.some((state) => state === paymentState)) {
    return { reason: `payment state ${paymentState} is not exported`, at: undefined };
  }
  const oldEnough = Date.parse(createdAt) + minimumAgeSeconds * 1000;
  return oldEnough > now ? { reason: "younger than the minimum age", at: oldEnough } : undefined;
}
