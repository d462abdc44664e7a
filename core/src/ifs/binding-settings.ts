/** Those parts of the binding that are no logical objects: what a merchant may set, and in which form. */
import { z } from "zod";

export const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of letters, digits and underscores");
export const text = z.string().min(1);
const constantsSchema = z.record(name, z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** null removes a default member: a filter must not name members that the tenant's enumeration lacks. */
const statesSchema = z.record(name, text.nullable());

export const settingsSchema = z.strictObject({
  states: z.strictObject({
    order: statesSchema.describe("Member of the order's state enumeration -> logical state."),
    orderLine: statesSchema,
    shipment: statesSchema,
    rma: statesSchema.describe("Of returns, and of their lines."),
  }),
  constants: z.strictObject({
    order: constantsSchema.describe(
      "What every order header is created with, by logical name or by IFS property; null removes a default.",
    ),
    orderLine: constantsSchema,
    inventoryLine: constantsSchema.describe("In addition, for lines of inventory parts."),
    nonInventoryLine: constantsSchema,
    /** A line whose tax code the shop names must not have it replaced by IFS's own finding. */
    taxedLine: constantsSchema.describe("In addition, for lines that name their tax code."),
    charge: constantsSchema,
    rma: constantsSchema.describe("What every RMA header is created with."),
    rmaLine: constantsSchema,
  }),
  linesArray: name.describe("Child array of the order to which lines are posted."),
  rmaLinesArray: name.describe("Child array of the RMA to which lines are posted."),
  actions: z.strictObject({
    release: name.describe("Action bound to the order."),
    cancel: name,
    cancelReason: name
      .nullable()
      .describe(
        "Parameter of the cancel actions; null: they take none, and the reason is written to the order before.",
      ),
    cancelLine: name.describe("Action bound to the order line."),
    print: name.nullable().describe("Action bound to the order that answers the key of a printed report."),
    printReport: name.describe("Parameter of the print action."),
    releaseRma: name.nullable().describe("Action bound to the RMA."),
    copyCustomer: name.nullable().describe("Action of the customer's projection that answers the new customer's id."),
    copyCustomerParameters: z.strictObject({
      customerId: name.describe("The customer that is copied."),
      newId: name.describe("Left empty, IFS assigns one."),
      newName: name,
      newCategory: name,
      associationNo: name.nullable(),
    }),
    /** Function bound to the collection that answers defaults for a new order; null: not asked. */
    orderDefault: name.nullable(),
    lineDefault: name.nullable(),
  }),
  cancelReasons: z
    .record(text, text)
    .describe("Our reason -> the tenant's cancellation reason code; `*` stands for all that are not listed."),
  singleOccurrence: z.strictObject({
    place: z
      .enum(["array", "header"])
      .describe(
        "A child row of the order (orderAddress.set), or properties of the header named by orderAddress.fields.",
      ),
    header: constantsSchema.describe("Properties of a header whose delivery address is for this order only."),
    line: constantsSchema,
    regularLine: constantsSchema.describe("Properties of a line that goes to an address of the customer."),
    otherAddressLine: constantsSchema.describe("Properties of a line that goes to another address of the customer."),
    billAddress: z
      .record(name, name.nullable())
      .describe(
        "Properties of the header that take the invoice address of this order: our name -> property. Empty: IFS has none, and the note says it.",
      ),
    lineAddress: z
      .record(name, name.nullable())
      .describe("Properties of a line with a one-time address of its own: our name -> property."),
  }),
  lineReference: z.strictObject({
    field: z.enum(["customerPoLineNo", "noteText"]).describe("Where the line's reference is written when it fits."),
    maxLength: z.int().min(1).describe("Characters that field holds."),
  }),
  baseAmounts: z.strictObject({
    mode: z.enum(["auto", "never", "required"]),
    companyCurrency: z.record(text, z.string().length(3)).describe("Company -> its accounting currency."),
    rates: z
      .record(text, z.record(z.string().length(3), z.string().regex(/^\d+(\.\d+)?$/, "a decimal as text")))
      .describe(
        "Company -> order currency -> company currency per unit, for tenants that need it and answer no default.",
      ),
  }),
  finalLineStates: z.array(text).describe("Logical states of lines that draw on no stock any more."),
  activeMembers: z.array(z.string()).describe("Spellings of the sales part's active flag that mean active."),
  openPurchaseStates: z.array(text).describe("States of purchase order lines whose goods are still to come."),
  openShopOrderStates: z.array(text).describe("States of shop orders whose goods are still to come."),
  sourceRefType: z.string().describe("Member that marks shipment lines of customer orders."),
  maxUrlLength: z.int().min(500).describe("Longer key lists are asked for in several requests."),
});
export type Settings = z.infer<typeof settingsSchema>;
