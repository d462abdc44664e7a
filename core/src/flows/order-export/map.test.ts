import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { IfsOrderDraft, IfsSalesPart } from "../../domain/ifs-records.ts";
import { err, type Result } from "../../domain/result.ts";
import { checkBefore } from "./ledger.ts";
import { toCustomerOrder } from "./map.ts";
import { parseOrder } from "./parse.ts";
import { configWith, dozen, partOf } from "./testing/config.ts";
import {
  addressOf,
  eur,
  grossOrder,
  lineOf,
  netOrder,
  orderOf,
  rateOf,
  shippingOf,
  taxedOf,
} from "./testing/orders.ts";

const NOW = Date.parse("2026-11-20T10:05:00Z");
const parts = [partOf("A-1"), partOf("B-2"), partOf("SERVICE", { partNo: null }), dozen];

function mapped(
  order: unknown,
  config = configWith(),
  salesParts: readonly IfsSalesPart[] = parts,
): Result<IfsOrderDraft, Rejection> {
  const shop = parseOrder(order);
  if (!shop.ok) return shop;
  const [route] = config.routes;
  if (!route) throw new Error("no route");
  const draft = toCustomerOrder(shop.value, route, config, salesParts, NOW);
  if (!draft.ok) return draft;
  const before = checkBefore(shop.value, draft.value);
  return before.ok ? draft : err(before.error);
}

function draftOf(result: Result<IfsOrderDraft, Rejection>): IfsOrderDraft {
  if (!result.ok) throw new Error(`rejected: ${result.error.code} ${result.error.message}`);
  return result.value;
}

const refusalOf = (result: Result<unknown, Rejection>) =>
  result.ok ? "accepted" : { code: result.error.code, field: result.error.field, value: result.error.value };

const line = (fields: object) => ({
  contract: "101",
  convFactor: "1",
  priceConvFactor: "1",
  salesUnitMeas: "PCS",
  priceUnitMeas: "PCS",
  discount: "0",
  wantedDeliveryDate: "2026-11-22",
  ...fields,
});

describe("golden orders", () => {
  test("net prices: the whole draft", () => {
    expect(draftOf(mapped(netOrder({ purchaseOrderNumber: "PO-77", store: { typeId: "store", key: "de" } })))).toEqual({
      header: {
        externalRef: "0b0c4c3c-0000-4000-8000-000000000001",
        contract: "101",
        company: "10",
        orderId: "WEB",
        authorizeCode: "SHOP",
        customerNo: "C-WEB",
        currencyCode: "EUR",
        customerPoNo: "PO-77",
        internalRef: "W-1001",
        custRef: "Erika Beispiel",
        wantedDeliveryDate: "2026-11-22",
        billAddrNo: "01",
        shipAddrNo: "01",
        shipViaCode: "STD",
        noteText: "commercetools order W-1001, store de, origin Customer",
        usePriceInclTax: false,
      },
      shipTo: {
        name: "Erika Beispiel",
        address1: "Beispielweg 7",
        zipCode: "20095",
        city: "Hamburg",
        countryCode: "DE",
      },
      lines: [
        line({
          lineRef: "line-A-1",
          catalogNo: "A-1",
          partNo: "A-1",
          buyQtyDue: "3",
          saleUnitPrice: "19.99",
          unitPriceInclTax: "23.7881",
          taxCode: "DE19",
        }),
        line({
          lineRef: "line-B-2",
          catalogNo: "B-2",
          partNo: "B-2",
          buyQtyDue: "2",
          saleUnitPrice: "7.5",
          unitPriceInclTax: "8.025",
          taxCode: "DE07",
        }),
      ],
      charges: [
        {
          chargeRef: "shipping",
          chargeType: "FREIGHT",
          contract: "101",
          chargeAmount: "4.9",
          chargeAmountInclTax: "5.831",
          chargedQty: "1",
          taxCode: "DE19",
        },
      ],
    });
  });

  test("gross prices decide on the price with tax", () => {
    const draft = draftOf(mapped(grossOrder()));
    expect([
      draft.header.usePriceInclTax,
      draft.lines.map(({ unitPriceInclTax, saleUnitPrice }) => [unitPriceInclTax, saleUnitPrice]),
      draft.charges.map(({ chargeAmountInclTax, chargeAmount }) => [chargeAmountInclTax, chargeAmount]),
    ]).toEqual([true, [["23.79", "19.991597"]], [["4.9", "4.117647"]]]);
  });

  test("a line discount that no cent price expresses gets the shortest price that does", () => {
    // 3 pieces, discounted to 6.67 + 6.67 + 6.66 = 20.00: 6.67 would give 20.01, 6.667 gives 20.001.
    const portions = [
      { quantity: 2, discountedPrice: { value: eur(667), includedDiscounts: [] } },
      { quantity: 1, discountedPrice: { value: eur(666), includedDiscounts: [] } },
    ];
    const item = lineOf(
      {
        sku: "A-1",
        quantity: 3,
        price: 1000,
        total: 2000,
        net: 2000,
        gross: 2380,
        rate: 0.19,
        extra: { discountedPricePerQuantity: portions },
      },
      false,
    );
    const order = orderOf({ lineItems: [item], totalPrice: eur(2000), taxedPrice: taxedOf(2000, 2380) });
    expect(draftOf(mapped(order)).lines.map((row) => [row.buyQtyDue, row.saleUnitPrice])).toEqual([["3", "6.667"]]);
  });

  test("a high-precision price is kept where it gives the total", () => {
    const price = { type: "highPrecision", currencyCode: "EUR", centAmount: 3, preciseAmount: 333, fractionDigits: 4 };
    const item = lineOf(
      {
        sku: "A-1",
        quantity: 101,
        price: 3,
        total: 336,
        net: 336,
        gross: 400,
        rate: 0.19,
        extra: { price: { id: "p", value: price } },
      },
      false,
    );
    const order = orderOf({ lineItems: [item], totalPrice: eur(336), taxedPrice: taxedOf(336, 400) });
    expect(draftOf(mapped(order)).lines.map((row) => row.saleUnitPrice)).toEqual(["0.0333"]);
  });

  test("gift lines cost nothing, repeated SKUs keep their lines", () => {
    const gift = { lineItemMode: "GiftLineItem" };
    const order = orderOf({
      lineItems: [
        lineOf(
          { id: "l1", sku: "A-1", quantity: 1, price: 1000, total: 1000, net: 1000, gross: 1190, rate: 0.19 },
          false,
        ),
        lineOf(
          { id: "l2", sku: "A-1", quantity: 1, price: 1000, total: 0, net: 0, gross: 0, rate: 0.19, extra: gift },
          false,
        ),
      ],
      totalPrice: eur(1000),
      taxedPrice: taxedOf(1000, 1190),
    });
    expect(draftOf(mapped(order)).lines.map((row) => [row.lineRef, row.catalogNo, row.saleUnitPrice])).toEqual([
      ["l1", "A-1", "10"],
      ["l2", "A-1", "0"],
    ]);
  });

  test("custom lines become charges of their type, quantity times amount", () => {
    const wrap = {
      id: "c1",
      slug: "gift-wrap",
      name: { en: "Gift wrap" },
      money: eur(250),
      quantity: 2,
      totalPrice: eur(500),
      taxedPrice: taxedOf(500, 595),
      taxRate: rateOf(0.19, false),
    };
    const order = netOrder({ customLineItems: [wrap], totalPrice: eur(8487), taxedPrice: taxedOf(8487, 9919) });
    expect(draftOf(mapped(order)).charges).toEqual([
      {
        chargeRef: "c1",
        chargeType: "WRAP",
        contract: "101",
        chargeAmount: "2.5",
        chargeAmountInclTax: "2.975",
        chargedQty: "2",
        taxCode: "DE19",
      },
      {
        chargeRef: "shipping",
        chargeType: "FREIGHT",
        contract: "101",
        chargeAmount: "4.9",
        chargeAmountInclTax: "5.831",
        chargedQty: "1",
        taxCode: "DE19",
      },
    ]);
    const unmapped = netOrder({ customLineItems: [{ ...wrap, slug: "constructor" }] });
    expect(refusalOf(mapped(unmapped))).toEqual({
      code: "unmappedCharge",
      field: "charges.customLineItems.constructor",
      value: "constructor",
    });
  });

  test("a discount on the total is a negative charge", () => {
    // 10 percent of 119.00 gross: 11.90 gross, 10.00 net.
    const order = orderOf({
      lineItems: [
        lineOf({ sku: "A-1", quantity: 1, price: 11900, total: 11900, net: 10000, gross: 11900, rate: 0.19 }, true),
      ],
      discountOnTotalPrice: {
        discountedAmount: eur(1190),
        discountedNetAmount: eur(1000),
        discountedGrossAmount: eur(1190),
        includedDiscounts: [],
      },
      totalPrice: eur(10710),
      taxedPrice: taxedOf(9000, 10710),
    });
    expect(draftOf(mapped(order)).charges).toEqual([
      {
        chargeRef: "discount",
        chargeType: "DISC",
        contract: "101",
        chargeAmount: "-10",
        chargeAmountInclTax: "-11.9",
        chargedQty: "1",
        taxCode: "DE19",
      },
    ]);
  });

  test("a discount on a total of two tax rates is spread over both", () => {
    // 100.00 at 19 and 50.00 at 7 percent, 15.00 off: 10.00 and 5.00; tax 17.10 and 3.15 remain of 19.00 and 3.50.
    const order = orderOf({
      lineItems: [
        lineOf({ sku: "A-1", quantity: 1, price: 10000, total: 10000, net: 10000, gross: 11900, rate: 0.19 }, false),
        lineOf({ sku: "B-2", quantity: 1, price: 5000, total: 5000, net: 5000, gross: 5350, rate: 0.07 }, false),
      ],
      discountOnTotalPrice: {
        discountedAmount: eur(1500),
        discountedNetAmount: eur(1500),
        discountedGrossAmount: eur(1725),
        includedDiscounts: [],
      },
      totalPrice: eur(13500),
      taxedPrice: {
        ...taxedOf(13500, 15525),
        taxPortions: [
          { rate: 0.19, name: "a", amount: eur(1710) },
          { rate: 0.07, name: "b", amount: eur(315) },
        ],
      },
    });
    const { charges } = draftOf(mapped(order));
    expect(charges.map(({ chargeRef, chargeAmount, taxCode }) => [chargeRef, chargeAmount, taxCode])).toEqual([
      ["discount-0.19", "-10", "DE19"],
      ["discount-0.07", "-5", "DE07"],
    ]);
  });

  test("payments and a different invoice address are readable in the note", () => {
    const order = netOrder({
      billingAddress: addressOf({ company: "Muster GmbH", streetName: "Rechnungsweg" }),
      paymentInfo: {
        payments: [
          {
            typeId: "payment",
            id: "pay-1",
            obj: {
              id: "pay-1",
              interfaceId: "psp-123",
              amountPlanned: eur(9000),
              paymentMethodInfo: { paymentInterface: "PSP", method: "card" },
              transactions: [{ id: "t", type: "Charge", state: "Success", amount: eur(9000) }],
            },
          },
          { typeId: "payment", id: "pay-2" },
        ],
      },
    });
    expect(draftOf(mapped(order)).header.noteText).toBe(
      [
        "commercetools order W-1001, origin Customer",
        "Payment PSP card psp-123 90.00 EUR (Charge Success)",
        "Payment pay-2",
        "Invoice to: Muster GmbH, Erika Beispiel, Rechnungsweg 7, 20095 Hamburg, DE",
      ].join("\n"),
    );
  });
});

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
    [
      "mixed inclusion",
      netOrder({ shippingInfo: shippingOf({ total: 490, net: 412, gross: 490, rate: 0.19 }, true) }),
      { code: "unsupported", field: "lineItems.taxRate.includedInPrice", value: undefined },
    ],
    [
      "several shipping methods",
      netOrder({ shippingMode: "Multiple" }),
      { code: "unsupported", field: "shippingMode", value: undefined },
    ],
    [
      "tax amounts from outside",
      netOrder({ taxMode: "ExternalAmount" }),
      { code: "unsupported", field: "taxMode", value: undefined },
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
