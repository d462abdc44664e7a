/** What one piece of work on one order carries along, and how it records where it stands. */
import { shownOf } from "../../domain/cause.ts";
import { type Claim, mayBeInIfs } from "../../domain/claims.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { JournalEntry, JournalStep } from "../../domain/records.ts";
import type { SentRequest } from "../../domain/sent.ts";
import { blockedRowOf } from "../blocked.ts";
import { exceptionId, paymentRowOf, returnRowOf } from "../exception-id.ts";
import { type Entries, emptyClaim, pauseMs } from "./claim.ts";
import { moveClaim, type Position, takeClaim } from "./claim-writer.ts";
import type { OrderExportDeps } from "./deps.ts";
import { contentFingerprint } from "./fingerprint.ts";
import type { ExportOutcome } from "./outcome.ts";
import { inEntries, SENT, sentSteps } from "./sent-steps.ts";

export type ExportContext = {
  /** `person`: somebody asked for this very order: at once, whatever pause it has, and with the time of the sweep. */
  readonly mode: "event" | "sweep" | "person";
  /** Id of that person. */
  readonly by?: string;
  /** A period before `exportFrom` was asked for by name, and the order is of it. */
  readonly beforeExportFrom?: boolean;
  /** The person has looked at this very order, and not at many at once: what only a person can see is as it should be. */
  readonly confirmed?: boolean;
  /** The order is looked at because it has an open exception. */
  readonly shown?: boolean;
  /** Monotonic milliseconds by which the work has to be recorded. */
  readonly deadlineAt: number;
  /** The order where it was just read; its version guards against anything older. */
  readonly order?: unknown;
  /** What IFS was sent and no entry of the journal has told yet; filled while the order is worked on, emptied by the journal. */
  readonly sent?: SentRequest[];
};

export type Work = {
  readonly deps: OrderExportDeps;
  readonly context: ExportContext;
  readonly owner: string;
  readonly order: unknown;
  /** Of the whole content. */
  readonly fingerprint: string;
  /** The claim that was found; undefined for the very first piece of work. */
  readonly before: Claim | undefined;
  readonly at: Position;
  /** Monotonic milliseconds before the claim was sent; undefined while nothing is claimed. */
  readonly claimedAt: number | undefined;
  /** What was done so far, for the one journal entry at the end. Appended to, whichever copy of the work goes on. */
  readonly trace: JournalStep[];
};

export const beginWork = (deps: OrderExportDeps, context: ExportContext, order: unknown, at: Position): Work => ({
  deps,
  context,
  owner: deps.newOwner(),
  order,
  fingerprint: contentFingerprint(order),
  before: at.state.claim.kind === "claim" ? at.state.claim.claim : undefined,
  at,
  claimedAt: undefined,
  trace: [],
});

/** Steps of one piece of work are few; a loop must not fill the journal. */
const MAX_STEPS = 12;

export function note({ deps, trace }: Work, step: string, detail?: JournalStep["detail"]): void {
  if (trace.length >= MAX_STEPS) return;
  trace.push({ at: new Date(deps.clock.now()).toISOString(), step, ...(detail && { detail }) });
}

/** Milliseconds that are left until the work has to be recorded. */
export const timeLeft = ({ deps, context }: Work): number => context.deadlineAt - deps.clock.monotonic();

/** Attempts count what ended in doubt or in a defect; a refusal, and an outage before anything was sent, start anew. */
const nextAttempt = (before: Claim | undefined): number => {
  if (!before) return 1;
  const counts =
    before.phase === "posting" ||
    before.phase === "unknown" ||
    before.phase === "claimed" ||
    before.phase === "created" ||
    before.code === "attemptsExhausted";
  return counts ? before.attempt + 1 : 1;
};

/** A claim of ours that keeps what later workers need to know of the one before. */
export const nextClaim = (work: Work, fields: Partial<Claim>): Claim => ({
  ...emptyClaim(work.owner),
  attempt: nextAttempt(work.before),
  configVersion: work.deps.settings.configVersion,
  fingerprint: work.before?.fingerprint ?? "",
  posted: currentClaim(work)?.posted ?? "",
  inIfs: currentClaim(work)?.inIfs ?? "",
  code: work.before?.code ?? "",
  site: currentClaim(work)?.site ?? "",
  orderNo: work.before?.orderNo ?? "",
  ...fields,
});

/** Leases the order at the version read. ConflictError: lost. */
export async function lease(work: Work, fields: Partial<Claim>, entries?: Entries): Promise<Work> {
  const { deps } = work;
  const claimedAt = deps.clock.monotonic();
  const expiresAt = deps.clock.now() + deps.settings.config.orders.claimSeconds * 1000;
  const claim = nextClaim(work, { ...fields, expiresAt });
  const at = await takeClaim(deps, work.at, { claim, entries });
  note(work, "claimed", { phase: claim.phase, attempt: claim.attempt });
  return { ...work, at, claimedAt };
}

/** The claim as last written by this piece of work, else the one that was found. */
export const currentClaim = (work: Work): Claim | undefined =>
  work.at.state.claim.kind === "claim" ? work.at.state.claim.claim : undefined;

/**
 * Records the next step: the first write of a piece of work swaps at the version read (ConflictError: lost), later ones go
 * on while the claim is ours. Undefined: somebody else has taken over meanwhile and will finish.
 */
export async function record(work: Work, claim: Claim, entries?: Entries): Promise<Work | undefined> {
  const current = currentClaim(work);
  if (current?.owner === work.owner) {
    const at = await moveClaim(work.deps, work.at, { claim, entries });
    if (at) note(work, claim.phase);
    return at && { ...work, at };
  }
  const at = await takeClaim(work.deps, work.at, { claim, entries });
  note(work, claim.phase);
  return { ...work, at };
}

export const takenOver: ExportOutcome = {
  kind: "waiting",
  reason: "another worker has taken over meanwhile",
  at: undefined,
};

/** One row for each order: whatever stops its export at the moment. Its returns and its payments have one of their own. */
export const rowOf = (orderId: string): string => exceptionId("order-export", orderId);

export async function showException(
  deps: OrderExportDeps,
  order: {
    readonly id: string;
    readonly label: string;
    readonly ifsOrderNo?: string | undefined;
    /** Id of the row, where it is not that of the order's export. */
    readonly row?: string;
  },
  rejection: Rejection,
): Promise<void> {
  const { code, field } = rejection;
  await deps.exceptions.open({
    id: order.row ?? rowOf(order.id),
    flow: "order-export",
    recordType: "order",
    recordId: order.id,
    recordLabel: order.label,
    ...shownOf(rejection),
    ...(order.ifsOrderNo && { ifsOrderNo: order.ifsOrderNo }),
  });
  deps.logger.warn({ flow: "order-export", orderId: order.id, code, field }, "order-refused");
}

export function openException(work: Work, rejection: Rejection): Promise<void> {
  const { order, state } = work.at;
  const ifsOrderNo = state.orderNo ?? currentClaim(work)?.orderNo;
  return showException(work.deps, { id: order.id, label: order.orderNumber ?? order.id, ifsOrderNo }, rejection);
}

/** An exception is opened only after a claim with its code was written, and later claims keep the code until here. */
export async function closeException(work: Work): Promise<void> {
  if (work.before && work.before.code !== "") await work.deps.exceptions.close(rowOf(work.at.order.id));
}

/** Of an order that does not exist any more. */
export async function closeRows(deps: OrderExportDeps, orderId: string): Promise<void> {
  await deps.exceptions.close(rowOf(orderId));
  await deps.exceptions.close(returnRowOf(orderId));
  await deps.exceptions.close(paymentRowOf(orderId));
  await deps.exceptions.close(blockedRowOf(orderId));
}

/** They have done their work, and may hold an address. Only an order that was refused before can have any. */
export async function forgetCorrections({ before, deps, at }: Work): Promise<void> {
  if (before && before.code !== "") await deps.corrections.remove(at.order.id);
}

/** One entry for all that this piece of work did so far; several where what it sent does not fit into one. */
export async function journal(work: Work, event: string, detail: JournalEntry["detail"]): Promise<void> {
  const { deps, at, trace, context } = work;
  await append(deps, context, { recordId: at.order.id, event, detail, steps: trace.splice(0) });
  deps.logger.info({ flow: "order-export", orderId: at.order.id, ...detail }, event);
}

async function append(
  deps: OrderExportDeps,
  { by, sent = [] }: ExportContext,
  { steps, ...entry }: Pick<JournalEntry, "recordId" | "event" | "detail"> & { readonly steps: readonly JournalStep[] },
): Promise<void> {
  // A write comes before the step that tells of its end.
  const all = [...sentSteps(sent.splice(0)), ...steps].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const entries = inEntries({
    at: new Date(deps.clock.now()).toISOString(),
    flow: "order-export",
    recordType: "order",
    ...entry,
    configVersion: deps.settings.configVersion,
    ...(all.length > 0 && { steps: all }),
    ...(by !== undefined && { by }),
  });
  // At once: entries of one quarter of a second share a request.
  await Promise.all(entries.map((one) => deps.journal.append(one)));
}

/** What changed IFS and no entry tells of, because the work was broken off; what IFS did not take may go untold. */
export async function tellSent(deps: OrderExportDeps, orderId: string, context: ExportContext): Promise<void> {
  if (!context.sent?.some(({ counts }) => counts)) return;
  await append(deps, context, { recordId: orderId, event: SENT, detail: { end: "broken off" }, steps: [] });
}

const JOURNALED = {
  rejected: "order-rejected",
  held: "order-held",
  unknown: "order-in-doubt",
  linked: "order-to-be-looked-at",
} as const;

/**
 * The order cannot go on: the claim says so first, then the exception is opened, so that an exception never exists without a
 * claim. The pause grows while nothing about order and configuration changes.
 */
export async function refused(
  work: Work,
  rejection: Rejection,
  found?: {
    readonly phase: "held" | "unknown" | "linked";
    readonly orderNo: string;
    /** What IFS shows of an order whose amendment ends here. */
    readonly inIfs?: string;
  },
): Promise<ExportOutcome> {
  const { deps, before } = work;
  const phase = found?.phase ?? "rejected";
  const same = phase === "linked" || before?.fingerprint === work.fingerprint;
  const attempt = before?.code === rejection.code && same ? before.attempt + 1 : 1;
  const next = nextClaim(work, {
    phase,
    attempt,
    notBefore: deps.clock.now() + pauseMs(attempt),
    // A linked order keeps the fingerprint of what was exported.
    fingerprint: phase === "linked" ? (before?.fingerprint ?? "") : work.fingerprint,
    code: rejection.code,
    orderNo: found?.orderNo ?? "",
    ...(found?.inIfs !== undefined && { inIfs: found.inIfs, posted: "" }),
  });
  // What was sent before is forgotten once it is certain that nothing of it is there.
  const recorded = await record(work, mayBeInIfs(next) ? next : { ...next, posted: "" });
  if (!recorded) return takenOver;
  await openException(recorded, rejection);
  if (isNews(work, next)) {
    // Not its words, which may quote the order or IFS: those are for the exception, which ends with its cause.
    const { code, field } = rejection;
    await journal(recorded, JOURNALED[phase], { code, field: field ?? null, attempt });
  }
  return phase === "rejected"
    ? { kind: "rejected", rejection }
    : { kind: "held", rejection, orderNo: found?.orderNo ?? "" };
}

/** Once for each reason and content, not for each time that it is met; a person's try is worth a line of its own. */
function isNews({ before, context }: Work, next: Claim): boolean {
  if (before?.code !== next.code || context.mode === "person") return true;
  // The fingerprint of a linked order stays that of its export; what was tried of a change stands behind what IFS shows.
  const otherwise =
    before.fingerprint !== next.fingerprint ||
    before.inIfs !== next.inIfs ||
    before.configVersion !== next.configVersion;
  return otherwise && (context.sent ?? []).length > 0;
}

/** A linked order that a person has to look at stays linked. `inIfs`: what IFS shows, where an amendment was begun. */
export async function linkedRefusal(
  work: Work,
  given: { readonly orderNo: OrderNo; readonly inIfs?: string },
  rejection: Rejection,
): Promise<ExportOutcome> {
  const { before } = work;
  // The claim says it already; writing it again would be a change of the order that asks for the next look.
  const said = before?.code === rejection.code && before.phase === "linked";
  if (!said) return refused(work, rejection, { phase: "linked", ...given });
  await openException(work, rejection);
  return { kind: "held", rejection, orderNo: given.orderNo };
}
