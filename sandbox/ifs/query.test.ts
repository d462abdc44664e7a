import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, codeOf, forms, messageOf } from "./testing/harness.ts";
import { ORDERS, placeOrder, withoutTag } from "./testing/orders.ts";

describe.each(forms)("IFS queries $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet";

  const query = (path: string) => bench.ask("GET", path);

  test("unknown properties and types that do not fit are Malformed Request with the culprit", async () => {
    const unknown = await query(`${stock}?$filter=NotAColumn eq 1`);
    const plain = await query("ShipmentHandling.svc/ShipmentSet?$filter=Objstate eq 'Preliminary'");
    const foreign = await query(
      "ShipmentHandling.svc/ShipmentSet?$filter=Objstate eq IfsApp.CustomerOrderHandling.CustomerOrderState'Planned'",
    );
    const number = await query(`${stock}?$filter=QtyOnhand eq '1'`);
    expect([unknown, plain, foreign, number].map((answer) => [answer.status, messageOf(answer)])).toEqual([
      [
        400,
        "The property 'NotAColumn', used in a query expression, is not defined in type 'IfsApp.InventoryPartInStockHandling.InventoryPartInStock'.",
      ],
      [400, "The types 'ShipmentState' and 'Edm.String' are not compatible."],
      [400, "The type 'IfsApp.CustomerOrderHandling.CustomerOrderState' is not defined in this projection."],
      [400, "The types 'Edm.Decimal' and 'Edm.String' are not compatible."],
    ]);
    expect((unknown.json.error as { message: string }).message).toBe("Malformed Request.");
  });

  test("qualified members, dates, date functions, text functions and arithmetic filter", async () => {
    const parts = "SalesPartHandling.svc/SalesPartSet?$select=CatalogNo&$filter=Contract eq '101' and ";
    const names = async (filter: string) => (await query(parts + filter)).rows.map((row) => row.CatalogNo);
    expect(
      await names("Activeind eq IfsApp.SalesPartHandling.ActiveSalesPart'ActivePart' and CatalogNo eq 'HB-M5X20'"),
    ).toEqual(["HB-M5X20"]);
    expect(await names("DateEntered eq 2024-01-15 and year(DateEntered) eq 2024 and CatalogNo eq 'HB-M5X20'")).toEqual([
      "HB-M5X20",
    ]);
    expect(await names("contains(CatalogNo,'M5X20') and not startswith(CatalogNo,'HN')")).toEqual([
      "HB-M5X20",
      "HB-M5X20-B12",
    ]);
    expect(await names("ListPrice mul 2 eq 0.7 and CatalogNo eq 'HB-M5X20'")).toEqual(["HB-M5X20"]);
    expect(await names("CatalogNo eq 'HB-M5X20' or CatalogNo eq 'HB-M5X40' and ListPrice gt 1000")).toEqual([
      "HB-M5X20",
    ]);
  });

  test("what the provider leaves out is refused: lambda, has, in, mod, $apply, $search, arrays in $expand", async () => {
    const refused = await Promise.all(
      [
        `${stock}?$filter=QtyOnhand mod 2 eq 1`,
        `${stock}?$filter=PartNo in ('A','B')`,
        `${stock}?$filter=PartNo has 'A'`,
        `${ORDERS}?$filter=OrderLinesArray/any(l:l/PartNo eq 'A')`,
        `${stock}?$apply=aggregate(QtyOnhand with sum as Q)`,
        `${ORDERS}?$expand=OrderLinesArray`,
      ].map(async (path) => {
        const answer = await query(path);
        return [answer.status, codeOf(answer)];
      }),
    );
    expect(refused).toEqual(Array(6).fill([501, "ODP_NOT_IMPLEMENTED"]));
  });

  test("bad syntax, a plus for a blank, an unknown option and odd counts are 400", async () => {
    const paths = [
      "$filter=PartNo eq",
      "$filter=PartNo+eq+'A'",
      "$bogus=1",
      "$top=abc",
      "$top=-1",
      "$orderby=Nope",
      "$select=Nope",
    ];
    const answers = await Promise.all(paths.map((option) => query(`${stock}?${option}`)));
    expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual(
      Array(paths.length).fill([400, "ODP_MALFORMED_REQUEST"]),
    );
  });

  test("$expand of a to-one reference carries the referenced row", async () => {
    const answer = await query(
      `${stock}?$select=PartNo&$expand=PartNoRef($select=Description)&$filter=PartNo eq 'HB-M5X20' and Contract eq '101'&$top=1`,
    );
    const [row] = answer.rows;
    expect(withoutTag(row ?? {})).toEqual({
      PartNo: "HB-M5X20",
      PartNoRef: { "@odata.etag": expect.any(String), Description: "Hexagon head bolt M5 x 20 mm, 8.8 zinc plated" },
    });
  });

  test("$top gives no nextLink; without it pages are cut and the link leads on until the end", async () => {
    bench.model.changeSettings({ pageSize: 100 });
    const limited = await query("SalesPartHandling.svc/SalesPartSet?$top=60&$select=CatalogNo");
    expect([limited.rows.length, limited.json["@odata.nextLink"]]).toEqual([60, undefined]);
    const seen: unknown[] = [];
    let path: string | undefined =
      "SalesPartHandling.svc/SalesPartSet?$select=CatalogNo&$filter=Contract eq '201'&$orderby=CatalogNo";
    let pages = 0;
    while (path) {
      const page = await query(path);
      seen.push(...page.rows.map((row) => row.CatalogNo));
      pages += 1;
      const link: unknown = page.json["@odata.nextLink"];
      path = typeof link === "string" ? link.replace(/^.*projection\/v1\//, "") : undefined;
    }
    bench.model.changeSettings({ pageSize: 1000 });
    expect(pages).toBe(3);
    expect([seen.length, new Set(seen).size]).toEqual([270, 270]);
    expect(seen).toEqual([...seen].sort());
  });

  test("$count is answered on some sets only; $skip with $top pages by rows", async () => {
    const counted = await query(`${stock}?$count=true&$top=1&$filter=PartNo eq 'HB-M5X20'`);
    const ignored = await query("SitesHandling.svc/Reference_CompanySite?$count=true");
    const second = await query(
      "SitesHandling.svc/Reference_CompanySite?$orderby=Contract desc&$top=1&$skip=1&$select=Contract",
    );
    expect(counted.json["@odata.count"]).toBe(9);
    expect(ignored.json["@odata.count"]).toBeUndefined();
    expect(second.rows.map(withoutTag)).toEqual([{ Contract: "102" }]);
  });

  test("NULL compares as in the database: neither equal nor unequal, and last in order", async () => {
    await placeOrder(bench, {
      header: { ExternalRef: "null-test", CustomerPoNo: "NULLS", LabelNote: "a" },
      lines: [],
    });
    await placeOrder(bench, { header: { ExternalRef: "null-test-2", CustomerPoNo: "NULLS" }, lines: [] });
    const refs = async (rest: string) =>
      (await query(`${ORDERS}?$select=ExternalRef&$filter=CustomerPoNo eq 'NULLS'${rest}`)).rows.map(
        (row) => row.ExternalRef,
      );
    expect(await refs(" and LabelNote ne 'b'")).toEqual(["null-test"]);
    expect(await refs(" and LabelNote eq null")).toEqual(["null-test-2"]);
    expect(await refs("&$orderby=LabelNote,OrderNo")).toEqual(["null-test", "null-test-2"]);
  });
});
