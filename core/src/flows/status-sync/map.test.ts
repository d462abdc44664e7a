import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { type IfsView, toFacts } from "./map.ts";
import { aDocument, aLine, aShipment } from "./testing/builders.ts";

const { statuses: defaults } = connectorConfigSchema.shape;
const statuses = {
  ...defaults.parse({}),
  carriers: { DHL: { name: "DHL Paket", trackingUrl: "https://track.example/{trackingNumber}" } },
};
const config = { statuses, units: { sellBySalesUnit: true } };
const view = (rest: Partial<IfsView> = {}): IfsView => ({
  document: aDocument(),
  shipments: [],
  invoiceNumbers: [],
  ...rest,
});
const facts = (rest: Partial<IfsView> = {}, using = config) => toFacts(view(rest), using, ["line-a", "line-b"]);

describe("states", () => {
  test.each([
    ["Planned", undefined, undefined],
    ["Released", "Confirmed", undefined],
    ["Blocked", undefined, undefined],
    ["Reserved", "Confirmed", "Pending"],
    ["Picked", "Confirmed", "Ready"],
    ["PartiallyDelivered", undefined, "Partial"],
    ["Delivered", undefined, "Shipped"],
    ["Invoiced", "Complete", "Shipped"],
    ["Cancelled", "Cancelled", undefined],
  ] as const)("%s by default", (state, orderState, shipmentState) => {
    const mapped = facts({ document: aDocument({ state }) });
    expect({ order: mapped.orderState, shipment: mapped.shipmentState, rejections: mapped.rejections }).toEqual({
      order: orderState,
      shipment: shipmentState,
      rejections: [],
    });
  });

  test("an unknown state is an exception that names it, and none once a table maps it", () => {
    const document = aDocument({ state: "unknown:PartlyPicked" });
    expect(facts({ document }).rejections).toEqual([
      {
        code: "unknownIfsState",
        message: 'IFS order 1001 is in the state "PartlyPicked", which the connector does not know.',
        action: expect.stringContaining('Add "PartlyPicked" to the status table'),
        owner: "merchant",
        field: "state",
        value: "PartlyPicked",
      },
    ]);
    const mapped = {
      ...config,
      statuses: { ...statuses, shipment: { ...statuses.shipment, PartlyPicked: "Ready" as const } },
    };
    const known = facts({ document }, mapped);
    expect({ shipment: known.shipmentState, rejections: known.rejections }).toEqual({
      shipment: "Ready",
      rejections: [],
    });
  });
});

describe("deliveries", () => {
  test("a shipment that has left, in pieces of the shop", () => {
    const lines = [aLine("line-a", "1", { convFactor: decimal(12) }), aLine("line-b", "2")];
    const shipments = [aShipment({ quantities: { "1": 24, "2": 2 } })];
    expect(facts({ document: aDocument({ lines }), shipments }).deliveries).toEqual([
      {
        key: "shp-19",
        source: "shipment 19",
        items: [
          { id: "line-a", quantity: 2 },
          { id: "line-b", quantity: 2 },
        ],
        grows: false,
        parcel: undefined,
      },
    ]);
  });

  test("sold by inventory unit, the factor does not count", () => {
    const lines = [aLine("line-a", "1", { convFactor: decimal(12) })];
    const shipments = [aShipment({ quantities: { "1": 5 } })];
    const using = { ...config, units: { sellBySalesUnit: false } };
    expect(facts({ document: aDocument({ lines }), shipments }, using).deliveries[0]?.items).toEqual([
      { id: "line-a", quantity: 5 },
    ]);
  });

  test("quantities that are no whole pieces hold the delivery back", () => {
    const lines = [aLine("line-a", "1", { convFactor: decimal(12) })];
    const shipments = [aShipment({ quantities: { "1": 5 } })];
    const mapped = facts({ document: aDocument({ lines }), shipments });
    expect({ deliveries: mapped.deliveries, rejections: mapped.rejections }).toEqual({
      deliveries: [],
      rejections: [
        {
          code: "unmappedUnit",
          message:
            "IFS order 1001, shipment 19: 5 inventory units of P-1 are not whole pieces (12 inventory units per sales unit).",
          action: "Correct the shipped quantity or the conversion factor of the sales part in IFS.",
          owner: "ifsAdministrator",
          field: "convFactor",
          value: "12",
        },
      ],
    });
  });

  test("releases of one line that IFS split are one item", () => {
    const lines = [aLine("line-a", "1"), aLine("line-a", "1", { relNo: "2" })];
    const [first] = aShipment({ quantities: { "1": 2 } }).lines;
    if (!first) throw new Error("unreachable");
    const shipments = [
      { ...aShipment(), lines: [first, { ...first, shipmentLineNo: "2", relNo: "2", qtyShipped: decimal(1) }] },
    ];
    expect(facts({ document: aDocument({ lines }), shipments }).deliveries[0]?.items).toEqual([
      { id: "line-a", quantity: 3 },
    ]);
  });

  test.each([
    ["has not left", [aShipment({ actualShipDate: null })], []],
    ["is cancelled", [aShipment({ state: "Cancelled" })], []],
    ["carries lines of other orders only", [aShipment({ orderNo: "2002" })], []],
    ["carries nothing", [aShipment({ quantities: { "1": 0 } })], []],
    ["is in an unknown state", [aShipment({ state: "unknown:Packed" })], ["unknownIfsState"]],
  ])("none when the shipment %s", (_name, shipments, codes) => {
    const mapped = facts({ shipments });
    expect({ deliveries: mapped.deliveries, codes: mapped.rejections.map(({ code }) => code) }).toEqual({
      deliveries: [],
      codes,
    });
  });

  test("lines that are not ours are left out, the rest of the shipment is delivered", () => {
    const lines = [aLine("line-a", "1"), aLine(null, "2")];
    const shipments = [aShipment({ quantities: { "1": 1, "2": 7 } })];
    expect(facts({ document: aDocument({ lines }), shipments }).deliveries[0]?.items).toEqual([
      { id: "line-a", quantity: 1 },
    ]);
  });

  test("a line whose note was cleared in IFS is known by its position", () => {
    const lines = [aLine("2", "1"), aLine("7", "2")];
    const shipments = [aShipment({ quantities: { "1": 1, "2": 1 } })];
    expect(facts({ document: aDocument({ lines }), shipments }).deliveries[0]?.items).toEqual([
      { id: "7", quantity: 1 },
      { id: "line-b", quantity: 1 },
    ]);
  });

  test.each([
    [null, "123", { trackingId: "123" }],
    [
      "DHL",
      " 12/3 ",
      {
        trackingId: "12/3",
        carrier: "DHL Paket",
        provider: "DHL",
        providerTransaction: "https://track.example/12%2F3",
      },
    ],
    ["UPS", "123", { trackingId: "123", carrier: "UPS", provider: "UPS" }],
  ])("tracking by %s", (forwardAgentId, trackingNumber, tracking) => {
    expect(facts({ shipments: [aShipment({ forwardAgentId, trackingNumber })] }).deliveries[0]?.parcel).toEqual({
      key: "pcl-19",
      tracking,
    });
  });

  test.each([[null], [""], ["  "]])("no parcel without a tracking number (%j)", (trackingNumber) => {
    expect(
      facts({ shipments: [aShipment({ forwardAgentId: "DHL", trackingNumber })] }).deliveries[0]?.parcel,
    ).toBeUndefined();
  });
});

describe("delivered without shipment", () => {
  const shipped = (quantity: number) => aDocument({ lines: [aLine("line-a", "1", { qtyShipped: decimal(quantity) })] });
  const own = (quantity: number) => ({
    key: "dlv-1001-1-1",
    source: "line 1/1 delivered without shipment",
    items: [{ id: "line-a", quantity }],
    grows: true,
    parcel: undefined,
  });

  test.each([
    ["nothing shipped", shipped(0), [], []],
    ["shipped, no shipment", shipped(3), [], [own(3)]],
    ["explained by a shipment", shipped(2), [aShipment()], []],
    ["more than the shipment explains", shipped(5), [aShipment()], [own(3)]],
    ["a shipment under way: waits for it", shipped(5), [aShipment({ actualShipDate: null })], []],
    ["shipments read later than the document", shipped(0), [aShipment()], []],
    ["a shipment of another line", shipped(2), [aShipment({ quantities: { "9": 2 } })], [own(2)]],
  ])("%s", (_name, document, shipments, expected) => {
    expect(facts({ document, shipments }).deliveries.filter(({ grows }) => grows)).toEqual(expected);
  });

  test("components of a package have keys of their own", () => {
    const lines = [
      aLine("line-a", "1", { lineItemNo: "1", qtyShipped: decimal(1) }),
      aLine("line-b", "1", { lineItemNo: "2", qtyShipped: decimal(1) }),
    ];
    expect(facts({ document: aDocument({ lines }) }).deliveries.map(({ key }) => key)).toEqual([
      "dlv-1001-1-1-1",
      "dlv-1001-1-1-2",
    ]);
  });
});
