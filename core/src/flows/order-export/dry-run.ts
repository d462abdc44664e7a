/** What the export would do with an order now, by the same steps and without a single write. */
import type { Rejection } from "../../domain/failure.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { formatMoney } from "../../domain/money.ts";
import { positionOf } from "./claim-writer.ts";
import { judgeCorrected } from "./correct.ts";
import { lookForFormer } from "./cut-over.ts";
import type { OrderExportDeps } from "./deps.ts";
import { ledgerOf } from "./ledger.ts";
import { parseOrderHead } from "./parse.ts";
import { heldForPayment } from "./payment-row.ts";
import { type Plan, planOrder } from "./plan.ts";
import { type DryReturns, dryReturns } from "./returns/dry-returns.ts";
import { beginWork, type Work } from "./work.ts";

export type DryTotals = {
  /** Amounts with currency, such as "93.24 EUR": what the shop charges, and what IFS is expected to compute. */
  readonly shop: { readonly net: string; readonly tax: string; readonly gross: string };
  readonly ifs: { readonly net: string; readonly tax: string; readonly gross: string };
};

export type DryRun = {
  readonly orderId: string;
  /** What people call the order. */
  readonly label: string;
  readonly createdAt: string | null;
  /** What an event about the order would lead to now, in words. */
  readonly next: string;
  /** Number of the former integration's IFS order, which the order would be linked to. */
  readonly former?: string;
  /** The document that IFS would get, whatever `next` says; undefined where the order is refused, or the former integration's. */
  readonly draft?: IfsOrderDraft;
  readonly route?: string;
  readonly totals?: DryTotals;
  readonly rounded?: readonly string[];
  readonly shortened?: readonly string[];
  readonly rejection?: Rejection;
  /** Of an order that has any. */
  readonly returns?: DryReturns;
};

/**
 * Reads IFS's parts and the shop's references, of an order from before the cut-over the former integration's order, and of an order with
 * returns its IFS order and RMAs; throws what these reads throw.
 */
export async function dryRun(deps: OrderExportDeps, order: { readonly id: string }): Promise<DryRun> {
  const head = parseOrderHead(order);
  if (!head.ok) {
    return { orderId: order.id, label: order.id, createdAt: null, next: "refused", rejection: head.error };
  }
  const { config, configVersion, activationStamp } = deps.settings;
  const work = beginWork(deps, { mode: "event", deadlineAt: Number.POSITIVE_INFINITY }, order, positionOf(deps, order));
  const plan = planOrder({
    order: work.at.order,
    state: work.at.state,
    fingerprint: work.fingerprint,
    now: deps.clock.now(),
    mode: "event",
    config,
    configVersion,
    activationStamp,
  });
  const { id, orderNumber, createdAt } = head.value;
  const returns = plan.kind === "skip" ? undefined : await dryReturns(work);
  const about = { orderId: id, label: orderNumber ?? id, createdAt, ...(returns && { returns }) };
  const former = creates(plan) ? await ofFormer(work) : undefined;
  if (former) return { ...about, ...former };
  const judged = await judgeCorrected(work);
  if (!judged.ok) return { ...about, next: nextOf(plan, judged.error), rejection: judged.error };
  const unpaid = creates(plan) ? heldForPayment(work, judged.value) : undefined;
  if (unpaid) return { ...about, next: nextOf(plan, unpaid), rejection: unpaid };
  const { draft, shop, route, rounded, shortened } = judged.value;
  const ledger = ledgerOf(shop, draft);
  const amounts = ({ net, tax, gross }: typeof ledger.shop) => ({
    net: formatMoney(net),
    tax: formatMoney(tax),
    gross: formatMoney(gross),
  });
  return {
    ...about,
    next: nextOf(plan, undefined),
    route: route.name,
    draft,
    totals: { shop: amounts(ledger.shop), ifs: amounts(ledger.ifs) },
    rounded,
    shortened,
  };
}

/** Undefined: it is none that the former integration exported, or may be exported all the same. */
async function ofFormer(work: Work): Promise<Pick<DryRun, "next" | "former" | "rejection"> | undefined> {
  const former = await lookForFormer(work);
  if (former?.kind === "equal") {
    const { orderNo, state } = former.order;
    return {
      former: orderNo,
      next: `links IFS order ${orderNo} (${state}) of the former integration, whose total is equal; nothing is created`,
    };
  }
  return former?.kind === "refused" ? { next: "refused", rejection: former.rejection } : undefined;
}

const creates = ({ kind }: Plan): boolean => kind === "create" || kind === "lookFirst";

function nextOf(plan: Plan, refusal: Rejection | undefined): string {
  switch (plan.kind) {
    case "skip":
      return `nothing: ${plan.reason}`;
    case "waitUntil":
      return `waits: ${plan.reason}${plan.at === undefined ? "" : `, until ${new Date(plan.at).toISOString()}`}`;
    case "compare":
      return `nothing: it is IFS order ${plan.orderNo}`;
    case "cancel":
      return `cancels IFS order ${plan.orderNo ?? "of its reference, where there is one"}`;
    case "finish":
      return `completes and links IFS order ${plan.orderNo}`;
    case "lookFirst":
      return refusal ? "refused" : "looks whether IFS has it, then creates it";
    case "create":
      return refusal ? "refused" : "creates it";
    case "hold":
    case "unproven":
    case "reject":
    case "report":
      return "refused";
  }
}
