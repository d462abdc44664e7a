/**
 * Orders that a former integration exported: found in IFS by what it left there, and linked. They carry none of our references, so
 * the usual look-up does not see them, and completing or comparing them row by row would be wrong: equal totals have to do.
 */
import { mayBeInIfs } from "../../domain/claims.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrder } from "../../domain/ifs-records.ts";
import { isOrderReference } from "../../domain/order-reference.ts";
import { totalDifference } from "./equal-total.ts";
import { exportFingerprint } from "./fingerprint.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrder, parseTotal } from "./parse.ts";
import { deferred, postTime } from "./posting.ts";
import {
  closeException,
  forgetCorrections,
  journal,
  lease,
  nextClaim,
  note,
  record,
  refused,
  takenOver,
  type Work,
} from "./work.ts";

/**
 * Undefined: the order is none of the former integration's, or it was looked for and may be exported. Nothing is written to IFS. A
 * refusal keeps no IFS number, so that no later step takes the found order for one of ours.
 */
export async function linkedFormerly(work: Work): Promise<ExportOutcome | undefined> {
  const former = await lookForFormer(work);
  switch (former?.kind) {
    case undefined:
      return undefined;
    case "noTime":
      return deferred("no time left to look for the former integration's order; the sweep does");
    case "refused":
      return refused(work, former.rejection);
    case "equal":
      return link(work, former.order);
  }
}

export type Former =
  /** Its IFS order, whose total is that of the shop's. */
  | { readonly kind: "equal"; readonly order: IfsOrder }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "noTime" };

/** The same question without a write. Undefined as above. */
export async function lookForFormer(work: Work): Promise<Former | undefined> {
  const { cutOver } = work.deps.settings.config.orders;
  const { order } = work.at;
  if (!cutOver || Date.parse(order.createdAt) >= Date.parse(cutOver.at)) return undefined;
  // What this connector may have sent is looked up by its own reference.
  if (work.before && mayBeInIfs(work.before)) return undefined;
  const identity = cutOver.value === "id" ? order.id : order.orderNumber;
  const where = `${cutOver.field} ${cutOver.prefix}${identity ?? "(the order has no number)"}`;
  const absent = cutOver.ifNotFound === "export" ? undefined : refusedAs(notFound(where));
  if (identity === undefined) return absent;
  const answer = await findAll(work, { name: cutOver.field, value: `${cutOver.prefix}${identity}` });
  if (answer.kind === "noTime") return answer;
  if (answer.kind === "unknown") return refusedAs(notProven(where, answer.reason));
  const chosen = choose(order.id, where, answer.orders);
  if ("rejection" in chosen) return refusedAs(chosen.rejection);
  return chosen.order ? compared(work, chosen.order) : absent;
}

const refusedAs = (rejection: Rejection): Former => ({ kind: "refused", rejection });

type Chosen = { readonly order: IfsOrder | undefined } | { readonly rejection: Rejection };

/** The property may say the same by chance, as a buyer's own number does: whose id an IFS order carries, it is of that one. */
function choose(orderId: string, where: string, orders: readonly IfsOrder[]): Chosen {
  const found = orders.filter(({ state }) => state !== "Cancelled");
  const live = found.filter(({ externalRef }) => externalRef === orderId || !isOrderReference(externalRef));
  if (live.length > 1) return { rejection: several(where, live) };
  const [only] = live;
  const [another] = found;
  return !only && another ? { rejection: ofAnother(where, another) } : { order: only };
}

type Answer =
  | { readonly kind: "found"; readonly orders: readonly IfsOrder[] }
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "noTime" };

/** At every site: which one the former integration used for the order is not known. */
async function findAll(work: Work, by: { readonly name: string; readonly value: string }): Promise<Answer> {
  const orders: IfsOrder[] = [];
  for (const site of new Set(work.deps.settings.config.sites.map((one) => one.site))) {
    const deadlineMs = postTime(work);
    if (deadlineMs === undefined) return { kind: "noTime" };
    const lookup = await work.deps.ifsOrders.findByProperty(by, site as Contract, deadlineMs);
    note(work, "looked for the former integration's order", { answer: lookup.kind, site });
    if (lookup.kind === "unknown") return lookup;
    if (lookup.kind === "found") orders.push(...lookup.orders);
  }
  return { kind: "found", orders };
}

async function compared(work: Work, order: IfsOrder): Promise<Former> {
  const document = await work.deps.ifsOrders.read(order.orderNo, postTime(work));
  const total = parseTotal(work.order);
  const difference = document && total ? totalDifference(total, document) : "its amounts cannot be read";
  return difference === undefined ? { kind: "equal", order } : refusedAs(differs(order.orderNo, difference));
}

async function link(work: Work, { orderNo, contract, state }: IfsOrder): Promise<ExportOutcome> {
  const claimed = await lease(work, { phase: "claimed", site: contract });
  await closeException(claimed);
  const shop = parseOrder(work.order);
  const claim = nextClaim(claimed, {
    phase: "linked",
    attempt: 0,
    // Where the order cannot be read, a later edit cannot be seen either.
    fingerprint: shop.ok ? exportFingerprint(shop.value) : "",
    posted: "",
    code: "",
    site: contract,
    orderNo,
  });
  const linked = await record(claimed, claim, { link: orderNo });
  if (!linked) return takenOver;
  await forgetCorrections(linked);
  await journal(linked, "order-linked-with-former", { orderNo, ifsState: state });
  return { kind: "linked", orderNo };
}

const ask =
  "Enter or correct the order in IFS as the former integration would have. If it never was in IFS, set orders.cutOver.ifNotFound to export, or move orders.cutOver.at before the order.";

const notFound = (where: string): Rejection => ({
  code: "heldForReview",
  message: `The order is from before the cut-over, and no IFS order has ${where}.`,
  action: ask,
  owner: "operator",
  field: "orders.cutOver",
  cause: "cutOverNotFound",
});

const several = (where: string, found: readonly { readonly orderNo: OrderNo }[]): Rejection => ({
  code: "ifsDuplicate",
  message: `IFS has ${found.length} orders with ${where}: ${found.map(({ orderNo }) => orderNo).join(", ")}.`,
  action: "Cancel all but one of them in IFS; the remaining one is linked by itself.",
  owner: "operator",
  field: "orders.cutOver",
});

const ofAnother = (where: string, { orderNo, externalRef }: IfsOrder): Rejection => ({
  code: "heldForReview",
  message: `The only IFS order with ${where} is ${orderNo}, which carries the id of another commercetools order (${externalRef}). It was not linked.`,
  action: `${ask} If ${orderNo} is the one of this order, correct its external reference in IFS.`,
  owner: "operator",
  field: "orders.cutOver",
  value: orderNo,
  cause: "cutOverOfAnother",
});

const differs = (orderNo: string, difference: string): Rejection => ({
  code: "heldForReview",
  message: `IFS order ${orderNo} of the former integration is not equal to the order: ${difference}. It was not linked.`,
  action: "Correct one of the two, so that the totals are equal. If it is another order, correct orders.cutOver.field.",
  owner: "operator",
  field: "orders.cutOver",
  value: orderNo,
  cause: "cutOverDiffers",
});

const notProven = (where: string, reason: string): Rejection => ({
  code: "heldForReview",
  message: `It cannot be proven whether IFS has an order with ${where}: ${reason}`,
  action: "Grant the service user the site, and name an order of it under `ifs.sentinelOrders`.",
  owner: "ifsAdministrator",
  field: "orders.cutOver",
  cause: "cutOverNotProven",
});
