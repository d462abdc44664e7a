/**
 * IFS business objects under the connector's logical names (the binding maps them to a tenant's projections and fields).
 * Quantities and amounts are exact decimals; dates are `YYYY-MM-DD` in the site's own zone; timestamps are ISO 8601 in UTC.
 */
import type { DecimalString } from "./decimal.ts";
import type { CatalogNo, Contract, OrderNo, PartNo } from "./ids.ts";

/** Values that a merchant adds under an IFS property name of his own (`Cf_…`, `C…`); exact numbers as `decimal`. */
export type ExtraFields = Readonly<
  Record<string, string | number | boolean | null | { readonly decimal: DecimalString }>
>;

export type IfsAddress = {
  readonly name: string;
  readonly address1: string;
  readonly address2?: string;
  readonly zipCode?: string;
  readonly city?: string;
  readonly state?: string;
  readonly county?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
};

/** A customer order as it is to be created: header, lines and charges in one change set. */
export type IfsOrderDraft = {
  readonly header: {
    /** Our identity of the order; what look-ups ask for. */
    readonly externalRef: string;
    /** Numbers to ask IFS for, the first that no other order has; absent: IFS chooses. */
    readonly orderNos?: readonly OrderNo[];
    readonly contract: Contract;
    readonly company: string;
    /** Order type. */
    readonly orderId: string;
    /** Coordinator. */
    readonly authorizeCode: string;
    readonly customerNo: string;
    readonly currencyCode: string;
    /** The buyer's own purchase order number, else the shop's order number. */
    readonly customerPoNo?: string;
    /** The shop's order number, for people. */
    readonly internalRef?: string;
    readonly custRef?: string;
    readonly wantedDeliveryDate: string;
    readonly billAddrNo?: string;
    readonly shipAddrNo?: string;
    readonly deliveryTerms?: string;
    readonly shipViaCode?: string;
    readonly payTermId?: string;
    readonly languageCode?: string;
    readonly noteText?: string;
    readonly usePriceInclTax: boolean;
    readonly taxLiability?: string;
    readonly extra?: ExtraFields;
  };
  /** One-time delivery address; absent: the customer's own address number is used. */
  readonly shipTo?: IfsAddress;
  /** Invoice address, where the binding has properties for it. */
  readonly billTo?: IfsAddress;
  readonly lines: readonly IfsOrderLineDraft[];
  readonly charges: readonly IfsChargeDraft[];
};

export type IfsOrderLineDraft = {
  /** Our reference of the line (the commercetools line item id), in CustomerPoLineNo or the note as the binding says. */
  readonly lineRef: string;
  /** Of a line item whose pieces go different ways: 2 for its second line, and so on; all have the same reference. */
  readonly part?: number;
  readonly contract: Contract;
  readonly catalogNo: CatalogNo;
  /** null: non-inventory sales part. */
  readonly partNo: PartNo | null;
  /** In sales units. */
  readonly buyQtyDue: DecimalString;
  /** Inventory units per sales unit, from the sales part. */
  readonly convFactor: DecimalString;
  readonly priceConvFactor: DecimalString;
  readonly salesUnitMeas: string;
  readonly priceUnitMeas: string;
  /** Per price unit, order currency. Exactly one of the two decides, by `usePriceInclTax` of the header; the other is informative. */
  readonly saleUnitPrice: DecimalString;
  readonly unitPriceInclTax: DecimalString;
  /** Percent. */
  readonly discount: DecimalString;
  readonly taxCode?: string;
  /** In place of a tax code. */
  readonly taxCalcStructureId?: string;
  readonly wantedDeliveryDate: string;
  readonly priceListNo?: string;
  /** Where it differs from the header's. */
  readonly shipViaCode?: string;
  /** Where the line goes to another address than the header: a number of the customer's, or one for this line only. */
  readonly shipAddrNo?: string;
  readonly shipTo?: IfsAddress;
  readonly noteText?: string;
  readonly extra?: ExtraFields;
};

export type IfsChargeDraft = {
  /** Our reference of the charge ("shipping", a custom line item's id, "rounding"). */
  readonly chargeRef: string;
  readonly chargeType: string;
  readonly contract: Contract;
  readonly chargeAmount: DecimalString;
  readonly chargeAmountInclTax: DecimalString;
  readonly chargedQty: DecimalString;
  readonly taxCode?: string;
  /** In place of a tax code. */
  readonly taxCalcStructureId?: string;
  readonly extra?: ExtraFields;
};

/** Unique among the lines of a draft. */
export const rowRefOf = ({ lineRef, part }: Pick<IfsOrderLineDraft, "lineRef" | "part">): string =>
  part === undefined ? lineRef : `${lineRef}/${part}`;

/** Logical states of an order header; the binding maps a tenant's members to them. Anything else is `unknown:<member>`. */
export const ifsOrderStates = [
  "Planned",
  "Released",
  "Blocked",
  "Reserved",
  "Picked",
  "PartiallyDelivered",
  "Delivered",
  "Invoiced",
  "Cancelled",
] as const;
export type IfsOrderState = (typeof ifsOrderStates)[number] | `unknown:${string}`;

export type IfsOrder = {
  readonly orderNo: OrderNo;
  readonly etag: string;
  readonly state: IfsOrderState;
  readonly externalRef: string | null;
  readonly contract: Contract;
  readonly customerNo: string;
  readonly currencyCode: string;
  readonly blockedReason: string | null;
  readonly cancelReason: string | null;
};

/** With what tells whose order it is, beside its reference; null where IFS shows none. */
export type IfsEnteredOrder = IfsOrder & {
  /** Order type. */
  readonly orderId: string | null;
  /** Coordinator. */
  readonly authorizeCode: string | null;
};

export type IfsOrderLine = {
  readonly orderNo: OrderNo;
  readonly lineNo: string;
  readonly relNo: string;
  readonly lineItemNo: string;
  readonly state: IfsOrderState;
  /** Our reference given at creation; null for lines that are not ours. */
  readonly lineRef: string | null;
  readonly contract: Contract;
  readonly catalogNo: CatalogNo;
  readonly partNo: PartNo | null;
  readonly buyQtyDue: DecimalString;
  readonly convFactor: DecimalString;
  /** Inventory units. */
  readonly revisedQtyDue: DecimalString;
  readonly qtyAssigned: DecimalString;
  readonly qtyPicked: DecimalString;
  readonly qtyShipped: DecimalString;
  readonly qtyShipdiff: DecimalString;
  readonly qtyInvoiced: DecimalString;
  /** Order currency, as IFS computed them. */
  readonly netAmountCurr: DecimalString;
  readonly taxAmountCurr: DecimalString;
  readonly grossAmountCurr: DecimalString;
  readonly promisedDeliveryDate: string | null;
};

export type IfsCharge = {
  readonly orderNo: OrderNo;
  readonly sequenceNo: string;
  readonly chargeType: string;
  readonly chargedQty: DecimalString;
  readonly netAmountCurr: DecimalString;
  readonly taxAmountCurr: DecimalString;
  readonly grossAmountCurr: DecimalString;
};

/** An order with everything a comparison needs. */
export type IfsOrderDocument = {
  readonly order: IfsOrder;
  readonly lines: readonly IfsOrderLine[];
  readonly charges: readonly IfsCharge[];
};

/**
 * The answer of a look-up by our reference. `absent` is proven (the same read showed that orders of that site can be seen);
 * `unknown` means that nothing came back and nothing proves that we may see it.
 */
export type IfsOrderLookup =
  | { readonly kind: "found"; readonly orders: readonly IfsOrder[] }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

export type IfsSalesPart = {
  readonly contract: Contract;
  readonly catalogNo: CatalogNo;
  readonly description: string;
  /** null: non-inventory part, never has stock. */
  readonly partNo: PartNo | null;
  readonly active: boolean;
  readonly salesUnitMeas: string;
  readonly unitMeas: string | null;
  readonly convFactor: DecimalString;
  readonly invertedConvFactor: DecimalString;
  readonly priceUnitMeas: string;
  readonly priceConvFactor: DecimalString;
};

/** A package part with its components, in sales units of each. */
export type IfsPackage = {
  readonly catalogNo: CatalogNo;
  readonly components: readonly { readonly catalogNo: CatalogNo; readonly quantity: DecimalString }[];
};

/** Goods of a part that are on their way into stock: what is left of a line of a purchase or shop order, inventory units. */
export type IfsSupplyLine = {
  readonly contract: Contract;
  readonly partNo: PartNo;
  readonly quantity: DecimalString;
  /** Local date. */
  readonly date: string;
};

/** One stock row, inventory units. */
export type IfsStockRow = {
  readonly contract: Contract;
  readonly partNo: PartNo;
  readonly locationNo: string;
  readonly warehouse: string | null;
  readonly locationType: string | null;
  readonly qtyOnhand: DecimalString;
  readonly qtyReserved: DecimalString;
  /** On its way to this place from another one; no part of what is on hand. Absent: none. */
  readonly qtyInTransit?: DecimalString;
  readonly frozen: boolean;
  readonly availabilityControlId: string | null;
  readonly partOwnership: string | null;
  readonly projectId: string | null;
  /** Local date; the lot is usable up to and including it. */
  readonly expirationDate: string | null;
  readonly lastActivityDate: string | null;
};

/** An order line that may still draw on stock, inventory units. */
export type IfsDemandLine = {
  readonly orderNo: OrderNo;
  readonly lineNo: string;
  readonly relNo: string;
  readonly lineItemNo: string;
  readonly lineRef: string | null;
  readonly contract: Contract;
  readonly partNo: PartNo;
  readonly state: IfsOrderState;
  readonly revisedQtyDue: DecimalString;
  readonly qtyAssigned: DecimalString;
  readonly qtyShipped: DecimalString;
  readonly qtyShipdiff: DecimalString;
  /**
   * Another one says that the line was changed, even where its figures are the same again. Undefined where rows come without (seen:
   * they come with one; unverified: that a reservation changes it, so it is never the only evidence).
   */
  readonly etag?: string | undefined;
};

export type IfsPriceListPart = {
  readonly priceListNo: string;
  readonly catalogNo: CatalogNo;
  readonly minQuantity: DecimalString;
  /** Local dates, both inclusive. */
  readonly validFromDate: string | null;
  readonly validToDate: string | null;
  readonly salesPrice: DecimalString;
  readonly salesPriceInclTax: DecimalString;
};

export type IfsShipment = {
  readonly shipmentId: string;
  /** Logical: Preliminary, Completed, Closed, Cancelled or `unknown:<member>`. */
  readonly state: string;
  readonly contract: Contract;
  /** Set once the goods have left. */
  readonly actualShipDate: string | null;
  readonly forwardAgentId: string | null;
  readonly trackingNumber: string | null;
  readonly lines: readonly {
    readonly shipmentLineNo: string;
    readonly orderNo: OrderNo;
    readonly lineNo: string;
    readonly relNo: string;
    readonly lineItemNo: string;
    /** Inventory units; shipped once `actualShipDate` is set, else planned. */
    readonly inventoryQty: DecimalString;
    readonly qtyShipped: DecimalString | null;
  }[];
};

export type IfsInvoice = {
  readonly invoiceNo: string;
  readonly company: string;
  readonly customerNo: string;
  readonly currencyCode: string;
  readonly invoiceDate: string | null;
  readonly invoiceAmount: DecimalString;
  readonly openAmount: DecimalString;
};

/** What of an order's head can be amended after its creation. */
export type IfsOrderHead = {
  readonly customerPoNo: string | null;
  readonly custRef: string | null;
  readonly noteText: string | null;
  readonly shipViaCode: string | null;
};

/** An order with all that an amendment looks at, and the ETags at which it writes. */
export type AmendableOrder = {
  readonly document: IfsOrderDocument;
  readonly head: IfsOrderHead;
  /** The one-time delivery address as far as the binding names its fields; undefined where there is none. */
  readonly shipTo: Readonly<Partial<Record<keyof IfsAddress, string>>> | undefined;
  readonly tags: {
    readonly shipTo: string | undefined;
    /** By `lineKeyOf`. */
    readonly lines: ReadonlyMap<string, string>;
  };
};

export const lineKeyOf = ({ lineNo, relNo, lineItemNo }: Pick<IfsOrderLine, "lineNo" | "relNo" | "lineItemNo">) =>
  `${lineNo}/${relNo}/${lineItemNo}`;

type LineKey = Pick<IfsOrderLine, "lineNo" | "relNo" | "lineItemNo">;

/**
 * Lines that somebody ordered. What a package part is made of has lines of its own (LineItemNo above 0) below its head (-1): IFS
 * adds them by itself, and whatever reference they carry, no draft knows them. Unverified on a tenant.
 */
export function orderedLines<T extends LineKey>(lines: readonly T[]): readonly T[] {
  const placeOf = ({ lineNo, relNo }: T): string => JSON.stringify([lineNo, relNo]);
  const packages = new Set(lines.filter(({ lineItemNo }) => Number(lineItemNo) === -1).map(placeOf));
  if (packages.size === 0) return lines;
  return lines.filter((line) => !(Number(line.lineItemNo) > 0 && packages.has(placeOf(line))));
}

/** One write to an order that exists. Each can be derived again from what IFS and the shop say, so each may be repeated. */
export type IfsAmendment =
  | { readonly kind: "cancelLine"; readonly line: IfsOrderLine }
  | { readonly kind: "changeLine"; readonly line: IfsOrderLine; readonly to: IfsOrderLineDraft }
  | { readonly kind: "changeAddress"; readonly to: IfsAddress }
  | { readonly kind: "changeHead"; readonly to: Partial<IfsOrderHead> };
