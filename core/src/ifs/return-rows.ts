/** Rows of RMAs and their lines -> domain records, and drafts -> bodies. Pure. */
import { z } from "zod";
import { decimal } from "../domain/decimal.ts";
import { contractSchema, orderNoSchema } from "../domain/ids.ts";
import {
  type IfsReturn,
  type IfsReturnDraft,
  type IfsReturnLine,
  type IfsReturnLineDraft,
  type IfsReturnState,
  ifsReturnStates,
} from "../domain/ifs-returns.ts";
import { type Binding, type LogicalRow, underProperties } from "./binding.ts";
import { fieldsOf, id, num, parseRows, str, strOrNull } from "./fields.ts";
import { type Body, type BodyValue, jsonNumber, toBody } from "./json.ts";

function stateOf({ states }: Binding, member: string): IfsReturnState {
  const logical = states.rma[member];
  return ifsReturnStates.find((state) => state === logical) ?? `unknown:${member}`;
}

const headerSchema = z.object({ rmaNo: id, contract: contractSchema, reference: strOrNull, state: str });
export const rmaFields = fieldsOf(headerSchema.shape);

export const toReturns = (binding: Binding, rows: readonly LogicalRow[]): Omit<IfsReturn, "lines">[] =>
  parseRows(headerSchema, rows, "RMA").map((row) => ({ ...row, state: stateOf(binding, row.state) }));

const lineSchema = z.object({
  rmaNo: id,
  rmaLineNo: id,
  orderNo: orderNoSchema,
  lineNo: str,
  relNo: str,
  lineItemNo: id,
  reference: strOrNull,
  qtyToReturn: num,
  returnReasonCode: strOrNull,
  state: str,
});
export const rmaLineFields = fieldsOf(lineSchema.shape);

export const toReturnLines = (binding: Binding, rows: readonly LogicalRow[]): IfsReturnLine[] =>
  parseRows(lineSchema, rows, "RMA line").map(({ reference, ...row }) => ({
    ...row,
    lineRef: reference,
    state: stateOf(binding, row.state),
  }));

export type ReturnBodies = { readonly header: Body; readonly lines: readonly Body[] };

type Values = Readonly<Record<string, BodyValue | number | null | undefined>>;

export const returnBodies = (binding: Binding, draft: IfsReturnDraft): ReturnBodies => ({
  header: toBody({
    ...binding.constants.rma,
    ...underProperties<string, Values[string]>(binding.rma, {
      reference: draft.reference,
      contract: draft.contract,
      customerNo: draft.customerNo,
      currencyCode: draft.currencyCode,
      returnApproverId: draft.returnApproverId,
      noteText: draft.noteText,
    }),
  }),
  lines: draft.lines.map((line) => returnLineBody(binding, line)),
});

export const returnLineBody = (binding: Binding, line: IfsReturnLineDraft): Body =>
  toBody({
    ...binding.constants.rmaLine,
    ...underProperties<string, Values[string]>(binding.rmaLine, {
      orderNo: line.orderNo,
      lineNo: line.lineNo,
      relNo: line.relNo,
      lineItemNo: jsonNumber(decimal(line.lineItemNo)),
      qtyToReturn: jsonNumber(line.qtyToReturn),
      returnReasonCode: line.returnReasonCode,
      reference: line.lineRef,
    }),
  });
