/** The part of the merchant's configuration that says where an order is booked, and which of its values become which IFS field. */
import { z } from "zod";
import { returnModeSchema } from "./after-export-config.ts";
import { routeCustomersSchema } from "./customer-config.ts";
import { routePaymentsSchema } from "./payment-config.ts";

const text = z.string().min(1);

/** What a mapped value is in IFS. */
export const valueTypes = ["text", "number", "boolean", "date", "timestamp"] as const;
export type ValueType = (typeof valueTypes)[number];

const constant = z.union([z.string(), z.number(), z.boolean()]);
const shared = {
  type: z
    .enum(valueTypes)
    .optional()
    .describe(
      "What the value is in IFS. Needed where it cannot be told beforehand, as for custom fields. `date`: a day. `timestamp`: a moment, written in the site's own time.",
    ),
  maxLength: z.int().min(1).optional().describe("Characters that the IFS column holds."),
  shorten: z
    .boolean()
    .default(false)
    .describe("true: a longer text is cut (and journaled). false: it is an exception."),
  required: z.boolean().default(false).describe("true: an order without this value is an exception. false: left out."),
};

/** A constant; the value of a field of the order; or an expression over them (see docs/mapping.md). */
export const mappedValueSchema = z.union(
  [
    constant,
    z.strictObject({
      field: text.describe("Path of a value, such as `order.custom.costCentre`."),
      ...shared,
    }),
    z.strictObject({
      expression: text.max(2000).describe("A CEL expression over `order`, and `line` or `charge`."),
      ...shared,
    }),
  ],
  { error: "a constant, or `field:` with a path, or `expression:`, with no other settings than those" },
);
export type MappedValue = z.infer<typeof mappedValueSchema>;

const target = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,60}$/, "the name of an IFS field");
const targets = (what: string) =>
  z
    .record(target, mappedValueSchema)
    .default({})
    .describe(
      `IFS field of ${what} -> value: a logical name such as \`noteText\`, or the IFS property name such as \`Cf_Channel\`.`,
    );

export const mappingSchema = z.strictObject({
  header: targets("the order header"),
  line: targets("each order line"),
  charge: targets("each charge"),
});
export type Mapping = z.infer<typeof mappingSchema>;

const slugTable = (what: string) =>
  z
    .record(text, text)
    .default({})
    .describe(`Slug of a custom line item -> ${what}. A slug that ends with \`*\` stands for all that begin with it.`);

const chargeTypes = {
  shipping: text.optional().describe("IFS charge type for shipping."),
  discount: text.optional().describe("For discounts on the whole order."),
  rounding: text.optional().describe("For an explicit rounding difference."),
  externalTax: text.optional().describe("For tax amounts that are sent as charges (`tax.external.amounts: charge`)."),
  customLineItems: slugTable("IFS charge type"),
};
export const chargesSchema = z.strictObject({
  ...chargeTypes,
  customLineItemParts: slugTable("sales part, where it is a line of the IFS order instead of a charge"),
  discountOnTotal: z
    .enum(["charge", "lines"])
    .default("charge")
    .describe("A discount on the whole order is a charge of its own, or lowers the prices of all lines and charges."),
  lineDiscounts: z
    .enum(["price", "percent"])
    .default("price")
    .describe(
      "Discounts of a line are inside its price, or stand in the IFS discount field wherever a percentage gives the exact amount.",
    ),
});

export const taxRuleSchema = z
  .strictObject({
    country: z.string().length(2).optional(),
    name: text.optional().describe("Name of the commercetools tax rate."),
    rate: z.number().min(0).max(1).describe("0.19 for 19 percent."),
    taxCode: text.optional().describe("IFS tax code."),
    taxCalcStructure: text
      .optional()
      .describe("IFS tax calculation structure, in place of a tax code, for rates that consist of several taxes."),
  })
  .refine(({ taxCode, taxCalcStructure }) => (taxCode === undefined) !== (taxCalcStructure === undefined), {
    message: "either `taxCode` or `taxCalcStructure`",
  });
export type TaxRule = z.infer<typeof taxRuleSchema>;

export const taxSchema = z.strictObject({
  rules: z.array(taxRuleSchema).default([]),
  external: z
    .strictObject({
      amounts: z
        .enum(["compute", "check", "charge", "refuse"])
        .default("compute")
        .describe(
          "compute: IFS computes by the tax rules, and what it would come to must be the given amount. check: IFS is expected to hold the given amount, which is compared after the create. charge: rows go without tax, the given tax as charges. refuse: an exception.",
        ),
      taxCode: text
        .optional()
        .describe("IFS tax code of all rows (check, charge); the code of the tax rules where left out (check)."),
    })
    .prefault({})
    .describe("Orders whose taxes were computed outside of commercetools (tax mode External or ExternalAmount)."),
  untaxedCode: text
    .optional()
    .describe(
      "IFS tax code of rows without tax rate in orders whose tax mode is Disabled; an exception where left out.",
    ),
  subTaxes: z
    .enum(["each", "together"])
    .default("each")
    .describe("How IFS rounds a tax calculation structure: the amount of each of its taxes, or their sum."),
});

const oneOrMore = (what: string) =>
  z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe(`${what}; a list stands for any of them.`);

export const routeSchema = z.strictObject({
  name: text.describe("Name shown in messages."),
  when: z
    .strictObject({
      store: oneOrMore("Key of the store"),
      channel: oneOrMore("Key of the distribution channel that all lines have"),
      supplyChannel: oneOrMore("Key of the supply channel that all lines have"),
      country: oneOrMore("Country of the order, else of its shipping address"),
      currency: oneOrMore("Currency of the order"),
      customerGroup: oneOrMore("Key of the customer group"),
      businessUnit: oneOrMore("Key of the business unit"),
      shippingMethod: oneOrMore("Key (else name) of the shipping method that all shipments of the order have"),
      buyer: z
        .enum(["guest", "customer", "business"])
        .optional()
        .describe("business: the order has a business unit. guest: it has neither that nor a customer."),
    })
    .default({})
    .describe(
      "All given conditions must hold. The first matching route of the list counts; an empty `when` matches all.",
    ),
  company: text,
  site: text.describe("IFS site (Contract) that sells."),
  orderType: text.describe("IFS OrderId: decides how far the flow runs by itself after release."),
  coordinator: text.describe("IFS AuthorizeCode."),
  customerNo: text.describe("IFS customer that carries the orders of this route, with one-time addresses."),
  addressNo: text.describe("Its address number for invoices, and for deliveries where no one-time address is given."),
  customers: routeCustomersSchema,
  deliveryTerms: text.optional(),
  paymentTerms: text.optional(),
  priceList: text.optional().describe("IFS PriceListNo that the lines name; prices stay those of the order."),
  shipVia: z
    .record(text, text)
    .default({})
    .describe("commercetools shipping method (key, else name) -> IFS ship-via code."),
  defaultShipVia: text
    .optional()
    .describe("For shipping methods that are not listed; without it they are an exception."),
  severalAddresses: z
    .enum(["refuse", "oneTime", "addressNo"])
    .default("refuse")
    .describe(
      "Orders that are delivered to several addresses. oneTime: each line has its own one-time address. addressNo: the `externalId` of each address is the number of an address of the IFS customer.",
    ),
  language: text.optional(),
  supply: z
    .enum(["site", "any"])
    .default("site")
    .describe(
      "site: a line that was sold from a supply channel whose stock (`stock.pools`) is only that of other sites is refused. any: IFS delivers it from there by itself.",
    ),
  alternatives: z
    .array(text)
    .max(10)
    .default([])
    .describe(
      "Keys of supply channels, of which the check at checkout tells what they have where a line's own has too little. Empty: of none.",
    ),
  returns: returnModeSchema.optional().describe("Of this route, in place of `orders.afterExport.returns.mode`."),
  payments: routePaymentsSchema,
  charges: z
    .strictObject(chargeTypes)
    .partial()
    .prefault({})
    .describe("Charge types of this route; what is left out is taken from `charges`."),
  tax: z
    .strictObject({ rules: z.array(taxRuleSchema).default([]) })
    .prefault({})
    .describe("Tax rules of this route, looked at before those under `tax`."),
  mapping: mappingSchema.prefault({ header: {}, line: {}, charge: {} }),
  extra: z
    .record(text, constant)
    .default({})
    .describe("Constant values for further IFS order header fields, by IFS property name. `mapping` can do the same."),
});
export type Route = z.infer<typeof routeSchema>;
