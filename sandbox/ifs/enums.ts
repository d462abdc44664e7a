import type { IfsSettings } from "./settings.ts";

/** Members of each enumeration as they appear in JSON. Those that no public source names are settings or plausible. */
export function enumMembers(settings: IfsSettings): Record<string, readonly string[]> {
  return {
    ...fixed,
    OrderSupplyType: [
      settings.supplyFromStockMember,
      "NonInventory",
      "PurchOrderDirect",
      "PurchOrderTransit",
      "ShopOrder",
    ],
    PriceFreeze: [settings.priceFreezeFreeMember, settings.priceFreezeFrozenMember],
  };
}

const orderStates = ["Planned", "Released", "Blocked", "Reserved", "Picked", "PartiallyDelivered", "Delivered"];

const returnStates = ["Planned", "Released", "PartiallyReceived", "Received", "ReturnCompleted", "Denied", "Cancelled"];

const fixed: Record<string, readonly string[]> = {
  FndBoolean: ["False", "True"],
  CustomerOrderState: [...orderStates, "Invoiced", "Cancelled"],
  CustomerOrderLineState: [...orderStates.filter((state) => state !== "Blocked"), "Invoiced", "Cancelled"],
  ExternalTaxCalcMethod: ["NotUsed", "AvalaraSalesTax", "VertexSalesTaxQSeries"],
  SalesPartType: ["InventoryPart", "NonInventoryPart", "PackagePart"],
  PricingSource: ["SalesPart", "PriceList", "Agreement", "Campaign", "Manual"],
  GenYesNo: ["Yes", "No"],
  RelPlanning: ["NotReleased", "Released"],
  ConsignmentStock: ["NoConsignmentStock", "ConsignmentStock"],
  ChargedItem: ["ChargedItem", "ItemNotCharged"],
  StagedBilling: ["NotStagedBilling", "StagedBilling"],
  ServiceConnection: ["NotConnected", "Connected"],
  CreateSmObject: ["DoNotCreateSMObject", "CreateSMObject"],
  ActiveSalesPart: ["ActivePart", "InactivePart"],
  InventoryPartType: ["Purchased", "Manufactured", "PurchasedRaw"],
  MaterialRequisSupply: ["InventoryOrder", "PurchaseOrder"],
  CustomerCategory: ["Customer", "Prospect", "EndCustomer"],
  PartyType: ["Customer", "Company", "Supplier", "Person"],
  IdentifierRefValidation: ["None", "EU"],
  AddressTypeCode: ["Delivery", "Document", "Pay", "PrimaryContact", "Visit"],
  CustomerBackorderOption: ["AllowWithBackorderDate", "NoPartialDeliveriesAllowed", "IncompleteLinesNotAllowed"],
  PurchaseOrderLineState: ["Planned", "Released", "Confirmed", "Arrived", "Received", "Closed", "Cancelled"],
  ShipmentState: ["Preliminary", "Completed", "Closed", "Cancelled"],
  LogisticsSourceRefType: ["CustomerOrder", "PurchaseReturn", "ShipmentOrder"],
  InvoiceState: ["Preliminary", "PostedAuth", "PaidPosted", "Cancelled"],
  ReturnMaterialState: returnStates,
  ReturnMaterialLineState: returnStates,
  Lookup_IsoCountry: "AT BE CH CZ DE DK EE ES FI FR GB IE IT LT LU LV NL NO PL PT SE US".split(" "),
  HistoryType: ["Insert", "Modify", "Delete"],
};
