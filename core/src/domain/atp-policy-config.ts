/** What counts where IFS cannot answer in time: the part of `atp` that goes by the value of the order. */
import { z } from "zod";
import { compare, decimal } from "./decimal.ts";
import { type Money, toDecimal } from "./money.ts";

const valueSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, "three capital letters, such as EUR"),
  amount: z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'a decimal number as text, such as "500.00"'),
});

export const atpPolicyShape = {
  closedFromValue: z
    .array(valueSchema)
    .refine((rows) => new Set(rows.map(({ currency }) => currency)).size === rows.length, {
      message: "each currency at most once",
    })
    .default([])
    .describe(
      "An order or cart of at least this total price is not let pass unseen: what IFS could not answer in time is refused, whatever the policy of its SKUs.",
    ),
};

export type ClosedFromValue = readonly z.infer<typeof valueSchema>[];

/** False where the value is not known, or no amount is given in its currency. */
export function isClosedByValue(
  { closedFromValue }: { readonly closedFromValue: ClosedFromValue },
  value: Money | undefined,
): boolean {
  const from = value && closedFromValue.find(({ currency }) => currency === value.currency);
  return value !== undefined && from !== undefined && compare(toDecimal(value), decimal(from.amount)) >= 0;
}
