/** Orders whose taxes are not simply a rate of the platform: computed outside, absent, per piece, of several taxes. */
import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { IfsOrderDocument } from "../../domain/ifs-records.ts";
import { checkAfter, differencesOf, ledgerOf } from "./ledger.ts";
import { configWith } from "./testing/config.ts";
import { draftOf, mapped, mappedOrder, refusalOf } from "./testing/mapped.ts";
import { eur, grossOrder, lineOf, netOrder, orderOf, rateOf, shippingOf, taxedOf } from "./testing/orders.ts";
import { createWorld } from "./testing/world.ts";

/** Two taxes of a US address, 6 and 2.25 percent, on 99.99 and on shipping: 8.25 percent of 99.99 is 8.249. */
const usRate = {
  name: "Springfield",
  amount: 0.0825,
  includedInPrice: false,
  country: "US",
  subRates: [
    { name: "State", amount: 0.06 },
    { name: "City", amount: 0.0225 },
  ],
};
const usOrder = (tax: number, fields: object = {}) =>
  orderOf({
    lineItems: [
      lineOf(
        {
          sku: "A-1",
          quantity: 1,
          price: 9999,
          total: 9999,
          net: 9999,
          gross: 9999 + tax,
          rate: 0.0825,
          extra: { taxRate: usRate },
        },
        false,
      ),
    ],
    totalPrice: eur(9999),
    taxedPrice: taxedOf(9999, 9999 + tax),
    taxMode: "ExternalAmount",
    ...fields,
  });
const usRules = {
  rules: [
    { country: "US", rate: 0.0825, taxCode: "US825" },
    { rate: 0, taxCode: "ZERO" },
  ],
};
const external = (amounts: string, more: object = {}) => ({
  ...usRules,
  external: { amounts, taxCode: "EXT", ...more },
});

describe("taxes that were computed outside", () => {
  test("compute: leave where IFS comes to the same amount, and not where it does not", () => {
    const config = configWith({ tax: usRules });
    expect(draftOf(mapped(usOrder(825), config)).lines.map(({ taxCode }) => taxCode)).toEqual(["US825"]);
    const other = mapped(usOrder(840), config);
    expect(other.ok ? "accepted" : [other.error.code, other.error.action]).toEqual([
      "totalsDiffer",
      expect.stringContaining("tax.external.amounts"),
    ]);
  });

  test("check: IFS must hold the given amount, which is compared after the create", () => {
    const result = mappedOrder(usOrder(840), configWith({ tax: external("check") }));
    if (!result.ok) throw new Error(result.error.message);
    const { draft, shop } = result.value;
    const document = createWorld().commit(draft);
    const holding = (tax: string): IfsOrderDocument => ({
      ...document,
      lines: document.lines.map((line) => ({
        ...line,
        taxAmountCurr: decimal(tax),
        grossAmountCurr: decimal((99.99 + Number(tax)).toFixed(2)),
      })),
    });
    const after = checkAfter(shop, draft, holding("8.25"));
    expect([
      draft.lines.map(({ taxCode, saleUnitPrice }) => [taxCode, saleUnitPrice]),
      checkAfter(shop, draft, holding("8.40")).ok,
      after.ok ? "accepted" : after.error.message,
    ]).toEqual([
      [["EXT", "99.99"]],
      true,
      expect.stringContaining("A-1: planned 99.99 EUR net + 8.40 EUR tax, IFS 99.99 EUR net + 8.25 EUR tax"),
    ]);
  });

  test("charge: lines go without tax, each tax as a charge, and the sum is the order's", () => {
    const config = configWith({ tax: external("charge"), charges: { externalTax: "TAX" } });
    const result = mappedOrder(usOrder(841), config);
    if (!result.ok) throw new Error(result.error.message);
    const { draft, shop } = result.value;
    const ledger = ledgerOf(shop, draft);
    expect([
      draft.lines.map(({ saleUnitPrice, taxCode }) => [saleUnitPrice, taxCode]),
      draft.charges.map(({ chargeRef, chargeType, chargeAmount, taxCode }) => [
        chargeRef,
        chargeType,
        chargeAmount,
        taxCode,
      ]),
      [ledger.ifs.gross.minor, ledger.rounding.minor],
    ]).toEqual([
      [["99.99", "EXT"]],
      // 8.41 divided 6 to 2.25.
      [
        ["tax-State", "TAX", "6.12", "EXT"],
        ["tax-City", "TAX", "2.29", "EXT"],
      ],
      [10840n, 0n],
    ]);
  });

  test("charge: prices with tax become net ones, because the IFS order has no tax of its own", () => {
    const config = configWith({
      tax: { ...usRules, external: { amounts: "charge", taxCode: "EXT" } },
      charges: { externalTax: "TAX" },
    });
    const draft = draftOf(mapped(grossOrder({ taxMode: "External" }), config));
    expect([
      draft.header.usePriceInclTax,
      draft.lines.map(({ saleUnitPrice }) => saleUnitPrice),
      draft.charges.map(({ chargeRef, chargeAmount }) => [chargeRef, chargeAmount]),
    ]).toEqual([
      false,
      ["19.99"],
      [
        ["shipping", "4.12"],
        ["tax-19 percent", "12.18"],
      ],
    ]);
  });

  test("an unmapped kind of charge, a missing code and a refusing policy stop the order", () => {
    expect([
      refusalOf(mapped(usOrder(825), configWith({ tax: external("charge") }))),
      refusalOf(
        mapped(
          usOrder(825),
          configWith({ tax: { ...usRules, external: { amounts: "charge" } }, charges: { externalTax: "TAX" } }),
        ),
      ),
      refusalOf(mapped(usOrder(825), configWith({ tax: external("refuse") }))),
    ]).toEqual([
      { code: "unmappedCharge", field: "charges.externalTax", value: "tax State" },
      { code: "unmappedTax", field: "tax.external.taxCode", value: undefined },
      { code: "unsupported", field: "taxMode", value: "ExternalAmount" },
    ]);
  });
});

describe("a rate of several taxes", () => {
  const structured = (subTaxes?: string) => ({
    rules: [{ country: "US", rate: 0.0825, taxCalcStructure: "US-SPR" }],
    ...(subTaxes && { subTaxes }),
  });
  const platform = (tax: number) => usOrder(tax, { taxMode: "Platform" });

  test("has a tax code for its sum, or an IFS structure", () => {
    expect(draftOf(mapped(platform(825), configWith({ tax: usRules }))).lines[0]).toMatchObject({ taxCode: "US825" });
    const [line] = draftOf(mapped(platform(825), configWith({ tax: structured() }))).lines;
    expect([line?.taxCalcStructureId, line?.taxCode]).toEqual(["US-SPR", undefined]);
  });

  test("each tax of a structure is rounded by itself, or all together, as the merchant says of IFS", () => {
    // 40.20: 6 percent are 2.412, 2.25 percent are 0.9045, together 3.3165.
    const order = orderOf({
      lineItems: [
        lineOf(
          {
            sku: "A-1",
            quantity: 1,
            price: 4020,
            total: 4020,
            net: 4020,
            gross: 4352,
            rate: 0.0825,
            extra: { taxRate: usRate },
          },
          false,
        ),
      ],
      totalPrice: eur(4020),
      taxedPrice: taxedOf(4020, 4352),
    });
    expect([
      mapped(order, configWith({ tax: structured("together") })).ok,
      refusalOf(mapped(order, configWith({ tax: structured("each") }))),
    ]).toEqual([true, { code: "totalsDiffer", field: "totalPrice", value: "0.01 EUR" }]);
  });

  test("rules of the route come first", () => {
    const config = configWith({ tax: usRules, route: { tax: { rules: [{ rate: 0.0825, taxCode: "ROUTE" }] } } });
    expect(draftOf(mapped(platform(825), config)).lines[0]?.taxCode).toBe("ROUTE");
  });
});

test("an order without taxes goes with the configured code, or not at all", () => {
  const untaxed = { taxRate: undefined, taxedPrice: undefined };
  const order = orderOf({
    lineItems: [
      lineOf({ sku: "A-1", quantity: 2, price: 1000, total: 2000, net: 0, gross: 0, rate: 0, extra: untaxed }, false),
    ],
    shippingInfo: { ...shippingOf({ total: 490, net: 0, gross: 0, rate: 0 }, false), ...untaxed },
    totalPrice: eur(2490),
    taxMode: "Disabled",
  });
  const rules = { rules: [{ rate: 0.19, taxCode: "DE19" }] };
  const draft = draftOf(mapped(order, configWith({ tax: { ...rules, untaxedCode: "NONE" } })));
  expect([
    [...draft.lines, ...draft.charges].map(({ taxCode }) => taxCode),
    refusalOf(mapped(order, configWith({ tax: rules }))),
    refusalOf(mapped({ ...order, taxMode: "Platform" }, configWith({ tax: rules }))),
  ]).toEqual([
    ["NONE", "NONE"],
    { code: "unmappedTax", field: "tax.untaxedCode", value: undefined },
    { code: "unmappedTax", field: "taxRate", value: undefined },
  ]);
});

describe("tax that was rounded for each piece", () => {
  // 19.99 net with 19 percent is 3.7981 tax: 3.80 a piece, 38.00 for ten; IFS computes 37.98.
  const perPiece = orderOf({
    taxCalculationMode: "UnitPriceLevel",
    lineItems: [
      lineOf({ sku: "A-1", quantity: 10, price: 1999, total: 19_990, net: 19_990, gross: 23_790, rate: 0.19 }, false),
    ],
    totalPrice: eur(19_990),
    taxedPrice: taxedOf(19_990, 23_790),
  });

  test("goes with an explicit rounding charge for what the pieces make up, and the row is named", () => {
    const result = mappedOrder(perPiece, configWith({ charges: { rounding: "ROUND" } }));
    if (!result.ok) throw new Error(result.error.message);
    const { draft, shop } = result.value;
    expect([
      draft.charges.map(({ chargeType, chargeAmount }) => [chargeType, chargeAmount]),
      differencesOf(ledgerOf(shop, draft)),
    ]).toEqual([
      [["ROUND", "0.02"]],
      ["A-1: commercetools 199.90 EUR net + 38.00 EUR tax, IFS 199.90 EUR net + 37.98 EUR tax"],
    ]);
  });

  test("is refused without one, and where pieces do not explain the difference", () => {
    const wrong = {
      ...perPiece,
      taxedPrice: taxedOf(19_990, 23_798),
      lineItems: [{ ...(perPiece.lineItems as object[])[0], taxedPrice: taxedOf(19_990, 23_798) }],
    };
    const [without, tooMuch] = [mapped(perPiece), mapped(wrong, configWith({ charges: { rounding: "ROUND" } }))];
    expect(
      [without, tooMuch].map((one) =>
        one.ok ? "accepted" : [one.error.code, one.error.value, one.error.action.includes("charges.rounding")],
      ),
    ).toEqual([
      ["totalsDiffer", "0.02 EUR", true],
      ["totalsDiffer", "0.1", true],
    ]);
  });
});

describe("prices with and without tax in one order", () => {
  test("go as the lines are: the shipping's other amount counts", () => {
    const shippingInfo = shippingOf({ total: 583, net: 490, gross: 583, rate: 0.19 }, true);
    const order = netOrder({ shippingInfo, totalPrice: eur(5997 + 1500 + 583) });
    const draft = draftOf(mapped(order));
    expect([draft.header.usePriceInclTax, draft.charges.map(({ chargeAmount }) => chargeAmount)]).toEqual([
      false,
      ["4.9"],
    ]);
  });

  test("lines of both kinds go with net prices", () => {
    const lineItems = [
      lineOf(
        { id: "net", sku: "A-1", quantity: 1, price: 1000, total: 1000, net: 1000, gross: 1190, rate: 0.19 },
        false,
      ),
      lineOf(
        { id: "gross", sku: "B-2", quantity: 1, price: 2380, total: 2380, net: 2000, gross: 2380, rate: 0.19 },
        true,
      ),
    ];
    const order = orderOf({ lineItems, totalPrice: eur(3380), taxedPrice: taxedOf(3000, 3570) });
    const draft = draftOf(mapped(order));
    expect([draft.header.usePriceInclTax, draft.lines.map(({ saleUnitPrice }) => saleUnitPrice)]).toEqual([
      false,
      ["10", "20"],
    ]);
  });

  test("but not with a discount on their total, whose kind nobody tells", () => {
    const shippingInfo = shippingOf({ total: 583, net: 490, gross: 583, rate: 0.19 }, true);
    const discountOnTotalPrice = { discountedAmount: eur(100), includedDiscounts: [] };
    expect(refusalOf(mapped(netOrder({ shippingInfo, discountOnTotalPrice })))).toEqual({
      code: "unsupported",
      field: "lineItems.taxRate.includedInPrice",
      value: undefined,
    });
  });
});

test("the tax code of a rate is that of its country and name", () => {
  const tax = {
    rules: [
      { country: "AT", rate: 0.19, taxCode: "AT" },
      { name: "other", rate: 0.19, taxCode: "OTHER" },
      { country: "DE", rate: 0.19, taxCode: "DE" },
    ],
  };
  const named = { ...rateOf(0.19, true), name: "other" };
  const other = grossOrder();
  const lineItems = (other.lineItems as object[]).map((line) => ({ ...line, taxRate: named }));
  expect([
    draftOf(mapped(other, configWith({ tax }))).lines[0]?.taxCode,
    draftOf(mapped({ ...other, lineItems }, configWith({ tax }))).lines[0]?.taxCode,
  ]).toEqual(["DE", "OTHER"]);
});
