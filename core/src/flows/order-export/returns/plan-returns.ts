/** What is to be done about the returns of an order: from what the order says, what IFS shows, and what was recorded. Pure. */
import type { ReturnMode, ReturnsConfig } from "../../../domain/after-export-config.ts";
import { compare } from "../../../domain/decimal.ts";
import type { Rejection } from "../../../domain/failure.ts";
import type { IfsOrderDocument } from "../../../domain/ifs-records.ts";
import {
  type IfsReturn,
  type IfsReturnLine,
  type IfsReturnLineDraft,
  type IfsReturnLookup,
  isDead,
  returnedLineKey,
} from "../../../domain/ifs-returns.ts";
import { type RecordedReturn, type ReturnRecord, returnReference } from "../../../domain/return-record.ts";
import { type ReturnContext, toReturnLines } from "./map-return.ts";
import type { OrderReturns, ReturnGroup } from "./parse-returns.ts";
import {
  asksAPerson,
  cancelledEmpty,
  changedReturn,
  differs,
  duplicates,
  incomplete,
  notProven,
  rewritten,
  tooOften,
} from "./return-refusals.ts";

export type ReturnStep =
  /** It exists in IFS: release it where that is wanted, and record it. */
  | { readonly kind: "link"; readonly group: ReturnGroup; readonly rma: IfsReturn }
  | {
      readonly kind: "complete";
      readonly group: ReturnGroup;
      readonly rma: IfsReturn;
      readonly lines: readonly IfsReturnLineDraft[];
      readonly all: readonly IfsReturnLineDraft[];
    }
  | {
      readonly kind: "create";
      readonly group: ReturnGroup;
      readonly reference: string;
      readonly lines: readonly IfsReturnLineDraft[];
    };

export type ReturnsPlan = {
  /** What stays recorded as it is, under the identities of now. */
  readonly settled: readonly RecordedReturn[];
  readonly steps: readonly ReturnStep[];
  readonly refusals: readonly Rejection[];
};

export type ReturnsInput = {
  readonly orderId: string;
  readonly order: OrderReturns;
  readonly groups: readonly ReturnGroup[];
  readonly record: ReturnRecord;
  readonly document: IfsOrderDocument;
  readonly lookup: IfsReturnLookup;
  readonly mode: ReturnMode;
  readonly returns: Pick<ReturnsConfig, "reasons">;
  readonly bySalesUnit: boolean;
  readonly maxAttempts: number;
  /** ISO 8601: what was entered after it and is not recorded was never sent by any installation of this connector. */
  readonly activationStamp: string;
};

type Planning = ReturnsInput & {
  /** RMA lines that take of what can come back: of IFS, and of what this plan creates. */
  readonly taken: ReturnContext["taken"];
  /** Recorded RMAs whose return is not in the list any more. */
  readonly orphans: readonly Orphan[];
};
type Orphan = { readonly recorded: RecordedReturn; readonly rma: IfsReturn | undefined };

const isLive = ({ rma }: Orphan): boolean => rma === undefined || !isDead(rma);

type Word =
  | { readonly kind: "settled"; readonly recorded: RecordedReturn; readonly refusal?: Rejection }
  | { readonly kind: "step"; readonly step: ReturnStep }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "nothing" };

export function planReturns(input: ReturnsInput): ReturnsPlan {
  const settled: RecordedReturn[] = [];
  const steps: ReturnStep[] = [];
  const refusals: Rejection[] = [];
  let planning: Planning = { ...input, taken: allLines(input.lookup), orphans: orphansOf(input) };
  for (const group of input.groups) {
    const word = wordOn(group, planning);
    if (word.kind === "settled") {
      settled.push(word.recorded);
      if (word.refusal) refusals.push(word.refusal);
      planning = withoutOrphan(planning, word.recorded.rmaNo);
    } else if (word.kind === "step") {
      steps.push(word.step);
      planning = { ...planning, taken: [...planning.taken, ...linesOfStep(word.step)] };
      if (word.step.kind !== "create") planning = withoutOrphan(planning, word.step.rma.rmaNo);
    } else if (word.kind === "refused") refusals.push(word.rejection);
  }
  const left = planning.orphans.filter(isLive);
  const cancellable = left.filter(({ rma }) => rma?.state === "Planned" || rma?.state === "Released");
  if (cancellable.length > 0 && !refusals.some(({ code }) => code === "heldForReview")) {
    refusals.push(rewritten(cancellable.map(({ recorded }) => recorded.rmaNo)));
  }
  return { settled: [...settled, ...left.map(({ recorded }) => recorded)], steps, refusals };
}

/** Each line once, whichever way it was read. */
function allLines({ found, ofOrder }: IfsReturnLookup): IfsReturnLine[] {
  const lines = [...ofOrder, ...found.flatMap(({ lines: own }) => own)];
  return [...new Map(lines.map((line) => [`${line.rmaNo}/${line.rmaLineNo}`, line])).values()];
}

const withoutOrphan = (planning: Planning, rmaNo: string): Planning => ({
  ...planning,
  orphans: planning.orphans.filter(({ recorded }) => recorded.rmaNo !== rmaNo),
});

/** Only what a step adds; what is in IFS already is counted. */
const linesOfStep = (step: ReturnStep): ReturnContext["taken"] =>
  step.kind === "link" ? [] : step.lines.map((line) => ({ ...line, state: "Planned", rmaNo: "of another return" }));

function orphansOf({ record, groups, lookup, orderId }: ReturnsInput): Orphan[] {
  const refs = new Set(groups.map(({ ref }) => ref));
  return record.returns
    .filter(({ ref }) => !refs.has(ref))
    .flatMap((recorded): Orphan[] => {
      const reference = returnReference(orderId, recorded.ref);
      const ours = lookup.found.filter((rma) =>
        recorded.rmaNo === "" ? rma.reference === reference : rma.rmaNo === recorded.rmaNo,
      );
      // A create that never arrived: nothing is left of it.
      if (recorded.rmaNo === "" && ours.length === 0) return [];
      return ours.length === 0
        ? [{ recorded, rma: undefined }]
        : ours.map((rma) => ({ recorded: { ...recorded, rmaNo: rma.rmaNo }, rma }));
    });
}

function wordOn(group: ReturnGroup, planning: Planning): Word {
  const { record, orderId, lookup } = planning;
  const recorded = record.returns.find(({ ref }) => ref === group.ref);
  if (recorded && recorded.rmaNo !== "") {
    return recorded.content === group.content
      ? { kind: "settled", recorded }
      : { kind: "settled", recorded, refusal: changedReturn(recorded.rmaNo) };
  }
  if (group.items.length === 0) return { kind: "nothing" };
  const reference = returnReference(orderId, group.ref);
  const found = lookup.found.filter((rma) => rma.reference === reference);
  if (found.length > 0) return wordOnFound(group, { reference, found }, planning);
  const orphan = planning.orphans.find(({ recorded: { content } }) => content === group.content);
  if (orphan) return wordOnOrphan(group, orphan, planning);
  const live = planning.orphans.filter(isLive);
  if (live.length > 0) return refusedAs(rewritten(live.map((one) => one.recorded.rmaNo)));
  return wordOnAbsent(group, reference, planning);
}

/** The list was written anew, and this is the same return under another identity. */
function wordOnOrphan(group: ReturnGroup, { recorded, rma }: Orphan, planning: Planning): Word {
  const known = planning.record.returns.some(({ rmaNo }) => rmaNo !== "" && rmaNo === recorded.rmaNo);
  if (known || !rma) return { kind: "settled", recorded: { ...recorded, ref: group.ref } };
  return wordOnFound(group, { reference: returnReference(planning.orderId, recorded.ref), found: [rma] }, planning);
}

const refusedAs = (rejection: Rejection): Word => ({ kind: "refused", rejection });

function wordOnFound(
  group: ReturnGroup,
  { reference, found }: { readonly reference: string; readonly found: readonly IfsReturn[] },
  planning: Planning,
): Word {
  const live = found.filter((rma) => !isDead(rma));
  if (live.length > 1)
    return refusedAs(
      duplicates(
        live.map(({ rmaNo }) => rmaNo),
        reference,
      ),
    );
  const rma = live[0] ?? found.at(-1);
  if (!rma) return { kind: "nothing" };
  const link: Word = { kind: "step", step: { kind: "link", group, rma } };
  if (isDead(rma)) return rma.lines.length > 0 ? link : refusedAs(cancelledEmpty(rma.rmaNo, reference));
  const own = planning.taken.filter(({ rmaNo }) => rmaNo !== rma.rmaNo);
  const wanted = toReturnLines(group, { ...contextOf(planning), taken: own });
  if (!wanted.ok) return refusedAs(wanted.error);
  const { missing, others } = unmatched(wanted.value, rma.lines);
  if (missing.length === 0) return link;
  // What people changed on it and released is theirs.
  if (rma.lines.length >= wanted.value.length) {
    return rma.state === "Planned" ? refusedAs(differs(rma.rmaNo)) : link;
  }
  if (planning.mode === "ask" || rma.state !== "Planned" || others.length > 0) {
    return refusedAs(incomplete(rma.rmaNo, reference));
  }
  return { kind: "step", step: { kind: "complete", group, rma, lines: missing, all: wanted.value } };
}

/** Where a person enters the RMA, he chooses the reason. */
const contextOf = (planning: Planning): ReturnContext => ({
  ...planning,
  reasons: planning.mode === "ask" ? undefined : planning.returns.reasons,
});

function wordOnAbsent(group: ReturnGroup, reference: string, planning: Planning): Word {
  const { lookup, record, maxAttempts, mode, document } = planning;
  if (lookup.unproven !== undefined && !neverSent(group, planning)) return refusedAs(notProven(lookup.unproven));
  const lines = toReturnLines(group, contextOf(planning));
  if (!lines.ok) return refusedAs(lines.error);
  if (mode === "ask") {
    return refusedAs(asksAPerson({ orderNo: document.order.orderNo, what: inWords(group, planning), reference }));
  }
  if (record.code === "" && record.attempt >= maxAttempts) return refusedAs(tooOften(record.attempt));
  return { kind: "step", step: { kind: "create", group, reference, lines: lines.value } };
}

/** Before every create the order says so, and never forgets it: what it does not name, and is younger than the installation, was not sent. */
const neverSent = ({ ref, items }: ReturnGroup, { record, activationStamp }: Planning): boolean =>
  !record.returns.some((recorded) => recorded.ref === ref) &&
  items.every(({ createdAt }) => createdAt !== undefined && Date.parse(createdAt) > Date.parse(activationStamp));

const inWords = ({ items }: ReturnGroup, { order }: Pick<Planning, "order">): string =>
  items.map(({ wanted, lineId }) => `${wanted} of ${order.lines.get(lineId) ?? lineId}`).join(", ");

type Unmatched = { readonly missing: readonly IfsReturnLineDraft[]; readonly others: readonly IfsReturnLine[] };

/** Wanted lines that IFS lacks, and lines in IFS that are none of them. Each line counts once. */
export function unmatched(wanted: readonly IfsReturnLineDraft[], existing: readonly IfsReturnLine[]): Unmatched {
  const others = [...existing];
  const missing = wanted.filter((line) => {
    const at = others.findIndex((other) => isSame(line, other));
    if (at >= 0) others.splice(at, 1);
    return at < 0;
  });
  return { missing, others };
}

const isSame = (wanted: IfsReturnLineDraft, existing: IfsReturnLine): boolean =>
  returnedLineKey(wanted) === returnedLineKey(existing) &&
  compare(wanted.qtyToReturn, existing.qtyToReturn) === 0 &&
  (existing.lineRef === null || existing.lineRef === wanted.lineRef);
