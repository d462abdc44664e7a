import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, codeOf, forms, messageOf } from "./testing/harness.ts";
import { accepted, headerBody, ORDERS, placeOrder, withoutTag } from "./testing/orders.ts";

/** The protocol to the letter, on the sandbox's own company; what holds of any tenant is in ../conformance/. */
describe.each(forms)("IFS protocol $form", ({ form, open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet";

  describe("paths and grants", () => {
    test("no token, or a forged one, is 401", async () => {
      const none = await bench.ask("GET", stock, { as: null });
      const forged = await bench.raw("GET", `/main/ifsapplications/projection/v1/${stock}`, {
        headers: { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." },
      });
      expect([none.status, forged.status]).toEqual([401, 401]);
    });

    test("unknown projections and page projections under /int are 404 Metadata not found", async () => {
      const unknown = await bench.ask("GET", "NoSuchHandling.svc/Set");
      const headers = { authorization: `Bearer ${await bench.tokenOf("ctconnector")}` };
      const path = "/int/ifsapplications/projection/v1/CustomerHandling.svc/CustomerInfoSet";
      const integration = await bench.raw("GET", path, { headers });
      expect([unknown.status, messageOf(unknown)]).toEqual([404, "Metadata not found."]);
      expect([integration.status, messageOf(integration)]).toEqual([404, "Metadata not found."]);
    });

    test("a projection that is not granted is 403; sites that are not granted are empty lists", async () => {
      const refused = await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite", { as: "stockonly" });
      const sweden = await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite?$select=Contract", {
        as: "sweden",
      });
      const nobody = await bench.ask("GET", stock, { as: "nobody" });
      expect(refused.status).toBe(403);
      expect(sweden.rows.map(withoutTag)).toEqual([{ Contract: "201" }]);
      expect([nobody.status, nobody.rows]).toEqual([200, []]);
    });

    test("another site's row is not there, and another site's order is refused", async () => {
      const order = await placeOrder(bench, { lines: [{ catalogNo: "HB-M5X20", qty: 1, price: 1 }] });
      const hidden = await bench.ask("GET", `${ORDERS}(OrderNo='${order}')`, { as: "sweden" });
      const refused = await bench.ask("POST", ORDERS, { body: headerBody(), as: "sweden" });
      expect([hidden.status, codeOf(hidden)]).toEqual([404, "ODP_RESOURCE_NOTFOUND"]);
      expect(messageOf(refused)).toBe(
        "ORA-20110: CustomerOrder.NOTALLOWEDSITE: User SWEDEN is not connected to site 101.",
      );
    });

    test("the service document and the catalogue list what there is", async () => {
      const document = await bench.ask("GET", "ShipmentHandling.svc/");
      const catalogue = await bench.ask(
        "GET",
        "AllProjections.svc/Projections?$select=ProjectionName&$filter=startswith(ProjectionName,'CustomerOrder')",
      );
      expect(document.rows).toEqual([
        { name: "ShipmentSet", kind: "EntitySet", url: "ShipmentSet" },
        { name: "ShipmentLineSet", kind: "EntitySet", url: "ShipmentLineSet" },
      ]);
      expect(catalogue.rows.map(withoutTag)).toEqual([
        { ProjectionName: "CustomerOrderHandling" },
        { ProjectionName: "CustomerOrdersHandling" },
        { ProjectionName: "CustomerOrderLinesHandling" },
      ]);
    });

    test("$metadata has the namespace, decimals, lengths, members and actions, and no Nullable", async () => {
      const { text, headers } = await bench.ask("GET", "CustomerOrderHandling.svc/$metadata");
      expect(headers.get("content-type")).toBe("application/xml");
      for (const piece of [
        'Namespace="IfsApp.CustomerOrderHandling"',
        '<Property Name="BuyQtyDue" Type="Edm.Decimal" Precision="130" Scale="65"/>',
        '<Property Name="OrderNo" Type="Edm.String" MaxLength="12"/>',
        '<Property Name="Objstate" Type="IfsApp.CustomerOrderHandling.CustomerOrderState"/>',
        '<Member Name="PartiallyDelivered" Value="5"/>',
        '<NavigationProperty Name="OrderLinesArray" Type="Collection(IfsApp.CustomerOrderHandling.CustomerOrderLine)"/>',
        '<Action Name="CustomerOrder_Release" IsBound="true">',
        '<EntityContainer Name="DefaultContainer">',
        '<ComplexType Name="EntityDec">',
      ]) {
        expect(text).toContain(piece);
      }
      expect(text).not.toContain("Nullable");
    });
  });

  describe("rows and tags", () => {
    test("a whole row has its bookkeeping, a selected one only the tag", async () => {
      const path = "SitesHandling.svc/Reference_CompanySite(Contract='101')";
      const whole = await bench.ask("GET", path);
      const selected = await bench.ask("GET", `${path}?$select=Description`);
      const etag = whole.headers.get("etag");
      expect(whole.json).toEqual({
        "@odata.context": expect.stringMatching(/SitesHandling\.svc\/\$metadata#Reference_CompanySite\/\$entity$/),
        "@odata.etag": etag,
        luname: "CompanySite",
        keyref: "CONTRACT=101^",
        Objgrants: null,
        Contract: "101",
        Description: "Hamburg",
        Company: "10",
      });
      expect(Object.keys(selected.json)).toEqual(["@odata.context", "@odata.etag", "Description"]);
    });

    test("the tag is weak, holds objid:objversion and changes on each write", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const path = `${ORDERS}(OrderNo='${orderNo}')`;
      const tagOf = async () => (await bench.ask("GET", path)).headers.get("etag") ?? "";
      const before = await tagOf();
      const plain = Buffer.from(before.slice(3, -1), "base64").toString("utf8");
      const patched = await bench.ask("PATCH", path, { body: { NoteText: "x" }, headers: { "if-match": before } });
      expect(plain).toMatch(/^[A-Za-z0-9+/]{18}:20260310103000\d{8}$/);
      expect([patched.status, patched.headers.get("etag")]).toEqual([200, await tagOf()]);
      expect(await tagOf()).not.toBe(before);
    });

    test("decimals are JSON numbers, enumerations bare members, absent values null", async () => {
      const orderNo = await placeOrder(bench, {
        lines: [{ catalogNo: "CBL-3G1.5", qty: 2.5, price: 1.25, unit: "M" }],
      });
      const select = "BuyQtyDue,NetAmountCurr,Objstate,SupplyCode,RealShipDate";
      const answer = await bench.ask("GET", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray?$select=${select}`);
      expect(answer.text).toContain(
        '"BuyQtyDue":2.5,"NetAmountCurr":3.13,"Objstate":"Planned","SupplyCode":"InventOrder","RealShipDate":null',
      );
    });

    test("keys with blanks, slashes and dots are reached in their encoded form", async () => {
      const key = encodeURIComponent("'WSH 5.3/A2'");
      const part = await bench.ask(
        "GET",
        `SalesPartHandling.svc/SalesPartSet(Contract='101',CatalogNo=${key})?$select=CatalogDesc`,
      );
      expect([part.status, part.json.CatalogDesc]).toEqual([200, "Flat washer 5.3 mm, A2"]);
    });
  });

  describe("preconditions", () => {
    const path = (orderNo: string) => `${ORDERS}(OrderNo='${orderNo}')`;

    test("a bound action needs If-Match; stale is 412; the star fits", async () => {
      const orderNo = await placeOrder(bench, { lines: [{ catalogNo: "HB-M5X20", qty: 1, price: 1 }] });
      const call = (headers: Record<string, string>) =>
        bench.ask("POST", `${path(orderNo)}/IfsApp.CustomerOrderHandling.CustomerOrder_Release`, { body: {}, headers });
      const missing = await call({});
      const stale = await call({ "if-match": 'W/"QUFB"' });
      const star = await call({ "if-match": "*" });
      expect([missing, stale, star].map((answer) => [answer.status, codeOf(answer)])).toEqual([
        [428, "ODP_MISSING_PRECONDITION"],
        [412, "ODP_PRECONDITION_FAILED"],
        [204, ""],
      ]);
    });

    test("PATCH without If-Match updates, and inserts where the key is free", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const updated = await bench.ask("PATCH", path(orderNo), { body: { NoteText: "hello" } });
      const { OrderNo: _none, ...body } = headerBody({ ExternalRef: "upserted" });
      const inserted = await bench.ask("PATCH", path("TYPO1"), { body });
      const guarded = await bench.ask("PATCH", path("TYPO2"), { body, headers: { "if-match": "*" } });
      expect([updated.status, updated.json.NoteText]).toEqual([200, "hello"]);
      expect([inserted.status, inserted.json.OrderNo]).toEqual([201, "TYPO1"]);
      expect(guarded.status).toBe(404);
    });

    test("two writers with one tag: the second is refused and nothing is lost", async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const tag = (await bench.ask("GET", path(orderNo))).headers.get("etag") ?? "";
      const write = (NoteText: string) =>
        bench.ask("PATCH", path(orderNo), { body: { NoteText }, headers: { "if-match": tag } });
      const answers = [await write("first"), await write("second")];
      expect(answers.map((answer) => answer.status)).toEqual([200, 412]);
      expect((await bench.ask("GET", path(orderNo))).json.NoteText).toBe("first");
    });
  });

  describe("bodies and errors", () => {
    test("broken JSON, a wrong type, an unknown property, a long text and a wrong content type are de-serialization errors", async () => {
      const bodies = [
        "{",
        JSON.stringify({ Contract: 101 }),
        JSON.stringify({ Nope: 1 }),
        JSON.stringify({ OrderNo: "1234567890123" }),
      ];
      const answers = await Promise.all(bodies.map((body) => bench.ask("POST", ORDERS, { body })));
      const typed = await bench.ask("POST", ORDERS, { body: "{}", headers: { "content-type": "text/plain" } });
      expect([...answers, typed].map((answer) => [answer.status, codeOf(answer)])).toEqual(
        Array(5).fill([400, "ODP_DESERIALIZATION_ERROR"]),
      );
    });

    test("business rules are 500 with ORA-20110 in the details", async () => {
      const answer = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: "NOBODY" }) });
      expect([answer.status, answer.json]).toEqual([
        500,
        {
          error: {
            code: "DATABASE_ERROR",
            message: "Database error occurred. Contact administrator.",
            details: [
              {
                code: "DATABASE_ERROR",
                message: 'ORA-20110: CustomerOrder.NOCUSTOMER: Customer "NOBODY" does not exist.',
              },
            ],
          },
        },
      ]);
    });

    test("MI_MODIFIED_ERROR after a deployment heals with the second request", async () => {
      accepted(await bench.clerk("deploy", { projection: "SitesHandling" }));
      const path = "SitesHandling.svc/Reference_CompanySite?$select=Contract&$top=1";
      const answers = [await bench.ask("GET", path), await bench.ask("GET", path)];
      expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual([
        [500, "MI_MODIFIED_ERROR"],
        [200, ""],
      ]);
    });

    test("a temporary selection takes a JSON array only", async () => {
      const lobs = "ReportPickingOfPickListLines.svc/FndTempLobs";
      const lob = accepted(await bench.ask("POST", lobs, { body: { CreatedByModule: "ct" } }));
      const path = `${lobs}(LobId='${String(lob.json.LobId)}')/ClobData`;
      const put = (body: string) => bench.ask("PUT", path, { body, headers: { "if-match": "*" } });
      const bad = await put("A=1^B=2^");
      const good = await put('["A=1^B=2^"]');
      expect([bad.status, messageOf(bad), good.status]).toEqual([500, "ORA-40441: JSON syntax error", 204]);
    });

    test("the default function and the print action answer", async () => {
      const defaults = await bench.ask("GET", `${ORDERS}/IfsApp.CustomerOrderHandling.CustomerOrder_Default()`);
      const orderNo = await placeOrder(bench, { lines: [{ catalogNo: "HB-M5X20", qty: 1, price: 1 }] });
      const print = await bench.ask(
        "POST",
        `${ORDERS}(OrderNo='${orderNo}')/IfsApp.CustomerOrderHandling.CustomerOrder_PrintResultKey`,
        { body: { ReportId: "CUSTOMER_ORDER_CONF_REP" }, headers: { "if-match": "*" } },
      );
      expect(defaults.json).toMatchObject({
        Contract: "101",
        Company: "10",
        WantedDeliveryDate: "2026-03-12T00:00:00Z",
        AdditionalDiscount: 0,
      });
      expect(print.json.value).toMatch(/^\d{6}$/);
    });
  });

  test("timestamps are site digits with Z, and real UTC for an aware request on a marked projection", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const path = `${ORDERS}(OrderNo='${orderNo}')?$select=DateEntered,WantedDeliveryDate`;
    const local = await bench.ask("GET", path);
    const aware = await bench.ask("GET", path, { headers: { "x-ifs-time-zone-aware-request": "true" } });
    const created = accepted(
      await bench.ask("POST", ORDERS, {
        body: headerBody({ WantedDeliveryDate: "2026-07-01T22:00:00Z" }),
        headers: { "x-ifs-time-zone-aware-request": "true" },
      }),
    );
    const stored = await bench.ask(
      "GET",
      `${ORDERS}(OrderNo='${String(created.json.OrderNo)}')?$select=WantedDeliveryDate`,
    );
    expect([local.json.DateEntered, local.json.WantedDeliveryDate]).toEqual([
      "2026-03-10T10:30:00Z",
      "2026-03-12T00:00:00Z",
    ]);
    expect([aware.json.DateEntered, aware.json.WantedDeliveryDate]).toEqual([
      "2026-03-10T09:30:00Z",
      "2026-03-11T23:00:00Z",
    ]);
    expect(created.json.WantedDeliveryDate).toBe("2026-07-01T22:00:00Z");
    expect(stored.json.WantedDeliveryDate).toBe("2026-07-02T00:00:00Z");
  });

  test("faults strike: planned status with Retry-After, and a lost response after the commit", async () => {
    bench.faults.add({ kind: "status", status: 429, headers: { "retry-after": "2" }, times: 1, path: "SitesHandling" });
    const limited = await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite");
    bench.faults.add({ kind: "loseResponse", methods: ["POST"], times: 1 });
    const lost = bench.ask("POST", ORDERS, { body: headerBody({ ExternalRef: `lost ${form}` }) });
    await expect(lost).rejects.toThrow(TypeError);
    const found = await bench.ask("GET", `${ORDERS}?$select=Objstate&$filter=ExternalRef eq 'lost ${form}'`);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2"]);
    expect(found.rows.map(withoutTag)).toEqual([{ Objstate: "Planned" }]);
  });

  test("requests are counted, and a reset brings the same company back", async () => {
    const before = await bench.ask("GET", `${stock}?$top=5&$select=PartNo,LocationNo,QtyOnhand`);
    accepted(await bench.control("POST", "reset"));
    const after = await bench.ask("GET", `${stock}?$top=5&$select=PartNo,LocationNo,QtyOnhand`);
    const counters = await bench.control("GET", "state/counters");
    expect(after.rows.map(withoutTag)).toEqual(before.rows.map(withoutTag));
    expect(counters.json).toEqual({ "GET InventoryPartInStockHandling/InventoryPartInStockSet": 1 });
  });
});
