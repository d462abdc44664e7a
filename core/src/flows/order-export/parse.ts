/** commercetools order -> `ShopOrder`: tolerant of unknown fields, never of unknown meanings. */
import type { z } from "zod";
import { gateFacts } from "../../domain/export-gate.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderId, Sku } from "../../domain/ids.ts";
import { formatMoney, type Money } from "../../domain/money.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuse } from "../refuse.ts";
import { checkOrder, pricesIncludeTax, shipmentsOf } from "./check-order.ts";
import { customFields } from "./custom-fields.ts";
import { partsOf, toTaxed, toTaxRate } from "./line-parts.ts";
import {
  headSchema,
  orderSchema,
  type RawAddress,
  type RawOrder,
  type RawPayment,
  totalSchema,
} from "./order-schema.ts";
import { defaultPolicy } from "./policy.ts";
import type {
  OrderHead,
  ShopAddress,
  ShopCustomLine,
  ShopLine,
  ShopOrder,
  ShopPart,
  ShopPayment,
  ShopShipping,
} from "./shop-order.ts";

/** Rejection `invalidInput` when it is no order at all. */
export function parseOrderHead(order: unknown): Result<OrderHead, Rejection> {
  const parsed = headSchema.safeParse(order);
  if (!parsed.success) return unreadable(parsed.error);
  const { id, paymentState, ...rest } = parsed.data;
  return ok({ ...rest, id: id as OrderId, paymentState: paymentState ?? "none", facts: gateFacts(order) });
}

/** Undefined where even that cannot be read. */
export function parseTotal(order: unknown): Money | undefined {
  const parsed = totalSchema.safeParse(order);
  return parsed.success ? (parsed.data.taxedPrice?.totalGross ?? parsed.data.totalPrice) : undefined;
}

/** Rejection `invalidInput` for what cannot be read, `unsupported` for what cannot be expressed in IFS. */
export function parseOrder(order: unknown): Result<ShopOrder, Rejection> {
  const parsed = orderSchema.safeParse(order);
  if (!parsed.success) return unreadable(parsed.error);
  const raw = parsed.data;
  const reason = checkOrder(raw);
  if (reason) return reason;
  const lines = mapped(raw.lineItems, (line) => toLine(raw, line));
  if (!lines.ok) return lines;
  const customLines = mapped(raw.customLineItems, (line) => toCustomLine(raw, line));
  if (!customLines.ok) return customLines;
  return ok(toShopOrder(raw, { lines: lines.value, customLines: customLines.value }));
}

/** The first refusal, or all of them done. */
function mapped<T, R>(rows: readonly T[], one: (row: T) => Result<R, Rejection>): Result<R[], Rejection> {
  const done: R[] = [];
  for (const row of rows) {
    const result = one(row);
    if (!result.ok) return result;
    done.push(result.value);
  }
  return ok(done);
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

const firstName = (names: Record<string, string>, fallback: string): string => Object.values(names)[0] ?? fallback;

function toLine(raw: RawOrder, line: RawOrder["lineItems"][number]): Result<ShopLine, Rejection> {
  const parts = partsOf(line, `lineItems.${line.id}`);
  return parts.ok ? ok({ ...lineFields(raw, line, parts.value), ...articleOf(line) }) : parts;
}

const lineFields = (raw: RawOrder, line: RawOrder["lineItems"][number], parts: readonly ShopPart[]) => ({
  id: line.id,
  key: line.key,
  name: firstName(line.name, line.variant.sku ?? line.id),
  quantity: line.quantity,
  agreedPrice: line.price.discounted?.value ?? line.price.value,
  total: line.totalPrice,
  parts,
  custom: customFields(line.custom, raw.locale),
});

const articleOf = (line: RawOrder["lineItems"][number]) => ({
  sku: line.variant.sku as Sku | undefined,
  productKey: line.productKey,
  productType: line.productType?.obj?.key ?? line.productType?.id,
  gift: line.lineItemMode === "GiftLineItem",
  distributionChannelId: line.distributionChannel?.id,
  supplyChannelId: line.supplyChannel?.id,
});

function toCustomLine(raw: RawOrder, line: RawOrder["customLineItems"][number]): Result<ShopCustomLine, Rejection> {
  const parts = partsOf(line, `customLineItems.${line.id}`);
  if (!parts.ok) return parts;
  return ok({
    id: line.id,
    key: line.key,
    slug: line.slug,
    name: firstName(line.name, line.slug),
    quantity: line.quantity,
    agreedPrice: line.money,
    total: line.totalPrice,
    parts: parts.value,
    custom: customFields(line.custom, raw.locale),
  });
}

const toAddress = (raw: RawOrder, address: RawAddress | undefined): ShopAddress | undefined =>
  address && { ...address, custom: customFields(address.custom, raw.locale) };

function toPayment({ id, obj }: RawPayment): ShopPayment {
  const { interfaceId, amountPlanned: amount, paymentMethodInfo: method, transactions = [] } = obj ?? {};
  const states = transactions.map(({ type, state, amount: paid }) =>
    [type, state, ...(amount && paid.minor === amount.minor ? [] : [formatMoney(paid)])].join(" "),
  );
  const words = [
    "Payment",
    method?.paymentInterface,
    method?.method,
    interfaceId ?? id,
    amount && formatMoney(amount),
    states.length > 0 ? `(${states.join(", ")})` : undefined,
  ];
  return {
    id,
    interfaceId,
    paymentInterface: method?.paymentInterface,
    method: method?.method,
    amount,
    states,
    words: words.filter((word) => word !== undefined).join(" "),
  };
}

const shippingsOf = (raw: RawOrder): ShopShipping[] =>
  shipmentsOf(raw).map(({ shippingKey, shippingInfo: info, shippingAddress, shippingCustomFields }) => ({
    key: shippingKey,
    methodName: info.shippingMethodName,
    methodKey: info.shippingMethod?.obj?.key,
    total: info.discountedPrice?.value ?? info.price,
    taxed: toTaxed(info.taxedPrice),
    taxRate: toTaxRate(info.taxRate),
    address: toAddress(raw, shippingAddress),
    custom: customFields(shippingCustomFields, raw.locale),
  }));

const roundingModes = { HalfEven: "halfEven", HalfUp: "halfUp", HalfDown: "halfDown" } as const;

const amountsOf = ({ discountOnTotalPrice: discount, totalPrice, taxedPrice }: RawOrder) => ({
  currency: totalPrice.currency,
  digits: totalPrice.digits,
  discountOnTotal: discount && {
    total: discount.discountedAmount,
    net: discount.discountedNetAmount,
    gross: discount.discountedGrossAmount,
  },
  total: totalPrice,
  taxed: taxedPrice && {
    net: taxedPrice.totalNet,
    gross: taxedPrice.totalGross,
    portions: taxedPrice.taxPortions.map((portion) => ({ rate: portion.rate, tax: portion.amount })),
  },
});

function toShopOrder(raw: RawOrder, rows: Pick<ShopOrder, "lines" | "customLines">): ShopOrder {
  const { id, version, createdAt, orderNumber, purchaseOrderNumber, origin, locale, customerId, customerEmail } = raw;
  const shippings = shippingsOf(raw);
  return {
    ...{ version, createdAt, orderNumber, purchaseOrderNumber, origin, locale, customerId, customerEmail },
    ...amountsOf(raw),
    ...rows,
    id: id as OrderId,
    country: raw.country ?? raw.shippingAddress?.country ?? shippings.find(({ address }) => address)?.address?.country,
    storeKey: raw.store?.key,
    businessUnitKey: raw.businessUnit?.key,
    customerGroupId: raw.customerGroup?.id,
    quoteId: raw.quote?.id,
    recurringOrderId: raw.recurringOrder?.id,
    discountCodes: (raw.discountCodes ?? []).map(({ discountCode }) => discountCode.obj?.code ?? discountCode.id),
    shippings,
    taxMode: raw.taxMode,
    taxPerPiece: raw.taxCalculationMode === "UnitPriceLevel",
    taxRounding: roundingModes[raw.taxRoundingMode],
    pricesIncludeTax: pricesIncludeTax(raw),
    shippingAddress: toAddress(raw, raw.shippingAddress),
    billingAddress: toAddress(raw, raw.billingAddress),
    itemAddresses: (raw.itemShippingAddresses ?? []).flatMap((address) => toAddress(raw, address) ?? []),
    payments: (raw.paymentInfo?.payments ?? []).map(toPayment),
    custom: customFields(raw.custom, raw.locale),
    policy: defaultPolicy,
  };
}
