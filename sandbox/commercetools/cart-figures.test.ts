import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { figures, openShop, type TestShop } from "./test-shop.ts";

/** Net, gross and tax in minor units, worked out by hand; the first two rows are the platform's own documented example. */
const ROWS: { name: string; cart: Json; item: [cents: number, quantity: number, rate: number]; want: number[] }[] = [
  { name: "net, line level: 3.24 x 1.19 = 3.8556", cart: {}, item: [108, 3, 0.19], want: [324, 386, 62] },
  {
    name: "net, unit level: 1.08 x 1.19 = 1.2852, three times 1.29",
    cart: { taxCalculationMode: "UnitPriceLevel" },
    item: [108, 3, 0.19],
    want: [324, 387, 63],
  },
  { name: "tie on the gross, half even: 0.265", cart: {}, item: [25, 1, 0.06], want: [25, 26, 1] },
  { name: "tie, half up", cart: { taxRoundingMode: "HalfUp" }, item: [25, 1, 0.06], want: [25, 27, 2] },
  { name: "tie, half even: 0.165", cart: {}, item: [15, 1, 0.1], want: [15, 16, 1] },
  { name: "tie, half even, to the next even: 0.375", cart: {}, item: [30, 1, 0.25], want: [30, 38, 8] },
  { name: "tie, half down", cart: { taxRoundingMode: "HalfDown" }, item: [30, 1, 0.25], want: [30, 37, 7] },
  {
    name: "ties at unit level add up: 0.12 and not 0.125 each",
    cart: { taxCalculationMode: "UnitPriceLevel" },
    item: [10, 4, 0.25],
    want: [40, 48, 8],
  },
];

describe("cart figures worked out by hand", () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop("in-process");
  });
  afterAll(() => shop.close());

  const cartOf = async (currency: string, country: string, cart: Json, line: Json) => {
    const draft = { currency, country, shippingAddress: { country }, taxMode: "External", lineItems: [line], ...cart };
    const [made] = (await shop.admin.post("/carts", draft)).lineItems as Json[];
    const { net, gross, tax } = figures(made?.taxedPrice);
    return [net, gross, tax];
  };
  const lineOf = (currencyCode: string, centAmount: number, quantity: number, externalTaxRate: Json) => ({
    ...{ sku: "HB-M5X20", quantity, externalPrice: { currencyCode, centAmount }, externalTaxRate },
  });

  it.each(["EUR DE", "SEK SE"].flatMap((place) => ROWS.map((row) => ({ place, ...row }))))(
    "$place: $name",
    async ({ place, cart, item: [cents, quantity, amount], want }) => {
      const [currency = "", country = ""] = place.split(" ");
      const rate = { name: "tax", amount, country, includedInPrice: false };
      expect(await cartOf(currency, country, cart, lineOf(currency, cents, quantity, rate))).toEqual(want);
    },
  );

  it.each([
    ["LineItemLevel", [272, 324, 52]],
    ["UnitPriceLevel", [273, 324, 51]],
  ])("tax included, %s", async (taxCalculationMode, want) => {
    const rate = { name: "tax", amount: 0.19, country: "DE", includedInPrice: true };
    expect(await cartOf("EUR", "DE", { taxCalculationMode }, lineOf("EUR", 108, 3, rate))).toEqual(want);
  });

  it("spreads a discount on the total over two rates and shipping", async () => {
    const cart = await shop.cart({
      lines: [
        { sku: "HB-M5X20", quantity: 2, externalPrice: 1000 },
        { sku: "COF/ESP-250", quantity: 3, externalPrice: 500 },
      ],
      shippingMethodKey: "standard",
      discountCode: "MINUS5",
    });
    // 5.00 by prices of 20.00, 15.00 and 4.90: 2.51, 1.88 and 0.61; the taxes 3.80, 1.05 and 0.93 shrink alike.
    expect(figures(cart.taxedPrice)).toEqual({
      net: 3490,
      gross: 3995,
      tax: 505,
      portions: [
        [0.19, 413],
        [0.07, 92],
      ],
    });
    expect(figures(cart.taxedShippingPrice)).toEqual({ net: 429, gross: 510, tax: 81, portions: [[0.19, 81]] });
  });
});
