import { type Money, zeroOf } from "../../domain/money.ts";

/**
 * Splits an amount in proportion to the parts (a negative one gets nothing); the units that rounding leaves over go to the
 * largest remainders. Nothing is lost or invented.
 */
export function spread(amount: Money, parts: readonly bigint[]): Money[] {
  const weights = parts.map((part) => (part > 0n ? part : 0n));
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole <= 0n) return weights.map((_, index) => (index === 0 ? amount : zeroOf(amount)));
  const sign = amount.minor < 0n ? -1n : 1n;
  const size = sign * amount.minor;
  const shares = weights.map((weight) => (size * weight) / whole);
  const remainders = weights.map((weight, index) => ({ index, left: (size * weight) % whole }));
  remainders.sort((a, b) => (a.left === b.left ? a.index - b.index : a.left > b.left ? -1 : 1));
  let left = size - shares.reduce((sum, share) => sum + share, 0n);
  for (const { index } of remainders) {
    if (left <= 0n) break;
    shares[index] = (shares[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares.map((minor) => ({ ...amount, minor: sign * minor }));
}
