/** The merchant's export rule: which orders may leave, judged by the order's own fields. Pure. */
import { z } from "zod";
import type { ConnectorConfig } from "./config.ts";

export type GatedOrder = {
  /** ISO 8601. */
  readonly createdAt: string;
  readonly orderState: string;
  /** `none` for an order without payment state. */
  readonly paymentState: string;
  /** Absent: nothing is known of these, and no rule about them applies. */
  readonly facts?: GateFacts | undefined;
};

export type GateFacts = {
  readonly storeKey: string | undefined;
  /** Keys of the lines' distribution channels; of a channel that was not expanded, or has no key, its id. */
  readonly channels: readonly string[];
  /** Key of the workflow state. `unreadable`: there is one, and its key was not expanded or does not exist. */
  readonly workflowState: string | undefined | typeof unreadable;
  readonly custom: Readonly<Record<string, unknown>>;
};

export const unreadable = Symbol("unreadable");

/** What an order has to be read with for the facts that the rule asks for. */
export const gateExpand = ({ channels }: ConnectorConfig["orders"]): string[] => [
  "state",
  ...(channels.length > 0 ? ["lineItems[*].distributionChannel"] : []),
];

/** `at`: milliseconds since the epoch; undefined where only a change of the order, or of the configuration, helps. */
export type Gate = {
  readonly reason: string;
  readonly at: number | undefined;
  /** The order is none of this connector's: it does not wait for anything. */
  readonly outOfScope?: true;
};

const keyed = z.object({ id: z.string(), obj: z.object({ key: z.string().nullish() }).nullish() });
const factsSchema = z.object({
  store: z.object({ key: z.string() }).nullish().catch(undefined),
  state: keyed.nullish().catch(undefined),
  custom: z
    .object({ fields: z.record(z.string(), z.unknown()).nullish() })
    .nullish()
    .catch(undefined),
  lineItems: z
    .array(z.object({ distributionChannel: keyed.nullish() }))
    .nullish()
    .catch(undefined),
});

/** Of any order, readable as a whole or not: what is of another form is refused when the order is judged. */
export function gateFacts(order: unknown): GateFacts | undefined {
  const parsed = factsSchema.safeParse(order);
  if (!parsed.success) return undefined;
  const { store, state, custom, lineItems } = parsed.data;
  return {
    storeKey: store?.key,
    channels: (lineItems ?? []).flatMap(({ distributionChannel: channel }) =>
      channel ? [channel.obj?.key ?? channel.id] : [],
    ),
    workflowState: state ? (state.obj?.key ?? unreadable) : undefined,
    custom: custom?.fields ?? {},
  };
}

/** Undefined: the order may leave. */
export function exportGate(order: GatedOrder, rule: ConnectorConfig["orders"], now: number): Gate | undefined {
  const reason = order.facts && outside(order.facts, rule);
  if (reason !== undefined) return { reason, at: undefined, outOfScope: true };
  const waits = waitsFor(order, rule);
  if (waits !== undefined) return { reason: waits, at: undefined };
  const oldEnough = Date.parse(order.createdAt) + rule.minimumAgeSeconds * 1000;
  return oldEnough > now ? { reason: "younger than the minimum age", at: oldEnough } : undefined;
}

function outside({ storeKey, channels }: GateFacts, rule: ConnectorConfig["orders"]): string | undefined {
  if (rule.stores.length > 0 && !rule.stores.includes(storeKey ?? "")) {
    return `${storeKey === undefined ? "an order without store" : `store ${storeKey}`} is not exported`;
  }
  if (rule.channels.length > 0 && !channels.some((channel) => rule.channels.includes(channel))) {
    return `no line is of a channel that is exported (${channels.join(", ") || "none has a channel"})`;
  }
  return undefined;
}

function waitsFor(
  { orderState, paymentState, facts }: GatedOrder,
  rule: ConnectorConfig["orders"],
): string | undefined {
  if (!rule.orderStates.some((state) => state === orderState)) return `order state ${orderState} is not exported`;
  if (!rule.paymentStates.some((state) => state === paymentState)) {
    return `payment state ${paymentState} is not exported`;
  }
  return facts && (workflowWait(facts, rule) ?? markedWait(facts, rule));
}

function workflowWait(
  { workflowState: state }: GateFacts,
  { workflowStates, riskHold }: ConnectorConfig["orders"],
): string | undefined {
  if (workflowStates.length === 0 && riskHold.workflowStates.length === 0) return undefined;
  if (state === unreadable) return "its workflow state has no key that could be read";
  if (state !== undefined && riskHold.workflowStates.includes(state)) return `risk hold: workflow state ${state}`;
  if (workflowStates.length === 0 || (state !== undefined && workflowStates.includes(state))) return undefined;
  return state === undefined ? "it has no workflow state" : `workflow state ${state} is not exported`;
}

function markedWait({ custom }: GateFacts, { riskHold }: ConnectorConfig["orders"]): string | undefined {
  const { customField, values } = riskHold;
  if (customField === undefined) return undefined;
  const held = textsOf(custom[customField]).find((value) => values.includes(value));
  return held === undefined ? undefined : `risk hold: custom field ${customField} is ${held}`;
}

/** A choice of a list is its key; of a set, each of its members. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === "object" && value !== null) return "key" in value ? textsOf(value.key) : [];
  return value === undefined || value === null ? [] : [String(value)];
}
