import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, figures, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const SKU = "HB-M5X20";
const REDUCED = "COF/ESP-250";

describe("orders of every kind of cart", () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop("in-process");
    const { version } = await shop.admin.get("");
    const currencies = ["EUR", "SEK", "USD", "JPY", "KWD"];
    await shop.admin.post("", { version, actions: [{ action: "changeCurrencies", currencies }] });
  });
  afterAll(() => shop.close());

  const money = (centAmount: number, currencyCode = "EUR") => ({ currencyCode, centAmount });
  const home = { key: "home", country: "DE", city: "Kiel" };
  const order = async (draft: Json, path = "", ...actions: Json[]) => {
    let cart = await shop.admin.post(`${path}/carts`, {
      currency: "EUR",
      country: "DE",
      shippingAddress: home,
      ...draft,
    });
    if (actions.length > 0) {
      cart = await shop.admin.post(`${path}/carts/${String(cart.id)}`, { version: cart.version, actions });
    }
    return shop.admin.post(`${path}/orders`, { cart: { typeId: "cart", id: cart.id }, version: cart.version });
  };

  it("several addresses with a shipping method each, every share taxed where it goes", async () => {
    const work = { key: "work", country: "SE", city: "Lund" };
    const shipping = (key: string, method: string, shippingAddress: Json) => ({
      key,
      shippingMethod: { typeId: "shipping-method", key: method },
      shippingAddress,
    });
    const target = (addressKey: string, quantity: number, shippingMethodKey: string) => ({
      ...{ addressKey, quantity, shippingMethodKey },
    });
    const made = await order({
      shippingAddress: undefined,
      shippingMode: "Multiple",
      itemShippingAddresses: [home, work],
      shipping: [shipping("to-home", "standard", home), shipping("to-work", "express", work)],
      lineItems: [
        {
          sku: SKU,
          quantity: 3,
          externalPrice: money(1000),
          shippingDetails: { targets: [target("home", 1, "to-home"), target("work", 2, "to-work")] },
        },
      ],
    });
    expect(pick(made, "shippingMode", "shippingInfo")).toEqual({ shippingMode: "Multiple" });
    const [line] = made.lineItems as { taxedPricePortions: { shippingMethodKey: string; taxedPrice: Json }[] }[];
    expect(line?.taxedPricePortions.map((one) => [one.shippingMethodKey, figures(one.taxedPrice).tax])).toEqual([
      ["to-home", 190],
      ["to-work", 500],
    ]);
    // A quarter of 12.90 is 3.225: half goes to even.
    expect([centsOf(made.totalPrice), figures(made.taxedPrice)]).toEqual([
      3000 + 490 + 1290,
      {
        net: 4780,
        gross: 4780 + 190 + 500 + 93 + 322,
        tax: 1105,
        portions: [
          [0.19, 283],
          [0.25, 822],
        ],
      },
    ]);
    const delivery = { action: "addDelivery", deliveryKey: "d-1", shippingKey: "to-work", items: [] };
    const delivered = await shop.connector.post(`/orders/${String(made.id)}`, { version: 1, actions: [delivery] });
    const shares = delivered.shipping as { shippingKey: string; shippingInfo: { deliveries: Json[] } }[];
    expect(shares.map((one) => one.shippingInfo.deliveries.length)).toEqual([0, 1]);
  });

  it("rates of an external tax service with parts, by unit price", async () => {
    const rate = {
      name: "NY",
      amount: 0.08875,
      country: "DE",
      includedInPrice: false,
      subRates: [
        { name: "state", amount: 0.04 },
        { name: "city", amount: 0.04875 },
      ],
    };
    const made = await order({
      taxMode: "External",
      taxCalculationMode: "UnitPriceLevel",
      lineItems: [{ sku: SKU, quantity: 3, externalPrice: money(999), externalTaxRate: rate }],
    });
    // 999 at 8.875 percent is 1087.66: 1088 for each of three.
    expect(figures(made.taxedPrice)).toEqual({
      net: 2997,
      gross: 3264,
      tax: 267,
      portions: [
        [0.04, 120],
        [0.04875, 147],
      ],
    });
  });

  it("without any tax", async () => {
    const made = await order({
      taxMode: "Disabled",
      shippingAddress: undefined,
      lineItems: [{ sku: SKU, quantity: 2, externalPrice: money(500) }],
    });
    expect([centsOf(made.totalPrice), made.taxedPrice, made.taxMode]).toEqual([1000, undefined, "Disabled"]);
  });

  it.each([
    ["JPY", 0, 119_000],
    ["KWD", 3, 119_000],
  ])("currencies of other fractions: %s", async (currency, digits, gross) => {
    const made = await order({
      currency,
      lineItems: [{ sku: SKU, quantity: 100, externalPrice: money(1000, currency) }],
    });
    const total = { type: "centPrecision", currencyCode: currency, centAmount: 100_000, fractionDigits: digits };
    expect([made.totalPrice, figures(made.taxedPrice).gross]).toEqual([total, gross]);
  });

  it("high-precision prices, fees and rebates of one's own, a rebate on the total and a code", async () => {
    const precise = { type: "highPrecision", currencyCode: "EUR", preciseAmount: 12_345, fractionDigits: 5 };
    const fee = (slug: string, amount: number) => ({
      ...{ slug, name: { en: slug }, money: money(amount), quantity: 1 },
      taxCategory: { typeId: "tax-category", key: "standard" },
    });
    const made = await order({
      discountCodes: ["MINUS5"],
      lineItems: [{ sku: REDUCED, quantity: 1000, externalPrice: precise }],
      customLineItems: [fee("gift-wrap", 300), fee("loyalty", -200)],
    });
    // 1000 times 0.12345 is 123.45, with 3.00 more, 2.00 less, and 5.00 off the whole.
    expect(centsOf(made.totalPrice)).toBe(12_345 + 300 - 200 - 500);
    expect(centsOf((made.discountOnTotalPrice as Json).discountedAmount)).toBe(500);
    expect((made.discountCodes as Json[]).map((one) => one.state)).toEqual(["MatchesCart"]);
  });

  it("payments of several transactions", async () => {
    const step = (type: string, amount: number, state: string) => ({ type, amount: money(amount), state });
    const payment = await shop.admin.post("/payments", {
      interfaceId: "psp-1",
      amountPlanned: money(1000),
      transactions: [
        step("Authorization", 1000, "Success"),
        step("Charge", 600, "Success"),
        step("Charge", 400, "Failure"),
      ],
    });
    const made = await order({ lineItems: [{ sku: SKU, quantity: 1, externalPrice: money(1000) }] }, "", {
      action: "addPayment",
      payment: { typeId: "payment", id: payment.id },
    });
    const found = await shop.connector.get("/orders", {
      where: "paymentInfo(payments(id = :id))",
      "var.id": String(payment.id),
      expand: "paymentInfo.payments[*]",
    });
    const first = results(found)[0] as Json;
    const [expanded] = (first.paymentInfo as { payments: { obj: { transactions: Json[] } }[] }).payments;
    expect([first.id, expanded?.obj.transactions.map((one) => [one.type, one.state])]).toEqual([
      made.id,
      [
        ["Authorization", "Success"],
        ["Charge", "Success"],
        ["Charge", "Failure"],
      ],
    ]);
  });

  it("carts that an associate fills for a business unit, and only for this one", async () => {
    const buyer = (await shop.admin.post("/customers", { email: "as@acme.example", password: "x" })).customer as Json;
    const customer = { typeId: "customer", id: buyer.id };
    const unit = { key: "acme-unit", unitType: "Company", name: "Acme" };
    const associates = [{ customer, associateRoleAssignments: [] }];
    await shop.admin.post("/business-units", { ...unit, associates });
    await shop.admin.post("/business-units", { ...unit, key: "other-unit" });
    const at = (key: string) => `/as-associate/${String(buyer.id)}/in-business-unit/key=${key}`;
    const lineItems = [{ sku: SKU, quantity: 1, externalPrice: money(1000) }];
    const made = await order({ customerId: buyer.id, lineItems }, at("acme-unit"));
    expect(pick(made, "businessUnit", "customerId")).toEqual({
      businessUnit: { typeId: "business-unit", key: "acme-unit" },
      customerId: buyer.id,
    });
    expect(made.createdBy).toMatchObject({ associate: customer });
    expect(await refusal(order({ lineItems }, at("other-unit")))).toMatchObject({ code: "AssociateMissingPermission" });
    const listed = results(await shop.admin.get(`${at("acme-unit")}/orders`, { limit: "500" }));
    expect(listed.map((one) => one.id)).toEqual([made.id]);
  });

  it("five hundred lines, and no document above the limit", async () => {
    const lineItems = Array.from({ length: 500 }, (_, n) => ({
      sku: SKU,
      key: `line-${n}`,
      externalPrice: money(100 + n),
    }));
    const made = await order({ lineItems });
    const sum = 500 * 100 + (499 * 500) / 2;
    expect([(made.lineItems as Json[]).length, centsOf(made.totalPrice)]).toEqual([500, sum]);
    shop.model.changeSettings({ documentLimitBytes: 20_000 });
    const big = { status: 400, code: "ResourceSizeLimitExceeded" };
    const again = order({ lineItems });
    expect(await refusal(again)).toMatchObject(big);
    const update = shop.connector.post(`/orders/${String(made.id)}`, {
      version: 1,
      actions: [{ action: "changeOrderState", orderState: "Confirmed" }],
    });
    expect(await refusal(update)).toMatchObject(big);
    shop.model.changeSettings({ documentLimitBytes: 16 * 1024 * 1024 });
  });

  it("orders that are gone before they are read", async () => {
    const made = await order({ lineItems: [{ sku: SKU, quantity: 1, externalPrice: money(1000) }] });
    const path = `/orders/${String(made.id)}`;
    expect(await refusal(shop.connector.delete(path, { version: "7" }))).toMatchObject({ status: 409 });
    await shop.connector.delete(path, { version: "1" });
    expect(await refusal(shop.connector.get(path))).toMatchObject({ status: 404, code: "ResourceNotFound" });
    const late = shop.connector.post(path, { version: 1, actions: [] });
    expect(await refusal(late)).toMatchObject({ status: 404, code: "ResourceNotFound" });
    const told = await shop.connector.get("/messages", { where: "resource(id = :id)", "var.id": String(made.id) });
    expect(
      results(told)
        .map((one) => one.type)
        .sort(),
    ).toEqual(["OrderCreated", "OrderDeleted"]);
  });
});
