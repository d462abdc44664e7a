/** What an order must be before it is mapped: one currency, one precision, nothing negative that IFS has no place for. */
import type { Rejection } from "../../domain/failure.ts";
import { isCurrency, type Money } from "../../domain/money.ts";
import type { Result } from "../../domain/result.ts";
import { refuse } from "../refuse.ts";
import type { RawOrder } from "./order-schema.ts";

/** Rejection `unsupported` for what cannot be expressed in IFS, `invalidInput` for an order that contradicts itself. */
export const checkOrder = (raw: RawOrder): Result<never, Rejection> | undefined =>
  unsupported(raw) ?? unknownCurrency(raw) ?? mixedMoney(raw);

/** The shipments of an order, each with the path under which a person finds it. */
export const shipmentsOf = (raw: RawOrder) =>
  raw.shippingMode === "Multiple"
    ? (raw.shipping ?? []).map((one) => ({ ...one, path: `shipping.${one.shippingKey}.shippingInfo` }))
    : raw.shippingInfo
      ? [
          {
            shippingKey: undefined,
            shippingInfo: raw.shippingInfo,
            shippingAddress: undefined,
            shippingCustomFields: raw.shippingCustomFields,
            path: "shippingInfo",
          },
        ]
      : [];

function unsupported(raw: RawOrder): Result<never, Rejection> | undefined {
  const no = (field: string, message: string) =>
    refuse("unsupported", "developer", {
      message,
      action: "Enter this order in IFS by hand, or change it in commercetools.",
      field,
    });
  if (raw.lineItems.length + raw.customLineItems.length === 0) return no("lineItems", "The order has no lines.");
  const below = raw.lineItems.find(({ totalPrice }) => totalPrice.minor < 0n);
  if (below)
    return no(`lineItems.${below.id}.totalPrice`, `The line ${below.variant.sku ?? below.id} has a negative price.`);
  const shipment = shipmentsOf(raw).find(({ shippingInfo }) => shippingInfo.price.minor < 0n);
  if (shipment) return no(`${shipment.path}.price`, "The shipping price is negative.");
  const cause = mixedInclusion(raw) ? raw.discountOnTotalPrice : undefined;
  if (!cause) return undefined;
  return refuse("unsupported", "merchant", {
    message: "Some prices of the order include tax and others do not, and it has a discount on its total.",
    action: "Use tax rates of one kind for all lines and the shipping method of an order.",
    field: "lineItems.taxRate.includedInPrice",
  });
}

type Inclusion = { readonly lines: ReadonlySet<boolean>; readonly all: ReadonlySet<boolean> };

/** Whether prices include tax, by the tax rates of the lines and of everything that costs something. */
export function inclusionOf(raw: RawOrder): Inclusion {
  const ratesOf = (rows: readonly Pick<RawOrder["lineItems"][number], "taxRate" | "perMethodTaxRate">[]) =>
    rows.flatMap(({ taxRate, perMethodTaxRate }) => [
      ...(taxRate ? [taxRate.includedInPrice] : []),
      ...(perMethodTaxRate ?? []).map((one) => one.taxRate.includedInPrice),
    ]);
  const shipments = shipmentsOf(raw).filter(({ shippingInfo }) => shippingInfo.price.minor !== 0n);
  const lines = ratesOf([...raw.lineItems, ...raw.customLineItems]);
  const shipping = shipments.flatMap(({ shippingInfo: { taxRate } }) => (taxRate ? [taxRate.includedInPrice] : []));
  return { lines: new Set(lines), all: new Set([...lines, ...shipping]) };
}

const mixedInclusion = (raw: RawOrder): boolean => inclusionOf(raw).all.size > 1;

function unknownCurrency(raw: RawOrder): Result<never, Rejection> | undefined {
  const { currency } = raw.totalPrice;
  if (isCurrency(currency)) return undefined;
  return refuse("invalidInput", "developer", {
    message: `${currency} is no currency of ISO 4217.`,
    action: "Correct the currency of the order in commercetools.",
    field: "totalPrice.currencyCode",
    value: currency,
  });
}

function amountsOf(raw: RawOrder): [string, Money | undefined][] {
  const priced = [
    ...raw.lineItems.map((line) => [`lineItems.${line.id}`, line] as const),
    ...raw.customLineItems.map((line) => [`customLineItems.${line.id}`, line] as const),
  ];
  const { discountOnTotalPrice: discount } = raw;
  return [
    ...priced.flatMap(([path, line]): [string, Money | undefined][] => [
      [`${path}.totalPrice`, line.totalPrice],
      [`${path}.taxedPrice.totalNet`, line.taxedPrice?.totalNet],
      [`${path}.taxedPrice.totalGross`, line.taxedPrice?.totalGross],
      ...(line.taxedPricePortions ?? []).flatMap(({ taxedPrice }): [string, Money | undefined][] => [
        [`${path}.taxedPricePortions`, taxedPrice?.totalNet],
        [`${path}.taxedPricePortions`, taxedPrice?.totalGross],
      ]),
    ]),
    ...shipmentsOf(raw).flatMap(({ path, shippingInfo: shipping }): [string, Money | undefined][] => [
      [`${path}.price`, shipping.price],
      [`${path}.discountedPrice`, shipping.discountedPrice?.value],
      [`${path}.taxedPrice.totalNet`, shipping.taxedPrice?.totalNet],
      [`${path}.taxedPrice.totalGross`, shipping.taxedPrice?.totalGross],
    ]),
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
    message: `${field} is in ${amount?.currency} with ${amount?.digits} decimals, the order's total in ${code} with ${digits}.`,
    action: "Correct the order in commercetools: an order has one currency.",
    field,
    value: amount?.currency,
  });
}

/** The header's mode: that of the lines, else that of the shipping. Lines of both modes go with net prices. */
export function pricesIncludeTax(raw: RawOrder): boolean {
  const { lines, all } = inclusionOf(raw);
  const counted = lines.size > 0 ? lines : all;
  return counted.size === 1 && counted.has(true);
}

export const noLines = (): Result<never, Rejection> =>
  refuse("unsupported", "merchant", {
    message: "The order has only custom line items, which are charges in IFS; an IFS order needs a line.",
    action:
      "Name a sales part for one of their slugs under `charges.customLineItemParts`, or enter the order in IFS by hand.",
    field: "lineItems",
  });
