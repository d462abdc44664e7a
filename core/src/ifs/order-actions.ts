/** Release and cancel: the two state changes the connector makes to an IFS order. */
import { ConflictError, RefusedError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrder } from "../domain/ifs-records.ts";
import { ahead, type TimedSignal } from "../runtime/limit.ts";
import { type BatchForm, createBatchForm, refusesForm } from "./batch-form.ts";
import type { IfsClient } from "./client.ts";
import { toBody } from "./json.ts";
import { orderPathOf } from "./order-create.ts";
import { orderFields, toOrders } from "./order-rows.ts";

/** One deadline for all requests of `work`; undefined: only the configured time-out of each request counts. */
export const withinOptional = <T>(
  client: Pick<IfsClient, "within">,
  ms: number | undefined,
  work: (signal?: TimedSignal) => Promise<T>,
): Promise<T> => (ms === undefined ? work() : client.within(ms, work));

type ReadHeader = (orderNo: OrderNo, signal?: AbortSignal) => Promise<IfsOrder | undefined>;

const MAX_CONFLICTS = 3;

export function createOrderActions(client: IfsClient, readHeader: ReadHeader, changeSets: BatchForm) {
  const { binding, capabilities } = client;
  /** A read behind a change set. A tenant that takes no change set is not asked for it. */
  const readsBehind = createBatchForm(client, "ifs-batch-with-read-refused", changeSets.refused);
  /** A tenant whose cancel action takes no reason wants it on the order; the configuration or a write probe tells. */
  const takesNone = binding.actions.cancelReason === null || capabilities.answers.cancelReasonParameter === "no";
  const reasonOnOrder = takesNone ? binding.order.fields.cancelReason : null;
  const action = (orderNo: OrderNo, name: string) =>
    `${orderPathOf(client, orderNo)}/IfsApp.${binding.order.projection}.${name}`;

  async function header(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrder> {
    const order = await readHeader(orderNo, signal);
    if (!order)
      throw new RefusedError("ifs", "notFound", 404, `IFS order ${orderNo} is not visible to the service user`);
    return order;
  }

  /**
   * The release and the order as it is afterwards: one request where the tenant takes a batch of both, else two. To release is
   * idempotent, so that what was refused as a batch may be sent again as it is, whatever came of it.
   */
  async function releaseAndSee(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrder> {
    const path = action(orderNo, binding.actions.release);
    const options = { ifMatch: "*", idempotent: true, body: {}, signal };
    try {
      const row = { path: orderPathOf(client, orderNo), action: path, fields: orderFields };
      const seen = await client.actAndRead(binding.order, row, options);
      const [order] = seen ? toOrders(binding, [seen]) : [];
      return order ?? (await header(orderNo, signal));
    } catch (error) {
      if (!refusesForm(error, [])) throw error;
      const order = await releaseThenSee(orderNo, signal);
      readsBehind.remember(error);
      return order;
    }
  }

  async function releaseThenSee(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrder> {
    const options = { ifMatch: "*", idempotent: true, body: {}, signal };
    await client.act(binding.order, action(orderNo, binding.actions.release), options);
    return header(orderNo, signal);
  }

  const codeOf = (reason: string): string => binding.cancelReasons[reason] ?? binding.cancelReasons["*"] ?? reason;

  function bodyOf(code: string) {
    const parameter = reasonOnOrder === null ? binding.actions.cancelReason : null;
    return toBody(parameter === null ? {} : { [parameter]: code });
  }

  /** The order as it is with the reason written on it; unchanged where the action takes the reason. */
  async function withReason(order: IfsOrder, code: string, signal?: AbortSignal): Promise<IfsOrder> {
    if (reasonOnOrder === null || order.cancelReason === code) return order;
    const body = toBody({ [reasonOnOrder]: code });
    await client.patch(binding.order, orderPathOf(client, order.orderNo), { ifMatch: order.etag, body, signal });
    return header(order.orderNo, signal);
  }

  const actions = {
    /**
     * Releases a planned order and answers with its state afterwards, which may be Blocked (credit check). Releasing is
     * idempotent: an order that has been released already is answered as it is.
     */
    async release(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrder> {
      const inBatch = !readsBehind.refused();
      try {
        return await (inBatch ? releaseAndSee : releaseThenSee)(orderNo, signal);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        const order = await header(orderNo, signal);
        // IFS refuses to release twice; what an earlier, lost answer has done is what was wanted.
        if (order.state !== "Planned" && order.state !== "Cancelled") return order;
        if (order.state === "Cancelled" || !inBatch) throw error;
        // What is refused may be the action in a change set, in words of the tenant's own; else it is refused once more.
        const released = await releaseThenSee(orderNo, signal);
        readsBehind.remember(error);
        return released;
      }
    },

    /**
     * Cancels at the ETag just read, so that a change made meanwhile is looked at first. An order that is cancelled already
     * is answered as it is; one that IFS will not cancel any more is a RefusedError. ConflictError after three conflicts.
     */
    async cancel(orderNo: OrderNo, reason: string, signal?: AbortSignal): Promise<IfsOrder> {
      const code = codeOf(reason);
      const body = bodyOf(code);
      for (let conflicts = 0; ; conflicts++) {
        const order = await header(orderNo, signal);
        if (order.state === "Cancelled") return order;
        try {
          const { etag } = await withReason(order, code, signal);
          await client.act(binding.order, action(orderNo, binding.actions.cancel), { ifMatch: etag, body, signal });
          return await header(orderNo, signal);
        } catch (error) {
          if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS - 1) throw error;
        }
      }
    },
  };
  return {
    release: (orderNo: OrderNo, deadlineMs?: number) =>
      withinOptional(client, deadlineMs, (signal) => actions.release(orderNo, signal && ahead(signal))),
    cancel: (orderNo: OrderNo, reason: string, deadlineMs?: number) =>
      withinOptional(client, deadlineMs, (signal) => actions.cancel(orderNo, reason, signal)),
  };
}
