import type { Grant } from "./ifs/grants.ts";
import type { IfsSettings } from "./ifs/settings.ts";

/** What a merchant configures for one object, under the connector's own name for it. Names left out are the usual ones. */
export type ConnectorObject = {
  projection?: string;
  /** Set, or path of set and child array as in `CustomerOrderSet/OrderLinesArray`. */
  set?: string;
  /** Connector's field -> property of the tenant. */
  fields?: Record<string, string>;
  /** Connector's field -> type of the property, where it is not the usual one. */
  types?: Record<string, "flag" | "fndBoolean" | "date" | "timestamp" | "text">;
  /** Connector's field -> usual member -> member of the tenant. */
  enums?: Record<string, Record<string, string>>;
  /** Connector's action -> action of the tenant. */
  actions?: Record<string, string>;
};

export type ConnectorSetup = {
  objects?: Record<string, ConnectorObject>;
  /** Contract -> IANA zone. */
  siteTimeZones?: Record<string, string>;
  serverTimeZone?: string;
  /** Projections that hear `X-Ifs-Time-Zone-Aware-Request`. */
  timeZoneAwareProjections?: readonly string[];
  /** Sites and companies that the connector can work with. */
  sites?: readonly string[];
  companies?: readonly string[];
  changeSets?: boolean;
};

/** One kind of tenant that exists: how its IFS behaves, and what its owner has to tell the connector. */
export type IfsProfile = {
  name: string;
  title: string;
  settings: Partial<IfsSettings>;
  /** What the administrator left the connector's client; everything when absent. */
  grants?: Partial<Omit<Grant, "clientId">>;
  connector: ConnectorSetup;
};

const standard: IfsProfile = {
  name: "standard",
  title: "A tenant as the public sources describe it",
  settings: {},
  connector: {},
};

const ORDERS = "CustomerOrderHandling/CustomerOrderSet";
const LINES = "CustomerOrderHandling/CustomerOrderLineSet";
const LINES_OF_ORDER = `${ORDERS}/OrderLinesArray`;
const CHARGES = `${ORDERS}/CustomerOrderChargeArray`;
const ADDRESS = `${ORDERS}/OneTimeAddressArray`;
const STOCK = "InventoryPartInStockHandling/InventoryPartInStockSet";
const PARTS = "SalesPartHandling/SalesPartSet";
const SHIPMENTS = "ShipmentHandling/ShipmentSet";
const SHIPMENT_LINES = "ShipmentHandling/ShipmentLineSet";
const INVOICES = "ArCustomerInvoicesAnalysis/Reference_InvoiceLedgerItemCu";
const PRICES = "SalesPriceListHandling/SalesPriceListPartSet";
const RMAS = "ReturnMaterialHandling/ReturnMaterialSet";

/** The two sets of order lines are of one type: they have the same names. */
const onLines = <T>(property: string, value: T): Record<string, T> => ({
  [`${LINES}/${property}`]: value,
  [`${LINES_OF_ORDER}/${property}`]: value,
});

const renamed: IfsProfile = {
  name: "renamed",
  title: "Own projections, custom fields, other spellings and types",
  settings: {
    renames: {
      CustomerOrderHandling: "CCustomerOrderHandling",
      [LINES]: "OrderLines",
      [LINES_OF_ORDER]: "CLinesArray",
      [CHARGES]: "CChargesArray",
      [`${ORDERS}/ExternalRef`]: "Cf_Shop_Order_Id",
      [`${ORDERS}/InternalRef`]: "CInternalRef",
      ...onLines("CustomerPoLineNo", "Cf_Shop_Line_Id"),
      ...onLines("QtyAssigned", "QtyReserved"),
      [`${CHARGES}/IntrastatExempt`]: "IntrastatExemptDb",
      [`${CHARGES}/UnitCharge`]: "UnitChargeDb",
      [`${ADDRESS}/Addr1`]: "Name",
      InventoryPartInStockHandling: "CStockHandling",
      [STOCK]: "CStockSet",
      [`${STOCK}/QtyOnhand`]: "QtyOnHand",
      [`${STOCK}/FreezeFlagDb`]: "FreezeFlag",
      [`${PARTS}/ExportToExternalApp`]: "Cf_Publish_To_Web",
      SalesPriceListHandling: "SalesPriceListsHandling",
      [PRICES]: "Reference_SalesPriceListPart",
      [`${PRICES}/SalesPrice`]: "SalesUnitPrice",
      "SalesPriceListHandling/SalesPriceListSet/SalesPriceListPartArray/SalesPrice": "SalesUnitPrice",
      [`${SHIPMENTS}/ShipmentId`]: "CShipmentId",
      [`${SHIPMENT_LINES}/ShipmentId`]: "CShipmentId",
      [`${SHIPMENTS}/ProNo`]: "Cf_Tracking_Number",
      [`${SHIPMENT_LINES}/QtyShipped`]: "ShippedQty",
      [`${INVOICES}/OpenAmount`]: "RemainingAmount",
      ReturnMaterialHandling: "RmaHandling",
      [RMAS]: "RmaSet",
      [`${RMAS}/ReturnMaterialLineArray`]: "RmaLinesArray",
    },
    memberNames: {
      "CustomerOrderState/Blocked": "CreditBlocked",
      "CustomerOrderState/Invoiced": "InvoicedClosed",
      "CustomerOrderLineState/Invoiced": "InvoicedClosed",
      "ActiveSalesPart/ActivePart": "Active",
      "ActiveSalesPart/InactivePart": "Inactive",
      "ShipmentState/Completed": "Shipped",
      "ReturnMaterialState/ReturnCompleted": "Completed",
      "ReturnMaterialLineState/ReturnCompleted": "Completed",
    },
    propertyTypes: {
      [`${STOCK}/FreezeFlagDb`]: "flag",
      [`${PARTS}/ExportToExternalApp`]: "fndBoolean",
      [`${PARTS}/UsePriceInclTax`]: "flag",
      [`${PARTS}/Activeind`]: "text",
      [`${SHIPMENTS}/PlannedShipDate`]: "date",
      [`${INVOICES}/InvoiceDate`]: "timestamp",
    },
    hiddenProperties: [`${ORDERS}/InternalPoNo`, `${SHIPMENTS}/ConsignmentNoteId`, `${SHIPMENTS}/AirwayBillNo`],
    releaseActionName: "CustomerOrder_SetReleased",
    cancelActionName: "CustomerOrder_SetCancelled",
    lineCancelActionName: "CustomerOrderLine_SetCancelled",
    supplyFromStockMember: "InvOrder",
    priceFreezeFrozenMember: "FrozenPrice",
    trackingField: "ProNo",
    addressArrayName: "OneTimeAddressArray",
    cfInvoiceNo: true,
    historyLog: ["CustomerOrder", "CustomerOrderLine"],
  },
  connector: {
    objects: {
      order: {
        projection: "CCustomerOrderHandling",
        fields: { externalRef: "Cf_Shop_Order_Id", internalRef: "CInternalRef" },
        enums: { state: { Blocked: "CreditBlocked", Invoiced: "InvoicedClosed" } },
        actions: { release: "CustomerOrder_SetReleased", cancel: "CustomerOrder_SetCancelled" },
      },
      orderLine: {
        projection: "CCustomerOrderHandling",
        set: "CustomerOrderSet/CLinesArray",
        fields: { customerPoLineNo: "Cf_Shop_Line_Id", qtyAssigned: "QtyReserved", invoiceNo: "Cf_Invoice_No" },
        enums: {
          state: { Invoiced: "InvoicedClosed" },
          supplyCode: { InventOrder: "InvOrder" },
          priceFreeze: { Frozen: "FrozenPrice" },
        },
        actions: { cancel: "CustomerOrderLine_SetCancelled" },
      },
      orderCharge: {
        projection: "CCustomerOrderHandling",
        set: "CustomerOrderSet/CChargesArray",
        fields: { intrastatExempt: "IntrastatExemptDb", unitCharge: "UnitChargeDb" },
      },
      orderAddress: {
        projection: "CCustomerOrderHandling",
        set: "CustomerOrderSet/OneTimeAddressArray",
        fields: { name: "Name" },
      },
      openDemand: {
        projection: "CCustomerOrderHandling",
        set: "OrderLines",
        fields: { qtyAssigned: "QtyReserved", customerPoLineNo: "Cf_Shop_Line_Id" },
        enums: { supplyCode: { InventOrder: "InvOrder" }, state: { Invoiced: "InvoicedClosed" } },
      },
      stock: {
        projection: "CStockHandling",
        set: "CStockSet",
        fields: { qtyOnhand: "QtyOnHand", frozen: "FreezeFlag" },
        types: { frozen: "flag" },
      },
      salesPart: {
        fields: { exportToExternalApp: "Cf_Publish_To_Web" },
        types: { exportToExternalApp: "fndBoolean", usePriceInclTax: "flag", active: "text" },
        enums: { active: { ActivePart: "Active", InactivePart: "Inactive" } },
      },
      priceList: { projection: "SalesPriceListsHandling" },
      priceListPart: {
        projection: "SalesPriceListsHandling",
        set: "Reference_SalesPriceListPart",
        fields: { salesPrice: "SalesUnitPrice" },
      },
      shipment: {
        fields: { shipmentId: "CShipmentId", trackingNumber: "Cf_Tracking_Number" },
        types: { plannedShipDate: "date" },
        enums: { state: { Completed: "Shipped" } },
      },
      shipmentLine: { fields: { shipmentId: "CShipmentId", qtyShipped: "ShippedQty" } },
      invoice: { fields: { openAmount: "RemainingAmount" }, types: { invoiceDate: "timestamp" } },
      rma: { projection: "RmaHandling", set: "RmaSet", enums: { state: { ReturnCompleted: "Completed" } } },
      rmaLine: {
        projection: "RmaHandling",
        set: "RmaSet/RmaLinesArray",
        enums: { state: { ReturnCompleted: "Completed" } },
      },
    },
  },
};

/** Without: history log, customer list, payment terms, price query, master parts. */
const grantedProjections = [
  "AllProjections",
  "CustomerOrderHandling",
  "CustomerOrdersHandling",
  "CustomerOrderLinesHandling",
  "CustomerHandling",
  "InventoryPartInStockHandling",
  "InventoryPartHandling",
  "SalesPartHandling",
  "SalesPriceListHandling",
  "ShipmentHandling",
  "ArCustomerInvoicesAnalysis",
  "ReturnMaterialHandling",
  "SitesHandling",
  "CompanyHandling",
];

const missingGrants: IfsProfile = {
  name: "missing-grants",
  title: "A company, two sites and some projections were not granted",
  settings: {},
  grants: { companies: ["10"], sites: ["101"], projections: grantedProjections },
  connector: { companies: ["10"], sites: ["101"] },
};

const noChangeSets: IfsProfile = {
  name: "no-change-sets",
  title: "A gateway that refuses change sets, and the other readings of what nobody documents",
  settings: {
    changeSets: "refuse",
    changeSetFailureForm: "perRequest",
    contentIdEcho: false,
    maxBatchParts: 20,
    childKeysOptional: false,
    missingPrecondition: "400-code",
    patchWithoutIfMatch: "refuse",
    stalePrecondition: "500-modified",
    patchAnswer: "empty",
    voidActionStatus: 200,
    notImplementedStatus: 400,
    staleMetadataFailures: 2,
    businessErrorStatus: 400,
    batchBusinessErrorStatus: 500,
    missingRowCode: "ITEM_NOT_EXIST",
    orderNoInsertable: "ignore",
    cancelReasonParameter: false,
    defaultFunctions: false,
    nullComparison: "odata",
    nextLinkForm: "relative",
    pageSize: 250,
    countSupport: "none",
    maxUrlLength: 2048,
    decimalsAsStrings: true,
    etagHeader: false,
    selectRefusedOn: ["ShipmentHandling/ShipmentSet"],
    reservationMovesLastActivityDate: false,
    freezeMovesLastActivityDate: false,
    quantityMismatch: "recompute",
    qtyInvoicedUnit: "inventory",
    shipmentAfterDelivery: "Closed",
    singleOccurrenceAddress: "headerFields",
    linesAcrossOrders: false,
  },
  connector: {
    changeSets: false,
    objects: { openDemand: { projection: "CustomerOrderLinesHandling", set: "CustomerOrderJoinSet" } },
  },
};

const zones = { "101": "America/Los_Angeles", "102": "America/St_Johns", "201": "Asia/Kolkata" };
const aware = ["InventoryPartInStockHandling", "ReturnMaterialHandling"];

const otherTimeZone: IfsProfile = {
  name: "other-time-zone",
  title: "Sites on the American west coast, in Newfoundland and in India, a server in India",
  settings: { siteTimeZones: zones, serverTimeZone: "Asia/Kolkata", timeZoneAwareProjections: aware },
  connector: { siteTimeZones: zones, serverTimeZone: "Asia/Kolkata", timeZoneAwareProjections: aware },
};

export const ifsProfiles: readonly IfsProfile[] = [standard, renamed, missingGrants, noChangeSets, otherTimeZone];

/** Throws an Error that lists the names there are. */
export function ifsProfile(name: string): IfsProfile {
  const profile = ifsProfiles.find((candidate) => candidate.name === name);
  if (profile) return profile;
  throw new Error(`there is no IFS profile "${name}": ${ifsProfiles.map((known) => known.name).join(", ")}`);
}

/** The client with what the profile's administrator left it. */
export function grantedBy<T extends Grant>(profile: IfsProfile | undefined, client: T): T {
  return { ...client, ...profile?.grants };
}
