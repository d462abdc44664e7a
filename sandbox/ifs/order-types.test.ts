import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms } from "./testing/harness.ts";
import {
  accepted,
  chargeBody,
  headerRow,
  lineRows,
  ORDERS,
  placeOrder,
  release,
  withoutTag,
} from "./testing/orders.ts";

const bolt = { catalogNo: "HB-M5X20", qty: 2, price: 9.5 };
const service = { catalogNo: "SRV-INSTALL-S", partNo: "", qty: 1, price: 15 };
const LINES = "ShipmentHandling.svc/ShipmentLineSet";

describe.each(forms)("IFS order types and shared shipments $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const quantities = (orderNo: string) =>
    lineRows(bench, orderNo, "Objstate,QtyAssigned,QtyPicked,QtyShipped,QtyInvoiced");

  test.each([
    ["WEB", "Released", [0, 0, 0, 0]],
    ["AUTO", "Reserved", [2, 0, 0, 0]],
    ["PICK", "Picked", [2, 2, 0, 0]],
    ["FULL", "Delivered", [0, 0, 2, 0]],
    ["CASH", "Invoiced", [0, 0, 2, 2]],
  ])("order type %s runs to %s by itself", async (OrderId, state, [reserved, picked, shipped, invoiced]) => {
    const orderNo = await placeOrder(bench, { header: { OrderId }, lines: [bolt] });
    accepted(await release(bench, orderNo));
    expect(await headerRow(bench, orderNo, "Objstate")).toEqual({ Objstate: state });
    expect(await quantities(orderNo)).toEqual([
      { Objstate: state, QtyAssigned: reserved, QtyPicked: picked, QtyShipped: shipped, QtyInvoiced: invoiced },
    ]);
  });

  test("where there is nothing in stock the flow waits, and services leave alone", async () => {
    const header = { OrderId: "CASH" };
    const none = await placeOrder(bench, { header, lines: [{ ...bolt, qty: 90_000 }] });
    accepted(await bench.clerk("issue", { part: "HB-M5X20", site: "101", qty: await sellable() }));
    accepted(await release(bench, none));
    const mixed = await placeOrder(bench, { header, lines: [bolt, service] });
    accepted(await release(bench, mixed));
    expect((await headerRow(bench, none, "Objstate")).Objstate).toBe("Released");
    expect((await headerRow(bench, mixed, "Objstate")).Objstate).toBe("PartiallyDelivered");
    expect((await quantities(mixed)).map((line) => line.Objstate)).toEqual(["Released", "Invoiced"]);
    accepted(await bench.clerk("receive", { part: "HB-M5X20", site: "101", qty: "500" }));
  });

  async function sellable(): Promise<string> {
    return String(accepted(await bench.clerk("stock", { part: "HB-M5X20", site: "101" })).json.sellable);
  }

  test("one shipment carries two orders of a receiver, and a line of another business that looks like theirs", async () => {
    const first = await placeOrder(bench, { lines: [bolt] });
    const second = await placeOrder(bench, { lines: [{ ...bolt, qty: 3 }] });
    const stranger = await placeOrder(bench, {
      header: { CustomerNo: "10001", PayTermId: "30" },
      lines: [{ ...bolt, extra: { DeliverToCustomerNo: "10001" } }],
    });
    accepted(await release(bench, first));
    accepted(await bench.clerk("reserve", { orderNo: first }));
    const wrong = await bench.clerk("ship", { orderNo: first, with: stranger });
    const shipped = accepted(
      await bench.clerk("ship", { orderNo: first, with: second, lines: { "1": 1 }, foreignLine: true }),
    );
    const filter = `$filter=ShipmentId eq ${String(shipped.json.shipmentId)}`;
    const rows = await bench.ask("GET", `${LINES}?$select=SourceRefType,SourceRef1,QtyShipped&${filter}`);
    expect([wrong.status, wrong.json.message]).toEqual([
      409,
      `Order ${stranger} goes to another receiver or from another site.`,
    ]);
    expect(rows.rows.map(withoutTag)).toEqual([
      { SourceRefType: "CustomerOrder", SourceRef1: first, QtyShipped: 1 },
      { SourceRefType: "CustomerOrder", SourceRef1: second, QtyShipped: 3 },
      { SourceRefType: "ShipmentOrder", SourceRef1: first, QtyShipped: 0 },
    ]);
    const states = [await headerRow(bench, first, "Objstate"), await headerRow(bench, second, "Objstate")];
    expect(states).toEqual([{ Objstate: "PartiallyDelivered" }, { Objstate: "Delivered" }]);
    expect(await quantities(first)).toEqual([
      { Objstate: "PartiallyDelivered", QtyAssigned: 1, QtyPicked: 0, QtyShipped: 1, QtyInvoiced: 0 },
    ]);
    expect((await headerRow(bench, stranger, "Objstate")).Objstate).toBe("Planned");
  });

  test("an invoiced charge stays, another may go", async () => {
    const orderNo = await placeOrder(bench, {
      lines: [bolt],
      charges: [chargeBody("FREIGHT", 5), chargeBody("SURCHARGE", 1)],
    });
    const remove = (sequenceNo: number) =>
      bench.ask(
        "DELETE",
        `${ORDERS}(OrderNo='${orderNo}')/CustomerOrderChargeArray(OrderNo='${orderNo}',SequenceNo=${sequenceNo})`,
        {
          headers: { "if-match": "*" },
        },
      );
    const before = await remove(2);
    accepted(await bench.clerk("ship", { orderNo }));
    accepted(await bench.clerk("invoice", { orderNo }));
    const after = await remove(1);
    expect([before.status, after.status]).toEqual([204, 500]);
  });

  test("a promise is a day", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const refused = await bench.clerk("promise", { orderNo, date: "soon" });
    accepted(await bench.clerk("promise", { orderNo, date: "2026-05-31" }));
    expect([refused.status, refused.json.message]).toEqual([400, '"date" is a day as in 2026-05-31, not "soon".']);
    expect(await lineRows(bench, orderNo, "PromisedDeliveryDate")).toEqual([
      { PromisedDeliveryDate: "2026-05-31T00:00:00Z" },
    ]);
  });
});
