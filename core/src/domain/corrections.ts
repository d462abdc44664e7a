/**
 * What a person may change about the export of one order. The order itself stays what the shopper bought: amounts and quantities
 * cannot be corrected, only where it goes and what it is called in IFS.
 */
import { z } from "zod";
import { taxRuleSchema } from "./route-config.ts";

const text = z.string().trim().min(1).max(200);

export const addressFields = [
  "title",
  "firstName",
  "lastName",
  "company",
  "department",
  "streetName",
  "streetNumber",
  "additionalStreetInfo",
  "building",
  "apartment",
  "pOBox",
  "postalCode",
  "city",
  "region",
  "state",
  "country",
  "additionalAddressInfo",
] as const;

const addressSchema = z
  .strictObject(Object.fromEntries(addressFields.map((field) => [field, text])) as Record<AddressField, typeof text>)
  .partial();
export type AddressField = (typeof addressFields)[number];

export const correctionsSchema = z.strictObject({
  route: text.optional().describe("Name of a configured route, whatever its conditions say."),
  lines: z
    .record(text, z.strictObject({ catalogNo: text }))
    .refine((lines) => Object.keys(lines).length <= 500, "at most 500 lines")
    .optional()
    .describe("Line item id -> IFS sales part."),
  taxRules: z.array(taxRuleSchema).max(20).optional().describe("Count before those of the configuration."),
  shippingAddress: addressSchema.optional().describe("Fields that replace those of the order."),
  billingAddress: addressSchema.optional(),
  purchaseOrderNumber: text.optional().describe("Of the buyer, as IFS gets it: one that IFS can hold, for instance."),
  shipVia: text.optional().describe("IFS ship-via code, whatever the shipping method."),
});
export type Corrections = z.infer<typeof correctionsSchema>;

/** For the journal: what was corrected to what; of addresses, which are personal, only the names of the fields. */
export function describeCorrections(corrections: Corrections | undefined): string {
  const { route, lines, taxRules, shippingAddress, billingAddress, purchaseOrderNumber, shipVia } = corrections ?? {};
  const parts = [
    ...(route === undefined ? [] : [`route ${route}`]),
    ...Object.entries(lines ?? {}).map(([line, { catalogNo }]) => `line ${line}: sales part ${catalogNo}`),
    ...(taxRules ?? []).map(
      ({ country, name, rate, taxCode }) => `tax ${[country, name, rate].filter(Boolean).join(" ")}: ${taxCode}`,
    ),
    ...addressPart("shipping address", shippingAddress),
    ...addressPart("billing address", billingAddress),
    ...(purchaseOrderNumber === undefined ? [] : [`purchase order number ${purchaseOrderNumber}`]),
    ...(shipVia === undefined ? [] : [`ship-via ${shipVia}`]),
  ];
  return parts.length === 0 ? "nothing" : parts.join("; ").slice(0, LONGEST);
}

/** An entry of the journal is small; the document of the corrections has them all. */
const LONGEST = 1200;

const addressPart = (name: string, address: object | undefined): string[] =>
  address === undefined || Object.keys(address).length === 0 ? [] : [`${name}: ${Object.keys(address).join(", ")}`];
