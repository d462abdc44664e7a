import { canonical } from "../decimal.ts";
import { refused } from "../errors.ts";
import { flag, maybeText, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import { companyOf, currencyRate, nullValue, requireAddress, requireIn, requireSite } from "./basic-data.ts";
import { repriceLines } from "./order-line.ts";
import { linesOf } from "./order-parts.ts";

const LU = "CustomerOrder";

/** What the order needs before anything else is looked at; the strict reading adds what else the page would fill in. */
const always = ["CustomerNo", "Contract", "WantedDeliveryDate", "OrderId", "AuthorizeCode"];
const strict = [...always, "CurrencyCode", "BillAddrNo", "ShipAddrNo", "DeliveryTerms", "ShipViaCode", "PayTermId"];

/** Creates a Planned order: number, defaults from customer and site, then every value checked against basic data. */
export function createOrder(world: World, values: Values): Row {
  requireHeaderFields(world, values);
  return enterOrder(world, values);
}

/** The same for a person at the order page, who leaves to it what the API may insist on. */
export function enterOrder(world: World, values: Values): Row {
  const contract = String(values.Contract);
  const company = text(requireSite(world, LU, contract), "Company");
  const orderNo = chooseOrderNo(world, contract, values);
  const filled = { ...defaultsFor(world, company, values), ...dropNulls(values), OrderNo: orderNo };
  checkHeader(world, filled);
  return world.table("CustomerOrder").insert({ ...filled, ...stamped(world, filled) });
}

function requireHeaderFields(world: World, values: Values) {
  const { headerDefaults, headerMandatory } = world.settings;
  const mandatory = [...(headerDefaults === "strict" ? strict : always), ...headerMandatory];
  // The customer's sales data may name the order type, so its absence is judged after the defaults.
  for (const name of mandatory) {
    const missing = values[name] === undefined || values[name] === null;
    if (missing && !(name === "OrderId" && headerDefaults === "fromCustomer")) throw nullValue(LU, name);
  }
}

const sitePrefixes: Record<string, string> = { "101": "H", "102": "M", "201": "G" };

function chooseOrderNo(world: World, contract: string, values: Values): string {
  const given = values.OrderNo;
  const { orderNoInsertable } = world.settings;
  if (typeof given === "string" && orderNoInsertable === "refuse") {
    throw refused(LU, "INSORDERNO", "Field [ORDER_NO] in Customer Order may not be specified for new objects.");
  }
  if (typeof given === "string" && orderNoInsertable === "accept") return given;
  const prefix = sitePrefixes[contract] ?? "X";
  return `${prefix}${world.next(`OrderNo ${contract}`, 100_001)}`;
}

function defaultsFor(world: World, company: string, values: Values): Values {
  const customerNo = String(values.CustomerNo);
  const customer = requireIn(world, "CustomerInfo", [customerNo], LU, [
    "NOCUSTOMER",
    `Customer "${customerNo}" does not exist.`,
  ]);
  const sales = requireIn(world, "CustOrdCustomer", [customerNo], LU, [
    "NOSALESDATA",
    `Customer "${customerNo}" has no order information.`,
  ]);
  const invoicing = requireIn(world, "CustomerInvoiceCompany", [company, customerNo], LU, [
    "NOINVOICEDATA",
    `Customer "${customerNo}" has no invoice information in company ${company}.`,
  ]);
  const shipAddrNo = values.ShipAddrNo ?? defaultAddress(world, customerNo, "Delivery");
  const terms = world.table("CustOrdCustomerAddress").get(customerNo, shipAddrNo ?? "");
  return {
    CurrencyCode: maybeText(sales, "CurrencyCode"),
    OrderId: maybeText(sales, "OrderId"),
    MarketCode: maybeText(sales, "MarketCode"),
    SalesmanCode: maybeText(sales, "SalesmanCode"),
    ForwardAgentId: maybeText(sales, "ForwardAgentId"),
    Priority: sales.values.Priority ?? null,
    UsePriceInclTax: flag(sales, "PrintAmountsInclTax"),
    PayTermId: maybeText(invoicing, "PayTermId"),
    TaxLiability: maybeText(invoicing, "TaxLiability"),
    TaxIdNo: maybeText(customer, "AssociationNo"),
    LanguageCode: maybeText(customer, "DefaultLanguage"),
    CustomerName: maybeText(customer, "Name"),
    BillAddrNo: defaultAddress(world, customerNo, "Document"),
    ShipAddrNo: shipAddrNo,
    DeliveryTerms: terms ? maybeText(terms, "DeliveryTerms") : null,
    DelTermsLocation: terms ? maybeText(terms, "DelTermsLocation") : null,
    ShipViaCode: terms ? maybeText(terms, "ShipViaCode") : null,
    DistrictCode: terms ? maybeText(terms, "DistrictCode") : null,
    RegionCode: terms ? maybeText(terms, "RegionCode") : null,
    IsNewCustomer: false,
    AddrFlagDb: false,
    AdditionalDiscount: "0",
    ProposedPrepaymentAmount: "0",
  };
}

function defaultAddress(world: World, customerNo: string, type: string): string | null {
  const rows = world.table("CustomerInfoAddressType").find("CustomerId", customerNo) ?? [];
  const found = [...rows].find((row) => text(row, "AddressTypeCode") === type && flag(row, "DefAddress"));
  return found ? text(found, "AddressId") : null;
}

function dropNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}

/** Values that only the server knows. */
function stamped(world: World, values: Values): Values {
  const contract = String(values.Contract);
  const company = companyOf(world, contract);
  const now = world.siteNow(contract);
  return {
    Company: text(company, "Company"),
    CompanyCurrencyCode: text(company, "CurrencyCode"),
    Objstate: "Planned",
    DateEntered: now,
    PlannedDeliveryDate: values.PlannedDeliveryDate ?? values.WantedDeliveryDate ?? null,
    CustomerName: values.CustomerName ?? null,
    BlockedReason: null,
    BlockedTypeDb: "NOT_BLOCKED",
    SupplyCountryDb: text(company, "Country"),
  };
}

/** Every reference of a header must exist; addresses must be of the type they are used as. */
function checkHeader(world: World, values: Values) {
  const at = { values };
  const company = text(requireSite(world, LU, text(at, "Contract")), "Company");
  const reference = (table: string, key: string[], column: string, label: string) =>
    requireIn(world, table, key, LU, [`NO${column.toUpperCase()}`, `${label} "${text(at, column)}" does not exist.`]);
  for (const name of strict) if (text(at, name) === "") throw nullValue(LU, name);
  reference("CustOrderType", [text(at, "OrderId")], "OrderId", "Order type");
  reference("OrderCoordinator", [text(at, "AuthorizeCode")], "AuthorizeCode", "Coordinator");
  reference("PaymentTerm", [company, text(at, "PayTermId")], "PayTermId", "Payment term");
  reference("OrderDeliveryTerm", [text(at, "DeliveryTerms")], "DeliveryTerms", "Delivery term");
  reference("MpccomShipVia", [text(at, "ShipViaCode")], "ShipViaCode", "Ship-via code");
  if (text(at, "SalesmanCode")) reference("SalesPartSalesman", [text(at, "SalesmanCode")], "SalesmanCode", "Salesman");
  if (text(at, "ForwardAgentId"))
    reference("ForwarderInfo", [text(at, "ForwardAgentId")], "ForwardAgentId", "Forwarder");
  currencyRate(world, LU, company, text(at, "CurrencyCode"), text(at, "WantedDeliveryDate").slice(0, 10));
  requireAddress(world, LU, text(at, "CustomerNo"), text(at, "BillAddrNo"), "Document");
  requireAddress(world, LU, text(at, "CustomerNo"), text(at, "ShipAddrNo"), "Delivery");
  if (!["TAX", "EXEMPT"].includes(text(at, "TaxLiability"))) {
    throw refused(LU, "NOTAXLIABILITY", `Tax liability "${text(at, "TaxLiability")}" does not exist.`);
  }
}

const fixedAfterCreate = ["Contract", "CustomerNo", "CurrencyCode", "Company"];
const ended = ["Delivered", "Invoiced", "Cancelled"];

/** An order that is delivered, invoiced or cancelled is not changed any more, nor is its address. */
export function requireOpen(order: Row): void {
  const state = text(order, "Objstate");
  if (ended.includes(state)) {
    throw refused(LU, "NOUPDATE", `Customer order ${text(order, "OrderNo")} is ${state} and may not be changed.`);
  }
}

/** Lines that are delivered to the order's address go where the order goes, where the tenant's reading is so. */
function moveLines(world: World, order: Row, changes: Values): void {
  const moved = ["ShipAddrNo", "DeliveryTerms", "ShipViaCode"].flatMap((name) => {
    const value = changes[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  if (moved.length === 0 || world.settings.headerAddressChange !== "linesFollow") return;
  for (const line of linesOf(world, text(order, "OrderNo"))) {
    if (ended.includes(text(line, "Objstate")) || text(line, "DefaultAddrFlag") !== "Yes") continue;
    world.table("CustomerOrderLine").update(line, Object.fromEntries(moved));
  }
}

/** Changes a header. What lines were priced and taxed with changes them again. */
export function updateOrder(world: World, order: Row, changes: Values): void {
  requireOpen(order);
  for (const name of fixedAfterCreate) {
    const isChange = changes[name] !== undefined && changes[name] !== (order.values[name] ?? null);
    if (isChange && linesOf(world, text(order, "OrderNo")).length > 0) {
      throw refused(LU, `NOUPD${name.toUpperCase()}`, `Field [${name}] may not be changed when order lines exist.`);
    }
  }
  const changed = { ...changes };
  if (typeof changed.AdditionalDiscount === "string")
    changed.AdditionalDiscount = canonical(changed.AdditionalDiscount);
  checkHeader(world, { ...order.values, ...changed });
  const reprices = ["AdditionalDiscount", "UsePriceInclTax"].some(
    (name) => changed[name] !== undefined && changed[name] !== (order.values[name] ?? null),
  );
  world.table("CustomerOrder").update(order, changed);
  moveLines(world, order, changed);
  if (reprices) repriceLines(world, order);
}
