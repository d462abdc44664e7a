import { Decimal as Base } from "decimal.js";

/** Half away from zero, as the database rounds, and never an exponent in the text. */
export const Decimal = Base.clone({ precision: 60, rounding: Base.ROUND_HALF_UP, toExpNeg: -80, toExpPos: 140 });
export type Decimal = Base;

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);
export const HUNDRED: Decimal = new Decimal(100);

/** The one text of a number in this model: no exponent, no trailing zeros. */
export function canonical(value: Decimal | string): string {
  const text = new Decimal(value).toFixed();
  return text === "-0" ? "0" : text;
}

export function minimum(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b;
}

/** How many decimals an amount of this currency has. */
export function currencyDecimals(currency: string): number {
  return currency === "JPY" ? 0 : 2;
}

export function roundMoney(value: Decimal, currency: string): Decimal {
  return value.toDecimalPlaces(currencyDecimals(currency));
}
