import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, openShop, refusal, type TestShop } from "./test-shop.ts";

const CHEAP = "HB-M5X20";
const DEAR = "HB-M8X40";

describe("multi-buy discounts and gifts", () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop("in-process");
  });
  afterAll(() => shop.close());

  const offer = (sortOrder: string, target: Json, value: Json = { type: "relative", permyriad: 10_000 }) =>
    shop.admin.post("/cart-discounts", {
      name: { en: "Offer" },
      value,
      target: { type: "multiBuyLineItems", predicate: "1 = 1", triggerQuantity: 3, discountedQuantity: 1, ...target },
      cartPredicate: "1 = 1",
      sortOrder,
    });
  const end = (discount: Json) =>
    shop.admin.post(`/cart-discounts/${String(discount.id)}`, {
      version: discount.version,
      actions: [{ action: "changeIsActive", isActive: false }],
    });
  const cart = (cheap: number, dear: number) =>
    shop.cart({
      lines: [
        { sku: CHEAP, quantity: cheap, externalPrice: 100 },
        { sku: DEAR, quantity: dear, externalPrice: 1000 },
      ],
    });
  const parts = (of: Json) =>
    (
      of.lineItems as { totalPrice: Json; discountedPricePerQuantity: { quantity: number; discountedPrice: Json }[] }[]
    ).map((line) => [
      centsOf(line.totalPrice),
      line.discountedPricePerQuantity.map((part) => [part.quantity, centsOf(part.discountedPrice.value)]),
    ]);

  it("give the cheapest of every three for nothing, across lines", async () => {
    const discount = await offer("0.55", {});
    // Seven units are two times three: two free ones, the cheapest of all.
    expect(parts(await cart(4, 3))).toEqual([
      [
        200,
        [
          [2, 0],
          [2, 100],
        ],
      ],
      [3000, []],
    ]);
    expect(parts(await cart(1, 1))).toEqual([
      [100, []],
      [1000, []],
    ]);
    await end(discount);
  });

  it("take the dearest, and no more often than said", async () => {
    const discount = await offer("0.72", { selectionMode: "MostExpensive", maxOccurrence: 1, discountedQuantity: 2 });
    expect(parts(await cart(6, 1))).toEqual([
      [
        500,
        [
          [1, 0],
          [5, 100],
        ],
      ],
      [0, [[1, 0]]],
    ]);
    await end(discount);
  });

  it("spread an amount over the chosen units to the cent", async () => {
    const value = { type: "absolute", money: [{ currencyCode: "EUR", centAmount: 100 }] };
    const discount = await offer("0.73", { discountedQuantity: 3, selectionMode: "MostExpensive" }, value);
    expect(parts(await cart(1, 3))).toEqual([
      [100, []],
      [
        2900,
        [
          [2, 967],
          [1, 966],
        ],
      ],
    ]);
    await end(discount);
  });

  it("are refused where more would be discounted than triggers it", async () => {
    expect(await refusal(offer("0.74", { discountedQuantity: 4 }))).toMatchObject({ code: "InvalidField" });
  });

  it("gifts keep their id while the cart and the order made of it change", async () => {
    await shop.price("HB-M5X40", 250);
    const gift = await shop.admin.get("/product-projections", { where: 'masterVariant(sku = "HB-M5X40")' });
    const discount = await shop.admin.post("/cart-discounts", {
      name: { en: "Gift" },
      value: {
        type: "giftLineItem",
        product: { typeId: "product", id: (gift.results as Json[])[0]?.id },
        variantId: 1,
      },
      cartPredicate: "1 = 1",
      sortOrder: "0.75",
    });
    const filled = await cart(1, 1);
    const ids = (of: Json) => (of.lineItems as Json[]).map((line) => [line.id, line.lineItemMode]);
    const recalculated = await shop.admin.post(`/carts/${String(filled.id)}`, {
      version: 1,
      actions: [
        { action: "setCountry", country: "DE" },
        { action: "setLocale", locale: "de" },
      ],
    });
    expect(ids(recalculated)).toEqual(ids(filled));
    const order = await shop.order({
      lines: [{ sku: CHEAP, quantity: 2, externalPrice: 100 }],
      inventoryMode: "None",
    });
    const edit = await shop.admin.post("/orders/edits", {
      resource: { typeId: "order", id: order.id },
      stagedActions: [
        { action: "changeLineItemQuantity", lineItemId: (order.lineItems as Json[])[0]?.id, quantity: 3 },
      ],
    });
    await shop.admin.post(`/orders/edits/${String(edit.id)}/apply`, { editVersion: 1, resourceVersion: 1 });
    const edited = await shop.connector.get(`/orders/${String(order.id)}`);
    expect([ids(edited), centsOf(edited.totalPrice)]).toEqual([ids(order), 300]);
    expect(ids(order)[1]?.[1]).toBe("GiftLineItem");
    await end(discount);
  });
});
