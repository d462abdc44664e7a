import { Decimal } from "decimal.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, figures, openShop, pick, type TestShop } from "./test-shop.ts";

/** Standard and reduced rate in Germany: 19 and 7 percent. Prices come with the lines, in cents. */
const STANDARD = "HB-M5X20";
const REDUCED = "COF/ESP-250";

describe("any cart", () => {
  const ROUNDING = {
    HalfEven: Decimal.ROUND_HALF_EVEN,
    HalfUp: Decimal.ROUND_HALF_UP,
    HalfDown: Decimal.ROUND_HALF_DOWN,
  };
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop("in-process");
  });
  afterAll(() => shop.close());

  const arbitrary = fc.record({
    lines: fc.array(
      fc.record({
        sku: fc.constantFrom(STANDARD, REDUCED, "HB-M8X20"),
        quantity: fc.integer({ min: 1, max: 40 }),
        externalPrice: fc.integer({ min: 0, max: 99_999 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    taxIncluded: fc.boolean(),
    discountCode: fc.constantFrom(undefined, "WELCOME10", "MINUS5", "FREESHIP"),
    shippingMethodKey: fc.constantFrom(undefined, "standard", "express"),
    taxRoundingMode: fc.constantFrom("HalfEven" as const, "HalfUp" as const, "HalfDown" as const),
  });

  it("is the sum of its parts, and each part is taxed by the documented rounding", { timeout: 20_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ taxRoundingMode, discountCode, shippingMethodKey, ...options }) => {
        const made = await shop.cart({
          ...options,
          ...(discountCode ? { discountCode } : {}),
          ...(shippingMethodKey ? { shippingMethodKey } : {}),
        });
        const cart = await shop.admin.post(`/carts/${made.id}`, {
          version: made.version,
          actions: [{ action: "changeTaxRoundingMode", taxRoundingMode }],
        });
        checkTotals(cart);
        for (const line of cart.lineItems as Json[]) checkLine(line, options.taxIncluded, ROUNDING[taxRoundingMode]);
      }),
      { numRuns: 150, seed: 20_260_302 },
    );
  });

  function checkTotals(cart: Json): void {
    const info = cart.shippingInfo as { price: Json; discountedPrice?: { value: Json } } | undefined;
    const shipping = info ? centsOf(info.discountedPrice?.value ?? info.price) : 0;
    const goods = (cart.lineItems as Json[]).reduce((sum, line) => sum + centsOf(line.totalPrice), 0);
    const off = cart.discountOnTotalPrice ? centsOf((cart.discountOnTotalPrice as Json).discountedAmount) : 0;
    const total = centsOf(cart.totalPrice);
    expect(total).toBe(goods + shipping - off);
    const { net, gross, tax, portions } = figures(cart.taxedPrice);
    expect(net + portions.reduce((sum, [, amount]) => sum + (amount ?? 0), 0)).toBe(gross);
    expect(gross - net).toBe(tax);
    expect(cart.taxMode === "External" ? gross : net).toBe(total);
  }

  function checkLine(line: Json, included: boolean, rounding: Decimal.Rounding): void {
    const total = new Decimal(centsOf(line.totalPrice));
    const factor = new Decimal(1).plus(String((line.taxRate as Json).amount));
    const expected = included
      ? { net: total.div(factor).toDecimalPlaces(0, rounding), gross: total }
      : { net: total, gross: total.times(factor).toDecimalPlaces(0, rounding) };
    expect(pick(figures(line.taxedPrice), "net", "gross")).toEqual({
      net: expected.net.toNumber(),
      gross: expected.gross.toNumber(),
    });
    const groups = line.discountedPricePerQuantity as { quantity: number; discountedPrice: { value: Json } }[];
    if (groups.length === 0) return;
    expect(groups.reduce((sum, one) => sum + one.quantity, 0)).toBe(line.quantity);
    expect(groups.reduce((sum, one) => sum + one.quantity * centsOf(one.discountedPrice.value), 0)).toBe(
      total.toNumber(),
    );
  }
});
