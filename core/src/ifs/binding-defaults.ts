/**
 * The names the connector uses in an IFS tenant that nobody changed. How sure each is stands beside it (`confidence`,
 * `unverifiedFields`): the merchant's configuration (`ifs.binding`) overrides any of them, see docs/mapping.md.
 */
import { orderObjects } from "./binding-orders.ts";
import { partnerObjects } from "./binding-partners.ts";
import type { Settings } from "./binding-settings.ts";
import { supplyObjects } from "./binding-supply.ts";

export const objectDefaults = { ...orderObjects, ...supplyObjects, ...partnerObjects };

/** Of logical objects. */
export type ObjectName = keyof typeof objectDefaults;

/** Member of an OData enumeration -> logical state of domain/ifs-records.ts. */
const orderStateDefaults: Readonly<Record<string, string | null>> = {
  Planned: "Planned",
  Released: "Released",
  Blocked: "Blocked",
  // Older releases.
  CreditBlocked: "Blocked",
  Reserved: "Reserved",
  Picked: "Picked",
  PartiallyDelivered: "PartiallyDelivered",
  Delivered: "Delivered",
  Invoiced: "Invoiced",
  Cancelled: "Cancelled",
};

const shipmentStateDefaults: Readonly<Record<string, string | null>> = {
  Preliminary: "Preliminary",
  // The next three are unverified.
  Completed: "Completed",
  Closed: "Closed",
  Cancelled: "Cancelled",
};

/** All unverified. */
const rmaStateDefaults: Readonly<Record<string, string | null>> = {
  Planned: "Planned",
  Released: "Released",
  PartiallyReceived: "PartiallyReceived",
  Received: "Received",
  ReturnCompleted: "ReturnCompleted",
  Denied: "Denied",
  Cancelled: "Cancelled",
};

export type Constants = Readonly<Record<string, string | number | boolean | null>>;

/** Values that the web page would fill in and the API does not, by IFS property. */
const orderConstants: Constants = { IsNewCustomer: false };

/**
 * What a line needs besides what the order says: the body of a known client, without its mistakes. `CurrencyRate` is not a
 * constant (1 is wrong in every other currency). `Cost` is sent because tenants refuse lines without it; zero claims
 * nothing, and IFS costs the delivery from the part. A tenant that fills it in removes it here (null).
 */
const lineConstants: Constants = {
  Source: "CUSTOMERORDER",
  OrderDiscount: 0,
  QtyAssigned: 0,
  QtyShort: 0,
  CloseTolerance: 0,
  PartPrice: 0,
  Cost: 0,
  ConsignmentStock: "NoConsignmentStock",
  ChargedItem: "ChargedItem",
  CreateSmObjectOption: "DoNotCreateSMObject",
  StagedBilling: "NotStagedBilling",
  TaxLiability: "TAX",
  SmConnection: "NotConnected",
  PriceSource: "SalesPart",
  // Else IFS prices the line again. Spelling unverified.
  PriceFreeze: "Frozen",
  ConfigurationId: "*",
  ReleasePlanning: "NotReleased",
  FetchTaxFromDefaults: "TRUE",
};

const inventoryLineConstants: Constants = {
  CatalogType: "InventoryPart",
  // Unverified.
  SupplyCode: "InventOrder",
};

/** Members unverified. */
const nonInventoryLineConstants: Constants = { CatalogType: "NonInventoryPart", SupplyCode: "NonInventory" };

const chargeConstants: Constants = {
  ChargeCost: 0,
  InvoicedQty: 0,
  StatisticalChargeDiff: 0,
  // Basic data of the tenant.
  SalesUnitMeas: "PCS",
  CollectDb: false,
  MultipleTaxLines: false,
  PrintChargeTypeDb: false,
  PrintCollectChargeDb: false,
  IntrastatExempt: false,
  UnitCharge: false,
};

export const settingDefaults: Settings = {
  states: {
    order: { ...orderStateDefaults },
    orderLine: { ...orderStateDefaults },
    shipment: { ...shipmentStateDefaults },
    rma: { ...rmaStateDefaults },
  },
  constants: {
    order: { ...orderConstants },
    orderLine: { ...lineConstants },
    inventoryLine: { ...inventoryLineConstants },
    nonInventoryLine: { ...nonInventoryLineConstants },
    taxedLine: { FetchTaxFromDefaults: "FALSE" },
    charge: { ...chargeConstants },
    rma: {},
    rmaLine: {},
  },
  linesArray: "OrderLinesArray",
  // Unverified.
  rmaLinesArray: "ReturnMaterialLineArray",
  actions: {
    // Unverified but for `print`.
    release: "CustomerOrder_Release",
    cancel: "CustomerOrder_Cancel",
    cancelReason: "CancelReason",
    cancelLine: "CustomerOrderLine_Cancel",
    print: "CustomerOrder_PrintResultKey",
    printReport: "ReportId",
    releaseRma: "ReturnMaterial_Release",
    copyCustomer: "CopyExistingCustomer",
    copyCustomerParameters: {
      customerId: "CustomerId",
      newId: "NewId",
      newName: "NewName",
      newCategory: "NewCategory",
      associationNo: "AssociationNo",
    },
    orderDefault: null,
    lineDefault: null,
  },
  cancelReasons: {},
  singleOccurrence: {
    place: "array",
    header: { AddrFlagDb: true, DummySingleOccur: true },
    line: { AddrFlag: "Yes", DefaultAddrFlag: "No" },
    regularLine: { AddrFlag: "No", DefaultAddrFlag: "Yes" },
    otherAddressLine: { AddrFlag: "No", DefaultAddrFlag: "No" },
    // All unverified.
    billAddress: {},
    lineAddress: {
      name: "Addr1",
      address1: "Address1",
      address2: "Address2",
      zipCode: "ZipCode",
      city: "City",
      state: "State",
      county: "County",
      countryCode: "CountryCode",
    },
  },
  // A commercetools line id has 36 characters and no source tells the field's length; see line-reference.ts.
  lineReference: { field: "customerPoLineNo", maxLength: 20 },
  baseAmounts: { mode: "auto", companyCurrency: {}, rates: {} },
  finalLineStates: ["Delivered", "Invoiced", "Cancelled"],
  // Both unverified.
  openPurchaseStates: ["Released", "Confirmed", "Arrived"],
  openShopOrderStates: ["Planned", "Released", "Reserved", "Started", "PartiallyReceived"],
  activeMembers: ["true", "TRUE", "True", "Y", "Yes", "Active", "ActivePart", "ActiveSalesPart"],
  sourceRefType: "CustomerOrder",
  maxUrlLength: 4000,
};
