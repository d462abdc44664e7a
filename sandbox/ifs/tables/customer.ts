import { defineTable } from "../schema.ts";

export const customerInfo = defineTable({
  name: "CustomerInfo",
  keys: ["CustomerId"],
  indexes: ["CustomerId", "AssociationNo"],
  columns: `
  CustomerId str 20, Name str 100, Country str 2, CountryCode str 2, DefaultLanguage str 2, CreationDate date,
  CustomerCategory enum CustomerCategory, PartyType enum PartyType, DefaultDomain bool, B2bCustomer bool, OneTime bool,
  ValidDataProcessingPurpose bool, IdentifierRefValidation enum IdentifierRefValidation, AssociationNo str 50,
  CorporateForm str 8, MainRepresentative str 20, CustomerTaxUsageType str 5, DateOfRegistration date,
  BusinessClassification str 20,
  Cf_Email str 200, Cf_Vat_No str 50, Cf_Shop_Customer str 50,
`,
});

export const customerInfoAddress = defineTable({
  name: "CustomerInfoAddress",
  keys: ["CustomerId", "AddressId"],
  indexes: ["CustomerId"],
  columns: `
  CustomerId str 20, AddressId str 50, Name str 100, Address str 2000, Address1 str 35, Address2 str 35, Address3 str 35,
  Address4 str 35, ZipCode str 35, City str 35, County str 35, State str 35, Country str 2, CountryDesc str 50,
  PartyType enum PartyType, DefaultDomain bool, JurisdictionCode str 20, EanLocation str 100, ValidFrom date,
  ValidTo date, PrimaryContact str 100, SecondaryContact str 100, CustomerBranch str 20, EndCustomerId str 20,
  EndCustAddrId str 50, DeliveryTypeExist str 5, OneTimeDb bool,
`,
});

export const customerInfoAddressType = defineTable({
  name: "CustomerInfoAddressType",
  keys: ["CustomerId", "AddressId", "AddressTypeCode"],
  indexes: ["CustomerId"],
  columns: `
  CustomerId str 20, AddressId str 50, AddressTypeCode enum AddressTypeCode, DefAddress bool, DefaultDomain bool,
  PartyType enum PartyType,
`,
});

/** How a customer can be reached. Columns and key as published lists name them (unverified); their types are assumed. */
export const customerCommMethod = defineTable({
  name: "CustomerCommMethod",
  lu: "CommMethod",
  keys: ["CommId"],
  indexes: ["CustomerId"],
  columns: `
  CustomerId str 20, CommId num, Name str 100, Description str 100, MethodId str 20, Value str 200, MethodDefault bool,
  AddressDefault bool, ValidFrom date, ValidTo date,
`,
});

export const custOrdCustomer = defineTable({
  name: "CustOrdCustomer",
  keys: ["CustomerNo"],
  columns: `
  CustomerNo str 20, CustomerId str 20, CurrencyCode str 3, CustGrp str 10, CustPriceGroupId str 10, MarketCode str 10,
  Discount num, DiscountType str 25, BackorderOption enum CustomerBackorderOption, CrStop str 30, SalesmanCode str 20,
  OrderId str 10, ForwardAgentId str 20, TemplateId str 20, Priority num, CyclePeriod num, ConfirmDeliveries bool,
  PrintAmountsInclTax bool, B2bCustomer bool, NoteText str 2000,
`,
});

/** Delivery data of one address: what an order takes over when it names no terms of its own. */
export const custOrdCustomerAddress = defineTable({
  name: "CustOrdCustomerAddress",
  keys: ["CustomerNo", "AddrNo"],
  indexes: ["CustomerNo"],
  columns: `
  CustomerNo str 20, AddrNo str 50, DeliveryTerms str 5, DelTermsLocation str 100, ShipViaCode str 3, DistrictCode str 10,
  RegionCode str 10, DeliveryTime date, TaxLiability str 20,
`,
});

export const customerInvoiceCompany = defineTable({
  name: "CustomerInvoiceCompany",
  lu: "IdentityInvoiceInfo",
  keys: ["Company", "Identity"],
  indexes: ["Identity"],
  companyColumn: "Company",
  columns: `
  Company str 20, Identity str 20, PayTermId str 20, DefCurrency str 3, TaxLiability str 20, DefVatCode str 20,
  NumerationGroup str 20, TaxBookId str 10, NoInvoiceCopies num, TaxExempt bool, TaxExemptValidFrom date,
  TaxExemptValidTo date, CurrencyCode str 3, EinvoiceReceiverCode str 20, DigitalInvoice bool,
`,
});

export const customerCreditInfo = defineTable({
  name: "CustomerCreditInfo",
  keys: ["Company", "Identity"],
  indexes: ["Identity"],
  companyColumn: "Company",
  columns: `
  Company str 20, Identity str 20, CreditLimit num, CreditBlock bool, CreditRating str 10, CreditNumber str 20,
  AllowedDueDays num, AllowedDueAmount num, NextReviewDate date, CreditAnalystCode str 20, AvgDaysForPayment num,
  NoteText str 2000, CreditRelationshipType str 20,
`,
});
