import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const lines = [{ sku: "HB-M5X20", quantity: 5, externalPrice: 1000 }];

describe.each(FORMS)("order fulfilment (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
    await shop.admin.post("/channels", { key: "erp-export", roles: ["OrderExport"] });
  });
  afterAll(() => shop.close());

  const place = (extra: Json = {}) =>
    shop.order({ lines, inventoryMode: "None", shippingMethodKey: "standard", ...extra });
  /** An order that ships one line under a shipping key. */
  const placeMultiple = async () => {
    const home = { key: "home", country: "DE" };
    const made = await shop.admin.post("/carts", {
      currency: "EUR",
      country: "DE",
      shippingMode: "Multiple",
      itemShippingAddresses: [home],
      shipping: [
        { key: "ship-1", shippingAddress: home, shippingMethod: { typeId: "shipping-method", key: "standard" } },
      ],
      lineItems: [
        {
          sku: "HB-M5X20",
          quantity: 1,
          externalPrice: { currencyCode: "EUR", centAmount: 1000 },
          shippingDetails: { targets: [{ addressKey: "home", quantity: 1, shippingMethodKey: "ship-1" }] },
        },
      ],
    });
    return shop.admin.post("/orders", { cart: { typeId: "cart", id: made.id }, version: made.version });
  };
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
  const parcelsOf = (delivery: Json | undefined) => (delivery?.parcels ?? []) as Json[];
  const deliveriesOf = (order: Json) => (order.shippingInfo as { deliveries: Json[] }).deliveries;

  describe("deliveries", () => {
    it("adds them under unique keys, with parcels and tracking, beyond what was ordered", async () => {
      let order = await place();
      const items = [{ id: lineIdOf(order), quantity: 99 }];
      const parcels = [{ key: "parcel-1", trackingData: { trackingId: "T1", carrier: "DHL" }, items }];
      order = await act(order, { action: "addDelivery", deliveryKey: "ship-1", items, parcels });
      const again = act(order, { action: "addDelivery", deliveryKey: "ship-1", items });
      expect(await refusal(again)).toMatchObject({ status: 400, code: "DuplicateField", duplicateValue: "ship-1" });
      order = await act(order, {
        action: "addParcelToDelivery",
        deliveryKey: "ship-1",
        parcelKey: "parcel-2",
        measurements: { weightInGram: 500 },
      });
      const twice = act(order, { action: "addParcelToDelivery", deliveryKey: "ship-1", parcelKey: "parcel-1" });
      expect(await refusal(twice)).toMatchObject({ code: "DuplicateField" });
      order = await act(
        order,
        { action: "setParcelTrackingData", parcelKey: "parcel-2", trackingData: { trackingId: "T2" } },
        { action: "setParcelItems", parcelKey: "parcel-2", items },
        { action: "setDeliveryAddress", deliveryKey: "ship-1", address: { country: "SE" } },
        { action: "setEstimatedDelivery", estimatedDelivery: { until: "2026-04-01T00:00:00Z" } },
      );
      const [delivery] = deliveriesOf(order);
      expect(pick(delivery, "key", "items", "address")).toEqual({ key: "ship-1", items, address: { country: "SE" } });
      expect(parcelsOf(delivery).map((one) => pick(one, "key", "trackingData", "measurements", "items"))).toEqual([
        { key: "parcel-1", trackingData: { trackingId: "T1", carrier: "DHL", isReturn: false }, items },
        {
          key: "parcel-2",
          trackingData: { trackingId: "T2", isReturn: false },
          measurements: { weightInGram: 500 },
          items,
        },
      ]);
      expect((order.shippingInfo as Json).estimatedDelivery).toEqual({ until: "2026-04-01T00:00:00.000Z" });
      order = await act(order, { action: "removeParcelFromDelivery", parcelKey: "parcel-1" });
      order = await act(order, { action: "removeDelivery", deliveryKey: "ship-1" });
      expect(deliveriesOf(order)).toEqual([]);
      expect((await messagesOf(order)).map((one) => one.type)).toEqual([
        ...["OrderCreated", "DeliveryAdded", "ParcelAddedToDelivery", "ParcelAddedToDelivery"],
        ...["ParcelTrackingDataUpdated", "ParcelItemsUpdated", "DeliveryAddressSet", "OrderEstimatedDeliverySet"],
        ...["ParcelRemovedFromDelivery", "DeliveryRemoved"],
      ]);
    });

    it("needs shipping, known lines, and a shipping key only for multiple shipping", async () => {
      const bare = await place({ shippingMethodKey: undefined });
      expect(await refusal(act(bare, { action: "addDelivery" }))).toMatchObject({ code: "InvalidOperation" });
      const order = await place();
      const unknown = act(order, { action: "addDelivery", items: [{ id: "nope", quantity: 1 }] });
      expect(await refusal(unknown)).toMatchObject({ code: "InvalidInput" });
      const keyed = act(order, { action: "setEstimatedDelivery", shippingKey: "x", estimatedDelivery: {} });
      expect(await refusal(keyed)).toMatchObject({ code: "InvalidOperation" });
      const keyless = act(await placeMultiple(), { action: "setEstimatedDelivery", estimatedDelivery: {} });
      expect(await refusal(keyless)).toMatchObject({ code: "InvalidOperation" });
      const key = act(order, { action: "addDelivery", deliveryKey: "a b" });
      expect(await refusal(key)).toMatchObject({ code: "InvalidField" });
    });
  });

  describe("returns", () => {
    it("fixes Advised and Returned at creation, and moves on from Returned only", async () => {
      let order = await place();
      const item = (key: string, shipmentState: string) => ({
        key,
        lineItemId: lineIdOf(order),
        quantity: 1,
        shipmentState,
      });
      order = await act(order, {
        action: "addReturnInfo",
        returnTrackingId: "RT",
        items: [item("advised", "Advised"), item("returned", "Returned")],
      });
      const states = (current: Json) =>
        (current.returnInfo as { items: Json[] }[]).flatMap((info) =>
          info.items.map((one) => [one.key, one.shipmentState, one.paymentState]),
        );
      expect(states(order)).toEqual([
        ["advised", "Advised", "NonRefundable"],
        ["returned", "Returned", "Initial"],
      ]);
      const ship = (returnItemKey: string, shipmentState: string) =>
        act(order, { action: "setReturnShipmentState", returnItemKey, shipmentState });
      const pay = (returnItemKey: string) =>
        act(order, { action: "setReturnPaymentState", returnItemKey, paymentState: "Refunded" });
      expect(await refusal(ship("advised", "Returned"))).toMatchObject({ code: "InvalidOperation" });
      expect(await refusal(pay("advised"))).toMatchObject({ code: "InvalidOperation" });
      order = await ship("returned", "BackInStock");
      expect(await refusal(ship("returned", "Unusable"))).toMatchObject({ code: "InvalidOperation" });
      order = await pay("returned");
      expect(states(order)[1]).toEqual(["returned", "BackInStock", "Refunded"]);
      const again = act(order, { action: "addReturnInfo", items: [item("returned", "Returned")] });
      expect(await refusal(again)).toMatchObject({ code: "DuplicateField" });
      order = await act(order, { action: "setReturnInfo", items: [{ items: [item("advised", "Returned")] }] });
      expect(states(order)).toEqual([["advised", "Returned", "Initial"]]);
      expect((await messagesOf(order)).map((one) => one.type)).toEqual([
        ...["OrderCreated", "ReturnInfoAdded", "OrderReturnShipmentStateChanged", "ReturnInfoSet"],
      ]);
    });
  });

  it("carries custom fields on itself and on its parts", async () => {
    const text = (name: string) => ({ name, label: { en: name }, type: { name: "String" } });
    await shop.admin.post("/types", {
      key: "erp-fields",
      name: { en: "ERP" },
      resourceTypeIds: ["order", "line-item", "order-delivery", "order-parcel", "order-return-item"],
      fieldDefinitions: [text("erp")],
    });
    const type = { typeId: "type", key: "erp-fields" };
    let order = await place();
    const lineItemId = lineIdOf(order);
    order = await act(
      order,
      { action: "setCustomType", type, fields: { erp: "order" } },
      { action: "setLineItemCustomType", lineItemId, type, fields: {} },
      { action: "setLineItemCustomField", lineItemId, name: "erp", value: "line" },
      {
        action: "addDelivery",
        deliveryKey: "dl-1",
        parcels: [{ key: "pc-1" }],
        custom: { type, fields: { erp: "delivery" } },
      },
      { action: "setParcelCustomType", parcelKey: "pc-1", type, fields: { erp: "parcel" } },
      { action: "setDeliveryCustomField", deliveryKey: "dl-1", name: "erp", value: "changed" },
      { action: "addReturnInfo", items: [{ key: "rt-1", lineItemId, quantity: 1, shipmentState: "Returned" }] },
      { action: "setReturnItemCustomType", returnItemKey: "rt-1", type, fields: { erp: "return" } },
      { action: "setCustomField", name: "erp", value: null },
    );
    const erp = (holder: Json | undefined) => ((holder?.custom as Json | undefined)?.fields as Json | undefined)?.erp;
    const [delivery] = deliveriesOf(order);
    const [line] = order.lineItems as Json[];
    const [parcel] = parcelsOf(delivery);
    const returned = (order.returnInfo as { items: Json[] }[])[0]?.items[0];
    expect([order, line, delivery, parcel, returned].map(erp)).toEqual([
      undefined,
      "line",
      "changed",
      "parcel",
      "return",
    ]);
    expect(order.version).toBe(2);
    const numbers = (await messagesOf(order)).map((one) => one.sequenceNumber);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBe(Number(order.lastMessageSequenceNumber));
  });
});
