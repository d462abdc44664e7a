import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultSettings, type IfsSettings, parseSettings } from "./settings.ts";
import { type Bench, codeOf, forms, messageOf } from "./testing/harness.ts";
import { accepted, headerBody, lineBody, ORDERS, placeOrder, release, withoutTag } from "./testing/orders.ts";

const bolt = { catalogNo: "HB-M5X20", qty: 1, price: 100 };
const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet";
const SITES = "SitesHandling.svc/Reference_CompanySite";

/** Points that no public source settles, each in both positions. */
describe.each(forms)("IFS unsettled points $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterEach(() => {
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const set = async (changes: Partial<IfsSettings>) => accepted(await bench.control("POST", "settings", changes));
  const path = (orderNo: string) => `${ORDERS}(OrderNo='${orderNo}')`;

  test("codes and statuses of refusals, outside and inside of a business rule", async () => {
    const answers = async () => {
      const unknown = await bench.ask("GET", `${SITES}?$filter=Nope eq 1`);
      const nowhere = await bench.ask("GET", "NoSuchHandling.svc/Set");
      const broken = await bench.ask("POST", ORDERS, { body: "{" });
      const refused = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: "NOBODY" }) });
      return [unknown, nowhere, broken, refused].map((answer) => [answer.status, codeOf(answer)]);
    };
    expect(await answers()).toEqual([
      [400, "ODP_MALFORMED_REQUEST"],
      [404, "ODP_METADATA_NOTFOUND"],
      [400, "ODP_DESERIALIZATION_ERROR"],
      [500, "DATABASE_ERROR"],
    ]);
    await set({
      errorAnswers: {
        ODP_MALFORMED_REQUEST: "400 BAD_REQUEST",
        ODP_METADATA_NOTFOUND: "404 NOT_FOUND",
        ODP_DESERIALIZATION_ERROR: "500 ODP_DESERIALIZATION_ERROR",
        DATABASE_ERROR: "400 ORACLE_ERROR",
      },
    });
    expect(await answers()).toEqual([
      [400, "BAD_REQUEST"],
      [404, "NOT_FOUND"],
      [500, "ODP_DESERIALIZATION_ERROR"],
      [400, "ORACLE_ERROR"],
    ]);
    expect(() => parseSettings({ errorAnswers: { ODP_MALFORMED_REQUEST: "BAD" } })).toThrow(
      '"errorAnswers" has a status and a code, as in "400 BAD_REQUEST", not "BAD"',
    );
  });

  test("a stale tag as 409", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const stale = async () =>
      (await bench.ask("PATCH", path(orderNo), { body: { NoteText: "x" }, headers: { "if-match": 'W/"x"' } })).status;
    const usual = await stale();
    await set({ stalePrecondition: "409" });
    expect([usual, await stale()]).toEqual([412, 409]);
  });

  test("a member as a plain text in a filter is refused, or taken", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const ask = (member: string) =>
      bench.ask("GET", `${ORDERS}?$select=OrderNo&$filter=Objstate eq '${member}' and OrderNo eq '${orderNo}'`);
    const refused = (await ask("Planned")).status;
    await set({ enumAsText: "accept" });
    const answers = [await ask("Planned"), await ask("Released"), await ask("Nope")];
    expect([refused, ...answers.map(({ status, rows }) => [status, rows.length])]).toEqual([
      400,
      [200, 1],
      [200, 0],
      [400, 0],
    ]);
    // By the index of the column as well.
    const indexed = await bench.ask("GET", `${ORDERS}?$select=OrderNo&$filter=Objstate eq 'Planned'`);
    expect(indexed.rows.map(({ OrderNo }) => OrderNo)).toContain(orderNo);
  });

  test("a caller's tax code is taken, passed over or refused", async () => {
    const codes = async () => {
      const orderNo = await placeOrder(bench, { lines: [] });
      const body = lineBody({ ...bolt, extra: { TaxCode: "DE7", FetchTaxFromDefaults: "FALSE" } });
      const answer = await bench.ask("POST", `${path(orderNo)}/OrderLinesArray`, {
        body: { OrderNo: orderNo, ...body },
      });
      return answer.status === 201 ? answer.json.TaxCode : messageOf(answer);
    };
    const seen = [await codes()];
    for (const taxOverride of ["ignore", "refuse"] as const) {
      await set({ taxOverride });
      seen.push(await codes());
    }
    expect(seen).toEqual([
      "DE7",
      "DE19",
      "ORA-20110: CustomerOrderLine.NOTAXOVERRIDE: The tax code may not be entered.",
    ]);
  });

  test("sites are a filter of rows, or only companies are", async () => {
    const contracts = async () => (await bench.ask("GET", `${SITES}?$select=Contract`)).rows.map((row) => row.Contract);
    accepted(await bench.control("POST", "grants/ctconnector", { companies: ["10"], sites: ["101"] }));
    const bySite = await contracts();
    await set({ siteGrantsFilter: false });
    const byCompany = await contracts();
    accepted(
      await bench.control("POST", "grants/ctconnector", { companies: ["10", "20"], sites: ["101", "102", "201"] }),
    );
    expect([bySite, byCompany]).toEqual([["101"], ["101", "102"]]);
  });

  test("a limit of requests in a minute answers 429 with Retry-After, to that client only", async () => {
    await set({ maxRequestsPerMinute: 2 });
    const ask = (as: string) => bench.ask("GET", `${SITES}?$top=1`, { as });
    const answers = [await ask("sweden"), await ask("sweden"), await ask("sweden")];
    const other = await ask("nobody");
    await set({ maxRequestsPerMinute: 0 });
    expect([...answers.map(({ status }) => status), other.status, (await ask("sweden")).status]).toEqual([
      200, 200, 429, 200, 200,
    ]);
    expect([answers[2]?.headers.get("retry-after"), codeOf(answers[2] ?? other)]).toEqual(["60", "TOO_MANY_REQUESTS"]);
  });

  test("a custom field with the time of the last change, read-only and slow to filter", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const without = await bench.ask("GET", `${path(orderNo)}?$select=Cf_Rowversion`);
    await set({ rowversionField: ["CustomerOrderHandling/CustomerOrderSet"] });
    const row = await bench.ask("GET", `${path(orderNo)}?$select=Cf_Rowversion`);
    const found = await bench.ask(
      "GET",
      `${ORDERS}?$filter=Cf_Rowversion ge 2026-03-10T10:30:00Z and OrderNo eq '${orderNo}'`,
    );
    const written = await bench.ask("PATCH", path(orderNo), {
      body: { Cf_Rowversion: "2026-01-01T00:00:00Z" },
      headers: { "if-match": "*" },
    });
    expect([without.status, row.json.Cf_Rowversion, found.rows.length, written.status, codeOf(written)]).toEqual([
      400,
      "2026-03-10T10:30:00Z",
      1,
      400,
      "ODP_DESERIALIZATION_ERROR",
    ]);
  });

  test("text values in another spelling are served, filtered and taken back", async () => {
    const set1 = "InventoryPartInStockHandling/InventoryPartInStockSet";
    const count = async (property: string, value: string) =>
      (await bench.ask("GET", `${stock}?$select=PartNo&$filter=${property} eq '${value}' and PartNo eq 'HB-M5X20'`))
        .rows.length;
    const usual = await count("LocationTypeDb", "PICKING");
    await set({
      textValues: {
        [`${set1}/LocationTypeDb/PICKING`]: "PickingLocation",
        [`${set1}/PartOwnershipDb/COMPANY OWNED`]: "COMPANY",
        "CustomerOrderHandling/CustomerOrderSet/CustomerPoNo/PO-4711": "the usual",
      },
    });
    const row = (await bench.ask("GET", `${stock}?$select=LocationTypeDb,PartOwnershipDb&$top=1`)).rows.map(withoutTag);
    const made = accepted(await bench.ask("POST", ORDERS, { body: headerBody({ CustomerPoNo: "the usual" }) }));
    expect([
      await count("LocationTypeDb", "PickingLocation"),
      await count("LocationTypeDb", "PICKING"),
      usual > 0,
    ]).toEqual([usual, 0, true]);
    expect(row).toEqual([{ LocationTypeDb: "PickingLocation", PartOwnershipDb: "COMPANY" }]);
    const stored = bench.model.world().table("CustomerOrder").get(String(made.json.OrderNo))?.values.CustomerPoNo;
    expect([made.json.CustomerPoNo, stored]).toEqual(["the usual", "PO-4711"]);
  });

  test("a country is a text, or a member of the lookup enumeration", async () => {
    const customers = "CustomerHandling.svc/CustomerInfoSet";
    const count = async (literal: string) => {
      const answer = await bench.ask(
        "GET",
        `${customers}?$select=Country&$filter=CustomerId eq '10001' and Country eq ${literal}`,
      );
      return answer.status === 200 ? answer.rows.length : answer.status;
    };
    const qualified = "IfsApp.CustomerHandling.Lookup_IsoCountry'DE'";
    const asText = [await count("'DE'"), await count(qualified)];
    await set({ propertyTypes: { "CustomerHandling/CustomerInfoSet/Country": "isoCountry" } });
    const asEnum = [await count("'DE'"), await count(qualified)];
    const wrong = await bench.ask("PATCH", `${customers}(CustomerId='10001')`, {
      body: { Country: "Germany" },
      headers: { "if-match": "*" },
    });
    expect([asText, asEnum, wrong.status]).toEqual([[1, 400], [400, 1], 400]);
    expect((await bench.ask("GET", "CustomerHandling.svc/$metadata")).text).toContain(
      '<Property Name="Country" Type="IfsApp.CustomerHandling.Lookup_IsoCountry"/>',
    );
  });

  test("actions and functions under other names, bound and unbound", async () => {
    await set({
      renames: {
        "ReturnMaterialHandling/ReturnMaterialSet/ReturnMaterial_Release": "ReturnMaterial_SetReleased",
        "PriceQueryHandling/CleanPriceQuery": "CleanUpPriceQuery",
        "CustomerHandling/AssociationNoExist": "AssociationExists",
        "CustomerOrderHandling/CustomerOrderSet/CustomerOrder_Default": "CustomerOrder_Defaults",
      },
    });
    const clean = (name: string) => bench.ask("POST", `PriceQueryHandling.svc/${name}`, { body: {} });
    const exists = (name: string) => bench.ask("GET", `CustomerHandling.svc/${name}(AssociationNo='1')`);
    const defaults = (name: string) => bench.ask("GET", `${ORDERS}/IfsApp.CustomerOrderHandling.${name}()`);
    const statuses = [
      await clean("CleanPriceQuery"),
      await clean("CleanUpPriceQuery"),
      await exists("AssociationNoExist"),
      await exists("AssociationExists"),
      await defaults("CustomerOrder_Default"),
      await defaults("CustomerOrder_Defaults"),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 204, 404, 200, 404, 200]);
    const edmx = (await bench.ask("GET", "ReturnMaterialHandling.svc/$metadata")).text;
    expect(edmx).toContain('<Action Name="ReturnMaterial_SetReleased" IsBound="true">');
  });

  test("properties without an index are slow to filter, those of an index are not", async () => {
    const timed = async () => {
      const start = performance.now();
      await bench.ask("GET", `${ORDERS}?$top=1&$select=OrderNo&$filter=ExternalRef eq 'x'`);
      return performance.now() - start;
    };
    await set({ unindexedFilterDelayMs: 150 });
    const indexed = await timed();
    await set({ unindexedProperties: ["CustomerOrderHandling/CustomerOrderSet/ExternalRef"] });
    const waited = bench.waited();
    const slow = await timed();
    expect(indexed).toBeLessThan(150);
    expect(Math.max(slow, bench.waited() - waited)).toBeGreaterThanOrEqual(149);
  });

  test("freezing moves LastActivityDate, or does not", async () => {
    const before = "2026-01-01T00:00:00Z";
    const moved = async (command: string) => {
      const table = bench.model.world().table("InventoryPartInStock");
      const rows = [...(table.find("PartNo", "HB-M12X60") ?? [])];
      bench.model.world().store.transact(() => {
        for (const row of rows) table.update(row, { LastActivityDate: before });
      });
      accepted(await bench.clerk(command, { part: "HB-M12X60", site: "101" }));
      return rows.some((row) => row.values.LastActivityDate !== before);
    };
    const byDefault = await moved("freeze");
    await set({ freezeMovesLastActivityDate: false });
    expect([byDefault, await moved("unfreeze")]).toEqual([true, false]);
  });

  test("the history of a stock row holds LastActivityDate only where the reservation moves it", async () => {
    const columns = async (part: string) => {
      accepted(await bench.clerk("sell", { part, qty: "1", site: "101" }));
      const log = await bench.ask(
        "GET",
        "HistoryLogHandling.svc/HistoryLogOverviewSet?$filter=LuName eq 'InventoryPartInStock'&$orderby=LogId desc&$top=1",
      );
      const [last] = log.rows;
      const detail = `HistoryLogHandling.svc/HistoryLogDetailsSet(LogId=${String(last?.LogId)})/HistoryLogAttributeArray`;
      const changed = (await bench.ask("GET", detail)).rows.map(({ ColumnName }) => ColumnName);
      return [
        String(last?.Keys).startsWith(`CONTRACT=101^PART_NO=${part}^`),
        last?.HistoryType,
        last?.Username,
        changed.sort(),
      ];
    };
    await set({ historyLog: ["InventoryPartInStock"] });
    expect(await columns("HB-M6X20")).toEqual([true, "Modify", "CLERK", ["LAST_ACTIVITY_DATE", "QTY_RESERVED"]]);
    await set({ reservationMovesLastActivityDate: false });
    expect(await columns("HB-M6X40")).toEqual([true, "Modify", "CLERK", ["QTY_RESERVED"]]);
    await set({ historyLog: ["CustomerOrder"] });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    await release(bench, orderNo);
    const units = await bench.ask(
      "GET",
      "HistoryLogHandling.svc/HistoryLogOverviewSet?$select=LuName&$orderby=LogId desc&$top=2",
    );
    expect(units.rows.map(({ LuName }) => LuName)).toEqual(["CustomerOrder", "CustomerOrder"]);
  });

  test("the references of a shipment line in another place", async () => {
    const lines = "ShipmentHandling/ShipmentLineSet";
    await set({ renames: { [`${lines}/SourceRef2`]: "SourceRef3", [`${lines}/SourceRef3`]: "SourceRef2" } });
    const orderNo = await placeOrder(bench, { lines: [bolt, bolt] });
    const { shipmentId } = accepted(await bench.clerk("ship", { orderNo })).json;
    const found = await bench.ask(
      "GET",
      `ShipmentHandling.svc/ShipmentLineSet?$select=SourceRef1,SourceRef2,SourceRef3&$filter=ShipmentId eq ${String(shipmentId)} and SourceRef3 eq '2'`,
    );
    expect(found.rows.map(withoutTag)).toEqual([{ SourceRef1: orderNo, SourceRef2: "1", SourceRef3: "2" }]);
  });
});
