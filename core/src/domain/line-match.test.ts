import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal } from "./decimal.ts";
import { matchLines } from "./line-match.ts";

const line = (ref: string, quantity: number) => ({ ref, buyQtyDue: decimal(quantity) });
const match = (wanted: ReturnType<typeof line>[], found: ReturnType<typeof line>[]) =>
  [...matchLines(wanted, found, (one, other) => one.ref === other.ref)].map(([index, one]) => [
    index,
    found.indexOf(one),
  ]);

test("each line is taken once, by its quantity, then by its turn", () => {
  const wanted = [line("a", 7), line("b", 1), line("a", 3), line("a", 3)];
  expect(match(wanted, [line("a", 3)])).toEqual([[2, 0]]);
  expect(match(wanted, [line("a", 3), line("a", 7), line("a", 3)])).toEqual([
    [0, 1],
    [2, 0],
    [3, 2],
  ]);
  // One that nobody wants like this counts for the first that is left, so that it is never posted beside it.
  expect(match(wanted, [line("a", 5), line("a", 3)])).toEqual([
    [2, 1],
    [0, 0],
  ]);
  expect(match(wanted, [line("c", 7)])).toEqual([]);
});

test("what is there of a draft, posted from its beginning, is found there", () => {
  const lines = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(lines, fc.nat(12), (specs, count) => {
      const wanted = specs.map(([ref, quantity]) => line(ref, quantity));
      const found = wanted.slice(0, count).map((one) => ({ ...one }));
      const missing = wanted.filter((_, index) => !match(wanted, found).some(([taken]) => taken === index));
      const all = (some: ReturnType<typeof line>[]) =>
        some.map(({ ref, buyQtyDue }) => `${ref} ${buyQtyDue}`).toSorted();
      expect(all([...found, ...missing])).toEqual(all(wanted));
    }),
    { seed: 3, numRuns: 300 },
  );
});
