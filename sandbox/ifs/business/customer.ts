import { refused } from "../errors.ts";
import { flag, maybeText, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import { siteDate } from "../time.ts";
import type { World } from "../world.ts";
import { nullValue, requireIn } from "./basic-data.ts";

const LU = "CustomerInfo";

const required = ["Name", "CreationDate", "Country", "DefaultLanguage", "PartyType", "DefaultDomain"];

const languages = ["en", "de", "sv", "da", "fr", "nl", "pl"];

/** A new customer card. It cannot be ordered for until it has sales and invoice data (see `copyCustomer`). */
export function createCustomer(world: World, values: Values): Row {
  for (const name of required) if (values[name] === undefined || values[name] === null) throw nullValue(LU, name);
  checkCard(world, values);
  if (!values.CustomerId && !world.settings.customerNumberSeries) throw nullValue(LU, "CustomerId");
  return world.table(LU).insert({
    CustomerCategory: "Customer",
    B2bCustomer: false,
    OneTime: false,
    ValidDataProcessingPurpose: false,
    IdentifierRefValidation: "None",
    CountryCode: values.Country ?? null,
    ...values,
    CustomerId: values.CustomerId ?? nextCustomerId(world),
  });
}

function nextCustomerId(world: World): string {
  return String(world.next("CustomerId", 20_001));
}

function checkCard(world: World, values: Values) {
  const at = { values };
  if (values.DefaultDomain !== undefined && values.DefaultDomain !== true) {
    throw refused(LU, "NODOMAIN", "Field [DEFAULT_DOMAIN] must be true.");
  }
  if (values.Country !== undefined && !/^[A-Z]{2}$/.test(text(at, "Country"))) {
    throw refused(LU, "NOCOUNTRY", `Country "${text(at, "Country")}" does not exist.`);
  }
  if (values.DefaultLanguage !== undefined && !languages.includes(text(at, "DefaultLanguage"))) {
    throw refused(LU, "NOLANGUAGE", `Language "${text(at, "DefaultLanguage")}" does not exist.`);
  }
  const association = text(at, "AssociationNo");
  if (association !== "" && !/^\d+$/.test(association)) {
    throw refused(LU, "ASSOCIATIONNO", "The association number may hold digits only.");
  }
  const holder = association === "" ? undefined : associationHolder(world, association);
  if (holder && text(holder, "CustomerId") !== text(at, "CustomerId")) {
    throw refused(LU, "ASSOCIATIONEXIST", `Association number ${association} belongs to another customer.`);
  }
}

export function associationHolder(world: World, association: string): Row | undefined {
  return [...(world.table(LU).find("AssociationNo", association) ?? [])][0];
}

export function updateCustomer(world: World, customer: Row, changes: Values): void {
  checkCard(world, { ...changes, CustomerId: text(customer, "CustomerId") });
  for (const name of required) if (changes[name] === null) throw nullValue(LU, name);
  world.table(LU).update(customer, changes);
}

const ADDRESS = "CustomerInfoAddress";

/** A new address of a customer; its types are rows of their own. */
export function createAddress(world: World, values: Values): Row {
  for (const name of ["AddressId", "CustomerId", "Country", "PartyType", "DefaultDomain"]) {
    if (values[name] === undefined || values[name] === null) throw nullValue(ADDRESS, name);
  }
  checkAddress(values);
  const row = world.table(ADDRESS).insert({ OneTimeDb: false, ...values, Address: addressText(values) });
  world.table("CustOrdCustomerAddress").insert({
    ...deliveryDefaults(world, text(row, "CustomerId")),
    CustomerNo: text(row, "CustomerId"),
    AddrNo: text(row, "AddressId"),
  });
  return row;
}

/** Terms of the customer's other address, else what everybody gets. */
function deliveryDefaults(world: World, customerNo: string): Values {
  const other = [...(world.table("CustOrdCustomerAddress").find("CustomerNo", customerNo) ?? [])][0];
  return other ? { ...other.values } : { DeliveryTerms: "DAP", ShipViaCode: "PAR", TaxLiability: "TAX" };
}

function checkAddress(values: Values) {
  if (values.DefaultDomain !== true) throw refused(ADDRESS, "NODOMAIN", "Field [DEFAULT_DOMAIN] must be true.");
  if (!/^[A-Z]{2}$/.test(text({ values }, "Country"))) {
    throw refused(ADDRESS, "NOCOUNTRY", `Country "${text({ values }, "Country")}" does not exist.`);
  }
}

function addressText(values: Values): string {
  const at = { values };
  const town = `${text(at, "ZipCode")} ${text(at, "City")}`.trim();
  const lines = [text(at, "Address1"), text(at, "Address2"), town, text(at, "Country")];
  return lines.filter((line) => line !== "").join("\r\n");
}

export function updateAddress(world: World, address: Row, changes: Values): void {
  const merged = { ...address.values, ...changes };
  checkAddress(merged);
  world.table(ADDRESS).update(address, { ...changes, Address: addressText(merged) });
}

const TYPE = "CustomerInfoAddressType";

/** Makes an address a delivery, document … address. The first of a type is its default. */
export function createAddressType(world: World, values: Values): Row {
  if (!values.AddressTypeCode) throw nullValue(TYPE, "AddressTypeCode");
  const others = defaultsOfType(world, text({ values }, "CustomerId"), text({ values }, "AddressTypeCode"));
  const isDefault = values.DefAddress === true || (values.DefAddress !== false && others.length === 0);
  if (isDefault) for (const other of others) world.table(TYPE).update(other, { DefAddress: false });
  return world.table(TYPE).insert({ DefaultDomain: true, PartyType: "Customer", ...values, DefAddress: isDefault });
}

function defaultsOfType(world: World, customerId: string, type: string): Row[] {
  return [...(world.table(TYPE).find("CustomerId", customerId) ?? [])].filter(
    (row) => text(row, "AddressTypeCode") === type && flag(row, "DefAddress"),
  );
}

export function updateAddressType(world: World, row: Row, changes: Values): void {
  if (changes.DefAddress === true) {
    for (const other of defaultsOfType(world, text(row, "CustomerId"), text(row, "AddressTypeCode"))) {
      if (other !== row) world.table(TYPE).update(other, { DefAddress: false });
    }
  }
  world.table(TYPE).update(row, changes);
}

const COMM = "CommMethod";

/** Another way to reach a customer. IFS numbers the rows; nothing keeps the same value from being there twice. */
export function createCommMethod(world: World, values: Values): Row {
  for (const name of ["MethodId", "Value"]) if (!values[name]) throw nullValue(COMM, name);
  return world.table("CustomerCommMethod").insert({
    MethodDefault: false,
    AddressDefault: false,
    ...values,
    CommId: values.CommId ?? String(world.next("CommId", 1)),
  });
}

export function updateCommMethod(world: World, row: Row, changes: Values): void {
  for (const name of ["MethodId", "Value"]) {
    if (changes[name] === null || changes[name] === "") throw nullValue(COMM, name);
  }
  world.table("CustomerCommMethod").update(row, changes);
}

/** Sales data of a customer: without it nothing can be ordered for the customer. */
export function createSalesData(world: World, values: Values): Row {
  const at = { values };
  const customerNo = text(at, "CustomerNo") || text(at, "CustomerId");
  if (customerNo === "") throw nullValue("CustOrdCustomer", "CustomerNo");
  for (const name of ["CurrencyCode", "CustGrp"]) if (!values[name]) throw nullValue("CustOrdCustomer", name);
  requireCustomer(world, "CustOrdCustomer", customerNo);
  return world.table("CustOrdCustomer").insert({ ...values, CustomerNo: customerNo, CustomerId: customerNo });
}

/** Invoice data of a customer in one company; orders of sites of that company need it. */
export function createInvoiceData(world: World, values: Values): Row {
  const lu = "IdentityInvoiceInfo";
  for (const name of ["Company", "Identity", "PayTermId"]) if (!values[name]) throw nullValue(lu, name);
  const at = { values };
  requireCustomer(world, lu, text(at, "Identity"));
  const term = `Payment term "${text(at, "PayTermId")}" does not exist.`;
  requireIn(world, "PaymentTerm", [text(at, "Company"), text(at, "PayTermId")], lu, ["NOPAYTERMID", term]);
  return world.table("CustomerInvoiceCompany").insert({ TaxLiability: "TAX", ...values });
}

function requireCustomer(world: World, lu: string, customerNo: string): Row {
  return requireIn(world, LU, [customerNo], lu, ["NOCUSTOMER", `Customer "${customerNo}" does not exist.`]);
}

export type CustomerCopy = {
  customerId: string;
  newId: string;
  newName: string;
  category: string;
  associationNo: string;
};

/** Copies a template customer with sales, invoice and credit data, so that the copy can be ordered for at once. */
export function copyCustomer(world: World, copy: CustomerCopy): string {
  const template = world.table(LU).get(copy.customerId);
  if (!template) throw refused(LU, "NOCUSTOMER", `Customer "${copy.customerId}" does not exist.`);
  if (copy.newName === "") throw nullValue(LU, "Name");
  const today = siteDate(world.clock.now(), world.settings.serverTimeZone);
  const row = createCustomer(world, {
    ...template.values,
    CustomerId: copy.newId === "" ? null : copy.newId,
    Name: copy.newName,
    CreationDate: today,
    AssociationNo: copy.associationNo === "" ? null : copy.associationNo,
    CustomerCategory: copy.category === "" ? maybeText(template, "CustomerCategory") : copy.category,
  });
  const newId = text(row, "CustomerId");
  copyRow(world, "CustOrdCustomer", [copy.customerId], { CustomerNo: newId, CustomerId: newId });
  for (const table of ["CustomerInvoiceCompany", "CustomerCreditInfo"]) {
    for (const source of [...(world.table(table).find("Identity", copy.customerId) ?? [])]) {
      world.table(table).insert({ ...source.values, Identity: newId });
    }
  }
  return newId;
}

function copyRow(world: World, table: string, key: string[], changes: Values) {
  const source = world.table(table).get(...key);
  if (source) world.table(table).insert({ ...source.values, ...changes });
}
