/** Which IFS customer carries an order: what a route decides, and what holds for all of them. */
import { z } from "zod";

const text = z.string().min(1);

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
  })
  .prefault({});

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
