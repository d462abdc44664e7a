/** A linked order: changes after the export are shown to a person, and a change that was taken back is forgotten. */
import type { Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { exportFingerprint } from "./fingerprint.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrder } from "./parse.ts";
import { closeException, nextClaim, openException, record, refused, takenOver, type Work } from "./work.ts";

export async function runCompare(work: Work, orderNo: OrderNo): Promise<ExportOutcome> {
  const { before } = work;
  if (!before || before.fingerprint === "") return { kind: "unchanged", orderNo };
  if (before.phase === "cancelled") return linkedRefusal(work, orderNo, openAgain(orderNo));
  const shop = parseOrder(work.order);
  const changed = !shop.ok || exportFingerprint(shop.value) !== before.fingerprint;
  if (changed) return linkedRefusal(work, orderNo, changedAfterExport(orderNo));
  if (before.code === "") return { kind: "unchanged", orderNo };
  await closeException(work);
  const recorded = await record(work, nextClaim(work, { phase: "linked", code: "", attempt: 0, orderNo }));
  return recorded ? { kind: "unchanged", orderNo } : takenOver;
}

async function linkedRefusal(work: Work, orderNo: OrderNo, rejection: Rejection): Promise<ExportOutcome> {
  // The claim says it already; writing it again would be a change of the order that asks for the next look.
  if (work.before?.code !== rejection.code) return refused(work, rejection, { phase: "linked", orderNo });
  await openException(work, rejection);
  return { kind: "held", rejection, orderNo };
}

export const changedAfterExport = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `The order was changed in commercetools after it had been exported as IFS order ${orderNo}.`,
  action: "Make the same change in IFS, or take it back in commercetools.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
});

const openAgain = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `The order is open again in commercetools, but IFS order ${orderNo} was cancelled.`,
  action: "Cancel the order in commercetools, or enter it in IFS by hand.",
  owner: "operator",
  field: "orderState",
  value: orderNo,
});
