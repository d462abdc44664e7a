import type { Order } from "@commercetools/platform-sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import type { IfsOrderState } from "../../domain/ifs-records.ts";
import { type DesiredDelivery, type IfsView, type OrderFacts, toFacts } from "./map.ts";
import { type LinkedOrder, type OrderState, parseLinkedOrder, type ShipmentState } from "./parse.ts";
import { planOrder } from "./plan.ts";
import { aDocument, aLine, anOrder, applyActions, aShipment, LINK, TYPE } from "./testing/builders.ts";

const parsed = (order: Order, orderTypeId?: string): LinkedOrder => {
  const linked = parseLinkedOrder(order, { linkChannelId: LINK, orderTypeId });
  if (!linked) throw new Error("not linked");
  return linked;
};
const facts = (rest: Partial<OrderFacts> = {}): OrderFacts => ({
  orderState: undefined,
  shipmentState: undefined,
  ifsState: "Released",
  deliveries: [],
  blockedReason: undefined,
  invoiceNumbers: [],
  rejections: [],
  ...rest,
});
const shipped = (rest: Partial<DesiredDelivery> = {}): DesiredDelivery => ({
  key: "shp-19",
  source: "shipment 19",
  items: [{ id: "line-a", quantity: 2 }],
  grows: false,
  parcel: undefined,
  ...rest,
});
const parcel = (trackingId: string) => ({ key: "pcl-19", tracking: { trackingId } });

/** The order after the plan, and the plan. */
function carryOut(order: Order, given: OrderFacts, orderTypeId?: string) {
  const plan = planOrder(parsed(order, orderTypeId), given);
  return { plan, after: plan.actions.length === 0 ? order : applyActions(order, order.version, plan.actions) };
}

describe("order state, forward only", () => {
  const states: OrderState[] = ["Open", "Confirmed", "Complete", "Cancelled"];
  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))("%s, IFS says %s", (from, to) => {
    const { plan } = carryOut(anOrder({ orderState: from }), facts({ orderState: to }));
    const forward = states.indexOf(to) > states.indexOf(from);
    expect({ actions: plan.actions, ignored: plan.ignoredStates }).toEqual({
      actions: forward ? [{ action: "changeOrderState", orderState: to }] : [],
      ignored: from === to || forward ? 0 : 1,
    });
  });

  test("a state that IFS does not map changes nothing", () => {
    expect(carryOut(anOrder({ orderState: "Confirmed" }), facts()).plan.actions).toEqual([]);
  });
});

describe("shipment state, forward only", () => {
  const states: (ShipmentState | undefined)[] = [
    undefined,
    "Pending",
    "Backorder",
    "Delayed",
    "Ready",
    "Partial",
    "Shipped",
    "Delivered",
    "Canceled",
  ];
  const pairs = states.flatMap((from) => states.flatMap((to) => (to === undefined ? [] : [[from, to] as const])));
  test.each(pairs)("%s, IFS says %s", (from, to) => {
    const { plan } = carryOut(anOrder({ shipmentState: from }), facts({ shipmentState: to }));
    const forward = states.indexOf(to) > states.indexOf(from);
    expect(plan.actions).toEqual(forward ? [{ action: "changeShipmentState", shipmentState: to }] : []);
  });
});

describe("deliveries", () => {
  test("everything of one IFS event is one update", () => {
    const given = facts({
      orderState: "Confirmed",
      shipmentState: "Partial",
      deliveries: [shipped({ parcel: parcel("T1") })],
    });
    const { plan } = carryOut(anOrder(), given);
    expect(plan.actions).toEqual([
      {
        action: "addDelivery",
        deliveryKey: "shp-19",
        items: [{ id: "line-a", quantity: 2 }],
        parcels: [{ key: "pcl-19", trackingData: { trackingId: "T1" }, items: [{ id: "line-a", quantity: 2 }] }],
      },
      { action: "changeShipmentState", shipmentState: "Partial" },
      { action: "changeOrderState", orderState: "Confirmed" },
    ]);
    expect(plan.causes).toEqual(["IFS shipped: shipment 19", "IFS order is Released", "IFS order is Released"]);
  });

  test("one that is there by its key is not added again", () => {
    const { after } = carryOut(anOrder(), facts({ deliveries: [shipped({ parcel: parcel("T1") })] }));
    expect(carryOut(after, facts({ deliveries: [shipped({ parcel: parcel("T1") })] })).plan.actions).toEqual([]);
  });

  test("a tracking number that comes later, then changes", () => {
    const first = carryOut(anOrder(), facts({ deliveries: [shipped()] })).after;
    const second = carryOut(first, facts({ deliveries: [shipped({ parcel: parcel("T1") })] }));
    expect(second.plan.actions).toEqual([
      {
        action: "addParcelToDelivery",
        deliveryKey: "shp-19",
        parcelKey: "pcl-19",
        trackingData: { trackingId: "T1" },
        items: [{ id: "line-a", quantity: 2 }],
      },
    ]);
    expect(carryOut(second.after, facts({ deliveries: [shipped({ parcel: parcel("T2") })] })).plan.actions).toEqual([
      { action: "setParcelTrackingData", parcelKey: "pcl-19", trackingData: { trackingId: "T2" } },
    ]);
    expect(carryOut(second.after, facts({ deliveries: [shipped()] })).plan.actions).toEqual([]);
  });

  test("a delivery of the order line follows its quantity upwards, never downwards", () => {
    const own = (quantity: number) => shipped({ key: "dlv-1", grows: true, items: [{ id: "line-a", quantity }] });
    const first = carryOut(anOrder(), facts({ deliveries: [own(2)] })).after;
    expect(carryOut(first, facts({ deliveries: [own(5)] })).plan.actions).toEqual([
      { action: "setDeliveryItems", deliveryKey: "dlv-1", items: [{ id: "line-a", quantity: 5 }] },
    ]);
    expect(carryOut(first, facts({ deliveries: [own(1)] })).plan.actions).toEqual([]);
    expect(carryOut(first, facts({ deliveries: [own(6)] })).plan.rejections.map(({ code }) => code)).toEqual([
      "heldForReview",
    ]);
  });

  test("more than was ordered is an exception, over all deliveries; states go on", () => {
    const first = carryOut(
      anOrder(),
      facts({ deliveries: [shipped({ key: "shp-18", items: [{ id: "line-a", quantity: 4 }] })] }),
    ).after;
    const { plan } = carryOut(first, facts({ shipmentState: "Shipped", deliveries: [shipped()] }));
    expect({ actions: plan.actions, rejections: plan.rejections }).toEqual({
      actions: [{ action: "changeShipmentState", shipmentState: "Shipped" }],
      rejections: [
        {
          code: "heldForReview",
          message: "IFS order 1001, shipment 19: 6 pieces of line item line-a would be delivered, 5 were ordered.",
          action: expect.any(String),
          owner: "operator",
          field: "quantity",
          value: "6",
        },
      ],
    });
  });

  test("a line that the order does not have is an exception", () => {
    const { plan } = carryOut(anOrder(), facts({ deliveries: [shipped({ items: [{ id: "line-x", quantity: 1 }] })] }));
    expect({ actions: plan.actions, codes: plan.rejections.map(({ code, value }) => [code, value]) }).toEqual({
      actions: [],
      codes: [["invalidInput", "line-x"]],
    });
  });

  test("a delivery made by hand counts as delivered and is not touched", () => {
    const order = anOrder({
      shippingInfo: {
        deliveries: [{ id: "d", createdAt: "", items: [{ id: "line-a", quantity: 3 }], parcels: [] }],
      } as unknown as Order["shippingInfo"],
    });
    expect(carryOut(order, facts({ deliveries: [shipped()] })).plan.actions).toHaveLength(1);
    const { plan } = carryOut(order, facts({ deliveries: [shipped({ items: [{ id: "line-a", quantity: 3 }] })] }));
    expect({ actions: plan.actions, codes: plan.rejections.map(({ code }) => code) }).toEqual({
      actions: [],
      codes: ["heldForReview"],
    });
  });
});

describe("shipping modes", () => {
  const multiple = (keys: string[], targets: Record<string, string[]>) =>
    parsed({
      ...anOrder({ shippingInfo: undefined, shippingMode: "Multiple" }),
      shipping: keys.map((shippingKey) => ({
        shippingKey,
        shippingInfo: { deliveries: [] },
      })) as unknown as Order["shipping"],
      lineItems: Object.entries(targets).map(([id, methods]) => ({
        id,
        quantity: 5,
        shippingDetails: {
          targets: methods.map((shippingMethodKey) => ({ shippingMethodKey, quantity: 1, addressKey: "a" })),
        },
      })) as unknown as Order["lineItems"],
    });
  const given = facts({
    deliveries: [
      shipped({
        items: [
          { id: "line-a", quantity: 1 },
          { id: "line-b", quantity: 1 },
        ],
      }),
    ],
  });
  const shippingKeyOf = (order: LinkedOrder) => {
    const { actions, rejections } = planOrder(order, given);
    const [action] = actions;
    return action?.action === "addDelivery" ? action.shippingKey : rejections.map(({ code }) => code);
  };

  test.each<[string, string[], Record<string, string[]>, unknown]>([
    ["one method", ["s1"], { "line-a": [], "line-b": [] }, "s1"],
    ["all items of one method", ["s1", "s2"], { "line-a": ["s2"], "line-b": ["s2"] }, "s2"],
    ["a line split over both", ["s1", "s2"], { "line-a": ["s1", "s2"], "line-b": ["s1"] }, "s1"],
    ["items of different methods", ["s1", "s2"], { "line-a": ["s1"], "line-b": ["s2"] }, ["unsupported"]],
    ["items without method", ["s1", "s2"], { "line-a": [], "line-b": ["s2"] }, ["unsupported"]],
    ["no method", [], { "line-a": [], "line-b": [] }, ["unsupported"]],
  ])("Multiple, %s", (_name, keys, targets, expected) => {
    expect(shippingKeyOf(multiple(keys, targets))).toEqual(expected);
  });

  test("Single without method", () => {
    const { plan } = carryOut(anOrder({ shippingInfo: undefined }), facts({ deliveries: [shipped()] }));
    expect(plan.rejections.map(({ code }) => code)).toEqual(["unsupported"]);
  });
});

describe("custom fields", () => {
  test("ours is set once, then field by field, then not at all", () => {
    const first = carryOut(anOrder(), facts(), TYPE);
    expect(first.plan.actions).toEqual([
      {
        action: "setCustomType",
        type: { typeId: "type", key: "ifs-order" },
        fields: { ifsOrderNo: "1001", ifsOrderState: "Released" },
      },
    ]);
    expect(carryOut(first.after, facts(), TYPE).plan.actions).toEqual([]);
    const blocked = carryOut(first.after, facts({ ifsState: "Blocked", blockedReason: "credit limit" }), TYPE);
    expect(blocked.plan.actions).toEqual([
      { action: "setCustomField", name: "ifsOrderState", value: "Blocked" },
      { action: "setCustomField", name: "ifsBlockedReason", value: "credit limit" },
    ]);
    expect(carryOut(blocked.after, facts(), TYPE).plan.actions).toEqual([
      { action: "setCustomField", name: "ifsOrderState", value: "Released" },
      { action: "setCustomField", name: "ifsBlockedReason" },
    ]);
  });

  test("invoice numbers are added, never taken away", () => {
    const first = carryOut(anOrder(), facts({ invoiceNumbers: ["CR2", "CR1"] }), TYPE).after;
    expect(first.custom?.fields.ifsInvoiceNumbers).toEqual(["CR1", "CR2"]);
    expect(carryOut(first, facts({ invoiceNumbers: ["CR2"] }), TYPE).plan.actions).toEqual([]);
    expect(carryOut(first, facts({ invoiceNumbers: ["CR3"] }), TYPE).after.custom?.fields.ifsInvoiceNumbers).toEqual([
      "CR1",
      "CR2",
      "CR3",
    ]);
  });

  test.each([
    [
      "a Type of the merchant is left alone",
      { type: { typeId: "type" as const, id: "other" }, fields: { x: 1 } },
      TYPE,
    ],
    ["ours is not installed", undefined, undefined],
  ])("%s", (_name, custom, orderTypeId) => {
    expect(carryOut(anOrder({ custom }), facts({ invoiceNumbers: ["CR1"] }), orderTypeId).plan.actions).toEqual([]);
  });
});

describe("the life of an order in IFS, replayed in any order", () => {
  const config = { statuses: connectorConfigSchema.shape.statuses.parse({}), units: { sellBySalesUnit: true } };
  const lineIds = ["line-a", "line-b"];
  const view = (state: IfsOrderState, direct: number, shipments: IfsView["shipments"]): IfsView => {
    const byShipment = shipments
      .flatMap(({ lines }) => lines)
      .filter(({ lineNo }) => lineNo === "1")
      .reduce((sum, line) => sum + Number(line.qtyShipped), 0);
    const lines = [
      aLine("line-a", "1", { qtyShipped: decimal(byShipment + direct) }),
      aLine("line-b", "2", { qtyShipped: decimal(shipments.length > 1 ? 2 : 0) }),
    ];
    return { document: aDocument({ state, lines }), shipments, invoiceNumbers: [] };
  };
  const first = aShipment({ shipmentId: "19", quantities: { "1": 2 } });
  const tracked = { ...first, forwardAgentId: "DHL", trackingNumber: "T1" };
  const second = aShipment({ shipmentId: "20", quantities: { "1": 1, "2": 2 }, trackingNumber: "T2" });
  const life: IfsView[] = [
    view("Planned", 0, []),
    view("Released", 0, []),
    view("Reserved", 0, []),
    view("PartiallyDelivered", 0, [first]),
    view("PartiallyDelivered", 1, [first]),
    view("PartiallyDelivered", 2, [tracked]),
    view("Delivered", 2, [tracked, second]),
    view("Invoiced", 2, [tracked, second]),
  ];
  const readings = life.map((entry) => toFacts(entry, config, lineIds));
  const play = (sequence: readonly OrderFacts[]) =>
    sequence.reduce((order, given) => carryOut(order, given).after, anOrder());
  const content = (order: Order) => ({
    orderState: order.orderState,
    shipmentState: order.shipmentState,
    deliveries: (order.shippingInfo?.deliveries ?? [])
      .map(({ key, items, parcels }) => ({
        key,
        items,
        parcels: parcels.map((entry) => [entry.key, entry.trackingData]),
      }))
      .sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1)),
  });
  const expected = {
    orderState: "Complete",
    shipmentState: "Shipped",
    deliveries: [
      { key: "dlv-1001-1-1", items: [{ id: "line-a", quantity: 2 }], parcels: [] },
      {
        key: "shp-19",
        items: [{ id: "line-a", quantity: 2 }],
        parcels: [["pcl-19", { trackingId: "T1", carrier: "DHL", provider: "DHL" }]],
      },
      {
        key: "shp-20",
        items: [
          { id: "line-a", quantity: 1 },
          { id: "line-b", quantity: 2 },
        ],
        parcels: [["pcl-20", { trackingId: "T2" }]],
      },
    ],
  };

  test("in its own order", () => {
    expect(content(play(readings))).toEqual(expected);
  });

  test("shuffled, repeated and with gaps: the same end, and nothing left to do", () => {
    const indexes = fc.array(fc.nat({ max: readings.length - 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(indexes, indexes, (before, after) => {
        const last = readings.length - 1;
        const sequence = [...before, last, ...after].flatMap((index) => readings[index] ?? []);
        const end = play(sequence);
        expect(content(end)).toEqual(expected);
        for (const given of sequence) expect(carryOut(end, given).plan.actions).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
