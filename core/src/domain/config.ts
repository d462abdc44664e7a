/**
 * The merchant's configuration: one document, versioned in commercetools, parsed whenever it is loaded. Everything that a
 * merchant decides is here; secrets and addresses of the two systems are environment settings of the deployment.
 */
import { z } from "zod";
import { afterExportSchema, type ReturnMode } from "./after-export-config.ts";
import { atpDoorsSchema } from "./atp-door-config.ts";
import { atpGuardShape } from "./atp-guard-config.ts";
import { atpHoldsSchema, atpPromiseSchema } from "./atp-hold-config.ts";
import { atpPolicyShape } from "./atp-policy-config.ts";
import { atpSupplyShape } from "./atp-supply-config.ts";
import { customersSchema } from "./customer-config.ts";
import { ifsChangesSchema } from "./ifs-changes.ts";
import { paymentsSchema } from "./payment-config.ts";
import { chargesSchema, routeSchema, taxSchema } from "./route-config.ts";
import { stockSchema } from "./stock-config.ts";
import { failPolicySchema, thresholdSettings } from "./threshold-config.ts";

const text = z.string().min(1);
const seconds = z.int().min(1);
const length = z.int().min(1);
const timeZone = z.string().refine(isTimeZone, "no time zone of the IANA database, such as Europe/Berlin");

/** Names that were right: asking costs as much as the rest of a configuration, which is read every few seconds. */
const timeZones = new Set<string>();

function isTimeZone(name: string): boolean {
  if (timeZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    timeZones.add(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
const webAddress = text.regex(/^https?:\/\/[^\s]+$/, "an address that begins with https:// or http://");

export const siteSchema = z.strictObject({
  site: text,
  company: text,
  timeZone: timeZone.describe("IANA zone of the site, such as Europe/Berlin: IFS dates are local to it."),
});
export type Site = z.infer<typeof siteSchema>;

/** Columns of an IFS order with a length of their own, as `orders.maxLengths` names them. */
const textColumns = [
  "name",
  "addressLine",
  "zipCode",
  "city",
  "state",
  "customerPoNo",
  "internalRef",
  "custRef",
  "noteText",
] as const;

export const connectorConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  orders: z.strictObject({
    exportFrom: z.iso.datetime().describe("Orders created before this moment are not exported."),
    orderStates: z
      .array(z.enum(["Open", "Confirmed", "Complete"]))
      .min(1)
      .default(["Open", "Confirmed"]),
    paymentStates: z
      .array(z.enum(["BalanceDue", "Failed", "Pending", "CreditOwed", "Paid", "none"]))
      .min(1)
      .default(["Pending", "Paid", "BalanceDue", "none"])
      .describe("`none` stands for an order without payment state."),
    minimumAgeSeconds: z.int().min(0).default(0),
    workflowStates: z
      .array(text)
      .default([])
      .describe("Keys of the workflow states (`state` of the order) in which an order leaves. Empty: any, and none."),
    riskHold: z
      .strictObject({
        customField: text.optional().describe("Custom field of the order that holds it back."),
        values: z.array(text).default(["true"]).describe("Values of the field that hold; of a list, its key."),
        workflowStates: z.array(text).default([]).describe("Keys of workflow states that hold."),
      })
      .prefault({})
      .describe("Orders that somebody checks first. They wait, and leave by themselves once the mark is gone."),
    stores: z.array(text).default([]).describe("Keys of the stores whose orders are exported. Empty: all."),
    channels: z
      .array(text)
      .default([])
      .describe("Keys of distribution channels; an order with a line of one of them is exported. Empty: all."),
    cutOver: z
      .strictObject({
        at: z.iso.datetime().describe("Orders created before this moment may be in IFS by the former integration."),
        field: z
          .string()
          .regex(/^[A-Za-z]\w*$/, "the name of one IFS property, such as CustomerPoNo or Cf_Web_Order")
          .describe("Property of the IFS order in which it left the order's identity."),
        value: z.enum(["orderNumber", "id"]).default("orderNumber"),
        prefix: z.string().default("").describe("What it wrote in front of it."),
        ifNotFound: z
          .enum(["ask", "export"])
          .default("ask")
          .describe("An order of that time that is not found: an exception, or exported as a new one."),
      })
      .optional()
      .describe("How orders that a former integration exported are found and linked, instead of being created again."),
    ifsOrderNo: z
      .strictObject({
        prefix: z
          .string()
          .regex(/^[A-Z0-9]{0,6}$/, "at most six capitals or digits")
          .default("")
          .describe("Begins every number, so that people and IFS's own number series keep apart."),
        length: z.int().min(10).max(30).default(12).describe("Characters of a number, prefix included."),
      })
      .refine(({ prefix, length }) => length - prefix.length >= 8, "leave at least eight characters behind the prefix")
      .optional()
      .describe(
        "Lets the connector choose the number of an IFS order, always the same for the same commercetools order, so that IFS itself refuses a second one. Used only where the doctor's write probe has shown that IFS takes it; absent: IFS chooses.",
      ),
    priceDecimals: z
      .int()
      .min(0)
      .max(12)
      .optional()
      .describe(
        "Most decimals of a unit price in IFS; absent: four more than the currency has. More of them express finer prices, and discounts on larger quantities, to the cent; IFS must keep them (the order is compared after its create).",
      ),
    unannouncedPerHour: z
      .int()
      .min(0)
      .default(10)
      .describe("More orders than this in an hour that the sweep found before any event are an exception."),
    release: z.boolean().default(true).describe("Release the IFS order after its amounts were compared."),
    lateCommitWaitSeconds: seconds
      .default(600)
      .describe("How long after a lost answer IFS may still commit; nobody repeats the create before that."),
    claimSeconds: z
      .int()
      .min(15)
      .default(60)
      .describe("How long one worker may work on an order before another takes over; a create has to fit into it."),
    maxAttempts: z.int().min(1).default(5),
    maxLengths: z
      .strictObject({
        name: length.default(100),
        addressLine: length.default(35),
        zipCode: length.default(35),
        city: length.default(35),
        state: length.default(35),
        customerPoNo: length.default(50),
        internalRef: z.int().min(0).default(30).describe("0: the shop's order number is not written there."),
        custRef: length.default(30),
        noteText: length.default(2000),
      })
      .prefault({})
      .describe(
        "Characters that columns of the order hold; unverified, compare with your tenant's $metadata. What is longer is refused before anything is sent, or cut where `shorten` names it.",
      ),
    shorten: z
      .array(z.enum(textColumns))
      .default(["custRef", "noteText"])
      .describe("Texts that are cut (and journaled) where they are longer than `maxLengths`. All others are refused."),
    wantedDeliveryDays: z
      .int()
      .min(0)
      .default(2)
      .describe("Days from order to wanted delivery date where the order names none."),
    payments: paymentsSchema.prefault({}),
    afterExport: afterExportSchema.prefault({}),
  }),
  routes: z.array(routeSchema).min(1),
  customers: customersSchema.prefault({}),
  sites: z.array(siteSchema).min(1),
  addresses: z
    .strictObject({
      regions: z
        .record(z.string().length(2), z.record(text, text))
        .default({})
        .describe(
          "Country -> region as commercetools has it (name or code) -> region as IFS has it. A country that is listed here has no other regions; regions of the others are passed on as they are.",
        ),
      countries: z
        .record(z.string().length(2), text)
        .default({})
        .describe("Country codes that differ in IFS; all others are equal."),
    })
    .prefault({}),
  skus: z
    .strictObject({
      exceptions: z
        .array(z.strictObject({ sku: text, catalogNo: text }))
        .default([])
        .describe("SKUs whose sales part number differs. All others are equal."),
      untracked: z.array(text).default([]).describe("SKUs without stock: no entry, no check at checkout."),
    })
    .prefault({}),
  units: z
    .strictObject({
      sellBySalesUnit: z.boolean().default(true).describe("One commercetools piece is one IFS sales unit."),
    })
    .prefault({}),
  charges: chargesSchema.prefault({}),
  tax: taxSchema.prefault({}),
  stock: stockSchema.prefault({}),
  atp: z
    .strictObject({
      extension: z
        .enum(["off", "armed"])
        .default("off")
        .describe("`armed` lets commercetools ask this connector before it creates an order."),
      extensionTimeoutMs: z
        .int()
        .min(1600)
        .max(10_000)
        .default(2000)
        .describe(
          "How long commercetools waits before it fails the order. A process that has just started takes up to 1200 ms to learn its configuration, and the way back 400.",
        ),
      deadlineMs: z.int().min(100).max(9000).default(1200).describe("The answer comes within this time, IFS or not."),
      cacheSeconds: z.int().min(0).max(60).default(3),
      ...atpGuardShape,
      defaultFailPolicy: failPolicySchema.default("open"),
      ...atpPolicyShape,
      ...atpSupplyShape,
      doors: atpDoorsSchema.prefault({}),
      ...thresholdSettings,
      holds: atpHoldsSchema.prefault({}),
      promise: atpPromiseSchema.prefault({}),
    })
    .prefault({}),
  prices: z
    .strictObject({
      lists: z
        .array(
          z.strictObject({
            priceListNo: text,
            currency: z.string().length(3),
            includesTax: z.boolean().default(false).describe("Take SalesPriceInclTax instead of SalesPrice."),
            country: z.string().length(2).optional(),
            customerGroup: text.optional(),
            channel: text.optional().describe("Key of the distribution channel."),
            timeZone: timeZone.default("Europe/Berlin").describe("Zone in which the list's dates begin."),
          }),
        )
        .default([]),
      maxChangePercent: z
        .number()
        .min(0)
        .default(50)
        .describe("A price that moves by more is held for review. 0 switches it off."),
    })
    .prefault({}),
  statuses: z
    .strictObject({
      order: z
        .record(text, z.enum(["Open", "Confirmed", "Complete", "Cancelled"]))
        .default({
          Released: "Confirmed",
          Reserved: "Confirmed",
          Picked: "Confirmed",
          Invoiced: "Complete",
          Cancelled: "Cancelled",
        })
        .describe("IFS order state -> commercetools order state; states that are not listed change nothing."),
      shipment: z
        .record(
          text,
          z.enum(["Pending", "Ready", "Partial", "Shipped", "Delivered", "Delayed", "Backorder", "Canceled"]),
        )
        .default({
          Reserved: "Pending",
          Picked: "Ready",
          PartiallyDelivered: "Partial",
          Delivered: "Shipped",
          Invoiced: "Shipped",
        }),
      carriers: z
        .record(text, z.strictObject({ name: text, trackingUrl: webAddress.optional() }))
        .default({})
        .describe("IFS ForwardAgentId -> carrier name and tracking link; {trackingNumber} is replaced in the link."),
      lookbackDays: z.int().min(1).default(60).describe("Linked orders that are not final are asked for this long."),
    })
    .prefault({}),
  schedules: z
    .strictObject({
      sweepSeconds: seconds
        .max(3600)
        .default(60)
        .describe(
          "The order check, which can't be switched off: at most an hour, for it resolves doubt and finds what events lost.",
        ),
      stockSeconds: seconds.default(60),
      stockFullSeconds: seconds.default(3600),
      priceSeconds: seconds.default(900),
      statusSeconds: seconds.default(60),
      customerSeconds: seconds.default(300),
    })
    .prefault({}),
  ifs: z
    .strictObject({
      changeSets: z
        .enum(["auto", "never"])
        .default("auto")
        .describe("`never`: header, lines and charges as single requests."),
      pageSize: z.int().min(10).max(5000).default(500),
      readTimeoutMs: z.int().min(500).default(60_000),
      writeTimeoutMs: z.int().min(500).default(120_000),
      concurrency: z.int().min(1).max(50).default(6).describe("Requests at a time that one process may have at most."),
      budget: z
        .strictObject({
          requestsPerMinute: z
            .int()
            .min(30)
            .max(100_000)
            .default(600)
            .describe("Requests to IFS in any minute, all applications and replicas together."),
          concurrency: z
            .int()
            .min(2)
            .max(200)
            .default(8)
            .describe(
              "Requests at a time, all applications and replicas together. Each running process needs one, so it must exceed their number.",
            ),
        })
        .prefault({}),
      sentinelOrders: z
        .record(text, text)
        .default({})
        .describe("Site -> number of an IFS order that is never deleted: proves that orders of that site can be seen."),
      sentinelReturns: z
        .record(text, z.string().regex(/^\d+$/, "the number of an RMA"))
        .default({})
        .describe("Site -> number of an RMA that is never deleted: proves that RMAs of that site can be seen."),
      changes: ifsChangesSchema.prefault({}),
      journalFields: z
        .array(text)
        .default([])
        .describe(
          "IFS properties that a mapping writes and whose texts the journal keeps as they were sent. Of all others, which may be personal, it keeps the length.",
        ),
      binding: z
        .record(text, z.unknown())
        .default({})
        .describe("Names that differ in this tenant, by logical object; see docs/mapping.md."),
    })
    .prefault({}),
  owners: z
    .record(text, text)
    .default({})
    .describe(
      "Owner class (merchant, ifsAdministrator, operator, developer) -> team or address shown with an exception.",
    ),
  links: z
    .strictObject({
      ifsOrder: webAddress
        .refine((address) => address.includes("{orderNo}"), "an address with {orderNo} in it")
        .optional()
        .describe("Page of a customer order in IFS, with {orderNo} where the number goes; shown with exceptions."),
    })
    .prefault({}),
});

export type ConnectorConfig = z.infer<typeof connectorConfigSchema>;

/** Returns of some orders become RMAs, or a person is asked about them. */
export const returnsAreOn = ({ orders, routes }: Pick<ConnectorConfig, "orders" | "routes">): boolean =>
  orders.afterExport.returns.mode !== "off" || routes.some(({ returns }) => returns !== undefined && returns !== "off");

/** The mode of a route; the general one where it has none of its own. */
export const returnModeOf = (
  { orders }: Pick<ConnectorConfig, "orders">,
  route: { readonly returns?: ReturnMode | undefined } | undefined,
): ReturnMode => route?.returns ?? orders.afterExport.returns.mode;
