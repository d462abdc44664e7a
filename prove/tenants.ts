/**
 * The kinds of tenants that exist, and what a merchant writes into the configuration for each. Nothing else tells the connector
 * which kind it has before it.
 */
import { type IfsProfile, ifsProfile, ifsProfiles } from "../sandbox/profiles.ts";

export type Tenant = {
  readonly name: string;
  readonly profile: IfsProfile;
  /** Over sandbox/connector-config.yaml: objects are merged, everything else is replaced. */
  readonly configuration: Readonly<Record<string, unknown>>;
};

const orderProjection = { projection: "CCustomerOrderHandling" };

const renamed = {
  ifs: {
    binding: {
      order: {
        ...orderProjection,
        fields: { externalRef: "Cf_Shop_Order_Id", internalRef: "CInternalRef", internalPoNo: null },
      },
      orderLine: {
        ...orderProjection,
        set: "OrderLines",
        fields: { customerPoLineNo: "Cf_Shop_Line_Id", qtyAssigned: "QtyReserved", invoiceNo: "Cf_Invoice_No" },
      },
      linesArray: "CLinesArray",
      orderCharge: {
        set: "CChargesArray",
        fields: { intrastatExempt: "IntrastatExemptDb", unitCharge: "UnitChargeDb" },
      },
      orderAddress: { set: "OneTimeAddressArray", fields: { name: "Name" } },
      openDemand: {
        ...orderProjection,
        set: "OrderLines",
        fields: { qtyAssigned: "QtyReserved", customerPoLineNo: "Cf_Shop_Line_Id" },
      },
      constants: { orderLine: { PriceFreeze: "FrozenPrice" }, inventoryLine: { SupplyCode: "InvOrder" } },
      // A filter must not name members that the tenant's enumeration lacks.
      states: {
        order: { Blocked: null, Invoiced: null, InvoicedClosed: "Invoiced" },
        orderLine: { CreditBlocked: null, Invoiced: null, InvoicedClosed: "Invoiced" },
        shipment: { Completed: null, Shipped: "Completed" },
        rma: { ReturnCompleted: null, Completed: "ReturnCompleted" },
      },
      actions: {
        release: "CustomerOrder_SetReleased",
        cancel: "CustomerOrder_SetCancelled",
        cancelLine: "CustomerOrderLine_SetCancelled",
      },
      stock: {
        projection: "CStockHandling",
        set: "CStockSet",
        fields: { qtyOnhand: "QtyOnHand", frozen: "FreezeFlag" },
      },
      salesPart: { fields: { exportToExternalApp: "Cf_Publish_To_Web" } },
      priceList: { projection: "SalesPriceListsHandling" },
      priceListPart: {
        projection: "SalesPriceListsHandling",
        set: "Reference_SalesPriceListPart",
        fields: { salesPrice: "SalesUnitPrice" },
      },
      shipment: { fields: { shipmentId: "CShipmentId", trackingNumber: "Cf_Tracking_Number" } },
      shipmentLine: { fields: { shipmentId: "CShipmentId", qtyShipped: "ShippedQty" } },
      invoice: { fields: { openAmount: "RemainingAmount" } },
      rma: { projection: "RmaHandling", set: "RmaSet" },
      rmaLine: { projection: "RmaHandling" },
      rmaLinesArray: "RmaLinesArray",
    },
  },
};

const noChangeSets = {
  ifs: {
    changeSets: "never",
    binding: {
      actions: { cancelReason: null },
      openDemand: {
        projection: "CustomerOrderLinesHandling",
        set: "CustomerOrderJoinSet",
        fields: { noteText: null },
      },
      singleOccurrence: { place: "header" },
      orderAddress: {
        fields: {
          name: "SingleOccName",
          address1: "SingleOccAddress1",
          address2: "SingleOccAddress2",
          zipCode: "SingleOccZipCode",
          city: "SingleOccCity",
          state: "SingleOccState",
          county: "SingleOccCounty",
          countryCode: "SingleOccCountryCode",
        },
      },
      shipment: { select: false },
      maxUrlLength: 2000,
    },
  },
};

const otherTimeZone = {
  sites: [
    { site: "101", company: "10", timeZone: "America/Los_Angeles" },
    { site: "102", company: "10", timeZone: "America/St_Johns" },
    { site: "201", company: "20", timeZone: "Asia/Kolkata" },
  ],
  ifs: { binding: { stock: { timeZoneAware: true } } },
};

/** The missing grants are nobody's configuration: the merchant wants all sites and does not know yet. */
const configurations: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  renamed,
  "no-change-sets": noChangeSets,
  "other-time-zone": otherTimeZone,
};

/** Throws an Error that lists the names there are. */
export function tenantNamed(name: string): Tenant {
  return { name, profile: ifsProfile(name), configuration: configurations[name] ?? {} };
}

export const tenants: readonly Tenant[] = ifsProfiles.map(({ name }) => tenantNamed(name));
