import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  action,
  chargeBody,
  headerRow,
  type LineWish,
  lineRows,
  placeOrder,
  release,
  stockByPlace,
  withoutTag,
} from "./testing/orders.ts";

const bolt: LineWish = { catalogNo: "HB-M5X20", qty: 3, price: 9.5 };
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

describe.each(forms)("IFS order flow $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

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

      accepted(await bench.clerk("unreserve", { orderNo }));
      expect(await stockByPlace(bench, "101", "HB-M5X20")).toEqual(start);
      expect((await lineRows(bench, orderNo, progress))[0]).toMatchObject({ Objstate: "Released", QtyAssigned: 0 });
      expect(await headerRow(bench, orderNo, "Objstate")).toEqual({ Objstate: "Released" });
      accepted(await bench.clerk("reserve", { orderNo }));

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

    test("what is not in stock cannot be shipped, what is there can", async () => {
      const part = { part: "PMP-P5/1.5", site: "101" };
      const there = Number(accepted(await bench.clerk("stock", part)).json.sellable);
      accepted(await bench.clerk("issue", { ...part, qty: there - 1 }));
      const orderNo = await placeOrder(bench, { lines: [{ catalogNo: "PMP-P5/1.5", qty: 2, price: 100 }] });
      const first = accepted(await bench.clerk("ship", { orderNo }));
      const second = await bench.clerk("ship", { orderNo });
      expect([first.json.state, await lineRows(bench, orderNo, "QtyShipped,QtyToReserve")]).toEqual([
        "PartiallyDelivered",
        [{ QtyShipped: 1, QtyToReserve: 1 }],
      ]);
      expect([second.status, second.json.message]).toEqual([409, `Order ${orderNo} has nothing that can be shipped.`]);
      expect(accepted(await bench.clerk("stock", part)).json.sellable).toBe("0");
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
});
