import { expect, test } from "vitest";
import { minus, money, negated, plus, zeroOf } from "./money.ts";

const eur = (minor: number) => money("EUR", minor, 2);

test("amounts of one currency and precision are added and taken off", () => {
  expect([plus(eur(1999), eur(1)), minus(eur(1), eur(1999)), negated(eur(-5)), zeroOf(eur(7))]).toEqual([
    eur(2000),
    eur(-1998),
    eur(5),
    eur(0),
  ]);
});

test.each([
  ["another currency", money("USD", 1, 2), "cannot add USD/2 to EUR/2"],
  ["another precision", money("EUR", 1, 4), "cannot add EUR/4 to EUR/2"],
])("%s is a defect of the caller", (_name, other, message) => {
  expect(() => plus(eur(1), other)).toThrow(new RangeError(message));
  expect(() => minus(eur(1), other)).toThrow(new RangeError(message));
});
