import {
  compare,
  type DecimalString,
  decimal,
  divide,
  isZero,
  multiply,
  roundTo,
  subtract,
} from "../../domain/decimal.ts";
import { type Money, toDecimal } from "../../domain/money.ts";
import type { ShopOrder } from "./shop-order.ts";

/**
 * IFS price columns are said to hold many decimals; how many a tenant keeps is unverified, so that the default is what any does:
 * a price with more decimals than this beyond the currency's own is no price that people read any more.
 */
const EXTRA_DIGITS = 4;

/** As `orders.priceDecimals` says, but never fewer than the currency has; else 6 for EUR, 4 for JPY, 7 for KWD. */
export const priceDigits = ({ digits, policy }: Pick<ShopOrder, "digits" | "policy">): number =>
  Math.max(digits, policy.priceDecimals ?? digits + EXTRA_DIGITS);

export type UnitPrice = {
  readonly price: DecimalString;
  /** False: quantity x price, rounded, misses the total by a few minor units. */
  readonly exact: boolean;
};

const gives = (exact: DecimalString, total: Money): boolean =>
  compare(roundTo(exact, total.digits), toDecimal(total)) === 0;

/**
 * The unit price with the fewest decimals for which quantity x price, rounded half up at the minor unit, is the total. The
 * agreed price is preferred where it gives the total by itself.
 */
export function unitPriceOf(
  total: Money,
  quantity: DecimalString,
  { agreed, max }: { readonly agreed: DecimalString | undefined; readonly max: number },
): UnitPrice {
  const fits = (price: DecimalString) => gives(multiply(price, quantity), total);
  if (agreed !== undefined && compare(roundTo(agreed, max), agreed) === 0 && fits(agreed)) {
    return { price: agreed, exact: true };
  }
  const quotient = divide(toDecimal(total), quantity);
  for (let digits = total.digits; digits <= max; digits += 1) {
    const price = roundTo(quotient, digits);
    if (fits(price)) return { price, exact: true };
  }
  return { price: roundTo(quotient, max), exact: false };
}

/**
 * Minor units by which the amount of so many price units may miss its total although the price is the nearest one of `max` decimals:
 * half of its last decimal for each of them. 0 where the nearest one always gives the total.
 */
export function missOf(
  quantity: DecimalString,
  { digits, max }: { readonly digits: number; readonly max: number },
): bigint {
  const half = divide(multiply(quantity, decimal(10 ** digits)), decimal(2 * 10 ** max));
  const whole = BigInt(roundTo(half, 0));
  return whole === 0n ? 0n : whole + 1n;
}

const HUNDRED = decimal(100);
/** IFS shows percentages with two decimals; four are still a percentage that people can read. */
const DISCOUNT_DIGITS = 4;

/** The discount in percent, with the fewest decimals, that takes the agreed price exactly down to the total; undefined: there is none. */
export function percentOf(total: Money, quantity: DecimalString, agreed: DecimalString): DecimalString | undefined {
  const full = multiply(agreed, quantity);
  if (isZero(full) || compare(toDecimal(total), full) >= 0) return undefined;
  const quotient = multiply(divide(subtract(full, toDecimal(total)), full), HUNDRED);
  for (let digits = 0; digits <= DISCOUNT_DIGITS; digits += 1) {
    const percent = roundTo(quotient, digits);
    if (gives(divide(multiply(full, subtract(HUNDRED, percent)), HUNDRED), total)) return percent;
  }
  return undefined;
}
