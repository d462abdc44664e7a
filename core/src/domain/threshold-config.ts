/** What the configuration says about thresholds: rows, the names of the fields that merchandisers fill, and days of cover. */
import { z } from "zod";

/** What counts where nobody could tell in time. `backOrder` lets pass as well, and says that nothing is promised from stock. */
export const failPolicySchema = z.enum(["open", "closed", "backOrder"]);
export type FailPolicy = z.infer<typeof failPolicySchema>;

const text = z.string().min(1);

/** Beyond this a number is a mistake: no shop keeps a million pieces of one SKU back. */
export const MOST_UNITS = 1_000_000;
export const MOST_DAYS = 365;
/** The sales of so many days are kept at most. */
export const MOST_WINDOW_DAYS = 56;

export const thresholdSchema = z
  .strictObject({
    sku: text.optional(),
    productType: text.optional().describe("Key of the product type."),
    category: text.optional().describe("Key of a category; what is in its subcategories belongs to it."),
    supplyChannel: text.optional(),
    threshold: z
      .int()
      .min(0)
      .max(MOST_UNITS)
      .optional()
      .describe("IFS is asked when less than this many units would stay available after the order."),
    days: z
      .number()
      .positive()
      .max(MOST_DAYS)
      .optional()
      .describe("The same in days of cover: days x average daily sales of the SKU in the channel, rounded up."),
    failPolicy: failPolicySchema
      .optional()
      .describe(
        "What counts when IFS can't answer in time: let pass, refuse, or let pass as a back-order. Absent: the next matching row's, at last the default.",
      ),
  })
  .refine(({ threshold, days }) => threshold === undefined || days === undefined, "either threshold or days, not both")
  .refine(
    ({ threshold, days, failPolicy }) => threshold !== undefined || days !== undefined || failPolicy !== undefined,
    "a row needs threshold, days or failPolicy",
  );
export type Threshold = z.infer<typeof thresholdSchema>;

const fieldName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{2,256}$/, "the name of an attribute or custom field, such as atp-threshold");

/** Spread into `atp`. */
export const thresholdSettings = {
  defaultThreshold: z.int().min(0).max(MOST_UNITS).default(10),
  thresholds: z
    .array(thresholdSchema)
    .default([])
    .describe(
      "The most specific matching row counts: SKU, category, product type, supply channel, in this order, and with a supply channel before without; of equal ones the first.",
    ),
  thresholdFields: z
    .strictObject({
      units: fieldName.optional().describe("Holds units."),
      days: fieldName.optional().describe("Holds days of cover."),
    })
    .prefault({})
    .describe(
      "Names of the product attributes, and of the custom fields of categories, in which merchandisers keep thresholds in the Merchant Center. Absent: none is read.",
    ),
  cover: z
    .strictObject({
      windowDays: z
        .int()
        .min(1)
        .max(MOST_WINDOW_DAYS)
        .default(28)
        .describe("Daily sales are the average of this many whole days before today (UTC)."),
      minimumUnits: z
        .int()
        .min(0)
        .max(MOST_UNITS)
        .default(3)
        .describe("No threshold in days of cover is lower than this, however slowly the SKU sells."),
    })
    .prefault({})
    .describe("How days of cover become units."),
};
