import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";

/** Two lines (boxes of twelve; a service) and a charge, to a one-time address. */
export const aDraft = (): IfsOrderDraft => ({
  header: {
    externalRef: "order-1",
    contract: "S1" as Contract,
    company: "10",
    orderId: "WEB",
    authorizeCode: "COORD",
    customerNo: "C1",
    currencyCode: "EUR",
    customerPoNo: "PO-9",
    wantedDeliveryDate: "2026-03-04",
    billAddrNo: "01",
    shipAddrNo: "02",
    usePriceInclTax: false,
    extra: { Cf_Source: "shop" },
  },
  shipTo: { name: "Ada", address1: "Street 1", zipCode: "111", city: "Town", countryCode: "DE" },
  lines: [
    {
      lineRef: "line-aaaaaaaaaaaaaaaaaaaaaaaaaa",
      contract: "S1" as Contract,
      catalogNo: "BOX" as CatalogNo,
      partNo: "PIECE" as PartNo,
      buyQtyDue: decimal("2"),
      convFactor: decimal("12"),
      priceConvFactor: decimal("1"),
      salesUnitMeas: "BOX",
      priceUnitMeas: "BOX",
      saleUnitPrice: decimal("9.50"),
      unitPriceInclTax: decimal("11.305"),
      discount: decimal("0"),
      wantedDeliveryDate: "2026-03-04",
    },
    {
      lineRef: "L2",
      contract: "S1" as Contract,
      catalogNo: "SERVICE" as CatalogNo,
      partNo: null,
      buyQtyDue: decimal("1"),
      convFactor: decimal("1"),
      priceConvFactor: decimal("1"),
      salesUnitMeas: "HUR",
      priceUnitMeas: "HUR",
      saleUnitPrice: decimal("20"),
      unitPriceInclTax: decimal("23.8"),
      discount: decimal("0"),
      taxCode: "V19",
      wantedDeliveryDate: "2026-03-04",
    },
  ],
  charges: [
    {
      chargeRef: "shipping",
      chargeType: "FREIGHT",
      contract: "S1" as Contract,
      chargeAmount: decimal("5"),
      chargeAmountInclTax: decimal("5.95"),
      chargedQty: decimal("1"),
    },
  ],
});
