import { expect, test } from "vitest";
import { decimal } from "./decimal.ts";
import { priceUnitsPerPiece } from "./price-unit.ts";

const part = (priceConvFactor: string, convFactor = "1", invertedConvFactor = "1") => ({
  priceConvFactor: decimal(priceConvFactor),
  convFactor: decimal(convFactor),
  invertedConvFactor: decimal(invertedConvFactor),
});

test.each([
  ["priced per piece", part("1"), true, "1"],
  ["priced per 100", part("0.01"), true, "0.01"],
  ["a box of 12, priced per piece, sold as box", part("12", "12"), true, "12"],
  [
    "a box of 12, priced per box, sold as single piece",
    part("1", "12"),
    false,
    "0.083333333333333333333333333333333333333333333333333333333333333",
  ],
  ["a box of 12, priced per piece, sold as single piece", part("12", "12"), false, "1"],
  ["the sales unit is the smaller one", part("1", "1", "4"), false, "4"],
])("%s", (_name, given, sellBySalesUnit, expected) => {
  const factor = priceUnitsPerPiece(given, { sellBySalesUnit });
  expect(factor.slice(0, 40)).toBe(expected.slice(0, 40));
});
