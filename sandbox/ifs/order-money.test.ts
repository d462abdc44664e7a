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

const bolt: LineWish = { catalogNo: "HB-M5X20", qty: 3, price: 9.5 };
const coffee: LineWish = { catalogNo: "COF/ESP-250", qty: 2, price: 4.49, extra: { Discount: 10 } };
const boxes: LineWish = {
  catalogNo: "HB-M5X20-B12",
  partNo: "HB-M5X20",
  unit: "BOX",
  qty: 2,
  factor: 12,
  due: 24,
  price: 3.79,
};
const service: LineWish = { catalogNo: "SRV-INSTALL-S", partNo: "", qty: 1, price: 15 };

describe.each(forms)("IFS order money $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  describe("money", () => {
    test("tax per line and charge, discounts, units and totals come out to the cent", async () => {
      const orderNo = await placeOrder(bench, {
        lines: [bolt, coffee, boxes, service],
        charges: [chargeBody("FREIGHT", 4.95), chargeBody("DISCOUNT", -5), chargeBody("ROUNDING", 0.01)],
      });
      const select = "LineNo,TaxCode,UnitPriceInclTax,NetAmountCurr,TaxAmountCurr,GrossAmountCurr";
      const charges = await bench.ask(
        "GET",
        `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray?$select=SequenceNo,TaxCode,NetAmtCurr,TaxAmountCurrency,GrossAmtCurr`,
      );
      expect(await lineRows(bench, orderNo, select)).toEqual([
        {
          LineNo: "1",
          TaxCode: "DE19",
          UnitPriceInclTax: 11.305,
          NetAmountCurr: 28.5,
          TaxAmountCurr: 5.42,
          GrossAmountCurr: 33.92,
        },
        {
          LineNo: "2",
          TaxCode: "DE7",
          UnitPriceInclTax: 4.8043,
          NetAmountCurr: 8.08,
          TaxAmountCurr: 0.57,
          GrossAmountCurr: 8.65,
        },
        {
          LineNo: "3",
          TaxCode: "DE19",
          UnitPriceInclTax: 4.5101,
          NetAmountCurr: 7.58,
          TaxAmountCurr: 1.44,
          GrossAmountCurr: 9.02,
        },
        {
          LineNo: "4",
          TaxCode: "DE19",
          UnitPriceInclTax: 17.85,
          NetAmountCurr: 15,
          TaxAmountCurr: 2.85,
          GrossAmountCurr: 17.85,
        },
      ]);
      expect(charges.rows.map(withoutTag)).toEqual([
        { SequenceNo: 1, TaxCode: "DE19", NetAmtCurr: 4.95, TaxAmountCurrency: 0.94, GrossAmtCurr: 5.89 },
        { SequenceNo: 2, TaxCode: "DE19", NetAmtCurr: -5, TaxAmountCurrency: -0.95, GrossAmtCurr: -5.95 },
        { SequenceNo: 3, TaxCode: "DE0", NetAmtCurr: 0.01, TaxAmountCurrency: 0, GrossAmtCurr: 0.01 },
      ]);
      expect(await totals(bench, orderNo)).toEqual({
        TotalNetBase: 59.16,
        TotTaxAmtCurr: 10.28,
        TotalGrossAmtCurr: 69.44,
        TotChrgNetAmtBase: -0.04,
        TotalGrossInclChrgCurr: 69.39,
      });
    });

    test("with prices that include tax the tax comes out of the gross", async () => {
      const orderNo = await placeOrder(bench, {
        header: { UsePriceInclTax: true },
        lines: [
          { ...bolt, priceInclTax: 11.9 },
          { ...bolt, qty: 1, priceInclTax: 9.99 },
        ],
      });
      expect(await lineRows(bench, orderNo, "SaleUnitPrice,NetAmountCurr,TaxAmountCurr,GrossAmountCurr")).toEqual([
        { SaleUnitPrice: 10, NetAmountCurr: 30, TaxAmountCurr: 5.7, GrossAmountCurr: 35.7 },
        { SaleUnitPrice: 8.3949579832, NetAmountCurr: 8.39, TaxAmountCurr: 1.6, GrossAmountCurr: 9.99 },
      ]);
    });

    test("base amounts use the company's own rate, not the caller's", async () => {
      const orderNo = await placeOrder(bench, {
        header: { CurrencyCode: "SEK" },
        lines: [{ ...bolt, qty: 1, price: 100 }],
      });
      const select = "CurrencyRate,BaseSaleUnitPrice,NetAmountBase,TaxAmountBase,GrossAmountBase,GrossAmountCurr";
      expect(await lineRows(bench, orderNo, select)).toEqual([
        {
          CurrencyRate: 0.0879,
          BaseSaleUnitPrice: 8.79,
          NetAmountBase: 8.79,
          TaxAmountBase: 1.67,
          GrossAmountBase: 10.46,
          GrossAmountCurr: 119,
        },
      ]);
    });

    test("an exempt line, and an order of an exempt customer, bear no tax", async () => {
      const exempt = { CustomerNo: "10004", PayTermId: "30" };
      const orderNo = await placeOrder(bench, {
        header: exempt,
        lines: [{ ...bolt, extra: { DeliverToCustomerNo: "10004", TaxLiability: "EXEMPT" } }],
        charges: [chargeBody("FREIGHT", 4.95)],
      });
      expect(await lineRows(bench, orderNo, "TaxCode,TaxAmountCurr,GrossAmountCurr")).toEqual([
        { TaxCode: "DE0", TaxAmountCurr: 0, GrossAmountCurr: 28.5 },
      ]);
      expect((await totals(bench, orderNo)).TotalGrossInclChrgCurr).toBe(33.45);
    });

    test("a price that is not frozen is looked up again: list, step and validity", async () => {
      const free = { PriceFreeze: "Free" };
      const orderNo = await placeOrder(bench, {
        lines: [
          { ...bolt, qty: 1, price: 99, extra: free },
          { ...bolt, qty: 10, price: 99, extra: free },
          { ...bolt, qty: 1, price: 99 },
        ],
      });
      expect(await lineRows(bench, orderNo, "SaleUnitPrice,PriceSource,PriceSourceId")).toEqual([
        { SaleUnitPrice: 0.36, PriceSource: "PriceList", PriceSourceId: "WEB-EUR" },
        { SaleUnitPrice: 0.33, PriceSource: "PriceList", PriceSourceId: "WEB-EUR" },
        { SaleUnitPrice: 99, PriceSource: "SalesPart", PriceSourceId: null },
      ]);
    });

    test("the price query computes, its rows stay until they are cleaned", async () => {
      const body = {
        CatalogNo: "HB-M5X20",
        SalesQty: 10,
        PriceQty: 10,
        CustomerNo: "10001",
        Contract: "101",
        CurrencyCode: "EUR",
        UsePriceInclTax: false,
      };
      const made = accepted(await bench.ask("POST", "PriceQueryHandling.svc/PriceQuerySet", { body }));
      const rows = async () =>
        (await bench.ask("GET", "PriceQueryHandling.svc/PriceQuerySet?$select=CatalogNo")).rows.length;
      const before = await rows();
      const cleaned = await bench.ask("POST", "PriceQueryHandling.svc/CleanPriceQuery", { body: {} });
      expect([made.json.SaleUnitPrice, made.json.NetPrice, made.json.TotalAmount, made.json.PriceSourceId]).toEqual([
        0.3,
        0.3,
        3,
        "B2B-EUR",
      ]);
      expect([before, cleaned.status, await rows()]).toEqual([1, 204, 0]);
    });
  });
});
