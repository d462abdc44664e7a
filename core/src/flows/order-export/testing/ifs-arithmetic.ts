/** IFS's arithmetic once more, on scaled integers and without a line of the flow's own, so that both have to agree. */

const SCALE = 12n;
const ONE = 10n ** SCALE;

function scaled(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole = "0", fraction = ""] = match;
  const digits = fraction.padEnd(Number(SCALE), "0");
  if (digits.length > Number(SCALE)) throw new Error(`too fine: ${text}`);
  const value = BigInt(whole) * ONE + BigInt(digits);
  return sign ? -value : value;
}

/** numerator / denominator, half away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const quotient = (size * 2n + denominator) / (denominator * 2n);
  return negative ? -quotient : quotient;
}

const textOf =
  (digits: number) =>
  (minor: bigint): string => {
    const size = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
    const sign = minor < 0n ? "-" : "";
    return digits === 0 ? `${sign}${size}` : `${sign}${size.slice(0, -digits)}.${size.slice(-digits)}`;
  };

const baseOf = (factors: readonly string[], digits: number): bigint => {
  const exact = factors.map(scaled).reduce((product, factor) => product * factor, 1n);
  return rounded(exact * 10n ** BigInt(digits), ONE ** BigInt(factors.length));
};

/** Amount of a row: factors multiplied and rounded at the currency's digits, then taxed at `rate` percent on top or inside. */
export function computed(factors: readonly string[], ratePercent: bigint, includesTax: boolean, digits = 2) {
  const text = textOf(digits);
  const base = baseOf(factors, digits);
  const tax = includesTax ? rounded(base * ratePercent, 100n + ratePercent) : rounded(base * ratePercent, 100n);
  return includesTax
    ? { net: text(base - tax), tax: text(tax), gross: text(base) }
    : { net: text(base), tax: text(tax), gross: text(base + tax) };
}

/** The same for a net price with several taxes, each rounded by itself. */
export function computedOfEach(factors: readonly string[], percents: readonly bigint[], digits = 2) {
  const text = textOf(digits);
  const base = baseOf(factors, digits);
  const tax = percents.reduce((sum, percent) => sum + rounded(base * percent, 100n), 0n);
  return { net: text(base), tax: text(tax), gross: text(base + tax) };
}
