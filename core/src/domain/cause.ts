/**
 * What an exception has in common with all others that one cure would close: the key by which people retry "all of one cause". Stable
 * across releases and wording, unlike the message, and the same for every record.
 */
import type { Rejection, RejectionCode } from "./failure.ts";

/** Codes whose `value` names what is missing or wrong for every record: a SKU, a tax rate, kinds of a mismatch. */
const SHARED_VALUE: ReadonlySet<RejectionCode> = new Set([
  "unmappedSku",
  "unmappedSite",
  "unmappedTax",
  "unmappedShipping",
  "unmappedCharge",
  "noRoute",
  "paymentMismatch",
  "unknownIfsState",
]);

/** A key is stored, filtered and typed. */
const LONGEST = 160;

/** `unmappedTax/taxRate/DE VAT 19 %`, `ifsRefused/ORA-20110 CustomerOrder.CLOSED`, `heldForReview/cancelledInIfs`. */
export function causeOf({ code, cause, field, value }: Pick<Rejection, "code" | "cause" | "field" | "value">): string {
  if (cause !== undefined) return key([code, cause]);
  // Which line of the order it was says nothing about the cause.
  const where = field?.replaceAll(/\[\d+\]/g, "[]");
  return key([code, where, SHARED_VALUE.has(code) ? value : undefined]);
}

const key = (parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined && part !== "")
    .join("/")
    .replaceAll(/\s+/g, " ")
    .slice(0, LONGEST)
    .trim();

/** What the exception of a refused record takes from why it was refused. */
export const shownOf = (rejection: Rejection) => {
  const { code, message, action, owner } = rejection;
  return { code, message, action, owner, cause: causeOf(rejection) };
};

/** The code that a key begins with. */
export const codeOfCause = (cause: string): string => cause.split("/")[0] ?? cause;
