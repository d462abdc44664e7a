/** Orders that were deleted in commercetools: nothing can be written to them any more, so what is left of them in IFS is shown. */
import { RefusedError, type Rejection } from "../../domain/failure.ts";
import type { Contract, OrderId } from "../../domain/ids.ts";
import type { OrderExportDeps } from "./deps.ts";
import type { ExportOutcome } from "./outcome.ts";
import { closeRows, showException, type Work } from "./work.ts";

/** The platform's answer to a write to an order that does not exist. */
export const isGone = (error: unknown): boolean =>
  error instanceof RefusedError && error.system === "commercetools" && error.status === 404;

/** Deleted while it was being created in IFS, as `orderNo` where that is known. */
export async function goneMeanwhile({ deps, at }: Work, orderNo: string | undefined): Promise<ExportOutcome> {
  const { id, orderNumber } = at.order;
  const rejection = deletedInShop(orderNo === undefined ? [] : [orderNo]);
  await showException(deps, { id, label: orderNumber ?? id, ifsOrderNo: orderNo }, rejection);
  return { kind: "held", rejection, orderNo: orderNo ?? "" };
}

/**
 * An order that does not exist and has an exception: it is closed once every site has shown that no live IFS order is left of it.
 * Asked by people and by the round over exceptions only, never by a push, whose ids anybody could have made up.
 */
export async function lookForGone(deps: OrderExportDeps, orderId: OrderId, deadlineMs: number): Promise<ExportOutcome> {
  const left = new Set<string>();
  for (const site of new Set(deps.settings.config.sites.map((one) => one.site))) {
    const lookup = await deps.ifsOrders.findByExternalRef(orderId, site as Contract, deadlineMs);
    if (lookup.kind === "unknown") return { kind: "waiting", reason: lookup.reason, at: undefined };
    if (lookup.kind === "absent") continue;
    for (const { orderNo, state } of lookup.orders) if (state !== "Cancelled") left.add(orderNo);
  }
  const [first] = left;
  if (first === undefined) {
    await closeRows(deps, orderId);
    return { kind: "skipped", reason: "the order does not exist" };
  }
  const rejection = deletedInShop([...left]);
  await showException(deps, { id: orderId, label: orderId, ifsOrderNo: first }, rejection);
  return { kind: "held", rejection, orderNo: first };
}

const deletedInShop = (orderNos: readonly string[]): Rejection => ({
  code: "heldForReview",
  message: `The order was deleted in commercetools ${orderNos.length === 0 ? "while it was being created in IFS, which may have it now." : `and is in IFS as ${orderNos.join(", ")}.`}`,
  action:
    "Cancel it in IFS (external reference: the order's id), or deliver it without its shop order and ignore this. It closes once IFS shows no live order of it.",
  owner: "operator",
  field: "externalRef",
  value: orderNos.join(", "),
  cause: "deletedInShop",
});
