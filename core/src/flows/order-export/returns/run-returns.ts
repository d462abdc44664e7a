/**
 * The returns of one linked order: each `returnInfo` becomes one RMA in IFS, exactly once. The same means as for the order itself:
 * IFS is looked at first, the claim on the order is taken at the version that was read before it, the record says what is being
 * sent before it is sent, and is complete only when IFS has all of it. Whoever comes after a death looks first, and goes on.
 */
import { type Claim, freeAt } from "../../../domain/claims.ts";
import type { BarredError, Rejection } from "../../../domain/failure.ts";
import type { OrderNo } from "../../../domain/ids.ts";
import type { IfsOrderDocument } from "../../../domain/ifs-records.ts";
import {
  encodeReturns,
  type RecordedReturn,
  type ReturnRecord,
  returnReference,
} from "../../../domain/return-record.ts";
import { returnRowOf } from "../../exception-id.ts";
import { passOrThrow } from "../barred.ts";
import { emptyClaim, pauseMs } from "../claim.ts";
import { positionOf } from "../claim-writer.ts";
import type { ExportOutcome } from "../outcome.ts";
import { deferred, postTime } from "../posting.ts";
import { beginWork, currentClaim, journal, lease, record, showException, takenOver, type Work } from "../work.ts";
import { dueOf, exchangesOf, FOREIGN, planOf, type Returning, recordOf, seenInIfs } from "./look.ts";
import type { ReturnsPlan } from "./plan-returns.ts";
import { channelMissing, unreadableRecord } from "./return-refusals.ts";
import { type Done, takeSteps } from "./steps.ts";

/** What a judgement is recorded with. */
type Judging = Pick<Returning, "orderNo" | "known"> & { readonly due: { readonly judged: string } };

/** After whatever else was done with the order: goods come back whether or not a change of the order waits for a person. */
export async function withReturns(work: Work, outcome: ExportOutcome): Promise<ExportOutcome> {
  const linked = work.at.state.orderNo !== undefined || outcome.kind === "linked";
  if (!linked || ENDED.has(outcome.kind) || !isOurs(work) || dueOf(work).kind === "nothing") return outcome;
  const order = await work.deps.orders.get(work.at.order.id);
  if (order === undefined) return outcome;
  const fresh = beginWork(work.deps, work.context, order, positionOf(work.deps, order));
  const returned = isOurs(fresh) ? await exportReturns(fresh) : undefined;
  return returned ? moreUrgent(outcome, returned) : outcome;
}

/** Out of scope, or there is no time or no certainty to go on with anything of the order. */
const ENDED: ReadonlySet<ExportOutcome["kind"]> = new Set(["skipped", "deferred", "unknown"]);

/** Neither ignored by a person nor claimed by what this version cannot read. */
const isOurs = ({ at, before }: Work): boolean => at.state.claim.kind !== "unreadable" && before?.phase !== "ignored";

/** What has to come back by itself first, then what a person has to see. */
function moreUrgent(order: ExportOutcome, returned: ExportOutcome): ExportOutcome {
  if (returned.kind !== "returned") return returned;
  return order.kind === "held" || order.kind === "rejected" ? order : returned;
}

/** Undefined: nothing is to be done. Throws as `exportOrder`. */
async function exportReturns(work: Work): Promise<ExportOutcome | undefined> {
  const { orderNo } = work.at.state;
  if (orderNo === undefined) return undefined;
  const busy = busyUntil(work);
  if (busy !== undefined) return { kind: "waiting", reason: "another worker has claimed the order", at: busy };
  const due = dueOf(work);
  switch (due.kind) {
    case "nothing":
      return undefined;
    case "waits":
      return { kind: "waiting", reason: `a return was refused (${due.code}), judged again later`, at: due.at };
    case FOREIGN:
      return onlyShown(work, orderNo, unreadableRecord());
    case "refuse":
      return refused(
        work,
        { orderNo, due, known: recordOf(work) },
        { rejections: [due.rejection], done: [], kept: undefined },
      );
    case "cured":
      return cured(work, orderNo);
    case "look":
      return look(work, { orderNo, due, known: recordOf(work) });
  }
}

/** A pause of the order itself is none of its returns'. */
function busyUntil({ deps, before }: Work): number | undefined {
  if (!before || before.phase === "linked" || before.phase === "cancelled") return undefined;
  const at = freeAt(before, deps.settings.config.orders.lateCommitWaitSeconds * 1000);
  return at > deps.clock.now() ? at : undefined;
}

/** Nothing can be written about it: its exception is all there is. */
async function onlyShown(work: Work, orderNo: OrderNo, rejection: Rejection): Promise<ExportOutcome> {
  await openReturnException(work, orderNo, rejection);
  return { kind: "held", rejection, orderNo, at: work.deps.clock.now() + pauseMs(5) };
}

function openReturnException({ deps, at }: Work, ifsOrderNo: string, rejection: Rejection): Promise<void> {
  const { id, orderNumber } = at.order;
  return showException(deps, { id, label: orderNumber ?? id, ifsOrderNo, row: returnRowOf(id) }, rejection);
}

const closeReturnException = ({ deps, at }: Work): Promise<void> => deps.exceptions.close(returnRowOf(at.order.id));

/** The claim as the returns found it, so that whatever the order itself waits for goes on as before. */
function claimAfter(work: Work, orderNo: OrderNo): Claim {
  const { before, owner } = work;
  if (!before) return { ...emptyClaim(owner), phase: "linked", orderNo };
  const done = before.phase === "linked" || before.phase === "cancelled";
  return { ...before, owner, expiresAt: 0, ...(!done && { phase: "linked" as const, notBefore: 0 }) };
}

async function cured(work: Work, orderNo: OrderNo): Promise<ExportOutcome> {
  await closeReturnException(work);
  const text = encodeReturns({ ...recordOf(work), code: "", attempt: 0, notBefore: 0 });
  return (await record(work, claimAfter(work, orderNo), { returns: text }))
    ? { kind: "unchanged", orderNo }
    : takenOver;
}

/** Lines of one event's returns; more are left to the sweep, which has minutes. */
const MOST_LINES = 50;

async function look(work: Work, returning: Returning): Promise<ExportOutcome | undefined> {
  const { deps } = work;
  const { orderNo, due } = returning;
  if (deps.settings.channels.returns === undefined) return onlyShown(work, orderNo, channelMissing());
  const deadlineMs = postTime(work);
  const lines = due.groups.flatMap(({ items }) => items).length;
  if (deadlineMs === undefined || (work.context.mode === "event" && lines > MOST_LINES)) {
    return deferred("no time left to look at the returns in IFS; the sweep does");
  }
  const seen = await seenInIfs(work, returning, deadlineMs);
  if ("rejection" in seen) return refused(work, returning, { rejections: [seen.rejection], done: [], kept: undefined });
  const { document, place } = seen;
  if (place.mode === "off") return returning.known.code === "" ? undefined : cured(work, orderNo);
  const plan = planOf(work, returning, seen);
  return carryOut(work, {
    ...returning,
    plan,
    document,
    approver: place.approver,
    release: place.mode === "createAndRelease",
  });
}

type Planned = Returning & {
  readonly plan: ReturnsPlan;
  readonly document: IfsOrderDocument;
  readonly approver: string | undefined;
  readonly release: boolean;
};

async function carryOut(work: Work, planned: Planned): Promise<ExportOutcome> {
  const { plan, known, due, orderNo, document, approver, release } = planned;
  const begun = [...plan.settled, ...begunBy(plan)];
  const sends = plan.steps.some(({ kind }) => kind !== "link");
  if (plan.steps.length === 0 && plan.refusals.length > 0) {
    return refused(work, planned, { rejections: plan.refusals, done: [], kept: keptOf(known, plan.settled, due) });
  }
  if (plan.steps.length === 0) return settled(work, planned, { done: [], kept: plan.settled });
  if (postTime(work) === undefined) return deferred("no time left to create the returns; the sweep does");
  if (sends) passOrThrow(work.deps, "ifsReturns");
  // Before the first request that creates something the order says what it is for.
  const text = encodeReturns({
    ...known,
    returns: begun,
    attempt: known.code === "" ? known.attempt + 1 : known.attempt,
  });
  const claimed = await lease(work, { phase: sends ? "posting" : "created", orderNo }, { returns: text });
  const taken = await takeSteps(claimed, { orderNo, plan, document, approver, release, exchanges: exchangesOf(work) });
  if (taken.outcome) return taken.outcome;
  const { done, refusals, unsent, timeIsUp } = taken;
  const kept = [
    ...plan.settled,
    ...done.map(({ recorded }) => recorded),
    ...begunBy(plan).filter(isOpen(done, unsent)),
  ];
  if (taken.barred) return givenBack(claimed, planned, { done, kept, error: taken.barred });
  const all = [...plan.refusals, ...refusals];
  if (all.length > 0) return refused(claimed, planned, { rejections: all, done, kept });
  const outcome = await settled(claimed, planned, { done, kept });
  if (!timeIsUp) return outcome;
  return deferred("no time left for all returns of the order; the sweep goes on");
}

/** Nothing of the returns is to blame, so no attempt of theirs counts: they wait as orders do, with one exception for all of them. */
async function givenBack(
  work: Work,
  { known, orderNo }: Returning,
  { done, kept, error }: Ended & { readonly error: BarredError },
): Promise<never> {
  const recorded = await record(work, claimAfter(work, orderNo), {
    returns: encodeReturns({ ...known, returns: kept }),
  });
  if (recorded) await journalDone(recorded, orderNo, done);
  throw error;
}

/** What is sent, or may be in IFS under a number that the record does not have yet. */
const begunBy = ({ steps }: ReturnsPlan): RecordedReturn[] =>
  steps.map(({ group: { ref, content } }) => ({ ref, content, rmaNo: "" }));

const isOpen =
  (done: readonly Done[], unsent: readonly string[]) =>
  ({ ref }: RecordedReturn): boolean =>
    !unsent.includes(ref) && !done.some(({ recorded }) => recorded.ref === ref);

/** What was begun before stays known, whatever stops it now. */
function keptOf(known: ReturnRecord, kept: readonly RecordedReturn[], { groups }: Returning["due"]): RecordedReturn[] {
  const open = known.returns.filter(
    ({ ref, rmaNo }) =>
      rmaNo === "" && groups.some((group) => group.ref === ref) && !kept.some((one) => one.ref === ref),
  );
  return [...kept, ...open];
}

type Ended = { readonly done: readonly Done[]; readonly kept: readonly RecordedReturn[] };

/** The numbers of the RMAs and the end of the claim in one request; the exception goes first. */
async function settled(work: Work, { due, orderNo }: Returning, { done, kept }: Ended): Promise<ExportOutcome> {
  // Also one that was only shown, and that the record knows nothing of.
  await closeReturnException(work);
  const returns = encodeReturns({
    returns: kept,
    code: "",
    attempt: 0,
    notBefore: 0,
    configVersion: work.deps.settings.configVersion,
    judged: due.judged,
  });
  const recorded = await record(work, claimAfter(work, orderNo), { returns });
  if (!recorded) return takenOver;
  await journalDone(recorded, orderNo, done);
  return done.length === 0
    ? { kind: "unchanged", orderNo }
    : { kind: "returned", orderNo, rmaNos: done.map(({ recorded: { rmaNo } }) => rmaNo) };
}

async function journalDone(work: Work, orderNo: OrderNo, done: readonly Done[]): Promise<void> {
  for (const { recorded, how, state, items } of done) {
    const reference = returnReference(work.at.order.id, recorded.ref);
    await journal(work, "return-exported", { orderNo, rmaNo: recorded.rmaNo, reference, items, how, ifsState: state });
  }
}

/** `kept` undefined: what is recorded stays. The pause grows while nothing about returns and configuration changes. */
async function refused(
  work: Work,
  { known, due, orderNo }: Judging,
  ended: {
    readonly rejections: readonly Rejection[];
    readonly done: readonly Done[];
    readonly kept: readonly RecordedReturn[] | undefined;
  },
): Promise<ExportOutcome> {
  const { deps } = work;
  const { configVersion } = deps.settings;
  const rejection = together(ended.rejections);
  const same = known.code === rejection.code && known.judged === due.judged && known.configVersion === configVersion;
  const now = deps.clock.now();
  const early = same && known.notBefore > now && ended.done.length === 0 && currentClaim(work)?.owner !== work.owner;
  // The order says it already; writing it again would only be a change of the order.
  const notBefore = early ? known.notBefore : now + pauseMs(same ? known.attempt + 1 : 1);
  if (!early) {
    const returns = encodeReturns({
      returns: ended.kept ?? known.returns,
      code: rejection.code,
      attempt: same ? known.attempt + 1 : 1,
      notBefore,
      configVersion,
      judged: due.judged,
    });
    const recorded = await record(work, claimAfter(work, orderNo), { returns });
    if (!recorded) return takenOver;
    await journalDone(recorded, orderNo, ended.done);
    if (!same)
      await journal(recorded, "return-refused", { orderNo, code: rejection.code, field: rejection.field ?? null });
  }
  await openReturnException(work, orderNo, rejection);
  return { kind: "held", rejection, orderNo, at: notBefore };
}

/** An order has one row for its returns: the first refusal, and how many there are beside it. */
function together([first, ...others]: readonly Rejection[]): Rejection {
  if (!first) throw new RangeError("a refusal without a reason");
  if (others.length === 0) return first;
  return {
    ...first,
    message: `${first.message} ${others.length} more: ${others.map(({ message }) => message).join(" ")}`,
  };
}
