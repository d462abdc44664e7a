import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, encodeClaim } from "./claims.ts";
import { decimal, ZERO } from "./decimal.ts";
import type { Contract, OrderId, OrderNo, PartNo, Sku } from "./ids.ts";
import type { IfsDemandLine, IfsOrderLine } from "./ifs-records.ts";
import {
  type InFlightQuestion,
  inFlightLines,
  inFlightOf,
  isLongCancelled,
  type SoldOrder,
  toSoldOrder,
  YOUNG_MS,
} from "./in-flight.ts";

const NOW = Date.parse("2026-08-01T12:00:00Z");
const P1 = "P1" as OrderNo;
const BOLT = "BOLT" as PartNo;
const question: InFlightQuestion = {
  drawsOf: (sku) =>
    (sku as string).startsWith("BOLT")
      ? [{ partNo: BOLT, factor: { factor: decimal(sku === "BOLT-BOX" ? 12 : 1), inverted: decimal(1) } }]
      : [],
  counts: (channel) => channel !== "elsewhere",
  demandStates: ["Released", "Reserved"],
  now: NOW,
};

const line = (lineId: string, quantity: number, sku = "BOLT", supplyChannelId: string | undefined = "web") => ({
  lineId,
  sku: sku as Sku,
  quantity,
  supplyChannelId,
});
const order = (given: Partial<SoldOrder> = {}): SoldOrder => ({
  orderId: "o1" as OrderId,
  createdAt: NOW - 60_000,
  cancelledAt: undefined,
  orderNo: undefined,
  lines: [line("l1", 3)],
  returned: [],
  ...given,
});
const shown = (given: Partial<IfsDemandLine> = {}): IfsDemandLine => ({
  orderNo: P1,
  lineNo: "1",
  relNo: "1",
  lineItemNo: "0",
  lineRef: "l1",
  contract: "S1" as Contract,
  partNo: BOLT,
  state: "Released",
  revisedQtyDue: decimal(3),
  qtyAssigned: ZERO,
  qtyShipped: ZERO,
  qtyShipdiff: ZERO,
  ...given,
});
const reportedLine = (given: Partial<IfsOrderLine> = {}): IfsOrderLine => ({
  orderNo: P1,
  lineNo: "1",
  relNo: "1",
  lineItemNo: "0",
  state: "Released",
  lineRef: "l1",
  contract: "S1" as Contract,
  catalogNo: "BOLT" as IfsOrderLine["catalogNo"],
  partNo: BOLT,
  buyQtyDue: decimal(3),
  convFactor: decimal(1),
  revisedQtyDue: decimal(3),
  qtyAssigned: ZERO,
  qtyPicked: ZERO,
  qtyShipped: ZERO,
  qtyShipdiff: ZERO,
  qtyInvoiced: ZERO,
  netAmountCurr: ZERO,
  taxAmountCurr: ZERO,
  grossAmountCurr: ZERO,
  promisedDeliveryDate: null,
  ...given,
});

const inFlight = (orders: SoldOrder[], demand: IfsDemandLine[] = [], reported: IfsOrderLine[] = []) =>
  inFlightLines(orders, { demand, reported: new Map(reported.length > 0 ? [[P1, reported]] : []) }, question).map(
    ({ lineId, quantity }) => `${lineId}: ${quantity}`,
  );

const linked = order({ orderNo: P1 });

describe("what IFS has shipped, by the deliveries of the order", () => {
  const shipped = (quantity: number, secondsAgo: number, lineId = "l1") => ({
    ...{ lineId, quantity, at: NOW - secondsAgo * 1000 },
  });
  const of = (delivered: SoldOrder["delivered"], demand: IfsDemandLine[] = [], quantity = 3) =>
    inFlightLines(
      [
        order({
          orderNo: P1,
          createdAt: NOW - 86_400_000,
          lines: [line("l1", quantity)],
          ...(delivered && { delivered }),
        }),
      ],
      { demand, reported: new Map(), readAt: NOW - 1000 },
      question,
    ).map((one) => String(one.quantity));

  it.each<[string, SoldOrder["delivered"], IfsDemandLine[], number, string]>([
    ["nothing", undefined, [], 3, "3"],
    ["all of it, before the figure was read", [shipped(3, 31)], [], 3, "0"],
    ["a part", [shipped(2, 31)], [], 3, "1"],
    ["in two deliveries", [shipped(2, 3600), shipped(1, 31)], [], 3, "0"],
    ["so lately that clocks may differ", [shipped(3, 30)], [], 3, "3"],
    ["after the figure was read", [shipped(3, 0)], [], 3, "3"],
    ["of another line", [shipped(3, 31, "l2")], [], 3, "3"],
    ["more than the line has", [shipped(4, 31)], [], 3, "0"],
    ["of a line that was raised since", [shipped(3, 3600)], [], 8, "5"],
    ["of a line that was raised since, and that the figure shows", [shipped(3, 3600)], [shown()], 8, "5"],
    [
      "a part of a line that the figure shows as a whole",
      [shipped(2, 3600)],
      [shown({ qtyShipped: decimal(2) })],
      3,
      "0",
    ],
  ])("%s", (_, delivered, demand, quantity, left) => {
    expect(of(delivered, demand, quantity)).toEqual([left]);
  });

  it("counts for who says when the figure was read, and only then", () => {
    const orders = [order({ orderNo: P1, delivered: [shipped(3, 3600)] })];
    expect(
      inFlightLines(orders, { demand: [], reported: new Map() }, question).map((one) => String(one.quantity)),
    ).toEqual(["3"]);
  });

  it("counts in inventory units", () => {
    const orders = [order({ orderNo: P1, lines: [line("l1", 2, "BOLT-BOX")], delivered: [shipped(1, 3600)] })];
    const lines = inFlightLines(orders, { demand: [], reported: new Map(), readAt: NOW }, question);
    expect(lines.map((one) => String(one.quantity))).toEqual(["12"]);
  });
});

/** An Order Edit took off the line that IFS has, and added one of the same part. */
const GONE = "0f4a5f4e-8d0c-4a3c-9d55-0123456789ab";
const replaced = order({ orderNo: P1, lines: [line("l2", 3)] });

describe("inFlightLines", () => {
  it.each<[string, SoldOrder[], IfsDemandLine[], IfsOrderLine[], string[]]>([
    ["not in IFS", [order()], [], [], ["l1: 3"]],
    ["boxes count in inventory units", [order({ lines: [line("l1", 2, "BOLT-BOX")] })], [], [], ["l1: 24"]],
    ["SKUs without a part at the site do not count", [order({ lines: [line("l1", 2, "GIFT-CARD")] })], [], [], []],
    ["lines of another pool do not count", [order({ lines: [line("l1", 2, "BOLT", "elsewhere")] })], [], [], []],
    ["committed but not linked yet: the demand read shows it", [order()], [shown()], [], ["l1: 0"]],
    ["linked, but neither shown nor reported", [linked], [], [], ["l1: 3"]],
    ["linked and shown", [linked], [shown()], [], ["l1: 0"]],
    ["shown without a reference: set against the same part", [linked], [shown({ lineRef: null })], [], ["l1: 0"]],
    ["shown in a state whose open quantity is not taken off", [linked], [shown({ state: "Planned" })], [], ["l1: 3"]],
    [
      "of such a line only what IFS reserved",
      [linked],
      [shown({ state: "Planned", qtyAssigned: decimal(2) })],
      [],
      ["l1: 1"],
    ],
    ["IFS has fewer than ordered", [linked], [shown({ revisedQtyDue: decimal(1) })], [], ["l1: 2"]],
    ["IFS has more than ordered", [linked], [shown({ revisedQtyDue: decimal(9) })], [], ["l1: 0"]],
    ["reported open, but the demand read does not show it", [linked], [], [reportedLine()], ["l1: 3"]],
    ["reported reserved", [linked], [], [reportedLine({ state: "Reserved", qtyAssigned: decimal(3) })], ["l1: 0"]],
    ["reported delivered", [linked], [], [reportedLine({ state: "Delivered", qtyShipped: decimal(3) })], ["l1: 0"]],
    ["reported cancelled", [linked], [], [reportedLine({ state: "Cancelled" })], ["l1: 0"]],
    [
      "split: one part delivered, the rest shown",
      [linked],
      [shown({ relNo: "2", revisedQtyDue: decimal(2) })],
      [reportedLine({ state: "Delivered", revisedQtyDue: decimal(1) }), reportedLine({ relNo: "2" })],
      ["l1: 0"],
    ],
    [
      "the line of another order proves nothing",
      [linked],
      [shown({ orderNo: "P2" as OrderNo, lineRef: null })],
      [],
      ["l1: 3"],
    ],
    [
      "an amended order: the new line is in flight",
      [order({ orderNo: P1, lines: [line("l1", 3), line("l2", 5)] })],
      [shown()],
      [],
      ["l1: 0", "l2: 5"],
    ],
    [
      "the IFS line of another pool's line is not taken for ours",
      [order({ orderNo: P1, lines: [line("l1", 3), line("l2", 3, "BOLT", "elsewhere")] })],
      [shown({ lineRef: "l2" })],
      [],
      ["l1: 3"],
    ],
    [
      "a line that took another's place, while IFS shows that one",
      [replaced],
      [shown({ lineRef: GONE })],
      [],
      ["l2: 0"],
    ],
    ["of which IFS has shipped a part", [replaced], [shown({ lineRef: GONE, qtyShipped: decimal(1) })], [], ["l2: 1"]],
    ["which IFS has cancelled", [replaced], [], [reportedLine({ lineRef: GONE, state: "Cancelled" })], ["l2: 3"]],
    [
      "which IFS has reserved, and shipped a part of",
      [replaced],
      [],
      [reportedLine({ lineRef: GONE, state: "Reserved", qtyAssigned: decimal(2), qtyShipped: decimal(1) })],
      ["l2: 1"],
    ],
    [
      "a line of the IFS order that carries a position, delivered",
      [replaced],
      [],
      [reportedLine({ lineRef: "1", state: "Delivered" })],
      ["l2: 0"],
    ],
    ["young orders count whatever IFS shows", [{ ...linked, createdAt: NOW - YOUNG_MS + 1 }], [shown()], [], ["l1: 3"]],
    ["at 30 s they are judged", [{ ...linked, createdAt: NOW - YOUNG_MS }], [shown()], [], ["l1: 0"]],
  ])("%s", (_, orders, demand, reported, expected) => {
    expect(inFlight(orders, demand, reported)).toEqual(expected);
  });

  it("counts each unit of an order once: in flight plus contained never falls below what was ordered", () => {
    const quantity = fc.integer({ min: 1, max: 9 });
    const ifsLine = fc.record({ ref: fc.constantFrom("l1", "l2", null), due: quantity });
    fc.assert(
      fc.property(quantity, quantity, fc.array(ifsLine, { maxLength: 4 }), (first, second, ifsLines) => {
        const demand = ifsLines.map(({ ref, due }, index) =>
          shown({ lineNo: String(index), lineRef: ref, revisedQtyDue: decimal(due) }),
        );
        const lines = inFlightLines(
          [order({ orderNo: P1, lines: [line("l1", first), line("l2", second)] })],
          { demand, reported: new Map() },
          question,
        );
        const open = lines.reduce((sum, { quantity: rest }) => sum + Number(rest), 0);
        const contained = ifsLines.reduce((sum, { due }) => sum + due, 0);
        expect(open + contained).toBeGreaterThanOrEqual(first + second);
        expect(open).toBeLessThanOrEqual(first + second);
        if (ifsLines.length === 0) expect(open).toBe(first + second);
      }),
    );
  });
});

describe("a kit", () => {
  const NUT = "NUT" as PartNo;
  const kits: InFlightQuestion = {
    ...question,
    drawsOf: (sku) => {
      const draw = (partNo: PartNo, each: number) => ({
        partNo,
        factor: { factor: decimal(each), inverted: decimal(1) },
        component: true as const,
      });
      return sku === "KIT" ? [draw(BOLT, 2), draw(NUT, 1)] : question.drawsOf(sku);
    },
  };
  const sold = order({ orderNo: P1, lines: [line("l1", 3, "KIT")] });
  const head = { partNo: null, revisedQtyDue: decimal(3), lineItemNo: "-1" };
  const component = (partNo: PartNo, due: number, given: Partial<IfsDemandLine> = {}) =>
    shown({ partNo, lineItemNo: partNo, revisedQtyDue: decimal(due), ...given });
  const open = (demand: IfsDemandLine[], reported: IfsOrderLine[] = []) =>
    inFlightLines([sold], { demand, reported: new Map([[P1, reported]]) }, kits).map(
      ({ partNo, quantity }) => `${partNo}: ${quantity}`,
    );

  it.each<[string, IfsDemandLine[], IfsOrderLine[], string[]]>([
    ["takes its components while IFS has nothing of it", [], [], ["BOLT: 6", "NUT: 3"]],
    ["the line of the kit alone proves nothing", [], [reportedLine(head)], ["BOLT: 6", "NUT: 3"]],
    ["each component by its own line", [component(BOLT, 6)], [reportedLine(head)], ["BOLT: 0", "NUT: 3"]],
    [
      "components without a reference",
      [component(BOLT, 6, { lineRef: null }), component(NUT, 3, { lineRef: null })],
      [],
      ["BOLT: 0", "NUT: 0"],
    ],
    [
      "a kit that IFS does not take apart, delivered",
      [],
      [reportedLine({ ...head, state: "Delivered" })],
      ["BOLT: 0", "NUT: 0"],
    ],
    [
      "one component delivered is not the kit",
      [],
      [reportedLine({ partNo: NUT, state: "Delivered", revisedQtyDue: decimal(3) })],
      ["BOLT: 6", "NUT: 0"],
    ],
  ])("%s", (_, demand, reported, expected) => {
    expect(open(demand, reported)).toEqual(expected);
  });
});

describe("inFlightOf", () => {
  it("sums a part over the channels of a pool; a line without channel counts in every pool", () => {
    const orders = [
      order({
        lines: [line("l1", 3), line("l2", 1, "BOLT-BOX", "store"), { ...line("l3", 2), supplyChannelId: undefined }],
      }),
    ];
    const lines = inFlightLines(orders, { demand: [], reported: new Map() }, question);
    const web = (channel: string | undefined) => channel === undefined || channel === "web";
    expect([
      inFlightOf(lines, BOLT, web),
      inFlightOf(lines, BOLT, () => true),
      inFlightOf(lines, "NUT" as PartNo, web),
    ]).toEqual(["5", "17", "0"]);
  });
});

describe("a cancelled order", () => {
  it("counts in full while its units may still come back by themselves, and then not at all", () => {
    const demand = [shown({ state: "Cancelled" })];
    const reported = new Map([[P1, [reportedLine({ state: "Cancelled" })]]]);
    const at = (cancelledAt: number) => {
      const cancelled = order({ cancelledAt, orderNo: P1, createdAt: NOW - 3_600_000 });
      const lines = inFlightLines([cancelled], { demand, reported }, question);
      return [lines.map(({ quantity }) => quantity), isLongCancelled(cancelled, NOW)];
    };
    expect(at(NOW - YOUNG_MS + 1)).toEqual([[decimal(3)], false]);
    expect(at(NOW - YOUNG_MS)).toEqual([[ZERO], true]);
    expect(
      inFlightLines([order({ cancelledAt: NOW - YOUNG_MS })], { demand: [], reported: new Map() }, question),
    ).toEqual([expect.objectContaining({ quantity: ZERO })]);
  });
});

describe("a return that was put back into stock", () => {
  it("counts while the platform may still be booking it, beside what the figure does not contain", () => {
    const at = (returnedAt: number, given: Partial<SoldOrder> = {}) => {
      const returned = [{ lineId: "l1", quantity: 2, at: returnedAt }];
      const evidence = { demand: [], reported: new Map([[P1, [reportedLine({ state: "Delivered" })]]]) };
      return inFlightLines([order({ orderNo: P1, returned, ...given })], evidence, question).map((one) => one.quantity);
    };
    expect(at(NOW - YOUNG_MS + 1)).toEqual([decimal(2)]);
    expect(at(NOW - YOUNG_MS)).toEqual([ZERO]);
    expect(at(NOW, { orderNo: undefined })).toEqual([decimal(5)]);
  });
});

describe("toSoldOrder", () => {
  const raw = {
    id: "o1",
    createdAt: "2026-08-01T11:00:00.000Z",
    lastModifiedAt: "2026-08-01T11:30:00.000Z",
    orderState: "Open",
    syncInfo: [
      { channel: { id: "link" }, externalId: "OLD", syncedAt: "2026-08-01T11:00:01.000Z" },
      { channel: { id: "link" }, externalId: "P1", syncedAt: "2026-08-01T11:00:02.000Z" },
    ],
    lineItems: [
      { id: "l1", quantity: 2, variant: { sku: "BOLT" }, supplyChannel: { id: "web" } },
      { id: "l2", quantity: 1, variant: {} },
    ],
  };
  const channels = { link: "link", claim: "claim" };
  const ignored: Claim = {
    phase: "ignored",
    owner: "w",
    attempt: 0,
    expiresAt: 0,
    notBefore: 0,
    configVersion: 1,
    fingerprint: "",
    posted: "",
    inIfs: "",
    code: "noRoute",
    site: "",
    orderNo: "",
  };
  it("reads link and lines, and leaves out what takes no stock", () => {
    expect(toSoldOrder(raw, channels, "2026-01-01T00:00:00Z")).toEqual({
      orderId: "o1",
      createdAt: Date.parse("2026-08-01T11:00:00Z"),
      cancelledAt: undefined,
      orderNo: "P1",
      lines: [{ lineId: "l1", sku: "BOLT", quantity: 2, supplyChannelId: "web" }],
      returned: [],
    });
    const item = {
      ...{ type: "LineItemReturnItem", lineItemId: "l1", quantity: 1 },
      ...{ shipmentState: "BackInStock", lastModifiedAt: "2026-08-01T11:59:00Z" },
    };
    const returnInfo = [{ items: [item, { ...item, shipmentState: "Returned" }, { ...item, lineItemId: undefined }] }];
    expect(toSoldOrder({ ...raw, returnInfo }, channels, "2026-01-01T00:00:00Z")?.returned).toEqual([
      { lineId: "l1", quantity: 1, at: NOW - 60_000 },
    ]);
    const deliveries = (key: string | undefined, quantity: number) => ({
      deliveries: [{ ...(key && { key }), createdAt: "2026-08-01T11:59:00Z", items: [{ id: "l1", quantity }] }],
    });
    const sent = {
      shippingInfo: deliveries("shp-19", 1),
      shipping: [{ shippingInfo: deliveries("dlv-P1-1-1", 1) }, { shippingInfo: deliveries("by-hand", 5) }],
    };
    expect(toSoldOrder({ ...raw, ...sent }, channels, "2026-01-01T00:00:00Z")?.delivered).toEqual([
      { lineId: "l1", quantity: 1, at: NOW - 60_000 },
      { lineId: "l1", quantity: 1, at: NOW - 60_000 },
    ]);
    const byHand = { shippingInfo: deliveries(undefined, 2) };
    expect(toSoldOrder({ ...raw, ...byHand }, channels, "2026-01-01T00:00:00Z")?.delivered).toBeUndefined();
    const cancelled = toSoldOrder({ ...raw, orderState: "Cancelled" }, channels, "2026-01-01T00:00:00Z");
    expect(cancelled?.cancelledAt).toBe(Date.parse("2026-08-01T11:30:00Z"));
    expect(toSoldOrder(raw, channels, "2026-08-01T11:00:00.001Z")).toBeUndefined();
    expect(toSoldOrder({ ...raw, syncInfo: undefined }, channels, "2026-01-01T00:00:00Z")?.orderNo).toBeUndefined();
    const claim = encodeClaim({ ...ignored, phase: "ignored" });
    const entry = { channel: { id: "claim" }, externalId: claim, syncedAt: "2026-08-01T11:00:03.000Z" };
    expect(toSoldOrder({ ...raw, syncInfo: [entry] }, channels, "2026-01-01T00:00:00Z")).toBeUndefined();
    expect(toSoldOrder({ ...raw, syncInfo: [...raw.syncInfo, entry] }, channels, "2026-01-01T00:00:00Z")).toBeDefined();
    for (const unreadable of [{ createdAt: "soon" }, { orderState: "Cancelled", lastModifiedAt: "soon" }]) {
      expect(() => toSoldOrder({ ...raw, ...unreadable }, channels, "2026-01-01T00:00:00Z")).toThrow("order o1");
    }
  });
});
