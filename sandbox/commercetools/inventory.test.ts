import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const FIGURES = ["version", "quantityOnStock", "availableQuantity"];

describe.each(FORMS)("inventory (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
    await shop.price("HB-M5X20", 1000);
    await shop.price("HB-M5X40", 1000);
  });
  afterAll(() => shop.close());

  const act = (id: unknown, version: number, ...actions: Json[]) =>
    shop.connector.post(`/inventory/${id}`, { version, actions });
  const entryOf = async (id: unknown) => pick(await shop.connector.get(`/inventory/${id}`), ...FIGURES);
  const drop = async (entry: Json) => {
    const now = await shop.connector.get(`/inventory/${entry.id}`);
    await shop.connector.delete(`/inventory/${entry.id}`, { version: String(now.version) });
  };
  const sell = (
    sku: string,
    quantity: number,
    inventoryMode: "TrackOnly" | "ReserveOnOrder" | "ReserveOnCart" | "None",
  ) => shop.order({ lines: [{ sku, quantity }], inventoryMode });

  it("keeps one entry per SKU and channel, no channel being a slot of its own", async () => {
    const channel = (key: string) => ({ supplyChannel: { typeId: "channel", key } });
    await shop.stock("SLOT", 1);
    await shop.stock("SLOT", 2, channel("hamburg"));
    const munich = await shop.stock("SLOT", 3, channel("munich"));
    const duplicate = { status: 400, code: "DuplicateField", field: "sku", duplicateValue: "SLOT" };
    expect(await refusal(shop.stock("SLOT", 9))).toMatchObject(duplicate);
    expect(await refusal(shop.stock("SLOT", 9, channel("munich")))).toMatchObject(duplicate);
    const move = act(munich.id, 1, { action: "setSupplyChannel", ...channel("hamburg") });
    expect(await refusal(move)).toMatchObject(duplicate);
    expect((await act(munich.id, 1, { action: "setSupplyChannel", ...channel("gothenburg") })).version).toBe(2);
    expect(await refusal(shop.stock("SLOT", 1, channel("de-store-prices")))).toMatchObject({
      code: "MissingRoleOnChannel",
      missingRole: "InventorySupply",
    });
    expect(await refusal(shop.stock("SLOT", 1, channel("nowhere")))).toMatchObject({
      code: "ReferencedResourceNotFound",
    });
  });

  it("has all thirteen actions", async () => {
    const entry = await shop.stock("THIRTEEN", 10, { key: "thirteen" });
    const after = await act(
      entry.id,
      1,
      { action: "addQuantity", quantity: 5 },
      { action: "removeQuantity", quantity: 20 },
      { action: "setExpectedDelivery", expectedDelivery: "2026-05-01T00:00:00Z" },
      { action: "setRestockableInDays", restockableInDays: 0 },
      { action: "setKey", key: "new-key" },
      { action: "setInventoryLimits", minCartQuantity: 2, maxCartQuantity: 6 },
      { action: "setReorderPoint", quantity: 4 },
      { action: "setSafetyStock", quantity: 2 },
      { action: "setReservationExpirationInMinutes", reservationExpirationInMinutes: 60 },
      { action: "setSupplyChannel", supplyChannel: { typeId: "channel", key: "hamburg" } },
    );
    const { id: _id, createdAt: _c, lastModifiedAt: _l, createdBy: _cb, lastModifiedBy: _lb, ...fields } = after;
    const [hamburg] = results(await shop.admin.get("/channels", { where: 'key = "hamburg"' }));
    expect(fields).toEqual({
      version: 2,
      key: "new-key",
      sku: "THIRTEEN",
      quantityOnStock: -5,
      availableQuantity: -5,
      expectedDelivery: "2026-05-01T00:00:00.000Z",
      restockableInDays: 0,
      minCartQuantity: 2,
      maxCartQuantity: 6,
      stockLevels: { reorderPoint: 4, safetyStock: 2 },
      reservationExpirationInMinutes: 60,
      supplyChannel: { typeId: "channel", id: hamburg?.id },
    });
    const cleared = await act(
      entry.id,
      2,
      { action: "setInventoryLimits" },
      { action: "setReorderPoint" },
      { action: "setSafetyStock" },
      { action: "setRestockableInDays" },
      { action: "setExpectedDelivery" },
      { action: "changeQuantity", quantity: 7 },
    );
    expect(Object.keys(cleared).sort()).toEqual(
      [
        ...["id", "version", "createdAt", "lastModifiedAt", "createdBy", "lastModifiedBy", "key", "sku"],
        ...["quantityOnStock", "availableQuantity", "reservationExpirationInMinutes", "supplyChannel"],
      ].sort(),
    );
    expect((await shop.connector.get("/inventory/key=new-key")).quantityOnStock).toBe(7);
  });

  it("can refuse negative absolute quantities, by setting", async () => {
    const entry = await shop.stock("NEGATIVE", 1);
    shop.model.changeSettings({ negativeChangeQuantity: "refuse" });
    const below = act(entry.id, 1, { action: "changeQuantity", quantity: -1 });
    expect(await refusal(below)).toMatchObject({ code: "InvalidField", field: "quantity" });
    shop.model.changeSettings({ negativeChangeQuantity: "accept" });
    expect((await act(entry.id, 1, { action: "changeQuantity", quantity: -1 })).quantityOnStock).toBe(-1);
  });

  it("None leaves stock alone", async () => {
    const entry = await shop.stock("HB-M5X20", 1);
    await sell("HB-M5X20", 5, "None");
    expect(await entryOf(entry.id)).toEqual({ version: 1, quantityOnStock: 1, availableQuantity: 1 });
    await drop(entry);
  });

  it("TrackOnly sells below zero, but not without an entry", async () => {
    expect(await refusal(sell("HB-M5X20", 1, "TrackOnly"))).toMatchObject({ code: "OutOfStock", skus: ["HB-M5X20"] });
    const entry = await shop.stock("HB-M5X20", 1);
    await sell("HB-M5X20", 5, "TrackOnly");
    expect(await entryOf(entry.id)).toEqual({ version: 2, quantityOnStock: -4, availableQuantity: -4 });
    await drop(entry);
  });

  it("ReserveOnOrder refuses what is not there, unless it is restockable, even in 0 days", async () => {
    const entry = await shop.stock("HB-M5X20", 3);
    const refused = await refusal(sell("HB-M5X20", 4, "ReserveOnOrder"));
    expect(pick(refused, "status", "code", "skus")).toEqual({ status: 400, code: "OutOfStock", skus: ["HB-M5X20"] });
    await sell("HB-M5X20", 3, "ReserveOnOrder");
    expect(await entryOf(entry.id)).toEqual({ version: 2, quantityOnStock: 0, availableQuantity: 0 });
    await act(entry.id, 2, { action: "setRestockableInDays", restockableInDays: 0 });
    await sell("HB-M5X20", 2, "ReserveOnOrder");
    expect(await entryOf(entry.id)).toEqual({ version: 4, quantityOnStock: -2, availableQuantity: -2 });
    await drop(entry);
  });

  it("counts lines of one entry together and books all lines or none", async () => {
    const one = await shop.stock("HB-M5X20", 3);
    const two = await shop.stock("HB-M5X40", 9);
    const lines = [
      { sku: "HB-M5X40", quantity: 1 },
      { sku: "HB-M5X20", quantity: 2 },
      { sku: "HB-M5X20", quantity: 2, externalPrice: 5 },
    ];
    expect(await refusal(shop.order({ lines, inventoryMode: "ReserveOnOrder" }))).toMatchObject({ code: "OutOfStock" });
    expect([await entryOf(one.id), await entryOf(two.id)]).toEqual([
      { version: 1, quantityOnStock: 3, availableQuantity: 3 },
      { version: 1, quantityOnStock: 9, availableQuantity: 9 },
    ]);
    await drop(one);
    await drop(two);
  });

  it("never sells more than there is, however many order at once", async () => {
    const entry = await shop.stock("HB-M5X20", 5);
    shop.model.changeSettings({ stockLagMs: 10_000 });
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => sell("HB-M5X20", 1, "ReserveOnOrder")));
    expect(tries.filter((one) => one.status === "fulfilled").length).toBe(5);
    expect(await entryOf(entry.id)).toEqual({ version: 1, quantityOnStock: 5, availableQuantity: 5 });
    shop.clock.advance(10_000);
    expect(await entryOf(entry.id)).toEqual({ version: 6, quantityOnStock: 0, availableQuantity: 0 });
    shop.model.changeSettings({ stockLagMs: 0 });
    await drop(entry);
  });

  it("shows a sale after the lag, with or without a new version", async () => {
    shop.model.changeSettings({ stockLagMs: 4000, orderStockRaisesVersion: false });
    const entry = await shop.stock("HB-M5X20", 10);
    await sell("HB-M5X20", 3, "ReserveOnOrder");
    shop.clock.advance(3999);
    expect(await entryOf(entry.id)).toEqual({ version: 1, quantityOnStock: 10, availableQuantity: 10 });
    shop.clock.advance(1);
    expect(await entryOf(entry.id)).toEqual({ version: 1, quantityOnStock: 7, availableQuantity: 7 });
    shop.model.changeSettings({ stockLagMs: 0, orderStockRaisesVersion: true });
    await drop(entry);
  });

  it.each([
    ["saleLandsAfter", 47],
    ["saleLost", 50],
  ] as const)("lets an absolute write within the lag end as %s", async (absoluteWriteDuringLag, expected) => {
    shop.model.changeSettings({ stockLagMs: 5000, absoluteWriteDuringLag });
    const entry = await shop.stock("HB-M5X20", 10);
    await sell("HB-M5X20", 3, "ReserveOnOrder");
    await act(entry.id, 1, { action: "changeQuantity", quantity: 50 });
    shop.clock.advance(5000);
    expect((await entryOf(entry.id)).quantityOnStock).toBe(expected);
    shop.model.changeSettings({ stockLagMs: 0, absoluteWriteDuringLag: "saleLandsAfter" });
    await drop(entry);
  });

  it("adds a relative write to a sale that lands later", async () => {
    shop.model.changeSettings({ stockLagMs: 5000 });
    const entry = await shop.stock("HB-M5X20", 10);
    await sell("HB-M5X20", 3, "ReserveOnOrder");
    await act(entry.id, 1, { action: "addQuantity", quantity: 40 });
    shop.clock.advance(5000);
    expect((await entryOf(entry.id)).quantityOnStock).toBe(47);
    shop.model.changeSettings({ stockLagMs: 0 });
    await drop(entry);
  });

  it("ReserveOnCart takes from what is available, survives absolute writes, and commits with the order", async () => {
    const entry = await shop.stock("HB-M5X20", 10);
    const cart = await shop.cart({ lines: [{ sku: "HB-M5X20", quantity: 4 }], inventoryMode: "ReserveOnCart" });
    expect(await entryOf(entry.id)).toEqual({ version: 2, quantityOnStock: 10, availableQuantity: 6 });
    await act(entry.id, 2, { action: "changeQuantity", quantity: 8 });
    expect(await entryOf(entry.id)).toEqual({ version: 3, quantityOnStock: 8, availableQuantity: 4 });
    const second = await shop.cart({ lines: [{ sku: "HB-M5X20", quantity: 5 }], inventoryMode: "ReserveOnCart" });
    expect((second.warnings as Json[]).map((one) => one.code)).toEqual(["CannotCreateReservation"]);
    expect(await entryOf(entry.id)).toEqual({ version: 3, quantityOnStock: 8, availableQuantity: 4 });
    const shown = await shop.admin.get(`/carts/${cart.id}`, { expand: "lineItems[*].reservation" });
    const reservation = (shown.lineItems as { reservation: { obj: Json } }[])[0]?.reservation.obj;
    expect(pick(reservation, "quantity", "state", "owner")).toEqual({
      quantity: 4,
      state: "Created",
      owner: { typeId: "cart", id: cart.id },
    });
    await shop.admin.post("/orders", { cart: { typeId: "cart", id: cart.id }, version: cart.version });
    expect(await entryOf(entry.id)).toEqual({ version: 4, quantityOnStock: 4, availableQuantity: 4 });
    const refused = shop.admin.post("/orders", { cart: { typeId: "cart", id: second.id }, version: second.version });
    expect(await refusal(refused)).toMatchObject({ code: "OutOfStock" });
    await drop(entry);
  });

  it("renews a reservation with its line, releases it with the line, and lets it expire", async () => {
    const entry = await shop.stock("HB-M5X20", 10);
    const cart = await shop.cart({ lines: [{ sku: "HB-M5X20", quantity: 4 }], inventoryMode: "ReserveOnCart" });
    const lineItemId = (cart.lineItems as Json[])[0]?.id;
    const change = (version: unknown, quantity: number) =>
      shop.admin.post(`/carts/${cart.id}`, {
        version,
        actions: [{ action: "changeLineItemQuantity", lineItemId, quantity }],
      });
    const more = await change(cart.version, 6);
    expect((await entryOf(entry.id)).availableQuantity).toBe(4);
    const none = await change(more.version, 0);
    expect((await entryOf(entry.id)).availableQuantity).toBe(10);
    await shop.admin.post(`/carts/${cart.id}`, {
      version: none.version,
      actions: [{ action: "addLineItem", sku: "HB-M5X20", quantity: 2 }],
    });
    expect((await entryOf(entry.id)).availableQuantity).toBe(8);
    shop.clock.advance(30 * 60_000);
    expect(pick(await entryOf(entry.id), "quantityOnStock", "availableQuantity")).toEqual({
      quantityOnStock: 10,
      availableQuantity: 10,
    });
    await drop(entry);
  });

  it("keeps carts within the limits of the entry", async () => {
    const entry = await shop.stock("HB-M5X20", 100, { minCartQuantity: 2, maxCartQuantity: 5 });
    const cart = (quantity: number) => shop.cart({ lines: [{ sku: "HB-M5X20", quantity }] });
    expect(await refusal(cart(1))).toMatchObject({ code: "LineItemQuantityBelowLimit", quantity: 1 });
    const made = await cart(3);
    const lineItemId = (made.lineItems as Json[])[0]?.id;
    const change = (quantity: number) =>
      shop.admin.post(`/carts/${made.id}`, {
        version: made.version,
        actions: [{ action: "changeLineItemQuantity", lineItemId, quantity }],
      });
    expect(await refusal(change(1))).toMatchObject({ code: "LineItemQuantityBelowLimit", minCartQuantity: 2 });
    expect(await refusal(change(6))).toMatchObject({ code: "LineItemQuantityAboveLimit", maxCartQuantity: 5 });
    await drop(entry);
  });

  it("answers business errors with 400 or 409, by setting", async () => {
    const entry = await shop.stock("HB-M5X20", 1, { maxCartQuantity: 5 });
    const bolts = (quantity: number) => ({ lines: [{ sku: "HB-M5X20", quantity, externalPrice: 100 }] });
    const refusals = async () => [
      await refusal(shop.order(bolts(2))),
      await refusal(shop.cart(bolts(6))),
      await refusal(shop.cart({ lines: [{ sku: "HB-M8X60", quantity: 1 }] })),
      await refusal(shop.cart({ ...bolts(1), country: "US", currency: "USD", shippingAddress: { country: "US" } })),
    ];
    const codes = ["OutOfStock", "LineItemQuantityAboveLimit", "MatchingPriceNotFound", "MissingTaxRateForCountry"];
    expect((await refusals()).map(({ status, code }) => [status, code])).toEqual(codes.map((code) => [400, code]));
    shop.model.changeSettings({ businessErrorStatus: 409 });
    expect((await refusals()).map(({ status, code }) => [status, code])).toEqual(codes.map((code) => [409, code]));
    shop.model.changeSettings({ businessErrorStatus: 400 });
    await drop(entry);
  });

  it("puts stock back for cancelled orders only where the setting says so", async () => {
    const entry = await shop.stock("HB-M5X20", 10);
    const cancel = async () => {
      const order = await sell("HB-M5X20", 2, "ReserveOnOrder");
      await shop.admin.post(`/orders/${order.id}`, {
        version: order.version,
        actions: [{ action: "changeOrderState", orderState: "Cancelled" }],
      });
      return (await entryOf(entry.id)).quantityOnStock;
    };
    expect(await cancel()).toBe(8);
    shop.model.changeSettings({ cancellationRestocks: true });
    expect(await cancel()).toBe(8);
    shop.model.changeSettings({ cancellationRestocks: false });
    await drop(entry);
  });

  it("tells of direct writes and of levels, not of quantities that orders change", async () => {
    const entry = await shop.stock("HB-M5X20", 5, { stockLevels: { reorderPoint: 4, safetyStock: 2 } });
    await sell("HB-M5X20", 1, "ReserveOnOrder");
    await act(entry.id, 2, { action: "changeQuantity", quantity: 0 });
    const page = await shop.connector.get("/messages", {
      where: "resource(id = :id)",
      "var.id": String(entry.id),
      sort: "sequenceNumber asc",
    });
    expect(results(page).map((one) => [one.sequenceNumber, one.type, one.resourceVersion])).toEqual([
      [1, "InventoryEntryCreated", 1],
      [2, "InventoryEntryReorderPoint", 2],
      [3, "InventoryEntryQuantitySet", 3],
      [4, "InventoryEntryOutOfStock", 3],
      [5, "InventoryEntrySafetyStock", 3],
    ]);
    const set = results(page)[2];
    expect(
      pick(set, "oldQuantityOnStock", "newQuantityOnStock", "oldAvailableQuantity", "newAvailableQuantity", "sku"),
    ).toEqual({
      oldQuantityOnStock: 4,
      newQuantityOnStock: 0,
      oldAvailableQuantity: 4,
      newAvailableQuantity: 0,
      sku: "HB-M5X20",
    });
    await drop(entry);
  });
});
