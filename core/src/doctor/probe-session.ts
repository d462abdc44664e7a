/** What all steps of a write probe share: the client, the plan, the facts so far, and the orders that must be cancelled. */
import type { CapabilityFact, CapabilityName } from "../domain/capabilities.ts";
import { RefusedError } from "../domain/failure.ts";
import { type OrderNo, orderNoSchema } from "../domain/ids.ts";
import type { IfsOrder } from "../domain/ifs-records.ts";
import { property } from "../ifs/binding.ts";
import type { IfsClient, RawRow } from "../ifs/client.ts";
import { and, eq, type Filter, startsWith, text } from "../ifs/filter.ts";
import { orderPathOf } from "../ifs/order-create.ts";
import { orderFields, toOrders } from "../ifs/order-rows.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import type { Failure } from "./attempt.ts";
import type { ProbeFetch } from "./probe-fetch.ts";
import { PROBE_PREFIX, type ProbePlan } from "./probe-plan.ts";

export type ProbeSession = ReturnType<typeof createSession>;

export function createSession(client: IfsClient, recorder: ProbeFetch, plan: ProbePlan) {
  const facts = new Map<CapabilityName, CapabilityFact>();
  const created = new Set<OrderNo>();
  const { order } = client.binding;
  const find = async (byRef: Filter): Promise<IfsOrder[]> => {
    const filter = and(eq(property(order, "contract"), text(plan.site)), byRef);
    const rows = await client.list(order, { filter, fields: orderFields });
    // Whatever the filter came to: an order that is not the probe's own is never touched.
    return toOrders(client.binding, rows).filter(({ externalRef }) => externalRef?.startsWith(PROBE_PREFIX));
  };
  return {
    client,
    recorder,
    plan,
    facts,
    /** Orders of this probe, in the order of their creation. */
    created,
    /** The first word on a point counts. */
    learn(name: CapabilityName, answer: CapabilityFact["answer"], evidence: string): void {
      if (!facts.has(name)) facts.set(name, { answer, evidence });
    },
    /** One deadline for all requests of a write. */
    write: <T>(work: (signal: TimedSignal) => Promise<T>): Promise<T> =>
      client.within(client.config.ifs.writeTimeoutMs, work),
    path: (orderNo: OrderNo): string => orderPathOf(client, orderNo),
    action: (orderNo: OrderNo, name: string): string =>
      `${orderPathOf(client, orderNo)}/IfsApp.${order.projection}.${name}`,
    header: async (orderNo: OrderNo): Promise<IfsOrder | undefined> => {
      const row = await client.row(order, orderPathOf(client, orderNo), { fields: orderFields });
      return row && toOrders(client.binding, [row])[0];
    },
    byRef: (ref: string) => find(eq(property(order, "externalRef"), text(ref))),
    leftovers: () => find(startsWith(property(order, "externalRef"), text(PROBE_PREFIX))),
    numberOf(row: RawRow | undefined): OrderNo | undefined {
      const parsed = orderNoSchema.safeParse(row?.[property(order, "orderNo")]);
      return parsed.success ? parsed.data : undefined;
    },
  };
}

/** IFS's answer for people: `HTTP 400: The order ...`. A part of a change set has a status of its own. */
export function answered({ recorder }: Pick<ProbeSession, "recorder">, error: Failure): string {
  const own = error instanceof RefusedError && error.status > 0 ? `HTTP ${error.status}` : undefined;
  return `${own ?? recorder.lastStatus()}: ${error.message}`.slice(0, 600);
}
