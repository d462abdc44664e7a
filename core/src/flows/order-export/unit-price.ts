import { compare, type DecimalString, divide, multiply, roundTo } from "../../domain/decimal.ts";
import { type Money, toDecimal } from "../../domain/money.ts";

/** IFS price columns hold more, but a price with more decimals than this is no price any more. */
export const MAX_PRICE_DIGITS = 6;

export type UnitPrice = {
  readonly price: DecimalString;
  /** False: quantity x price, rounded, misses the total by a few minor units. */
  readonly exact: boolean;
};

/**
 * The unit price with the fewest decimals for which quantity x price, rounded half up at the minor unit, is the total. The
 * agreed price is preferred where it gives the total by itself.
 */
export function unitPriceOf(total: Money, quantity: DecimalString, agreed: DecimalString): UnitPrice {
  const wanted = toDecimal(total);
  const gives = (price: DecimalString) => compare(roundTo(multiply(price, quantity), total.digits), wanted) === 0;
  if (compare(roundTo(agreed, MAX_PRICE_DIGITS), agreed) === 0 && gives(agreed)) return { price: agreed, exact: true };
  const quotient = divide(wanted, quantity);
  for (let digits = total.digits; digits <= MAX_PRICE_DIGITS; digits += 1) {
    const price = roundTo(quotient, digits);
    if (gives(price)) return { price, exact: true };
  }
  return { price: roundTo(quotient, MAX_PRICE_DIGITS), exact: false };
}
