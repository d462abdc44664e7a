import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const lines = [{ sku: "HB-M5X20", quantity: 5, externalPrice: 1000 }];

describe.each(FORMS)("orders (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
    await shop.admin.post("/channels", { key: "erp-export", roles: ["OrderExport"] });
  });
  afterAll(() => shop.close());

  const place = (extra: Json = {}) =>
    shop.order({ lines, inventoryMode: "None", shippingMethodKey: "standard", ...extra });
  const act = (order: Json, ...actions: Json[]) =>
    shop.connector.post(`/orders/${order.id}`, { version: order.version, actions });
  const messagesOf = async (order: Json) =>
    results(
      await shop.connector.get("/messages", {
        where: 'resource(typeId = "order" and id = :id)',
        "var.id": String(order.id),
        sort: "sequenceNumber asc",
        limit: "100",
      }),
    );
  const lineIdOf = (order: Json) => String((order.lineItems as Json[])[0]?.id);

  describe("come into being", () => {
    it("once from a cart, at the cart's version, with the cart's figures", async () => {
      const cart = await shop.cart({ lines, inventoryMode: "None", shippingMethodKey: "standard" });
      const order = (version: unknown) =>
        shop.admin.post("/orders", { cart: { typeId: "cart", id: cart.id }, version, orderNumber: "ONCE-1" });
      expect(await refusal(order(2))).toMatchObject({ status: 409, code: "ConcurrentModification", currentVersion: 1 });
      const made = await order(1);
      expect(
        pick(made, "version", "orderNumber", "orderState", "syncInfo", "returnInfo", "lastMessageSequenceNumber"),
      ).toEqual({
        version: 1,
        orderNumber: "ONCE-1",
        orderState: "Open",
        syncInfo: [],
        returnInfo: [],
        lastMessageSequenceNumber: 1,
      });
      const same = ["lineItems", "totalPrice", "taxedPrice", "taxedShippingPrice", "shippingAddress"];
      expect(pick(made, ...same)).toEqual(pick(cart, ...same));
      const ordered = await shop.admin.get(`/carts/${cart.id}`);
      expect(pick(ordered, "cartState", "version")).toEqual({ cartState: "Ordered", version: 2 });
      expect(await refusal(order(2))).toMatchObject({ status: 400, code: "InvalidOperation" });
      const change = shop.admin.post(`/carts/${cart.id}`, { version: 2, actions: [{ action: "recalculate" }] });
      expect(await refusal(change)).toMatchObject({ code: "InvalidOperation" });
    });

    it("exactly once when many place the same cart at once", async () => {
      const cart = await shop.cart({ lines, inventoryMode: "None" });
      const body = { cart: { typeId: "cart", id: cart.id }, version: 1 };
      const answers = await Promise.all(Array.from({ length: 10 }, () => shop.admin.request("POST", "/orders", body)));
      expect(answers.filter((one) => one.status === 201).length).toBe(1);
      const found = await shop.admin.get("/orders", { where: "cart(id = :id)", "var.id": String(cart.id) });
      expect(found.total).toBe(1);
    });

    it("not twice under one number, not from empty carts, not without an address", async () => {
      await place({ orderNumber: "TWICE" });
      const duplicate = { status: 400, code: "DuplicateField", field: "orderNumber", duplicateValue: "TWICE" };
      expect(await refusal(place({ orderNumber: "TWICE" }))).toMatchObject(duplicate);
      const order = (cart: Json) =>
        shop.admin.post("/orders", { cart: { typeId: "cart", id: cart.id }, version: cart.version });
      const empty = await shop.admin.post("/carts", { currency: "EUR", shippingAddress: { country: "DE" } });
      expect(await refusal(order(empty))).toMatchObject({ code: "InvalidOperation" });
      const price = { currencyCode: "EUR", centAmount: 1 };
      const nowhere = await shop.admin.post("/carts", {
        currency: "EUR",
        lineItems: [{ sku: "HB-M5X20", externalPrice: price }],
      });
      expect(await refusal(order(nowhere))).toMatchObject({ code: "InvalidOperation" });
    });

    it("by import, as drafted, with a message of its own", async () => {
      await shop.stock("HB-M5X40", 3);
      const money = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
      const draft = {
        orderNumber: "IMPORTED-1",
        totalPrice: money(700),
        inventoryMode: "ReserveOnOrder",
        lineItems: [{ name: { en: "Bolt" }, variant: { sku: "HB-M5X40" }, quantity: 2, price: { value: money(350) } }],
        shippingAddress: { country: "DE" },
        completedAt: "2025-12-01T00:00:00Z",
      };
      const order = await shop.connector.post("/orders/import", draft);
      expect(pick(order, "orderNumber", "completedAt", "orderState")).toEqual({
        orderNumber: "IMPORTED-1",
        completedAt: "2025-12-01T00:00:00.000Z",
        orderState: "Open",
      });
      expect(centsOf((order.lineItems as Json[])[0]?.totalPrice)).toBe(700);
      expect((await messagesOf(order)).map((one) => one.type)).toEqual(["OrderImported"]);
      const [entry] = results(await shop.admin.get("/inventory", { where: 'sku = "HB-M5X40"' }));
      expect(entry?.quantityOnStock).toBe(1);
      const more = shop.connector.post("/orders/import", { ...draft, orderNumber: "IMPORTED-2" });
      expect(await refusal(more)).toMatchObject({ code: "OutOfStock", skus: ["HB-M5X40"] });
    });

    it("by import, each line in its own inventory mode and at its exact price", async () => {
      await shop.stock("HB-M8X40", 3);
      const money = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
      const line = (sku: string, quantity: number, inventoryMode: string) => ({
        name: { en: sku },
        variant: { sku },
        quantity,
        inventoryMode,
        shippingDetails: { targets: [{ addressKey: "home", quantity }] },
        price: { value: { type: "highPrecision", currencyCode: "EUR", fractionDigits: 4, preciseAmount: 1250 } },
      });
      const order = await shop.connector.post("/orders/import", {
        totalPrice: money(75),
        lineItems: [line("HB-M8X40", 3, "TrackOnly"), line("HB-M8X60", 3, "None")],
        customLineItems: [{ name: { en: "Fee" }, slug: "fee", quantity: 1, money: money(5), priceMode: "External" }],
      });
      const lines = order.lineItems as Json[];
      expect(lines.map((one) => [one.inventoryMode, centsOf(one.totalPrice), one.shippingDetails])).toEqual([
        ["TrackOnly", 38, { targets: [{ addressKey: "home", quantity: 3 }], valid: true }],
        ["None", 38, { targets: [{ addressKey: "home", quantity: 3 }], valid: true }],
      ]);
      expect((order.customLineItems as Json[]).map((one) => one.priceMode)).toEqual(["External"]);
      const [entry] = results(await shop.admin.get("/inventory", { where: 'sku = "HB-M8X40"' }));
      expect(entry?.quantityOnStock).toBe(0);
    });

    it("from recurring orders with another message, which names the recurring order", async () => {
      const order = await place({ origin: "RecurringOrder" });
      const recurring = { typeId: "recurring-order", id: expect.stringMatching(/^[0-9a-f-]{36}$/) };
      expect((await messagesOf(order)).map((one) => [one.type, one.recurringOrderRef])).toEqual([
        ["OrderCreatedFromRecurringOrder", recurring],
      ]);
      expect(order.recurringOrder).toEqual(recurring);
    });
  });

  describe("identity and synchronisation", () => {
    it("lets the number be set once and found by", async () => {
      const order = await place();
      const numbered = await act(order, { action: "setOrderNumber", orderNumber: "LATE/1 ä" });
      expect((await shop.connector.get(`/orders/order-number=${encodeURIComponent("LATE/1 ä")}`)).id).toBe(order.id);
      const again = act(numbered, { action: "setOrderNumber", orderNumber: "OTHER" });
      expect(await refusal(again)).toMatchObject({ code: "InvalidOperation" });
      const taken = act(await place(), { action: "setOrderNumber", orderNumber: "LATE/1 ä" });
      expect(await refusal(taken)).toMatchObject({ code: "DuplicateField", field: "orderNumber" });
    });

    it.each([
      ["replace", ["2"]],
      ["append", ["1", "2"]],
    ] as const)("records synchronisation without a message: %s", async (syncInfoSameChannel, expected) => {
      shop.model.changeSettings({ syncInfoSameChannel });
      const channel = { typeId: "channel", key: "erp-export" };
      let order = await place();
      order = await act(order, { action: "updateSyncInfo", channel, externalId: "1" });
      order = await act(order, {
        action: "updateSyncInfo",
        channel,
        externalId: "2",
        syncedAt: "2026-01-01T00:00:00Z",
      });
      const syncInfo = order.syncInfo as Json[];
      expect(syncInfo.map((one) => one.externalId)).toEqual(expected);
      expect(syncInfo.at(-1)?.syncedAt).toBe("2026-01-01T00:00:00.000Z");
      expect((await messagesOf(order)).map((one) => one.type)).toEqual(["OrderCreated"]);
      const wrong = act(order, { action: "updateSyncInfo", channel: { typeId: "channel", key: "hamburg" } });
      expect(await refusal(wrong)).toMatchObject({ code: "InvalidInput" });
      shop.model.changeSettings({ syncInfoSameChannel: "replace" });
    });

    it("finds what was and what was not synchronised, where the setting allows", async () => {
      const [channel] = results(await shop.admin.get("/channels", { where: 'key = "erp-export"' }));
      const ids = async (where: string) =>
        results(await shop.connector.get("/orders", { where, "var.c": String(channel?.id), limit: "500" })).map(
          (one) => one.id,
        );
      const fresh = await place();
      const known = await ids("syncInfo(channel(id = :c))");
      const unknown = await ids("not(syncInfo(channel(id = :c)))");
      expect(known.length).toBeGreaterThan(0);
      expect(unknown).toContain(fresh.id);
      expect(await ids("syncInfo is empty")).toEqual(unknown);
      shop.model.changeSettings({ syncInfoPredicates: false });
      expect(await refusal(ids("syncInfo is empty"))).toMatchObject({ status: 400, code: "InvalidInput" });
      shop.model.changeSettings({ syncInfoPredicates: true });
    });
  });

  describe("states", () => {
    it("changes the built-in ones freely and tells old and new", async () => {
      let order = await place();
      order = await act(
        order,
        { action: "changeOrderState", orderState: "Confirmed" },
        { action: "changeShipmentState", shipmentState: "Partial" },
        { action: "changePaymentState", paymentState: "Paid" },
      );
      order = await act(order, { action: "changeOrderState", orderState: "Open" });
      expect(
        pick(order, "version", "orderState", "shipmentState", "paymentState", "lastMessageSequenceNumber"),
      ).toEqual({
        version: 3,
        orderState: "Open",
        shipmentState: "Partial",
        paymentState: "Paid",
        lastMessageSequenceNumber: 5,
      });
      const told = (await messagesOf(order)).map((one) =>
        pick(
          one,
          "sequenceNumber",
          "type",
          "resourceVersion",
          "orderState",
          "oldOrderState",
          "shipmentState",
          "paymentState",
        ),
      );
      expect(told).toEqual([
        { sequenceNumber: 1, type: "OrderCreated", resourceVersion: 1 },
        {
          sequenceNumber: 2,
          type: "OrderStateChanged",
          resourceVersion: 2,
          orderState: "Confirmed",
          oldOrderState: "Open",
        },
        { sequenceNumber: 3, type: "OrderShipmentStateChanged", resourceVersion: 2, shipmentState: "Partial" },
        { sequenceNumber: 4, type: "OrderPaymentStateChanged", resourceVersion: 2, paymentState: "Paid" },
        {
          sequenceNumber: 5,
          type: "OrderStateChanged",
          resourceVersion: 3,
          orderState: "Open",
          oldOrderState: "Confirmed",
        },
      ]);
      const wrong = act(order, { action: "changeOrderState", orderState: "Shipped" });
      expect(await refusal(wrong)).toMatchObject({ code: "InvalidField" });
    });

    it("follows the transitions of own states unless forced", async () => {
      const state = (key: string, extra: Json) => shop.admin.post("/states", { key, type: "OrderState", ...extra });
      await state("final", { initial: false, transitions: [] });
      await state("first", { initial: true, transitions: [{ typeId: "state", key: "final" }] });
      const to = (key: string, force?: boolean) => ({
        action: "transitionState",
        state: { typeId: "state", key },
        force,
      });
      const fresh = await place();
      expect(await refusal(act(fresh, to("final")))).toMatchObject({ code: "InvalidOperation" });
      const final = await act(await act(fresh, to("first")), to("final"));
      expect(await refusal(act(final, to("first")))).toMatchObject({ code: "InvalidOperation" });
      expect((await act(final, to("first", true))).version).toBe(4);
    });

    it("moves quantities of lines, or replaces their states as a whole", async () => {
      for (const key of ["reserved", "picked"]) {
        await shop.admin.post("/states", { key, type: "LineItemState", initial: false });
      }
      const ids = Object.fromEntries(
        results(await shop.admin.get("/states", { limit: "100" })).map((one) => [String(one.key), one.id]),
      );
      const ref = (key: string) => ({ typeId: "state", id: ids[key] });
      const stateOf = (order: Json) =>
        (order.lineItems as { state: { quantity: number; state: Json }[] }[])[0]?.state.map((one) => [
          one.quantity,
          one.state,
        ]);
      const order = await place();
      const lineItemId = lineIdOf(order);
      const move = (quantity: number) => ({
        action: "transitionLineItemState",
        lineItemId,
        quantity,
        fromState: ref("Initial"),
        toState: ref("reserved"),
        actualTransitionDate: "2026-03-01T00:00:00Z",
      });
      const moved = await act(order, move(2));
      expect(stateOf(moved)).toEqual([
        [3, ref("Initial")],
        [2, ref("reserved")],
      ]);
      expect(await refusal(act(moved, move(4)))).toMatchObject({ code: "InvalidOperation" });
      const states = (...parts: [number, string][]) => ({
        action: "importLineItemState",
        lineItemId,
        state: parts.map(([quantity, key]) => ({ quantity, state: ref(key) })),
      });
      const imported = await act(moved, states([4, "picked"], [1, "reserved"]));
      expect(stateOf(imported)).toEqual([
        [4, ref("picked")],
        [1, ref("reserved")],
      ]);
      expect((await act(imported, states([4, "picked"], [1, "reserved"]))).version).toBe(imported.version);
      expect(await refusal(act(imported, states([4, "picked"])))).toMatchObject({ code: "InvalidInput" });
      expect((await messagesOf(order)).map((one) => one.type)).toEqual(["OrderCreated", "LineItemStateTransition"]);
      shop.model.changeSettings({ importLineItemStateMessage: true });
      const told = await act(imported, states([5, "picked"]));
      expect((await messagesOf(told)).map((one) => one.type)).toEqual([
        "OrderCreated",
        "LineItemStateTransition",
        "LineItemStateTransition",
      ]);
      shop.model.changeSettings({ importLineItemStateMessage: false });
    });
  });

  it("are read by their id at once, and found by queries as late as the setting says", async () => {
    shop.model.changeSettings({ orderQueryLagMs: 2000 });
    const { id } = await place();
    const found = async () =>
      results(await shop.connector.get("/orders", { where: "id = :id", "var.id": String(id) })).length;
    expect([await found(), (await shop.connector.get(`/orders/${id}`)).id]).toEqual([0, id]);
    shop.clock.advance(2000);
    expect(await found()).toBe(1);
    shop.model.changeSettings({ orderQueryLagMs: 0 });
  });

  it("refuses actions that do not exist, and tells of its deletion", async () => {
    const order = await place();
    expect(await refusal(act(order, { action: "shipEverything" }))).toMatchObject({
      status: 400,
      code: "InvalidJsonInput",
    });
    await shop.connector.delete(`/orders/${order.id}`, { version: "1" });
    expect((await messagesOf(order)).map((one) => [one.sequenceNumber, one.type])).toEqual([
      [1, "OrderCreated"],
      [2, "OrderDeleted"],
    ]);
  });
});
