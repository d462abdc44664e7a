import { defineTable } from "../schema.ts";

export const shipment = defineTable({
  name: "Shipment",
  keys: ["ShipmentId"],
  indexes: ["ShipmentId", "Contract", "ReceiverId"],
  dayIndexes: ["ActualShipDate"],
  siteColumn: "Contract",
  columns: `
  ShipmentId num, Objstate enum ShipmentState, Contract str 5, ReceiverId str 20, ReceiverAddressId str 50,
  ReceiverAddressName str 100, PlannedShipDate ts, ActualShipDate ts, CreatedDate ts, ShipInventoryLocationNo str 35,
  ForwardAgentId str 20, ConsignmentNoteId str 50, AirwayBillNo str 50, ProNo str 50, ShipViaCode str 3,
  DeliveryTerms str 5,
`,
});

export const shipmentLine = defineTable({
  name: "ShipmentLine",
  keys: ["ShipmentId", "ShipmentLineNo"],
  indexes: ["ShipmentId", "SourceRef1"],
  siteColumn: "Contract",
  columns: `
  ShipmentId num, ShipmentLineNo num, Contract str 5, SourceRefType enum LogisticsSourceRefType, SourceRef1 str 50,
  SourceRef2 str 50, SourceRef3 str 50, SourceRef4 str 50, SourcePartNo str 25, SourcePartDescription str 200,
  InventoryPartNo str 25, InventoryQty num, QtyAssigned num, QtyPicked num, QtyToReserve num, QtyShipped num,
  SourceUnitMeas str 10, ConnectedSourceQty num,
`,
});

/** The ledger's view of customer invoices; it does not know the order (see `OrderNo`, which is not served). */
export const ledgerInvoice = defineTable({
  name: "InvoiceLedgerItemCu",
  keys: ["Company", "InvoiceId"],
  indexes: ["InvoiceNo", "Identity", "OrderNo"],
  dayIndexes: ["InvoiceDate"],
  companyColumn: "Company",
  columns: `
  Company str 20, InvoiceId num, InvoiceNo str 50, Objstate enum InvoiceState, Currency str 3, InvoiceDate date,
  PayTermId str 20, InvoiceAmount num, OpenAmount num, Identity str 20, DueDate date, OrderNo str 12,
`,
});

export const returnMaterial = defineTable({
  name: "ReturnMaterial",
  keys: ["RmaNo"],
  indexes: ["RmaNo", "CustomerNo"],
  siteColumn: "Contract",
  companyColumn: "Company",
  columns: `
  RmaNo num, Contract str 5, Company str 20, CustomerNo str 20, CurrencyCode str 3, ReturnApproverId str 20,
  DateRequested ts, Objstate enum ReturnMaterialState, NoteText str 2000, ReturnReasonCode str 10, CustomerPoNo str 50,
`,
});

/** Quantities in sales units; the order line's QtyReturned is in inventory units. */
export const returnMaterialLine = defineTable({
  name: "ReturnMaterialLine",
  keys: ["RmaNo", "RmaLineNo"],
  indexes: ["RmaNo", "OrderNo"],
  siteColumn: "Contract",
  companyColumn: "Company",
  columns: `
  RmaNo num, RmaLineNo num, OrderNo str 12, LineNo str 4, RelNo str 4, LineItemNo num, Contract str 5, Company str 20,
  CatalogNo str 25, ConfigurationId str 50, QtyToReturn num, QtyReceived num, QtyScrapped num, ReturnReasonCode str 10,
  SaleUnitPrice num, PriceConvFactor num, DateReturned date, DebitInvoiceNo str 50, CreditInvoiceNo str 50,
  QtyCredited num,
  Objstate enum ReturnMaterialLineState,
`,
});
