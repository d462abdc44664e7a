import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms } from "./testing/harness.ts";
import {
  accepted,
  chargeBody,
  type LineWish,
  lineRows,
  ORDERS,
  placeOrder,
  totals,
  withoutTag,
} from "./testing/orders.ts";

/** Net, tax, gross in order currency; net and gross in company currency. */
type LineSum = [net: number, tax: number, gross: number, netBase: number, grossBase: number];
/** Net, tax, gross in order currency; net in company currency. */
type ChargeSum = [net: number, tax: number, gross: number, netBase: number];

type Case = {
  name: string;
  header?: Record<string, unknown>;
  lines: LineWish[];
  charges?: Record<string, unknown>[];
  /** Worked out on paper; every half cent goes away from zero. */
  lineSums: LineSum[];
  chargeSums?: ChargeSum[];
  gross: number;
};

const bolt = (qty: number, price: number, extra: Record<string, unknown> = {}): LineWish => ({
  catalogNo: "HB-M5X20",
  qty,
  price,
  extra,
});
const coffee = (qty: number, price: number, extra: Record<string, unknown> = {}): LineWish => ({
  catalogNo: "COF/ESP-250",
  qty,
  price,
  extra,
});
const cable = (qty: number, price: number, extra: Record<string, unknown> = {}): LineWish => ({
  catalogNo: "CBL-2G0.75",
  unit: "M",
  qty,
  price,
  extra,
});
const boxes = (qty: number, price: number, extra: Record<string, unknown>): LineWish => ({
  catalogNo: "HB-M5X20-B12",
  partNo: "HB-M5X20",
  unit: "BOX",
  factor: 12,
  due: qty * 12,
  qty,
  price,
  extra,
});

const inclTax = { UsePriceInclTax: true };
const inSweden = { Contract: "201", DeliverToCustomerNo: "WEB-SE" };
const sweden = { CustomerNo: "WEB-SE", Contract: "201", CurrencyCode: "SEK" };
const swedish = { Contract: "201", Company: "20" };

const cases: Case[] = [
  {
    name: "cents only: 7 x 0.05 = 0.35, 19 % = 0.0665",
    lines: [bolt(7, 0.05)],
    lineSums: [[0.35, 0.07, 0.42, 0.35, 0.42]],
    gross: 0.42,
  },
  {
    name: "discounts: 29.97 - 4.50 (4.4955) = 25.47, 19 % = 4.8393; 13.47 - 1.68 (1.68375) = 11.79, 7 % = 0.8253",
    lines: [bolt(3, 9.99, { Discount: 15 }), coffee(3, 4.49, { Discount: 12.5 })],
    lineSums: [
      [25.47, 4.84, 30.31, 25.47, 30.31],
      [11.79, 0.83, 12.62, 11.79, 12.62],
    ],
    gross: 42.93,
  },
  {
    name: "three discounts: 135.795 - 13.58 - 9.17 (7.5 % of 122.215) = 113.045; 2.331 - 0.17 = 2.161",
    header: { AdditionalDiscount: 2.5 },
    lines: [bolt(11, 12.345, { Discount: 10, OrderDiscount: 5 }), coffee(7, 0.333, { OrderDiscount: 5 })],
    lineSums: [
      [113.05, 21.48, 134.53, 113.05, 134.53],
      [2.16, 0.15, 2.31, 2.16, 2.31],
    ],
    gross: 136.84,
  },
  {
    name: "with tax: 9.99 x 7 / 107 = 0.6536; 0.01 x 19 / 119 = 0.0016; 19.99 x 19 / 119 = 3.1917",
    header: inclTax,
    lines: [coffee(3, 3.33), bolt(1, 0.01), bolt(1, 19.99)],
    lineSums: [
      [9.34, 0.65, 9.99, 9.34, 9.99],
      [0.01, 0, 0.01, 0.01, 0.01],
      [16.8, 3.19, 19.99, 16.8, 19.99],
    ],
    gross: 29.99,
  },
  {
    name: "with tax and discounts: 39.98 - 13.33 = 26.65 holds 4.2550; 38.85 - 3.89 (3.885) - 1.75 (1.748) = 33.21",
    header: inclTax,
    lines: [bolt(2, 19.99, { Discount: 33.333 }), coffee(5, 7.77, { Discount: 10, OrderDiscount: 5 })],
    lineSums: [
      [22.39, 4.26, 26.65, 22.39, 26.65],
      [31.04, 2.17, 33.21, 31.04, 33.21],
    ],
    gross: 59.86,
  },
  {
    name: "with tax, freight and a rebate: 4.90 holds 0.7824, -5.55 holds -0.8861",
    header: inclTax,
    lines: [bolt(1, 49.95)],
    charges: [chargeBody("FREIGHT", 4.9), chargeBody("DISCOUNT", -5.55)],
    lineSums: [[41.97, 7.98, 49.95, 41.97, 49.95]],
    chargeSums: [
      [4.12, 0.78, 4.9, 4.12],
      [-4.66, -0.89, -5.55, -4.66],
    ],
    gross: 49.3,
  },
  {
    name: "half cents: -2.50 bears -0.475, 0.50 bears 0.095, 3 x 1.115 = 3.345",
    lines: [bolt(1, 10)],
    charges: [
      chargeBody("DISCOUNT", -2.5),
      chargeBody("FREIGHT", 0.5),
      chargeBody("SURCHARGE", 1.115, { ChargedQty: 3 }),
    ],
    lineSums: [[10, 1.9, 11.9, 10, 11.9]],
    chargeSums: [
      [-2.5, -0.48, -2.98, -2.5],
      [0.5, 0.1, 0.6, 0.5],
      [3.35, 0.64, 3.99, 3.35],
    ],
    gross: 13.51,
  },
  {
    name: "kronor: 97.37 x 25 % = 24.3425; 134.70 - 6.74 (6.735) = 127.96, 12 % = 15.3552",
    header: sweden,
    lines: [bolt(13, 7.49, inSweden), coffee(3, 44.9, { ...inSweden, Discount: 5 })],
    charges: [chargeBody("FREIGHT", 59, swedish)],
    lineSums: [
      [97.37, 24.34, 121.71, 97.37, 121.71],
      [127.96, 15.36, 143.32, 127.96, 143.32],
    ],
    chargeSums: [[59, 14.75, 73.75, 59]],
    gross: 338.78,
  },
  {
    name: "kronor with tax: 389.70 / 5 = 77.94; 119 - 17.85 = 101.15 holds 10.8375; -25.01 holds -5.002",
    header: { ...sweden, ...inclTax },
    lines: [bolt(3, 129.9, inSweden), coffee(2, 59.5, { ...inSweden, Discount: 15 })],
    charges: [chargeBody("FREIGHT", 79, swedish), chargeBody("DISCOUNT", -25.01, swedish)],
    lineSums: [
      [311.76, 77.94, 389.7, 311.76, 389.7],
      [90.31, 10.84, 101.15, 90.31, 101.15],
    ],
    chargeSums: [
      [63.2, 15.8, 79, 63.2],
      [-20.01, -5, -25.01, -20.01],
    ],
    gross: 544.84,
  },
  {
    name: "euro at the Swedish company, 11.37: 38.97 = 443.0889, its tax 9.74 = 110.7438; freight 4.90 = 55.713",
    header: { ...sweden, CurrencyCode: "EUR" },
    lines: [bolt(3, 12.99, inSweden), coffee(1, 4.55, { ...inSweden, Discount: 10 })],
    charges: [chargeBody("FREIGHT", 4.9, swedish)],
    lineSums: [
      [38.97, 9.74, 48.71, 443.09, 553.83],
      [4.09, 0.49, 4.58, 46.5, 52.07],
    ],
    chargeSums: [[4.9, 1.23, 6.13, 55.71]],
    gross: 59.42,
  },
  {
    name: "kronor with tax at the German company, 0.0879: 251.85 = 22.1376, its tax 47.85 = 4.2060",
    header: { CurrencyCode: "SEK", ...inclTax },
    lines: [bolt(3, 99.9)],
    charges: [chargeBody("FREIGHT", 49)],
    lineSums: [[251.85, 47.85, 299.7, 22.14, 26.35]],
    chargeSums: [[41.18, 7.82, 49, 3.62]],
    gross: 348.7,
  },
  {
    name: "boxes are priced by the box: 18.95 - 0.47 (0.47375) = 18.48",
    lines: [boxes(5, 3.79, { Discount: 2.5 })],
    lineSums: [[18.48, 3.51, 21.99, 18.48, 21.99]],
    gross: 21.99,
  },
  {
    name: "metres: 12.345 x 1.49 = 18.39405; 0.75 x 2.12 = 1.59 - 0.01 (0.00795) = 1.58",
    lines: [cable(12.345, 1.49), cable(0.75, 2.12, { Discount: 0.5 })],
    lineSums: [
      [18.39, 3.49, 21.88, 18.39, 21.88],
      [1.58, 0.3, 1.88, 1.58, 1.88],
    ],
    gross: 23.76,
  },
  {
    name: "an own tax code counts where no default is asked for, and only there",
    lines: [
      bolt(3, 9.99, { TaxCode: "DE0", FetchTaxFromDefaults: "FALSE" }),
      bolt(3, 9.99, { TaxCode: "DE7", FetchTaxFromDefaults: "FALSE" }),
      bolt(3, 9.99, { TaxCode: "DE7" }),
    ],
    lineSums: [
      [29.97, 0, 29.97, 29.97, 29.97],
      [29.97, 2.1, 32.07, 29.97, 32.07],
      [29.97, 5.69, 35.66, 29.97, 35.66],
    ],
    gross: 97.7,
  },
];

const lineColumns = ["NetAmountCurr", "TaxAmountCurr", "GrossAmountCurr", "NetAmountBase", "GrossAmountBase"];
const chargeColumns = ["NetAmtCurr", "TaxAmountCurrency", "GrossAmtCurr", "NetAmtBase"];

const pick = (rows: Record<string, unknown>[], columns: string[]) =>
  rows.map((row) => columns.map((column) => row[column]));

describe.each(forms)("IFS money by hand $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  async function sums(orderNo: string) {
    const charges = await bench.ask("GET", `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray`);
    return {
      lines: pick(await lineRows(bench, orderNo, lineColumns.join(",")), lineColumns),
      charges: pick(accepted(charges).rows.map(withoutTag), chargeColumns),
      gross: (await totals(bench, orderNo)).TotalGrossInclChrgCurr,
    };
  }

  test.each(cases)("$name", async ({ header, lines, charges = [], lineSums, chargeSums = [], gross }) => {
    const orderNo = await placeOrder(bench, { header, lines, charges });
    expect(await sums(orderNo)).toEqual({ lines: lineSums, charges: chargeSums, gross });
  });

  test("a price per hundred: 2.5 x 35.55 = 88.875; with tax 0.25 x 35.55 = 8.8875 holds 1.4194", async () => {
    const part = bench.model.world().table("SalesPart").get("101", "HB-M5X20");
    if (!part) throw new Error("the bolt is gone");
    const before = { ...part.values };
    bench.model.world().table("SalesPart").update(part, { PriceConvFactor: "0.01", PriceUnitMeas: "HUN" });
    const perHundred = { PriceConvFactor: 0.01, PriceUnitMeas: "HUN" };
    const net = await placeOrder(bench, { lines: [bolt(250, 35.55, perHundred)] });
    const gross = await placeOrder(bench, { header: inclTax, lines: [bolt(25, 35.55, perHundred)] });
    expect([await sums(net), await sums(gross)]).toEqual([
      { lines: [[88.88, 16.89, 105.77, 88.88, 105.77]], charges: [], gross: 105.77 },
      { lines: [[7.47, 1.42, 8.89, 7.47, 8.89]], charges: [], gross: 8.89 },
    ]);
    bench.model.world().table("SalesPart").update(part, before);
  });
});
