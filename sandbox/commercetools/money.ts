import { invalidField, requiredField } from "./errors.ts";
import { requireInteger, requireText, text } from "./input.ts";
import type { Doc } from "./json.ts";
import { isDoc } from "./json.ts";

export type RoundingMode = "HalfEven" | "HalfUp" | "HalfDown";
export const ROUNDING_MODES: readonly RoundingMode[] = ["HalfEven", "HalfUp", "HalfDown"];

export type CentMoney = { type: "centPrecision"; currencyCode: string; centAmount: number; fractionDigits: number };
export type HighPrecisionMoney = {
  type: "highPrecision";
  currencyCode: string;
  centAmount: number;
  fractionDigits: number;
  preciseAmount: number;
};
export type TypedMoney = CentMoney | HighPrecisionMoney;

/** An exact fraction. Tax rates and unit prices are fractions of minor units; nothing here is a float. */
export type Fraction = { over: bigint; under: bigint };

const digitsByCurrency = new Map<string, number>();

/** Minor digits of a currency: EUR 2, JPY 0, KWD 3. */
export function fractionDigits(currencyCode: string): number {
  const known = digitsByCurrency.get(currencyCode);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency: currencyCode });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  digitsByCurrency.set(currencyCode, digits);
  return digits;
}

export function cents(currencyCode: string, centAmount: bigint | number): CentMoney {
  return {
    type: "centPrecision",
    currencyCode,
    centAmount: Number(centAmount),
    fractionDigits: fractionDigits(currencyCode),
  };
}

/** Rounds over/under to a whole number. `HalfUp` goes away from zero on a tie, `HalfDown` towards it. */
export function roundFraction({ over, under }: Fraction, mode: RoundingMode): bigint {
  const negative = over < 0n !== under < 0n;
  const top = over < 0n ? -over : over;
  const bottom = under < 0n ? -under : under;
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  const up = twice > bottom || (twice === bottom && tieGoesUp(whole, mode));
  const magnitude = up ? whole + 1n : whole;
  return negative ? -magnitude : magnitude;
}

function tieGoesUp(whole: bigint, mode: RoundingMode): boolean {
  if (mode === "HalfUp") return true;
  return mode === "HalfEven" && whole % 2n === 1n;
}

/** The exact fraction a JSON number was written as: 0.19 is 19/100. */
export function decimalFraction(value: number): Fraction {
  const [mantissa = "0", exponent = "0"] = String(value).toLowerCase().split("e");
  const [whole = "0", decimals = ""] = mantissa.split(".");
  const shift = Number(exponent) - decimals.length;
  const digits = BigInt(whole + decimals);
  return shift >= 0
    ? { over: digits * 10n ** BigInt(shift), under: 1n }
    : { over: digits, under: 10n ** BigInt(-shift) };
}

/** The exact amount in minor units, high precision included. */
export function minorUnits(money: TypedMoney): Fraction {
  if (money.type === "centPrecision") return { over: BigInt(money.centAmount), under: 1n };
  const extra = money.fractionDigits - fractionDigits(money.currencyCode);
  return { over: BigInt(money.preciseAmount), under: 10n ** BigInt(extra) };
}

/** An amount of `1/scale` minor units (a power of ten) as money: with cent precision at scale 1, else with high precision. */
export function moneyAt(currencyCode: string, amount: bigint, scale: bigint): TypedMoney {
  if (scale === 1n) return cents(currencyCode, amount);
  return {
    type: "highPrecision",
    currencyCode,
    centAmount: Number(roundFraction({ over: amount, under: scale }, "HalfEven")),
    fractionDigits: fractionDigits(currencyCode) + String(scale).length - 1,
    preciseAmount: Number(amount),
  };
}

/** Reads a money draft; high precision is rounded half to even into centAmount unless the draft gives it. */
export function readMoney(source: Doc, field: string): TypedMoney {
  const draft = source[field];
  if (draft === undefined || draft === null) throw requiredField(field);
  if (!isDoc(draft)) throw invalidField(field, draft);
  return typedMoney(draft, field);
}

export function typedMoney(draft: Doc, field: string): TypedMoney {
  const currencyCode = requireText(draft, "currencyCode");
  if (!/^[A-Z]{3}$/.test(currencyCode)) throw invalidField(`${field}.currencyCode`, currencyCode);
  if (text(draft, "type") !== "highPrecision") return cents(currencyCode, requireInteger(draft, "centAmount"));
  const digits = requireInteger(draft, "fractionDigits");
  const least = fractionDigits(currencyCode) + 1;
  if (digits < least || digits > 20) throw invalidField(`${field}.fractionDigits`, digits);
  const preciseAmount = requireInteger(draft, "preciseAmount");
  const money: HighPrecisionMoney = {
    type: "highPrecision",
    currencyCode,
    centAmount: 0,
    fractionDigits: digits,
    preciseAmount,
  };
  money.centAmount = Number(roundFraction(minorUnits(money), "HalfEven"));
  return money;
}

export function readCents(source: Doc, field: string): CentMoney {
  const money = readMoney(source, field);
  return money.type === "centPrecision" ? money : cents(money.currencyCode, money.centAmount);
}

/**
 * Splits a whole amount by weights so that the parts sum to it exactly: floor first, then one unit each to the largest
 * remainders, earlier parts first on a tie.
 */
export function splitByWeight(total: bigint, weights: bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (total * weight) / sum);
  const order = weights
    .map((weight, index) => ({ index, rest: (total * weight) % sum }))
    .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  let left = total - shares.reduce((a, b) => a + b, 0n);
  for (const { index } of order) {
    if (left <= 0n) break;
    shares[index] = (shares[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares;
}
