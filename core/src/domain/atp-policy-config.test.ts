import { expect, test } from "vitest";
import { z } from "zod";
import { atpPolicyShape, isClosedByValue } from "./atp-policy-config.ts";
import { money } from "./money.ts";

const schema = z.strictObject(atpPolicyShape);
const rows = schema.parse({
  closedFromValue: [
    { currency: "EUR", amount: "500.00" },
    { currency: "JPY", amount: "80000" },
  ],
});

test.each([
  ["a cent below", money("EUR", 49_999, 2), false],
  ["exactly", money("EUR", 50_000, 2), true],
  ["in another precision", money("EUR", 5_000_001, 4), true],
  ["a currency without cents", money("JPY", 80_000, 0), true],
  ["another currency", money("USD", 900_000, 2), false],
  ["not known", undefined, false],
])("%s", (_name, value, closed) => {
  expect(isClosedByValue(rows, value)).toBe(closed);
});

test("a currency that is given twice is refused, and so is what is no amount", () => {
  const twice = [rows.closedFromValue[0], rows.closedFromValue[0]];
  expect(schema.safeParse({ closedFromValue: twice }).success).toBe(false);
  expect(schema.safeParse({ closedFromValue: [{ currency: "EUR", amount: "-1" }] }).success).toBe(false);
});
