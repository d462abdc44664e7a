/** What shops and people put into orders: each ends as a draft that loses nothing, or with a clear exception. */
import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { judge } from "./judge.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith, partOf } from "./testing/config.ts";
import { codes, ID, ifsStates, run, worldWith } from "./testing/export.ts";
import { draftOf, mapped, mappedOrder } from "./testing/mapped.ts";
import { addressOf, eur, lineOf, netOrder, type OrderJson, orderOf, rateOf, taxedOf } from "./testing/orders.ts";
import { createWorld, type Hook } from "./testing/world.ts";

const [first, ...rest] = netOrder().lineItems as [object, ...object[]];
const withLine = (fields: object) => netOrder({ lineItems: [{ ...first, ...fields }, ...rest] });
const money = (currencyCode: string, centAmount: number, fractionDigits: number) => ({
  ...{ type: "centPrecision", currencyCode, centAmount, fractionDigits },
});

describe("an order that is wrong in itself is refused by the field", () => {
  test.each<[string, OrderJson, string, RegExp]>([
    ["a quantity of zero", withLine({ quantity: 0 }), "lineItems.0.quantity", /a quantity is at least 1/],
    ["a negative quantity", withLine({ quantity: -3 }), "lineItems.0.quantity", /a quantity is at least 1/],
    ["half a piece", withLine({ quantity: 1.5 }), "lineItems.0.quantity", /expected int/],
    [
      "a negative price",
      withLine({ totalPrice: eur(-1) }),
      "lineItems.line-A-1.totalPrice",
      /A-1 has a negative price/,
    ],
    [
      "a currency that does not exist",
      JSON.parse(JSON.stringify(netOrder()).replaceAll('"EUR"', '"ABC"')) as OrderJson,
      "totalPrice.currencyCode",
      /ABC is no currency of ISO 4217/,
    ],
    [
      "a total with more decimals than the currency",
      withLine({ totalPrice: money("EUR", 599_700, 4) }),
      "lineItems.line-A-1.totalPrice",
      /in EUR with 4 decimals, the order's total in EUR with 2/,
    ],
    [
      "more lines than the platform has",
      netOrder({ lineItems: Array.from({ length: 501 }, () => first) }),
      "lineItems",
      /500/,
    ],
  ])("%s", async (_, order, field, message) => {
    const world = worldWith(order);
    const outcome = await run(world);
    const [exception] = world.exceptions.values();
    const refused = outcome.kind === "rejected" ? outcome.rejection.field : outcome.kind;
    expect([refused, world.documents.size, exception?.message]).toEqual([field, 0, expect.stringMatching(message)]);
    // Cured in the shop, it leaves, and nothing is left over.
    const { syncInfo, version, ...cured } = netOrder();
    expect([syncInfo, version]).toEqual([[], 4]);
    world.editOrder(order.id, cured);
    expect([(await run(world)).kind, world.documents.size, codes(world)]).toEqual(["linked", 1, []]);
  });
});

describe("prices finer than the currency", () => {
  const precise = (preciseAmount: number, fractionDigits: number) => ({
    ...{ type: "highPrecision", currencyCode: "EUR", centAmount: 0, preciseAmount, fractionDigits },
  });
  const screws = (quantity: number, price: object, total: number, gross: number) =>
    orderOf({
      lineItems: [
        lineOf(
          {
            sku: "A-1",
            quantity,
            price: 0,
            total,
            net: total,
            gross,
            rate: 0.19,
            extra: { price: { id: "p", value: price } },
          },
          false,
        ),
      ],
      totalPrice: eur(total),
      taxedPrice: taxedOf(total, gross),
    });

  test.each<[string, OrderJson, string]>([
    ["six decimals", screws(1000, precise(123_456, 6), 12_346, 14_692), "0.123456"],
    [
      "twelve decimals: the shortest price that gives the total",
      screws(3, precise(333_333_333_333, 12), 100, 119),
      "0.333",
    ],
    ["a discount on them", screws(7, precise(123_456, 6), 80, 95), "0.114"],
  ])("%s", (_, order, price) => {
    expect(draftOf(mapped(order)).lines.map(({ saleUnitPrice }) => saleUnitPrice)).toEqual([price]);
  });

  test("that no price of IFS expresses are refused before anything is sent", () => {
    // Six decimals of a million pieces are a euro apart.
    const result = mapped(screws(999_983, precise(333_333_333, 9), 33_332_767, 39_665_993));
    expect(result.ok ? "accepted" : result.error.code).toBe("totalsDiffer");
  });
});

describe("currencies without cents and with three digits", () => {
  const order = (code: string, digits: number, [price, total, gross]: [number, number, number]) => {
    const taxed = (net: number, whole: number) => ({
      totalNet: money(code, net, digits),
      totalGross: money(code, whole, digits),
      taxPortions: [],
    });
    return orderOf({
      lineItems: [
        {
          ...lineOf({ sku: "A-1", quantity: 3, price: 0, total: 0, net: 0, gross: 0, rate: 0.19 }, false),
          price: { id: "p", value: money(code, price, digits) },
          totalPrice: money(code, total, digits),
          taxedPrice: taxed(total, gross),
        },
      ],
      totalPrice: money(code, total, digits),
      taxedPrice: taxed(total, gross),
    });
  };
  test.each<[string, number, [number, number, number], string]>([
    ["JPY", 0, [1500, 4500, 5355], "1500"],
    ["JPY", 0, [1500, 4000, 4760], "1333.3"],
    ["KWD", 3, [1234, 3702, 4405], "1.234"],
    ["KWD", 3, [1234, 3500, 4165], "1.1667"],
  ])("%s with %i digits: %j", (code, digits, amounts, price) => {
    const draft = draftOf(mapped(order(code, digits, amounts)));
    expect([draft.header.currencyCode, draft.lines[0]?.saleUnitPrice]).toEqual([code, price]);
  });
});

describe("texts of people", () => {
  test("emoji and writing from right to left arrive as they are", () => {
    const shippingAddress = addressOf({
      firstName: "דנה",
      lastName: "כהן 🎁",
      streetName: "شارع الملك فهد",
      streetNumber: "٧",
      city: "تل أبيب",
    });
    expect(draftOf(mapped(netOrder({ shippingAddress }))).shipTo).toEqual({
      name: "דנה כהן 🎁",
      address1: "شارع الملك فهد ٧",
      zipCode: "20095",
      city: "تل أبيب",
      countryCode: "DE",
    });
  });

  test("line breaks and control characters become spaces", () => {
    const shippingAddress = addressOf({
      lastName: "Bei\u0000spiel\r\n",
      streetName: "Weg\n\t1",
      streetNumber: undefined,
    });
    expect(draftOf(mapped(netOrder({ shippingAddress }))).shipTo).toMatchObject({
      name: "Erika Bei spiel",
      address1: "Weg 1",
    });
  });

  test("an emoji at the end of a column is kept whole or left out, never halved", () => {
    const shippingAddress = addressOf({ lastName: `${"x".repeat(22)}🎁🎁` });
    const result = mappedOrder(netOrder({ shippingAddress }));
    if (!result.ok) throw new Error(result.error.message);
    const { custRef = "" } = result.value.draft.header;
    expect([custRef.length <= 30, custRef.isWellFormed(), result.value.shortened]).toEqual([
      true,
      true,
      ["shippingAddress.lastName: 32 characters cut to 30"],
    ]);
  });
});

describe("a text that is longer than its column", () => {
  const long = {
    shippingAddress: addressOf({ city: "c".repeat(50), streetName: `${"s".repeat(40)}`, department: "d".repeat(40) }),
  };

  test("is refused, and cut only where the configuration names the column; the journal tells it", async () => {
    const refused = mapped(netOrder(long));
    expect(refused.ok ? "accepted" : [refused.error.code, refused.error.field]).toEqual([
      "invalidInput",
      "shippingAddress.streetName",
    ]);
    const config = configWith({ orders: { shorten: ["addressLine", "city"] } });
    const world = worldWith(netOrder(long), { config });
    expect((await run(world)).kind).toBe("linked");
    const [draft] = world.sent.values();
    expect([draft?.shipTo?.address1.length, draft?.shipTo?.address2?.length, draft?.shipTo?.city?.length]).toEqual([
      35, 35, 35,
    ]);
    expect(world.journal.map(({ event, detail }) => [event, detail.shortened])).toEqual([
      [
        "order-linked",
        [
          "shippingAddress.streetName: 42 characters cut to 35",
          "shippingAddress.department: 40 characters cut to 35",
          "shippingAddress.city: 50 characters cut to 35",
        ].join("; "),
      ],
    ]);
  });

  test("nothing is journaled where nothing was cut, and notes can be refused as well", async () => {
    const world = worldWith();
    await run(world);
    const strict = mapped(
      netOrder({ orderNumber: "W".repeat(30) }),
      configWith({ orders: { shorten: [], maxLengths: { noteText: 20 } } }),
    );
    expect([
      world.journal.some(({ detail }) => "shortened" in detail),
      strict.ok ? "accepted" : strict.error.field,
    ]).toEqual([false, "noteText"]);
  });
});

describe("large orders", () => {
  const lines = Array.from({ length: 500 }, (_, index) =>
    lineOf(
      { id: `l${index}`, sku: `S-${index}`, quantity: 2, price: 999, total: 1998, net: 1998, gross: 2378, rate: 0.19 },
      false,
    ),
  );
  const large = (fields: object = {}) =>
    orderOf({ lineItems: lines, totalPrice: eur(999_000), taxedPrice: taxedOf(999_000, 1_189_000), ...fields });
  const salesParts = lines.map((_, index) => partOf(`S-${index}`));

  test("500 lines are exported as 500 lines, equal to the cent", async () => {
    const world = worldWith(large(), { salesParts });
    expect([(await run(world, "sweep")).kind, [...world.documents.values()].map((one) => one.lines.length)]).toEqual([
      "linked",
      [500],
    ]);
  });

  test("a document of 16 MB is read whole, and nothing of its ballast goes to IFS", async () => {
    const ballast = "ä😀".repeat(1000);
    const heavy = lines.map((line) => ({
      ...line,
      name: { de: ballast, en: ballast },
      custom: { type: { typeId: "type", id: "t" }, fields: { a: ballast, b: { de: ballast }, c: [ballast, ballast] } },
      variant: { ...line.variant, attributes: [{ name: "text", value: ballast.repeat(3) }] },
    }));
    const order = large({ lineItems: heavy });
    const size = Buffer.byteLength(JSON.stringify(order));
    const judged = await judge(createWorld({ salesParts }).worker(), order);
    if (!judged.ok) throw new Error(judged.error.message);
    expect([
      size > 16_000_000,
      judged.value.draft.lines.length,
      JSON.stringify(judged.value.draft).includes("😀"),
    ]).toEqual([true, 500, false]);
  });
});

test("an order of custom line items alone says what makes it a line", () => {
  const donation = {
    ...{
      id: "c1",
      slug: "donation-2026",
      name: { en: "Donation" },
      money: eur(1000),
      quantity: 1,
      totalPrice: eur(1000),
    },
    ...{ taxedPrice: taxedOf(1000, 1000), taxRate: rateOf(0, false) },
  };
  const order = orderOf({ customLineItems: [donation], totalPrice: eur(1000), taxedPrice: taxedOf(1000, 1000) });
  const refused = mapped(order, configWith({ charges: { customLineItems: { "donation-*": "DON" } } }));
  const draft = draftOf(mapped(order, configWith({ charges: { customLineItemParts: { "donation-*": "SERVICE" } } })));
  expect([
    refused.ok ? "accepted" : [refused.error.code, refused.error.action.includes("customLineItemParts")],
    draft.lines.map(({ lineRef, catalogNo, saleUnitPrice }) => [lineRef, catalogNo, saleUnitPrice]),
    draft.charges,
  ]).toEqual([["unsupported", true], [["c1", "SERVICE", "10"]], []]);
});

describe("an order that is deleted", () => {
  const deleting =
    (world: ReturnType<typeof worldWith>, effect: string, when: "before" | "after"): Hook =>
    (name, phase) => {
      if (name === effect && phase === when) world.orders.delete(ID);
    };

  test("between its event and the read leaves nothing to do, and nothing is asked of IFS", async () => {
    const world = worldWith();
    world.orders.delete(ID);
    const effects: string[] = [];
    const outcome = await run(world, "event", (name, phase) => void (phase === "before" && effects.push(name)));
    expect([outcome, effects]).toEqual([{ kind: "skipped", reason: "the order does not exist" }, ["orders.get"]]);
  });

  test("between the read and the claim is not created", async () => {
    const world = worldWith();
    const outcome = await run(world, "event", deleting(world, "ifs.salesParts", "after"));
    expect([outcome.kind, world.documents.size, codes(world)]).toEqual(["skipped", 0, []]);
  });

  test.each(["before", "after"] as const)(
    "while it is created (%s) is shown, until IFS has no live order of it",
    async (when) => {
      const world = worldWith();
      const outcome = await run(world, "event", deleting(world, "ifs.create", when));
      expect([outcome.kind, codes(world), ifsStates(world)]).toEqual(["held", ["heldForReview"], ["Released"]]);
      expect([...world.exceptions.values()][0]).toMatchObject({
        ifsOrderNo: "P1000",
        message: "The order was deleted in commercetools and is in IFS as P1000.",
      });
      expect([(await run(world, "person")).kind, codes(world)]).toEqual(["held", ["heldForReview"]]);
      world.state.visible = false;
      expect([(await run(world, "person")).kind, codes(world)]).toEqual(["waiting", ["heldForReview"]]);
      world.state.visible = true;
      world.setState("P1000", "Cancelled");
      await sweepOrders(world.worker(), world.clock.at);
      expect(codes(world)).toEqual([]);
    },
  );

  test("and is at one of several sites is told with its one number", async () => {
    const base = configWith();
    const sites = [...base.sites, { site: "202", company: "20", timeZone: "Europe/Berlin" }];
    const world = worldWith(netOrder(), { config: connectorConfigSchema.parse({ ...base, sites }) });
    await run(world, "event", deleting(world, "ifs.create", "after"));
    await run(world, "person");
    expect([...world.exceptions.values()].map(({ message }) => message)).toEqual([
      "The order was deleted in commercetools and is in IFS as P1000.",
    ]);
  });

  test("after it was refused takes its exception along", async () => {
    const world = worldWith(netOrder({ shippingAddress: null }));
    await run(world);
    expect(codes(world)).toEqual(["addressMissing"]);
    world.orders.delete(ID);
    await sweepOrders(world.worker(), world.clock.at);
    expect(codes(world)).toEqual([]);
  });
});
