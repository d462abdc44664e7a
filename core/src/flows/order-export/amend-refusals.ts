/** Why a change of an exported order was not made in IFS, and how that ends. */
import type { Rejection } from "../../domain/failure.ts";

const CURE = "Make the same change in IFS, or take it back in commercetools; then have the order tried again.";

const held = (orderNo: string, cause: string, text: Pick<Rejection, "message" | "action">): Rejection => ({
  code: "heldForReview",
  ...text,
  owner: "operator",
  field: "orderNo",
  value: orderNo,
  cause,
});

/** What an earlier or this piece of work did before it had to stop. */
const doneInWords = (done: readonly string[]): string =>
  done.length === 0 ? "" : ` Done in IFS before: ${done.join("; ")}.`;

export const changedAfterExport = (orderNo: string): Rejection =>
  held(orderNo, "changedAfterExport", {
    message: `The order was changed in commercetools after it had been exported as IFS order ${orderNo}.`,
    action: CURE,
  });

export const notExpressible = (orderNo: string, why: Rejection): Rejection =>
  held(orderNo, "changeNotExpressible", {
    message: `The order was changed in commercetools after it had been exported as IFS order ${orderNo}, and cannot be expressed in IFS as it is now: ${why.message}`,
    action: `${why.action} Or take the change back in commercetools.`,
  });

export const changedInIfs = (orderNo: string, done: readonly string[]): Rejection =>
  held(orderNo, "changedInIfsToo", {
    message: `The order was changed in commercetools after its export, and IFS order ${orderNo} is not as the connector left it: it was changed there too, or what it was is not known. Nothing is overwritten.${doneInWords(done)}`,
    action: CURE,
  });

/** Others changed the same things in IFS while the change was being made. */
export const changedMeanwhile = (orderNo: string, findings: readonly string[], done: readonly string[]): Rejection =>
  held(orderNo, "changedInIfsMeanwhile", {
    message: `The order was changed in commercetools after its export, and while IFS order ${orderNo} was being changed accordingly somebody changed there what it concerns: ${findings.join("; ")}. That is not overwritten.${doneInWords(done)}`,
    action:
      "Decide which of the two counts, and make IFS and commercetools say the same; then have the order tried again.",
  });

export const forAPerson = (orderNo: string, findings: readonly string[], done: readonly string[]): Rejection =>
  held(orderNo, "changeForAPerson", {
    message: `The order was changed in commercetools after it had been exported as IFS order ${orderNo}, and a person has to decide: ${findings.join("; ")}.${doneInWords(done)}`,
    action: CURE,
  });

export const refusedByPolicy = (orderNo: string, findings: readonly string[], done: readonly string[]): Rejection => ({
  code: "changeRefused",
  message: `The order was changed in commercetools too late for IFS order ${orderNo}: ${findings.join("; ")}.${doneInWords(done)}`,
  action:
    "Take the change back in commercetools and tell the buyer; goods that have left come back by a return. What is missing is a new order.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
});

export const refusedByIfs = (why: Rejection, cause: string, done: readonly string[]): Rejection => ({
  ...why,
  message: `${why.message} Refused was the change of the exported order (${cause}).${doneInWords(done)}`,
  action: "Correct what IFS names and have the order tried again; or take the change back in commercetools.",
});

export const differsAfterwards = (
  orderNo: string,
  findings: readonly string[],
  done: readonly string[],
): Rejection => ({
  code: "ifsAmountsDiffer",
  message: `IFS order ${orderNo} was amended and now differs from the order: ${findings.join("; ")}.${doneInWords(done)}`,
  action: "Correct the IFS order, or the tax code or price behind it, and have the order tried again.",
  owner: "ifsAdministrator",
  field: "orderNo",
  value: orderNo,
});
