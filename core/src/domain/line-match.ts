/** Which line of an IFS order is which of a draft, where the pieces of a line item go different ways and have one reference. Pure. */
import { compare, type DecimalString } from "./decimal.ts";

type Wanted = { readonly buyQtyDue: DecimalString };

/**
 * Index of the draft's line -> line of IFS. Each line is taken once: first those of equal quantity, in the order in which they were
 * posted, then whatever is left of the reference. `isOfLine`: whether a line carries the reference of the draft's line.
 */
export function matchLines<W extends Wanted, L extends Wanted>(
  wanted: readonly W[],
  found: readonly L[],
  isOfLine: (line: L, wanted: W, index: number) => boolean,
): ReadonlyMap<number, L> {
  const unused = new Set(found);
  const matched = new Map<number, L>();
  for (const equalQuantity of [true, false]) {
    wanted.forEach((one, index) => {
      if (matched.has(index)) return;
      const line = [...unused].find(
        (candidate) =>
          isOfLine(candidate, one, index) && (!equalQuantity || compare(candidate.buyQtyDue, one.buyQtyDue) === 0),
      );
      if (!line) return;
      unused.delete(line);
      matched.set(index, line);
    });
  }
  return matched;
}
