/**
 * An order that IFS has blocked, after its release or later (credit, prepayment): it is linked, and nothing of it is delivered before
 * a person acts in IFS. The export shows it when its release ends so; the status flow, which reads every linked order, shows it whenever
 * else it happens, and closes the row once IFS says otherwise. One row, whoever sees it first.
 */
import { shownOf } from "../domain/cause.ts";
import type { Rejection } from "../domain/failure.ts";
import type { IfsOrder } from "../domain/ifs-records.ts";
import type { ExceptionRecord } from "../domain/records.ts";
import { exceptionId } from "./exception-id.ts";

export const isBlocked = ({ state }: Pick<IfsOrder, "state">): boolean => state === "Blocked";

export const blockedInIfs = ({ orderNo, blockedReason }: Pick<IfsOrder, "orderNo" | "blockedReason">): Rejection => ({
  code: "ifsBlocked",
  message: `IFS order ${orderNo} is linked and Blocked in IFS${blockedReason === null ? "" : ` (${blockedReason})`}: nothing of it is delivered.`,
  action:
    "Check the customer's credit or the prepayment in IFS and release the block there; or cancel the order in commercetools. This closes by itself once IFS does not say Blocked any more.",
  owner: "operator",
  field: "state",
  value: orderNo,
  ...(blockedReason !== null && { cause: blockedReason }),
});

type Row = Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">;

/** As the status flow would store it. */
export function blockedRow(
  order: { readonly id: string; readonly label: string },
  inIfs: Pick<IfsOrder, "orderNo" | "blockedReason">,
): Row {
  return {
    id: blockedRowOf(order.id),
    flow: "status-sync",
    recordType: "order",
    recordId: order.id,
    recordLabel: order.label,
    ...shownOf(blockedInIfs(inIfs)),
    ifsOrderNo: inIfs.orderNo,
  };
}

export const blockedRowOf = (orderId: string): string => exceptionId("status-sync", orderId, "ifsBlocked");
