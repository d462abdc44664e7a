/** Orders of several shipments and addresses, with the taxes of each. */
import { describe, expect, test } from "vitest";
import { UnknownOutcomeError } from "../../domain/failure.ts";
import { checkAfter } from "./ledger.ts";
import { configWith } from "./testing/config.ts";
import { codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { draftOf, mapped, mappedOrder, refusalOf } from "./testing/mapped.ts";
import { addressOf, eur, lineOf, netOrder, orderOf, rateOf, shippingOf, taxedOf } from "./testing/orders.ts";
import { createWorld } from "./testing/world.ts";

const home = addressOf({ key: "home", externalId: "2" });
const office = addressOf({
  key: "office",
  externalId: "3",
  company: "Muster GmbH",
  streetName: "Werkstraße",
  city: "Kiel",
});

const shipment = (key: string, name: string, fields: object, shippingAddress: object = home) => ({
  shippingKey: key,
  shippingInfo: {
    ...shippingOf({ total: 490, net: 490, gross: 583, rate: 0.19 }, false),
    shippingMethodName: name,
    ...fields,
  },
  shippingAddress,
});

/** Ten pieces at 19.99: seven go home by post, three to the office by courier. */
const target = (addressKey: string, quantity: number, shippingMethodKey: string) => ({
  addressKey,
  quantity,
  shippingMethodKey,
});
const second = { shippingDetails: { targets: [target("home", 1, "post")], valid: true } };
const several = (fields: object = {}, details: object = {}) =>
  orderOf({
    shippingMode: "Multiple",
    shippingAddress: null,
    itemShippingAddresses: [home, office],
    shipping: [
      shipment("post", "Post", {}),
      shipment(
        "courier",
        "Courier",
        { price: eur(1200), discountedPrice: { value: eur(1000) }, taxedPrice: taxedOf(1000, 1190) },
        office,
      ),
    ],
    lineItems: [
      lineOf(
        {
          sku: "A-1",
          quantity: 10,
          price: 1999,
          total: 19_990,
          net: 19_990,
          gross: 23_788,
          rate: 0.19,
          extra: {
            taxRate: undefined,
            perMethodTaxRate: [
              { shippingMethodKey: "post", taxRate: rateOf(0.19, false) },
              { shippingMethodKey: "courier", taxRate: rateOf(0.19, false) },
            ],
            taxedPricePortions: [
              { shippingMethodKey: "post", taxedPrice: taxedOf(13_993, 16_652) },
              { shippingMethodKey: "courier", taxedPrice: taxedOf(5997, 7136) },
            ],
            shippingDetails: { targets: [target("home", 7, "post"), target("office", 3, "courier")], valid: true },
            ...details,
          },
        },
        false,
      ),
      lineOf(
        { sku: "B-2", quantity: 1, price: 750, total: 750, net: 750, gross: 803, rate: 0.07, extra: second },
        false,
      ),
    ],
    totalPrice: eur(19_990 + 750 + 490 + 1000),
    taxedPrice: taxedOf(22_230, 23_788 + 803 + 583 + 1190),
    ...fields,
  });
const config = (route: object = {}) =>
  configWith({ route: { shipVia: { Post: "PO", Courier: "CO" }, severalAddresses: "oneTime", ...route } });

describe("an order of several shipments", () => {
  test("has a charge for each, and lines that say which way their pieces go", () => {
    const draft = draftOf(mapped(several(), config()));
    expect([
      draft.header.shipViaCode,
      draft.lines.map(({ lineRef, part, buyQtyDue, saleUnitPrice, shipViaCode, shipTo, taxCode }) => [
        ...[lineRef, part, buyQtyDue, saleUnitPrice, shipViaCode, shipTo?.name, taxCode],
      ]),
      draft.charges.map(({ chargeRef, chargeType, chargeAmount }) => [chargeRef, chargeType, chargeAmount]),
      draft.shipTo?.city,
    ]).toEqual([
      "PO",
      [
        ["line-A-1", undefined, "7", "19.99", "PO", undefined, "DE19"],
        ["line-B-2", undefined, "1", "7.5", "PO", undefined, "DE07"],
        // The second part stands behind all first ones: positions of IFS are those of the order.
        ["line-A-1", 2, "3", "19.99", "CO", "Muster GmbH", "DE19"],
      ],
      [
        ["shipping-post", "FREIGHT", "4.9"],
        ["shipping-courier", "FREIGHT", "10"],
      ],
      "Hamburg",
    ]);
  });

  test("is compared part by part after the create", () => {
    const result = mappedOrder(several(), config());
    if (!result.ok) throw new Error(result.error.message);
    const { shop, draft } = result.value;
    const document = createWorld().commit(draft);
    const turned = { ...document, lines: document.lines.toReversed() };
    const lost = { ...document, lines: document.lines.slice(0, 2) };
    const after = checkAfter(shop, draft, lost);
    expect([checkAfter(shop, draft, turned).ok, after.ok ? "" : after.error.message]).toEqual([
      true,
      expect.stringContaining("line-A-1/2 is missing in IFS"),
    ]);
  });

  test.each([0, 1, 2, 3, 4])("is completed to the last part where a create ended after %i rows", async (rows) => {
    const order = several({ id: ID });
    const world = worldWith(order, { config: config() });
    world.state.keepRows = rows;
    await run(
      world,
      "event",
      once("ifs.create", "after", () => new UnknownOutcomeError("lost")),
    );
    world.state.keepRows = Number.POSITIVE_INFINITY;
    world.advance(10 * MINUTE);
    expect([await run(world, "sweep"), ifsStates(world), codes(world)]).toEqual([
      { kind: "linked", orderNo: "P1000" },
      ["Released"],
      [],
    ]);
    const lines = world.documents.get("P1000")?.lines.map(({ lineRef, buyQtyDue }) => [lineRef, buyQtyDue]);
    expect(lines).toEqual([
      ["line-A-1", "7"],
      ["line-B-2", "1"],
      ["line-A-1", "3"],
    ]);
  });

  test("pieces without a target go by the order's own way", () => {
    const details = {
      taxRate: rateOf(0.19, false),
      perMethodTaxRate: undefined,
      taxedPricePortions: undefined,
      shippingDetails: { targets: [target("office", 3, "courier")] },
    };
    const order = several({ shippingAddress: home }, details);
    const draft = draftOf(mapped(order, config()));
    expect(draft.lines.map(({ buyQtyDue, shipTo }) => [buyQtyDue, shipTo?.city])).toEqual([
      ["3", undefined],
      ["1", "Hamburg"],
      ["7", "Hamburg"],
    ]);
  });

  test("of one address needs no permission", () => {
    const details = { shippingDetails: { targets: [target("home", 7, "post"), target("home", 3, "courier")] } };
    const shipping = [
      shipment("post", "Post", {}),
      shipment("courier", "Courier", { price: eur(1000), taxedPrice: taxedOf(1000, 1190) }),
    ];
    const draft = draftOf(
      mapped(several({ shipping, shippingAddress: home }, details), config({ severalAddresses: "refuse" })),
    );
    expect([draft.shipTo?.city, draft.lines.map(({ shipTo, shipViaCode }) => [shipTo, shipViaCode])]).toEqual([
      "Hamburg",
      [
        [undefined, "PO"],
        [undefined, "PO"],
        [undefined, "CO"],
      ],
    ]);
  });

  test("shipments that are taxed otherwise keep their own rate", () => {
    const shipping = [
      shipment("post", "Post", {}),
      shipment(
        "courier",
        "Courier",
        { price: eur(1000), taxRate: rateOf(0.07, false), taxedPrice: taxedOf(1000, 1070) },
        office,
      ),
    ];
    const draft = draftOf(
      mapped(several({ shipping, taxedPrice: taxedOf(22_230, 23_788 + 803 + 583 + 1070) }), config()),
    );
    expect(draft.charges.map(({ taxCode }) => taxCode)).toEqual(["DE19", "DE07"]);
  });
});

describe("several addresses", () => {
  test("are refused where the route does not allow them", () => {
    const result = mapped(several(), config({ severalAddresses: "refuse" }));
    expect(result.ok ? "accepted" : [result.error.code, result.error.message]).toEqual([
      "unsupported",
      'The order is delivered to several addresses (itemShippingAddresses.home, itemShippingAddresses.office), and route "web shop" does not allow that.',
    ]);
  });

  test("can be numbers of the customer's addresses", () => {
    const route = config({ severalAddresses: "addressNo" });
    const order = several({ shippingAddress: home });
    const draft = draftOf(mapped(order, route));
    expect(draft.lines.map(({ shipAddrNo }) => shipAddrNo)).toEqual([undefined, undefined, "3"]);
    const nameless = several({
      shippingAddress: home,
      itemShippingAddresses: [home, { ...office, externalId: undefined }],
    });
    expect(refusalOf(mapped(nameless, route))).toEqual({
      code: "addressMissing",
      field: "itemShippingAddresses.office.externalId",
      value: undefined,
    });
  });

  test("that the order does not have, and pieces that the line does not have, are refused", () => {
    const elsewhere = several({}, { shippingDetails: { targets: [target("moon", 10, "post")] } });
    const tooMany = several({}, { shippingDetails: { targets: [target("home", 11, "post")] } });
    expect([elsewhere, tooMany].map((order) => refusalOf(mapped(order, config())))).toEqual([
      { code: "invalidInput", field: "itemShippingAddresses.moon", value: "moon" },
      { code: "invalidInput", field: "lineItems.line-A-1.shippingDetails.targets", value: "11" },
    ]);
  });

  test("an item address of a single shipment goes to its line as well", () => {
    const [first, second] = netOrder().lineItems as object[];
    const order = netOrder({
      itemShippingAddresses: [office],
      lineItems: [first, { ...second, shippingDetails: { targets: [{ addressKey: "office", quantity: 2 }] } }],
    });
    expect(draftOf(mapped(order, config())).lines.map(({ shipTo }) => shipTo?.city)).toEqual([undefined, "Kiel"]);
  });
});

describe("regions and countries", () => {
  const addresses = { regions: { US: { California: "CA", "New York": "NY" } }, countries: { GB: "UK" } };
  const shipTo = (fields: object) => {
    const order = netOrder({ shippingAddress: addressOf(fields) });
    const result = mapped(order, configWith({ addresses }));
    return result.ok ? [result.value.shipTo?.state, result.value.shipTo?.countryCode] : refusalOf(result);
  };
  test.each<[string, object, unknown]>([
    ["by name", { country: "US", region: "California" }, ["CA", "US"]],
    ["by code", { country: "US", region: "ny" }, ["NY", "US"]],
    ["in `state`", { country: "US", state: "new york" }, ["NY", "US"]],
    ["none", { country: "US" }, [undefined, "US"]],
    ["of a country that is not listed", { country: "DE", region: "Hamburg" }, ["Hamburg", "DE"]],
    ["another code of the country", { country: "GB", region: "Kent" }, ["Kent", "UK"]],
    [
      "unknown",
      { country: "US", region: "Kalifornien" },
      { code: "invalidInput", field: "shippingAddress.region", value: "Kalifornien" },
    ],
  ])("%s", (_, fields, expected) => {
    expect(shipTo(fields)).toEqual(expected);
  });
});
