import { defineTable } from "../schema.ts";

export const salesPart = defineTable({
  name: "SalesPart",
  keys: ["Contract", "CatalogNo"],
  indexes: ["CatalogNo", "PartNo", "Contract"],
  siteColumn: "Contract",
  companyColumn: "Company",
  columns: `
  Contract str 5, CatalogNo str 25, CatalogDesc str 200, PartNo str 25, CatalogGroup str 10, SalesPriceGroupId str 10,
  NoteId num, SalesUnitMeas str 10, ConvFactor num, InvertedConvFactor num, PriceUnitMeas str 10, PriceConvFactor num,
  UnitMeas str 10, ListPrice num, ListPriceInclTax num, RentalListPrice num, RentalListPriceInclTax num,
  CurrencyCode str 3, TaxCode str 20, Taxable bool, UsePriceInclTax bool, TaxManufEquivalent num, CloseTolerance num,
  ExternalTaxCalcMethod enum ExternalTaxCalcMethod, CurrDate date,
  SourcingOption str 30, SalesType str 30, StatisticalCode str 30, Activeind enum ActiveSalesPart, CatalogTypeDb str 20,
  ExportToExternalApp bool, CreateSmObjectOption enum CreateSmObject, CustomerWarranty bool, PrimaryCatalog str 5,
  DateEntered date, Configurable bool, QuickRegisteredPart str 5, DocumentText bool, InventoryPartDesc str 200,
  Company str 20, NoteText str 2000, RuleId str 10, Gtin str 14,
`,
});

export const inventoryPart = defineTable({
  name: "InventoryPart",
  keys: ["Contract", "PartNo"],
  indexes: ["PartNo", "Contract"],
  siteColumn: "Contract",
  columns: `
  Contract str 5, PartNo str 25, Description str 200, UnitMeas str 10, CatchUnitMeas str 10, PartStatus str 1,
  TypeCode enum InventoryPartType, SupplyCode enum MaterialRequisSupply, PlannerBuyer str 20, PrimeCommodity str 5,
  SecondCommodity str 5, AccountingGroup str 5, AssetClass str 2, PartProductCode str 5, PartProductFamily str 5,
  HazardCode str 6, CountryOfOrigin str 2, RegionOfOrigin str 10, CustomsStatNo str 15, IntrastatConvFactor num,
  ExpectedLeadtime num, ManufLeadtime num, PurchLeadtime num, LeadTimeCode str 30, DurabilityDay num,
  MinDurabDaysCoDeliv num, MinDurabDaysPlanning num, LifecycleStage str 30, AbcClass str 1, CycleCode str 30,
  CyclePeriod num, NegativeOnHand str 30, StockManagement str 30, QtyCalcRounding num, TypeDesignation str 25,
  DimQuality str 25, NoteText str 2000,
`,
});

export const partCatalog = defineTable({
  name: "PartCatalog",
  keys: ["PartNo"],
  columns: `
  PartNo str 25, Description str 200, UnitCode str 10, WeightNet num, UomForWeightNet str 10, VolumeNet num,
  UomForVolumeNet str 10, FreightFactor num, PartMainGroup str 20, InfoText str 2000, Configurable str 30,
  SerialTrackingCode str 30, LotTrackingCode str 30,
`,
});

export const salesPriceList = defineTable({
  name: "SalesPriceList",
  keys: ["PriceListNo"],
  companyColumn: "OwningCompany",
  columns: `
  PriceListNo str 10, Description str 35, CurrencyCode str 3, SalesPriceGroupId str 10, ValidToDate date,
  OwningCompany str 20, CustPriceGroupId str 10, UsePriceInclTax bool, ActivePriceList bool,
`,
});

export const salesPriceListPart = defineTable({
  name: "SalesPriceListPart",
  keys: ["PriceListNo", "CatalogNo", "MinQuantity", "ValidFromDate", "MinDuration"],
  indexes: ["PriceListNo", "CatalogNo"],
  companyColumn: "OwningCompany",
  columns: `
  PriceListNo str 10, CatalogNo str 25, MinQuantity num, ValidFromDate date, MinDuration num, ValidToDate date,
  BasePrice num, SalesPrice num, SalesPriceInclTax num, Discount num, DiscountType str 25, Rounding num,
  PriceBreakTemplateId str 10, LastUpdated date, OwningCompany str 20,
`,
});

/** Work rows of the price query page: each create computes one, all stay until they are cleaned. */
export const priceQuery = defineTable({
  name: "PriceQuery",
  keys: ["PriceQueryId"],
  indexes: ["Creator"],
  siteColumn: "Contract",
  columns: `
  PriceQueryId num, CatalogNo str 25, SalesQty num, PriceQty num, CustomerNo str 20, Contract str 5, CurrencyCode str 3,
  UsePriceInclTax bool, UsePriceInclTaxDb bool, PriceEffectiveDate date, SaleUnitPrice num, BaseSaleUnitPrice num,
  NetPrice num, BaseNetPrice num, NetPriceInclAccDisc num, BaseNetPriceInclAcDsc num, AccDiscount num,
  AccDiscountAmount num, BaseAccDiscountAmount num, GroupDiscount num, GroupDiscountAmount num,
  BaseGroupDiscountAmount num, AdditionalDiscount num, AddDiscountAmount num, BaseAddDiscountAmount num,
  TotalDiscount num, TotalAmount num, BaseTotalAmount num, PriceSource enum PricingSource, PriceSourceId str 25,
  PriceSourceNetPrice bool, PriceFreeze bool, AgreementId str 10, PartLevel str 30, PartLevelId str 30,
  CustomerLevel str 30, CustomerLevelId str 30, RebateAgreement bool, PriceTree str 30, HierarchyId str 10,
  HierarchyLevelNo str 10, SourceRef1 str 50, SourceRef2 str 50, SourceRef3 str 50, SourceRef4 num,
  Company str 20, BaseCurrencyCode str 3, CustomerPartNo str 45, ConditionCode str 10, Source str 30, Creator str 30,
`,
});
