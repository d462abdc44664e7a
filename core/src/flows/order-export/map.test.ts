import { describe, expect, test } from "vitest";
import { configWith } from "./testing/config.ts";
import { draftOf, mapped, refusalOf } from "./testing/mapped.ts";
import { addressOf, eur, grossOrder, lineOf, netOrder, orderOf, rateOf, taxedOf } from "./testing/orders.ts";

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

  test("quote, recurring order and discount codes are readable in the note", () => {
    const order = netOrder({
      quote: { typeId: "quote", id: "q-1" },
      recurringOrder: { typeId: "recurring-order", id: "r-1" },
      businessUnit: { typeId: "business-unit", key: "bu-1" },
      discountCodes: [
        { discountCode: { typeId: "discount-code", id: "d-1", obj: { code: "WELCOME" } }, state: "MatchesCart" },
        { discountCode: { typeId: "discount-code", id: "d-2" }, state: "MatchesCart" },
      ],
    });
    expect(draftOf(mapped(order)).header.noteText).toBe(
      "commercetools order W-1001, origin Customer, quote q-1, recurring order r-1, business unit bu-1, discount codes WELCOME d-2",
    );
  });

  test("several payments are all kept, with what of them differs from the plan", () => {
    const payment = (id: string, planned: number, transactions: object[]) => ({
      ...{ typeId: "payment", id },
      obj: { interfaceId: id, amountPlanned: eur(planned), paymentMethodInfo: { method: "card" }, transactions },
    });
    const order = netOrder({
      paymentInfo: {
        payments: [
          payment("p-1", 5000, [{ type: "Charge", state: "Success", amount: eur(5000) }]),
          payment("p-2", 4324, [
            { type: "Charge", state: "Success", amount: eur(4324) },
            { type: "Refund", state: "Pending", amount: eur(1000) },
          ]),
        ],
      },
    });
    expect(draftOf(mapped(order)).header.noteText?.split("\n").slice(1)).toEqual([
      "Payment card p-1 50.00 EUR (Charge Success)",
      "Payment card p-2 43.24 EUR (Charge Success, Refund Pending 10.00 EUR)",
    ]);
  });
});

describe("discounts as the merchant wants them", () => {
  test("of a line, in the discount field where a percentage gives the exact amount", () => {
    const line = (id: string, total: number, gross: number) =>
      lineOf({ id, sku: "A-1", quantity: 2, price: 1000, total, net: total, gross, rate: 0.19 }, false);
    const order = orderOf({
      lineItems: [line("quarter", 1500, 1785), line("odd", 1333, 1586), line("none", 2000, 2380), line("gift", 0, 0)],
      totalPrice: eur(4833),
      taxedPrice: taxedOf(4833, 5751),
    });
    const config = configWith({ charges: { lineDiscounts: "percent" } });
    expect(draftOf(mapped(order, config)).lines.map((row) => [row.lineRef, row.saleUnitPrice, row.discount])).toEqual([
      ["quarter", "10", "25"],
      ["odd", "10", "33.35"],
      ["none", "10", "0"],
      ["gift", "10", "100"],
    ]);
  });

  test("on the total, as less for every row", () => {
    // 10 percent of 100.00 at 19 and 50.00 at 7 percent.
    const order = orderOf({
      lineItems: [
        lineOf({ sku: "A-1", quantity: 4, price: 2500, total: 10_000, net: 10_000, gross: 11_900, rate: 0.19 }, false),
        lineOf({ sku: "B-2", quantity: 1, price: 5000, total: 5000, net: 5000, gross: 5350, rate: 0.07 }, false),
      ],
      discountOnTotalPrice: { discountedAmount: eur(1500), includedDiscounts: [] },
      totalPrice: eur(13_500),
      taxedPrice: taxedOf(13_500, 15_525),
    });
    const { lines, charges } = draftOf(mapped(order, configWith({ charges: { discountOnTotal: "lines" } })));
    expect([lines.map(({ saleUnitPrice }) => saleUnitPrice), charges]).toEqual([["22.5", "45"], []]);
  });
});

describe("what else a route decides", () => {
  test("charge types of its own come before those of all routes, and a slug may begin like its entry", () => {
    const custom = (id: string, slug: string, cents: number) => ({
      ...{ id, slug, name: { en: slug }, money: eur(cents), quantity: 1, totalPrice: eur(cents) },
      ...{ taxedPrice: taxedOf(cents, cents), taxRate: rateOf(0, false) },
    });
    const order = netOrder({
      customLineItems: [custom("c1", "gift-card-A1B2", -500), custom("c2", "tip", 200), custom("c3", "gift-wrap", 100)],
      totalPrice: eur(7987 - 200),
      taxedPrice: taxedOf(7987 - 200, 9324 - 200),
    });
    const config = configWith({
      charges: { customLineItems: { "gift-*": "GIFT", "gift-card-*": "CARD", tip: "TIP" } },
      route: { charges: { shipping: "FRAKT", customLineItems: { tip: "DRICKS" } } },
    });
    expect(
      draftOf(mapped(order, config)).charges.map(({ chargeType, chargeAmount }) => [chargeType, chargeAmount]),
    ).toEqual([
      ["CARD", "-5"],
      ["DRICKS", "2"],
      ["GIFT", "1"],
      ["FRAKT", "4.9"],
    ]);
  });

  test("the price list that its lines name", () => {
    expect(draftOf(mapped(netOrder(), configWith({ route: { priceList: "B2B" } }))).lines[0]?.priceListNo).toBe("B2B");
  });
});
