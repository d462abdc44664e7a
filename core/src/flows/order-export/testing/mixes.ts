/**
 * Random orders of every kind, with the platform's own arithmetic on whole numbers: lines, discounts, gifts, custom lines,
 * several shipments, a discount on the total; with and without tax in the prices; taxes of the line, of the piece, from outside,
 * or none; currencies of 0, 2 and 3 decimals.
 */
import fc from "fast-check";
import type { OrderJson } from "./orders.ts";
import { addressOf, orderOf } from "./orders.ts";

type Rate = { readonly name: string; readonly percent: number; readonly subRates: readonly number[] };
export const rates: readonly Rate[] = [
  { name: "standard", percent: 19, subRates: [] },
  { name: "reduced", percent: 7, subRates: [] },
  { name: "none", percent: 0, subRates: [] },
  { name: "combined", percent: 8, subRates: [6, 2] },
];
export type Taxes = "LineItemLevel" | "UnitPriceLevel" | "External" | "ExternalAmount" | "Disabled";
type Row = {
  readonly quantity: number;
  readonly price: number;
  readonly off: number;
  readonly rate: number;
  /** What an external service may add to the tax of the row. */
  readonly deviation: number;
  readonly targets: number;
};
export type Mix = {
  readonly currency: { readonly code: string; readonly digits: number };
  readonly gross: boolean;
  readonly taxes: Taxes;
  readonly lines: readonly Row[];
  readonly customLines: readonly (Row & { readonly negative: boolean })[];
  readonly shippings: readonly Row[];
  readonly discountPercent: number;
};

const row = (maxQuantity: number): fc.Arbitrary<Row> =>
  fc.record({
    quantity: fc.integer({ min: 1, max: maxQuantity }),
    price: fc.integer({ min: 0, max: 20_000 }),
    off: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 100 })),
    rate: fc.nat(rates.length - 1),
    deviation: fc.integer({ min: -5, max: 5 }),
    targets: fc.integer({ min: 1, max: 3 }),
  });

export const mixes: fc.Arbitrary<Mix> = fc.record({
  currency: fc.constantFrom({ code: "EUR", digits: 2 }, { code: "JPY", digits: 0 }, { code: "KWD", digits: 3 }),
  gross: fc.boolean(),
  taxes: fc.constantFrom<Taxes>(
    "LineItemLevel",
    "LineItemLevel",
    "UnitPriceLevel",
    "External",
    "ExternalAmount",
    "Disabled",
  ),
  lines: fc.array(row(40), { minLength: 1, maxLength: 5 }),
  customLines: fc.array(
    fc.tuple(row(3), fc.boolean()).map(([one, negative]) => ({ ...one, negative })),
    { maxLength: 2 },
  ),
  shippings: fc.array(row(1), { maxLength: 3 }),
  discountPercent: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 50 })),
});

/** Half even, of whole numbers; negative ones like their positive counterpart. */
function halfEven(numerator: number, denominator: number): number {
  const sign = numerator < 0 ? -1 : 1;
  const [n, d] = [BigInt(Math.abs(numerator)), BigInt(denominator)];
  const [whole, rest] = [n / d, (n % d) * 2n];
  return sign * Number(rest > d || (rest === d && whole % 2n === 1n) ? whole + 1n : whole);
}

type Priced = { readonly total: number; readonly net: number; readonly grossTotal: number; readonly rate: Rate };

function priced(mix: Mix, one: Row, sign = 1): Priced {
  const total = sign * halfEven(one.quantity * one.price * (100 - one.off), 100);
  const rate = rates[one.rate];
  if (!rate) throw new Error("no such rate");
  if (mix.taxes === "Disabled") return { total, net: total, grossTotal: total, rate };
  const taxed = (amount: number) =>
    mix.gross ? halfEven(amount * 100, 100 + rate.percent) : halfEven(amount * (100 + rate.percent), 100);
  const perPiece = mix.taxes === "UnitPriceLevel" && one.off === 0;
  const other = perPiece ? sign * one.quantity * taxed(one.price) : taxed(total);
  const deviation = mix.taxes === "ExternalAmount" && total !== 0 ? one.deviation : 0;
  return mix.gross
    ? { total, net: other - deviation, grossTotal: total, rate }
    : { total, net: total, grossTotal: other + deviation, rate };
}

/** Each row loses its share of the discount, the tax of each row rounded by itself; the last rows take what is left. */
function discounted(mix: Mix, rows: readonly Priced[]): { off: number; net: number; gross: number } {
  const positive = rows.filter(({ total }) => total > 0);
  const base = positive.reduce((sum, { total }) => sum + total, 0);
  const off = halfEven(base * mix.discountPercent, 100);
  let left = off;
  const shares = positive.map((one, index) => {
    const share = index === positive.length - 1 ? left : Math.floor((off * one.total) / base);
    left -= share;
    if (mix.taxes === "Disabled") return { net: share, gross: share };
    const { percent } = one.rate;
    return mix.gross
      ? { net: halfEven(share * 100, 100 + percent), gross: share }
      : { net: share, gross: halfEven(share * (100 + percent), 100) };
  });
  return shares.reduce((sum, { net, gross }) => ({ off, net: sum.net + net, gross: sum.gross + gross }), {
    off,
    net: 0,
    gross: 0,
  });
}

export function orderFrom(mix: Mix): OrderJson {
  const { code, digits } = mix.currency;
  const money = (centAmount: number) => ({
    type: "centPrecision",
    currencyCode: code,
    centAmount,
    fractionDigits: digits,
  });
  const taxedOf = (net: number, gross: number) => ({ totalNet: money(net), totalGross: money(gross), taxPortions: [] });
  const taxOf = ({ net, grossTotal, rate }: Priced) =>
    mix.taxes === "Disabled"
      ? {}
      : {
          taxedPrice: taxedOf(net, grossTotal),
          taxRate: {
            ...{ name: rate.name, amount: rate.percent / 100, includedInPrice: mix.gross, country: "DE" },
            subRates: rate.subRates.map((percent) => ({ name: `sub ${percent}`, amount: percent / 100 })),
          },
        };
  const multiple = mix.shippings.length > 1;
  const lines = mix.lines.map((one) => ({ one, price: priced(mix, one) }));
  const customLines = mix.customLines.map((one) => ({ one, price: priced(mix, one, one.negative ? -1 : 1) }));
  const shippings = mix.shippings.map((one) => ({ one, price: priced(mix, one) }));
  const rows = [...lines, ...customLines, ...shippings].map(({ price }) => price);
  const discount = discounted(mix, rows);
  const sum = (pick: (row: Priced) => number) => rows.reduce((total, one) => total + pick(one), 0);
  const info = ({ one, price }: (typeof shippings)[number]) => ({
    ...{ shippingMethodName: "Standard", price: money(one.quantity * one.price) },
    ...(one.off > 0 && { discountedPrice: { value: money(price.total), includedDiscounts: [] } }),
    ...taxOf(price),
  });
  const targets = (one: Row) => {
    const count = Math.min(one.targets, one.quantity, Math.max(1, mix.shippings.length));
    return Array.from({ length: count }, (_, index) => ({
      addressKey: "home",
      shippingMethodKey: `s${index}`,
      quantity: index === 0 ? one.quantity - count + 1 : 1,
    }));
  };
  return orderOf({
    taxMode: mix.taxes === "LineItemLevel" || mix.taxes === "UnitPriceLevel" ? "Platform" : mix.taxes,
    taxCalculationMode: mix.taxes === "UnitPriceLevel" ? "UnitPriceLevel" : "LineItemLevel",
    shippingMode: multiple ? "Multiple" : "Single",
    itemShippingAddresses: multiple ? [addressOf({ key: "home" })] : [],
    ...(multiple
      ? {
          shipping: shippings.map((one, index) => ({
            shippingKey: `s${index}`,
            shippingInfo: info(one),
            shippingAddress: addressOf(),
          })),
        }
      : shippings[0] && { shippingInfo: info(shippings[0]) }),
    lineItems: lines.map(({ one, price }, index) => ({
      ...{ id: `line-${index}`, name: { en: "A" }, variant: { sku: "A-1" }, price: { value: money(one.price) } },
      ...{ quantity: one.quantity, totalPrice: money(price.total) },
      ...taxOf(price),
      lineItemMode: price.total === 0 ? "GiftLineItem" : "Standard",
      ...(multiple && { shippingDetails: { targets: targets(one), valid: true } }),
    })),
    customLineItems: customLines.map(({ one, price }, index) => ({
      ...{ id: `custom-${index}`, slug: index === 0 ? "gift-wrap" : "tip", name: { en: "C" } },
      ...{
        money: money(one.negative ? -one.price : one.price),
        quantity: one.quantity,
        totalPrice: money(price.total),
      },
      ...taxOf(price),
    })),
    ...(discount.off > 0 && {
      discountOnTotalPrice: {
        discountedAmount: money(discount.off),
        ...(mix.taxes !== "Disabled" && {
          discountedNetAmount: money(discount.net),
          discountedGrossAmount: money(discount.gross),
        }),
        includedDiscounts: [],
      },
    }),
    totalPrice: money(sum(({ total }) => total) - discount.off),
    ...(mix.taxes !== "Disabled" && {
      taxedPrice: taxedOf(sum(({ net }) => net) - discount.net, sum(({ grossTotal }) => grossTotal) - discount.gross),
    }),
  });
}
