import { type DecimalString, decimal, divide, multiply, roundTo, toBigInt } from "./decimal.ts";

/** An amount in the smallest unit of its currency: cents for EUR, whole yen for JPY, or the digits of a high-precision price. */
export type Money = {
  readonly currency: string;
  /** Whole minor units. */
  readonly minor: bigint;
  /** Digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD, up to 20 for high precision. */
  readonly digits: number;
};

export const money = (currency: string, minor: bigint | number, digits: number): Money => ({
  currency,
  minor: BigInt(minor),
  digits,
});

/** Sums and differences are of one currency and one precision: a RangeError on a mix, because a mix is a defect of the caller. */
export const plus = (a: Money, b: Money): Money => ({ ...a, minor: a.minor + likeFor(a, b).minor });
export const minus = (a: Money, b: Money): Money => ({ ...a, minor: a.minor - likeFor(a, b).minor });
export const negated = (a: Money): Money => ({ ...a, minor: -a.minor });
export const zeroOf = (a: Money): Money => ({ ...a, minor: 0n });

function likeFor({ currency, digits }: Money, other: Money): Money {
  if (other.currency === currency && other.digits === digits) return other;
  throw new RangeError(`cannot add ${other.currency}/${other.digits} to ${currency}/${digits}`);
}

/** 1234 minor units with 2 digits -> "12.34". Exact. */
export const toDecimal = (amount: Money): DecimalString =>
  divide(decimal(amount.minor), decimal(10n ** BigInt(amount.digits)));

/** "12.34" -> 1234 minor units. A finer decimal is a RangeError unless the caller rounds it itself first. */
export const fromDecimal = (currency: string, digits: number, value: DecimalString): Money =>
  money(currency, toBigInt(multiply(value, decimal(10n ** BigInt(digits)))), digits);

/** As `fromDecimal`, rounding half up at the minor unit: only for figures of the other system, whose digits we do not choose. */
export const fromDecimalRounded = (currency: string, digits: number, value: DecimalString): Money =>
  fromDecimal(currency, digits, roundTo(value, digits));

/** "12.34 EUR", for people. */
export const formatMoney = (amount: Money): string => {
  const sign = amount.minor < 0n ? "-" : "";
  const digits = (amount.minor < 0n ? -amount.minor : amount.minor).toString().padStart(amount.digits + 1, "0");
  const whole = digits.slice(0, digits.length - amount.digits);
  return amount.digits === 0
    ? `${sign}${digits} ${amount.currency}`
    : `${sign}${whole}.${digits.slice(digits.length - amount.digits)} ${amount.currency}`;
};

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** Whether ISO 4217 has (or had) a currency of this code. */
export const isCurrency = (code: string): boolean => currencies.has(code);
