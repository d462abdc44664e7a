/** Orders that no shopper's cart made: from a quote, from a recurring order, imported. Each from the platform to the cent in IFS. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../sandbox/commercetools/api-caller.ts";
import { text } from "../sandbox/ifs/rows.ts";
import { type Document, installConnector } from "./install.ts";
import { buy, germany, home, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const PART = "BAT.12V.2AH";
const money = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
const id = (typeId: string, of: Json) => ({ typeId, id: of.id });

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await installConnector(world, ordersOnly);
  await world.run(5000);
});
afterAll(() => world?.close());

const post = (path: string, body: Json): Promise<Json> => world.drive(world.shop.post(path, body));
const get = (path: string): Promise<Json> => world.drive(world.shop.get(path));

/** Once in IFS, released, equal to the cent, linked, and nothing for a person; its note as IFS has it. */
async function expectExported(orderId: string, quantity: string): Promise<string> {
  await world.run(15_000);
  const [orderNo = "", ...others] = ordersInIfs(world, orderId);
  const order = await orderById(world, orderId);
  const inIfs = orderInIfs(world, orderNo);
  const open = (await openExceptions(world)).filter(({ recordId }) => recordId === orderId);
  expect([others, inIfs.state, inIfs.lines.map((line) => [line.catalogNo, line.quantity]), open]).toEqual([
    [],
    "Released",
    [[PART, `${quantity} PCS`]],
    [],
  ]);
  expect(Number(inIfs.totalGross).toFixed(2)).toBe((order.taxedPrice.totalGross.centAmount / 100).toFixed(2));
  expect(order.syncInfo.some(({ externalId }) => externalId === orderNo)).toBe(true);
  // Whatever looks again makes no second one.
  await world.tick();
  await world.run(5000);
  expect(ordersInIfs(world, orderId)).toEqual([orderNo]);
  const row = world.ifs.model.world().table("CustomerOrder").get(orderNo);
  return row ? text(row, "NoteText") : "";
}

test("a quote that a buyer accepted, at the offered price, with the quote named", async () => {
  const channel = await get(`/channels/key=${germany.supplyChannel}`);
  const signUp = { email: "buyer@acme.example", password: "secret" };
  const customer = (await post("/customers", signUp)).customer as Json;
  const cart = await post("/carts", {
    currency: "EUR",
    country: "DE",
    customerId: customer.id,
    customerEmail: "buyer@acme.example",
    purchaseOrderNumber: "PO-1",
    shippingAddress: home,
    billingAddress: home,
    inventoryMode: "None",
    shippingMethod: { typeId: "shipping-method", key: "standard" },
    lineItems: [{ sku: PART, quantity: 3, externalPrice: money(4990), supplyChannel: id("channel", channel) }],
  });
  const request = await post("/quote-requests", {
    cart: id("cart", cart),
    cartVersion: cart.version,
    comment: "less?",
  });
  const staged = await post("/staged-quotes", {
    quoteRequest: id("quote-request", request),
    quoteRequestVersion: request.version,
    quoteRequestStateToAccepted: true,
  });
  const quotation = await get(`/carts/${String((staged.quotationCart as Json).id)}`);
  const [line] = quotation.lineItems as Json[];
  await post(`/carts/${String(quotation.id)}`, {
    version: quotation.version,
    actions: [{ action: "setLineItemPrice", lineItemId: line?.id, externalPrice: money(3333) }],
  });
  const quote = await post("/quotes", {
    stagedQuote: id("staged-quote", staged),
    stagedQuoteVersion: staged.version,
    stagedQuoteStateToSent: true,
  });
  const order = await post("/orders/quotes", {
    quote: id("quote", quote),
    version: quote.version,
    quoteStateToAccepted: true,
  });
  expect(order.origin).toBe("Quote");
  expect(await expectExported(String(order.id), "3")).toContain(String(quote.id));
  const [orderNo = ""] = ordersInIfs(world, String(order.id));
  const [inIfs] = [...(world.ifs.model.world().table("CustomerOrder").find("OrderNo", orderNo) ?? [])];
  expect(inIfs && text(inIfs, "CustomerPoNo")).toBe("PO-1");
});

test("an order of a recurring order, with the recurring order named", async () => {
  const wish: Wish = {
    lines: [{ sku: PART, quantity: 2, externalPrice: 4990 }],
    inventoryMode: "None",
    origin: "RecurringOrder",
  };
  const order = await world.drive(buy(world, germany, wish));
  const note = await expectExported(String(order.id), "2");
  expect(note).toContain(String((order.recurringOrder as Json).id));
});

test("an imported order, of which the platform computed nothing", async () => {
  const rate = { name: "VAT 19 %", amount: 0.19, includedInPrice: false, country: "DE" };
  const channel = await get(`/channels/key=${germany.supplyChannel}`);
  const order = await post("/orders/import", {
    orderNumber: "IMPORTED-1",
    totalPrice: money(9980),
    taxedPrice: {
      totalNet: money(9980),
      totalGross: money(11_876),
      taxPortions: [{ rate: 0.19, name: rate.name, amount: money(1896) }],
    },
    inventoryMode: "None",
    country: "DE",
    customerEmail: "imported@example.com",
    shippingAddress: home,
    billingAddress: home,
    lineItems: [
      {
        name: { en: "Battery" },
        variant: { sku: PART },
        quantity: 2,
        price: { value: money(4990) },
        taxRate: rate,
        supplyChannel: id("channel", channel),
      },
    ],
  });
  await expectExported(String(order.id), "2");
});
