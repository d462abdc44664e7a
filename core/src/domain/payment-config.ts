/** What becomes of an order whose payments do not fit it: `orders.payments` of the configuration, and `payments` of a route. */
import { z } from "zod";

/** `show`: an exception beside the export. `hold`: the order is not exported before; once it is, an exception as well. */
export const paymentPolicies = ["ignore", "show", "hold"] as const;
export type PaymentPolicy = (typeof paymentPolicies)[number];

/** Kinds of mismatch. */
export const paymentMismatches = ["missing", "amount", "currency", "reversed"] as const;
export type PaymentMismatch = (typeof paymentMismatches)[number];

const policy = z.enum(paymentPolicies);
const counted = z.enum(["planned", "authorized", "charged"]);
const methods = z.array(z.string().min(1));

const words = {
  missing: "The order costs something, and none of its payments covers any of it.",
  amount: "What its payments cover is not the order's total. Judged where they cover anything.",
  currency: "A payment that covers something is of another currency than the order.",
  reversed: "A refund that no return and no smaller total explains, or a chargeback.",
  counts:
    "What of a payment covers the order: what it plans, what was authorized or charged with success (the larger of both), or only what was charged.",
  onAccount:
    "Methods (`paymentMethodInfo.method`) that are paid after the delivery, such as an invoice: what these payments plan counts.",
} as const;

export const paymentsSchema = z
  .strictObject({
    missing: policy.default("ignore").describe(words.missing),
    amount: policy.default("ignore").describe(words.amount),
    currency: policy.default("ignore").describe(words.currency),
    reversed: policy.default("ignore").describe(words.reversed),
    counts: counted.default("authorized").describe(words.counts),
    onAccount: methods.default([]).describe(words.onAccount),
  })
  .describe(
    "Payments that do not fit the order. ignore: nothing. show: the order is exported, and an exception says so until the payments fit. hold: it is not exported before; of an order that is in IFS already, as show.",
  );
export type PaymentRule = z.infer<typeof paymentsSchema>;

export const routePaymentsSchema = z
  .strictObject({
    missing: policy.optional().describe(words.missing),
    amount: policy.optional().describe(words.amount),
    currency: policy.optional().describe(words.currency),
    reversed: policy.optional().describe(words.reversed),
    counts: counted.optional().describe(words.counts),
    onAccount: methods.optional().describe(words.onAccount),
  })
  .prefault({})
  .describe("Of this route; what is left out is taken from `orders.payments`.");
type RoutePayments = z.infer<typeof routePaymentsSchema>;

/** The rule for an order of the route; the general one where its route is not known. */
export const paymentRuleOf = (
  general: PaymentRule,
  route: { readonly payments: RoutePayments } | undefined,
): PaymentRule => {
  const own = route?.payments ?? {};
  return {
    missing: own.missing ?? general.missing,
    amount: own.amount ?? general.amount,
    currency: own.currency ?? general.currency,
    reversed: own.reversed ?? general.reversed,
    counts: own.counts ?? general.counts,
    onAccount: own.onAccount ?? general.onAccount,
  };
};

const asks = (rule: RoutePayments): boolean =>
  paymentMismatches.some((kind) => rule[kind] !== undefined && rule[kind] !== "ignore");

/** Somebody wants to know of some mismatch of some orders. */
export const paymentsAreJudged = (
  general: PaymentRule,
  routes: readonly { readonly payments: RoutePayments }[],
): boolean => asks(general) || routes.some(({ payments }) => asks(payments));

/** Routes differ, so that an order's own has to be known. */
export const paymentRulesDiffer = (routes: readonly { readonly payments: RoutePayments }[]): boolean =>
  routes.some(({ payments }) => Object.values(payments).some((value) => value !== undefined));
