/** An order as IFS answers with it, and the document it is read as. */
import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo, Contract, OrderNo, PartNo } from "../../domain/ids.ts";
import type { IfsOrderDocument } from "../../domain/ifs-records.ts";

type Over = Readonly<Record<string, unknown>>;

export const orderRow = (over: Over = {}) => ({
  "@odata.etag": 'W/"1"',
  luname: "CustomerOrder",
  OrderNo: "A1",
  Contract: "S1",
  CustomerNo: "C1",
  CurrencyCode: "EUR",
  CompanyCurrencyCode: "EUR",
  ExternalRef: "order-1",
  BlockedReason: null,
  CancelReason: "",
  Objstate: "Planned",
  ...over,
});

/** Line 1 carries its reference in the note, line 2 in the field. */
export const lineRow = (line: 1 | 2, over: Over = {}) => ({
  "@odata.etag": 'W/"1"',
  OrderNo: "A1",
  LineNo: String(line),
  RelNo: "1",
  LineItemNo: 0,
  Objstate: "Planned",
  Contract: "S1",
  CatalogNo: line === 1 ? "BOX" : "SERVICE",
  PartNo: line === 1 ? "PIECE" : null,
  CustomerPoLineNo: line === 1 ? "1" : "L2",
  NoteText: line === 1 ? "[ref line-aaaaaaaaaaaaaaaaaaaaaaaaaa]" : null,
  BuyQtyDue: line === 1 ? 2 : 1,
  ConvFactor: line === 1 ? 12 : 1,
  RevisedQtyDue: line === 1 ? 24 : 1,
  QtyAssigned: null,
  QtyShipped: 0,
  NetAmountCurr: line === 1 ? 19 : 20,
  TaxAmountCurr: line === 1 ? 3.61 : 3.8,
  GrossAmountCurr: line === 1 ? 22.61 : 23.8,
  PromisedDeliveryDate: "2026-03-04T00:00:00Z",
  ...over,
});

export const chargeRow = (over: Over = {}) => ({
  OrderNo: "A1",
  SequenceNo: 1,
  ChargeType: "FREIGHT",
  ChargedQty: 1,
  NetAmtCurr: 5,
  TaxAmountCurrency: 0.95,
  GrossAmtCurr: 5.95,
  ...over,
});

const zero = decimal("0");
const line = {
  orderNo: "A1" as OrderNo,
  relNo: "1",
  lineItemNo: "0",
  state: "Planned",
  contract: "S1" as Contract,
  qtyAssigned: zero,
  qtyPicked: zero,
  qtyShipped: zero,
  qtyShipdiff: zero,
  qtyInvoiced: zero,
  promisedDeliveryDate: "2026-03-04",
} as const;

export const orderDocument: IfsOrderDocument = {
  order: {
    orderNo: "A1" as OrderNo,
    etag: 'W/"1"',
    contract: "S1" as Contract,
    customerNo: "C1",
    currencyCode: "EUR",
    externalRef: "order-1",
    blockedReason: null,
    cancelReason: null,
    state: "Planned",
  },
  lines: [
    {
      ...line,
      lineNo: "1",
      lineRef: "line-aaaaaaaaaaaaaaaaaaaaaaaaaa",
      catalogNo: "BOX" as CatalogNo,
      partNo: "PIECE" as PartNo,
      buyQtyDue: decimal("2"),
      convFactor: decimal("12"),
      revisedQtyDue: decimal("24"),
      netAmountCurr: decimal("19"),
      taxAmountCurr: decimal("3.61"),
      grossAmountCurr: decimal("22.61"),
    },
    {
      ...line,
      lineNo: "2",
      lineRef: "L2",
      catalogNo: "SERVICE" as CatalogNo,
      partNo: null,
      buyQtyDue: decimal("1"),
      convFactor: decimal("1"),
      revisedQtyDue: decimal("1"),
      netAmountCurr: decimal("20"),
      taxAmountCurr: decimal("3.8"),
      grossAmountCurr: decimal("23.8"),
    },
  ],
  charges: [
    {
      orderNo: "A1" as OrderNo,
      sequenceNo: "1",
      chargeType: "FREIGHT",
      chargedQty: decimal("1"),
      netAmountCurr: decimal("5"),
      taxAmountCurr: decimal("0.95"),
      grossAmountCurr: decimal("5.95"),
    },
  ],
};
