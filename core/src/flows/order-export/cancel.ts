/** An order that was cancelled in commercetools: cancelled in IFS too, with a reason, unless goods have left. */

import { isZero } from "../../domain/decimal.ts";
import { RefusedError, type Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { IfsOrderDocument } from "../../domain/ifs-records.ts";
import { blockedRowOf } from "../blocked.ts";
import { stillDouble } from "./doubles.ts";
import type { ExportOutcome } from "./outcome.ts";
import { deferred, ifsRefused, postTime, repeatable } from "./posting.ts";
import { notVisible } from "./settle.ts";
import {
  closeException,
  forgetCorrections,
  journal,
  lease,
  nextClaim,
  record,
  refused,
  takenOver,
  type Work,
} from "./work.ts";

export const CANCEL_REASON = "Cancelled in the shop";

/** `orderNo` undefined: it is proven, or certain, that IFS has nothing of the order. */
export async function runCancel(work: Work, orderNo: OrderNo | undefined): Promise<ExportOutcome> {
  if (orderNo === undefined) return cancelled(work, undefined);
  const double = work.at.state.orderNo && (await stillDouble(work, orderNo));
  if (double) return double;
  if (postTime(work) === undefined) return deferred("no time left; the sweep goes on");
  const claimed = await lease(work, { phase: "created", orderNo });
  const document = await repeatable(claimed, orderNo, () => claimed.deps.ifsOrders.read(orderNo, postTime(claimed)));
  if (document === undefined) return stays(claimed, orderNo, notVisible(orderNo));
  if (document.order.state === "Cancelled") return cancelled(claimed, orderNo);
  if (hasShipped(document)) return stays(claimed, orderNo, alreadyShipped(document));
  try {
    await repeatable(claimed, orderNo, () => claimed.deps.ifsOrders.cancel(orderNo, CANCEL_REASON, postTime(claimed)));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return stays(claimed, orderNo, ifsRefused(error));
  }
  return cancelled(claimed, orderNo);
}

/** A linked order stays linked, one that was never linked stays held: a person decides. */
const stays = (work: Work, orderNo: string, rejection: Rejection): Promise<ExportOutcome> =>
  refused(work, rejection, { phase: work.at.state.orderNo === undefined ? "held" : "linked", orderNo });

async function cancelled(work: Work, orderNo: OrderNo | undefined): Promise<ExportOutcome> {
  await closeException(work);
  // The status flow looks at no cancelled order any more. Before the record, which nobody comes back to after a death.
  if (orderNo !== undefined) await work.deps.exceptions.close(blockedRowOf(work.at.order.id));
  const claim = nextClaim(work, { phase: "cancelled", attempt: 0, code: "", orderNo: orderNo ?? "" });
  const recorded = await record(work, claim, {
    link: work.at.state.orderNo === undefined ? orderNo : undefined,
  });
  if (!recorded) return takenOver;
  await forgetCorrections(recorded);
  await journal(recorded, "order-cancelled", { orderNo: orderNo ?? null });
  return { kind: "cancelled", orderNo };
}

const SHIPPED_STATES = new Set(["PartiallyDelivered", "Delivered", "Invoiced"]);

const hasShipped = ({ order, lines }: IfsOrderDocument): boolean =>
  SHIPPED_STATES.has(order.state) || lines.some((line) => !isZero(line.qtyShipped));

const alreadyShipped = ({ order }: IfsOrderDocument): Rejection => ({
  code: "heldForReview",
  message: `The order was cancelled in commercetools, but IFS order ${order.orderNo} is ${order.state}: goods have left.`,
  action: "Stop the delivery, or take the goods back by a return in IFS.",
  owner: "operator",
  field: "orderState",
  value: order.state,
  cause: "cancelledTooLate",
});
