/** How the connector uses each field of the binding, so that the tenant's types can be judged. Follows the IFS adapter. */
import type { objectDefaults } from "../ifs/binding-defaults.ts";

/**
 * - `text`: read, written or compared as text. - `code`: text or enumeration, read or written by its spelling only.
 * - `number`: a decimal. - `id`: a whole number, as number or as text. - `flag`: a yes or no in any of IFS's spellings.
 * - `boolean`: written as true and false. - `moment`: written or compared as a time. - `day`: a date that is only read.
 * - `state`: an enumeration.
 */
export type FieldKind = "text" | "code" | "number" | "id" | "flag" | "boolean" | "moment" | "day" | "state";

/** `?`: the connector works without it; bind it to null where the tenant has none. */
export type FieldUse = FieldKind | `${FieldKind}?`;

export type ObjectName = keyof typeof objectDefaults;

type FieldUses = {
  readonly [O in ObjectName]: Readonly<Record<keyof (typeof objectDefaults)[O]["fields"], FieldUse>>;
};

const lineKey = { orderNo: "text", lineNo: "text", relNo: "text", lineItemNo: "id" } as const;

export const fieldUses: FieldUses = {
  order: {
    orderNo: "text",
    contract: "text",
    orderId: "text",
    authorizeCode: "text",
    customerNo: "text",
    currencyCode: "text",
    companyCurrencyCode: "text?",
    customerPoNo: "text?",
    externalRef: "text",
    internalRef: "text?",
    custRef: "text?",
    wantedDeliveryDate: "moment",
    billAddrNo: "text",
    shipAddrNo: "text",
    deliveryTerms: "text?",
    shipViaCode: "text?",
    payTermId: "text?",
    languageCode: "text?",
    noteText: "text?",
    usePriceInclTax: "boolean",
    taxLiability: "code?",
    blockedReason: "code?",
    cancelReason: "code?",
    state: "state",
  },
  orderLine: {
    ...lineKey,
    identity1: "text?",
    contract: "text",
    catalogNo: "text",
    partNo: "text",
    deliverToCustomerNo: "text?",
    shipAddrNo: "text?",
    salesUnitMeas: "text",
    priceUnitMeas: "text",
    convFactor: "number",
    priceConvFactor: "number",
    buyQtyDue: "number",
    desiredQty: "number?",
    revisedQtyDue: "number",
    wantedDeliveryDate: "moment",
    plannedDeliveryDate: "moment?",
    targetDate: "moment?",
    promisedDeliveryDate: "day?",
    saleUnitPrice: "number",
    unitPriceInclTax: "number",
    baseSaleUnitPrice: "number?",
    baseUnitPriceInclTax: "number?",
    currencyRate: "number?",
    discount: "number",
    taxCode: "text?",
    taxLiability: "code?",
    noteText: "text?",
    customerPoLineNo: "text",
    qtyAssigned: "number",
    qtyPicked: "number?",
    qtyShipped: "number",
    qtyShipdiff: "number?",
    qtyInvoiced: "number?",
    netAmountCurr: "number",
    taxAmountCurr: "number",
    grossAmountCurr: "number",
    state: "state",
  },
  orderCharge: {
    orderNo: "text",
    sequenceNo: "id",
    contract: "text",
    company: "text",
    chargeType: "text",
    chargeAmount: "number",
    chargeAmountInclTax: "number",
    baseChargeAmount: "number?",
    baseChargeAmtInclTax: "number?",
    chargedQty: "number",
    currencyRate: "number?",
    deliveryAddress: "text?",
    taxCode: "text?",
    netAmountCurr: "number",
    taxAmountCurr: "number",
    grossAmountCurr: "number",
  },
  orderAddress: {
    orderNo: "text",
    name: "text",
    address1: "text",
    address2: "text?",
    zipCode: "text",
    city: "text",
    state: "text?",
    county: "text?",
    countryCode: "code",
  },
  stock: {
    contract: "text",
    partNo: "text",
    configurationId: "text?",
    locationNo: "text",
    lotBatchNo: "text?",
    serialNo: "text?",
    engChgLevel: "text?",
    waivDevRejNo: "text?",
    activitySeq: "id?",
    handlingUnitId: "id?",
    qtyOnhand: "number",
    qtyReserved: "number",
    warehouse: "code?",
    locationType: "code?",
    availabilityControlId: "code?",
    frozen: "flag?",
    partOwnership: "code?",
    projectId: "text?",
    expirationDate: "day?",
    lastActivityDate: "moment",
  },
  openDemand: {
    ...lineKey,
    contract: "text",
    partNo: "text",
    revisedQtyDue: "number",
    qtyAssigned: "number",
    qtyShipped: "number",
    qtyShipdiff: "number?",
    noteText: "text?",
    customerPoLineNo: "text?",
    state: "state",
  },
  salesPart: {
    contract: "text",
    catalogNo: "text",
    description: "text?",
    partNo: "text",
    active: "flag?",
    salesUnitMeas: "text",
    unitMeas: "text?",
    convFactor: "number",
    invertedConvFactor: "number",
    priceUnitMeas: "text",
    priceConvFactor: "number",
  },
  priceListPart: {
    priceListNo: "text",
    catalogNo: "text",
    minQuantity: "number?",
    validFromDate: "day?",
    validToDate: "day?",
    salesPrice: "number",
    salesPriceInclTax: "number?",
  },
  shipment: {
    shipmentId: "number",
    state: "state",
    contract: "text",
    actualShipDate: "day?",
    forwardAgentId: "code?",
    trackingNumber: "text?",
  },
  shipmentLine: {
    shipmentId: "id",
    shipmentLineNo: "id",
    sourceRefType: "code",
    orderNo: "text",
    lineNo: "id",
    relNo: "id",
    lineItemNo: "id",
    inventoryQty: "number",
    qtyShipped: "number?",
  },
  invoice: {
    invoiceNo: "text",
    company: "text",
    customerNo: "code",
    currencyCode: "code",
    invoiceDate: "day?",
    invoiceAmount: "number?",
    openAmount: "number?",
  },
  site: { contract: "text", company: "text" },
};

const numbers = ["Edm.Decimal", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Double"];

/** True where a property of this type serves the use. Everything outside `Edm` is an enumeration of the projection. */
export function serves(kind: FieldKind, type: string): boolean {
  const isEnum = !type.startsWith("Edm.") && !type.startsWith("Collection(");
  switch (kind) {
    case "text":
      return type === "Edm.String";
    case "code":
      return type === "Edm.String" || isEnum;
    case "number":
      return numbers.includes(type);
    case "id":
      return numbers.includes(type) || type === "Edm.String";
    case "flag":
      return type === "Edm.Boolean" || type === "Edm.String" || isEnum;
    case "boolean":
      return type === "Edm.Boolean";
    case "moment":
      return type === "Edm.DateTimeOffset";
    case "day":
      return type === "Edm.Date" || type === "Edm.DateTimeOffset" || type === "Edm.String";
    case "state":
      return isEnum;
  }
}

export const kindWords: Readonly<Record<FieldKind, string>> = {
  text: "a text",
  code: "a text or an enumeration",
  number: "a number",
  id: "a number or a text",
  flag: "a yes or no",
  boolean: "a boolean",
  moment: "a time",
  day: "a date",
  state: "an enumeration",
};
