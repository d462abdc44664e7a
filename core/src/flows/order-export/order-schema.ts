/** The commercetools order as far as the export reads it. Unknown fields pass, unknown meanings do not. */
import { z } from "zod";
import { decimal } from "../../domain/decimal.ts";
import { type Money, money } from "../../domain/money.ts";
import { postalAddressShape } from "../postal-address.ts";

const text = z.string();
/** The platform leaves absent fields out, exports and imports of orders write null: both mean "none". */
const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

const currency = z.string().regex(/^[A-Z]{3}$/, "expected a three-letter currency code");
const centMoney = z
  .object({
    type: z.literal("centPrecision").default("centPrecision"),
    currencyCode: currency,
    centAmount: z.int(),
    fractionDigits: z.int().min(0).max(4),
  })
  .transform((value): Money => money(value.currencyCode, value.centAmount, value.fractionDigits));
const preciseMoney = z
  .object({
    type: z.literal("highPrecision"),
    currencyCode: currency,
    preciseAmount: z.int(),
    fractionDigits: z.int().min(1).max(20),
  })
  .transform((value): Money => money(value.currencyCode, value.preciseAmount, value.fractionDigits));
const anyMoney = z.union([centMoney, preciseMoney]);

const rate = z
  .number()
  .min(0)
  .max(1)
  .transform((value) => decimal(value));
const taxRate = z.object({
  name: text,
  amount: rate,
  includedInPrice: z.boolean(),
  country: text,
  subRates: optional(z.array(z.object({ name: text, amount: rate }))),
});
const taxed = z.object({ totalNet: centMoney, totalGross: centMoney });
const orderTaxed = taxed.extend({
  taxPortions: z.array(z.object({ rate, amount: centMoney, name: optional(text) })).default([]),
});

const discounted = z.object({ value: anyMoney });
const reference = z.object({ id: text });
/** Values of custom fields are whatever the merchant's Type says; custom-fields.ts reads them. */
const custom = optional(z.object({ fields: z.record(text, z.unknown()).default({}) }));
const quantity = z.int().min(1, "a quantity is at least 1");

/** Where the pieces of a line go, in orders of several shipments or addresses. */
const shippingDetails = z.object({
  targets: z
    .array(z.object({ addressKey: optional(text), quantity: z.int().min(0), shippingMethodKey: optional(text) }))
    .default([]),
});
const perShipment = {
  taxedPrice: optional(taxed),
  taxRate: optional(taxRate),
  perMethodTaxRate: optional(z.array(z.object({ shippingMethodKey: text, taxRate }))),
  taxedPricePortions: optional(
    z.array(z.object({ shippingMethodKey: optional(text), taxedPrice: optional(taxed), taxRate: optional(taxRate) })),
  ),
  shippingDetails: optional(shippingDetails),
};

const lineItem = z.object({
  id: text.min(1),
  key: optional(text),
  productKey: optional(text),
  productType: optional(z.object({ id: text, obj: optional(z.object({ key: optional(text) })) })),
  variant: z.object({ sku: optional(text.min(1)) }),
  name: z.record(text, text).default({}),
  price: z.object({ value: anyMoney, discounted: optional(discounted) }),
  quantity,
  totalPrice: centMoney,
  ...perShipment,
  distributionChannel: optional(reference),
  supplyChannel: optional(reference),
  lineItemMode: z.enum(["Standard", "GiftLineItem"]).default("Standard"),
  custom,
});

const customLineItem = z.object({
  id: text.min(1),
  key: optional(text),
  slug: text.min(1),
  name: z.record(text, text).default({}),
  money: anyMoney,
  quantity,
  totalPrice: centMoney,
  ...perShipment,
  custom,
});

const address = z.object({ ...postalAddressShape, custom });

const shippingInfo = z.object({
  shippingMethodName: text,
  price: centMoney,
  discountedPrice: optional(discounted),
  taxedPrice: optional(taxed),
  taxRate: optional(taxRate),
  shippingMethod: optional(z.object({ id: text, obj: optional(z.object({ key: optional(text) })) })),
});
/** One shipment of an order with several shipping methods. */
const shipping = z.object({
  shippingKey: text.min(1),
  shippingInfo,
  shippingAddress: optional(address),
  shippingCustomFields: custom,
});

const payment = z.object({
  id: text,
  obj: optional(
    z.object({
      interfaceId: optional(text),
      amountPlanned: optional(anyMoney),
      paymentMethodInfo: optional(z.object({ paymentInterface: optional(text), method: optional(text) })),
      transactions: z.array(z.object({ type: text, state: text, amount: anyMoney })).default([]),
    }),
  ),
});

export const orderSchema = z.object({
  id: text.min(1),
  version: z.int(),
  createdAt: z.iso.datetime(),
  orderNumber: optional(text.min(1)),
  purchaseOrderNumber: optional(text.min(1)),
  orderState: z.enum(["Open", "Confirmed", "Complete", "Cancelled"]),
  paymentState: optional(z.enum(["BalanceDue", "Failed", "Pending", "CreditOwed", "Paid"])),
  origin: optional(text),
  country: optional(z.string().length(2)),
  locale: optional(text),
  store: optional(z.object({ key: text })),
  businessUnit: optional(z.object({ key: text })),
  customerId: optional(text),
  customerEmail: optional(text),
  customerGroup: optional(reference),
  quote: optional(reference),
  recurringOrder: optional(reference),
  discountCodes: optional(
    z.array(z.object({ discountCode: z.object({ id: text, obj: optional(z.object({ code: text })) }) })),
  ),
  lineItems: z.array(lineItem).max(500),
  customLineItems: z.array(customLineItem).max(500).default([]),
  totalPrice: centMoney,
  taxedPrice: optional(orderTaxed),
  discountOnTotalPrice: optional(
    z.object({
      discountedAmount: anyMoney,
      discountedNetAmount: optional(anyMoney),
      discountedGrossAmount: optional(anyMoney),
    }),
  ),
  taxMode: z.enum(["Platform", "External", "ExternalAmount", "Disabled"]).default("Platform"),
  taxCalculationMode: z.enum(["LineItemLevel", "UnitPriceLevel"]).default("LineItemLevel"),
  taxRoundingMode: z.enum(["HalfEven", "HalfUp", "HalfDown"]).default("HalfEven"),
  shippingMode: z.enum(["Single", "Multiple"]).default("Single"),
  shippingInfo: optional(shippingInfo),
  shipping: optional(z.array(shipping).max(100)),
  shippingCustomFields: custom,
  shippingAddress: optional(address),
  billingAddress: optional(address),
  itemShippingAddresses: optional(z.array(address).max(500)),
  paymentInfo: optional(z.object({ payments: z.array(payment) })),
  custom,
});
export type RawOrder = z.output<typeof orderSchema>;

export type RawTaxRate = z.output<typeof taxRate>;
export type RawPayment = z.output<typeof payment>;
export type RawAddress = z.output<typeof address>;
export type RawCustom = z.output<typeof custom>;
/** What line items and custom line items say about their shipments. */
export type RawPriced = Pick<RawOrder["customLineItems"][number], "quantity" | "totalPrice" | keyof typeof perShipment>;

/** The few fields that decide whether an order is looked at at all. */
export const headSchema = z.object({
  id: text.min(1),
  version: z.int(),
  createdAt: z.iso.datetime(),
  orderNumber: optional(text.min(1)),
  orderState: text.min(1),
  paymentState: optional(text),
  syncInfo: z
    .array(z.object({ channel: z.object({ id: text }), externalId: optional(text), syncedAt: text }))
    .default([]),
});

/** A customer or business unit, as far as mappings of orders read it. */
export const buyerSchema = z.object({ custom });

/** What the shopper pays, of an order of which nothing else needs to be readable. */
export const totalSchema = z.object({
  totalPrice: centMoney,
  taxedPrice: optional(z.object({ totalGross: centMoney })),
});

/** What is paid, and what has been paid, of an order of which nothing else needs to be readable. */
export const paidSchema = totalSchema.extend({
  orderState: text,
  paymentInfo: optional(z.object({ payments: z.array(payment) })),
  returnInfo: optional(z.array(z.unknown())),
});
