import type { Cart, CartItem, ShippingInfo, TaxedPrice, TaxPortion } from "./cart-model.ts";
import { currencyOf, unitPrice } from "./cart-model.ts";
import { cents, decimalFraction, minorUnits, type RoundingMode, roundFraction, splitByWeight } from "./money.ts";
import type { TaxRate } from "./taxes.ts";

/** An amount that is taxed as one: how many, at which exact unit price, and what they cost together. */
type Taxable = { total: bigint; parts: { quantity: number; over: bigint; under: bigint }[] };

type Taxing = { mode: Cart["taxCalculationMode"]; rounding: RoundingMode; currency: string };

/**
 * Net, gross and tax of an amount. At line level the total is taxed and rounded once; at unit level the unit price is taxed
 * and rounded, and multiplied. With tax included the net is computed, without it the gross; the tax is their difference.
 */
export function taxed(amount: Taxable, rate: TaxRate, taxing: Taxing): TaxedPrice {
  const other =
    taxing.mode === "UnitPriceLevel"
      ? amount.parts.reduce(
          (sum, part) => sum + counterpart(part.over, part.under, rate, taxing) * BigInt(part.quantity),
          0n,
        )
      : counterpart(amount.total, 1n, rate, taxing);
  const net = rate.includedInPrice ? other : amount.total;
  const gross = rate.includedInPrice ? amount.total : other;
  return taxedPrice(net, gross, portionsOf(gross - net, rate, taxing.currency), taxing.currency);
}

/** The net of a gross amount or the gross of a net one, rounded to minor units. */
function counterpart(over: bigint, under: bigint, rate: TaxRate, { rounding }: Taxing): bigint {
  const share = decimalFraction(rate.amount);
  const factor = { over: share.under + share.over, under: share.under };
  return rate.includedInPrice
    ? roundFraction({ over: over * factor.under, under: under * factor.over }, rounding)
    : roundFraction({ over: over * factor.over, under: under * factor.under }, rounding);
}

function portionsOf(tax: bigint, rate: TaxRate, currency: string): TaxPortion[] {
  if (rate.subRates.length === 0) return [{ rate: rate.amount, name: rate.name, amount: cents(currency, tax) }];
  const weights = rate.subRates.map((sub) => BigInt(Math.round(sub.amount * 1_000_000)));
  const shares = splitByWeight(tax, weights);
  return rate.subRates.map((sub, index) => ({
    rate: sub.amount,
    name: sub.name,
    amount: cents(currency, shares[index] ?? 0n),
  }));
}

export function taxedPrice(net: bigint, gross: bigint, taxPortions: TaxPortion[], currency: string): TaxedPrice {
  return {
    totalNet: cents(currency, net),
    totalGross: cents(currency, gross),
    taxPortions,
    totalTax: cents(currency, gross - net),
  };
}

export function taxingOf(cart: Cart): Taxing {
  return { mode: cart.taxCalculationMode, rounding: cart.taxRoundingMode, currency: currencyOf(cart) };
}

/** The item's amount with its unit prices after discounts. A given total (ExternalTotal) counts as one unit. */
export function taxableOf(item: CartItem): Taxable {
  const total = BigInt(item.totalPrice.centAmount);
  if (item.priceMode === "ExternalTotal") return { total, parts: [{ quantity: 1, over: total, under: 1n }] };
  if (item.discountedPricePerQuantity.length > 0) {
    const parts = item.discountedPricePerQuantity.map(({ quantity, discountedPrice }) => ({
      quantity,
      ...minorUnits(discountedPrice.value),
    }));
    return { total, parts };
  }
  return { total, parts: [{ quantity: item.quantity, ...minorUnits(unitPrice(item)) }] };
}

export function taxableShipping(info: ShippingInfo): Taxable {
  const total = BigInt((info.discountedPrice?.value ?? info.price).centAmount);
  return { total, parts: [{ quantity: 1, over: total, under: 1n }] };
}

/** Everything that was taxed in a cart: what it cost, and what came out. */
export type TaxedThing = { price: bigint; taxed: TaxedPrice; rate: TaxRate; isShipping: boolean };

/** Sums things by tax rate; the portions of one rate and name become one. */
export function sumTaxed(things: TaxedThing[], currency: string): TaxedPrice {
  const net = things.reduce((sum, thing) => sum + BigInt(thing.taxed.totalNet.centAmount), 0n);
  const gross = things.reduce((sum, thing) => sum + BigInt(thing.taxed.totalGross.centAmount), 0n);
  return taxedPrice(net, gross, mergePortions(things.flatMap((thing) => thing.taxed.taxPortions)), currency);
}

/** One portion for each rate and name. */
export function mergePortions(list: TaxPortion[]): TaxPortion[] {
  const portions = new Map<string, TaxPortion>();
  for (const portion of list) {
    const slot = `${portion.rate}|${portion.name}`;
    const sum = (portions.get(slot)?.amount.centAmount ?? 0) + portion.amount.centAmount;
    portions.set(slot, { ...portion, amount: { ...portion.amount, centAmount: sum } });
  }
  return [...portions.values()];
}

/**
 * Spreads a discount on the total over the things by what they cost, and lowers net, gross and tax of each in proportion.
 * The prices stay exact to the cent; the tax is rounded per thing and portion.
 */
export function lessDiscount(things: TaxedThing[], discount: bigint, rounding: RoundingMode, currency: string) {
  const shares = splitByWeight(
    discount,
    things.map((thing) => (thing.price > 0n ? thing.price : 0n)),
  );
  return things.map((thing, index): TaxedThing => {
    const price = thing.price - (shares[index] ?? 0n);
    const taxPortions = thing.taxed.taxPortions.map((portion) => ({
      ...portion,
      amount: cents(currency, proportion(portion.amount.centAmount, price, thing.price, rounding)),
    }));
    const tax = taxPortions.reduce((sum, portion) => sum + BigInt(portion.amount.centAmount), 0n);
    const net = thing.rate.includedInPrice ? price - tax : price;
    return { ...thing, price, taxed: taxedPrice(net, net + tax, taxPortions, currency) };
  });
}

function proportion(amount: number, part: bigint, whole: bigint, rounding: RoundingMode): bigint {
  return whole === 0n ? 0n : roundFraction({ over: BigInt(amount) * part, under: whole }, rounding);
}
