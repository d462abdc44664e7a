import fc from "fast-check";
import { expect, test } from "vitest";
import { add, decimal } from "./decimal.ts";

test("the sum of many alike is the sum of each", () => {
  const one = fc.constantFrom("1", "1", "2.5", "-0.125", "0", "100000000000000000000.00000001").map(decimal);
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (values) => {
      expect(add(...values)).toBe(values.reduce((sum, value) => add(sum, value), decimal("0")));
    }),
  );
});
