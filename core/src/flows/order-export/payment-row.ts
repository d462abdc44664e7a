/**
 * What payments that do not fit their order lead to. Before the create they may hold it, as any refusal does; of an order that is
 * in IFS they are a row of their own in the inbox, beside whatever else is open for the order, and nothing is written anywhere else.
 */

import type { Rejection } from "../../domain/failure.ts";
import { paymentRuleOf, paymentRulesDiffer, paymentsAreJudged } from "../../domain/payment-config.ts";
import { paymentRowOf } from "../exception-id.ts";
import { type Judged, routeFor } from "./judge.ts";
import type { ExportOutcome } from "./outcome.ts";
import { heldFindings, judgePayments, paymentMismatch } from "./payments.ts";
import { showException, type Work } from "./work.ts";

/** Why the order may not be created in IFS yet; undefined: its payments do not stand against it. */
export function heldForPayment({ deps, order }: Work, { route }: Judged): Rejection | undefined {
  const rule = paymentRuleOf(deps.settings.config.orders.payments, route);
  return paymentMismatch(heldFindings(judgePayments(order, rule), rule));
}

/** There is no time, no certainty, or nothing of the order's to show. */
const LATER: ReadonlySet<ExportOutcome["kind"]> = new Set(["deferred", "unknown"]);

/**
 * After whatever else was done with a linked order. The row opens whenever a mismatch is met, and closes where somebody asks (an
 * event, a person, the round over what is shown), so that the sweep's windows cost no request for all the orders that are paid.
 */
export async function showPayments(work: Work, outcome: ExportOutcome): Promise<void> {
  const { deps, context, at, before } = work;
  const orderNo = outcome.kind === "linked" ? outcome.orderNo : at.state.orderNo;
  if (orderNo === undefined || LATER.has(outcome.kind) || before?.phase === "ignored") return;
  const { config } = deps.settings;
  const judged = paymentsAreJudged(config.orders.payments, config.routes);
  const rule = judged ? await ruleOf(work) : undefined;
  const mismatchOf = (order: unknown) => rule && paymentMismatch(judgePayments(order, rule));
  const mismatch = mismatchOf(work.order);
  const { id, orderNumber } = at.order;
  if (mismatch) {
    const row = paymentRowOf(id);
    await showException(deps, { id, label: orderNumber ?? id, ifsOrderNo: orderNo, row }, mismatch);
    // The event of a later change may have found nothing to close, because it was done before this row was stored.
    const now = context.mode === "event" ? await deps.orders.get(id) : undefined;
    if (now && !mismatchOf(now)) await deps.exceptions.close(row);
  } else if (context.shown === true || context.mode === "person" || (judged && context.mode === "event")) {
    await deps.exceptions.close(paymentRowOf(id));
  }
}

async function ruleOf({ deps, order }: Work) {
  const { config } = deps.settings;
  const route = paymentRulesDiffer(config.routes) ? await routeFor(deps, order) : undefined;
  return paymentRuleOf(config.orders.payments, route?.ok ? route.value : undefined);
}
