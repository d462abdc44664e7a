import type { Values } from "../ifs/schema.ts";
import type { World } from "../ifs/world.ts";

/** Companies, sites and the basic data that orders refer to. */
export function seedBasicData(world: World): void {
  fill(world, "Company", [
    { Company: "10", Name: "Nordhafen Werkstattbedarf GmbH", CurrencyCode: "EUR", Country: "DE" },
    { Company: "20", Name: "Nordhamn Verkstad AB", CurrencyCode: "SEK", Country: "SE" },
  ]);
  fill(world, "CompanySite", [
    { Contract: "101", Description: "Hamburg", Company: "10", DefaultWarehouse: "HH", TimeZone: "Europe/Berlin" },
    { Contract: "102", Description: "Munich", Company: "10", DefaultWarehouse: "MU", TimeZone: "Europe/Berlin" },
    { Contract: "201", Description: "Gothenburg", Company: "20", DefaultWarehouse: "GB", TimeZone: "Europe/Stockholm" },
  ]);
  fill(world, "StatutoryFee", [
    { Company: "10", FeeCode: "DE19", Description: "Umsatzsteuer 19 %", FeeRate: "19" },
    { Company: "10", FeeCode: "DE7", Description: "Umsatzsteuer 7 %", FeeRate: "7" },
    { Company: "10", FeeCode: "DE0", Description: "Steuerfrei", FeeRate: "0" },
    { Company: "20", FeeCode: "SE25", Description: "Moms 25 %", FeeRate: "25" },
    { Company: "20", FeeCode: "SE12", Description: "Moms 12 %", FeeRate: "12" },
    { Company: "20", FeeCode: "SE6", Description: "Moms 6 %", FeeRate: "6" },
    { Company: "20", FeeCode: "SE0", Description: "Momsfri", FeeRate: "0" },
  ]);
  fill(world, "CurrencyRate", [
    { Company: "10", CurrencyCode: "SEK", ValidFrom: "2020-01-01", CurrencyRate: "0.0879" },
    { Company: "10", CurrencyCode: "USD", ValidFrom: "2020-01-01", CurrencyRate: "0.92" },
    { Company: "20", CurrencyCode: "EUR", ValidFrom: "2020-01-01", CurrencyRate: "11.37" },
    { Company: "20", CurrencyCode: "USD", ValidFrom: "2020-01-01", CurrencyRate: "10.46" },
  ]);
  seedTerms(world);
  seedCharges(world);
  seedLocations(world);
}

function seedTerms(world: World) {
  for (const Company of ["10", "20"]) {
    fill(world, "PaymentTerm", [
      { Company, PayTermId: "0", Description: "Due immediately", DaysToDue: "0" },
      { Company, PayTermId: "14", Description: "14 days net", DaysToDue: "14" },
      { Company, PayTermId: "30", Description: "30 days net", DaysToDue: "30" },
      { Company, PayTermId: "PREPAID", Description: "Paid in the shop", DaysToDue: "0" },
    ]);
  }
  fill(world, "OrderDeliveryTerm", [
    { DeliveryTerms: "DAP", Description: "Delivered at place" },
    { DeliveryTerms: "EXW", Description: "Ex works" },
    { DeliveryTerms: "FCA", Description: "Free carrier" },
  ]);
  fill(world, "MpccomShipVia", [
    { ShipViaCode: "PAR", Description: "Parcel" },
    { ShipViaCode: "EXP", Description: "Express parcel" },
    { ShipViaCode: "TRK", Description: "Truck" },
    { ShipViaCode: "PUP", Description: "Pick-up at the counter" },
  ]);
  fill(world, "CustOrderType", [
    orderType("WEB", "Web order, waits after release"),
    orderType("AUTO", "Web order, reserves at release", "RESERVE"),
    orderType("PICK", "Web order, picked at release", "PICK"),
    orderType("FULL", "Web order, delivered at release", "DELIVER"),
    orderType("CASH", "Counter sale, delivered and invoiced at release", "INVOICE"),
    orderType("PRE", "Prepaid order, blocked until paid", null, true),
    orderType("NOR", "Normal order"),
  ]);
  fill(world, "OrderCoordinator", [
    { AuthorizeCode: "WEBSHOP", Name: "Webshop desk" },
    { AuthorizeCode: "INSIDE", Name: "Inside sales desk" },
  ]);
  fill(world, "SalesPartSalesman", [
    { SalesmanCode: "10", Name: "Sales north", Phone: "+49 40 5550 10" },
    { SalesmanCode: "20", Name: "Sales south", Phone: "+49 89 5550 20" },
  ]);
  fill(world, "OrderCancelReason", [
    { CancelReason: "CUST", Description: "Cancelled by the customer" },
    { CancelReason: "WEB", Description: "Cancelled in the webshop" },
    { CancelReason: "STOCK", Description: "Not available" },
    { CancelReason: "DUPL", Description: "Entered twice" },
  ]);
  fill(world, "ReturnMaterialReason", [
    { ReturnReasonCode: "WRONG", Description: "Wrong goods" },
    { ReturnReasonCode: "DEFECT", Description: "Defective" },
    { ReturnReasonCode: "REGRET", Description: "Customer changed his mind" },
  ]);
  fill(world, "ForwarderInfo", [
    { ForwarderId: "DHL", Name: "DHL" },
    { ForwarderId: "POSTNORD", Name: "PostNord" },
    { ForwarderId: "SCHENKER", Name: "Schenker" },
  ]);
}

function orderType(OrderId: string, Description: string, RunsTo: string | null = null, Prepayment = false): Values {
  return { OrderId, Description, OnlineProcessing: RunsTo !== null, RunsTo, Prepayment };
}

const chargeTypes = [
  ["FREIGHT", "Freight", "FREIGHT", true],
  ["DISCOUNT", "Discount", "DISCOUNT", true],
  ["SURCHARGE", "Surcharge", "SURCHARGE", true],
  ["ROUNDING", "Rounding", "ROUNDING", false],
  ["GIFTCARD", "Gift card", "PAYMENT", false],
] as const;

function seedCharges(world: World) {
  for (const [contract, standard] of [
    ["101", "DE19"],
    ["102", "DE19"],
    ["201", "SE25"],
  ] as const) {
    fill(
      world,
      "SalesChargeType",
      chargeTypes.map(([ChargeType, ChargeTypeDesc, Kind, Taxable]) => ({
        Contract: contract,
        ChargeType,
        ChargeTypeDesc,
        ChargeGroup: "WEB",
        TaxCode: standard,
        Taxable,
        Kind,
      })),
    );
  }
}

/** Places of a site: two aisles to pick from, one shared bulk place, and the places that are not for picking. */
export const places = [
  ["PICK-01", "Aisle 1", "PICKING"],
  ["PICK-02", "Aisle 2", "PICKING"],
  ["BULK-01", "Bulk store", "PICKING"],
  ["FREEZE-01", "Counting", "PICKING"],
  ["ARR-01", "Arrival", "ARRIVAL"],
  ["QA-01", "Quality assurance", "QA"],
  ["SHIP-01", "Shipment inventory", "SHIPMENT"],
] as const;

function seedLocations(world: World) {
  for (const [contract, warehouse, name] of [
    ["101", "HH", "Hamburg"],
    ["102", "MU", "Munich"],
    ["201", "GB", "Gothenburg"],
  ] as const) {
    fill(world, "Warehouse", [{ WarehouseId: warehouse, Description: `${name} warehouse`, Contract: contract }]);
    fill(
      world,
      "InventoryLocation",
      places.map(([LocationNo, LocationName, LocationTypeDb]) => ({
        Contract: contract,
        LocationNo,
        LocationName,
        Warehouse: warehouse,
        LocationTypeDb,
      })),
    );
  }
}

export function fill(world: World, table: string, rows: Values[]): void {
  for (const row of rows) world.table(table).insert(row);
}
