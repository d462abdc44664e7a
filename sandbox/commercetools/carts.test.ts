import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, figures, openShop, refusal, type TestShop } from "./test-shop.ts";

/** Standard and reduced rate in Germany: 19 and 7 percent. Prices come with the lines, in cents. */
const STANDARD = "HB-M5X20";
const REDUCED = "COF/ESP-250";

function lineFigures(cart: Json) {
  return (cart.lineItems as Json[]).map((line) => [centsOf(line.totalPrice), figures(line.taxedPrice)]);
}

describe.each(FORMS)("cart arithmetic (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  const lines = [
    { sku: STANDARD, quantity: 3, externalPrice: 999 },
    { sku: REDUCED, quantity: 2, externalPrice: 445 },
  ];
  const act = (cart: Json, ...actions: Json[]) =>
    shop.admin.post(`/carts/${cart.id}`, { version: cart.version, actions });

  it("adds tax to net prices, line by line", async () => {
    const cart = await shop.cart({ lines, shippingMethodKey: "standard" });
    expect(lineFigures(cart)).toEqual([
      [2997, { net: 2997, gross: 3566, tax: 569, portions: [[0.19, 569]] }],
      [890, { net: 890, gross: 952, tax: 62, portions: [[0.07, 62]] }],
    ]);
    expect(centsOf(cart.totalPrice)).toBe(4377);
    expect(figures(cart.taxedPrice)).toEqual({
      net: 4377,
      gross: 5101,
      tax: 724,
      portions: [
        [0.19, 662],
        [0.07, 62],
      ],
    });
    expect(figures(cart.taxedShippingPrice)).toEqual({ net: 490, gross: 583, tax: 93, portions: [[0.19, 93]] });
    expect(cart.totalLineItemQuantity).toBe(5);
  });

  it("takes tax out of gross prices", async () => {
    const cart = await shop.cart({ lines, shippingMethodKey: "standard", taxIncluded: true });
    expect(lineFigures(cart)).toEqual([
      [2997, { net: 2518, gross: 2997, tax: 479, portions: [[0.19, 479]] }],
      [890, { net: 832, gross: 890, tax: 58, portions: [[0.07, 58]] }],
    ]);
    expect(figures(cart.taxedPrice)).toEqual({
      net: 3762,
      gross: 4377,
      tax: 615,
      portions: [
        [0.19, 557],
        [0.07, 58],
      ],
    });
  });

  it("taxes unit prices where the cart says so", async () => {
    const net = await act(await shop.cart({ lines }), {
      action: "changeTaxCalculationMode",
      taxCalculationMode: "UnitPriceLevel",
    });
    expect(lineFigures(net)).toEqual([
      [2997, { net: 2997, gross: 3567, tax: 570, portions: [[0.19, 570]] }],
      [890, { net: 890, gross: 952, tax: 62, portions: [[0.07, 62]] }],
    ]);
    const included = await shop.cart({ lines, taxIncluded: true });
    const gross = await act(included, { action: "changeTaxCalculationMode", taxCalculationMode: "UnitPriceLevel" });
    expect(lineFigures(gross)[0]).toEqual([2997, { net: 2517, gross: 2997, tax: 480, portions: [[0.19, 480]] }]);
  });

  it.each([
    ["HalfEven", 2, 8],
    ["HalfUp", 3, 8],
    ["HalfDown", 2, 7],
  ])("rounds ties %s", async (taxRoundingMode, first, second) => {
    const cart = await shop.cart({
      lines: [
        { sku: STANDARD, quantity: 1, externalPrice: 10 },
        { sku: "HB-M5X40", quantity: 1, externalPrice: 30 },
      ],
      country: "SE",
      currency: "SEK",
      shippingAddress: { country: "SE" },
    });
    const rounded = await act(cart, { action: "changeTaxRoundingMode", taxRoundingMode });
    expect(lineFigures(rounded).map(([, taxed]) => (taxed as { tax: number }).tax)).toEqual([first, second]);
  });

  it("rounds high-precision prices once, for the whole line", async () => {
    const cart = await shop.admin.post("/carts", {
      currency: "EUR",
      country: "DE",
      shippingAddress: { country: "DE" },
      lineItems: [
        {
          sku: STANDARD,
          quantity: 7,
          externalPrice: { type: "highPrecision", currencyCode: "EUR", fractionDigits: 4, preciseAmount: 12_345 },
        },
      ],
    });
    expect(lineFigures(cart)).toEqual([[864, { net: 864, gross: 1028, tax: 164, portions: [[0.19, 164]] }]]);
  });

  it("discounts high-precision prices in their own precision", async () => {
    const precise = (preciseAmount: number) => ({
      ...{ type: "highPrecision", currencyCode: "EUR", fractionDigits: 4, preciseAmount },
    });
    const draft = {
      currency: "EUR",
      country: "DE",
      shippingAddress: { country: "DE" },
      lineItems: [{ sku: STANDARD, quantity: 1000, externalPrice: precise(1250) }],
    };
    const cart = await shop.admin.post("/carts", { ...draft, discountCodes: ["WELCOME10"] });
    expect(lineFigures(cart)).toEqual([[11_250, { net: 11_250, gross: 13_388, tax: 2138, portions: [[0.19, 2138]] }]]);
    const [line] = cart.lineItems as { discountedPricePerQuantity: Json[] }[];
    expect(line?.discountedPricePerQuantity).toMatchObject([
      {
        quantity: 1000,
        discountedPrice: {
          value: { ...precise(1125), centAmount: 11 },
          includedDiscounts: [{ discountedAmount: { ...precise(125), centAmount: 1 } }],
        },
      },
    ]);
    const discount = await shop.admin.post("/cart-discounts", {
      key: "one-off-precise",
      name: { en: "One off" },
      cartPredicate: "1=1",
      sortOrder: "0.4",
      value: { type: "absolute", money: [{ currencyCode: "EUR", centAmount: 100 }] },
      target: { type: "lineItems", predicate: "1=1" },
    });
    const spread = await shop.admin.post("/carts", {
      ...draft,
      lineItems: [
        { sku: STANDARD, quantity: 300, externalPrice: precise(1250) },
        { sku: REDUCED, quantity: 1, externalPrice: { currencyCode: "EUR", centAmount: 1250 } },
      ],
    });
    expect(lineFigures(spread).map(([total]) => total)).toEqual([3675, 1225]);
    await shop.admin.delete(`/cart-discounts/${discount.id}`, { version: "1" });
  });

  it("takes a percentage off each unit", async () => {
    const cart = await shop.cart({ lines, discountCode: "WELCOME10" });
    const discounted = (cart.lineItems as Json[]).map((line) =>
      (line.discountedPricePerQuantity as Json[]).map(({ quantity, discountedPrice }) => {
        const { value, includedDiscounts } = discountedPrice as { value: Json; includedDiscounts: Json[] };
        return [quantity, centsOf(value), includedDiscounts.map((one) => centsOf(one.discountedAmount))];
      }),
    );
    expect(discounted).toEqual([[[3, 899, [100]]], [[2, 401, [44]]]]);
    expect(lineFigures(cart)).toEqual([
      [2697, { net: 2697, gross: 3209, tax: 512, portions: [[0.19, 512]] }],
      [802, { net: 802, gross: 858, tax: 56, portions: [[0.07, 56]] }],
    ]);
  });

  it("spreads an amount over units by price, to the cent, in groups that differ by a cent", async () => {
    const discount = await shop.admin.post("/cart-discounts", {
      key: "ten-off-lines",
      name: { en: "Ten off" },
      cartPredicate: 'country = "DE"',
      sortOrder: "0.5",
      value: { type: "absolute", money: [{ currencyCode: "EUR", centAmount: 1000 }] },
      target: { type: "lineItems", predicate: "1=1" },
    });
    const cart = await shop.cart({ lines });
    const groups = (cart.lineItems as Json[]).map((line) =>
      (line.discountedPricePerQuantity as { quantity: number; discountedPrice: { value: Json } }[]).map((one) => [
        one.quantity,
        centsOf(one.discountedPrice.value),
      ]),
    );
    expect(groups).toEqual([
      [[3, 742]],
      [
        [1, 331],
        [1, 330],
      ],
    ]);
    expect([lineFigures(cart).map(([total]) => total), centsOf(cart.totalPrice)]).toEqual([[2226, 661], 2887]);
    await shop.admin.delete(`/cart-discounts/${discount.id}`, { version: "1" });
  });

  it("takes an amount off the total, and lowers taxes in proportion", async () => {
    const cart = await shop.cart({
      lines: [{ sku: STANDARD, quantity: 10, externalPrice: 35 }],
      shippingMethodKey: "standard",
      discountCode: "MINUS5",
    });
    expect(lineFigures(cart)).toEqual([[350, { net: 350, gross: 416, tax: 66, portions: [[0.19, 66]] }]]);
    expect(centsOf(cart.totalPrice)).toBe(340);
    expect(figures(cart.taxedPrice)).toEqual({ net: 340, gross: 405, tax: 65, portions: [[0.19, 65]] });
    expect(figures(cart.taxedShippingPrice)).toEqual({ net: 198, gross: 236, tax: 38, portions: [[0.19, 38]] });
    const summary = cart.discountOnTotalPrice as Json;
    expect([summary.discountedAmount, summary.discountedNetAmount, summary.discountedGrossAmount].map(centsOf)).toEqual(
      [500, 500, 594],
    );
  });

  it("ships free by code and from the free limit on, and gives a gift that has a price", async () => {
    const free = await shop.cart({ lines, shippingMethodKey: "standard", discountCode: "FREESHIP" });
    expect([centsOf(free.totalPrice), centsOf((free.shippingInfo as Json).price)]).toEqual([3887, 490]);
    expect(figures(free.taxedShippingPrice)).toEqual({ net: 0, gross: 0, tax: 0, portions: [[0.19, 0]] });
    const large = [{ sku: STANDARD, quantity: 10, externalPrice: 1000 }];
    const limit = await shop.cart({ lines: large, shippingMethodKey: "standard" });
    expect([centsOf(limit.totalPrice), centsOf((limit.shippingInfo as Json).price)]).toEqual([10_000, 0]);
    const without = await shop.cart({ lines, discountCode: "GIFT" });
    expect((without.lineItems as Json[]).length).toBe(2);
    await shop.price("SHOP-MUG-01", 890);
    const gift = (await shop.cart({ lines, discountCode: "GIFT" })).lineItems as Json[];
    expect(gift.map((line) => [line.lineItemMode, centsOf(line.totalPrice)])).toEqual([
      ["Standard", 2997],
      ["Standard", 890],
      ["GiftLineItem", 0],
    ]);
  });

  it("prices custom lines, negative ones too", async () => {
    const cart = await shop.cart({
      lines: [{ sku: STANDARD, quantity: 1, externalPrice: 1000 }],
      customLines: [
        { name: "Packing", slug: "packing", amount: 250, taxCategoryKey: "standard", quantity: 2 },
        { name: "Rebate", slug: "rebate", amount: -300, taxCategoryKey: "reduced" },
      ],
    });
    expect(
      (cart.customLineItems as Json[]).map((line) => [centsOf(line.totalPrice), figures(line.taxedPrice)]),
    ).toEqual([
      [500, { net: 500, gross: 595, tax: 95, portions: [[0.19, 95]] }],
      [-300, { net: -300, gross: -321, tax: -21, portions: [[0.07, -21]] }],
    ]);
    expect(figures(cart.taxedPrice)).toEqual({
      net: 1200,
      gross: 1464,
      tax: 264,
      portions: [
        [0.19, 285],
        [0.07, -21],
      ],
    });
  });

  it("keeps the amounts of a tax service, until the price changes", async () => {
    const address = { country: "US", state: "NY" };
    const noRate = shop.cart({ lines, currency: "USD", country: "US", shippingAddress: address });
    expect(await refusal(noRate)).toMatchObject({ code: "MissingTaxRateForCountry", country: "US" });
    const usd = (centAmount: number) => ({ currencyCode: "USD", centAmount });
    let cart = await shop.admin.post("/carts", {
      currency: "USD",
      country: "US",
      taxMode: "ExternalAmount",
      shippingAddress: address,
      lineItems: [{ sku: STANDARD, quantity: 2, externalPrice: usd(1000) }],
    });
    expect("taxedPrice" in cart).toBe(false);
    const [line] = cart.lineItems as Json[];
    const subRates = [
      { name: "State", amount: 0.04 },
      { name: "City", amount: 0.045 },
    ];
    const taxRate = { name: "New York", amount: 0.085, country: "US", state: "NY", subRates };
    cart = await act(
      cart,
      { action: "setLineItemTaxAmount", lineItemId: line?.id, externalTaxAmount: { totalGross: usd(2170), taxRate } },
      { action: "setCartTotalTax", externalTotalGross: usd(2170) },
    );
    expect(lineFigures(cart)).toEqual([
      [
        2000,
        {
          net: 2000,
          gross: 2170,
          tax: 170,
          portions: [
            [0.04, 80],
            [0.045, 90],
          ],
        },
      ],
    ]);
    expect(figures(cart.taxedPrice)).toEqual({
      net: 2000,
      gross: 2170,
      tax: 170,
      portions: [
        [0.04, 80],
        [0.045, 90],
      ],
    });
    const changed = await act(cart, {
      action: "changeLineItemQuantity",
      lineItemId: line?.id,
      quantity: 3,
      externalPrice: usd(1000),
    });
    expect("taxedPrice" in changed).toBe(false);
  });

  it("taxes each share of a line where it goes, in multiple shipping", async () => {
    const address = (key: string, country: string) => ({ key, country });
    let cart = await shop.admin.post("/carts", {
      currency: "EUR",
      country: "DE",
      shippingMode: "Multiple",
      itemShippingAddresses: [address("home", "DE"), address("away", "SE")],
      lineItems: [
        { key: "line-1", sku: STANDARD, quantity: 3, externalPrice: { currencyCode: "EUR", centAmount: 1000 } },
      ],
    });
    const method = { shippingMethod: { typeId: "shipping-method", key: "standard" } };
    const targets = [
      { addressKey: "home", quantity: 2, shippingMethodKey: "ship-de" },
      { addressKey: "away", quantity: 1, shippingMethodKey: "ship-se" },
    ];
    cart = await act(
      cart,
      { action: "addShippingMethod", shippingKey: "ship-de", shippingAddress: address("home", "DE"), ...method },
      { action: "addShippingMethod", shippingKey: "ship-se", shippingAddress: address("away", "SE"), ...method },
    );
    expect("taxedPrice" in cart).toBe(false);
    cart = await act(cart, {
      action: "setLineItemShippingDetails",
      lineItemKey: "line-1",
      shippingDetails: { targets },
    });
    expect(centsOf(cart.totalPrice)).toBe(3980);
    expect(figures(cart.taxedPrice)).toEqual({
      net: 3980,
      gross: 4825,
      tax: 845,
      portions: [
        [0.19, 473],
        [0.25, 372],
      ],
    });
  });

  it("merges the same thing, and repeats refused predicates plainly", async () => {
    await shop.price("HB-M8X60", 100);
    const cart = await shop.cart({ lines: [{ sku: "HB-M8X60", quantity: 1 }] });
    const merged = await act(cart, { action: "addLineItem", sku: "HB-M8X60", quantity: 2 });
    expect((merged.lineItems as Json[]).map((line) => line.quantity)).toEqual([3]);
    const unknown = act(merged, { action: "addLineItem", sku: "NO-SUCH-SKU" });
    expect(await refusal(unknown)).toMatchObject({ status: 400, code: "InvalidInput" });
    const mode = act(merged, { action: "setInventoryMode", inventoryMode: "None" });
    expect(await refusal(mode)).toMatchObject({ code: "InvalidJsonInput" });
    const code = act(merged, { action: "addDiscountCode", code: "NOPE" });
    expect(await refusal(code)).toMatchObject({ code: "DiscountCodeNonApplicable", discountCode: "NOPE" });
    const draft = { key: "broken", name: { en: "x" }, sortOrder: "0.7", value: { type: "relative", permyriad: 1 } };
    const target = { type: "lineItems", predicate: "sku ==" };
    const broken = shop.admin.post("/cart-discounts", { ...draft, cartPredicate: "1=1", target });
    expect(await refusal(broken)).toMatchObject({ code: "InvalidField", field: "target.predicate" });
  });
});
