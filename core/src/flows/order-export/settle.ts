/** The order exists in IFS: complete it, compare it to the cent, release it, link it. */
import { RefusedError, type Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { IfsOrder, IfsOrderDocument } from "../../domain/ifs-records.ts";
import type { JournalEntry } from "../../domain/records.ts";
import { blockedRow, isBlocked } from "../blocked.ts";
import { changedAfterExport } from "./amend-refusals.ts";
import { ifsFingerprint } from "./fingerprint.ts";
import type { Judged } from "./judge.ts";
import { checkAfter, compareDocument } from "./ledger.ts";
import { isSameExport } from "./mapped-inputs.ts";
import type { ExportOutcome } from "./outcome.ts";
import { deferred, ifsRefused, posted, postTime, putOff, repeatable } from "./posting.ts";
import {
  closeException,
  currentClaim,
  forgetCorrections,
  journal,
  lease,
  nextClaim,
  note,
  openException,
  record,
  refused,
  takenOver,
  type Work,
} from "./work.ts";

/** Goes on with an order that was found in IFS, or that an earlier worker had created. */
export async function finish(work: Work, judged: Judged, orderNo: OrderNo): Promise<ExportOutcome> {
  if (postTime(work) === undefined) return deferred("no time left; the sweep goes on");
  const claimed = await lease(work, { phase: "created", site: currentClaim(work)?.site || judged.route.site, orderNo });
  const document = await repeatable(claimed, orderNo, () => claimed.deps.ifsOrders.read(orderNo, postTime(claimed)));
  if (document === undefined) return hold(claimed, orderNo, notVisible(orderNo));
  if (document.order.state === "Cancelled") return letGo(claimed, cancelledInIfs(orderNo));
  return settle(claimed, judged, document);
}

/**
 * The order was edited between the create and here, so that IFS has the content from before. Not what the amounts show: address,
 * references and dates may differ as well. Unknown, and so false, where what was sent is not known.
 */
function editedSince(work: Work, judged: Judged): boolean {
  const posted = currentClaim(work)?.posted ?? "";
  return posted !== "" && !isSameExport(posted, judged.fingerprint);
}

/** Compares IFS's own figures with the plan; only an equal order is released and linked. */
export async function settle(work: Work, judged: Judged, document: IfsOrderDocument): Promise<ExportOutcome> {
  const { missing, differences } = compareDocument(judged.shop, judged.draft, document);
  if (missing.length === 0) return compared(work, judged, document);
  const untouched = document.order.state === "Planned";
  const edited = editedSince(work, judged);
  if (differences.length === 0 && untouched && !edited) return complete(work, judged, document);
  const findings = [
    ...missing.map((ref) => `${ref} is missing in IFS`),
    ...differences,
    ...(edited ? ["it was edited in commercetools after it had been sent"] : []),
  ];
  // Only an edit is proof that IFS has what nobody wants any more. Else the configuration may have changed since, or IFS adds
  // something of its own, and the order may be complete.
  return abandon(work, document, untouched && edited, findings);
}

async function compared(work: Work, judged: Judged, document: IfsOrderDocument): Promise<ExportOutcome> {
  const after = checkAfter(judged.shop, judged.draft, document);
  const { orderNo, state } = document.order;
  note(work, "compared", { equal: after.ok });
  if (!after.ok) return hold(work, orderNo, after.error);
  if (editedSince(work, judged)) {
    const held = state === "Planned" && work.deps.settings.config.orders.release;
    return held ? hold(work, orderNo, editedBeforeRelease(orderNo)) : link(work, judged, document);
  }
  const released = await release(work, document.order);
  return "outcome" in released ? released.outcome : link(work, judged, { ...document, order: released.order });
}

export const hold = (work: Work, orderNo: string, rejection: Rejection): Promise<ExportOutcome> =>
  refused(work, rejection, { phase: "held", orderNo });

/**
 * Its IFS order is cancelled and a person may enter another one, which was not sent by us: the claim keeps neither the number, so
 * that IFS is asked by reference, nor what was sent.
 */
export const letGo = (work: Work, rejection: Rejection): Promise<ExportOutcome> =>
  refused(work, rejection, { phase: "held", orderNo: "", inIfs: "" });

/** Adds what is missing. The claim says `posting` first: lines can be committed late, just like an order. */
async function complete(work: Work, judged: Judged, document: IfsOrderDocument): Promise<ExportOutcome> {
  const { orderNo } = document.order;
  const current = currentClaim(work);
  const posting = current && (await record(work, { ...current, phase: "posting", orderNo }));
  if (!posting) return takenOver;
  const deadlineMs = postTime(posting);
  if (deadlineMs === undefined) {
    return putOff(posting, orderNo, "no time left to complete the IFS order; the sweep does");
  }
  const answer = await posted(posting, {
    orderNo,
    call: () => posting.deps.ifsOrders.addMissing(document, judged.draft, deadlineMs),
    refusedAs: (rejection) => hold(posting, orderNo, rejection),
  });
  return "outcome" in answer ? answer.outcome : compared(posting, judged, answer.value);
}

/** Half-built, and what is there is not what the order says now: cancelled where that is sure, and never doubled. */
async function abandon(
  work: Work,
  { order }: IfsOrderDocument,
  cancel: boolean,
  findings: readonly string[],
): Promise<ExportOutcome> {
  const { orderNo } = order;
  if (cancel) {
    await repeatable(work, orderNo, () =>
      work.deps.ifsOrders.cancel(orderNo, "Incomplete, and the shop's order has changed", postTime(work)),
    );
  }
  const rejection = halfBuilt(orderNo, cancel, findings);
  return cancel ? letGo(work, rejection) : hold(work, orderNo, rejection);
}

export type Released = { readonly order: IfsOrder } | { readonly outcome: ExportOutcome };

/** Planned orders are released where the configuration says so. A credit check may end in Blocked: linked all the same. */
export async function release(work: Work, order: IfsOrder): Promise<Released> {
  const { orderNo } = order;
  const done = (released: IfsOrder): Released => {
    note(work, "released", { ifsState: released.state });
    return { order: released };
  };
  if (order.state !== "Planned" || !work.deps.settings.config.orders.release) return { order };
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) {
    return { outcome: await putOff(work, orderNo, "created; no time left to release, the sweep does") };
  }
  try {
    return done(await repeatable(work, orderNo, () => work.deps.ifsOrders.release(orderNo, deadlineMs)));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // Two workers may have released one after the other: what counts is the state, not who was refused.
    const now = await repeatable(work, orderNo, () => work.deps.ifsOrders.read(orderNo, postTime(work)));
    if (now && now.order.state !== "Planned") return done(now.order);
    return { outcome: await hold(work, orderNo, ifsRefused(error)) };
  }
}

/**
 * The link and the end of the claim in one request. The exception goes first: a linked order has none that is left over. An
 * order that was edited since it was sent keeps the fingerprint of what was sent, and its exception.
 */
async function link(work: Work, judged: Judged, document: IfsOrderDocument): Promise<ExportOutcome> {
  const { order } = document;
  const { orderNo } = order;
  const attempt = currentClaim(work)?.attempt ?? 1;
  const edited = editedSince(work, judged) ? changedAfterExport(orderNo) : undefined;
  if (!edited) await closeException(work);
  const corrected =
    work.before && work.before.code !== "" ? await work.deps.corrections.read(work.at.order.id) : undefined;
  const claim = nextClaim(work, {
    phase: "linked",
    attempt,
    fingerprint: edited ? (currentClaim(work)?.posted ?? "") : judged.fingerprint,
    posted: "",
    // Of an edited order what was sent is not known any more, and a corrected one says in IFS what the shop does not.
    inIfs: edited || corrected ? "" : ifsFingerprint(document, { ...judged.draft.header, shipTo: judged.draft.shipTo }),
    code: edited?.code ?? "",
    site: order.contract,
    orderNo,
  });
  const linked = await record(work, claim, { link: orderNo });
  if (!linked) return takenOver;
  await forgetCorrections(linked);
  await journal(linked, "order-linked", { orderNo, attempt, ifsState: order.state, ...particulars(judged) });
  const { id, orderNumber } = linked.at.order;
  if (isBlocked(order)) await linked.deps.exceptions.open(blockedRow({ id, label: orderNumber ?? id }, order));
  if (edited) {
    await openException(linked, edited);
    return { kind: "held", rejection: edited, orderNo };
  }
  return { kind: "linked", orderNo };
}

/** Rows that IFS rounds otherwise, though the order is equal to the cent; and texts that were shortened as configured. */
const particulars = ({ rounded, shortened }: Judged): JournalEntry["detail"] => ({
  ...(rounded.length > 0 && { roundedRows: rounded.length, rounded: rounded.join("; ").slice(0, LONGEST_TEXT) }),
  ...(shortened.length > 0 && { shortened: shortened.join("; ").slice(0, LONGEST_TEXT) }),
});

/** The journal takes no payloads: hundreds of rows must not make the entry too large to be written. */
const LONGEST_TEXT = 400;

export const notVisible = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `IFS order ${orderNo} was created for this order and cannot be seen any more.`,
  action: "Check in IFS whether it was deleted, and whether the service user may see its site.",
  owner: "ifsAdministrator",
  field: "orderNo",
  value: orderNo,
  cause: "notVisible",
});

const editedBeforeRelease = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `The order was edited in commercetools while IFS order ${orderNo} was being created, which has the content from before and was not released.`,
  action:
    "Take the edit back in commercetools, and it is released by itself; or make the same edit in IFS (address, references, dates, ship-via) and release it there.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
  cause: "editedWhileCreated",
});

export const cancelledInIfs = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `IFS order ${orderNo} was cancelled in IFS before the export was complete.`,
  action:
    "Cancel the order in commercetools too, or enter it in IFS by hand: the order's id as external reference, and `[ref <line item id>]` in the note of each line.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
  cause: "cancelledInIfs",
});

const halfBuilt = (orderNo: string, cancelled: boolean, findings: readonly string[]): Rejection => ({
  code: "heldForReview",
  message: `IFS order ${orderNo} is incomplete and differs from the order: ${findings.join("; ")}.${cancelled ? " It was cancelled in IFS." : ""}`,
  action: cancelled
    ? "Cancel the order in commercetools, or enter it in IFS by hand: its id as external reference, and `[ref <line item id>]` in the note of each line."
    : "Take back what changed since it was sent (a route, a charge type, a correction), and it is completed by itself; or complete or cancel the IFS order by hand.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
  cause: "incompleteInIfs",
});
