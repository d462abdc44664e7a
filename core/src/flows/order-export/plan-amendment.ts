/**
 * An exported order that has changed: what IFS has beside what the shop says now, as a list of writes with the cause of each,
 * and what the merchant's policy says about them. IFS's own rows are the truth of what was exported. Pure.
 */
import type { AfterExport, EditKind, LineProgress } from "../../domain/after-export-config.ts";
import { compare, type DecimalString, isZero } from "../../domain/decimal.ts";
import {
  type AmendableOrder,
  type IfsAddress,
  type IfsAmendment,
  type IfsOrderDocument,
  type IfsOrderHead,
  type IfsOrderLine,
  type IfsOrderLineDraft,
  lineKeyOf,
  orderedLines,
  rowRefOf,
} from "../../domain/ifs-records.ts";
import { formatMoney, toDecimal } from "../../domain/money.ts";
import type { Judged } from "./judge.ts";
import { amountDifferences, chargeDifferences, type Ledger, ledgerOf } from "./ledger.ts";

/** `unknown`: a state that no table names; nothing is changed then. */
export type Progress = LineProgress | "unknown";

export type Amendment = {
  readonly kind: EditKind;
  readonly progress: Progress;
  /** What of the order, from what to what; without personal data. */
  readonly cause: string;
  /** Amounts of a line that is changed or added, as IFS is to compute them. */
  readonly makes?: { readonly net: DecimalString; readonly gross: DecimalString } | undefined;
  /** `addLine`: rows are added by a create, which has its own claim. */
  readonly change: IfsAmendment | { readonly kind: "addLine"; readonly line: IfsOrderLineDraft };
};

export type AmendmentPlan = {
  /** Lines are cancelled first and added last. */
  readonly amendments: readonly Amendment[];
  /** Differences that this connector does not amend, in words. */
  readonly byHand: readonly string[];
};

export const isLive = ({ state }: Pick<IfsOrderLine, "state">): boolean => state !== "Cancelled";

/** The document without what was cancelled: that is of the order no more. */
export const liveDocument = (document: IfsOrderDocument): IfsOrderDocument => ({
  ...document,
  lines: document.lines.filter(isLive),
});

const ladder: readonly LineProgress[] = ["beforeReservation", "reserved", "picked", "partlyDelivered", "delivered"];

const byState: Readonly<Record<string, LineProgress>> = {
  Planned: "beforeReservation",
  Released: "beforeReservation",
  Blocked: "beforeReservation",
  Reserved: "reserved",
  Picked: "picked",
  PartiallyDelivered: "partlyDelivered",
  Delivered: "delivered",
  Invoiced: "delivered",
};

const furthest = (steps: readonly Progress[]): Progress =>
  steps.includes("unknown") ? "unknown" : (ladder.findLast((step) => steps.includes(step)) ?? "beforeReservation");

/** The state may lag behind the quantities, and a part of a line may be reserved while the line is still Released. */
export function progressOf(line: IfsOrderLine): Progress {
  const state = byState[line.state];
  if (state === undefined) return "unknown";
  return furthest([
    state,
    ...(isZero(line.qtyAssigned) ? [] : (["reserved"] as const)),
    ...(isZero(line.qtyPicked) ? [] : (["picked"] as const)),
    ...(isZero(line.qtyShipped) ? [] : (["partlyDelivered"] as const)),
  ]);
}

/** A package has come as far as the furthest of its components, which are what is reserved and shipped. */
const progressIn =
  ({ lines }: IfsOrderDocument) =>
  (line: IfsOrderLine): Progress => {
    const ofPlace = lines.filter((one) => one.lineNo === line.lineNo && one.relNo === line.relNo && isLive(one));
    const ordered = new Set(orderedLines(ofPlace));
    return furthest([line, ...ofPlace.filter((one) => !ordered.has(one))].map(progressOf));
  };

const progressOfOrder = ({ order, lines }: IfsOrderDocument): Progress =>
  furthest([byState[order.state] ?? "unknown", ...lines.filter(isLive).map(progressOf)]);

export function planAmendment({ shop, draft }: Pick<Judged, "shop" | "draft">, found: AmendableOrder): AmendmentPlan {
  const ledger = ledgerOf(shop, draft);
  const overall = progressOfOrder(found.document);
  const document = { ...found.document, lines: orderedLines(found.document.lines) };
  const charges = chargeDifferences(shop, draft, ledger, document.charges);
  const byHand = [
    ...headDifferences({ shop, draft }, document),
    ...undecidable(draft.lines, document),
    ...charges.missing.map((ref) => `charge ${ref} is missing in IFS`),
    ...charges.differences,
  ];
  if (byHand.length > 0) return { amendments: [], byHand };
  const progress = { overall, of: progressIn(found.document) };
  const lines = lineAmendments({ shop, draft }, ledger, document, progress);
  const address = addressAmendments(draft.shipTo, found, overall);
  const shipVia = differs(draft.header.shipViaCode, found.head.shipViaCode)
    ? [`ship-via code ${found.head.shipViaCode ?? "none"} instead of ${draft.header.shipViaCode}`]
    : [];
  return {
    amendments: [
      ...lines.changed,
      ...address.amendments,
      ...headAmendments(draft.header, found.head, overall),
      ...lines.added,
    ],
    byHand: [...lines.byHand, ...address.byHand, ...shipVia],
  };
}

const differs = (wanted: string | undefined, found: string | null): boolean =>
  wanted !== undefined && wanted !== (found ?? "");

function headDifferences({ draft }: Pick<Judged, "shop" | "draft">, { order }: IfsOrderDocument): string[] {
  const { header } = draft;
  const fixed: [string, string, string][] = [
    ["site", header.contract, order.contract],
    ["customer", header.customerNo, order.customerNo],
    ["currency", header.currencyCode, order.currencyCode],
  ];
  return fixed
    .filter(([, wanted, has]) => wanted !== has)
    .map(([name, wanted, has]) => `${name} ${has} instead of ${wanted}, which cannot be changed on an order`);
}

/** Where a line goes is not in what IFS shows of it, and lines of one reference cannot be told apart. */
function undecidable(lines: readonly IfsOrderLineDraft[], document: IfsOrderDocument): string[] {
  const elsewhere = lines.some((line) => line.shipTo ?? line.shipAddrNo ?? line.shipViaCode);
  const refs = document.lines.filter(isLive).flatMap(({ lineRef }) => (lineRef === null ? [] : [lineRef]));
  const doubled = new Set(refs).size < refs.length || lines.some(({ part }) => part !== undefined);
  return [
    ...(elsewhere ? ["its lines go to several addresses or by several ways"] : []),
    ...(doubled ? ["a line item has several lines in IFS"] : []),
  ];
}

type Lines = {
  readonly changed: Amendment[];
  readonly added: Amendment[];
  readonly byHand: string[];
  readonly progressOf: (line: IfsOrderLine) => Progress;
};

function lineAmendments(
  { shop, draft }: Pick<Judged, "shop" | "draft">,
  ledger: Ledger,
  document: IfsOrderDocument,
  progress: { readonly overall: Progress; readonly of: Lines["progressOf"] },
): Lines {
  const lines: Lines = { changed: [], added: [], byHand: [], progressOf: progress.of };
  const wanted = new Set(draft.lines.map(({ lineRef }) => lineRef));
  for (const line of document.lines.filter(isLive)) {
    if (line.lineRef === null || !wanted.has(line.lineRef)) removed(line, lines);
  }
  for (const to of draft.lines) {
    const ofRef = document.lines.filter(({ lineRef }) => lineRef === to.lineRef);
    const line = ofRef.find(isLive);
    if (line) changed(line, to, { shop, ledger, lines });
    else if (ofRef.length > 0) lines.byHand.push(`line ${to.catalogNo} was cancelled in IFS`);
    else {
      const cause = `${to.catalogNo}: added, quantity ${to.buyQtyDue}`;
      const makes = amountsOf(ledger, to);
      lines.added.push({
        kind: "addedLine",
        progress: progress.overall,
        cause,
        makes,
        change: { kind: "addLine", line: to },
      });
    }
  }
  return lines;
}

function amountsOf(ledger: Ledger, to: IfsOrderLineDraft): Amendment["makes"] {
  const plan = ledger.rows.find(({ ref }) => ref === rowRefOf(to));
  return plan && { net: toDecimal(plan.ifs.net), gross: toDecimal(plan.ifs.gross) };
}

const nameOf = (line: IfsOrderLine): string => `line ${lineKeyOf(line)} (${line.catalogNo})`;

/** A position stands where the reference was cleared; without either the line is not from the shop. */
function removed(line: IfsOrderLine, { changed, byHand, progressOf }: Lines): void {
  if (line.lineRef === null || /^\d+$/.test(line.lineRef)) byHand.push(`${nameOf(line)} is not of this order`);
  else {
    const cause = `${nameOf(line)}: quantity ${line.buyQtyDue} -> removed`;
    changed.push({ kind: "removedLine", progress: progressOf(line), cause, change: { kind: "cancelLine", line } });
  }
}

function changed(
  line: IfsOrderLine,
  to: IfsOrderLineDraft,
  { shop, ledger, lines }: { readonly shop: Judged["shop"]; readonly ledger: Ledger; readonly lines: Lines },
): void {
  if (line.catalogNo !== to.catalogNo) {
    lines.byHand.push(`${nameOf(line)}: sales part ${line.catalogNo} instead of ${to.catalogNo}`);
    return;
  }
  const plan = ledger.rows.find(({ ref }) => ref === rowRefOf(to));
  const amounts = { net: line.netAmountCurr, tax: line.taxAmountCurr, gross: line.grossAmountCurr };
  const sameQty = compare(line.buyQtyDue, to.buyQtyDue) === 0;
  if (sameQty && (!plan || amountDifferences(shop, plan, amounts).length === 0)) return;
  const cause = sameQty
    ? `${nameOf(line)}: gross ${line.grossAmountCurr} -> ${plan ? formatMoney(plan.ifs.gross) : "another price"}`
    : `${nameOf(line)}: quantity ${line.buyQtyDue} -> ${to.buyQtyDue}`;
  const kind = sameQty ? "price" : "quantity";
  const makes = amountsOf(ledger, to);
  lines.changed.push({
    kind,
    progress: lines.progressOf(line),
    cause,
    makes,
    change: { kind: "changeLine", line, to },
  });
}

function addressAmendments(
  wanted: IfsAddress | undefined,
  { shipTo }: AmendableOrder,
  progress: Progress,
): { amendments: Amendment[]; byHand: string[] } {
  if (!wanted && !shipTo) return { amendments: [], byHand: [] };
  if (!wanted || !shipTo) {
    const [is, was] = wanted ? ["a one-time address", "a number of the customer"] : ["none", "a one-time address"];
    return { amendments: [], byHand: [`the delivery address is ${is}, in IFS it is ${was}`] };
  }
  const fields = (Object.keys(shipTo) as (keyof IfsAddress)[]).filter((key) => (wanted[key] ?? "") !== shipTo[key]);
  if (fields.length === 0) return { amendments: [], byHand: [] };
  const cause = `delivery address: ${fields.join(", ")}`;
  return {
    amendments: [{ kind: "address", progress, cause, change: { kind: "changeAddress", to: wanted } }],
    byHand: [],
  };
}

const INVOICE_TO = "Invoice to: ";
export const invoiceLine = (note: string): string | undefined =>
  note.split(/\r?\n/).find((line) => line.startsWith(INVOICE_TO));

/** A note is what people write into: only its line of the invoice address is ours to change. */
function noteWith(note: string | null, wanted: string | undefined): string | undefined {
  const [is, shall] = [invoiceLine(note ?? ""), invoiceLine(wanted ?? "")];
  if (wanted === undefined || is === shall) return undefined;
  const others = (note ?? "").split(/\r?\n/).filter((line) => line !== is && line !== "");
  return [...others, ...(shall === undefined ? [] : [shall])].join("\n");
}

function headAmendments(
  header: { readonly customerPoNo?: string; readonly custRef?: string; readonly noteText?: string },
  head: IfsOrderHead,
  progress: Progress,
): Amendment[] {
  const noteText = noteWith(head.noteText, header.noteText);
  const contact = {
    ...(header.custRef !== undefined && differs(header.custRef, head.custRef) && { custRef: header.custRef }),
    ...(noteText !== undefined && { noteText }),
  };
  const reference = differs(header.customerPoNo, head.customerPoNo) ? { customerPoNo: header.customerPoNo ?? "" } : {};
  const amendment = (kind: EditKind, name: string, to: Partial<IfsOrderHead>): Amendment[] =>
    Object.keys(to).length === 0
      ? []
      : [{ kind, progress, cause: `${name}: ${Object.keys(to).join(", ")}`, change: { kind: "changeHead", to } }];
  return [
    ...amendment("address", "contact and invoice address", contact),
    ...amendment("references", "references", reference),
  ];
}

/** The policy's word on all of a plan: all is applied, or nothing. */
export type Verdict =
  | { readonly kind: "same" }
  | { readonly kind: "apply" }
  /** In words, each with where IFS is. */
  | { readonly kind: "hold" | "refuse"; readonly findings: readonly string[] };

export function decideAmendment({ amendments, byHand }: AmendmentPlan, policy: AfterExport): Verdict {
  if (amendments.length === 0 && byHand.length === 0) return { kind: "same" };
  const decided = amendments.map(({ kind, progress, cause }) => ({
    decision: progress === "unknown" ? ("hold" as const) : policy[kind][progress],
    finding: `${cause} (${IN_WORDS[progress]})`,
  }));
  const of = (decision: string): string[] =>
    decided.filter((one) => one.decision === decision).map(({ finding }) => finding);
  if (of("refuse").length > 0) return { kind: "refuse", findings: of("refuse") };
  if (of("hold").length > 0 || byHand.length > 0) return { kind: "hold", findings: [...of("hold"), ...byHand] };
  return { kind: "apply" };
}

const IN_WORDS: Readonly<Record<Progress, string>> = {
  beforeReservation: "nothing reserved",
  reserved: "reserved",
  picked: "picked",
  partlyDelivered: "partly delivered",
  delivered: "delivered",
  unknown: "in a state that the configuration does not name",
};
