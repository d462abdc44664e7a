import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

describe.each(FORMS)("quotes (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  const money = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
  const id = (typeId: string, of: Json) => ({ typeId, id: of.id });

  /** A customer asks, the seller halves the price of the first line, and offers. */
  async function offer(email: string, validTo?: string): Promise<{ quote: Json; customer: Json; staged: Json }> {
    const signUp = { email, password: "secret", customerGroup: { typeId: "customer-group", key: "b2b" } };
    const customer = (await shop.admin.post("/customers", signUp)).customer as Json;
    const unit = { key: email.replace(/[^a-z]/g, "-"), unitType: "Company", name: "Acme" };
    await shop.admin.post("/business-units", unit);
    const cart = await shop.admin.post("/carts", {
      currency: "EUR",
      country: "DE",
      customerId: customer.id,
      businessUnit: { typeId: "business-unit", key: unit.key },
      purchaseOrderNumber: "PO-1",
      shippingAddress: { country: "DE" },
      lineItems: [{ sku: "HB-M5X20", quantity: 10, externalPrice: money(200) }],
    });
    const request = await shop.admin.post("/quote-requests", {
      cart: id("cart", cart),
      cartVersion: cart.version,
      comment: "better?",
    });
    let staged = await shop.admin.post("/staged-quotes", {
      quoteRequest: id("quote-request", request),
      quoteRequestVersion: 1,
      quoteRequestStateToAccepted: true,
    });
    const quotation = await shop.admin.get(`/carts/${String((staged.quotationCart as Json).id)}`);
    await shop.admin.post(`/carts/${String(quotation.id)}`, {
      version: quotation.version,
      actions: [
        {
          action: "setLineItemPrice",
          lineItemId: (quotation.lineItems as Json[])[0]?.id,
          externalPrice: money(100),
        },
      ],
    });
    if (validTo !== undefined) {
      const actions = [{ action: "setValidTo", validTo }];
      staged = await shop.admin.post(`/staged-quotes/${String(staged.id)}`, { version: staged.version, actions });
    }
    const quote = await shop.admin.post("/quotes", {
      stagedQuote: id("staged-quote", staged),
      stagedQuoteVersion: staged.version,
      stagedQuoteStateToSent: true,
    });
    return { quote, customer, staged };
  }
  const order = (quote: Json, extra: Json = {}) =>
    shop.admin.post("/orders/quotes", { quote: id("quote", quote), version: quote.version, ...extra });

  it("become orders at the offered price that name the quote", async () => {
    const { quote, customer, staged } = await offer("buyer@acme.example");
    expect([centsOf(quote.totalPrice), quote.quoteState]).toEqual([1000, "Pending"]);
    const made = await order(quote, { orderNumber: `Q-${form}`, quoteStateToAccepted: true });
    expect(
      pick(made, "origin", "quote", "orderNumber", "customerId", "purchaseOrderNumber", "cart", "version"),
    ).toEqual({
      origin: "Quote",
      quote: id("quote", quote),
      orderNumber: `Q-${form}`,
      customerId: customer.id,
      purchaseOrderNumber: "PO-1",
      version: 1,
    });
    expect(pick(made, "lineItems", "totalPrice", "taxedPrice", "businessUnit", "customerGroup")).toEqual(
      pick(quote, "lineItems", "totalPrice", "taxedPrice", "businessUnit", "customerGroup"),
    );
    const told = await shop.connector.get("/messages", {
      where: "resource(id in :ids)",
      "var.ids": [String(made.id), String(quote.id)],
      sort: "createdAt asc",
      limit: "20",
    });
    expect(
      results(told)
        .map((one) => one.type)
        .sort(),
    ).toEqual(["OrderCreated", "QuoteCreated", "QuoteStateChanged"]);
    const states = [
      (await shop.admin.get(`/quotes/${String(quote.id)}`)).quoteState,
      (await shop.admin.get(`/staged-quotes/${String(staged.id)}`)).stagedQuoteState,
    ];
    expect(states).toEqual(["Accepted", "Sent"]);
    expect(await refusal(order({ ...quote, version: 2 }))).toMatchObject({ status: 400, code: "InvalidOperation" });
  });

  it("are not ordered at another version, nor when their time is over", async () => {
    const { quote } = await offer("late@acme.example", "2026-03-02T09:00:00.000Z");
    expect(await refusal(order({ ...quote, version: 7 }))).toMatchObject({ status: 409, currentVersion: 1 });
    shop.clock.advance(2 * 3_600_000);
    expect(await refusal(order(quote))).toMatchObject({ status: 400, code: "InvalidOperation" });
  });
});
