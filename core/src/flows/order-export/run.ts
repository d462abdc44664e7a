/**
 * One order from commercetools to IFS, exactly once: read, plan, judge, look, claim, create, compare, release, link.
 * Every step can be the last one of a process; whoever comes next goes on from what the order itself says.
 */
import { mayBeInIfs } from "../../domain/claims.ts";
import {
  AuthenticationError,
  ConflictError,
  type Rejection,
  TransientError,
  UnknownOutcomeError,
} from "../../domain/failure.ts";
import type { Contract, OrderId, OrderNo } from "../../domain/ids.ts";
import type { IfsOrderLookup } from "../../domain/ifs-records.ts";
import type { SentRequest } from "../../domain/sent.ts";
import { barredBy } from "./barred.ts";
import { enteredByHand, settleByHand } from "./by-hand.ts";
import { runCancel } from "./cancel.ts";
import { positionOf } from "./claim-writer.ts";
import { runCompare } from "./compare.ts";
import { judgeCorrected } from "./correct.ts";
import { create } from "./create.ts";
import { linkedFormerly } from "./cut-over.ts";
import { recordDefect, recordDeferral } from "./defect.ts";
import type { OrderExportDeps } from "./deps.ts";
import { isGone, lookForGone } from "./gone.ts";
import type { Judged } from "./judge.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrderHead } from "./parse.ts";
import { heldForPayment, showPayments } from "./payment-row.ts";
import { type Plan, planOrder } from "./plan.ts";
import { deferred, postTime, timeIsUp } from "./posting.ts";
import { withReturns } from "./returns/run-returns.ts";
import { finish } from "./settle.ts";
import {
  beginWork,
  currentClaim,
  type ExportContext,
  note,
  openException,
  refused,
  showException,
  tellSent,
  type Work,
} from "./work.ts";

export type { ExportOutcome } from "./outcome.ts";
export type { ExportContext } from "./work.ts";

/** How often an order is planned anew because somebody else wrote to it first. */
const MAX_CONFLICTS = 3;

/**
 * Brings one order as far as it can get now. Every outcome is recorded on the order (or needs no record) and can be
 * acknowledged. Throws TransientError or AuthenticationError when a side is down, and a defect as it is: all of them come again.
 */
export async function exportOrder(
  deps: OrderExportDeps,
  orderId: OrderId,
  given: ExportContext,
): Promise<ExportOutcome> {
  const sent: SentRequest[] = [];
  const context = { ...given, sent };
  return deps.withSentListener(
    (request) => void sent.push(request),
    async () => {
      try {
        return await exported(deps, orderId, context);
      } finally {
        await tellSent(deps, orderId, context);
      }
    },
  );
}

async function exported(deps: OrderExportDeps, orderId: OrderId, context: ExportContext): Promise<ExportOutcome> {
  try {
    const outcome = await planned(deps, orderId, context);
    if (outcome.kind !== "deferred") return outcome;
    if (context.mode === "sweep") return await recordDeferral(deps, orderId, context, outcome);
    // Nothing is in doubt, and the next delivery has its own time; that is sooner than the sweep.
    if (context.mode === "event" && timeIsUp(deps, context)) throw new TransientError(outcome.reason);
    return outcome;
  } catch (error) {
    if (isKnown(error)) throw error;
    const barred = barredBy(error, "read");
    if (barred) throw barred;
    const recorded = await recordDefect(deps, orderId, context, error);
    if (recorded) return recorded;
    throw error;
  }
}

const isKnown = (error: unknown): boolean =>
  error instanceof TransientError ||
  error instanceof AuthenticationError ||
  error instanceof UnknownOutcomeError ||
  error instanceof ConflictError;

async function planned(deps: OrderExportDeps, orderId: OrderId, context: ExportContext): Promise<ExportOutcome> {
  let given = context.order;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const order = given ?? (await deps.orders.get(orderId));
    given = undefined;
    if (order === undefined) return gone(deps, orderId, context);
    const head = parseOrderHead(order);
    if (!head.ok) return unreadable(deps, orderId, head.error);
    const work = beginWork(deps, context, order, positionOf(deps, order));
    try {
      const outcome = await withReturns(work, await carryOut(work, planOf(work)));
      await showPayments(work, outcome);
      return outcome;
    } catch (error) {
      // Deleted between its read and the first write: read again, and left.
      if (isGone(error)) continue;
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new TransientError(`order ${orderId} was changed by others ${MAX_CONFLICTS} times in a row`);
}

const GONE_MS = 8000;

const gone = async (deps: OrderExportDeps, orderId: OrderId, { mode }: ExportContext): Promise<ExportOutcome> =>
  mode === "event" ? { kind: "skipped", reason: "the order does not exist" } : lookForGone(deps, orderId, GONE_MS);

/** Not even its id and version can be read: nothing can be written to it, so only the exception says so. */
async function unreadable(deps: OrderExportDeps, orderId: OrderId, rejection: Rejection): Promise<ExportOutcome> {
  await showException(deps, { id: orderId, label: orderId }, rejection);
  return { kind: "rejected", rejection };
}

function planOf(work: Work, lookup?: IfsOrderLookup): Plan {
  const { config, configVersion, activationStamp } = work.deps.settings;
  return planOrder({
    order: work.at.order,
    state: work.at.state,
    fingerprint: work.fingerprint,
    now: work.deps.clock.now(),
    mode: work.context.mode,
    config,
    configVersion,
    activationStamp,
    beforeExportFrom: work.context.beforeExportFrom ?? false,
    lookup,
  });
}

async function carryOut(work: Work, plan: Plan): Promise<ExportOutcome> {
  switch (plan.kind) {
    case "skip":
      return { kind: "skipped", reason: plan.reason };
    case "waitUntil":
      return { kind: "waiting", reason: plan.reason, at: plan.at };
    case "report":
      await openException(work, plan.rejection);
      return { kind: "rejected", rejection: plan.rejection };
    case "reject":
      return refused(work, plan.rejection);
    case "hold":
      return refused(work, plan.rejection, { phase: "held", orderNo: plan.orderNo });
    case "unproven":
      return refused(work, plan.rejection, { phase: "unknown", orderNo: "" });
    case "compare":
      return runCompare(work, plan.orderNo);
    case "cancel":
      return plan.find ? findAndCancel(work) : runCancel(work, plan.orderNo);
    case "lookFirst":
    case "create":
    case "finish":
      return exportNow(work, plan);
  }
}

/** The order is to be in IFS. What cannot be expressed there is refused, but never while a part of it may be there already. */
async function exportNow(
  work: Work,
  plan: Extract<Plan, { kind: "lookFirst" | "create" | "finish" }>,
): Promise<ExportOutcome> {
  const former = plan.kind === "finish" ? undefined : await linkedFormerly(work);
  if (former) return former;
  const judged = await judgeCorrected(work);
  if (!judged.ok) return refuseUnlessThere(work, judged.error, plan);
  if (plan.kind === "finish") return finish(work, judged.value, plan.orderNo);
  const unpaid = heldForPayment(work, judged.value);
  // What may be in IFS already is looked for first: an order that is there is completed, and its payments are shown beside it.
  const sent = work.before !== undefined && mayBeInIfs(work.before);
  if (unpaid && !sent) return refuseUnlessThere(work, unpaid, plan);
  if (plan.kind === "create") return create(work, judged.value);
  const lookup = await lookUpAt(work, [currentClaim(work)?.site ?? "", judged.value.route.site]);
  return lookup ? lookedUp(work, judged.value, planOf(work, lookup)) : deferred("no time left to look; the sweep does");
}

async function lookedUp(work: Work, judged: Judged, plan: Plan): Promise<ExportOutcome> {
  if (plan.kind === "finish") return finish(work, judged, plan.orderNo);
  if (plan.kind !== "create") return carryOut(work, plan);
  const unpaid = heldForPayment(work, judged);
  return unpaid ? refused(work, unpaid) : create(work, judged);
}

/**
 * The site that an earlier create was sent to, and the one of today's route, which an edit, another configuration or a correction
 * may have moved: absent is only what both have proven.
 */
async function lookUpAt(work: Work, sites: readonly string[]): Promise<IfsOrderLookup | undefined> {
  for (const site of new Set(sites.filter((one) => one !== ""))) {
    const lookup = await lookUp(work, site);
    if (lookup?.kind !== "absent") return lookup;
  }
  return { kind: "absent" };
}

async function lookUp(work: Work, site: string): Promise<IfsOrderLookup | undefined> {
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) return undefined;
  const lookup = await work.deps.ifsOrders.findByExternalRef(work.at.order.id, site as Contract, deadlineMs);
  note(work, "looked up", { answer: lookup.kind, site });
  return lookup;
}

/**
 * A refusal is only final when nothing of the order is in IFS; otherwise it is held with its number. Refused once more, the
 * order may have been entered in IFS by hand meanwhile, as its exception proposes.
 */
async function refuseUnlessThere(
  work: Work,
  rejection: Rejection,
  plan: Extract<Plan, { kind: "lookFirst" | "create" | "finish" }>,
): Promise<ExportOutcome> {
  if (plan.kind === "finish") return thereAlready(work, rejection, plan.orderNo);
  const again = work.before?.phase === "rejected" && work.before.code !== "" && !mayBeInIfs(work.before);
  if (again) return (await enteredByHand(work, rejection)) ?? refused(work, rejection);
  const site = currentClaim(work)?.site ?? "";
  if (plan.kind === "create" || site === "") return refused(work, rejection);
  const lookup = await lookUp(work, site);
  if (!lookup) return deferred("no time left to look; the sweep does");
  const found = planOf(work, lookup);
  if (found.kind === "create") return refused(work, rejection);
  if (found.kind === "finish") return thereAlready(work, rejection, found.orderNo);
  return carryOut(work, found);
}

/** What the connector has sent is held until it can be compared with a draft; what it has not, a person has entered. */
const thereAlready = (work: Work, rejection: Rejection, orderNo: OrderNo): Promise<ExportOutcome> =>
  currentClaim(work)?.posted === ""
    ? settleByHand(work, rejection, { orderNo })
    : refused(work, rejection, { phase: "held", orderNo });

/** Cancelled in commercetools while it may be in IFS under a number that nobody wrote down. */
async function findAndCancel(work: Work): Promise<ExportOutcome> {
  const lookup = await lookUp(work, currentClaim(work)?.site ?? "");
  return lookup ? carryOut(work, planOf(work, lookup)) : deferred("no time left to look; the sweep does");
}
