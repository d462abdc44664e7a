/** The requests that make RMAs of planned returns, inside the claim. */
import { BarredError, RefusedError, type Rejection } from "../../../domain/failure.ts";
import type { OrderNo } from "../../../domain/ids.ts";
import type { IfsOrderDocument } from "../../../domain/ifs-records.ts";
import type { IfsReturn, IfsReturnDraft } from "../../../domain/ifs-returns.ts";
import type { RecordedReturn } from "../../../domain/return-record.ts";
import { shortened } from "../../lengths.ts";
import { barredBy, noteCreate } from "../barred.ts";
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
  /** IFS lets no return of any order through; the steps from there on were left. */
  readonly barred?: BarredError;
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
  const { steps } = given.plan;
  const done: Done[] = [];
  const refusals: Rejection[] = [];
  const unsent: string[] = [];
  const ended = (fields: Partial<Taken>, from = steps.length): Taken => {
    unsent.push(...createsOf(steps.slice(from)));
    return { done, refusals, unsent, timeIsUp: false, ...fields };
  };
  for (const [index, step] of steps.entries()) {
    const deadlineMs = postTime(work);
    if (deadlineMs === undefined) return ended({ timeIsUp: true }, index);
    const taken = await takeStep(work, given, { step, deadlineMs });
    switch (taken.kind) {
      case "ended":
        return ended({ outcome: taken.outcome });
      case "barred":
        return ended({ barred: taken.error }, index + taken.sent);
      case "refused":
        refusals.push(taken.rejection);
        unsent.push(...taken.unsent);
        break;
      case "made":
        done.push(doneOf(step, taken.rma));
    }
  }
  return ended({});
}

const createsOf = (steps: readonly ReturnStep[]): string[] =>
  steps.flatMap(({ kind, group }) => (kind === "create" ? [group.ref] : []));

const doneOf = ({ kind, group }: ReturnStep, { rmaNo, state }: IfsReturn): Done => ({
  recorded: { ref: group.ref, content: group.content, rmaNo },
  how: kind,
  state,
  items: group.items.length,
});

type Result =
  | { readonly kind: "made"; readonly rma: IfsReturn }
  /** `unsent`: the return, where it is certain that IFS has nothing of it. */
  | { readonly kind: "refused"; readonly rejection: Rejection; readonly unsent: readonly string[] }
  /** `sent`: 1 where IFS has something of the return, else 0. */
  | { readonly kind: "barred"; readonly error: BarredError; readonly sent: 0 | 1 }
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
    call: () => sentOrBarred(work, step, { draft, deadlineMs }),
    refusedAs: (rejection) => Promise.resolve({ kind: "held", rejection, orderNo }),
  });
  if ("outcome" in answer) return { kind: "ended", outcome: answer.outcome };
  const { value } = answer;
  if (value.kind !== "made") return value;
  note(work, step.kind === "link" ? "return found" : "return created", { rmaNo: value.rma.rmaNo });
  return given.release && value.rma.state === "Planned" ? released(work, given, value.rma) : value;
}

type Sending = { readonly draft: IfsReturnDraft | undefined; readonly deadlineMs: number };

/** What IFS refuses is a result; doubt and outages are thrown. */
async function sentOrBarred(work: Work, step: ReturnStep, sending: Sending): Promise<Result> {
  try {
    const result = await sent(work, step, sending);
    if (step.kind !== "link") noteReturn(work, undefined);
    return result;
  } catch (error) {
    const barred = barredBy(error, "write");
    if (barred) {
      noteReturn(work, barred);
      return { kind: "barred", error: barred, sent: step.kind === "create" ? 0 : 1 };
    }
    if (!(error instanceof RefusedError) || error.system !== "ifs") throw error;
    return { kind: "refused", rejection: refusedReturn(error), unsent: createsOf([step]) };
  }
}

const noteReturn = ({ deps, at }: Work, error: BarredError | undefined): void =>
  noteCreate(deps, { created: "ifsReturns", orderId: at.order.id }, error);

/** Header and lines as planned, and as IFS then shows them. */
async function sent({ deps }: Work, step: ReturnStep, { draft, deadlineMs }: Sending): Promise<Result> {
  if (step.kind === "link") return { kind: "made", rma: step.rma };
  if (step.kind === "complete") {
    return compared(step.all, await deps.ifsReturns.addLines(step.rma.rmaNo, step.lines, deadlineMs));
  }
  if (!draft) throw new Error("a return is created from a draft");
  const created = await deps.ifsReturns.create(draft, deadlineMs);
  if (created.kind === "done") return compared(draft.lines, created.rma);
  if (!(created.refusal instanceof RefusedError)) throw created.refusal;
  return { kind: "refused", rejection: refusedReturn(created.refusal, created.rmaNo), unsent: [] };
}

function compared(wanted: IfsReturnDraft["lines"], rma: IfsReturn): Result {
  const { missing, others } = unmatched(wanted, rma.lines);
  if (missing.length === 0 && others.length === 0) return { kind: "made", rma };
  return { kind: "refused", rejection: differs(rma.rmaNo), unsent: [] };
}

async function released(work: Work, { orderNo }: Steps, { rmaNo }: IfsReturn): Promise<Result> {
  try {
    const rma = await repeatable(work, orderNo, () => work.deps.ifsReturns.release(rmaNo, postTime(work)));
    note(work, "return released", { rmaNo, ifsState: rma.state });
    return { kind: "made", rma };
  } catch (error) {
    if (error instanceof BarredError) return { kind: "barred", error, sent: 1 };
    if (!(error instanceof RefusedError)) throw error;
    return { kind: "refused", rejection: refusedReturn(error, rmaNo), unsent: [] };
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
