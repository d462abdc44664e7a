/** Which IFS customer carries an order: what a route decides, and what holds for all of them. */
import { z } from "zod";

const text = z.string().min(1);

const constant = z.union([z.string(), z.number(), z.boolean()]);
const customerField = z.strictObject({
  field: z
    .string()
    .regex(/^customer\.[A-Za-z_][\w.-]*$/, "a path such as customer.custom.taxExempt or customer.group")
    .describe("Path of a value of the customer or business unit; see docs/mapping.md."),
  values: z
    .record(text, constant)
    .optional()
    .describe(
      "Value in commercetools (a boolean is `true` or `false`, none is `none`) -> value in IFS. Others write nothing.",
    ),
});
/** A constant, or the value of a field of the customer, as it is or by a table. */
export const customerValueSchema = z.union([constant, customerField], {
  error: "a constant, or `field:` with a path that begins with customer., and a table `values:`",
});
export type CustomerValue = z.infer<typeof customerValueSchema>;

export const routeCustomersSchema = z
  .strictObject({
    policy: z
      .enum(["webshop", "own"])
      .default("webshop")
      .describe(
        "webshop: all orders of the route on `customerNo`. own: the order's business unit, else its customer, has an IFS customer of its own. Guests are always on `customerNo`.",
      ),
    template: text.optional().describe("IFS customer that new ones are copied from; without it none is created."),
    businessTemplate: text
      .optional()
      .describe("The same for business units and customers with a VAT id; `template` where left out."),
    createAt: z
      .enum(["firstOrder", "signUp"])
      .default("firstOrder")
      .describe(
        "When a customer or business unit that has no IFS customer gets one. signUp: as soon as it exists in commercetools and all conditions of the route that can be told of a customer hold.",
      ),
    fields: z
      .record(z.string().regex(/^[A-Z][A-Za-z0-9_]{0,60}$/, "the name of an IFS property"), customerValueSchema)
      .default({})
      .describe("Further fields of the IFS customer, by IFS property name -> a constant or a field of the customer."),
    taxLiability: customerValueSchema
      .optional()
      .describe("Tax liability of the IFS customer in the company of the route, such as TAX or EXEMPT."),
  })
  .prefault({});

/** What of a customer may belong to either side. `addresses`: the rows of its address book. */
export const ownedFields = [
  "name",
  "country",
  "email",
  "phone",
  "mobile",
  "vatNo",
  "defaultLanguage",
  "taxLiability",
  "fields",
  "addresses",
] as const;
export type OwnedField = (typeof ownedFields)[number];

const fieldOwner = z.enum(["commercetools", "ifs", "firstWins"]).default("commercetools");
export type FieldOwner = z.infer<typeof fieldOwner>;

/** How later changes of a customer reach IFS. */
export const customerChangesSchema = z
  .strictObject({
    flow: z
      .enum(["off", "created", "linked"])
      .default("off")
      .describe(
        "Whether later changes of customers and business units flow to their IFS customers, on routes whose customers are their own. created: only to IFS customers that the connector created. linked: to all that carry their number, also those that IFS knew before: what commercetools owns then takes its value with the next change.",
      ),
    since: z.iso
      .datetime()
      .optional()
      .describe(
        "Changes since then are looked at when the flow runs for the first time; without it, those from then on.",
      ),
    owners: z
      .strictObject({
        name: fieldOwner,
        country: fieldOwner,
        email: fieldOwner,
        phone: fieldOwner,
        mobile: fieldOwner.describe("Of the communication methods; the card has one telephone number."),
        vatNo: fieldOwner,
        defaultLanguage: fieldOwner,
        taxLiability: fieldOwner,
        fields: fieldOwner.describe("All that `routes[].customers.fields` names."),
        addresses: fieldOwner.describe("firstWins: new addresses are added, and what a row says is never changed."),
      })
      .prefault({})
      .describe(
        "Whose value counts where the two differ. commercetools: it is written over that of IFS. ifs: it is never written. firstWins: it is written where IFS has none, and never changed. The value that loses is journaled.",
      ),
    clear: z
      .array(z.enum(["email", "phone", "mobile", "vatNo"]))
      .default([])
      .describe(
        "Fields that are emptied in IFS when commercetools has none and owns them. All others stay as they are.",
      ),
    languages: z
      .record(text, text)
      .default({})
      .describe(
        "Locale, or its language, in commercetools -> language code in IFS. Others are passed on as their language.",
      ),
    communication: z
      .strictObject({
        rows: z
          .array(z.enum(["email", "phone", "mobile"]))
          .default([])
          .describe(
            "What of a customer becomes a row of its communication methods in IFS: its e-mail address, and telephone and mobile number of its main address. Empty: none. `owners` and `clear` hold for rows as for the card; a row that is cleared ends.",
          ),
        methods: z
          .strictObject({
            email: text.default("EMail"),
            phone: text.default("Phone"),
            mobile: text.default("Mobile"),
          })
          .prefault({})
          .describe("The tenant's words for the methods (MethodId); unverified."),
        mark: text
          .max(100)
          .default("Web shop")
          .describe(
            "Written to each row that the connector adds (Description, by `ifs.binding.customerCommMethod.fields.mark`), and how it knows its own: rows without it are never changed. Never change it after the first row.",
          ),
      })
      .prefault({}),
    removedAddresses: z
      .enum(["keep", "report", "endDate"])
      .default("keep")
      .describe(
        "An address that was removed in commercetools is never deleted in IFS. keep: the journal tells. report: an exception until it is gone or ended in IFS. endDate: it is valid until that day.",
      ),
    defaultAddresses: z
      .strictObject({
        shipping: z.array(text).default(["Delivery"]),
        billing: z.array(text).default(["Document", "Pay"]),
      })
      .prefault({})
      .describe(
        "IFS address types of which the default shipping and billing address are the default. Empty: IFS decides.",
      ),
    lostValues: z
      .enum(["full", "masked"])
      .default("full")
      .describe("How the journal keeps a value that lost: as it was, or only its first letter and its length."),
  })
  .prefault({});
export type CustomerChangesConfig = z.infer<typeof customerChangesSchema>;

/** Digits that a chosen number has at least after its prefix, of 32 kinds each: 70 bits. */
const LEAST_DIGITS = 14;

export const customersSchema = z
  .strictObject({
    create: z
      .enum(["chosenNumber", "never"])
      .default("chosenNumber")
      .describe(
        "chosenNumber: a new customer gets a CustomerId that the connector derives from the commercetools id, so that it can exist only once. never: a person creates it in IFS; for tenants that give numbers themselves.",
      ),
    numberPrefix: z
      .string()
      .regex(/^[A-Z0-9-]{1,6}$/, "one to six of A-Z, 0-9 and -")
      .default("CT")
      .describe("Chosen numbers begin with it; no other customer of IFS may. Never change it after the first order."),
    numberLength: z
      .int()
      .min(15)
      .max(20)
      .default(20)
      .describe("Length of chosen numbers with their prefix. Never change it after the first order."),
    category: text.default("Customer").describe("IFS CustomerCategory of new customers."),
    matchBy: z
      .array(z.enum(["vatId", "email"]))
      .default(["vatId", "email"])
      .describe(
        "How an IFS customer is found that commercetools does not know yet, where `ifs.binding.customer.fields` names the IFS field (vatNo, email). A name never links.",
      ),
    verifiedEmailOnly: z
      .boolean()
      .default(true)
      .describe(
        "An e-mail address that nobody has verified does not link: whoever types it would order on that customer's account.",
      ),
    delivery: z
      .enum(["oneTime", "customer"])
      .default("oneTime")
      .describe("Delivery addresses of such orders: for this order only, or an address of the IFS customer."),
    addressTypes: z
      .array(text)
      .default(["Delivery", "Document", "Pay"])
      .describe("IFS address types that a new address of a customer gets."),
    changes: customerChangesSchema,
    businessUnits: z
      .strictObject({
        number: z
          .enum(["field", "key"])
          .default("field")
          .describe(
            "Where a business unit keeps its IFS customer number, as it has no externalId. field: in the custom field `field`. key: its key is the number, and none is created.",
          ),
        field: text
          .default("ifsCustomerNumber")
          .describe("Name of a text field of the custom type that your business units have."),
      })
      .prefault({}),
  })
  .refine(({ numberPrefix, numberLength }) => numberLength - numberPrefix.length >= LEAST_DIGITS, {
    message: `chosen numbers need at least ${LEAST_DIGITS} digits after their prefix`,
    path: ["numberLength"],
  });
export type CustomersConfig = z.infer<typeof customersSchema>;
