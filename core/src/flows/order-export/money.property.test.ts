/** Random orders with commercetools' arithmetic against IFS's arithmetic: equal to the cent, or refused before they leave. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rejection } from "../../domain/failure.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import { checkAfter } from "./ledger.ts";
import { spread } from "./spread.ts";
import { configWith, partOf } from "./testing/config.ts";
import { mappedOrder } from "./testing/mapped.ts";
import { eur, lineOf, type OrderJson, orderOf, rateOf, shippingOf, taxedOf } from "./testing/orders.ts";
import { createWorld } from "./testing/world.ts";

type Row = { readonly quantity: number; readonly price: number; readonly total: number; readonly percent: 19 | 7 | 0 };
type Basket = {
  readonly gross: boolean;
  readonly rows: readonly Row[];
  readonly shipping: { readonly total: number; readonly percent: 19 | 7 } | undefined;
  readonly discountPercent: number;
};

const percent = fc.constantFrom<19 | 7 | 0>(19, 7, 0);
const row: fc.Arbitrary<Row> = fc
  .record({
    quantity: fc.integer({ min: 1, max: 300 }),
    price: fc.integer({ min: 0, max: 50_000 }),
    off: fc.option(fc.integer({ min: 0, max: 100 }), { nil: 0 }),
    cents: fc.option(fc.integer({ min: -3, max: 3 }), { nil: 0 }),
    percent,
  })
  .map(({ quantity, price, off, cents, percent: rate }) => {
    const full = quantity * price;
    // A discount as a share, then a few cents as the platform's own spreading of discounts leaves them.
    const total = Math.max(0, Math.min(full, Math.round((full * (100 - off)) / 100) + cents));
    return { quantity, price, total, percent: rate };
  });
const basket: fc.Arbitrary<Basket> = fc.record({
  gross: fc.boolean(),
  rows: fc.array(row, { minLength: 1, maxLength: 8 }),
  shipping: fc.option(
    fc.record({ total: fc.integer({ min: 0, max: 5000 }), percent: fc.constantFrom<19 | 7>(19, 7) }),
    { nil: undefined },
  ),
  discountPercent: fc.option(fc.integer({ min: 1, max: 50 }), { nil: 0 }),
});

/** Half even on whole cents, as the platform does by default. */
function halfEven(numerator: number, denominator: number): number {
  const [n, d] = [BigInt(numerator), BigInt(denominator)];
  const [whole, rest] = [n / d, (n % d) * 2n];
  const up = rest > d || (rest === d && whole % 2n === 1n);
  return Number(up ? whole + 1n : whole);
}

function taxedBy(total: number, rate: number, gross: boolean): { net: number; gross: number } {
  return gross
    ? { net: halfEven(total * 100, 100 + rate), gross: total }
    : { net: total, gross: halfEven(total * (100 + rate), 100) };
}

type Taxed = { readonly net: number; readonly gross: number };

/** As the platform lowers a cart by a discount on the total: every row by its share, the tax of each row rounded by itself. */
function offPerRow(
  priced: readonly { total: number; percent: number; taxed: Taxed }[],
  discount: number,
  gross: boolean,
) {
  const shares = spread(
    { currency: "EUR", digits: 2, minor: BigInt(discount) },
    priced.map(({ total }) => BigInt(total)),
  );
  return priced.map(({ total, percent: rate, taxed }, index) => {
    const off = Number(shares[index]?.minor ?? 0n);
    const tax = taxed.gross - taxed.net;
    const taxOff = total === 0 ? 0 : tax - halfEven(tax * (total - off), total);
    return { rate, ...(gross ? { net: off - taxOff, gross: off } : { net: off, gross: off + taxOff }) };
  });
}

function orderFrom({ gross, rows, shipping, discountPercent }: Basket, perRow = false): OrderJson {
  const priced = [...rows, ...(shipping && shipping.total > 0 ? [shipping] : [])].map((one) => ({
    ...one,
    taxed: taxedBy(one.total, one.percent, gross),
  }));
  const sum = (pick: (one: (typeof priced)[number]) => number) => priced.reduce((total, one) => total + pick(one), 0);
  const total = sum((one) => one.total);
  const discount = halfEven(total * discountPercent, 100);
  const rates = [...new Set(priced.filter((one) => one.total > 0).map((one) => one.percent))];
  const perRate = spread(
    { currency: "EUR", digits: 2, minor: BigInt(discount) },
    rates.map((rate) => BigInt(sum((one) => (one.percent === rate ? one.total : 0)))),
  ).map(({ minor }, index) => ({ rate: rates[index] ?? 0, ...taxedBy(Number(minor), rates[index] ?? 0, gross) }));
  const shares: readonly (Taxed & { rate: number })[] = perRow ? offPerRow(priced, discount, gross) : perRate;
  const off = shares.reduce((a, b) => ({ net: a.net + b.net, gross: a.gross + b.gross }), { net: 0, gross: 0 });
  const portions = rates.map((rate) => {
    const tax = sum((one) => (one.percent === rate ? one.taxed.gross - one.taxed.net : 0));
    const taxOff = shares.reduce((total, one) => (one.rate === rate ? total + one.gross - one.net : total), 0);
    return { rate: rate / 100, name: `${rate}`, amount: eur(tax - taxOff) };
  });
  return orderOf({
    lineItems: rows.map((one, index) =>
      lineOf(
        { id: `l${index}`, sku: "A-1", ...one, ...taxedBy(one.total, one.percent, gross), rate: one.percent / 100 },
        gross,
      ),
    ),
    ...(shipping && {
      shippingInfo: shippingOf(
        { total: shipping.total, ...taxedBy(shipping.total, shipping.percent, gross), rate: shipping.percent / 100 },
        gross,
      ),
    }),
    ...(discount > 0 && {
      discountOnTotalPrice: {
        discountedAmount: eur(discount),
        discountedNetAmount: eur(off.net),
        discountedGrossAmount: eur(off.gross),
        includedDiscounts: [],
      },
    }),
    totalPrice: eur(total - discount),
    taxedPrice: {
      ...taxedOf(sum((one) => one.taxed.net) - off.net, sum((one) => one.taxed.gross) - off.gross),
      taxPortions: portions,
    },
  });
}

function exportTo(order: OrderJson, charges: object): { draft: Result<IfsOrderDraft, Rejection>; after: unknown } {
  const mapped = mappedOrder(order, configWith({ charges }), [partOf("A-1")]);
  if (!mapped.ok) return { draft: mapped, after: undefined };
  const { draft, shop } = mapped.value;
  return { draft: ok(draft), after: checkAfter(shop, draft, createWorld().commit(draft)) };
}

/** What IFS computes by itself for the draft, in cents. */
function ifsTotals(draft: IfsOrderDraft): { net: number; gross: number } {
  const { lines, charges } = createWorld().commit(draft);
  const cents = (text: string) => Math.round(Number(text) * 100);
  const rows = [...lines, ...charges];
  return {
    net: rows.reduce((sum, one) => sum + cents(one.netAmountCurr), 0),
    gross: rows.reduce((sum, one) => sum + cents(one.grossAmountCurr), 0),
  };
}

const grossOf = (order: OrderJson): number =>
  (order.taxedPrice as { totalGross: { centAmount: number } }).totalGross.centAmount;
const netOf = (order: OrderJson): number =>
  (order.taxedPrice as { totalNet: { centAmount: number } }).totalNet.centAmount;

describe("random baskets", () => {
  test("with a rounding charge every order leaves, and IFS's own total is the shop's total", () => {
    fc.assert(
      fc.property(basket, (given) => {
        const order = orderFrom(given);
        const { draft, after } = exportTo(order, { rounding: "ROUND" });
        if (!draft.ok) throw new Error(`${draft.error.code}: ${draft.error.message}`);
        expect([ifsTotals(draft.value).gross, after]).toEqual([grossOf(order), { ok: true, value: null }]);
      }),
      { numRuns: 500 },
    );
  });

  test("a discount that the platform rounded row by row: at least 19 of 20 leave, none with another total", () => {
    const runs = 1000;
    const refusals: string[] = [];
    let discounted = 0;
    const shopping = basket.filter(({ discountPercent, rows }) => discountPercent > 0 && rows.length <= 5);
    fc.assert(
      fc.property(shopping, (given) => {
        const order = orderFrom(given, true);
        discounted += 1;
        const { draft, after } = exportTo(order, { rounding: "ROUND" });
        if (draft.ok)
          expect([ifsTotals(draft.value).gross, after]).toEqual([grossOf(order), { ok: true, value: null }]);
        else refusals.push(`${draft.error.code} ${draft.error.action}`);
      }),
      { numRuns: runs, seed: 7 },
    );
    expect([
      discounted,
      refusals.length <= runs / 20,
      refusals.filter((one) => one.includes("Configure a charge")),
    ]).toEqual([runs, true, []]);
  });

  test("without one, an order leaves exact in net and gross, or is refused with the rows named", () => {
    let left = 0;
    let refused = 0;
    fc.assert(
      fc.property(basket, (given) => {
        const order = orderFrom(given);
        const { draft, after } = exportTo(order, {});
        if (draft.ok) {
          left += 1;
          expect([ifsTotals(draft.value), after]).toEqual([
            { net: netOf(order), gross: grossOf(order) },
            { ok: true, value: null },
          ]);
        } else {
          refused += 1;
          expect([draft.error.code, draft.error.message]).toEqual([
            "totalsDiffer",
            expect.stringMatching(/commercetools .* tax, IFS .* tax/),
          ]);
        }
      }),
      { numRuns: 500 },
    );
    expect([left > 50, refused > 0]).toEqual([true, true]);
  });

  test("a discount is spread without losing or inventing a cent", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        fc.array(fc.bigInt({ min: -1000n, max: 10n ** 9n }), { minLength: 1, maxLength: 6 }),
        (minor, parts) => {
          const shares = spread({ currency: "EUR", digits: 2, minor }, parts);
          expect(shares.reduce((sum, share) => sum + share.minor, 0n)).toBe(minor);
          expect(shares.every((share) => share.minor >= 0n && share.minor <= minor)).toBe(true);
        },
      ),
    );
  });

  test("a rate without a tax rule is refused whatever else is right", () => {
    const order = orderFrom({
      gross: false,
      rows: [{ quantity: 1, price: 100, total: 100, percent: 19 }],
      shipping: undefined,
      discountPercent: 0,
    });
    const [line] = order.lineItems as object[];
    const { draft } = exportTo({ ...order, lineItems: [{ ...line, taxRate: rateOf(0.2, false) }] }, {});
    expect(draft.ok ? "accepted" : draft.error.code).toBe("unmappedTax");
  });
});
