import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const SKU = "HB-M6X20";

describe.each(FORMS)("standalone prices (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  const act = (price: Json, ...actions: Json[]) =>
    shop.connector.post(`/standalone-prices/${price.id}`, { version: price.version, actions });
  const channel = { channel: { typeId: "channel", key: "de-store-prices" } };
  const group = { customerGroup: { typeId: "customer-group", key: "b2b" } };

  it("is active by default, takes any SKU, and needs the right channel role", async () => {
    const price = await shop.price("NOT-IN-THE-CATALOGUE", 100, { key: "free-sku" });
    expect(pick(price, "active", "sku", "key", "value")).toEqual({
      active: true,
      sku: "NOT-IN-THE-CATALOGUE",
      key: "free-sku",
      value: { type: "centPrecision", currencyCode: "EUR", centAmount: 100, fractionDigits: 2 },
    });
    const wrong = shop.price("X", 1, { channel: { typeId: "channel", key: "hamburg" } });
    expect(await refusal(wrong)).toMatchObject({ code: "MissingRoleOnChannel", missingRole: "ProductDistribution" });
  });

  it("allows one price per scope and validity", async () => {
    const first = await shop.price("SCOPE", 100, { country: "DE" });
    const same = await refusal(shop.price("SCOPE", 200, { country: "DE" }));
    expect(same).toMatchObject({
      status: 400,
      code: "DuplicateStandalonePriceScope",
      sku: "SCOPE",
      currency: "EUR",
      country: "DE",
      conflictingStandalonePrice: { typeId: "standalone-price", id: first.id },
    });
    await shop.price("SCOPE", 100);
    await shop.price("SCOPE", 100, channel);
    await shop.price("SCOPE", 100, group);
    await shop.price("SCOPE", 100, {
      country: "DE",
      validFrom: "2026-01-01T00:00:00Z",
      validUntil: "2026-02-01T00:00:00Z",
    });
    const overlapping = shop.price("SCOPE", 100, { country: "DE", validFrom: "2026-01-15T00:00:00Z" });
    expect(await refusal(overlapping)).toMatchObject({
      status: 400,
      code: "OverlappingStandalonePriceValidity",
      conflictingValidFrom: "2026-01-01T00:00:00.000Z",
      conflictingValidUntil: "2026-02-01T00:00:00.000Z",
    });
    await shop.price("SCOPE", 100, { country: "DE", validFrom: "2026-02-01T00:00:00Z" });
    const backwards = { validFrom: "2026-02-01T00:00:00Z", validUntil: "2026-02-01T00:00:00Z" };
    expect(await refusal(shop.price("BACK", 1, backwards))).toMatchObject({ code: "InvalidInput" });
  });

  it("checks the scope again when the validity changes", async () => {
    const early = await shop.price("SHIFT", 1, {
      validFrom: "2026-01-01T00:00:00Z",
      validUntil: "2026-02-01T00:00:00Z",
    });
    await shop.price("SHIFT", 2, { validFrom: "2026-02-01T00:00:00Z" });
    const longer = act(early, { action: "setValidUntil", validUntil: "2026-03-01T00:00:00Z" });
    expect(await refusal(longer)).toMatchObject({ code: "OverlappingStandalonePriceValidity" });
    const shorter = await act(early, {
      action: "setValidFromAndUntil",
      validFrom: "2025-01-01T00:00:00Z",
      validUntil: "2025-02-01T00:00:00Z",
    });
    expect(pick(shorter, "version", "validFrom", "validUntil")).toEqual({
      version: 2,
      validFrom: "2025-01-01T00:00:00.000Z",
      validUntil: "2025-02-01T00:00:00.000Z",
    });
  });

  it("changes value, tiers, state and staged value, and tells of each", async () => {
    const euro = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
    let price = await shop.price("ACTIONS", 100);
    price = await act(price, { action: "changeValue", value: euro(110) });
    price = await act(price, { action: "changeValue", value: euro(120), staged: true });
    expect([centsOf(price.value), centsOf((price.staged as Json).value)]).toEqual([110, 120]);
    price = await act(price, { action: "applyStagedChanges" });
    price = await act(price, { action: "setPriceTiers", tiers: [{ minimumQuantity: 10, value: euro(90) }] });
    price = await act(price, { action: "addPriceTier", tier: { minimumQuantity: 20, value: euro(80) } });
    price = await act(price, { action: "removePriceTier", minimumQuantity: 10 });
    price = await act(price, { action: "changeActive", active: false }, { action: "setKey", key: "actions" });
    expect(pick(price, "version", "active", "key", "staged")).toEqual({ version: 8, active: false, key: "actions" });
    expect((price.tiers as Json[]).map((tier) => tier.minimumQuantity)).toEqual([20]);
    const page = await shop.connector.get("/messages", {
      where: "resource(id = :id)",
      "var.id": String(price.id),
      sort: "sequenceNumber asc",
    });
    expect(results(page).map((one) => one.type)).toEqual([
      "StandalonePriceCreated",
      "StandalonePriceValueChanged",
      "StandalonePriceValueChanged",
      "StandalonePriceStagedChangesApplied",
      "StandalonePriceTiersSet",
      "StandalonePriceTierAdded",
      "StandalonePriceTierRemoved",
      "StandalonePriceActiveChanged",
      "StandalonePriceKeySet",
    ]);
    const currency = act(price, { action: "changeValue", value: { currencyCode: "SEK", centAmount: 1 } });
    expect(await refusal(currency)).toMatchObject({ code: "InvalidInput" });
    const scope = act(price, { action: "setCountry", country: "SE" });
    expect(await refusal(scope)).toMatchObject({ code: "InvalidJsonInput" });
    const tier = act(price, { action: "addPriceTier", tier: { minimumQuantity: 1, value: euro(1) } });
    expect(await refusal(tier)).toMatchObject({ code: "InvalidField" });
  });

  it("selects by group before channel before country, validity before fallback, and by tier", async () => {
    const select = async (query: Record<string, string>) => {
      const page = await shop.connector.get("/product-projections", {
        where: "masterVariant(sku = :sku)",
        "var.sku": SKU,
        priceCurrency: "EUR",
        ...query,
      });
      const price = (results(page)[0]?.masterVariant as Json | undefined)?.price as Json | undefined;
      return price ? centsOf(price.value) : undefined;
    };
    const [b2b] = results(await shop.admin.get("/customer-groups", { where: 'key = "b2b"' }));
    const [prices] = results(await shop.admin.get("/channels", { where: 'key = "de-store-prices"' }));
    expect(await select({})).toBeUndefined();
    await shop.price(SKU, 1000);
    await shop.price(SKU, 900, { country: "DE" });
    await shop.price(SKU, 800, channel);
    await shop.price(SKU, 700, { ...channel, country: "DE" });
    await shop.price(SKU, 600, group);
    await shop.price(SKU, 500, { ...group, ...channel });
    await shop.price(SKU, 850, {
      country: "DE",
      validFrom: "2026-03-02T08:00:00Z",
      validUntil: "2026-03-03T08:00:00Z",
    });
    await shop.price(SKU, 1, { active: false, country: "SE" });
    const everything = { priceCountry: "DE", priceChannel: String(prices?.id), priceCustomerGroup: String(b2b?.id) };
    expect(await select({})).toBe(1000);
    expect(await select({ priceCountry: "SE" })).toBe(1000);
    expect(await select({ priceCountry: "DE" })).toBe(850);
    expect(await select({ priceChannel: String(prices?.id) })).toBe(800);
    expect(await select({ priceCountry: "DE", priceChannel: String(prices?.id) })).toBe(700);
    expect(await select({ priceCountry: "DE", priceCustomerGroup: String(b2b?.id) })).toBe(600);
    expect(await select(everything)).toBe(500);
    shop.clock.advance(86_400_000 - 1);
    expect(await select({ priceCountry: "DE" })).toBe(850);
    shop.clock.advance(1);
    expect(await select({ priceCountry: "DE" })).toBe(900);
    expect(await select({ priceCurrency: "SEK" })).toBeUndefined();
  });

  it("prices carts with what it selects, by quantity tier", async () => {
    const sku = "HB-M6X40";
    await shop.price(sku, 100, { tiers: [{ minimumQuantity: 10, value: { currencyCode: "EUR", centAmount: 80 } }] });
    const cart = await shop.cart({ lines: [{ sku, quantity: 9 }] });
    expect(centsOf(cart.totalPrice)).toBe(900);
    const more = await shop.admin.post(`/carts/${cart.id}`, {
      version: cart.version,
      actions: [{ action: "addLineItem", sku, quantity: 1 }],
    });
    const lines = more.lineItems as { quantity: number; price: { value: Json } }[];
    expect(lines.map((line) => [line.quantity, centsOf(line.price.value)])).toEqual([[10, 80]]);
    expect(centsOf(more.totalPrice)).toBe(800);
    const none = shop.cart({ lines: [{ sku: "HB-M6X60", quantity: 1 }] });
    expect(await refusal(none)).toMatchObject({
      status: 400,
      code: "MatchingPriceNotFound",
      currency: "EUR",
      country: "DE",
    });
  });

  it("gives businesses the price of their group, by account and by unit", async () => {
    const sku = "HB-M10X20";
    await shop.price(sku, 100);
    await shop.price(sku, 70, group);
    const [business] = results(await shop.admin.get("/customers", { where: 'key = "business-1"' }));
    await shop.admin.post("/business-units", {
      key: "unit-1",
      unitType: "Company",
      name: "Unit",
      customerGroupAssignments: [group],
      associates: [{ customer: { typeId: "customer", id: business?.id }, associateRoleAssignments: [] }],
    });
    const draft = { currency: "EUR", country: "DE", lineItems: [{ sku, quantity: 1 }] };
    const unit = { businessUnit: { typeId: "business-unit", key: "unit-1" } };
    const totals = await Promise.all(
      [draft, { ...draft, customerId: business?.id }, { ...draft, ...unit }].map(async (one) =>
        centsOf((await shop.admin.post("/carts", one)).totalPrice),
      ),
    );
    expect(totals).toEqual([100, 70, 70]);
  });

  it("takes a discounted price for a published variant by an active external discount only", async () => {
    const draft = { name: { en: "x" }, predicate: "1=1", isActive: true };
    const discount = (key: string, type: string, sortOrder: string, isActive = true) =>
      shop.admin.post("/product-discounts", { ...draft, key, value: { type }, sortOrder, isActive });
    await discount("outside", "external", "0.1");
    await discount("resting", "external", "0.2", false);
    await discount("inside", "relative", "0.3");
    const set = (price: Json, key: string) =>
      act(price, {
        action: "setDiscountedPrice",
        discounted: {
          value: { currencyCode: "EUR", centAmount: 80 },
          discount: { typeId: "product-discount", key },
        },
      });
    const price = await shop.price("HB-M5X40", 100);
    expect(await set(price, "outside")).toMatchObject({ version: 2, discounted: { value: { centAmount: 80 } } });
    const stored = await shop.admin.get(`/standalone-prices/${price.id}`);
    for (const key of ["resting", "inside"]) expect(await refusal(set(stored, key))).toMatchObject({ status: 400 });
    const unknown = await shop.price("NO-SUCH-SKU", 100);
    expect(await refusal(set(unknown, "outside"))).toMatchObject({ code: "InvalidOperation" });
    await shop.admin.post("/products", {
      key: "hidden",
      productType: { typeId: "product-type", key: "part" },
      name: { en: "Hidden" },
      slug: { en: "hidden" },
      priceMode: "Standalone",
      masterVariant: { sku: "HIDDEN-1" },
    });
    const hidden = await shop.price("HIDDEN-1", 100);
    expect(await refusal(set(hidden, "outside"))).toMatchObject({ code: "InvalidOperation" });
  });

  it("prices a line of embedded prices by what the product has now", async () => {
    const euro = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
    const product = await shop.admin.post("/products", {
      key: "embedded",
      productType: { typeId: "product-type", key: "part" },
      name: { en: "Embedded" },
      slug: { en: "embedded" },
      publish: true,
      taxCategory: { typeId: "tax-category", key: "standard" },
      masterVariant: { sku: "EMBEDDED-1", prices: [{ value: euro(100) }] },
    });
    const cart = await shop.cart({ lines: [{ sku: "EMBEDDED-1", quantity: 1 }], inventoryMode: "None" });
    await shop.admin.post(`/products/${product.id}`, {
      version: product.version,
      actions: [{ action: "setPrices", variantId: 1, prices: [{ value: euro(130) }], staged: false }],
    });
    const order = shop.admin.post("/orders", { cart: { typeId: "cart", id: cart.id }, version: cart.version });
    expect(await refusal(order)).toMatchObject({ code: "PriceChanged" });
    const fresh = await shop.admin.post(`/carts/${cart.id}`, { version: 1, actions: [{ action: "recalculate" }] });
    expect(centsOf(fresh.totalPrice)).toBe(130);
  });

  it("does not let lines be ordered whose price was switched off", async () => {
    const sku = "HB-M8X20";
    const price = await shop.price(sku, 100);
    const cart = await shop.cart({ lines: [{ sku, quantity: 1 }], inventoryMode: "None" });
    await act(price, { action: "changeActive", active: false });
    const order = shop.admin.post("/orders", { cart: { typeId: "cart", id: cart.id }, version: cart.version });
    expect(await refusal(order)).toMatchObject({ status: 400, code: "PriceChanged" });
  });
});
