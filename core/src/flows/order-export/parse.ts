/** commercetools order -> `ShopOrder`: tolerant of unknown fields, never of unknown meanings. */
import type { z } from "zod";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderId, Sku } from "../../domain/ids.ts";
import type { Money } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { headSchema, orderSchema, type RawOrder, type RawPayment, type RawTaxRate } from "./order-schema.ts";
import { refuse } from "./refuse.ts";
import type {
  OrderHead,
  ShopCustomLine,
  ShopLine,
  ShopOrder,
  ShopPayment,
  ShopTaxed,
  ShopTaxRate,
} from "./shop-order.ts";

/** Rejection `invalidInput` when it is no order at all. */
export function parseOrderHead(order: unknown): Result<OrderHead, Rejection> {
  const parsed = headSchema.safeParse(order);
  if (!parsed.success) return unreadable(parsed.error);
  const { id, paymentState, ...rest } = parsed.data;
  return ok({ ...rest, id: id as OrderId, paymentState: paymentState ?? "none" });
}

/** Rejection `invalidInput` for what cannot be read, `unsupported` for what cannot be expressed in IFS yet. */
export function parseOrder(order: unknown): Result<ShopOrder, Rejection> {
  const parsed = orderSchema.safeParse(order);
  if (!parsed.success) return unreadable(parsed.error);
  const raw = parsed.data;
  const reason = unsupported(raw) ?? mixedMoney(raw);
  if (reason) return reason;
  const includesTax = taxInclusion(raw);
  if (!includesTax.ok) return includesTax;
  return ok(toShopOrder(raw, includesTax.value));
}

function unreadable(error: z.ZodError): Result<never, Rejection> {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") || "order";
  return refuse("invalidInput", "developer", {
    message: `The order cannot be read: ${path}: ${issue?.message ?? "unknown structure"}.`,
    action: "Correct the order in commercetools, or report the field: the connector does not know this form of it.",
    field: path,
  });
}

function unsupported(raw: RawOrder): Result<never, Rejection> | undefined {
  const no = (field: string, message: string) =>
    refuse("unsupported", "developer", {
      message,
      action: "Enter this order in IFS by hand, or change it in commercetools.",
      field,
    });
  if (raw.lineItems.length + raw.customLineItems.length === 0) return no("lineItems", "The order has no lines.");
  if (raw.lineItems.length === 0) {
    return no(
      "lineItems",
      "The order has only custom line items, which are charges in IFS; an IFS order needs a line.",
    );
  }
  if (raw.shippingMode === "Multiple") return no("shippingMode", "The order has several shipping methods.");
  if (raw.itemShippingAddresses?.length) {
    return no("itemShippingAddresses", "The order is shipped to several addresses.");
  }
  if (raw.taxMode === "ExternalAmount" || raw.taxMode === "Disabled") {
    return no("taxMode", `The order's tax mode is ${raw.taxMode}; its tax amounts cannot be handed to IFS.`);
  }
  const rates = [...raw.lineItems, ...raw.customLineItems, ...(raw.shippingInfo ? [raw.shippingInfo] : [])];
  if (rates.some(({ taxRate: given }) => (given?.subRates?.length ?? 0) > 1)) {
    return no("lineItems.taxRate.subRates", "A tax rate of the order consists of several taxes.");
  }
  const below = [...raw.lineItems, ...(raw.shippingInfo ? [{ totalPrice: raw.shippingInfo.price }] : [])];
  if (below.some(({ totalPrice }) => totalPrice.minor < 0n)) {
    return no("lineItems.totalPrice", "A line or the shipping price is negative.");
  }
  return undefined;
}

function amountsOf(raw: RawOrder): [string, Money | undefined][] {
  const priced = [
    ...raw.lineItems.map((line) => [`lineItems.${line.id}`, line] as const),
    ...raw.customLineItems.map((line) => [`customLineItems.${line.id}`, line] as const),
  ];
  const { shippingInfo: shipping, discountOnTotalPrice: discount } = raw;
  return [
    ...priced.flatMap(([path, line]): [string, Money | undefined][] => [
      [`${path}.totalPrice`, line.totalPrice],
      [`${path}.taxedPrice.totalNet`, line.taxedPrice?.totalNet],
      [`${path}.taxedPrice.totalGross`, line.taxedPrice?.totalGross],
    ]),
    ["shippingInfo.price", shipping?.price],
    ["shippingInfo.discountedPrice", shipping?.discountedPrice?.value],
    ["shippingInfo.taxedPrice.totalNet", shipping?.taxedPrice?.totalNet],
    ["shippingInfo.taxedPrice.totalGross", shipping?.taxedPrice?.totalGross],
    ["taxedPrice.totalNet", raw.taxedPrice?.totalNet],
    ["taxedPrice.totalGross", raw.taxedPrice?.totalGross],
    ...(raw.taxedPrice?.taxPortions ?? []).map(({ amount }): [string, Money] => ["taxedPrice.taxPortions", amount]),
    ["discountOnTotalPrice.discountedAmount", discount?.discountedAmount],
    ["discountOnTotalPrice.discountedNetAmount", discount?.discountedNetAmount],
    ["discountOnTotalPrice.discountedGrossAmount", discount?.discountedGrossAmount],
  ];
}

/** All amounts of an order are of one currency and precision; agreed unit prices may be finer. */
function mixedMoney(raw: RawOrder): Result<never, Rejection> | undefined {
  const { currency: code, digits } = raw.totalPrice;
  const odd = amountsOf(raw).find(([, amount]) => amount && (amount.currency !== code || amount.digits !== digits));
  const price = [
    ...raw.lineItems.map((line) => line.price.value),
    ...raw.customLineItems.map((line) => line.money),
  ].find((value) => value.currency !== code);
  if (!odd && !price) return undefined;
  const field = odd?.[0] ?? "price";
  const amount = odd?.[1] ?? price;
  return refuse("invalidInput", "developer", {
    message: `${field} is in ${amount?.currency} with ${amount?.digits} digits, the order's total in ${code} with ${digits}.`,
    action: "Correct the order in commercetools: an order has one currency.",
    field,
    value: amount?.currency,
  });
}

/** Net or gross is one decision for the whole order, because IFS takes it on the header. */
function taxInclusion(raw: RawOrder): Result<boolean, Rejection> {
  const shipping = raw.shippingInfo && raw.shippingInfo.price.minor !== 0n ? [raw.shippingInfo] : [];
  const rates = [...raw.lineItems, ...raw.customLineItems, ...shipping].map((row) => row.taxRate);
  const inclusions = new Set(rates.flatMap((given) => (given ? [given.includedInPrice] : [])));
  if (inclusions.size > 1) {
    return refuse("unsupported", "merchant", {
      message: "Some prices of the order include tax and others do not.",
      action: "Use tax rates of one kind for all lines and the shipping method of an order.",
      field: "lineItems.taxRate.includedInPrice",
    });
  }
  return ok(inclusions.has(true));
}

const toTaxed = (value: { totalNet: Money; totalGross: Money } | undefined): ShopTaxed | undefined =>
  value && { net: value.totalNet, gross: value.totalGross };

const toTaxRate = (value: RawTaxRate | undefined): ShopTaxRate | undefined =>
  value && {
    name: value.name,
    rate: value.amount,
    includedInPrice: value.includedInPrice,
    country: value.country,
  };

const firstName = (names: Record<string, string>, fallback: string): string => Object.values(names)[0] ?? fallback;

const toLine = (line: RawOrder["lineItems"][number]): ShopLine => ({
  id: line.id,
  sku: line.variant.sku as Sku | undefined,
  name: firstName(line.name, line.variant.sku ?? line.id),
  quantity: line.quantity,
  agreedPrice: line.price.discounted?.value ?? line.price.value,
  total: line.totalPrice,
  taxed: toTaxed(line.taxedPrice),
  taxRate: toTaxRate(line.taxRate),
  gift: line.lineItemMode === "GiftLineItem",
  distributionChannelId: line.distributionChannel?.id,
});

const toCustomLine = (line: RawOrder["customLineItems"][number]): ShopCustomLine => ({
  id: line.id,
  slug: line.slug,
  name: firstName(line.name, line.slug),
  quantity: line.quantity,
  agreedPrice: line.money,
  total: line.totalPrice,
  taxed: toTaxed(line.taxedPrice),
  taxRate: toTaxRate(line.taxRate),
});

const toPayment = ({ id, obj }: RawPayment): ShopPayment => ({
  id,
  interfaceId: obj?.interfaceId,
  paymentInterface: obj?.paymentMethodInfo?.paymentInterface,
  method: obj?.paymentMethodInfo?.method,
  amount: obj?.amountPlanned,
  states: (obj?.transactions ?? []).map(({ type, state }) => `${type} ${state}`),
});

const roundingModes = { HalfEven: "halfEven", HalfUp: "halfUp", HalfDown: "halfDown" } as const;

function toShopOrder(raw: RawOrder, pricesIncludeTax: boolean): ShopOrder {
  const { shippingInfo: shipping, discountOnTotalPrice: discount, taxedPrice } = raw;
  return {
    id: raw.id as OrderId,
    version: raw.version,
    createdAt: raw.createdAt,
    orderNumber: raw.orderNumber,
    purchaseOrderNumber: raw.purchaseOrderNumber,
    currency: raw.totalPrice.currency,
    digits: raw.totalPrice.digits,
    origin: raw.origin,
    country: raw.country ?? raw.shippingAddress?.country,
    locale: raw.locale,
    storeKey: raw.store?.key,
    businessUnitKey: raw.businessUnit?.key,
    customerGroupId: raw.customerGroup?.id,
    quoteId: raw.quote?.id,
    lines: raw.lineItems.map(toLine),
    customLines: raw.customLineItems.map(toCustomLine),
    shipping: shipping && {
      methodName: shipping.shippingMethodName,
      methodKey: shipping.shippingMethod?.obj?.key,
      total: shipping.discountedPrice?.value ?? shipping.price,
      taxed: toTaxed(shipping.taxedPrice),
      taxRate: toTaxRate(shipping.taxRate),
    },
    discountOnTotal: discount && {
      total: discount.discountedAmount,
      net: discount.discountedNetAmount,
      gross: discount.discountedGrossAmount,
    },
    total: raw.totalPrice,
    taxed: taxedPrice && {
      net: taxedPrice.totalNet,
      gross: taxedPrice.totalGross,
      portions: taxedPrice.taxPortions.map((portion) => ({ rate: portion.rate, tax: portion.amount })),
    },
    taxPerPiece: raw.taxCalculationMode === "UnitPriceLevel",
    taxRounding: roundingModes[raw.taxRoundingMode],
    pricesIncludeTax,
    shippingAddress: raw.shippingAddress,
    billingAddress: raw.billingAddress,
    payments: (raw.paymentInfo?.payments ?? []).map(toPayment),
  };
}
