import { Decimal as Engine } from "decimal.js";
import type { Brand } from "./ids.ts";

/** An exact decimal in plain notation ("12.50", "-3"); never a float, never an exponent. */
export type DecimalString = Brand<string, "DecimalString">;

/** Enough digits for IFS's Decimal(130,65) sums; only explicit rounding (`roundTo`) loses digits. */
const Exact = Engine.clone({ precision: 60, rounding: Engine.ROUND_HALF_UP, toExpNeg: -100, toExpPos: 100 });

const DECIMAL = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i;

/** Parses a decimal in text or JSON number form. Throws a RangeError for anything that is not a finite decimal. */
export function decimal(value: string | number | bigint): DecimalString {
  const text = String(value).trim();
  if (!DECIMAL.test(text)) throw new RangeError(`not a decimal: "${text}"`);
  return new Exact(text).toFixed() as DecimalString;
}

export const ZERO = decimal("0");
export const ONE = decimal("1");

export function add(...values: DecimalString[]): DecimalString {
  if (values.length < MANY) {
    return values.reduce((sum, value) => sum.plus(value), new Exact(0)).toFixed() as DecimalString;
  }
  // Of many quantities most are alike, and reading a number costs more than counting how often it comes.
  const counts = new Map<DecimalString, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = new Exact(0);
  for (const [value, count] of counts) sum = sum.plus(new Exact(value).times(count));
  return sum.toFixed() as DecimalString;
}
const MANY = 8;
export const subtract = (a: DecimalString, b: DecimalString): DecimalString =>
  new Exact(a).minus(b).toFixed() as DecimalString;
export const multiply = (a: DecimalString, b: DecimalString): DecimalString =>
  new Exact(a).times(b).toFixed() as DecimalString;
/** Quotient to 60 significant digits; throws a RangeError for a zero divisor. */
export function divide(a: DecimalString, b: DecimalString): DecimalString {
  if (new Exact(b).isZero()) throw new RangeError("division by zero");
  return new Exact(a).div(b).toFixed() as DecimalString;
}
/** -1, 0 or 1. */
export const compare = (a: DecimalString, b: DecimalString): number => new Exact(a).cmp(b);
export const isNegative = (a: DecimalString): boolean => new Exact(a).lt(0);
export const isZero = (a: DecimalString): boolean => new Exact(a).isZero();
export const isInteger = (a: DecimalString): boolean => new Exact(a).isInteger();

export type Rounding = "halfUp" | "halfEven" | "halfDown" | "down";
const modes = {
  halfUp: Engine.ROUND_HALF_UP,
  halfEven: Engine.ROUND_HALF_EVEN,
  halfDown: Engine.ROUND_HALF_DOWN,
  down: Engine.ROUND_DOWN,
} as const;

export const roundTo = (value: DecimalString, digits: number, rounding: Rounding = "halfUp"): DecimalString =>
  new Exact(value).toDecimalPlaces(digits, modes[rounding]).toFixed() as DecimalString;

/** A whole number as bigint; throws a RangeError when there is a fraction. */
export function toBigInt(value: DecimalString): bigint {
  if (!isInteger(value)) throw new RangeError(`not a whole number: ${value}`);
  return BigInt(new Exact(value).toFixed(0));
}
/** Largest whole number not above the value, as a safe integer; throws a RangeError beyond 2^53. */
export function floorToInteger(value: DecimalString): number {
  const whole = new Exact(value).floor();
  if (whole.abs().gt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`beyond the safe integers: ${value}`);
  return whole.toNumber();
}
