/**
 * An exported order that has changed in commercetools: amended in IFS where the policy allows it, else shown to a person. Each
 * write is derived from what IFS shows just before it, at the ETag of that reading; so whoever comes after a death or a lost
 * answer goes on by the same means, and nothing that somebody changed in IFS is overwritten.
 */
import { ConflictError, RefusedError, type Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { AmendableOrder } from "../../domain/ifs-records.ts";
import {
  changedInIfs,
  changedMeanwhile,
  differsAfterwards,
  forAPerson,
  notExpressible,
  refusedByIfs,
  refusedByPolicy,
} from "./amend-refusals.ts";
import { judgeCorrected } from "./correct.ts";
import { ifsFingerprint } from "./fingerprint.ts";
import type { Judged } from "./judge.ts";
import { compareDocument } from "./ledger.ts";
import { hasBillTo } from "./map-bill-to.ts";
import { isMappedOtherwise } from "./mapped-inputs.ts";
import type { ExportOutcome } from "./outcome.ts";
import { type Amendment, decideAmendment, liveDocument, planAmendment, type Verdict } from "./plan-amendment.ts";
import { deferred, ifsRefused, posted, postTime, putOff, repeatable } from "./posting.ts";
import { notVisible } from "./settle.ts";
import { fieldsOf, type Known, knownOf, splitAmendments, type Theirs } from "./three-ways.ts";
import {
  closeException,
  currentClaim,
  forgetCorrections,
  journal,
  lease,
  linkedRefusal,
  nextClaim,
  record,
  refused,
  takenOver,
  type Work,
} from "./work.ts";

/** Writes and conflicts of one piece of work; what is left then is done by the next one. */
const MAX_ROUNDS = 200;
/** The journal takes no payloads. */
const LONGEST_TEXT = 400;

/** What one round looks at: IFS as just read, the writes that are left, the policy's word on them. */
type Round = {
  readonly found: AmendableOrder;
  readonly amendments: readonly Amendment[];
  /** Of the writes that the content asks for, those that would overwrite what others changed in IFS meanwhile. */
  readonly theirs: readonly Theirs[];
  /** What this amendment was planned against, and what it makes. */
  readonly known: Known;
  readonly verdict: Verdict;
  /** Of what IFS shows. */
  readonly inIfs: string;
};

export async function amend(work: Work, orderNo: OrderNo): Promise<ExportOutcome> {
  const judged = await judgeCorrected(work);
  if (!judged.ok) return linkedRefusal(work, { orderNo }, notExpressible(orderNo, judged.error));
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) return deferred("no time left to look at the IFS order; the sweep does");
  // Looked at before anything is claimed: what a person has to decide costs no write, and so no further look.
  const found = await work.deps.ifsOrders.readAmendable(orderNo, deadlineMs);
  if (!found) return linkedRefusal(work, { orderNo }, notVisible(orderNo));
  const begun = await begunBefore(work, orderNo);
  const round = roundOf(work, judged.value, found, begun?.known);
  const stop = stopOf(work, orderNo, { round, resumed: begun?.known !== undefined });
  // What others changed meanwhile stays unknown to the claim, so that no later look takes it for our own work.
  const inIfs = begun?.known && round.theirs.length === 0 ? round.inIfs : "";
  if (stop) return linkedRefusal(work, { orderNo, ...(begun && { inIfs }) }, stop);
  if (wasRefused(work, judged.value, round)) return triedBefore(orderNo);
  const claimed = await lease(work, { phase: "created", orderNo, posted: judged.value.fingerprint });
  // Before the first write, and after the claim: what is begun without it has written nothing.
  await work.deps.amendments.write(work.at.order.id, { orderNo, known: round.known });
  return amendAll(claimed, judged.value, { orderNo, first: round });
}

/** Undefined: no amendment is under way. Without `known` nothing was written of it, or by a release that kept no record. */
async function begunBefore({ before, deps, at }: Work, orderNo: OrderNo): Promise<{ known?: Known } | undefined> {
  if ((before?.posted ?? "") === "") return undefined;
  const record = await deps.amendments.read(at.order.id);
  return record?.orderNo === orderNo ? { known: record.known } : {};
}

/**
 * Mapped fields are not read from IFS, so nobody but a person can say that they are right there: by trying this one order again.
 */
function unseenByIfs({ before, context, deps }: Work, { fingerprint, route }: Judged): string[] {
  if (context.confirmed || deps.settings.config.orders.afterExport.mappedFields === "ignore") return [];
  if (!isMappedOtherwise(before?.fingerprint ?? "", fingerprint)) return [];
  const mapped = Object.values(route.mapping).flatMap((fields) => Object.keys(fields));
  const names = hasBillTo(deps.settings.config) ? [...mapped, "invoice address"] : mapped;
  return [
    `what the mapping of route "${route.name}" reads is another value now (${names.join(", ")}), which is not changed in IFS by itself: make it right there, then retry this order alone to confirm`,
  ];
}

/** `before`: what the amendment knew when it was begun. */
function roundOf(work: Work, judged: Judged, found: AmendableOrder, before?: Known): Round {
  const { amendments, byHand } = planAmendment(judged, found);
  const plan = { amendments, byHand: [...byHand, ...unseenByIfs(work, judged)] };
  const { afterExport } = work.deps.settings.config.orders;
  const known = knownOf(found, plan.amendments, before);
  const { ours, theirs } = splitAmendments(plan.amendments, found, known);
  return {
    found,
    amendments: ours,
    theirs,
    known,
    verdict: decideAmendment(plan, afterExport),
    inIfs: ifsFingerprint(found.document, { ...found.head, shipTo: found.shipTo }),
  };
}

const wordOf = (orderNo: string, verdict: Verdict, done: readonly string[]): Rejection | undefined => {
  if (verdict.kind === "hold") return forAPerson(orderNo, verdict.findings, done);
  return verdict.kind === "refuse" ? refusedByPolicy(orderNo, verdict.findings, done) : undefined;
};

const DIGESTS = 32;

/** A change that is to be made may not meet one that somebody made in IFS, unless IFS says already what the shop says. */
function stopOf(
  { before }: Work,
  orderNo: string,
  { round: { verdict, inIfs }, resumed }: { readonly round: Round; readonly resumed: boolean },
): Rejection | undefined {
  const asLeft = before?.inIfs.slice(0, DIGESTS) === inIfs;
  // A resumed amendment knows field by field what others changed.
  if (verdict.kind === "apply" && !resumed && !asLeft) return changedInIfs(orderNo, []);
  return wordOf(orderNo, verdict, []);
}

/** IFS refused this very change of what it still shows, or made something else of it. The sweep tries again after the pause, a person at once. */
function wasRefused({ before, context, deps }: Work, judged: Judged, { verdict, inIfs }: Round): boolean {
  if (verdict.kind !== "apply" || context.mode !== "event") return false;
  if (!before || !TRIED.has(before.code) || before.configVersion !== deps.settings.configVersion) return false;
  return before.inIfs === inIfs + tried(judged);
}

/** Of the content that was tried; with the digests of what IFS shows it has to fit into a claim. */
const tried = ({ fingerprint }: Judged): string => fingerprint.slice(0, DIGESTS);

/** Writes of an amendment that IFS refused, or took and shows otherwise. */
const TRIED: ReadonlySet<string> = new Set(["ifsRefused", "ifsAmountsDiffer"]);

const triedBefore = (orderNo: string): ExportOutcome => ({
  kind: "waiting",
  reason: `IFS did not take this change of order ${orderNo}; it is tried again when a person asks for it`,
  at: undefined,
});

const noEffect = (orderNo: string, { cause }: Amendment, done: readonly string[]): Rejection =>
  differsAfterwards(orderNo, [cause], done);

type Amending = { readonly orderNo: OrderNo; readonly first: Round };

/** One write, then a new look, until nothing is left to do. */
async function amendAll(claimed: Work, judged: Judged, { orderNo, first }: Amending): Promise<ExportOutcome> {
  const done: string[] = [];
  const written = new Set<string>();
  let work = claimed;
  let round = first;
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const [next] = round.amendments;
    const word =
      wordOf(orderNo, round.verdict, done) ?? (next ? undefined : leftToOthers(orderNo, { round, written, done }));
    if (word) return stopped(work, judged, { orderNo, round, done, written, rejection: word });
    if (!next) return amended(work, judged, { orderNo, round, done, written });
    // IFS took it and shows something else: writing it again would only do so again.
    if (done.includes(next.cause))
      return stopped(work, judged, { orderNo, round, done, written, rejection: noEffect(orderNo, next, done) });
    const wrote = await write(work, judged, { orderNo, round, next, done, written });
    if ("outcome" in wrote) return wrote.outcome;
    work = wrote.work;
    const found = await repeatable(work, orderNo, () => work.deps.ifsOrders.readAmendable(orderNo, postTime(work)));
    if (!found) return refused(work, notVisible(orderNo), { phase: "linked", orderNo });
    round = roundOf(work, judged, found, first.known);
  }
  return putOff(work, orderNo, "more changes than one piece of work makes; the sweep goes on");
}

type Left = { readonly round: Round; readonly written: ReadonlySet<string>; readonly done: readonly string[] };

const byOthers = ({ theirs }: Round, written: ReadonlySet<string>): readonly Theirs[] =>
  theirs.filter(({ field }) => !written.has(field));

/** What is left would overwrite others; or it is what IFS made of our own write. */
function leftToOthers(orderNo: string, { round, written, done }: Left): Rejection | undefined {
  const foreign = byOthers(round, written).map(({ cause }) => cause);
  if (foreign.length > 0) return changedMeanwhile(orderNo, foreign, done);
  const own = round.theirs.map(({ cause }) => cause);
  return own.length > 0 ? differsAfterwards(orderNo, own, done) : undefined;
}

type Write = {
  readonly orderNo: OrderNo;
  readonly round: Round;
  readonly next: Amendment;
  /** What was done, and of which fields, is added to them. */
  readonly done: string[];
  readonly written: Set<string>;
};
type Wrote = { readonly work: Work } | { readonly outcome: ExportOutcome };

async function write(work: Work, judged: Judged, given: Write): Promise<Wrote> {
  const { orderNo, round, next, done, written } = given;
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) {
    return { outcome: await putOff(work, orderNo, "no time left to amend the IFS order; the sweep goes on") };
  }
  const { change } = next;
  if (change.kind === "addLine") return add(work, judged, given);
  try {
    await repeatable(work, orderNo, () => work.deps.ifsOrders.amend(round.found, change, deadlineMs));
  } catch (error) {
    // Somebody else wrote first: looked at again, field by field.
    if (error instanceof ConflictError) return { work };
    if (!(error instanceof RefusedError)) throw error;
    const rejection = refusedByIfs(ifsRefused(error), next.cause, done);
    return { outcome: await stopped(work, judged, { orderNo, round, done, written, rejection }) };
  }
  done.push(next.cause);
  for (const field of fieldsOf(next, round.found)) written.add(field);
  return { work };
}

/** All that are to be added at once. A new line can be committed late, just like an order, so the claim says `posting` first. */
async function add(work: Work, judged: Judged, { orderNo, round, next, done, written }: Write): Promise<Wrote> {
  const current = currentClaim(work);
  const posting = current && (await record(work, { ...current, phase: "posting", orderNo }));
  if (!posting) return { outcome: takenOver };
  const deadlineMs = postTime(posting);
  if (deadlineMs === undefined) {
    return { outcome: await putOff(posting, orderNo, "no time left to add lines to the IFS order; the sweep goes on") };
  }
  const added = round.amendments.filter(({ change }) => change.kind === "addLine");
  const lineRefs = added.flatMap(({ change }) => (change.kind === "addLine" ? [change.line.lineRef] : []));
  const given = { draft: judged.draft, lineRefs };
  const answer = await posted(posting, {
    orderNo,
    call: () => posting.deps.ifsOrders.addLines(round.found, given, deadlineMs),
    refusedAs: (rejection) =>
      stopped(posting, judged, { orderNo, round, done, written, rejection: refusedByIfs(rejection, next.cause, done) }),
  });
  if ("outcome" in answer) return answer;
  done.push(...added.map(({ cause }) => cause));
  for (const field of added.flatMap((one) => fieldsOf(one, round.found))) written.add(field);
  const leased = await record(posting, { ...current, phase: "created", orderNo });
  return leased ? { work: leased } : { outcome: takenOver };
}

type Stop = {
  readonly orderNo: OrderNo;
  readonly round: Round;
  readonly done: readonly string[];
  readonly written: ReadonlySet<string>;
  readonly rejection: Rejection;
};

/** Linked still, with what was done in the exception and in the journal; what IFS shows now is what the next look expects. */
async function stopped(work: Work, judged: Judged, stop: Stop): Promise<ExportOutcome> {
  const { orderNo, done, rejection, round, written } = stop;
  const found = await repeatable(work, orderNo, () => work.deps.ifsOrders.readAmendable(orderNo, postTime(work)));
  const now = found ? roundOf(work, judged, found, round.known) : round;
  // What somebody else changed stays unknown to the claim, so that no later look takes it for our own work.
  const foreign = byOthers(now, written).length > 0;
  const inIfs = foreign ? "" : `${now.inIfs}${TRIED.has(rejection.code) ? tried(judged) : ""}`;
  if (done.length > 0) await journal(work, "order-amended-partly", detailOf(orderNo, done));
  const outcome = await refused(work, rejection, { phase: "linked", orderNo, inIfs });
  if (outcome !== takenOver) await work.deps.amendments.remove(work.at.order.id);
  return outcome;
}

const detailOf = (orderNo: string, done: readonly string[]) => ({
  orderNo,
  changes: done.length,
  what: done.join("; ").slice(0, LONGEST_TEXT),
});

/** Nothing is left to change: IFS must show the order to the cent before it counts as exported again. */
async function amended(
  work: Work,
  judged: Judged,
  { orderNo, round, done, written }: Omit<Stop, "rejection">,
): Promise<ExportOutcome> {
  const { missing, differences } = compareDocument(judged.shop, judged.draft, liveDocument(round.found.document));
  const findings = [...missing.map((ref) => `${ref} is missing in IFS`), ...differences];
  if (findings.length > 0) {
    const rejection = differsAfterwards(orderNo, findings, done);
    return stopped(work, judged, { orderNo, round, done, written, rejection });
  }
  await closeException(work);
  const refusedBefore = work.before && work.before.code !== "";
  const corrected = refusedBefore ? await work.deps.corrections.read(work.at.order.id) : undefined;
  const claim = nextClaim(work, {
    phase: "linked",
    attempt: 0,
    fingerprint: judged.fingerprint,
    posted: "",
    // A corrected order says in IFS what the shop does not: a later edit is for a person.
    inIfs: corrected ? "" : round.inIfs,
    code: "",
    orderNo,
  });
  const recorded = await record(work, claim);
  if (!recorded) return takenOver;
  await work.deps.amendments.remove(work.at.order.id);
  await forgetCorrections(recorded);
  await journal(recorded, "order-amended", detailOf(orderNo, done));
  return done.length === 0 ? { kind: "unchanged", orderNo } : { kind: "amended", orderNo };
}
