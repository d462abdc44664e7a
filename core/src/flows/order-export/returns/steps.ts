/** The requests that make RMAs of planned returns, inside the claim. */
import { RefusedError, type Rejection } from "../../../domain/failure.ts";
import type { OrderNo } from "../../../domain/ids.ts";
import type { IfsOrderDocument } from "../../../domain/ifs-records.ts";
import type { IfsReturn, IfsReturnDraft } from "../../../domain/ifs-returns.ts";
import type { RecordedReturn } from "../../../domain/return-record.ts";
import { shortened } from "../../lengths.ts";
import type { ExportOutcome } from "../outcome.ts";
import { posted, postTime, repeatable } from "../posting.ts";
import { note, type Work } from "../work.ts";
import type { ReturnGroup } from "./parse-returns.ts";
import { type ReturnStep, type ReturnsPlan, unmatched } from "./plan-returns.ts";
import { differs, refusedReturn } from "./return-refusals.ts";

export type Done = {
  readonly recorded: RecordedReturn;
  readonly how: ReturnStep["kind"];
  /** Of the RMA in IFS. */
  readonly state: string;
  readonly items: number;
};

export type Taken = {
  readonly done: readonly Done[];
  readonly refusals: readonly Rejection[];
  /** Of returns of which it is certain that IFS has nothing. */
  readonly unsent: readonly string[];
  /** Steps were left. */
  readonly timeIsUp: boolean;
  /** The work ended in doubt, and this is what it comes to. */
  readonly outcome?: ExportOutcome;
};

export type Steps = {
  readonly orderNo: OrderNo;
  readonly plan: ReturnsPlan;
  readonly document: IfsOrderDocument;
  readonly approver: string | undefined;
  readonly release: boolean;
  /** What people call the order that an exchange names. */
  readonly exchanges: (named: string) => Promise<string>;
};

/** A refused return stops no other one; doubt ends the work. */
export async function takeSteps(work: Work, given: Steps): Promise<Taken> {
  const done: Done[] = [];
  const refusals: Rejection[] = [];
  const unsent: string[] = [];
  for (const [index, step] of given.plan.steps.entries()) {
    const deadlineMs = postTime(work);
    if (deadlineMs === undefined) {
      unsent.push(
        ...given.plan.steps.slice(index).flatMap(({ kind, group }) => (kind === "create" ? [group.ref] : [])),
      );
      return { done, refusals, unsent, timeIsUp: true };
    }
    const taken = await takeStep(work, given, { step, deadlineMs });
    if (taken.kind === "ended") return { done, refusals, unsent, timeIsUp: false, outcome: taken.outcome };
    if (taken.kind === "refused") {
      refusals.push(taken.rejection);
      if (taken.nothingSent) unsent.push(step.group.ref);
    } else done.push(doneOf(step, taken.rma));
  }
  return { done, refusals, unsent, timeIsUp: false };
}

const doneOf = ({ kind, group }: ReturnStep, { rmaNo, state }: IfsReturn): Done => ({
  recorded: { ref: group.ref, content: group.content, rmaNo },
  how: kind,
  state,
  items: group.items.length,
});

type Result =
  | { readonly kind: "made"; readonly rma: IfsReturn }
  | { readonly kind: "refused"; readonly rejection: Rejection; readonly nothingSent: boolean }
  | { readonly kind: "ended"; readonly outcome: ExportOutcome };

async function takeStep(
  work: Work,
  given: Steps,
  { step, deadlineMs }: { readonly step: ReturnStep; readonly deadlineMs: number },
): Promise<Result> {
  const { orderNo } = given;
  const draft = step.kind === "create" ? await draftOf(work, given, step) : undefined;
  const answer = await posted<Result>(work, {
    orderNo,
    call: async () => {
      try {
        return await sent(work, step, { draft, deadlineMs });
      } catch (error) {
        if (!(error instanceof RefusedError) || error.system !== "ifs") throw error;
        return { kind: "refused", rejection: refusedReturn(error), nothingSent: step.kind === "create" };
      }
    },
    refusedAs: (rejection) => Promise.resolve({ kind: "held", rejection, orderNo }),
  });
  if ("outcome" in answer) return { kind: "ended", outcome: answer.outcome };
  const { value } = answer;
  if (value.kind !== "made") return value;
  note(work, step.kind === "link" ? "return found" : "return created", { rmaNo: value.rma.rmaNo });
  return given.release && value.rma.state === "Planned" ? released(work, given, value.rma) : value;
}

/** Header and lines as planned, and as IFS then shows them. */
async function sent(
  { deps }: Work,
  step: ReturnStep,
  { draft, deadlineMs }: { readonly draft: IfsReturnDraft | undefined; readonly deadlineMs: number },
): Promise<Result> {
  if (step.kind === "link") return { kind: "made", rma: step.rma };
  if (step.kind === "complete") {
    return compared(step.all, await deps.ifsReturns.addLines(step.rma.rmaNo, step.lines, deadlineMs));
  }
  if (!draft) throw new Error("a return is created from a draft");
  const created = await deps.ifsReturns.create(draft, deadlineMs);
  if (created.kind === "done") return compared(draft.lines, created.rma);
  if (!(created.refusal instanceof RefusedError)) throw created.refusal;
  return { kind: "refused", rejection: refusedReturn(created.refusal, created.rmaNo), nothingSent: false };
}

function compared(wanted: IfsReturnDraft["lines"], rma: IfsReturn): Result {
  const { missing, others } = unmatched(wanted, rma.lines);
  if (missing.length === 0 && others.length === 0) return { kind: "made", rma };
  return { kind: "refused", rejection: differs(rma.rmaNo), nothingSent: false };
}

async function released(work: Work, { orderNo }: Steps, { rmaNo }: IfsReturn): Promise<Result> {
  try {
    const rma = await repeatable(work, orderNo, () => work.deps.ifsReturns.release(rmaNo, postTime(work)));
    note(work, "return released", { rmaNo, ifsState: rma.state });
    return { kind: "made", rma };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { kind: "refused", rejection: refusedReturn(error, rmaNo), nothingSent: false };
  }
}

/** Customer, site and currency are those of the IFS order, which IFS asks for. */
export async function draftOf(
  work: Work,
  { document, approver, exchanges }: Pick<Steps, "document" | "approver" | "exchanges">,
  { group, reference, lines }: Extract<ReturnStep, { kind: "create" }>,
): Promise<IfsReturnDraft> {
  const { contract, customerNo, currencyCode } = document.order;
  const { exchangeField } = work.deps.settings.config.orders.afterExport.returns;
  const named = exchangeField === undefined ? [] : valuesOf(group, exchangeField);
  const instead: string[] = [];
  for (const one of named) instead.push(await exchanges(one));
  const note = [
    `Shop order ${work.at.order.orderNumber ?? work.at.order.id}`,
    ...(group.trackingId === undefined ? [] : [`return tracking ${group.trackingId}`]),
    ...(instead.length === 0 ? [] : [`exchange: ${instead.join(", ")}`]),
  ];
  const noteText = shortened(note.join("; "), work.deps.settings.config.orders.maxLengths.noteText);
  return { reference, contract, customerNo, currencyCode, returnApproverId: approver, noteText, lines };
}

/** Each value once. */
const valuesOf = ({ items }: ReturnGroup, field: string): string[] => [
  ...new Set(items.flatMap(({ custom }) => [custom[field] ?? []].flat().map(String))),
];
