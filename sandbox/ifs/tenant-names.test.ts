import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultSettings, type IfsSettings } from "./settings.ts";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import { accepted, headerBody, ORDERS, placeOrder, release, withoutTag } from "./testing/orders.ts";

const bolt = { catalogNo: "HB-M5X20", qty: 1, price: 9.5 };
const SHIPMENTS = "ShipmentHandling.svc/ShipmentSet";
const PARTS = "SalesPartHandling.svc/SalesPartSet";

/** A tenant that spells properties, members and types in its own way. */
describe.each(forms)("IFS names of another tenant $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterEach(() => {
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const set = async (changes: Partial<IfsSettings>) => accepted(await bench.control("POST", "settings", changes));
  const metadata = async (projection: string) => (await bench.ask("GET", `${projection}.svc/$metadata`)).text;

  test("a property under another name is written, read, filtered, sorted and listed in the metadata by it", async () => {
    await set({
      renames: {
        "CustomerOrderHandling/CustomerOrderSet/ExternalRef": "Cf_Shop_Order_Id",
        "CustomerOrderHandling/CustomerOrderSet/CustomerNo": "Buyer",
        "CustomerOrderHandling/CustomerOrderSet/WantedDeliveryDate": "WantedOn",
      },
    });
    const { ExternalRef: _ref, CustomerNo, WantedDeliveryDate, ...rest } = headerBody();
    const body = { ...rest, Buyer: CustomerNo, WantedOn: WantedDeliveryDate, Cf_Shop_Order_Id: "ct-77" };
    const made = accepted(await bench.ask("POST", ORDERS, { body }));
    const select = "$select=Cf_Shop_Order_Id,WantedOn&$orderby=WantedOn desc";
    const day = String(WantedDeliveryDate);
    const found = await bench.ask(
      "GET",
      `${ORDERS}?${select}&$filter=Cf_Shop_Order_Id eq 'ct-77' and WantedOn ge ${day}`,
    );
    const old = await bench.ask("GET", `${ORDERS}?$filter=ExternalRef eq 'ct-77'`);
    const oldBody = await bench.ask("POST", ORDERS, { body: headerBody() });
    const defaults = await bench.ask("GET", `${ORDERS}/IfsApp.CustomerOrderHandling.CustomerOrder_Default()`);
    const aware = await bench.ask("GET", `${ORDERS}(OrderNo='${String(made.json.OrderNo)}')?$select=WantedOn`, {
      headers: { "x-ifs-time-zone-aware-request": "true" },
    });
    expect(found.rows.map(withoutTag)).toEqual([{ Cf_Shop_Order_Id: "ct-77", WantedOn: day }]);
    expect([old.status, oldBody.status, messageOf(oldBody)]).toEqual([
      400,
      400,
      "The property 'CustomerNo' is not defined in type 'IfsApp.CustomerOrderHandling.CustomerOrder'.",
    ]);
    expect([defaults.json.WantedOn, aware.json.WantedOn]).toEqual(["2026-03-12T00:00:00Z", "2026-03-11T23:00:00Z"]);
    const edmx = await metadata("CustomerOrderHandling");
    expect(edmx).toContain('<Property Name="Cf_Shop_Order_Id" Type="Edm.String" MaxLength="50"/>');
    expect(edmx).toContain('<ReferentialConstraint Property="Buyer" ReferencedProperty="CustomerId"/>');
    expect(edmx).not.toContain('Name="ExternalRef"');
  });

  test("a key under another name addresses, selects and filters rows, and the old one is unknown", async () => {
    await set({
      renames: {
        "ShipmentHandling/ShipmentSet/ShipmentId": "CShipmentId",
        "ShipmentHandling/ShipmentLineSet/ShipmentId": "CShipmentId",
        "CustomerOrderHandling/CustomerOrderLineSet/OrderNo": "COrderNo",
      },
      linesAcrossOrders: false,
    });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const { shipmentId } = accepted(await bench.clerk("ship", { orderNo })).json;
    const id = String(shipmentId);
    const row = await bench.ask("GET", `${SHIPMENTS}(CShipmentId=${id})?$select=CShipmentId`);
    const old = await bench.ask("GET", `${SHIPMENTS}(ShipmentId=${id})`);
    const lines = await bench.ask(
      "GET",
      `ShipmentHandling.svc/ShipmentLineSet?$select=CShipmentId&$filter=CShipmentId eq ${id}`,
    );
    const ofOrder = await bench.ask(
      "GET",
      `CustomerOrderHandling.svc/CustomerOrderLineSet?$select=COrderNo&$filter=COrderNo eq '${orderNo}'`,
    );
    expect([row.json.CShipmentId, old.status, messageOf(old)]).toEqual([
      Number(id),
      400,
      "'ShipmentId' is no key of 'ShipmentSet'.",
    ]);
    expect([lines.rows.map(withoutTag), ofOrder.rows.map(withoutTag)]).toEqual([
      [{ CShipmentId: Number(id) }],
      [{ COrderNo: orderNo }],
    ]);
    const edmx = await metadata("ShipmentHandling");
    expect(edmx).toContain('<Key><PropertyRef Name="CShipmentId"/><PropertyRef Name="ShipmentLineNo"/></Key>');
    expect(edmx).toContain('<ReferentialConstraint Property="CShipmentId" ReferencedProperty="CShipmentId"/>');
    expect(edmx).not.toContain('"ShipmentId"');
  });

  test("members in another spelling leave, come in and filter under it", async () => {
    await set({
      memberNames: {
        "CustomerOrderState/Blocked": "CreditBlocked",
        "SalesPartType/InventoryPart": "InvPart",
        "ActiveSalesPart/ActivePart": "Active",
      },
    });
    const header = { CustomerNo: "10003", PayTermId: "30" };
    const line = { ...bolt, extra: { DeliverToCustomerNo: "10003", CatalogType: "InvPart" } };
    const orderNo = await placeOrder(bench, { header, lines: [line] });
    await release(bench, orderNo);
    const blocked = (member: string) =>
      bench.ask(
        "GET",
        `${ORDERS}?$select=OrderNo,Objstate&$filter=OrderNo eq '${orderNo}' and Objstate eq IfsApp.CustomerOrderHandling.CustomerOrderState'${member}'`,
      );
    const found = await blocked("CreditBlocked");
    const other = await blocked("Planned");
    const unknown = await blocked("Blocked");
    const oldBody = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, {
      body: { CatalogType: "InventoryPart" },
    });
    expect([found.rows.map(withoutTag), other.rows]).toEqual([[{ OrderNo: orderNo, Objstate: "CreditBlocked" }], []]);
    expect([unknown.status, messageOf(unknown), messageOf(oldBody)]).toEqual([
      400,
      "The enumeration 'IfsApp.CustomerOrderHandling.CustomerOrderState' has no member 'Blocked'.",
      "The value for property 'CatalogType' is not of type 'SalesPartType'.",
    ]);
    expect(await metadata("CustomerOrderHandling")).toContain('<Member Name="CreditBlocked" Value="2"/>');
    const part = await bench.ask("GET", `${PARTS}?$top=1&$select=Activeind&$filter=CatalogNo eq 'HB-M5X20'`);
    expect(part.rows.map(withoutTag)).toEqual([{ Activeind: "Active" }]);
  });

  test("booleans as texts or FndBoolean, timestamps as days, states as texts", async () => {
    await set({
      propertyTypes: {
        "SalesPartHandling/SalesPartSet/ExportToExternalApp": "flag",
        "SalesPartHandling/SalesPartSet/Taxable": "fndBoolean",
        "CustomerOrderHandling/CustomerOrderSet/WantedDeliveryDate": "date",
        "CustomerOrderHandling/CustomerOrderSet/UsePriceInclTax": "fndBoolean",
        "CustomerOrderHandling/CustomerOrderSet/Objstate": "text",
        "ArCustomerInvoicesAnalysis/Reference_InvoiceLedgerItemCu/InvoiceDate": "timestamp",
      },
    });
    const filter =
      "ExportToExternalApp eq 'TRUE' and Taxable eq IfsApp.SalesPartHandling.FndBoolean'True' and CatalogNo eq 'HB-M5X20'";
    const part = await bench.ask("GET", `${PARTS}?$top=1&$select=ExportToExternalApp,Taxable&$filter=${filter}`);
    const body = headerBody({ WantedDeliveryDate: "2026-03-20", UsePriceInclTax: "True" });
    const order = accepted(await bench.ask("POST", ORDERS, { body }));
    const orderNo = String(order.json.OrderNo);
    const planned = await bench.ask(
      "GET",
      `${ORDERS}?$filter=OrderNo eq '${orderNo}' and Objstate eq 'Planned' and WantedDeliveryDate eq 2026-03-20`,
    );
    const stored = bench.model.world().table("CustomerOrder").get(orderNo)?.values;
    expect(part.rows.map(withoutTag)).toEqual([{ ExportToExternalApp: "TRUE", Taxable: "True" }]);
    expect([order.json.WantedDeliveryDate, order.json.UsePriceInclTax, order.json.Objstate]).toEqual([
      "2026-03-20",
      "True",
      "Planned",
    ]);
    expect([planned.rows.length, stored?.WantedDeliveryDate, stored?.UsePriceInclTax]).toEqual([
      1,
      "2026-03-20T00:00:00Z",
      true,
    ]);
    expect(await metadata("SalesPartHandling")).toContain(
      '<Property Name="ExportToExternalApp" Type="Edm.String" MaxLength="5"/>',
    );
    expect(await metadata("ArCustomerInvoicesAnalysis")).toContain(
      '<Property Name="InvoiceDate" Type="Edm.DateTimeOffset"/>',
    );
  });

  test("settings of this kind are texts, and types are known ones", async () => {
    const answers = await Promise.all(
      [{ renames: { A: 1 } }, { propertyTypes: { "A/B/C": "float" } }].map((body) =>
        bench.control("POST", "settings", body),
      ),
    );
    expect(answers.map((answer) => [answer.status, answer.json.message])).toEqual([
      [400, '"renames" has a number for "A", not a text'],
      [400, '"propertyTypes" knows flag, fndBoolean, date, timestamp, text, isoCountry, not "float"'],
    ]);
  });

  test("the carrier's number under another name, the state of what has left, and a tenant's own field", async () => {
    await set({ trackingField: "ProNo", shipmentAfterDelivery: "Closed" });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const shipped = accepted(await bench.clerk("ship", { orderNo, trackingNumber: "T-1" }));
    const row = (select: string) =>
      bench.ask("GET", `${SHIPMENTS}(ShipmentId=${String(shipped.json.shipmentId)})?$select=${select}`);
    const first = accepted(await row("Objstate,ProNo,ConsignmentNoteId")).json;
    expect([first.Objstate, first.ProNo, first.ConsignmentNoteId]).toEqual(["Closed", "T-1", null]);
    await set({ renames: { "ShipmentHandling/ShipmentSet/ProNo": "Cf_Tracking" } });
    expect(accepted(await row("Cf_Tracking")).json.Cf_Tracking).toBe("T-1");
  });
});
