/** Tax of an amount, as each system computes it. */
import { add, type DecimalString, divide, multiply, ONE, type Rounding, roundTo } from "../../domain/decimal.ts";
import { fromDecimal, type Money, minus, plus, toDecimal, zeroOf } from "../../domain/money.ts";

export type Amounts = { readonly net: Money; readonly tax: Money; readonly gross: Money };

/** As IFS computes: the tax of the (net or gross) amount, rounded half up at the minor unit, the other figure by difference. */
export function ifsAmounts(base: Money, rate: DecimalString, includesTax: boolean): Amounts {
  const exact = multiply(toDecimal(base), includesTax ? divide(rate, add(ONE, rate)) : rate);
  const tax = fromDecimal(base.currency, base.digits, roundTo(exact, base.digits));
  return includesTax ? { net: minus(base, tax), tax, gross: base } : { net: base, tax, gross: plus(base, tax) };
}

/** As commercetools computes a line without stored tax: the other total is rounded, the tax is the difference. */
export function shopAmounts(base: Money, rate: DecimalString, includesTax: boolean, rounding: Rounding): Amounts {
  const factor = add(ONE, rate);
  const exact = includesTax ? divide(toDecimal(base), factor) : multiply(toDecimal(base), factor);
  const other = fromDecimal(base.currency, base.digits, roundTo(exact, base.digits, rounding));
  return includesTax
    ? { net: other, tax: minus(base, other), gross: base }
    : { net: base, tax: minus(other, base), gross: other };
}

/** As IFS computes a tax calculation structure: the amount of each of its taxes rounded by itself. Of a net amount. */
export function ifsAmountsOfEach(base: Money, rates: readonly DecimalString[]): Amounts {
  const tax = rates.reduce((sum, rate) => plus(sum, ifsAmounts(base, rate, false).tax), zeroOf(base));
  return { net: base, tax, gross: plus(base, tax) };
}

export const sumOf = (zero: Money, amounts: readonly Amounts[]): Amounts =>
  amounts.reduce(
    (sum, one) => ({ net: plus(sum.net, one.net), tax: plus(sum.tax, one.tax), gross: plus(sum.gross, one.gross) }),
    { net: zero, tax: zero, gross: zero },
  );
