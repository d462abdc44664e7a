/** What is known of each kind of exception before anybody looks at a single one. */
import type { RejectionCode } from "./failure.ts";

/** `critical`: money or goods may leave twice, or nothing runs. `error`: a record waits. `notice`: a person should decide. */
export type Severity = "critical" | "error" | "notice";

export type ExceptionType = {
  readonly severity: Severity;
  /** What cures this kind; the exception's own `action` names the record. */
  readonly cure: string;
};

/** See docs/exceptions.md, which has a row for each. */
export const exceptionTypes: Readonly<Record<RejectionCode, ExceptionType>> = {
  unmappedSku: {
    severity: "error",
    cure: "Create or activate the sales part in IFS, or name another number for the SKU.",
  },
  unmappedUnit: { severity: "error", cure: "Correct the conversion factor of the sales part in IFS." },
  unmappedSite: { severity: "error", cure: "Complete sites and pools in the configuration." },
  unmappedTax: { severity: "error", cure: "Add a rule for the tax rate under tax.rules." },
  unmappedShipping: { severity: "error", cure: "Add the shipping method under shipVia of the route." },
  unmappedCharge: { severity: "error", cure: "Configure the charge type." },
  noRoute: { severity: "error", cure: "Add a route that takes the order, or a last one without conditions." },
  addressMissing: { severity: "error", cure: "Complete the shipping address of the order." },
  customerConflict: {
    severity: "error",
    cure: "Write the number of the right IFS customer into externalId of the commercetools customer.",
  },
  customerMissing: {
    severity: "error",
    cure: "Create the customer in IFS and write its number into externalId of the commercetools customer.",
  },
  mappingFailed: {
    severity: "error",
    cure: "Correct the mapping that the message names, or the field of the order it reads.",
  },
  totalsDiffer: { severity: "error", cure: "Compare tax rates and prices, or configure a charge type for rounding." },
  unsupported: { severity: "error", cure: "Enter the record in IFS by hand, or change it in commercetools." },
  invalidInput: { severity: "error", cure: "Correct the field that the message names." },
  ifsRefused: { severity: "error", cure: "Correct what IFS names, in IFS or in the configuration." },
  ifsAmountsDiffer: {
    severity: "error",
    cure: "Correct the IFS order, or the tax code, price or charge type behind it.",
  },
  ifsDuplicate: { severity: "critical", cure: "Cancel all but one of the IFS orders." },
  ifsBlocked: {
    severity: "error",
    cure: "Release the block in IFS, or cancel the order in commercetools.",
  },
  unknownIfsState: { severity: "notice", cure: "Add the state to the configuration." },
  stockAnomaly: {
    severity: "critical",
    cure: "Check that the stock of the site is seen; then release the zeros.",
  },
  stockDiffers: {
    severity: "notice",
    cure: "Compare the stock of the named parts in both systems and correct the one that is wrong.",
  },
  availabilityNegative: {
    severity: "notice",
    cure: "Look at the open order lines and at the stock of the named parts in IFS.",
  },
  backOrderLeftOver: {
    severity: "error",
    cure: "Say in a class of stock.classes whether the named SKUs may be ordered without stock.",
  },
  heldForReview: { severity: "notice", cure: "Decide as the message proposes." },
  changeRefused: {
    severity: "notice",
    cure: "Take the change back in commercetools; what is missing is a new order, what was sent too much comes back by a return.",
  },
  returnNotPossible: {
    severity: "error",
    cure: "Correct the return in commercetools, or report the delivery in IFS; a charge is credited in IFS by hand.",
  },
  paymentMismatch: {
    severity: "error",
    cure: "Correct or add the payment, in commercetools or at the provider; what IFS refused of it, in IFS or in the mapping.",
  },
  attemptsExhausted: {
    severity: "error",
    cure: "Look for the cause in the log; it is tried again after a growing pause.",
  },
  extensionRefused: {
    severity: "critical",
    cure: "Deploy service-app again: its deployment gives the Extension the secret that the service believes.",
  },
  checkoutGuardOff: {
    severity: "critical",
    cure: "Find out why service-app did not answer, and repair it; the check is switched on again by itself.",
  },
  credentialRefused: {
    severity: "critical",
    cure: "Repair the credential or its grants; everything goes on by itself.",
  },
  grantMissing: {
    severity: "critical",
    cure: "Grant the projection to the service user's permission set in IFS; the orders go on by themselves.",
  },
  bindingWrong: {
    severity: "critical",
    cure: "Correct the names under ifs.binding as the doctor proposes; the orders go on by themselves.",
  },
  subscriptionStopped: {
    severity: "critical",
    cure: "Deploy event-app again: its deployment repairs the Subscription. Meanwhile the sweep exports.",
  },
  eventsMissing: {
    severity: "error",
    cure: "Look at the Subscription's queue and at event-app. Meanwhile the sweep exports.",
  },
  configurationUnusable: {
    severity: "critical",
    cure: "Push a correct configuration, or activate the version before.",
  },
};

/** A code of another release is shown, whatever this one knows of it. */
export const exceptionType = (code: string): ExceptionType =>
  Object.entries(exceptionTypes).find(([known]) => known === code)?.[1] ?? {
    severity: "error",
    cure: "See the message of the exception.",
  };
