/** IFS rows of orders, lines and charges -> domain records. */
import { z } from "zod";
import { catalogNoSchema, contractSchema, orderNoSchema, type PartNo } from "../domain/ids.ts";
import {
  type IfsCharge,
  type IfsEnteredOrder,
  type IfsOrder,
  type IfsOrderLine,
  type IfsOrderState,
  ifsOrderStates,
} from "../domain/ifs-records.ts";
import type { Binding, LogicalRow } from "./binding.ts";
import type { IfsClient } from "./client-types.ts";
import { fieldsOf, id, num, numOrZero, parseRows, str, strOrEmpty, strOrNull } from "./fields.ts";
import { readLineReference } from "./line-reference.ts";

/** A tenant's member under its logical name; an unlisted member is kept as `unknown:<member>`, never guessed. */
export function orderState(states: Readonly<Record<string, string | null>>, member: string): IfsOrderState {
  const logical = states[member];
  return ifsOrderStates.find((state) => state === logical) ?? `unknown:${member}`;
}

const orderSchema = z.object({
  etag: strOrEmpty,
  orderNo: orderNoSchema,
  contract: contractSchema,
  customerNo: str,
  currencyCode: str,
  externalRef: strOrNull,
  blockedReason: strOrNull,
  cancelReason: strOrNull,
  state: str,
});

export const orderFields = fieldsOf(orderSchema.shape);

const enteredSchema = z.object({ ...orderSchema.shape, orderId: strOrNull, authorizeCode: strOrNull });

export const enteredFields = fieldsOf(enteredSchema.shape);

export const toEnteredOrders = (binding: Binding, rows: readonly LogicalRow[]): IfsEnteredOrder[] =>
  parseRows(enteredSchema, rows, "order").map((row) => ({
    ...row,
    state: orderState(binding.states.order, row.state),
  }));

export const toOrders = (binding: Binding, rows: readonly LogicalRow[]): IfsOrder[] =>
  parseRows(orderSchema, rows, "order").map((row) => ({ ...row, state: orderState(binding.states.order, row.state) }));

const lineSchema = z.object({
  orderNo: orderNoSchema,
  lineNo: str,
  relNo: str,
  lineItemNo: id,
  state: str,
  contract: contractSchema,
  catalogNo: catalogNoSchema,
  partNo: strOrNull,
  customerPoLineNo: strOrNull,
  noteText: strOrNull,
  buyQtyDue: num,
  convFactor: num,
  revisedQtyDue: num,
  qtyAssigned: numOrZero,
  qtyPicked: numOrZero,
  qtyShipped: numOrZero,
  qtyShipdiff: numOrZero,
  qtyInvoiced: numOrZero,
  netAmountCurr: num,
  taxAmountCurr: numOrZero,
  grossAmountCurr: num,
  promisedDeliveryDate: strOrNull,
});

export const lineFields = fieldsOf(lineSchema.shape);

type Times = Pick<IfsClient, "binding" | "siteTime">;

export const toLines = ({ binding, siteTime }: Times, rows: readonly LogicalRow[]): IfsOrderLine[] =>
  parseRows(lineSchema, rows, "order line").map(({ customerPoLineNo, noteText, ...row }) => ({
    ...row,
    promisedDeliveryDate:
      row.promisedDeliveryDate && siteDate({ binding, siteTime }, row.contract, row.promisedDeliveryDate),
    partNo: row.partNo as PartNo | null,
    state: orderState(binding.states.orderLine, row.state),
    lineRef: readLineReference({ customerPoLineNo, noteText }),
  }));

/** The day at the site: the digits are its own, or UTC where the endpoint answers so. */
const siteDate = ({ binding, siteTime }: Times, contract: string, value: string): string =>
  (binding.orderLine.timeZoneAware && value.length > 10 ? siteTime.toDigitsFrom(contract, value) : value).slice(0, 10);

const chargeSchema = z.object({
  orderNo: orderNoSchema,
  sequenceNo: id,
  chargeType: str,
  chargedQty: num,
  netAmountCurr: num,
  taxAmountCurr: numOrZero,
  grossAmountCurr: num,
});

export const chargeFields = fieldsOf(chargeSchema.shape);

export const toCharges = (rows: readonly LogicalRow[]): IfsCharge[] => parseRows(chargeSchema, rows, "order charge");
