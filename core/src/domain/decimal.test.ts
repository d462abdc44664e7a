import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  add,
  compare,
  type DecimalString,
  decimal,
  divide,
  floorToInteger,
  isInteger,
  isNegative,
  isZero,
  multiply,
  roundTo,
  subtract,
  toBigInt,
} from "./decimal.ts";

test("the sum of many alike is the sum of each", () => {
  const one = fc.constantFrom("1", "1", "2.5", "-0.125", "0", "100000000000000000000.00000001").map(decimal);
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (values) => {
      expect(add(...values)).toBe(values.reduce((sum, value) => add(sum, value), decimal("0")));
    }),
  );
});

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -100, toExpPos: 100 });

/** Small and large, whole and broken, at both sides of what a float holds, and written in every way. */
const texts = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "0.0",
    "-0.000",
    "00012",
    "-007.50",
    "1e3",
    "-2.5E-3",
    "9007199254740991",
    "-9007199254740992",
  ),
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map(String),
  fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.nat(99_999)).map(([a, b]) => `${a}.${b}`),
);

/** "-0" of the engine is zero like any other. */
const plain = (value: Decimal): string => (value.isZero() ? "0" : value.toFixed());

test("every operation is what the engine makes of it, whatever the numbers are", () => {
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 0, max: 4 }), (one, other, digits) => {
      const [a, b] = [decimal(one), decimal(other)];
      const [x, y] = [new Exact(one), new Exact(other)];
      const zeroless = (value: DecimalString) => (value === "-0" ? "0" : value);
      expect(zeroless(a)).toBe(plain(x));
      expect(zeroless(add(a, b))).toBe(plain(x.plus(y)));
      expect(zeroless(subtract(a, b))).toBe(plain(x.minus(y)));
      expect(zeroless(multiply(a, b))).toBe(plain(x.times(y)));
      expect(compare(a, b)).toBe(x.cmp(y));
      expect([isZero(a), isNegative(a), isInteger(a)]).toEqual([x.isZero(), x.lt(0), x.isInteger()]);
      expect(zeroless(roundTo(a, digits))).toBe(plain(x.toDecimalPlaces(digits)));
      if (isZero(b)) expect(() => divide(a, b)).toThrow(RangeError);
      else expect(zeroless(divide(a, b))).toBe(plain(x.div(y)));
      if (x.abs().lt(Number.MAX_SAFE_INTEGER)) expect(floorToInteger(a) + 0).toBe(x.floor().toNumber() + 0);
      if (x.isInteger()) expect(toBigInt(a)).toBe(BigInt(x.toFixed()));
    }),
    { numRuns: 2000 },
  );
});

test("what a float would lose is counted exactly", () => {
  expect(multiply(decimal("94906267"), decimal("94906267"))).toBe("9007199515875289");
  expect(multiply(decimal("123456789012345"), decimal("987654321098765"))).toBe("121932631137021071359549253925");
  expect(add(...Array.from({ length: 20 }, () => decimal("999999999999999")))).toBe("19999999999999980");
  expect(divide(decimal("1"), decimal("3"))).toBe(`0.${"3".repeat(60)}`);
});
