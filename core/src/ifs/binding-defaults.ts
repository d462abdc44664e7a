/**
 * The names the connector uses in an IFS tenant that nobody changed. A comment "unverified" marks names that no public
 * evidence confirms: the merchant's configuration (`ifs.binding`) overrides any of them, see docs/mapping.md.
 */

export type UrlGroup = "main" | "b2b" | "int";

/** Where a logical object lives in a tenant. */
export type ObjectBinding<F extends string = string> = {
  readonly projection: string;
  /** First part of the path: page projections live under `main`, integration projections under `int`. */
  readonly group: UrlGroup;
  /** Entity set, or function of a set, relative to the projection. */
  readonly set: string;
  readonly key: readonly NoInfer<F>[];
  /** Logical name -> IFS property; null for a property that the tenant does not have. */
  readonly fields: Readonly<Record<F, string | null>>;
  /** Logical name -> OData enum type, for those fields that stand in filters. */
  readonly enums: Readonly<Partial<Record<NoInfer<F>, string>>>;
  /** Ask only for the bound properties. Switch it off for projections that fail with `$select`. */
  readonly select: boolean;
  /** The endpoint honours `X-Ifs-Time-Zone-Aware-Request`; else its timestamps are digits of the site's own clock. */
  readonly timeZoneAware: boolean;
};

type ObjectDefaults<F extends string> = Pick<ObjectBinding<F>, "projection" | "set" | "key" | "fields"> &
  Partial<Pick<ObjectBinding<F>, "group" | "enums" | "select" | "timeZoneAware">>;

const object = <F extends string>(defaults: ObjectDefaults<F>): ObjectBinding<F> => ({
  ...defaults,
  group: defaults.group ?? "main",
  enums: defaults.enums ?? ({} as ObjectBinding<F>["enums"]),
  select: defaults.select ?? true,
  timeZoneAware: defaults.timeZoneAware ?? false,
});

export const objectDefaults = {
  order: object({
    projection: "CustomerOrderHandling",
    set: "CustomerOrderSet",
    key: ["orderNo"],
    fields: {
      orderNo: "OrderNo",
      contract: "Contract",
      orderId: "OrderId",
      authorizeCode: "AuthorizeCode",
      customerNo: "CustomerNo",
      currencyCode: "CurrencyCode",
      companyCurrencyCode: "CompanyCurrencyCode",
      customerPoNo: "CustomerPoNo",
      externalRef: "ExternalRef",
      internalRef: "InternalRef",
      custRef: "CustRef",
      wantedDeliveryDate: "WantedDeliveryDate",
      billAddrNo: "BillAddrNo",
      shipAddrNo: "ShipAddrNo",
      deliveryTerms: "DeliveryTerms",
      shipViaCode: "ShipViaCode",
      payTermId: "PayTermId",
      languageCode: "LanguageCode",
      noteText: "NoteText",
      usePriceInclTax: "UsePriceInclTax",
      taxLiability: "TaxLiability",
      blockedReason: "BlockedReason",
      cancelReason: "CancelReason",
      state: "Objstate",
    },
    // Type name unverified.
    enums: { state: "CustomerOrderState" },
  }),
  orderLine: object({
    projection: "CustomerOrderHandling",
    set: "CustomerOrderLineSet",
    key: ["orderNo", "lineNo", "relNo", "lineItemNo"],
    fields: {
      orderNo: "OrderNo",
      lineNo: "LineNo",
      relNo: "RelNo",
      lineItemNo: "LineItemNo",
      identity1: "Identity1",
      contract: "Contract",
      catalogNo: "CatalogNo",
      partNo: "PartNo",
      deliverToCustomerNo: "DeliverToCustomerNo",
      shipAddrNo: "ShipAddrNo",
      salesUnitMeas: "SalesUnitMeas",
      priceUnitMeas: "PriceUnitMeas",
      convFactor: "ConvFactor",
      priceConvFactor: "PriceConvFactor",
      buyQtyDue: "BuyQtyDue",
      desiredQty: "DesiredQty",
      revisedQtyDue: "RevisedQtyDue",
      wantedDeliveryDate: "WantedDeliveryDate",
      plannedDeliveryDate: "PlannedDeliveryDate",
      targetDate: "TargetDate",
      promisedDeliveryDate: "PromisedDeliveryDate",
      saleUnitPrice: "SaleUnitPrice",
      unitPriceInclTax: "UnitPriceInclTax",
      baseSaleUnitPrice: "BaseSaleUnitPrice",
      baseUnitPriceInclTax: "BaseUnitPriceInclTax",
      currencyRate: "CurrencyRate",
      discount: "Discount",
      taxCode: "TaxCode",
      taxLiability: "TaxLiability",
      noteText: "NoteText",
      customerPoLineNo: "CustomerPoLineNo",
      qtyAssigned: "QtyAssigned",
      qtyPicked: "QtyPicked",
      qtyShipped: "QtyShipped",
      qtyShipdiff: "QtyShipdiff",
      qtyInvoiced: "QtyInvoiced",
      netAmountCurr: "NetAmountCurr",
      taxAmountCurr: "TaxAmountCurr",
      grossAmountCurr: "GrossAmountCurr",
      state: "Objstate",
    },
    // Type name unverified.
    enums: { state: "CustomerOrderLineState" },
  }),
  orderCharge: object({
    projection: "CustomerOrderHandling",
    // Read as a child of the order; no flat set of charges is known.
    set: "CustomerOrderChargeArray",
    key: ["orderNo", "sequenceNo"],
    fields: {
      orderNo: "OrderNo",
      sequenceNo: "SequenceNo",
      contract: "Contract",
      company: "Company",
      chargeType: "ChargeType",
      chargeAmount: "ChargeAmount",
      chargeAmountInclTax: "ChargeAmountInclTax",
      baseChargeAmount: "BaseChargeAmount",
      baseChargeAmtInclTax: "BaseChargeAmtInclTax",
      chargedQty: "ChargedQty",
      currencyRate: "CurrencyRate",
      deliveryAddress: "DeliveryAddress",
      taxCode: "TaxCode",
      netAmountCurr: "NetAmtCurr",
      taxAmountCurr: "TaxAmountCurrency",
      grossAmountCurr: "GrossAmtCurr",
    },
  }),
  /** The one-time delivery address of an order. Array and field names unverified. */
  orderAddress: object({
    projection: "CustomerOrderHandling",
    set: "CustomerOrderAddressArray",
    key: ["orderNo"],
    fields: {
      orderNo: "OrderNo",
      name: "Addr1",
      address1: "Address1",
      address2: "Address2",
      zipCode: "ZipCode",
      city: "City",
      state: "State",
      county: "County",
      countryCode: "CountryCode",
    },
  }),
  stock: object({
    projection: "InventoryPartInStockHandling",
    set: "InventoryPartInStockSet",
    key: [
      "contract",
      "partNo",
      "configurationId",
      "locationNo",
      "lotBatchNo",
      "serialNo",
      "engChgLevel",
      "waivDevRejNo",
      "activitySeq",
      "handlingUnitId",
    ],
    fields: {
      contract: "Contract",
      partNo: "PartNo",
      configurationId: "ConfigurationId",
      locationNo: "LocationNo",
      lotBatchNo: "LotBatchNo",
      serialNo: "SerialNo",
      engChgLevel: "EngChgLevel",
      waivDevRejNo: "WaivDevRejNo",
      activitySeq: "ActivitySeq",
      handlingUnitId: "HandlingUnitId",
      qtyOnhand: "QtyOnhand",
      qtyReserved: "QtyReserved",
      warehouse: "Warehouse",
      locationType: "LocationTypeDb",
      availabilityControlId: "AvailabilityControlId",
      frozen: "FreezeFlagDb",
      partOwnership: "PartOwnershipDb",
      projectId: "ProjectId",
      expirationDate: "ExpirationDate",
      lastActivityDate: "LastActivityDate",
    },
  }),
  /** Order lines read across orders by site and part. */
  openDemand: object({
    projection: "CustomerOrderHandling",
    set: "CustomerOrderLineSet",
    key: ["orderNo", "lineNo", "relNo", "lineItemNo"],
    fields: {
      orderNo: "OrderNo",
      lineNo: "LineNo",
      relNo: "RelNo",
      lineItemNo: "LineItemNo",
      contract: "Contract",
      partNo: "PartNo",
      revisedQtyDue: "RevisedQtyDue",
      qtyAssigned: "QtyAssigned",
      qtyShipped: "QtyShipped",
      qtyShipdiff: "QtyShipdiff",
      noteText: "NoteText",
      customerPoLineNo: "CustomerPoLineNo",
      state: "Objstate",
    },
    // Type name unverified.
    enums: { state: "CustomerOrderLineState" },
  }),
  salesPart: object({
    projection: "SalesPartHandling",
    set: "SalesPartSet",
    key: ["contract", "catalogNo"],
    fields: {
      contract: "Contract",
      catalogNo: "CatalogNo",
      description: "CatalogDesc",
      partNo: "PartNo",
      active: "Activeind",
      salesUnitMeas: "SalesUnitMeas",
      unitMeas: "UnitMeas",
      convFactor: "ConvFactor",
      invertedConvFactor: "InvertedConvFactor",
      priceUnitMeas: "PriceUnitMeas",
      priceConvFactor: "PriceConvFactor",
    },
  }),
  /** Projection and set unverified. */
  priceListPart: object({
    projection: "SalesPriceListHandling",
    set: "SalesPriceListPartSet",
    key: ["priceListNo", "catalogNo", "minQuantity", "validFromDate"],
    fields: {
      priceListNo: "PriceListNo",
      catalogNo: "CatalogNo",
      minQuantity: "MinQuantity",
      validFromDate: "ValidFromDate",
      validToDate: "ValidToDate",
      salesPrice: "SalesPrice",
      salesPriceInclTax: "SalesPriceInclTax",
    },
  }),
  shipment: object({
    projection: "ShipmentHandling",
    set: "ShipmentSet",
    key: ["shipmentId"],
    fields: {
      shipmentId: "ShipmentId",
      state: "Objstate",
      contract: "Contract",
      // The next three are unverified.
      actualShipDate: "ActualShipDate",
      forwardAgentId: "ForwardAgentId",
      trackingNumber: "ConsignmentNoteId",
    },
    enums: { state: "ShipmentState" },
  }),
  shipmentLine: object({
    projection: "ShipmentHandling",
    set: "ShipmentLineSet",
    key: ["shipmentId", "shipmentLineNo"],
    fields: {
      shipmentId: "ShipmentId",
      shipmentLineNo: "ShipmentLineNo",
      sourceRefType: "SourceRefType",
      // Which reference is what is unverified.
      orderNo: "SourceRef1",
      lineNo: "SourceRef2",
      relNo: "SourceRef3",
      lineItemNo: "SourceRef4",
      inventoryQty: "InventoryQty",
      // Unverified.
      qtyShipped: "QtyShipped",
    },
  }),
  invoice: object({
    projection: "ArCustomerInvoicesAnalysis",
    set: "Reference_InvoiceLedgerItemCu",
    // Unverified; bind the key that $metadata names.
    key: ["company", "invoiceNo"],
    fields: {
      invoiceNo: "InvoiceNo",
      company: "Company",
      customerNo: "Identity",
      currencyCode: "Currency",
      invoiceDate: "InvoiceDate",
      invoiceAmount: "InvoiceAmount",
      openAmount: "OpenAmount",
    },
  }),
  site: object({
    projection: "SitesHandling",
    set: "Reference_CompanySite",
    key: ["contract"],
    fields: { contract: "Contract", company: "Company" },
  }),
};

/** Member of an OData enumeration -> logical state of domain/ifs-records.ts. */
export const orderStateDefaults: Readonly<Record<string, string | null>> = {
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

export const shipmentStateDefaults: Readonly<Record<string, string | null>> = {
  Preliminary: "Preliminary",
  // The next three are unverified.
  Completed: "Completed",
  Closed: "Closed",
  Cancelled: "Cancelled",
};

export type Constants = Readonly<Record<string, string | number | boolean | null>>;

/** Values that the web page would fill in and the API does not, by IFS property. */
export const orderConstants: Constants = { IsNewCustomer: false };

/**
 * What a line needs besides what the order says: the body of a known client, without its mistakes. `CurrencyRate` is not a
 * constant (1 is wrong in every other currency). `Cost` is sent because tenants refuse lines without it; zero claims
 * nothing, and IFS costs the delivery from the part. A tenant that fills it in removes it here (null).
 */
export const lineConstants: Constants = {
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

export const inventoryLineConstants: Constants = {
  CatalogType: "InventoryPart",
  // Unverified.
  SupplyCode: "InventOrder",
};

/** Members unverified. */
export const nonInventoryLineConstants: Constants = { CatalogType: "NonInventoryPart", SupplyCode: "NonInventory" };

export const chargeConstants: Constants = {
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
