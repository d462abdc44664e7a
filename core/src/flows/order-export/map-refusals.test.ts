import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import { configWith, partOf } from "./testing/config.ts";
import { draftOf, mapped, refusalOf } from "./testing/mapped.ts";
import { eur, grossOrder, lineOf, netOrder, orderOf, taxedOf } from "./testing/orders.ts";

describe("units", () => {
  const boxes = (quantity: number, total: number, gross: number) =>
    orderOf({
      lineItems: [lineOf({ sku: "BOX-12", quantity, price: 2400, total, net: total, gross, rate: 0.19 }, false)],
      totalPrice: eur(total),
      taxedPrice: taxedOf(total, gross),
    });

  test("a piece of the shop is a sales unit of IFS", () => {
    const { lines } = draftOf(mapped(boxes(2, 4800, 5712)));
    expect(lines.map((row) => [row.buyQtyDue, row.convFactor, row.saleUnitPrice])).toEqual([["2", "12", "24"]]);
  });

  test("a piece of the shop is an inventory unit of IFS: exact, or refused", () => {
    const config = configWith({ units: { sellBySalesUnit: false } });
    const { lines } = draftOf(mapped(boxes(6, 4800, 5712), config));
    expect(lines.map((row) => [row.buyQtyDue, row.convFactor, row.saleUnitPrice])).toEqual([["0.5", "12", "96"]]);
    expect(refusalOf(mapped(boxes(5, 4800, 5712), config))).toEqual({
      code: "unmappedUnit",
      field: "lineItems.quantity",
      value: "5",
    });
  });

  test("prices go by the price unit", () => {
    const perHundred = [partOf("BOX-12", { priceConvFactor: decimal("0.01") })];
    const { lines } = draftOf(mapped(boxes(2, 4800, 5712), configWith(), perHundred));
    expect(lines.map((row) => [row.buyQtyDue, row.priceConvFactor, row.saleUnitPrice])).toEqual([
      ["2", "0.01", "2400"],
    ]);
  });
});

describe("amounts that IFS would compute otherwise", () => {
  // 1.50 net at 19 percent is 0.285 tax: commercetools rounds half even to 0.28, IFS half up to 0.29.
  const tie = orderOf({
    lineItems: [lineOf({ sku: "A-1", quantity: 1, price: 150, total: 150, net: 150, gross: 178, rate: 0.19 }, false)],
    totalPrice: eur(150),
    taxedPrice: taxedOf(150, 178),
  });

  test("are refused row by row without a rounding charge", () => {
    const result = mapped(tie);
    expect(result).toEqual({
      ok: false,
      error: {
        code: "totalsDiffer",
        owner: "merchant",
        message:
          "IFS would not come to the amounts of the order: A-1: commercetools 1.50 EUR net + 0.28 EUR tax, IFS 1.50 EUR net + 0.29 EUR tax.",
        action:
          "Configure a charge type for rounding differences under `charges.rounding`, or correct prices or tax rates.",
        field: "totalPrice",
        value: "-0.01 EUR",
      },
    });
  });

  test("are carried by the explicit rounding charge where one is configured", () => {
    const { charges } = draftOf(mapped(tie, configWith({ charges: { rounding: "ROUND" } })));
    expect(charges).toEqual([
      {
        chargeRef: "rounding",
        chargeType: "ROUND",
        contract: "101",
        chargeAmount: "-0.01",
        chargeAmountInclTax: "-0.01",
        chargedQty: "1",
        taxCode: "ZERO",
      },
    ]);
  });

  test("the rounding charge has the tax code of its own country, not the first one without tax", () => {
    const codes = (rules: { country?: string; rate: number; taxCode: string }[]) => {
      const standard = { country: "DE", rate: 0.19, taxCode: "DE19" };
      const config = configWith({ charges: { rounding: "ROUND" }, tax: { rules: [standard, ...rules] } });
      return draftOf(mapped(tie, config)).charges.map(({ taxCode }) => taxCode);
    };
    const [ofSweden, ofGermany] = [
      { country: "SE", rate: 0, taxCode: "SE0" },
      { country: "DE", rate: 0, taxCode: "DE0" },
    ];
    expect(codes([ofSweden, ofGermany])).toEqual(["DE0"]);
    expect(codes([ofSweden, { rate: 0, taxCode: "ZERO" }])).toEqual(["ZERO"]);
    expect(codes([ofSweden])).toEqual([undefined]);
  });

  test("a difference of more than a cent per row is no rounding", () => {
    const wrong = orderOf({
      lineItems: [lineOf({ sku: "A-1", quantity: 1, price: 150, total: 150, net: 150, gross: 190, rate: 0.19 }, false)],
      totalPrice: eur(150),
      taxedPrice: taxedOf(150, 190),
    });
    const result = mapped(wrong, configWith({ charges: { rounding: "ROUND" } }));
    expect(refusalOf(result)).toEqual({ code: "totalsDiffer", field: "totalPrice", value: "0.11" });
  });

  test("an order whose own amounts do not add up is refused", () => {
    expect(refusalOf(mapped(netOrder({ totalPrice: eur(7986) })))).toEqual({
      code: "totalsDiffer",
      field: "totalPrice",
      value: "79.86 EUR",
    });
  });
});

describe("what has no place in IFS is refused by name", () => {
  const refusals: [string, unknown, object][] = [
    [
      "unknown SKU",
      netOrder({
        lineItems: [lineOf({ sku: "NO", quantity: 1, price: 1, total: 1, net: 1, gross: 1, rate: 0.19 }, false)],
      }),
      { code: "unmappedSku", field: "lineItems.variant.sku", value: "NO" },
    ],
    [
      "no tax rule",
      netOrder({
        lineItems: [
          lineOf({ sku: "A-1", quantity: 1, price: 100, total: 100, net: 100, gross: 116, rate: 0.16 }, false),
        ],
      }),
      { code: "unmappedTax", field: "taxRate", value: "16 percent, DE, 16 percent" },
    ],
    ["no lines", orderOf({ totalPrice: eur(0) }), { code: "unsupported", field: "lineItems", value: undefined }],
    [
      "two currencies",
      netOrder({ totalPrice: { ...eur(7987), currencyCode: "USD" } }),
      { code: "invalidInput", field: "lineItems.line-A-1.totalPrice", value: "EUR" },
    ],
    [
      "no street",
      netOrder({ shippingAddress: { country: "DE", lastName: "X" } }),
      { code: "addressMissing", field: "shippingAddress.streetName", value: undefined },
    ],
    [
      "no address for goods",
      netOrder({ shippingAddress: null }),
      { code: "addressMissing", field: "shippingAddress", value: undefined },
    ],
    [
      "unknown state",
      netOrder({ orderState: "Paused" }),
      { code: "invalidInput", field: "orderState", value: undefined },
    ],
    ["not an order", "nonsense", { code: "invalidInput", field: "order", value: undefined }],
  ];
  test.each(refusals)("%s", (_, order, refusal) => {
    expect(refusalOf(mapped(order))).toEqual(refusal);
  });

  test("an unlisted shipping method without default", () => {
    const config = configWith({ route: { defaultShipVia: undefined, shipVia: { Express: "EXP" } } });
    expect(refusalOf(mapped(netOrder(), config))).toEqual({
      code: "unmappedShipping",
      field: "shippingInfo.shippingMethodName",
      value: "Standard",
    });
  });

  test("an inactive part, and a site without time zone entry", () => {
    expect(refusalOf(mapped(grossOrder(), configWith(), [partOf("A-1", { active: false })]))).toEqual({
      code: "unmappedSku",
      field: "lineItems.variant.sku",
      value: "A-1",
    });
    expect(refusalOf(mapped(grossOrder(), configWith({ route: { site: "999" } })))).toEqual({
      code: "unmappedSite",
      field: "sites",
      value: "999",
    });
  });

  test("services alone need no address", () => {
    const order = orderOf({
      lineItems: [
        lineOf({ sku: "SERVICE", quantity: 1, price: 1000, total: 1000, net: 1000, gross: 1190, rate: 0.19 }, false),
      ],
      totalPrice: eur(1000),
      taxedPrice: taxedOf(1000, 1190),
      shippingAddress: undefined,
      billingAddress: undefined,
    });
    expect(draftOf(mapped(order)).shipTo).toBe(undefined);
  });
});
