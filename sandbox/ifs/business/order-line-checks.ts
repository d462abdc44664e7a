import { canonical } from "../decimal.ts";
import { refused } from "../errors.ts";
import { num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { nullValue, requireAddress } from "./basic-data.ts";

const LU = "CustomerOrderLine";

export function requireActivePart(world: World, contract: string, catalogNo: string): Row {
  const part = world.table("SalesPart").get(contract, catalogNo);
  if (!part) throw refused(LU, "NOSALESPART", `Sales part "${catalogNo}" does not exist on site ${contract}.`);
  if (text(part, "Activeind") !== "ActivePart") {
    throw refused(LU, "NOTACTIVE", `Sales part "${catalogNo}" is not active on site ${contract}.`);
  }
  return part;
}

/** What the API does not fill in by itself must be there. */
export function requireLineFields(world: World, values: Values): void {
  for (const name of world.settings.lineMandatory) {
    if (values[name] === undefined || values[name] === null) throw nullValue(LU, name);
  }
}

/** Every check that a new line passes before it is priced; gives its sales part. */
export function checkNewLine(world: World, order: Row, values: Values): Row {
  const at = { values };
  if (text(at, "Contract") !== text(order, "Contract")) {
    throw refused(LU, "SITEDIFF", `Site "${text(at, "Contract")}" is not the site of order ${text(order, "OrderNo")}.`);
  }
  const part = requireActivePart(world, text(at, "Contract"), text(at, "CatalogNo"));
  checkPart(world, part, at);
  checkQuantities(world, part, at);
  checkDelivery(world, at);
  if (!["TAX", "EXEMPT"].includes(text(at, "TaxLiability"))) {
    throw refused(LU, "NOTAXLIABILITY", `Tax liability "${text(at, "TaxLiability")}" does not exist.`);
  }
  if (!["TRUE", "FALSE"].includes(text(at, "FetchTaxFromDefaults"))) {
    throw refused(LU, "WRONGFLAG", "Field [FETCH_TAX_FROM_DEFAULTS] is TRUE or FALSE.");
  }
  return part;
}

function checkPart(world: World, part: Row, at: { values: Values }) {
  const inventory = text(part, "PartNo") !== "";
  const given = text(at, "PartNo");
  if (given !== "" && given !== text(part, "PartNo")) {
    throw refused(LU, "PARTDIFF", `Part "${given}" is not the part of sales part "${text(part, "CatalogNo")}".`);
  }
  const type = inventory ? "InventoryPart" : "NonInventoryPart";
  if (text(at, "CatalogType") !== type) throw refused(LU, "TYPEDIFF", `The sales part type is ${type}.`);
  const supply = inventory ? world.settings.supplyFromStockMember : "NonInventory";
  const fromStock = [world.settings.supplyFromStockMember, "NonInventory"].includes(text(at, "SupplyCode"));
  if (fromStock && text(at, "SupplyCode") !== supply) {
    throw refused(LU, "SUPPLYDIFF", `Supply code ${text(at, "SupplyCode")} is not valid for a part of type ${type}.`);
  }
  for (const unit of ["SalesUnitMeas", "PriceUnitMeas"]) {
    if (text(at, unit) !== text(part, unit)) {
      throw refused(LU, "UNITDIFF", `Unit "${text(at, unit)}" is not the sales part's "${text(part, unit)}".`);
    }
  }
  if (!num(at, "PriceConvFactor").eq(num(part, "PriceConvFactor"))) {
    throw refused(LU, "PRICECONVDIFF", `The price conversion factor is ${canonical(num(part, "PriceConvFactor"))}.`);
  }
}

function checkQuantities(world: World, part: Row, at: { values: Values }) {
  if (num(at, "BuyQtyDue").lte(0)) throw refused(LU, "QTYZERO", "The quantity must be greater than zero.");
  if (!num(at, "QtyAssigned").isZero() || !num(at, "QtyShort").isZero()) {
    throw refused(LU, "QTYASSIGNED", "A new line may not be reserved.");
  }
  if (world.settings.quantityMismatch !== "refuse") return;
  const factor = num(part, "ConvFactor");
  if (!num(at, "ConvFactor").eq(factor))
    throw refused(LU, "CONVDIFF", `The conversion factor is ${canonical(factor)}.`);
  const due = num(at, "BuyQtyDue").times(factor);
  if (num(at, "RevisedQtyDue").minus(due).abs().gt("0.0000000001")) {
    throw refused(LU, "QTYMISMATCH", `The inventory quantity must be ${canonical(due)}.`);
  }
}

function checkDelivery(world: World, at: { values: Values }) {
  const customer = text(at, "DeliverToCustomerNo");
  if (!world.table("CustomerInfo").get(customer)) {
    throw refused(LU, "NOCUSTOMER", `Customer "${customer}" does not exist.`);
  }
  if (text(at, "AddrFlag") !== "Yes") requireAddress(world, LU, customer, text(at, "ShipAddrNo"), "Delivery");
}
