import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { centsOf, FORMS, figures, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const SKU = "HB-M5X20";
const OTHER = "COF/ESP-250";
const lines = [{ sku: SKU, quantity: 5, externalPrice: 1000 }];

describe.each(FORMS)("order edits (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  const place = (extra: Json = {}) =>
    shop.order({ lines, inventoryMode: "None", shippingMethodKey: "standard", ...extra });
  const stage = (order: Json, stagedActions: Json[], extra: Json = {}) =>
    shop.admin.post("/orders/edits", { resource: { typeId: "order", id: order.id }, stagedActions, ...extra });
  const apply = (edit: Json, order: Json, extra: Json = {}) => {
    const body = { editVersion: edit.version, resourceVersion: order.version, ...extra };
    return shop.admin.post(`/orders/edits/${String(edit.id)}/apply`, body);
  };
  const edited = async (order: Json, ...actions: Json[]) => {
    await apply(await stage(order, actions), order);
    return shop.connector.get(`/orders/${String(order.id)}`);
  };
  const told = async (order: Json) =>
    results(
      await shop.connector.get("/messages", {
        where: 'resource(typeId = "order" and id = :id)',
        "var.id": String(order.id),
        sort: "sequenceNumber asc",
        limit: "100",
      }),
    ).slice(1);
  const line = (order: Json, at = 0) => (order.lineItems as Json[])[at] as Json;
  const external = (centAmount: number) => ({ currencyCode: "EUR", centAmount });
  const quantity = (order: Json, to: number) => ({
    action: "changeLineItemQuantity",
    lineItemId: line(order).id,
    quantity: to,
  });

  it("are previewed on the order as it is, applied once at both versions, and leave what they did", async () => {
    const order = await place();
    const edit = await stage(order, [quantity(order, 3)], { key: "less-of-it", comment: "shopper called" });
    expect(pick(edit, "version", "key", "comment", "resource")).toEqual({
      version: 1,
      key: "less-of-it",
      comment: "shopper called",
      resource: { typeId: "order", id: order.id },
    });
    const preview = (await shop.admin.get("/orders/edits/key=less-of-it")).result as Json;
    const payloads = preview.messagePayloads as Json[];
    expect([preview.type, centsOf((preview.preview as Json).totalPrice), payloads.map((one) => one.type)]).toEqual([
      "PreviewSuccess",
      3490,
      ["OrderLineItemRemoved"],
    ]);
    expect((await shop.connector.get(`/orders/${String(order.id)}`)).version).toBe(1);

    const stale = { status: 409, code: "ConcurrentModification" };
    expect(await refusal(apply(edit, order, { editVersion: 7 }))).toMatchObject({ ...stale, currentVersion: 1 });
    expect(await refusal(apply(edit, order, { resourceVersion: 7 }))).toMatchObject({ ...stale, currentVersion: 1 });
    const applied = await apply(edit, order);
    const now = await shop.connector.get(`/orders/${String(order.id)}`);
    const excerpt = (of: Json) => ({ ...pick(of, "totalPrice", "taxedPrice"), version: of.version });
    expect(pick(applied, "version", "result")).toEqual({
      version: 2,
      result: {
        type: "Applied",
        appliedAt: "2026-03-02T08:00:00.000Z",
        excerptBeforeEdit: excerpt(order),
        excerptAfterEdit: excerpt(now),
      },
    });
    expect([now.version, centsOf(now.totalPrice), figures(now.taxedPrice)]).toEqual([
      2,
      3490,
      { net: 3490, gross: 4153, tax: 663, portions: [[0.19, 663]] },
    ]);
    const [removed, last] = await told(order);
    expect(pick(removed, "type", "lineItemId", "removedQuantity", "newQuantity", "newTotalPrice")).toEqual({
      type: "OrderLineItemRemoved",
      lineItemId: line(order).id,
      removedQuantity: 2,
      newQuantity: 3,
      newTotalPrice: line(now).totalPrice,
    });
    expect(pick(last, "type", "resourceVersion", "result")).toEqual({
      type: "OrderEditApplied",
      resourceVersion: 2,
      result: applied.result,
    });
    expect(now.lastMessageSequenceNumber).toBe(3);
    expect(await refusal(apply(applied, now))).toMatchObject({ status: 400, code: "InvalidOperation" });
    const restaged = { version: 2, actions: [{ action: "setStagedActions", stagedActions: [] }] };
    const late = shop.admin.post(`/orders/edits/${String(edit.id)}`, restaged);
    expect(await refusal(late)).toMatchObject({ code: "InvalidOperation" });
  });

  it("add, change and remove lines and fees; lines keep the states they had", async () => {
    const order = await place();
    await shop.admin.post("/states", { key: `packed-${form}`, type: "LineItemState", initial: false });
    const packed = { typeId: "state", id: (await shop.admin.get(`/states/key=packed-${form}`)).id };
    const initial = (line(order).state as Json[])[0]?.state;
    const started = await shop.connector.post(`/orders/${String(order.id)}`, {
      version: 1,
      actions: [
        {
          action: "transitionLineItemState",
          lineItemId: line(order).id,
          quantity: 2,
          fromState: initial,
          toState: packed,
        },
      ],
    });
    const more = await edited(
      started,
      quantity(order, 7),
      { action: "addLineItem", sku: OTHER, quantity: 2, externalPrice: external(445), key: "beans" },
      {
        action: "addCustomLineItem",
        name: { en: "Goodwill" },
        slug: "goodwill",
        money: external(-500),
        taxCategory: { typeId: "tax-category", key: "standard" },
      },
    );
    expect(line(more).state).toEqual([
      { quantity: 5, state: initial },
      { quantity: 2, state: packed },
    ]);
    expect([centsOf(more.totalPrice), figures(more.taxedPrice)]).toEqual([
      7000 + 890 - 500 + 490,
      {
        net: 7880,
        gross: 7880 + 1330 + 62 - 95 + 93,
        tax: 1390,
        portions: [
          [0.19, 1328],
          [0.07, 62],
        ],
      },
    ]);
    const less = await edited(
      more,
      quantity(order, 1),
      { action: "removeLineItem", lineItemKey: "beans" },
      { action: "removeCustomLineItem", customLineItemId: (more.customLineItems as Json[])[0]?.id },
    );
    expect([
      line(less).state,
      (less.lineItems as Json[]).length,
      less.customLineItems,
      centsOf(less.totalPrice),
    ]).toEqual([[{ quantity: 1, state: packed }], 1, [], 1490]);
    expect((await told(order)).map((one) => one.type)).toEqual([
      "LineItemStateTransition",
      ...["OrderLineItemAdded", "OrderLineItemAdded", "OrderCustomLineItemAdded", "OrderEditApplied"],
      ...["OrderLineItemRemoved", "OrderLineItemRemoved", "OrderCustomLineItemRemoved", "OrderEditApplied"],
    ]);
  });

  it("change addresses, shipping and custom fields; deliveries stay with the order", async () => {
    await shop.admin.post("/types", {
      key: `edit-fields-${form}`,
      name: { en: "Fields" },
      resourceTypeIds: ["order", "line-item"],
      fieldDefinitions: [
        { name: "note", label: { en: "Note" }, type: { name: "String" }, required: false, inputHint: "SingleLine" },
      ],
    });
    const type = { typeId: "type", key: `edit-fields-${form}` };
    const order = await place();
    const delivered = await shop.connector.post(`/orders/${String(order.id)}`, {
      version: 1,
      actions: [{ action: "addDelivery", deliveryKey: "first", items: [{ id: line(order).id, quantity: 1 }] }],
    });
    const now = await edited(
      delivered,
      { action: "setBillingAddress", address: { country: "DE", city: "Kiel" } },
      { action: "setShippingAddress", address: { country: "SE", city: "Lund" } },
      {
        action: "setCustomShippingMethod",
        shippingMethodName: "Courier",
        shippingRate: { price: external(900) },
        taxCategory: { typeId: "tax-category", key: "standard" },
      },
      { action: "setCustomType", type, fields: { note: "edited" } },
      { action: "setLineItemCustomType", lineItemId: line(order).id, type, fields: { note: "line" } },
      { action: "changeOrderState", orderState: "Confirmed" },
    );
    const { deliveries, shippingMethodName } = now.shippingInfo as Json & { deliveries: Json[] };
    expect([deliveries.map((one) => one.key), shippingMethodName, now.orderState]).toEqual([
      ["first"],
      "Courier",
      "Confirmed",
    ]);
    expect([(now.shippingAddress as Json).city, (now.billingAddress as Json).city]).toEqual(["Lund", "Kiel"]);
    // Sweden's 25 percent, on goods and courier alike.
    expect(figures(now.taxedPrice)).toEqual({ net: 5900, gross: 7375, tax: 1475, portions: [[0.25, 1475]] });
    expect([now, line(now)].map((one) => ((one.custom as Json).fields as Json).note)).toEqual(["edited", "line"]);
    expect((await told(order)).map((one) => one.type)).toEqual([
      "DeliveryAdded",
      ...["OrderBillingAddressSet", "OrderShippingAddressSet", "OrderCustomTypeSet", "OrderStateChanged"],
      ...["OrderShippingInfoSet", "OrderEditApplied"],
    ]);
  });

  it("take totals of an external tax service, and forget them when the price changes", async () => {
    const cart = await shop.cart({ lines, inventoryMode: "None" });
    const { id, version } = await shop.admin.post(`/carts/${String(cart.id)}`, {
      version: cart.version,
      actions: [{ action: "changeTaxMode", taxMode: "ExternalAmount" }],
    });
    const { version: taxed } = await shop.admin.post(`/carts/${String(id)}`, {
      version,
      actions: [{ action: "setCartTotalTax", externalTotalGross: external(5950) }],
    });
    const order = await shop.admin.post("/orders", { cart: { typeId: "cart", id }, version: taxed });
    const bare = await edited(order, quantity(order, 4));
    expect([centsOf(bare.totalPrice), bare.taxedPrice]).toEqual([4000, undefined]);
    const whole = await edited(bare, quantity(order, 2), {
      action: "setOrderTotalTax",
      externalTotalGross: external(2380),
    });
    expect(figures(whole.taxedPrice)).toMatchObject({ net: 2000, gross: 2380, tax: 380 });
  });

  it("fail as a whole, and the preview says why", async () => {
    const order = await place();
    const edit = await stage(order, [quantity(order, 1), { action: "removeLineItem", lineItemId: "none" }]);
    expect(edit.result).toMatchObject({ type: "PreviewFailure", errors: [{ code: "InvalidInput" }] });
    expect(await refusal(apply(edit, order))).toMatchObject({ status: 400, code: "InvalidInput" });
    expect(await shop.connector.get(`/orders/${String(order.id)}`)).toEqual(order);
    expect(await refusal(stage(order, [{ action: "paintItRed" }]))).toMatchObject({ code: "InvalidJsonInput" });
    expect(await refusal(stage({ id: "none" }, []))).toMatchObject({ code: "ReferencedResourceNotFound" });
    const unauthorized = shop.connector.get("/orders/edits");
    expect(await refusal(unauthorized)).toMatchObject({ status: 403, code: "insufficient_scope" });
  });

  it("ask Extensions of orders in previews too, and apply nothing that they refuse", async () => {
    const seen: unknown[] = [];
    const url = await shop.serve(async (request) => {
      const { resource } = JSON.parse(request.body.toString("utf8")) as { resource: { obj: Json } };
      seen.push(centsOf(resource.obj.totalPrice));
      const errors = [{ code: "InvalidInput", message: "not so much" }];
      const refused = centsOf(resource.obj.totalPrice) > 9000;
      return { status: refused ? 400 : 200, headers: {}, body: refused ? JSON.stringify({ errors }) : "" };
    });
    const extension = await shop.admin.post("/extensions", {
      key: "edit-gate",
      destination: { type: "HTTP", url },
      triggers: [{ resourceTypeId: "order", actions: ["Update"] }],
    });
    const order = await place();
    const edit = await stage(order, [quantity(order, 9)]);
    expect(edit.result).toMatchObject({ type: "PreviewFailure", errors: [{ message: "not so much" }] });
    expect(await refusal(apply(edit, order))).toMatchObject({ status: 400, code: "InvalidInput" });
    await edited(order, quantity(order, 8));
    expect(seen).toEqual([9490, 9490, 8490, 8490]);
    await shop.admin.delete(`/extensions/${String(extension.id)}`, { version: String(extension.version) });
  });

  it("tell message subscriptions and not change subscriptions", async () => {
    const topic = `edits-${form}`;
    const sent: Json[] = [];
    const endpoint = await shop.serve(async (request) => {
      const { message } = JSON.parse(request.body.toString("utf8")) as { message: { data: string } };
      sent.push(JSON.parse(Buffer.from(message.data, "base64").toString("utf8")) as Json);
      return { status: 204, headers: {}, body: "" };
    });
    shop.push.setEndpoint({ topic, url: endpoint });
    await shop.admin.post("/subscriptions", {
      destination: { type: "GoogleCloudPubSub", projectId: "p", topic },
      messages: [{ resourceTypeId: "order", types: ["OrderEditApplied"] }],
      changes: [{ resourceTypeId: "order" }],
    });
    const order = await place();
    const changed = await edited(order, quantity(order, 4));
    await shop.connector.post(`/orders/${String(order.id)}`, {
      version: changed.version,
      actions: [{ action: "changeOrderState", orderState: "Confirmed" }],
    });
    await shop.push.idle();
    expect(sent.map((one) => [one.notificationType, one.type ?? one.version])).toEqual([
      ["ResourceCreated", 1],
      ["ResourceCreated", 1],
      ["Message", "OrderEditApplied"],
      ["ResourceUpdated", 3],
    ]);
  });

  it.each([
    ["preview", "PreviewSuccess"],
    ["notProcessed", "NotProcessed"],
  ] as const)("are read before they are applied: %s", async (orderEditRead, type) => {
    shop.model.changeSettings({ orderEditRead });
    const order = await place();
    const edit = await stage(order, [quantity(order, 4)]);
    const read = await shop.admin.get(`/orders/edits/${String(edit.id)}`);
    const listed = results(
      await shop.admin.get("/orders/edits", { where: "resource(id = :id)", "var.id": String(order.id) }),
    );
    shop.model.changeSettings({ orderEditRead: "preview" });
    expect([edit, read].map((one) => (one.result as Json).type)).toEqual([type, type]);
    expect(listed.map((one) => one.result)).toEqual([{ type: "NotProcessed" }]);
  });

  it.each([
    [false, 404],
    [true, 200],
  ])("are stored by a dry run: %s", async (orderEditDryRunStores, status) => {
    shop.model.changeSettings({ orderEditDryRunStores });
    const order = await place();
    const edit = await stage(order, [quantity(order, 4)], { dryRun: true });
    const read = await shop.admin.request("GET", `/orders/edits/${String(edit.id)}`);
    shop.model.changeSettings({ orderEditDryRunStores: false });
    expect([(edit.result as Json).type, read.status]).toEqual(["PreviewSuccess", status]);
  });

  it.each([
    [true, [95, 98, 96]],
    [false, [95, 95, 95]],
  ])("move stock: %s", async (orderEditMovesStock, expected) => {
    shop.model.changeSettings({ orderEditMovesStock });
    const sku = orderEditMovesStock ? "HB-M5X40" : "HB-M8X40";
    await shop.stock(sku, 100);
    const onStock = async () =>
      results(await shop.admin.get("/inventory", { where: `sku = "${sku}"` }))[0]?.quantityOnStock;
    const order = await place({ lines: [{ sku, quantity: 5, externalPrice: 100 }], inventoryMode: "ReserveOnOrder" });
    const seen = [await onStock()];
    const less = await edited(order, quantity(order, 2));
    seen.push(await onStock());
    const more = await edited(less, quantity(order, 4));
    seen.push(await onStock());
    const far = await stage(more, [quantity(order, 500)]);
    shop.model.changeSettings({ orderEditMovesStock: true });
    expect(seen).toEqual(expected);
    const type = orderEditMovesStock ? "PreviewFailure" : "PreviewSuccess";
    expect((far.result as Json).type).toBe(type);
  });

  it.each([
    ["accept", "PreviewSuccess"],
    ["refuse", "PreviewFailure"],
  ] as const)("of orders that are closed: %s", async (orderEditClosedOrders, type) => {
    shop.model.changeSettings({ orderEditClosedOrders });
    const order = await shop.connector.post(`/orders/${String((await place()).id)}`, {
      version: 1,
      actions: [{ action: "changeOrderState", orderState: "Complete" }],
    });
    const edit = await stage(order, [quantity(order, 4)]);
    shop.model.changeSettings({ orderEditClosedOrders: "accept" });
    expect((edit.result as Json).type).toBe(type);
  });
});
