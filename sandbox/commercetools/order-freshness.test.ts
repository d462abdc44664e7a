import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { openShop, refusal, results, type TestShop } from "./test-shop.ts";

const SKU = "HB-M8X20";
const euro = (centAmount: number) => ({ currencyCode: "EUR", centAmount });

describe("a cart that became outdated", () => {
  let shop: TestShop;
  let price: Json;
  beforeEach(async () => {
    shop = await openShop("in-process");
    price = await shop.price(SKU, 100);
  });

  const cart = (quantity = 1) =>
    shop.cart({ lines: [{ sku: SKU, quantity }], inventoryMode: "None", shippingMethodKey: "standard" });
  const order = (of: Json) => shop.admin.post("/orders", { cart: { typeId: "cart", id: of.id }, version: of.version });
  const lineIds = (of: Json) => (of.lineItems as Json[]).map((line) => line.id);
  const setPrice = (...actions: Json[]) =>
    shop.admin.post(`/standalone-prices/${price.id}`, { version: price.version, actions });

  it("is refused when a price changed, and ordered at the new one when recalculated", async () => {
    const stale = await cart();
    await setPrice({ action: "changeValue", value: euro(110) });
    expect(await refusal(order(stale))).toMatchObject({
      status: 400,
      code: "PriceChanged",
      lineItems: lineIds(stale),
      shipping: false,
    });
    const fresh = await shop.admin.post(`/carts/${stale.id}`, { version: 1, actions: [{ action: "recalculate" }] });
    expect(await order(fresh)).toMatchObject({ totalPrice: { centAmount: 600 } });
  });

  it("does not mind a change that does not concern its quantity, or a staged one", async () => {
    const [one, ten] = [await cart(1), await cart(10)];
    const tiers = [{ minimumQuantity: 10, value: euro(90) }];
    await setPrice(
      { action: "setPriceTiers", tiers },
      { action: "changeValue", value: euro(120), staged: true },
      { action: "setKey", key: "priced" },
    );
    expect(await order(one)).toMatchObject({ totalPrice: { centAmount: 590 } });
    expect(await refusal(order(ten))).toMatchObject({ code: "PriceChanged", lineItems: lineIds(ten) });
  });

  it("is refused when its price's validity ended", async () => {
    const draft = { country: "DE", validUntil: new Date(shop.clock.now() + 60_000).toISOString() };
    await shop.price(SKU, 80, draft);
    const stale = await cart();
    shop.clock.advance(60_000);
    expect(await refusal(order(stale))).toMatchObject({ code: "PriceChanged", lineItems: lineIds(stale) });
  });

  it("is refused when a tax rate or a shipping rate changed", async () => {
    const stale = await cart();
    const [tax] = results(await shop.admin.get("/tax-categories", { where: 'key = "standard"' }));
    const [rate] = (tax as { rates: Json[] }).rates;
    const replace = (amount: number, rateId: unknown, version: number) =>
      shop.admin.post(`/tax-categories/${tax?.id}`, {
        version,
        actions: [
          {
            action: "replaceTaxRate",
            taxRateId: rateId,
            taxRate: { name: "DE", amount, country: "DE", includedInPrice: false },
          },
        ],
      });
    const changed = await replace(0.16, rate?.id, 1);
    const both = { code: "PriceChanged", lineItems: lineIds(stale), shipping: true };
    expect(await refusal(order(stale))).toMatchObject(both);
    const again = (changed as { rates: Json[] }).rates.find((one) => one.country === "DE");
    await replace(0.19, again?.id, 2);
    expect(await order(stale)).toMatchObject({ orderState: "Open" });

    const second = await cart();
    const [method] = results(await shop.admin.get("/shipping-methods", { where: 'key = "standard"' }));
    const zone = { typeId: "zone", key: "zone-de" };
    await shop.admin.post(`/shipping-methods/${method?.id}`, {
      version: 1,
      actions: [
        { action: "removeShippingRate", zone, shippingRate: { price: euro(490), freeAbove: euro(10_000) } },
        { action: "addShippingRate", zone, shippingRate: { price: euro(690) } },
      ],
    });
    expect(await refusal(order(second))).toMatchObject({ code: "PriceChanged", lineItems: [], shipping: true });
  });

  it("is refused when its shipping method does not ship there", async () => {
    const stale = await cart();
    const moved = await shop.admin.post(`/carts/${stale.id}`, {
      version: 1,
      actions: [{ action: "setShippingAddress", address: { country: "SE" } }],
    });
    expect(await order(moved)).toMatchObject({ orderState: "Open" });
    await shop.admin.post("/tax-categories/key=standard", {
      version: 1,
      actions: [{ action: "addTaxRate", taxRate: { name: "0% FI", amount: 0, country: "FI", includedInPrice: false } }],
    });
    const second = await cart();
    const nowhere = await shop.admin.post(`/carts/${second.id}`, {
      version: 1,
      actions: [{ action: "setShippingAddress", address: { country: "FI" } }],
    });
    expect(await refusal(order(nowhere))).toMatchObject({ code: "ShippingMethodDoesNotMatchCart" });
  });
});
