/** Holds of the checkout, and the promise that is given with them: the part of `atp` that a merchant decides. */
import { z } from "zod";

export const atpHoldsSchema = z.strictObject({
  mode: z
    .enum(["on", "off"])
    .default("on")
    .describe("`off`: nothing is held, and two checkouts that ask at the same moment may be told of the same unit."),
  seconds: z
    .int()
    .min(30)
    .max(3600)
    .default(600)
    .describe("How long a cart may keep what it asked to hold without being ordered."),
  longestSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(3600)
    .describe(
      "How long a cart may hold a SKU by asking again and again. Then it is not renewed, and 5 minutes after its end the cart may hold anew. At least `seconds`.",
    ),
  boundSeconds: z
    .int()
    .min(30)
    .max(120)
    .default(120)
    .describe("How long what an order takes stays held; the platform must show the new order to queries by then."),
  perCaller: z
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe("Carts for which one OAuth 2 client may hold at the same time."),
});

export const atpPromiseSchema = z.strictObject({
  field: z
    .string()
    .regex(/^[-_A-Za-z0-9]{2,36}$/, "the name of a custom field")
    .optional()
    .describe(
      "Custom field of the cart in which the checkout leaves the promise that it was given; absent: none is given or read.",
    ),
  seconds: z
    .int()
    .min(5)
    .max(3600)
    .default(300)
    .describe("How long a promise is good at most; never longer than the hold that it was given with."),
});
