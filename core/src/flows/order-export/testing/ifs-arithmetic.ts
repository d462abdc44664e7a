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

const text = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Amount of a row in EUR: factors multiplied and rounded, then taxed at `rate` percent on top or inside. */
export function computed(factors: readonly string[], ratePercent: bigint, includesTax: boolean) {
  const exact = factors.map(scaled).reduce((product, factor) => product * factor, 1n);
  const base = rounded(exact * 100n, ONE ** BigInt(factors.length));
  const tax = includesTax ? rounded(base * ratePercent, 100n + ratePercent) : rounded(base * ratePercent, 100n);
  return includesTax
    ? { net: text(base - tax), tax: text(tax), gross: text(base) }
    : { net: text(base), tax: text(tax), gross: text(base + tax) };
}
