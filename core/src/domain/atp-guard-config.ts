/** How the check at checkout is run: what is remembered for how long, and when commercetools asks. Part of `atp` of the configuration. */
import { z } from "zod";

/** A predicate on an absent field fails the buyer's request, so each field is asked for first (documented). */
const HAS_LINES = "lineItems is defined and lineItems is not empty";
const condition = z.string().min(1).max(2000);

/** As commercetools spells the triggers of an API Extension. A cart is written many times, so its trigger must say when. */
const triggerSchema = z.discriminatedUnion("resourceTypeId", [
  z.strictObject({
    resourceTypeId: z.literal("order"),
    actions: z.array(z.literal("Create")).length(1).default(["Create"]),
    condition: condition.default(HAS_LINES),
  }),
  z.strictObject({
    resourceTypeId: z.literal("cart"),
    actions: z
      .array(z.enum(["Create", "Update"]))
      .min(1)
      .max(2),
    condition: condition.describe(
      "Predicate on the cart, such as `custom is defined and custom(fields(checkStock = true))`: it is asked at each write of a cart.",
    ),
  }),
]);
export type GuardTrigger = z.infer<typeof triggerSchema>;

export const atpGuardShape = {
  extensionTriggers: z
    .array(triggerSchema)
    .min(1)
    .max(2)
    .refine((rows) => new Set(rows.map(({ resourceTypeId }) => resourceTypeId)).size === rows.length, {
      message: "each resource at most once",
    })
    .default([{ resourceTypeId: "order", actions: ["Create"], condition: HAS_LINES }])
    .describe("When commercetools asks. A predicate that names a field must also ask whether it `is defined`."),
  shopCacheSeconds: z
    .int()
    .min(0)
    .max(30)
    .default(5)
    .describe(
      "How old a figure of commercetools' own stock may be that confirms a line above its threshold. A threshold must exceed what can be sold in this time and 10 seconds. 0: read for each answer.",
    ),
};
