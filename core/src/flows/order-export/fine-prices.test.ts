/** Prices and discounts that need more decimals than a unit price usually has: exact, or with an explicit line, or refused with a cure. */
import { describe, expect, test } from "vitest";
import { dryRun } from "./dry-run.ts";
import { configWith } from "./testing/config.ts";
import { worldWith } from "./testing/export.ts";
import { eur, lineOf, type OrderJson, orderOf, taxedOf } from "./testing/orders.ts";

type Line = Parameters<typeof lineOf>[0];
const netOrderOf = (line: Line): OrderJson =>
  orderOf({
    lineItems: [lineOf(line, false)],
    totalPrice: eur(line.net),
    taxedPrice: {
      ...taxedOf(line.net, line.gross),
      taxPortions: [{ rate: line.rate, name: "VAT", amount: eur(line.gross - line.net) }],
    },
  });
const grossOf = (net: number): number => Math.round(net * 1.19);

/** 0.37 a piece, less 333.33 in all. */
const discounted = (quantity: number): OrderJson => {
  const net = quantity * 37 - 33_333;
  return netOrderOf({ sku: "A-1", quantity, price: 37, total: net, net, gross: grossOf(net), rate: 0.19 });
};
/** 0.00123456 a piece. */
const fine = (): OrderJson => {
  const value = {
    type: "highPrecision",
    currencyCode: "EUR",
    preciseAmount: 123_456,
    fractionDigits: 8,
    centAmount: 0,
  };
  const net = 123_456;
  return netOrderOf({
    sku: "A-1",
    quantity: 1_000_000,
    price: 0,
    total: net,
    net,
    gross: grossOf(net),
    rate: 0.19,
    extra: { price: { value } },
  });
};

async function plannedOf(order: OrderJson, config: Parameters<typeof configWith>[0] = {}) {
  const { draft, rejection, totals } = await dryRun(worldWith(order, { config: configWith(config) }).worker(), order);
  return {
    price: draft?.lines[0]?.saleUnitPrice,
    rounding: draft?.charges.map(({ chargeType, chargeAmount }) => [chargeType, chargeAmount]),
    code: rejection?.code,
    action: rejection?.action,
    totals,
  };
}
const rounding = { charges: { rounding: "ROUND" } };

describe("a discount on a large quantity, and a fine price", () => {
  test.each<[string, OrderJson, number, string]>([
    ["50,000 x 0.37 less 333.33", discounted(50_000), 7, "0.3633334"],
    ["1,000,000 x 0.37 less 333.33", discounted(1_000_000), 8, "0.36966667"],
    ["1,000,000 x 0.00123456", fine(), 8, "0.00123456"],
  ])("%s is exact with as many decimals as it needs", async (_, order, priceDecimals, price) => {
    expect(await plannedOf(order, { orders: { priceDecimals } })).toMatchObject({
      price,
      rounding: [],
      code: undefined,
    });
  });

  test.each<[string, OrderJson, string, string]>([
    ["50,000 x 0.37 less 333.33", discounted(50_000), "0.363333", "0.03"],
    ["1,000,000 x 0.00123456", fine(), "0.001235", "-0.52"],
  ])("%s has what is missing on an explicit line", async (_, order, price, amount) => {
    expect(await plannedOf(order, rounding)).toMatchObject({ price, rounding: [["ROUND", amount]], code: undefined });
  });

  test("is refused without either, and the exception names both", async () => {
    for (const order of [discounted(50_000), fine()]) {
      const { code, action } = await plannedOf(order);
      expect(code).toBe("totalsDiffer");
      expect(action).toContain("No unit price of at most 6 decimals gives the total of A-1.");
      expect(action).toContain("`orders.priceDecimals`");
      expect(action).toContain("`charges.rounding`");
    }
  });

  test("more than the price explains is no rounding", async () => {
    const net = 50_000 * 37 - 33_333;
    const order = netOrderOf({
      sku: "A-1",
      quantity: 50_000,
      price: 37,
      total: net,
      net,
      gross: grossOf(net) + 9,
      rate: 0.19,
    });
    expect(await plannedOf(order, rounding)).toMatchObject({ code: "totalsDiffer", rounding: undefined });
  });
});
