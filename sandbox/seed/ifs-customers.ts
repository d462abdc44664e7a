import type { Values } from "../ifs/schema.ts";
import type { World } from "../ifs/world.ts";
import { fill } from "./ifs-basic-data.ts";

type SeedCustomer = {
  id: string;
  name: string;
  country: "DE" | "SE";
  street: string;
  zip: string;
  city: string;
  business?: boolean;
  associationNo?: string;
  priceGroup?: string;
  taxLiability?: "TAX" | "EXEMPT";
  payTerm?: string;
  /** In company currency. */
  creditLimit?: string;
  creditBlock?: boolean;
};

const homeCompany = { DE: "10", SE: "20" } as const;
const currencies = { DE: "EUR", SE: "SEK" } as const;
const languages = { DE: "de", SE: "sv" } as const;

/** The webshop's collective customer of each company, the template for new customers, and people who buy elsewhere. */
const customers: SeedCustomer[] = [
  {
    id: "WEB-DE",
    name: "Webshop Deutschland",
    country: "DE",
    street: "Kai 1",
    zip: "20457",
    city: "Hamburg",
    priceGroup: "WEB",
  },
  {
    id: "WEB-SE",
    name: "Webbutik Sverige",
    country: "SE",
    street: "Kajen 1",
    zip: "411 04",
    city: "Göteborg",
    priceGroup: "WEB",
  },
  {
    id: "TEMPLATE",
    name: "Template customer",
    country: "DE",
    street: "Kai 1",
    zip: "20457",
    city: "Hamburg",
    priceGroup: "WEB",
  },
  business("10001", "Werft am Südkai GmbH", "DE", "Südkai 12", "20457", "Hamburg", {
    associationNo: "811234501",
    creditLimit: "50000",
  }),
  business("10002", "Maschinenbau Isartal KG", "DE", "Talstraße 5", "80331", "München", {
    associationNo: "811234502",
    creditLimit: "20000",
  }),
  business("10003", "Gesperrt & Söhne OHG", "DE", "Hof 3", "20095", "Hamburg", {
    associationNo: "811234503",
    creditBlock: true,
  }),
  business("10004", "Hilfswerk Nord gGmbH", "DE", "Allee 9", "20354", "Hamburg", {
    associationNo: "811234504",
    taxLiability: "EXEMPT",
  }),
  business("10005", "Varvet i Göteborg AB", "SE", "Varvsgatan 4", "417 64", "Göteborg", {
    associationNo: "556677001",
    creditLimit: "400000",
  }),
  business("10006", "Småländska Verktyg AB", "SE", "Industrivägen 8", "352 46", "Växjö", {
    associationNo: "556677002",
    creditLimit: "100",
  }),
  ...["Lübeck", "Kiel", "Bremen", "Rostock", "Augsburg", "Ulm"].map((city, index) =>
    walkIn(
      String(10_101 + index),
      `Counter customer ${city}`,
      "DE",
      `Marktplatz ${index + 1}`,
      `${23_000 + index * 111}`,
      city,
    ),
  ),
  ...["Borås", "Kungälv", "Mölndal", "Alingsås", "Lerum", "Kungsbacka"].map((city, index) =>
    walkIn(String(10_201 + index), `Diskkund ${city}`, "SE", `Storgatan ${index + 1}`, `43${index} 0${index}`, city),
  ),
];

function business(
  id: string,
  name: string,
  country: "DE" | "SE",
  street: string,
  zip: string,
  city: string,
  extra: Partial<SeedCustomer>,
): SeedCustomer {
  return { id, name, country, street, zip, city, business: true, priceGroup: "B2B", payTerm: "30", ...extra };
}

function walkIn(
  id: string,
  name: string,
  country: "DE" | "SE",
  street: string,
  zip: string,
  city: string,
): SeedCustomer {
  return { id, name, country, street, zip, city };
}

export function seedCustomers(world: World): void {
  for (const customer of customers) seedCustomer(world, customer);
}

function seedCustomer(world: World, customer: SeedCustomer) {
  fill(world, "CustomerInfo", [
    {
      CustomerId: customer.id,
      Name: customer.name,
      Country: customer.country,
      CountryCode: customer.country,
      DefaultLanguage: languages[customer.country],
      CreationDate: "2024-01-15",
      CustomerCategory: "Customer",
      PartyType: "Customer",
      DefaultDomain: true,
      B2bCustomer: customer.business ?? false,
      OneTime: false,
      ValidDataProcessingPurpose: false,
      IdentifierRefValidation: "None",
      AssociationNo: customer.associationNo ?? null,
    },
  ]);
  seedAddresses(world, customer);
  seedSalesData(world, customer);
}

/** `01` serves everything; businesses have a second delivery address `02`. */
function seedAddresses(world: World, customer: SeedCustomer) {
  const ids = customer.business ? ["01", "02"] : ["01"];
  for (const AddressId of ids) {
    const Address1 = AddressId === "01" ? customer.street : `${customer.street} b`;
    fill(world, "CustomerInfoAddress", [
      {
        CustomerId: customer.id,
        AddressId,
        Name: customer.name,
        Address: `${Address1}\r\n${customer.zip} ${customer.city}\r\n${customer.country}`,
        Address1,
        ZipCode: customer.zip,
        City: customer.city,
        Country: customer.country,
        PartyType: "Customer",
        DefaultDomain: true,
        OneTimeDb: false,
      },
    ]);
    const types = AddressId === "01" ? ["Delivery", "Document", "Pay"] : ["Delivery"];
    fill(
      world,
      "CustomerInfoAddressType",
      types.map((AddressTypeCode) => addressType(customer.id, AddressId, AddressTypeCode)),
    );
    fill(world, "CustOrdCustomerAddress", [
      { CustomerNo: customer.id, AddrNo: AddressId, DeliveryTerms: "DAP", ShipViaCode: "PAR", TaxLiability: "TAX" },
    ]);
  }
}

function addressType(CustomerId: string, AddressId: string, AddressTypeCode: string): Values {
  return {
    CustomerId,
    AddressId,
    AddressTypeCode,
    DefAddress: AddressId === "01",
    DefaultDomain: true,
    PartyType: "Customer",
  };
}

function seedSalesData(world: World, customer: SeedCustomer) {
  fill(world, "CustOrdCustomer", [
    {
      CustomerNo: customer.id,
      CustomerId: customer.id,
      CurrencyCode: currencies[customer.country],
      CustGrp: customer.business ? "B2B" : "B2C",
      CustPriceGroupId: customer.priceGroup ?? null,
      MarketCode: customer.country,
      Discount: "0",
      BackorderOption: "AllowWithBackorderDate",
      OrderId: customer.id.startsWith("WEB") || customer.id === "TEMPLATE" ? "WEB" : "NOR",
      PrintAmountsInclTax: false,
      B2bCustomer: customer.business ?? false,
    },
  ]);
  // The template is good for both companies, so that one copy can order from either.
  const companies = customer.id === "TEMPLATE" ? ["10", "20"] : [homeCompany[customer.country]];
  for (const Company of companies) seedCompanyData(world, customer, Company);
}

function seedCompanyData(world: World, customer: SeedCustomer, Company: string) {
  fill(world, "CustomerInvoiceCompany", [
    {
      Company,
      Identity: customer.id,
      PayTermId: customer.payTerm ?? "PREPAID",
      DefCurrency: currencies[customer.country],
      TaxLiability: customer.taxLiability ?? "TAX",
      TaxExempt: customer.taxLiability === "EXEMPT",
    },
  ]);
  fill(world, "CustomerCreditInfo", [
    {
      Company,
      Identity: customer.id,
      CreditLimit: customer.creditLimit ?? null,
      CreditBlock: customer.creditBlock ?? false,
      AllowedDueDays: "0",
    },
  ]);
}
