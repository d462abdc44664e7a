import { describe, expect, test } from "vitest";
import { type BoundObject, type ObjectName, resolveBinding } from "./binding.ts";
import { objectDefaults } from "./binding-defaults.ts";

const objects = Object.entries(objectDefaults) as [ObjectName, BoundObject][];

/** What the tenant is asked for, and how sure it is that a tenant has it: the page for whoever compares it with another source. */
test("where each logical object lives, its key, and how sure that is", () => {
  const lines = objects.map(([name, { projection, set, parent, key, fields, confidence, optional }]) => {
    const path = parent === null ? set : `${parent}/${set}`;
    const sure = optional ? `${confidence}, optional` : confidence;
    return `${name}: ${projection}/${path}(${key.map((field) => fields[field]).join(",")}) ${sure}`;
  });
  expect(lines).toEqual([
    "order: CustomerOrderHandling/CustomerOrderSet(OrderNo) seen",
    "orderTotals: CustomerOrdersHandling/CustomerOrderSet(OrderNo) seen, optional",
    "orderLine: CustomerOrderHandling/CustomerOrderLineSet(OrderNo,LineNo,RelNo,LineItemNo) seen",
    "orderCharge: CustomerOrderHandling/order/CustomerOrderChargeArray(OrderNo,SequenceNo) seen",
    "orderAddress: CustomerOrderHandling/order/CustomerOrderAddressArray(OrderNo) unverified",
    "openDemand: CustomerOrderHandling/CustomerOrderLineSet(OrderNo,LineNo,RelNo,LineItemNo) seen",
    "stock: InventoryPartInStockHandling/InventoryPartInStockSet(Contract,PartNo,ConfigurationId,LocationNo,LotBatchNo,SerialNo,EngChgLevel,WaivDevRejNo,ActivitySeq,HandlingUnitId) seen",
    "salesPart: SalesPartHandling/SalesPartSet(Contract,CatalogNo) seen",
    "packageComponent: PackagePartHandling/SalesPartPackageSet(Contract,ParentPart,LineItemNo) unverified, optional",
    "purchaseOrderLine: PurchaseOrderHandling/PurchaseOrderLineSet(OrderNo,LineNo,ReleaseNo) unverified, optional",
    "shopOrder: ShopOrderHandling/ShopOrdSet(OrderNo,ReleaseNo,SequenceNo) unverified, optional",
    "inventoryPart: InventoryPartHandling/InventoryPartSet(Contract,PartNo) seen",
    "priceList: SalesPriceListHandling/SalesPriceListSet(PriceListNo) unverified",
    "priceListPart: SalesPriceListHandling/SalesPriceListPartSet(PriceListNo,CatalogNo,MinQuantity,ValidFromDate,MinDuration) unverified",
    "shipment: ShipmentHandling/ShipmentSet(ShipmentId) seen",
    "shipmentLine: ShipmentHandling/ShipmentLineSet(ShipmentId,ShipmentLineNo) seen",
    "customer: CustomerHandling/CustomerInfoSet(CustomerId) seen",
    "customerAddress: CustomerHandling/customer/CustomerInfoAddresses(CustomerId,AddressId) seen",
    "customerAddressType: CustomerHandling/customerAddress/AddressTypes(CustomerId,AddressId,AddressTypeCode) unverified, optional",
    "customerCommMethod: CustomerHandling/customer/CommunicationMethods(CommId) unverified, optional",
    "customerSales: CustomerHandling/CustOrdCustomerSet(CustomerNo) unverified, optional",
    "customerInvoice: CustomerHandling/customer/CustomerInvoiceCompanies(Company,Identity) unverified, optional",
    "customerCredit: CustomerHandling/customer/CustomerCreditInfoArray(Company,Identity) unverified, optional",
    "invoice: ArCustomerInvoicesAnalysis/Reference_InvoiceLedgerItemCu(Company,InvoiceNo) seen",
    "rma: ReturnMaterialHandling/ReturnMaterialSet(RmaNo) unverified",
    "rmaLine: ReturnMaterialHandling/ReturnMaterialLineSet(RmaNo,RmaLineNo) unverified",
    "historyLog: HistoryLogHandling/HistoryLogOverviewSet(LogId) seen, optional",
    "historyLogAttribute: HistoryLogHandling/historyLog/HistoryLogAttributeArray(LogId,ColumnName) seen, optional",
    "site: SitesHandling/Reference_CompanySite(Contract) seen",
    "paymentTerm: PaymentTermsHandling/PaymentTermSet(Company,PayTermId) seen, optional",
    "deliveryTerm: CustomerHandling/Reference_OrderDeliveryTermLov(DeliveryTerms) seen, optional",
    "projections: AllProjections/Projections(ProjectionName) documented, optional",
  ]);
});

describe.each(objects)("%s", (_name, { projection, group, key, fields, enums, parent, ...facts }) => {
  test("every name it uses is one of its fields", () => {
    const known = Object.keys(fields);
    const used = [...key, ...Object.keys(enums), ...facts.optionalFields, ...facts.unverifiedFields];
    expect(used.filter((field) => !known.includes(field))).toEqual([]);
    expect(new Set(facts.optionalFields).size).toBe(facts.optionalFields.length);
  });

  test("a field is without a property only where the connector works without it", () => {
    const unbound = Object.keys(fields).filter((field) => fields[field] === null);
    expect(unbound.filter((field) => !facts.optionalFields.includes(field))).toEqual([]);
  });

  test("an array lives where its parent does", () => {
    if (parent === null) return;
    expect(objectDefaults[parent as ObjectName]).toMatchObject({ projection, group });
  });
});

test("the defaults are a binding", () => {
  const resolved = resolveBinding({});
  expect(resolved.ok && Object.keys(objectDefaults).every((name) => name in resolved.value)).toBe(true);
});
