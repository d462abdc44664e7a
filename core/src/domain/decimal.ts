import { Decimal as Engine } from "decimal.js";
import type { Brand } from "./ids.ts";

/** An exact decimal in plain notation ("12.50", "-3"); never a float, never an exponent. */
export type DecimalString = Brand<string, "DecimalString">;

/** Enough digits for IFS's Decimal(130,65) sums; only explicit rounding (`roundTo`) loses digits. */
const Exact = Engine.clone({ precision: 60, rounding: Engine.ROUND_HALF_UP, toExpNeg: -100, toExpPos: 100 });

const DECIMAL = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i;
/** As `decimal` writes it: no zero too many, and no minus before zero. */
const PLAIN = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])$/;

/** Parses a decimal in text or JSON number form. Throws a RangeError for anything that is not a finite decimal. */
export function decimal(value: string | number | bigint): DecimalString {
  const text = String(value).trim();
  if (PLAIN.test(text)) return text as DecimalString;
  if (!DECIMAL.test(text)) throw new RangeError(`not a decimal: "${text}"`);
  return new Exact(text).toFixed() as DecimalString;
}

export const ZERO = decimal("0");
export const ONE = decimal("1");

/**
 * Quantities are whole numbers nearly always, and those that a float holds exactly need no engine: it takes many times as long, and a check at
 * checkout counts hundreds of them. NaN for all others.
 */
const whole = (value: DecimalString): number =>
  value.length <= MOST_DIGITS && !value.includes(".") ? Number(value) : Number.NaN;
const MOST_DIGITS = 15;
/** Undefined where the float may have lost something. */
const exactly = (value: number): DecimalString | undefined =>
  Number.isSafeInteger(value) ? (String(value) as DecimalString) : undefined;

export function add(...values: DecimalString[]): DecimalString {
  return exactly(values.reduce((sum, value) => sum + whole(value), 0)) ?? sumOf(values);
}

function sumOf(values: readonly DecimalString[]): DecimalString {
  // Of many quantities most are alike, and reading a number costs more than counting how often it comes.
  const counts = new Map<DecimalString, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = new Exact(0);
  for (const [value, count] of counts) sum = sum.plus(new Exact(value).times(count));
  return sum.toFixed() as DecimalString;
}
export const subtract = (a: DecimalString, b: DecimalString): DecimalString =>
  exactly(whole(a) - whole(b)) ?? (new Exact(a).minus(b).toFixed() as DecimalString);
export const multiply = (a: DecimalString, b: DecimalString): DecimalString =>
  exactly(whole(a) * whole(b)) ?? (new Exact(a).times(b).toFixed() as DecimalString);
/** Quotient to 60 significant digits; throws a RangeError for a zero divisor. */
export function divide(a: DecimalString, b: DecimalString): DecimalString {
  if (isZero(b)) throw new RangeError("division by zero");
  return exactly(whole(a) / whole(b)) ?? (new Exact(a).div(b).toFixed() as DecimalString);
}
/** -1, 0 or 1. */
export function compare(a: DecimalString, b: DecimalString): number {
  const difference = whole(a) - whole(b);
  return Number.isNaN(difference) ? new Exact(a).cmp(b) : Math.sign(difference);
}
export const isNegative = (a: DecimalString): boolean => compare(a, ZERO) < 0;
export const isZero = (a: DecimalString): boolean => compare(a, ZERO) === 0;
export const isInteger = (a: DecimalString): boolean => !Number.isNaN(whole(a)) || new Exact(a).isInteger();

export type Rounding = "halfUp" | "halfEven" | "halfDown" | "down";
const modes = {
  halfUp: Engine.ROUND_HALF_UP,
  halfEven: Engine.ROUND_HALF_EVEN,
  halfDown: Engine.ROUND_HALF_DOWN,
  down: Engine.ROUND_DOWN,
} as const;

export const roundTo = (value: DecimalString, digits: number, rounding: Rounding = "halfUp"): DecimalString =>
  digits >= 0 && !Number.isNaN(whole(value))
    ? value
    : (new Exact(value).toDecimalPlaces(digits, modes[rounding]).toFixed() as DecimalString);

/** A whole number as bigint; throws a RangeError when there is a fraction. */
export function toBigInt(value: DecimalString): bigint {
  if (!isInteger(value)) throw new RangeError(`not a whole number: ${value}`);
  return BigInt(new Exact(value).toFixed(0));
}
/** Largest whole number not above the value, as a safe integer; throws a RangeError beyond 2^53. */
export function floorToInteger(value: DecimalString): number {
  const known = whole(value);
  if (!Number.isNaN(known)) return known;
  const floor = new Exact(value).floor();
  if (floor.abs().gt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`beyond the safe integers: ${value}`);
  return floor.toNumber();
}
