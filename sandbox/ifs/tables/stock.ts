import { defineTable } from "../schema.ts";

/** One row per part, place, lot and handling unit. `*` stands for an empty text part of the key, 0 for an empty number. */
export const inventoryPartInStock = defineTable({
  name: "InventoryPartInStock",
  keys: [
    "Contract",
    "PartNo",
    "ConfigurationId",
    "LocationNo",
    "LotBatchNo",
    "SerialNo",
    "EngChgLevel",
    "WaivDevRejNo",
    "ActivitySeq",
    "HandlingUnitId",
  ],
  indexes: ["PartNo", "LocationNo", "Contract"],
  dayIndexes: ["LastActivityDate"],
  siteColumn: "Contract",
  companyColumn: "Company",
  columns: `
  Contract str 5, PartNo str 25, ConfigurationId str 50, LocationNo str 35, LotBatchNo str 20, SerialNo str 50,
  EngChgLevel str 6, WaivDevRejNo str 15, ActivitySeq num, HandlingUnitId num,
  QtyOnhand num, QtyReserved num, QtyInTransit num, AvailableQty num, AvailableQtytoMove num, CatchQtyOnhand num,
  CatchQtyInTransit num, CountVariance num, UnifiedOnHandQty num, UnifiedReservedQty num, UnifiedQtyinTransit num,
  UnifiedCatchOnHandQty num, UnifiedCatchQtyinTransit num,
  UoM str, CatchUoM str, UnifiedUoM str, UnifiedCatchUoM str,
  Company str 20, Warehouse str, BayNo str, RowNo str, TierNo str, BinNo str, LocationDescription str,
  LocationTypeDb str 30,
  AvailabilityControlId str, FreezeFlagDb bool, ExpirationDate date, ConditionCode str, OperationalCondition str,
  PartOwnershipDb str, Owner str, OwnerName str, OwningCustomerNo str, OwningVendorNo str, RotablePartPoolId str,
  LastActivityDate ts, ReceiptDate ts, CreateDate date, LastCountDate date,
  PartNoDesc str, InvPartBarcodeExist flag, Source str,
  HandlingUnitTypeId str, PartHandlingUnitTypeId str, StructureLevel num, TopParentHandlingUnitId num,
  TopParentHandlingUnitTypeId str, TopParentSscc str, TopParentAltHandlingUnitLabelId str,
  ProjectId str, ProjectName str, ProgramId str, ProgramDescription str, SubProjectId str,
  SubProjectDescription str, ActivityNo str, ActivityDescription str,
  UnitCost num, TotalInventoryValue num, BaseCurr str, AvgUnitTransitCost num, PartAcquisitionValue num,
  TotalAcquisitionValue num, AcquisitionCurrency str,
`,
});

/** What ties reserved or picked stock to an order line; the page's own table, not served. */
export const reservation = defineTable({
  name: "CustomerOrderReservation",
  keys: ["ReservationId"],
  indexes: ["OrderNo"],
  columns: `
  ReservationId num, OrderNo str 12, LineNo str 4, RelNo str 4, LineItemNo num, StockKey str 4000, QtyAssigned num,
  QtyPicked num, ShipmentId num,
`,
});

export const inventoryLocation = defineTable({
  name: "InventoryLocation",
  keys: ["Contract", "LocationNo"],
  siteColumn: "Contract",
  columns: `
  Contract str 5, LocationNo str 35, LocationName str 200, Warehouse str 15, LocationTypeDb str 30,
`,
});

export const warehouse = defineTable({
  name: "Warehouse",
  keys: ["Contract", "WarehouseId"],
  siteColumn: "Contract",
  columns: `
  WarehouseId str 15, Description str 200, Contract str 5,
`,
});

/** Goods on their way from suppliers, a row per release of a line. Entered by whoever needs some: nobody buys in the sandbox. */
export const purchaseOrderLine = defineTable({
  name: "PurchaseOrderLine",
  keys: ["OrderNo", "LineNo", "ReleaseNo"],
  indexes: ["PartNo", "Contract"],
  siteColumn: "Contract",
  columns: `
  OrderNo str 12, LineNo str 4, ReleaseNo str 4, Contract str 5, PartNo str 25, Description str 200,
  BuyQtyDue num, DueInStores num, PlannedReceiptDate ts, PlannedDeliveryDate ts, WantedDeliveryDate ts,
  Objstate enum PurchaseOrderLineState,
`,
});
