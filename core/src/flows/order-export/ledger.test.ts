import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo } from "../../domain/ids.ts";
import type { IfsOrderDocument, IfsOrderDraft } from "../../domain/ifs-records.ts";
import { checkAfter, checkBefore, compareDocument, differencesOf } from "./ledger.ts";
import { toCustomerOrder } from "./map.ts";
import { webshopCustomer } from "./map-header.ts";
import { parseOrder } from "./parse.ts";
import type { ShopOrder } from "./shop-order.ts";
import { configWith, partOf } from "./testing/config.ts";
import { eur, grossOrder, lineOf, netOrder, taxedOf } from "./testing/orders.ts";
import { createWorld, START } from "./testing/world.ts";

function exported(order: unknown): { shop: ShopOrder; draft: IfsOrderDraft; document: IfsOrderDocument } {
  const shop = parseOrder(order);
  const config = configWith();
  const [route] = config.routes;
  if (!shop.ok || !route) throw new Error("not parsed");
  const mapped = toCustomerOrder(shop.value, {
    route,
    config,
    salesParts: [partOf("A-1"), partOf("B-2")],
    customer: webshopCustomer(route),
    facts: { channels: [], currency: "EUR" },
    now: START,
  });
  if (!mapped.ok) throw new Error(mapped.error.message);
  const { draft } = mapped.value;
  return { shop: shop.value, draft, document: createWorld().commit(draft) };
}

const cents = (amounts: { net: { minor: bigint }; tax: { minor: bigint }; gross: { minor: bigint } }) =>
  [amounts.net, amounts.tax, amounts.gross].map(({ minor }) => Number(minor));

describe("before", () => {
  test("every row of both sides, and their sums", () => {
    const { shop, draft } = exported(netOrder());
    const ledger = checkBefore(shop, draft);
    if (!ledger.ok) throw new Error(ledger.error.message);
    expect(ledger.value.rows.map((row) => [row.ref, row.kind, cents(row.shop), cents(row.ifs)])).toEqual([
      ["line-A-1", "line", [5997, 1139, 7136], [5997, 1139, 7136]],
      ["line-B-2", "line", [1500, 105, 1605], [1500, 105, 1605]],
      ["shipping", "charge", [490, 93, 583], [490, 93, 583]],
    ]);
    expect([cents(ledger.value.shop), cents(ledger.value.ifs), ledger.value.rounding.minor]).toEqual([
      [7987, 1337, 9324],
      [7987, 1337, 9324],
      0n,
    ]);
  });

  test("a row that was forgotten, doubled or invented is a difference", () => {
    const { shop, draft } = exported(netOrder());
    const [first] = draft.lines;
    if (!first) throw new Error("no line");
    const tampered: IfsOrderDraft[] = [
      { ...draft, charges: [] },
      { ...draft, lines: draft.lines.slice(1) },
      { ...draft, lines: [...draft.lines, { ...first, lineRef: "invented" }] },
      { ...draft, lines: [{ ...first, saleUnitPrice: decimal("20.00") }, ...draft.lines.slice(1)] },
    ];
    expect(tampered.map((one) => checkBefore(shop, one)).map((result) => result.ok)).toEqual(tampered.map(() => false));
  });
});

describe("a discount on the total", () => {
  const discountOf = (net: number, gross: number, total: number) => ({
    discountedAmount: eur(total),
    discountedNetAmount: eur(net),
    discountedGrossAmount: eur(gross),
    includedDiscounts: [],
  });

  test("whose tax the platform rounded otherwise becomes two charges that IFS taxes alike", () => {
    // 5.00 with 19 percent inside is 0.80 tax for IFS; the platform, rounding row by row, took off 0.79.
    const order = grossOrder({
      discountOnTotalPrice: discountOf(421, 500, 500),
      totalPrice: eur(7127),
      taxedPrice: {
        ...taxedOf(6409 - 421, 7127),
        taxPortions: [{ rate: 0.19, name: "19 percent", amount: eur(1218 - 79) }],
      },
    });
    const { shop, draft, document } = exported(order);
    expect(draft.charges.map(({ chargeRef, chargeAmountInclTax }) => [chargeRef, chargeAmountInclTax])).toEqual([
      ["shipping", "4.9"],
      ["discount", "-4.97"],
      ["discount-rest", "-0.03"],
    ]);
    const ledger = checkBefore(shop, draft);
    if (!ledger.ok) throw new Error(ledger.error.message);
    expect([cents(ledger.value.ifs), checkAfter(shop, draft, document).ok]).toEqual([[5988, 1139, 7127], true]);
  });

  test("that no two charges express is accepted where rounding is allowed, and only by a unit per row", () => {
    // 50.00 at 7 percent are 3.50 tax, and no two parts of it round to 3.49; the line misses its tax by the same cent.
    const off = (line: number, discount: number) =>
      netOrder({
        lineItems: [
          lineOf(
            { sku: "A-1", quantity: 1, price: 10_000, total: 10_000, net: 10_000, gross: 10_700 + line, rate: 0.07 },
            false,
          ),
        ],
        shippingInfo: undefined,
        discountOnTotalPrice: discountOf(5000, 5350 + discount, 5000),
        totalPrice: eur(5000),
        taxedPrice: {
          ...taxedOf(5000, 5350 + line - discount),
          taxPortions: [{ rate: 0.07, name: "7 percent", amount: eur(350 + line - discount) }],
        },
      });
    const checked = (line: number, discount: number, allowed: boolean) => {
      const { shop, draft } = exported(off(line, discount));
      const result = checkBefore(shop, draft, allowed);
      return result.ok ? differencesOf(result.value) : result.error.action;
    };
    expect([checked(-1, -1, true), checked(-1, -1, false), checked(-2, -2, true)]).toEqual([
      [
        "A-1: commercetools 100.00 EUR net + 6.99 EUR tax, IFS 100.00 EUR net + 7.00 EUR tax",
        "discount on the order: commercetools -50.00 EUR net + -3.49 EUR tax, IFS -50.00 EUR net + -3.50 EUR tax",
      ],
      "Configure a charge type for rounding differences under `charges.rounding`, or correct prices or tax rates.",
      "Correct prices or tax rates: a row differs by more than the one minor unit that rounding explains.",
    ]);
  });

  test("tax that was rounded for each piece is named, with its cure", () => {
    const order = netOrder({ taxCalculationMode: "UnitPriceLevel" });
    const [first, ...others] = order.lineItems as object[];
    const taxed = taxedOf(5997, 7137);
    const { shop, draft } = exported({
      ...order,
      lineItems: [{ ...first, taxedPrice: taxed }, ...others],
      taxedPrice: { ...taxedOf(7987, 9325), taxPortions: [] },
    });
    const result = checkBefore(shop, draft, true);
    expect(result.ok ? "accepted" : [result.error.message, result.error.action]).toEqual([
      expect.stringContaining("UnitPriceLevel"),
      expect.stringContaining("LineItemLevel"),
    ]);
  });
});

describe("after", () => {
  test("IFS's own figures are accepted only as planned, in net and in gross", () => {
    for (const order of [netOrder(), grossOrder()]) {
      const { shop, draft, document } = exported(order);
      expect(checkAfter(shop, draft, document)).toEqual({ ok: true, value: null });
    }
  });

  const comparedAfter = (change: (document: IfsOrderDocument) => IfsOrderDocument) => {
    const { shop, draft, document } = exported(netOrder());
    return compareDocument(shop, draft, change(document));
  };
  const firstLine = (fields: object) => (document: IfsOrderDocument) => ({
    ...document,
    lines: document.lines.map((line, index) => (index === 0 ? { ...line, ...fields } : line)),
  });

  /** The first line becomes one of a package, or stays a plain one. */
  const explode = (document: IfsOrderDocument, lineItemNo: string): IfsOrderDocument => {
    const [first, ...others] = document.lines;
    if (!first) throw new Error("no line");
    const zero = decimal(0);
    const amounts = { netAmountCurr: zero, taxAmountCurr: zero, grossAmountCurr: zero };
    const component = { ...first, ...amounts, lineItemNo: "1", catalogNo: "NUT" as CatalogNo };
    return {
      ...document,
      lines: [
        ...(lineItemNo === "0" ? [] : [component]),
        { ...first, lineItemNo },
        ...others,
        ...(lineItemNo === "0" ? [component] : []),
      ],
    };
  };

  test("a planted cent names its line", () => {
    expect(comparedAfter(firstLine({ taxAmountCurr: decimal("11.40"), grossAmountCurr: decimal("71.37") }))).toEqual({
      missing: [],
      differences: ["A-1: planned 59.97 EUR net + 11.39 EUR tax, IFS 59.97 EUR net + 11.40 EUR tax"],
    });
  });

  test.each<[string, (document: IfsOrderDocument) => IfsOrderDocument, { missing: string[]; differences: string[] }]>([
    [
      "a missing line and charge",
      (d) => ({ ...d, lines: d.lines.slice(0, 1), charges: [] }),
      { missing: ["line-B-2", "shipping"], differences: [] },
    ],
    ["another part", firstLine({ catalogNo: "X" }), { missing: [], differences: ["A-1: sales part X instead of A-1"] }],
    [
      "another quantity",
      firstLine({ buyQtyDue: decimal("2") }),
      { missing: [], differences: ["A-1: quantity 2 instead of 3"] },
    ],
    [
      "a cancelled line",
      firstLine({ state: "Cancelled" }),
      { missing: [], differences: ["A-1: the line is cancelled in IFS"] },
    ],
    [
      "a line of somebody else",
      (d) => ({
        ...d,
        lines: [...d.lines, ...d.lines.slice(0, 1).map((line) => ({ ...line, lineNo: "9", lineRef: null }))],
      }),
      { missing: [], differences: ["line 9/1 (A-1) is not of this order"] },
    ],
    [
      "the components of a package part, which IFS shows before its head under the same reference",
      (d) => explode(d, "-1"),
      { missing: [], differences: [] },
    ],
    [
      "a component without a package",
      (d) => explode(d, "0"),
      { missing: [], differences: ["line 1/1 (NUT) is not of this order"] },
    ],
    [
      "a doubled line",
      (d) => ({ ...d, lines: [...d.lines, ...d.lines.slice(0, 1).map((line) => ({ ...line, lineNo: "9" }))] }),
      { missing: [], differences: ["line 9/1 (A-1) is not of this order"] },
    ],
    [
      "a doubled charge",
      (d) => ({ ...d, charges: [...d.charges, ...d.charges] }),
      { missing: [], differences: ["charge FREIGHT 1 is not of this order"] },
    ],
    [
      "another charge amount",
      (d) => ({ ...d, charges: d.charges.map((charge) => ({ ...charge, netAmountCurr: decimal("5") })) }),
      {
        missing: [],
        differences: ["shipping Standard: planned 4.90 EUR net + 0.93 EUR tax, IFS 5.00 EUR net + 0.93 EUR tax"],
      },
    ],
    [
      "another customer and currency",
      (d) => ({ ...d, order: { ...d.order, customerNo: "C-2", currencyCode: "USD" } }),
      { missing: [], differences: ["customer: C-2 instead of C-WEB", "currency: USD instead of EUR"] },
    ],
  ])("%s", (_, change, expected) => {
    expect(comparedAfter(change)).toEqual(expected);
  });
});
