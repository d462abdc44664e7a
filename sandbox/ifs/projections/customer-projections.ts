import {
  associationHolder,
  copyCustomer,
  createAddress,
  createAddressType,
  createCommMethod,
  createCustomer,
  createInvoiceData,
  createSalesData,
  updateAddress,
  updateAddressType,
  updateCommMethod,
  updateCustomer,
} from "../business/customer.ts";
import { textParameter } from "../odata/body.ts";
import type { ArrayDef, ProjectionDef, SetDef } from "./definition.ts";

const addressTypes: ArrayDef = {
  name: "AddressTypes",
  table: "CustomerInfoAddressType",
  entity: "CustomerInfoAddressType",
  on: { CustomerId: "CustomerId", AddressId: "AddressId" },
  insert: (context, values) => createAddressType(context.world, values),
  update: (context, row, changes) => updateAddressType(context.world, row, changes),
  remove: (context, row) => context.world.table("CustomerInfoAddressType").remove(row),
};

const addresses: ArrayDef = {
  name: "CustomerInfoAddresses",
  table: "CustomerInfoAddress",
  entity: "CustomerInfoAddress",
  on: { CustomerId: "CustomerId" },
  arrays: [addressTypes],
  insert: (context, values) => createAddress(context.world, values),
  update: (context, row, changes) => updateAddress(context.world, row, changes),
  remove: (context, row) => context.world.table("CustomerInfoAddress").remove(row),
};

const customers: SetDef = {
  name: "CustomerInfoSet",
  table: "CustomerInfo",
  entity: "CustomerInfo",
  countable: true,
  insert: (context, values) => createCustomer(context.world, values),
  update: (context, row, changes) => updateCustomer(context.world, row, changes),
  arrays: [
    addresses,
    {
      name: "CommunicationMethods",
      table: "CustomerCommMethod",
      entity: "CustomerCommMethod",
      on: { CustomerId: "CustomerId" },
      insert: (context, values) => createCommMethod(context.world, values),
      update: (context, row, changes) => updateCommMethod(context.world, row, changes),
      remove: (context, row) => context.world.table("CustomerCommMethod").remove(row),
    },
    {
      name: "CustomerInvoiceCompanies",
      table: "CustomerInvoiceCompany",
      entity: "CustomerInvoiceCompany",
      on: { Identity: "CustomerId" },
      insert: (context, values) => createInvoiceData(context.world, values),
      update: (context, row, changes) => context.world.table("CustomerInvoiceCompany").update(row, changes),
    },
    {
      name: "CustomerCreditInfoArray",
      table: "CustomerCreditInfo",
      entity: "CustomerCreditInfo",
      on: { Identity: "CustomerId" },
      update: (context, row, changes) => context.world.table("CustomerCreditInfo").update(row, changes),
    },
    {
      name: "CustOrdCustomers",
      table: "CustOrdCustomer",
      entity: "CustOrdCustomer",
      on: { CustomerNo: "CustomerId" },
      insert: (context, values) => createSalesData(context.world, values),
      update: (context, row, changes) => context.world.table("CustOrdCustomer").update(row, changes),
    },
  ],
};

/** The customer card with addresses and what an order takes from the customer. */
export function customerHandling(): ProjectionDef {
  return {
    name: "CustomerHandling",
    description: "Customer",
    sets: [
      customers,
      {
        name: "CustOrdCustomerSet",
        table: "CustOrdCustomer",
        entity: "CustOrdCustomer",
        update: (context, row, changes) => context.world.table("CustOrdCustomer").update(row, changes),
        insert: (context, values) => createSalesData(context.world, values),
      },
      {
        name: "Reference_CustomerInfoAddressPublic",
        table: "CustomerInfoAddress",
        entity: "CustomerInfoAddressPublic",
      },
      { name: "Reference_OrderDeliveryTermLov", table: "OrderDeliveryTerm", entity: "OrderDeliveryTermLov" },
    ],
    actions: [
      {
        name: "CopyExistingCustomer",
        parameters: { CustomerId: "str", NewId: "str", NewName: "str", NewCategory: "str", AssociationNo: "str" },
        returns: "str",
        run: (context, parameters) => ({
          value: copyCustomer(context.world, {
            customerId: textParameter(parameters, "CustomerId"),
            newId: textParameter(parameters, "NewId"),
            newName: textParameter(parameters, "NewName"),
            category: textParameter(parameters, "NewCategory"),
            associationNo: textParameter(parameters, "AssociationNo"),
          }),
        }),
      },
    ],
    functions: [
      {
        name: "AssociationNoExist",
        parameters: { AssociationNo: "str" },
        run(context, parameters) {
          const number = typeof parameters.AssociationNo === "string" ? parameters.AssociationNo : "";
          return associationHolder(context.world, number) ? "TRUE" : null;
        },
      },
    ],
  };
}

export function customersHandling(): ProjectionDef {
  return {
    name: "CustomersHandling",
    description: "Customers",
    sets: [{ name: "CustomerInfoSet", table: "CustomerInfo", entity: "CustomerInfo", countable: true }],
  };
}
