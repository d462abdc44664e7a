/** One return of the shop -> the lines of an RMA: which order lines, how much of each, for which reason. Pure. */
import type { ReturnsConfig } from "../../../domain/after-export-config.ts";
import {
  add,
  compare,
  type DecimalString,
  decimal,
  divide,
  isZero,
  multiply,
  roundTo,
  subtract,
  ZERO,
} from "../../../domain/decimal.ts";
import type { Rejection } from "../../../domain/failure.ts";
import type { IfsOrderDocument, IfsOrderLine } from "../../../domain/ifs-records.ts";
import { type IfsReturnLine, type IfsReturnLineDraft, isDead, returnedLineKey } from "../../../domain/ifs-returns.ts";
import { ok, type Result } from "../../../domain/result.ts";
import { refuse } from "../../refuse.ts";
import type { OrderReturns, ReturnGroup, WantedItem } from "./parse-returns.ts";

export type ReturnContext = {
  readonly order: OrderReturns;
  readonly document: IfsOrderDocument;
  /** Lines of RMAs that take of what can come back, other than those of the return itself. */
  readonly taken: readonly Pick<
    IfsReturnLine,
    "orderNo" | "lineNo" | "relNo" | "lineItemNo" | "qtyToReturn" | "state" | "rmaNo"
  >[];
  /** Undefined: no reason is needed. */
  readonly reasons: ReturnsConfig["reasons"] | undefined;
  /** One commercetools piece is one IFS sales unit; else one inventory unit. */
  readonly bySalesUnit: boolean;
};

/** All lines of the return, or why it cannot be an RMA: nothing of a return is left out in silence. */
export function toReturnLines(group: ReturnGroup, context: ReturnContext): Result<IfsReturnLineDraft[], Rejection> {
  const drafts: IfsReturnLineDraft[] = [];
  for (const item of group.items) {
    const reason = reasonOf(item, context);
    if (!reason.ok) return reason;
    const lines = linesOf(item, reason.value, { ...context, drafts });
    if (!lines.ok) return lines;
    drafts.push(...lines.value);
  }
  return ok(drafts);
}

const labelOf = ({ lineId }: WantedItem, { order }: Pick<ReturnContext, "order">): string =>
  order.lines.get(lineId) ?? `line ${lineId}`;

const plain = (text: string): string => text.trim().toLowerCase();

/** The item's own word for it, then what it was judged to be, then the default. */
function reasonOf(item: WantedItem, context: ReturnContext): Result<string | undefined, Rejection> {
  if (!context.reasons) return ok(undefined);
  const { customField, codes, unusable, default: otherwise } = context.reasons;
  const byWord = new Map(Object.entries(codes).map(([word, code]) => [plain(word), code]));
  const field = customField === undefined ? undefined : item.custom[customField];
  const words = [...(field === undefined ? [] : [field].flat().map(String)), item.comment ?? ""];
  const code =
    words.map((word) => byWord.get(plain(word))).find((found) => found !== undefined) ??
    (item.shipmentState === "Unusable" ? (unusable ?? otherwise) : otherwise);
  if (code !== undefined) return ok(code);
  return refuse("mappingFailed", "merchant", {
    message: `The return of ${labelOf(item, context)} has no IFS return reason: ${customField === undefined ? "its comment" : `neither its custom field "${customField}" nor its comment`} is listed under \`orders.afterExport.returns.reasons.codes\`.`,
    action: "Add the word to `codes`, or set `orders.afterExport.returns.reasons.default`.",
    field: "orders.afterExport.returns.reasons",
  });
}

type Allotting = ReturnContext & { readonly drafts: readonly IfsReturnLineDraft[] };

/** A line item may be several IFS lines (pieces that went different ways): what was shipped of the first comes back first. */
function linesOf(
  item: WantedItem,
  returnReasonCode: string | undefined,
  context: Allotting,
): Result<IfsReturnLineDraft[], Rejection> {
  const { document } = context;
  const candidates = document.lines.filter(({ lineRef }) => lineRef === item.lineId);
  if (candidates.length === 0) return noLine(item, context);
  const lines: IfsReturnLineDraft[] = [];
  let open = decimal(item.wanted);
  for (const line of candidates) {
    const free = piecesFree(line, context);
    const pieces = compare(free, open) < 0 ? free : open;
    if (compare(pieces, ZERO) <= 0) continue;
    const units = context.bySalesUnit ? pieces : divide(pieces, line.convFactor);
    if (compare(roundTo(units, 9), units) !== 0) return noUnits(item, line, context);
    lines.push({ ...keyOf(line), lineRef: item.ref, qtyToReturn: units, returnReasonCode });
    open = subtract(open, pieces);
  }
  return isZero(open) ? ok(lines) : tooMuch(item, candidates, context);
}

const keyOf = ({ orderNo, lineNo, relNo, lineItemNo }: IfsOrderLine) => ({ orderNo, lineNo, relNo, lineItemNo });

const inPieces = (inventoryUnits: DecimalString, line: IfsOrderLine, { bySalesUnit }: Allotting): DecimalString =>
  bySalesUnit ? divide(inventoryUnits, line.convFactor) : inventoryUnits;

const piecesShipped = (line: IfsOrderLine, context: Allotting): DecimalString =>
  inPieces(line.qtyShipped, line, context);

function piecesTaken(line: IfsOrderLine, context: Allotting): DecimalString {
  const key = returnedLineKey(line);
  const rows = [...context.taken.filter((row) => !isDead(row)), ...context.drafts];
  const units = add(ZERO, ...rows.filter((row) => returnedLineKey(row) === key).map(({ qtyToReturn }) => qtyToReturn));
  return context.bySalesUnit ? units : multiply(units, line.convFactor);
}

const piecesFree = (line: IfsOrderLine, context: Allotting): DecimalString =>
  subtract(piecesShipped(line, context), piecesTaken(line, context));

const noLine = (item: WantedItem, context: Allotting): Result<never, Rejection> =>
  refuse("returnNotPossible", "operator", {
    message: `The return of ${item.wanted} of ${labelOf(item, context)} has no line in IFS order ${context.document.order.orderNo}: it is a charge there, or the line does not carry its reference.`,
    action: `Credit a charge in IFS by hand and have the order ignored or the return taken back; else write \`[ref ${item.lineId}]\` into the note of the IFS line.`,
    field: "returnInfo.items.lineItemId",
    value: item.lineId,
  });

const noUnits = (item: WantedItem, line: IfsOrderLine, context: Allotting): Result<never, Rejection> =>
  refuse("unmappedUnit", "ifsAdministrator", {
    message: `The return of ${item.wanted} of ${labelOf(item, context)} is no exact number of sales units (factor ${line.convFactor}).`,
    action: "Return whole sales units, or correct the unit conversion of the sales part in IFS.",
    field: "returnInfo.items.quantity",
    value: String(item.wanted),
  });

function tooMuch(item: WantedItem, lines: readonly IfsOrderLine[], context: Allotting): Result<never, Rejection> {
  const shipped = add(ZERO, ...lines.map((line) => piecesShipped(line, context)));
  const keys = new Set(lines.map(returnedLineKey));
  const others = new Set(
    context.taken.filter((row) => !isDead(row) && keys.has(returnedLineKey(row))).map(({ rmaNo }) => rmaNo),
  );
  const already = others.size === 0 ? "" : `; other returns of it are RMA ${[...others].join(", ")}`;
  const what = isZero(shipped) ? "nothing of it was shipped yet" : `${shipped} were shipped`;
  return refuse("returnNotPossible", "operator", {
    message: `${item.wanted} of ${labelOf(item, context)} are to be returned, and of IFS order ${context.document.order.orderNo} ${what}${already}.`,
    action:
      "Correct the quantity of the return in commercetools, or report the delivery in IFS; where an RMA of another return is wrong, cancel it. It is judged again by itself.",
    field: "returnInfo.items.quantity",
    value: String(item.wanted),
  });
}
