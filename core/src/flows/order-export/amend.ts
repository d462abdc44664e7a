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
import type { ExportOutcome } from "./outcome.ts";
import { type Amendment, decideAmendment, liveDocument, planAmendment, type Verdict } from "./plan-amendment.ts";
import { deferred, ifsRefused, posted, postTime, putOff, repeatable } from "./posting.ts";
import { notVisible } from "./settle.ts";
import {
  closeException,
  currentClaim,
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
  const round = roundOf(work, judged.value, found);
  const stop = stopOf(work, orderNo, round);
  const begun = (work.before?.posted ?? "") !== "";
  if (stop) return linkedRefusal(work, { orderNo, ...(begun && { inIfs: round.inIfs }) }, stop);
  if (wasRefused(work, judged.value, round)) return triedBefore(orderNo);
  const claimed = await lease(work, { phase: "created", orderNo, posted: judged.value.fingerprint });
  return amendAll(claimed, judged.value, { orderNo, first: round });
}

function roundOf(work: Work, judged: Judged, found: AmendableOrder): Round {
  const plan = planAmendment(judged, found);
  const { afterExport } = work.deps.settings.config.orders;
  return {
    found,
    amendments: plan.amendments,
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
function stopOf({ before }: Work, orderNo: string, { verdict, inIfs }: Round): Rejection | undefined {
  const begun = (before?.posted ?? "") !== "";
  const asLeft = before?.inIfs.slice(0, DIGESTS) === inIfs;
  if (verdict.kind === "apply" && !begun && !asLeft) return changedInIfs(orderNo, []);
  return wordOf(orderNo, verdict, []);
}

/** IFS refused this very change of what it still shows, or made something else of it. The sweep tries again after the pause, a person at once. */
function wasRefused({ before, context, deps }: Work, judged: Judged, { verdict, inIfs }: Round): boolean {
  if (verdict.kind !== "apply" || context.mode !== "event") return false;
  if (!before || !TRIED.has(before.code) || before.configVersion !== deps.settings.configVersion) return false;
  return before.inIfs === inIfs + judged.fingerprint;
}

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
  let work = claimed;
  let round = first;
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const word = wordOf(orderNo, round.verdict, done);
    if (word) return stopped(work, judged, { orderNo, round, done, rejection: word });
    const [next] = round.amendments;
    if (!next) return amended(work, judged, { orderNo, round, done });
    // IFS took it and shows something else: writing it again would only do so again.
    if (done.includes(next.cause))
      return stopped(work, judged, { orderNo, round, done, rejection: noEffect(orderNo, next, done) });
    const wrote = await write(work, judged, { orderNo, round, next, done });
    if ("outcome" in wrote) return wrote.outcome;
    work = wrote.work;
    const found = await repeatable(work, orderNo, () => work.deps.ifsOrders.readAmendable(orderNo, postTime(work)));
    if (!found) return refused(work, notVisible(orderNo), { phase: "linked", orderNo });
    const seen = round.inIfs;
    round = roundOf(work, judged, found);
    if (!wrote.done && round.inIfs !== seen) {
      return stopped(work, judged, { orderNo, round, done, rejection: changedInIfs(orderNo, done), foreign: true });
    }
  }
  return putOff(work, orderNo, "more changes than one piece of work makes; the sweep goes on");
}

type Write = {
  readonly orderNo: OrderNo;
  readonly round: Round;
  readonly next: Amendment;
  /** What was done is added to it. */
  readonly done: string[];
};
/** `done` false: somebody else wrote first, and it has to be looked at again. */
type Wrote = { readonly work: Work; readonly done: boolean } | { readonly outcome: ExportOutcome };

async function write(work: Work, judged: Judged, given: Write): Promise<Wrote> {
  const { orderNo, round, next, done } = given;
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) {
    return { outcome: await putOff(work, orderNo, "no time left to amend the IFS order; the sweep goes on") };
  }
  const { change } = next;
  if (change.kind === "addLine") return add(work, judged, given);
  try {
    await repeatable(work, orderNo, () => work.deps.ifsOrders.amend(round.found, change, deadlineMs));
  } catch (error) {
    if (error instanceof ConflictError) return { work, done: false };
    if (!(error instanceof RefusedError)) throw error;
    const rejection = refusedByIfs(ifsRefused(error), next.cause, done);
    return { outcome: await stopped(work, judged, { orderNo, round, done, rejection }) };
  }
  done.push(next.cause);
  return { work, done: true };
}

/** All that are to be added at once. A new line can be committed late, just like an order, so the claim says `posting` first. */
async function add(work: Work, judged: Judged, { orderNo, round, next, done }: Write): Promise<Wrote> {
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
      stopped(posting, judged, { orderNo, round, done, rejection: refusedByIfs(rejection, next.cause, done) }),
  });
  if ("outcome" in answer) return answer;
  done.push(...added.map(({ cause }) => cause));
  const leased = await record(posting, { ...current, phase: "created", orderNo });
  return leased ? { work: leased, done: true } : { outcome: takenOver };
}

type Stop = {
  readonly orderNo: OrderNo;
  readonly round: Round;
  readonly done: readonly string[];
  readonly rejection: Rejection;
  /** Somebody else changed the IFS order meanwhile. */
  readonly foreign?: boolean;
};

/** Linked still, with what was done in the exception and in the journal; what IFS shows now is what the next look expects. */
async function stopped(
  work: Work,
  judged: Judged,
  { orderNo, done, rejection, round, foreign = false }: Stop,
): Promise<ExportOutcome> {
  const now = await repeatable(work, orderNo, () => work.deps.ifsOrders.readAmendable(orderNo, postTime(work)));
  // What somebody else changed stays unknown to the claim, so that no later look takes it for our own work.
  const shown = now && !foreign ? roundOf(work, judged, now).inIfs : round.inIfs;
  const inIfs = foreign ? "" : `${shown}${TRIED.has(rejection.code) ? judged.fingerprint : ""}`;
  if (done.length > 0) await journal(work, "order-amended-partly", detailOf(orderNo, done));
  return refused(work, rejection, { phase: "linked", orderNo, inIfs });
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
  { orderNo, round, done }: Omit<Stop, "rejection">,
): Promise<ExportOutcome> {
  const { missing, differences } = compareDocument(judged.shop, judged.draft, liveDocument(round.found.document));
  const findings = [...missing.map((ref) => `${ref} is missing in IFS`), ...differences];
  if (findings.length > 0) {
    return stopped(work, judged, { orderNo, round, done, rejection: differsAfterwards(orderNo, findings, done) });
  }
  await closeException(work);
  const claim = nextClaim(work, {
    phase: "linked",
    attempt: 0,
    fingerprint: judged.fingerprint,
    posted: "",
    inIfs: round.inIfs,
    code: "",
    orderNo,
  });
  const recorded = await record(work, claim);
  if (!recorded) return takenOver;
  await journal(recorded, "order-amended", detailOf(orderNo, done));
  return done.length === 0 ? { kind: "unchanged", orderNo } : { kind: "amended", orderNo };
}
