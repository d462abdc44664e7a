import type { SetDef } from "./definition.ts";

function reference(name: string, table: string, only?: string[]): SetDef {
  return { name: `Reference_${name}`, table, entity: name, only };
}

/** Lists of values that the order page carries; read with the grant of the page. */
export const referenceSets: readonly SetDef[] = [
  reference("CompanySite", "CompanySite", ["Contract", "Description", "Company"]),
  reference("CustInfo", "CustomerInfo", ["CustomerId", "Name", "Country", "CustomerCategory"]),
  reference("CustOrderType", "CustOrderType", ["OrderId", "Description"]),
  reference("OrderCoordinator", "OrderCoordinator"),
  reference("MpccomShipViaLov", "MpccomShipVia"),
  reference("OrderDeliveryTermLov", "OrderDeliveryTerm"),
  reference("PaymentTerm", "PaymentTerm", ["Company", "PayTermId", "Description"]),
  reference("SalesChargeType", "SalesChargeType", [
    "Contract",
    "ChargeType",
    "ChargeTypeDesc",
    "ChargeGroup",
    "TaxCode",
  ]),
  reference("StatutoryFee", "StatutoryFee"),
  reference("OrderCancelReason", "OrderCancelReason"),
  reference("ForwarderInfo", "ForwarderInfo"),
  reference("SalesPartSalesmanLov", "SalesPartSalesman", ["SalesmanCode", "Name"]),
];
