import { expect, test } from "vitest";
import { causeOf, codeOfCause } from "./cause.ts";
import type { Rejection } from "./failure.ts";

test.each<[Pick<Rejection, "code" | "cause" | "field" | "value">, string]>([
  [{ code: "unmappedTax", field: "taxRate", value: "DE  VAT 19 %" }, "unmappedTax/taxRate/DE VAT 19 %"],
  [{ code: "unmappedSku", field: "lineItems[7].variant.sku", value: "A-1" }, "unmappedSku/lineItems[].variant.sku/A-1"],
  // The number of one order, and the quantity of one line, are no cause.
  [{ code: "heldForReview", cause: "cancelledInIfs", field: "orderNo", value: "P1" }, "heldForReview/cancelledInIfs"],
  [{ code: "unmappedUnit", field: "lineItems.quantity", value: "7" }, "unmappedUnit/lineItems.quantity"],
  [{ code: "ifsRefused", field: "ORA-20110 CustomerOrder.CLOSED" }, "ifsRefused/ORA-20110 CustomerOrder.CLOSED"],
  [{ code: "attemptsExhausted" }, "attemptsExhausted"],
])("%j", (rejection, key) => {
  expect([causeOf(rejection), codeOfCause(causeOf(rejection))]).toEqual([key, rejection.code]);
});

test("a key is what people hand back, also where it was cut behind a word", () => {
  const value = `${"x".repeat(160 - "noRoute/routes/".length - 1)} y`;
  const key = causeOf({ code: "noRoute", field: "routes", value });
  expect([key.length, key]).toEqual([159, key.trim()]);
});

test("a key stays short", () => {
  expect(causeOf({ code: "noRoute", field: "routes", value: "x".repeat(500) })).toHaveLength(160);
});
