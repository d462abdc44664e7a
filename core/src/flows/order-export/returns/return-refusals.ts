/** Why a return was not made an RMA, and how that ends. */
import type { RefusedError, Rejection } from "../../../domain/failure.ts";

const held = (cause: string, text: Required<Pick<Rejection, "message" | "action" | "value">>): Rejection => ({
  code: "heldForReview",
  ...text,
  owner: "operator",
  field: "returnInfo",
  cause,
});

export const asksAPerson = (given: {
  readonly orderNo: string;
  readonly what: string;
  readonly reference: string;
}): Rejection =>
  held("returnAsks", {
    message: `A return of IFS order ${given.orderNo} was entered in commercetools: ${given.what}. A person decides about it (\`orders.afterExport.returns.mode: ask\`).`,
    action: `Enter the RMA in IFS with the reference ${given.reference} (the field that the binding names as rma.reference); it is then linked by itself. Or take the return back in commercetools.`,
    value: given.reference,
  });

export const incomplete = (rmaNo: string, reference: string): Rejection =>
  held("rmaIncomplete", {
    message: `RMA ${rmaNo} carries the reference of a return and has fewer lines than the return; it is not Planned any more, was changed in IFS, or a person is entering it.`,
    action: "Enter the missing lines in IFS. It is linked by itself once none is missing.",
    value: reference,
  });

export const changedReturn = (rmaNo: string): Rejection =>
  held("returnChanged", {
    message: `The return that became RMA ${rmaNo} has other lines or quantities in commercetools now. Nothing is changed in IFS.`,
    action:
      "Make the same change to the RMA in IFS, or take it back in commercetools; then have the order ignored if the return stays as it is.",
    value: rmaNo,
  });

export const rewritten = (rmaNos: readonly string[]): Rejection =>
  held("returnsRewritten", {
    message: `The list of returns was written anew in commercetools, and RMA ${rmaNos.join(", ")} stands for none of them any more. No second RMA is created for goods that may be on it already.`,
    action:
      "Cancel the RMA in IFS where the return was taken back, and the new returns are exported by themselves; or bring the return back in commercetools with its lines and quantities.",
    value: rmaNos.join(", "),
  });

export const notProven = (reason: string): Rejection => ({
  code: "heldForReview",
  message: `It cannot be proven whether IFS already has an RMA for a return of this order: ${reason}`,
  action: "Grant the service user the site, and name an RMA of it under `ifs.sentinelReturns`.",
  owner: "ifsAdministrator",
  field: "ifs.sentinelReturns",
});

export const duplicates = (rmaNos: readonly string[], reference: string): Rejection => ({
  code: "ifsDuplicate",
  message: `IFS has ${rmaNos.length} RMAs with the reference of one return: ${rmaNos.join(", ")}.`,
  action: "Cancel all but one of them in IFS; the remaining one is linked by itself.",
  owner: "operator",
  field: "rma.reference",
  value: reference,
});

export const cancelledEmpty = (rmaNo: string, reference: string): Rejection =>
  held("rmaEndedEmpty", {
    message: `RMA ${rmaNo} was ended in IFS before its lines were there. It is not created a second time.`,
    action: "Take the return back in commercetools; or enter the RMA in IFS by hand, with the same reference.",
    value: reference,
  });

export const tooOften = (attempts: number): Rejection => ({
  code: "attemptsExhausted",
  message: `A return of the order could not be created in IFS in ${attempts} attempts: no answer of IFS could be verified.`,
  action: "Look for the cause in the log of these attempts. It is tried again after a growing pause.",
  owner: "operator",
  field: "attempts",
  value: String(attempts),
});

/** With IFS's own words, for the person who repairs. */
export const refusedReturn = (error: RefusedError, rmaNo?: string): Rejection => ({
  code: "ifsRefused",
  message: `IFS refused ${rmaNo === undefined ? "the return" : `a step of RMA ${rmaNo}`}: ${error.message}`,
  action: "Correct what IFS names, in IFS or in the configuration. The return is tried again by itself.",
  owner: "ifsAdministrator",
  field: error.code,
});

export const differs = (rmaNo: string): Rejection =>
  held("rmaDiffers", {
    message: `RMA ${rmaNo} carries the reference of a return, and has other lines or quantities than the return. It was not released.`,
    action: "Correct the RMA in IFS; or release it there as it is. Either way it is then linked by itself.",
    value: rmaNo,
  });

export const orderNotVisible = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `IFS order ${orderNo}, of which goods are to be returned, cannot be seen any more.`,
  action: "Check in IFS whether it was deleted, and whether the service user may see its site.",
  owner: "ifsAdministrator",
  field: "orderNo",
  value: orderNo,
});

export const unreadableRecord = (): Rejection => ({
  code: "heldForReview",
  message:
    "What the order says about its returns (syncInfo of channel ifs-return) was not written by this version of the connector.",
  action: "Find out who wrote it. Update the connector if it was a newer version of it.",
  owner: "developer",
  field: "syncInfo",
});

export const channelMissing = (): Rejection => ({
  code: "heldForReview",
  message: "Returns are to be exported, and the channel ifs-return does not exist in commercetools.",
  action: "Run the post-deploy script of event-app again: it creates the channel.",
  owner: "operator",
  field: "channel",
  value: "ifs-return",
});
