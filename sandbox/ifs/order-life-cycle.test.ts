import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  action,
  chargeBody,
  headerBody,
  headerRow,
  type LineWish,
  lineBody,
  lineRows,
  ORDERS,
  placeOrder,
  release,
  stockByPlace,
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

describe.each(forms)("IFS orders $form", ({ open }) => {
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

  describe("refusals", () => {
    test("a header names what is missing or unknown", async () => {
      const refusal = async (extra: Record<string, unknown>) =>
        messageOf(await bench.ask("POST", ORDERS, { body: headerBody(extra) })).replace(
          "ORA-20110: CustomerOrder.",
          "",
        );
      expect(
        await Promise.all([
          refusal({ CustomerNo: null }),
          refusal({ AuthorizeCode: null }),
          refusal({ Contract: "999" }),
          refusal({ OrderId: "XXX" }),
          refusal({ ShipAddrNo: "77" }),
          refusal({ CurrencyCode: "CHF" }),
          refusal({ PayTermId: "99" }),
          refusal({ CustomerNo: "WEB-SE" }),
        ]),
      ).toEqual([
        "NULLVALUE: Field [CUSTOMER_NO] is mandatory for Customer Order and requires a value.",
        "NULLVALUE: Field [AUTHORIZE_CODE] is mandatory for Customer Order and requires a value.",
        "NOTALLOWEDSITE: User CTCONNECTOR is not connected to site 999.",
        'NOORDERID: Order type "XXX" does not exist.',
        'NOADDRESS: Address "77" of customer "WEB-DE" does not exist.',
        'NOCURRENCY: Currency code "CHF" is not valid in company 10.',
        'NOPAYTERMID: Payment term "99" does not exist.',
        'NOINVOICEDATA: Customer "WEB-SE" has no invoice information in company 10.',
      ]);
    });

    test("a line names what is missing or does not fit the sales part", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const refusal = async (wish: Partial<LineWish>) => {
        const body = lineBody({ ...bolt, ...wish });
        const answer = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, { body });
        return messageOf(answer).replace("ORA-20110: CustomerOrderLine.", "");
      };
      expect(
        await Promise.all([
          refusal({ extra: { ChargedItem: null } }),
          refusal({ catalogNo: "NOPE" }),
          refusal({ partNo: "HB-M5X40" }),
          refusal({ unit: "BOX" }),
          refusal({ ...boxes, due: 2 }),
          refusal({ ...boxes, factor: 10 }),
          refusal({ qty: 0 }),
          refusal({ ...service, extra: { SupplyCode: "InventOrder" } }),
          refusal({ extra: { TaxCode: "DE99", FetchTaxFromDefaults: "FALSE" } }),
        ]),
      ).toEqual([
        "NULLVALUE: Field [CHARGED_ITEM] is mandatory for Customer Order Line and requires a value.",
        'NOSALESPART: Sales part "NOPE" does not exist on site 101.',
        'PARTDIFF: Part "HB-M5X40" is not the part of sales part "HB-M5X20".',
        'UNITDIFF: Unit "BOX" is not the sales part\'s "PCS".',
        "QTYMISMATCH: The inventory quantity must be 24.",
        "CONVDIFF: The conversion factor is 12.",
        "QTYZERO: The quantity must be greater than zero.",
        "SUPPLYDIFF: Supply code InventOrder is not valid for a part of type NonInventoryPart.",
        'NOTAXCODE: Tax code "DE99" does not exist in company 10.',
      ]);
      expect(await lineRows(bench, orderNo, "LineNo")).toEqual([]);
    });

    test("an unknown charge type is refused", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const answer = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray`, {
        body: chargeBody("TIP", 1),
      });
      expect(messageOf(answer)).toBe(
        'ORA-20110: CustomerOrderCharge.NOCHARGETYPE: Charge type "TIP" does not exist on site 101.',
      );
    });
  });

  describe("flow", () => {
    const progress = "LineNo,Objstate,QtyAssigned,QtyPicked,QtyShipped,QtyInvoiced";

    test("release, reservation, picking, shipment, invoice: states, quantities and stock move together", async () => {
      const orderNo = await placeOrder(bench, {
        lines: [boxes, service],
        charges: [chargeBody("FREIGHT", 4.95)],
      });
      const start = await stockByPlace(bench, "101", "HB-M5X20");
      expect((await release(bench, orderNo)).status).toBe(204);
      expect((await headerRow(bench, orderNo, "Objstate")).Objstate).toBe("Released");

      accepted(await bench.clerk("reserve", { orderNo }));
      const reserved = await stockByPlace(bench, "101", "HB-M5X20");
      expect(Object.values(start).reduce((a, b) => a + b, 0) - Object.values(reserved).reduce((a, b) => a + b, 0)).toBe(
        24,
      );
      expect(await headerRow(bench, orderNo, "Objstate")).toEqual({ Objstate: "Reserved" });

      accepted(await bench.clerk("pick", { orderNo }));
      expect(await lineRows(bench, orderNo, progress)).toEqual([
        { LineNo: "1", Objstate: "Picked", QtyAssigned: 24, QtyPicked: 24, QtyShipped: 0, QtyInvoiced: 0 },
        { LineNo: "2", Objstate: "Released", QtyAssigned: 0, QtyPicked: 0, QtyShipped: 0, QtyInvoiced: 0 },
      ]);

      accepted(await bench.clerk("ship", { orderNo, trackingNumber: "T-1", carrier: "POSTNORD" }));
      expect(await lineRows(bench, orderNo, progress)).toEqual([
        { LineNo: "1", Objstate: "Delivered", QtyAssigned: 0, QtyPicked: 0, QtyShipped: 24, QtyInvoiced: 0 },
        { LineNo: "2", Objstate: "Delivered", QtyAssigned: 0, QtyPicked: 0, QtyShipped: 1, QtyInvoiced: 0 },
      ]);
      const shipments = await bench.ask(
        "GET",
        "ShipmentHandling.svc/ShipmentSet?$select=ShipmentId,Objstate,ActualShipDate,ConsignmentNoteId,ForwardAgentId,ReceiverId&$filter=ConsignmentNoteId eq 'T-1'",
      );
      const id = Number(shipments.rows[0]?.ShipmentId);
      const lines = await bench.ask(
        "GET",
        `ShipmentHandling.svc/ShipmentLineSet?$select=SourceRef1,SourceRef2,SourceRef4,SourceRefType,InventoryQty,QtyShipped&$filter=ShipmentId eq ${id}`,
      );
      expect(shipments.rows.map(withoutTag)).toEqual([
        {
          ShipmentId: id,
          Objstate: "Completed",
          ActualShipDate: "2026-03-10T10:30:00Z",
          ConsignmentNoteId: "T-1",
          ForwardAgentId: "POSTNORD",
          ReceiverId: "WEB-DE",
        },
      ]);
      expect(lines.rows.map(withoutTag)).toEqual([
        {
          SourceRef1: orderNo,
          SourceRef2: "1",
          SourceRef4: "0",
          SourceRefType: "CustomerOrder",
          InventoryQty: 24,
          QtyShipped: 24,
        },
        {
          SourceRef1: orderNo,
          SourceRef2: "2",
          SourceRef4: "0",
          SourceRefType: "CustomerOrder",
          InventoryQty: 1,
          QtyShipped: 1,
        },
      ]);
      expect(await stockByPlace(bench, "101", "HB-M5X20")).toEqual({ ...reserved, "SHIP-01": 0 });

      const invoiced = accepted(await bench.clerk("invoice", { orderNo }));
      const ledger = await bench.ask(
        "GET",
        `ArCustomerInvoicesAnalysis.svc/Reference_InvoiceLedgerItemCu?$filter=InvoiceNo eq '${String(invoiced.json.invoiceNo)}'`,
      );
      const { "@odata.etag": _etag, ...ledgerRow } = ledger.rows[0] ?? {};
      expect(ledgerRow).toMatchObject({
        Company: "10",
        Currency: "EUR",
        InvoiceDate: "2026-03-10",
        InvoiceAmount: 32.76,
        OpenAmount: 32.76,
        Identity: "WEB-DE",
        Objstate: "PostedAuth",
      });
      expect(Object.keys(ledgerRow)).not.toContain("OrderNo");
      expect(await headerRow(bench, orderNo, "Objstate")).toEqual({ Objstate: "Invoiced" });
      expect((await lineRows(bench, orderNo, "QtyInvoiced")).map((line) => line.QtyInvoiced)).toEqual([2, 1]);
    });

    test("a partial shipment leaves the rest, and the parts' invoices add up", async () => {
      const orderNo = await placeOrder(bench, { lines: [{ ...bolt, qty: 3, price: 0.35 }] });
      const first = accepted(await bench.clerk("ship", { orderNo, lines: { "1": "1" } }));
      expect([first.json.state, await lineRows(bench, orderNo, progress)]).toEqual([
        "PartiallyDelivered",
        [{ LineNo: "1", Objstate: "PartiallyDelivered", QtyAssigned: 0, QtyPicked: 0, QtyShipped: 1, QtyInvoiced: 0 }],
      ]);
      accepted(await bench.clerk("invoice", { orderNo }));
      accepted(await bench.clerk("ship", { orderNo }));
      const last = accepted(await bench.clerk("invoice", { orderNo }));
      const amounts = (last.json.invoices as { amount: string }[]).map((invoice) => invoice.amount);
      expect([last.json.state, amounts, last.json.totalGross]).toEqual(["Invoiced", ["0.42", "0.83"], "1.25"]);
    });

    test("a Completed shipment without ActualShipDate has not left yet", async () => {
      const orderNo = await placeOrder(bench, { lines: [bolt] });
      const waiting = accepted(await bench.clerk("ship", { orderNo, deliver: false }));
      const shipment = (waiting.json.shipments as Record<string, unknown>[])[0];
      expect([waiting.json.state, shipment?.state, shipment?.shippedAt]).toEqual(["Picked", "Completed", null]);
      expect(accepted(await bench.clerk("deliver", { orderNo })).json.state).toBe("Delivered");
    });

    test("goods can leave without any shipment", async () => {
      const orderNo = await placeOrder(bench, { lines: [bolt] });
      const left = accepted(await bench.clerk("ship", { orderNo, withoutShipment: true }));
      expect([left.json.state, left.json.shipments]).toEqual(["Delivered", []]);
      expect(await lineRows(bench, orderNo, "QtyShipped,RealShipDate")).toEqual([
        { QtyShipped: 3, RealShipDate: "2026-03-10" },
      ]);
    });

    test("the order type decides how far the release runs", async () => {
      const stateAfter = async (header: Record<string, unknown>) => {
        const orderNo = await placeOrder(bench, { header, lines: [bolt] });
        await release(bench, orderNo);
        return headerRow(bench, orderNo, "Objstate,BlockedReason");
      };
      expect(await stateAfter({ OrderId: "WEB" })).toEqual({ Objstate: "Released", BlockedReason: null });
      expect(await stateAfter({ OrderId: "AUTO" })).toEqual({ Objstate: "Reserved", BlockedReason: null });
      expect(await stateAfter({ OrderId: "PRE", ProposedPrepaymentAmount: 10 })).toEqual({
        Objstate: "Blocked",
        BlockedReason: "BLKFORPREPAY",
      });
    });

    test("the credit check blocks, and a clerk lets the order go on", async () => {
      const orderNo = await placeOrder(bench, {
        header: { CustomerNo: "10003", PayTermId: "30" },
        lines: [{ ...bolt, extra: { DeliverToCustomerNo: "10003" } }],
      });
      expect((await release(bench, orderNo)).status).toBe(204);
      expect(await headerRow(bench, orderNo, "Objstate,BlockedReason,BlockedTypeDb")).toEqual({
        Objstate: "Blocked",
        BlockedReason: "BLKFORCRE",
        BlockedTypeDb: "CREDIT_BLOCKED",
      });
      expect(accepted(await bench.clerk("unblock", { orderNo })).json.state).toBe("Released");
    });

    test("cancelling needs a known reason, gives the stock back and is refused after delivery", async () => {
      const before = await stockByPlace(bench, "101", "HB-M5X20");
      const orderNo = await placeOrder(bench, { header: { OrderId: "AUTO" }, lines: [bolt, bolt] });
      await release(bench, orderNo);
      const missing = await action(bench, orderNo, "CustomerOrder_Cancel", {});
      const unknown = await action(bench, orderNo, "CustomerOrder_Cancel", { CancelReason: "NOPE" });
      const line = `CustomerOrderHandling.svc/CustomerOrderLineSet(OrderNo='${orderNo}',LineNo='1',RelNo='1',LineItemNo=0)`;
      const one = await bench.ask("POST", `${line}/IfsApp.CustomerOrderHandling.CustomerOrderLine_Cancel`, {
        body: { CancelReason: "WEB" },
        headers: { "if-match": (await bench.ask("GET", line)).headers.get("etag") ?? "" },
      });
      const half = await headerRow(bench, orderNo, "Objstate");
      const rest = await action(bench, orderNo, "CustomerOrder_Cancel", { CancelReason: "WEB" });
      expect([messageOf(missing), messageOf(unknown)]).toEqual([
        "ORA-20110: CustomerOrder.NOREASON: A cancellation reason must be entered.",
        'ORA-20110: CustomerOrder.NOCANCELREASON: Cancellation reason "NOPE" does not exist.',
      ]);
      expect([one.status, half.Objstate, rest.status]).toEqual([204, "Reserved", 204]);
      expect(await headerRow(bench, orderNo, "Objstate,CancelReason")).toEqual({
        Objstate: "Cancelled",
        CancelReason: "WEB",
      });
      expect(await stockByPlace(bench, "101", "HB-M5X20")).toEqual(before);

      const shipped = await placeOrder(bench, { lines: [bolt] });
      accepted(await bench.clerk("ship", { orderNo: shipped }));
      const late = await action(bench, shipped, "CustomerOrder_Cancel", { CancelReason: "WEB" });
      expect(messageOf(late)).toBe(
        `ORA-20110: CustomerOrder.NOCANCEL: Order ${shipped} is Delivered and may not be cancelled.`,
      );
    });

    test("a quantity changes in place before reservation, with its amounts, and not below what is reserved", async () => {
      const orderNo = await placeOrder(bench, { header: { OrderId: "AUTO" }, lines: [boxes] });
      const path = `CustomerOrderHandling.svc/CustomerOrderLineSet(OrderNo='${orderNo}',LineNo='1',RelNo='1',LineItemNo=0)`;
      const patch = async (body: unknown) =>
        bench.ask("PATCH", path, {
          body,
          headers: { "if-match": (await bench.ask("GET", path)).headers.get("etag") ?? "" },
        });
      accepted(await patch({ BuyQtyDue: 3 }));
      expect(await lineRows(bench, orderNo, "BuyQtyDue,RevisedQtyDue,NetAmountCurr,GrossAmountCurr")).toEqual([
        { BuyQtyDue: 3, RevisedQtyDue: 36, NetAmountCurr: 11.37, GrossAmountCurr: 13.53 },
      ]);
      await release(bench, orderNo);
      expect(messageOf(await patch({ BuyQtyDue: 1 }))).toBe(
        "ORA-20110: CustomerOrderLine.QTYLESS: The quantity may not be less than what is already reserved or delivered.",
      );
      expect(messageOf(await patch({ CatalogNo: "HB-M5X40" }))).toBe(
        "ORA-20110: CustomerOrderLine.UPDNOTALLOWED: Field [CatalogNo] may not be changed.",
      );
    });
  });

  describe("stock and other channels", () => {
    test("a telephone order takes availability, a receipt gives it, frozen and foreign stock is not sold", async () => {
      const sellable = async () =>
        accepted(await bench.clerk("stock", { part: "DRL-4.5-HSS", site: "101" })).json.sellable;
      const start = Number(await sellable());
      accepted(await bench.clerk("receive", { part: "DRL-4.5-HSS", qty: "5", site: "101" }));
      const sold = accepted(await bench.clerk("sell", { part: "DRL-4.5-HSS", qty: "2", site: "101" }));
      expect([sold.json.state, Number(await sellable())]).toEqual(["Reserved", start + 3]);
      accepted(await bench.clerk("freeze", { part: "DRL-4.5-HSS", site: "101" }));
      expect(await sellable()).toBe("0");
      const refused = await bench.clerk("issue", { part: "DRL-4.5-HSS", qty: "100000", site: "101" });
      expect([refused.status, refused.json]).toEqual([
        409,
        { message: 'There are not 100000 of part "DRL-4.5-HSS" to issue.' },
      ]);
    });

    test("open demand is read across orders by site and part", async () => {
      const orderNo = await placeOrder(bench, { lines: [{ catalogNo: "PMP-P8/1.5", qty: 1, price: 900 }] });
      const answer = await bench.ask(
        "GET",
        "CustomerOrderHandling.svc/CustomerOrderLineSet?$select=OrderNo,RevisedQtyDue,QtyAssigned,QtyShipped&$filter=Contract eq '101' and PartNo eq 'PMP-P8/1.5' and Objstate ne IfsApp.CustomerOrderHandling.CustomerOrderLineState'Cancelled'",
      );
      expect(answer.rows.map(withoutTag)).toContainEqual({
        OrderNo: orderNo,
        RevisedQtyDue: 1,
        QtyAssigned: 0,
        QtyShipped: 0,
      });
    });

    test("a changed price shows in the list", async () => {
      accepted(await bench.clerk("set-price", { priceList: "WEB-SEK", catalogNo: "HN.M5.A2", amount: "1.95" }));
      const answer = await bench.ask(
        "GET",
        "SalesPriceListHandling.svc/SalesPriceListPartSet?$select=MinQuantity,SalesPrice,SalesPriceInclTax&$filter=PriceListNo eq 'WEB-SEK' and CatalogNo eq 'HN.M5.A2' and MinQuantity eq 0 and ValidToDate eq null",
      );
      expect(answer.rows.map(withoutTag)).toEqual([{ MinQuantity: 0, SalesPrice: 1.95, SalesPriceInclTax: 2.44 }]);
    });
  });

  describe("customers", () => {
    test("a copy of the template with an address can be ordered for; a bare card cannot", async () => {
      const copy = accepted(
        await bench.ask("POST", "CustomerHandling.svc/CopyExistingCustomer", {
          body: {
            CustomerId: "TEMPLATE",
            NewId: "",
            NewName: "Dana O'Neil",
            NewCategory: "Customer",
            AssociationNo: "",
          },
        }),
      );
      const id = String(copy.json.value);
      const addresses = `CustomerHandling.svc/CustomerInfoSet(CustomerId='${id}')/CustomerInfoAddresses`;
      const address = {
        AddressId: "01",
        CustomerId: id,
        Name: "Dana O'Neil",
        Address1: "Gasse 1",
        ZipCode: "20095",
        City: "Hamburg",
        Country: "DE",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      accepted(await bench.ask("POST", addresses, { body: address }));
      for (const AddressTypeCode of ["Delivery", "Document"]) {
        const types = `${addresses}(CustomerId='${id}',AddressId='01')/AddressTypes`;
        accepted(await bench.ask("POST", types, { body: { AddressTypeCode, DefAddress: true } }));
      }
      const orderNo = await placeOrder(bench, { header: { CustomerNo: id }, lines: [] });
      const found = await bench.ask(
        "GET",
        "CustomerHandling.svc/CustomerInfoSet?$select=CustomerId&$filter=Name eq 'Dana O''Neil'",
      );
      expect(await headerRow(bench, orderNo, "CustomerName")).toEqual({ CustomerName: "Dana O'Neil" });
      expect(found.rows.map(withoutTag)).toEqual([{ CustomerId: id }]);

      const card = {
        Name: "Bare",
        CreationDate: "2026-03-10",
        Country: "DE",
        DefaultLanguage: "de",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      const bare = accepted(await bench.ask("POST", "CustomerHandling.svc/CustomerInfoSet", { body: card }));
      const refused = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: bare.json.CustomerId }) });
      expect(messageOf(refused)).toContain("CustomerOrder.NOSALESDATA");
    });

    test("required fields, digits and the default domain are insisted on", async () => {
      const card = {
        Name: "X",
        CreationDate: "2026-03-10",
        Country: "DE",
        DefaultLanguage: "de",
        PartyType: "Customer",
        DefaultDomain: true,
      };
      const refusal = async (extra: Record<string, unknown>) =>
        messageOf(await bench.ask("POST", "CustomerHandling.svc/CustomerInfoSet", { body: { ...card, ...extra } }));
      expect(
        await Promise.all([
          refusal({ Name: null }),
          refusal({ AssociationNo: "DE1" }),
          refusal({ AssociationNo: "811234501" }),
          refusal({ DefaultDomain: false }),
        ]),
      ).toEqual([
        "ORA-20110: CustomerInfo.NULLVALUE: Field [NAME] is mandatory for Customer Info and requires a value.",
        "ORA-20110: CustomerInfo.ASSOCIATIONNO: The association number may hold digits only.",
        "ORA-20110: CustomerInfo.ASSOCIATIONEXIST: Association number 811234501 belongs to another customer.",
        "ORA-20110: CustomerInfo.NODOMAIN: Field [DEFAULT_DOMAIN] must be true.",
      ]);
    });
  });
});
