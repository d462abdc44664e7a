import { defineTable } from "../schema.ts";

export const company = defineTable({
  name: "Company",
  keys: ["Company"],
  companyColumn: "Company",
  columns: "Company str 20, Name str 100, CurrencyCode str 3, Country str 2",
});

export const companySite = defineTable({
  name: "CompanySite",
  keys: ["Contract"],
  siteColumn: "Contract",
  companyColumn: "Company",
  columns: "Contract str 5, Description str 200, Company str 20, DefaultWarehouse str 15, TimeZone str 60",
});

export const paymentTerm = defineTable({
  name: "PaymentTerm",
  keys: ["Company", "PayTermId"],
  companyColumn: "Company",
  columns: "Company str 20, PayTermId str 20, Description str 100, DaysToDue num",
});

export const orderDeliveryTerm = defineTable({
  name: "OrderDeliveryTerm",
  keys: ["DeliveryTerms"],
  columns: "DeliveryTerms str 5, Description str 35",
});

export const shipVia = defineTable({
  name: "MpccomShipVia",
  keys: ["ShipViaCode"],
  columns: "ShipViaCode str 3, Description str 35",
});

/** `RunsTo`: how far the flow goes by itself after the release: RESERVE, PICK, DELIVER or INVOICE; empty = it waits. */
export const orderType = defineTable({
  name: "CustOrderType",
  keys: ["OrderId"],
  columns: "OrderId str 10, Description str 35, OnlineProcessing bool, RunsTo str 10, Prepayment bool",
});

export const coordinator = defineTable({
  name: "OrderCoordinator",
  keys: ["AuthorizeCode"],
  columns: "AuthorizeCode str 20, Name str 100",
});

export const salesman = defineTable({
  name: "SalesPartSalesman",
  keys: ["SalesmanCode"],
  columns: "SalesmanCode str 20, Name str 100, Phone str 50",
});

/** Charges are declared per site. `Kind` tells the model which way the amount of a discount counts. */
export const chargeType = defineTable({
  name: "SalesChargeType",
  keys: ["Contract", "ChargeType"],
  siteColumn: "Contract",
  columns:
    "Contract str 5, ChargeType str 25, ChargeTypeDesc str 35, ChargeGroup str 25, TaxCode str 20, Taxable bool, Kind str 20",
});

export const taxCode = defineTable({
  name: "StatutoryFee",
  keys: ["Company", "FeeCode"],
  companyColumn: "Company",
  columns: "Company str 20, FeeCode str 20, Description str 100, FeeRate num",
});

export const currencyRate = defineTable({
  name: "CurrencyRate",
  keys: ["Company", "CurrencyCode", "ValidFrom"],
  companyColumn: "Company",
  columns: "Company str 20, CurrencyCode str 3, ValidFrom date, CurrencyRate num",
});

export const cancelReason = defineTable({
  name: "OrderCancelReason",
  keys: ["CancelReason"],
  columns: "CancelReason str 10, Description str 100",
});

export const forwarder = defineTable({
  name: "ForwarderInfo",
  keys: ["ForwarderId"],
  columns: "ForwarderId str 20, Name str 100",
});

export const returnReason = defineTable({
  name: "ReturnMaterialReason",
  keys: ["ReturnReasonCode"],
  columns: "ReturnReasonCode str 10, Description str 100",
});
