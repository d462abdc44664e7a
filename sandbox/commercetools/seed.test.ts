import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, productKey, unknownSkus } from "../seed/commercetools-catalogue.ts";
import { parts } from "../seed/ifs-parts.ts";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

describe.each(FORMS)("the seeded shop (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  it("offers the ERP's parts by their numbers, and two things that the ERP does not know", async () => {
    const known = new Set(parts.map((part) => part.catalogNo));
    const skus = catalogue().map((product) => product.sku);
    expect(skus.filter((sku) => !known.has(sku))).toEqual(unknownSkus);
    expect([skus.length, new Set(skus).size, new Set(skus.map(productKey)).size]).toEqual([262, 262, 262]);
    for (const path of ["/products", "/product-projections"]) {
      expect([path, (await shop.connector.get(path, { limit: "1" })).total]).toEqual([path, 262]);
    }
    const sku = "COF/ESP-250";
    const where = "masterVariant(sku = :sku) or variants(sku = :sku)";
    const found = await shop.connector.get("/product-projections", { where, "var.sku": sku, expand: "taxCategory" });
    expect(
      results(found).map((one) => [
        one.key,
        (one.masterVariant as Json).sku,
        (one.taxCategory as { obj: Json }).obj.key,
      ]),
    ).toEqual([["COF_002fESP-250", sku, "reduced"]]);
  });

  it("has no stock, no prices, no export channels, and twenty customers", async () => {
    const totals = await Promise.all(
      ["/inventory", "/standalone-prices", "/orders", "/subscriptions", "/extensions", "/customers"].map(
        async (path) => (await shop.admin.get(path, { limit: "1" })).total,
      ),
    );
    expect(totals).toEqual([0, 0, 0, 0, 0, 20]);
    const channels = results(await shop.admin.get("/channels", { sort: "key asc" }));
    expect(channels.map((one) => [one.key, one.roles])).toEqual([
      ["de-store-prices", ["ProductDistribution"]],
      ["gothenburg", ["InventorySupply"]],
      ["hamburg", ["InventorySupply"]],
      ["munich", ["InventorySupply"]],
      ["se-store-prices", ["ProductDistribution"]],
    ]);
    const business = await shop.connector.get("/customers", {
      where: 'vatId = "DE811234501"',
      expand: "customerGroup",
    });
    expect(results(business).map((one) => [one.companyName, (one.customerGroup as { obj: Json }).obj.key])).toEqual([
      ["Werft am Südkai GmbH", "b2b"],
    ]);
  });

  it("sells to shoppers in both countries, paid and unpaid, before any price exists", async () => {
    const order = await shop.order({
      lines: [{ sku: "HB-M5X20", quantity: 2, externalPrice: 5000 }],
      country: "SE",
      currency: "SEK",
      shippingAddress: { country: "SE", city: "Göteborg" },
      shippingMethodKey: "express",
      storeKey: "se-store",
      payment: { interfaceId: "psp-77", method: "card" },
      inventoryMode: "None",
      orderNumber: "SE-1",
    });
    expect(pick(order, "country", "store", "customerEmail", "orderNumber")).toEqual({
      country: "SE",
      store: { typeId: "store", key: "se-store" },
      customerEmail: "shopper@shopper.example",
      orderNumber: "SE-1",
    });
    const { totalNet, totalGross } = order.taxedPrice as { totalNet: Json; totalGross: Json };
    expect([centsOf(order.totalPrice), centsOf(totalNet), centsOf(totalGross)]).toEqual([24_900, 24_900, 31_125]);
    const shown = await shop.admin.get(`/orders/${order.id}`, { expand: "paymentInfo.payments[*]" });
    const [payment] = (shown.paymentInfo as { payments: { obj: Json }[] }).payments;
    const paid = { type: "centPrecision", currencyCode: "SEK", centAmount: 31_125, fractionDigits: 2 };
    expect(pick(payment?.obj, "interfaceId", "amountPlanned", "paymentMethodInfo")).toEqual({
      interfaceId: "psp-77",
      amountPlanned: paid,
      paymentMethodInfo: { paymentInterface: "sandbox-psp", method: "card" },
    });
    const inStore = await shop.admin.get("/in-store/key=se-store/orders");
    expect(results(inStore).map((one) => one.id)).toEqual([order.id]);
    expect((await shop.admin.get("/in-store/key=de-store/orders")).total).toBe(0);
  });

  it("keeps sessions of carts for half an hour", async () => {
    const cart = await shop.cart({ lines: [{ sku: "HB-M5X20", quantity: 1, externalPrice: 1 }] });
    const session = await shop.admin.post("/sessions", { cart: { cartRef: { id: cart.id } }, metadata: { a: "b" } });
    const read = async () => pick(await shop.admin.get(`/sessions/${session.id}`), "state", "activeCart", "metadata");
    const fields = { activeCart: { cartRef: { id: cart.id } }, metadata: { a: "b" } };
    expect(await read()).toEqual({ state: "ACTIVE", ...fields });
    shop.clock.advance(30 * 60_000);
    expect(await read()).toEqual({ state: "EXPIRED", ...fields });
    expect(await refusal(shop.admin.get("/sessions/unknown"))).toMatchObject({ status: 404 });
  });

  it("answers GraphQL for pages and for bulk writers, with errors beside the data", async () => {
    await shop.connector.post("/custom-objects", { container: "runs", key: "r1", value: { ok: true } });
    const entry = await shop.stock("GRAPH", 1, { key: "graph", supplyChannel: { typeId: "channel", key: "hamburg" } });
    const read = await shop.connector.post("/graphql", {
      query: `query ($c: String!, $k: String!) {
        customObject(container: $c, key: $k) { version value }
        none: customObject(container: $c, key: "absent") { version }
        customObjects(container: $c, limit: 5) { total results { key } }
        orders(where: "orderNumber = \\"SE-1\\"", sort: ["createdAt desc"], limit: 1) {
          total results { orderNumber totalPrice { centAmount } lineItems { name(locale: "de") state { quantity state { key } } } }
        }
        inventoryEntries(where: "sku = \\"GRAPH\\"", limit: 500) { results { sku supplyChannelRef { id } supplyChannel { key } } }
        project { key currencies }
        limits { query { extensions { current limit } } }
      }`,
      variables: { c: "runs", k: "r1" },
    });
    expect(read).toEqual({
      data: {
        customObject: { version: 1, value: { ok: true } },
        none: null,
        customObjects: { total: 1, results: [{ key: "r1" }] },
        orders: {
          total: 1,
          results: [
            {
              orderNumber: "SE-1",
              totalPrice: { centAmount: 24_900 },
              lineItems: [
                {
                  name: "Hexagon head bolt M5 x 20 mm, 8.8 zinc plated",
                  state: [{ quantity: 2, state: { key: "Initial" } }],
                },
              ],
            },
          ],
        },
        inventoryEntries: {
          results: [
            {
              sku: "GRAPH",
              supplyChannelRef: { id: (entry.supplyChannel as Json).id },
              supplyChannel: { key: "hamburg" },
            },
          ],
        },
        project: { key: "sandbox-shop", currencies: ["EUR", "SEK", "USD"] },
        limits: { query: { extensions: { current: 0, limit: 25 } } },
      },
    });
    const written = await shop.connector.post("/graphql", {
      query: `mutation {
        a: updateInventoryEntry(key: "graph", version: 1, actions: [{changeQuantity: {quantity: 8}}]) { version quantityOnStock }
        c: createOrUpdateCustomObject(draft: {container: "runs", key: "r2", value: "{\\"n\\": 1}"}) { value }
      }`,
    });
    expect(written).toEqual({ data: { a: { version: 2, quantityOnStock: 8 }, c: { value: { n: 1 } } } });
    const stale = await shop.connector.post("/graphql", {
      query: 'mutation { b: updateInventoryEntry(key: "graph", version: 1, actions: []) { version } }',
    });
    expect((stale.errors as Json[]).map((one) => [one.path, pick(one.extensions, "code", "currentVersion")])).toEqual([
      [["b"], { code: "ConcurrentModification", currentVersion: 2 }],
    ]);
    shop.model.changeSettings({ graphqlMaxFields: 1 });
    const complex = shop.connector.post("/graphql", {
      query: "{ project { key } limits { query { products { current } } } }",
    });
    expect(await refusal(complex)).toMatchObject({ status: 400, code: "QueryComplexityLimitExceeded" });
    shop.model.changeSettings({ graphqlMaxFields: 200 });
  });
});

describe("the controls of the served shop", () => {
  it("read and change settings, push and the journal", async () => {
    const shop = await openShop("http");
    const control = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${shop.url}/sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Json };
    };
    expect((await control("GET", "settings")).body.syncInfoSameChannel).toBe("replace");
    expect((await control("POST", "settings", { syncInfoSameChannel: "append" })).body.syncInfoSameChannel).toBe(
      "append",
    );
    expect((await control("POST", "settings", { nonsense: 1 })).status).toBe(400);
    expect((await control("POST", "push/endpoint", { topic: "t1", url: "http://127.0.0.1:9/" })).body).toEqual({
      topic: "t1",
      url: "http://127.0.0.1:9/",
    });
    expect((await control("GET", "push")).body).toMatchObject({
      t1: { endpoint: "http://127.0.0.1:9/", undelivered: [] },
    });
    await shop.admin.get("/channels");
    const journal = (await control("GET", "requests")).body as unknown as Json[];
    expect(journal.map((one) => pick(one, "clientId", "method", "path", "status"))).toEqual([
      { clientId: "admin", method: "GET", path: "/sandbox-shop/channels", status: 200 },
    ]);
    expect((await control("DELETE", "requests")).body).toEqual([]);
    await control("POST", "faults", { kind: "status", status: 503, path: "/channels", times: 1 });
    expect((await shop.admin.request("GET", "/channels")).status).toBe(503);
    await control("DELETE", "tokens");
    expect((await shop.admin.request("GET", "/channels")).status).toBe(200);
    expect((await control("GET", "nothing")).status).toBe(404);
    await shop.close();
  });

  it("give the same ids for the same seed", async () => {
    const shops = await Promise.all([openShop("in-process"), openShop("in-process")]);
    const ids = await Promise.all(
      shops.map(async (shop) => results(await shop.admin.get("/products", { limit: "5" })).map((one) => one.id)),
    );
    expect(ids[0]).toEqual(ids[1]);
    for (const shop of shops) await shop.close();
  });
});
