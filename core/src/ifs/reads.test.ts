/** Stock, demand, parts, prices, shipments, invoices and the health check: what is asked, and how rows are read. */
import { afterEach, describe, expect, test } from "vitest";
import type { CatalogNo, Contract, OrderNo, PartNo } from "../domain/ids.ts";
import { ping } from "./health.ts";
import { createInvoices } from "./invoices.ts";
import { createParts } from "./parts.ts";
import { createPrices } from "./prices.ts";
import { createShipments } from "./shipments.ts";
import { createStock } from "./stock.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());
async function start(answer: (asked: Asked, count: number) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, client: tenant.client({ ifs }) };
}
const S1 = "S1" as Contract;
const rows = (...value: object[]): Answer => ({ json: { value } });
const filters = (it: Tenant) => it.asked.map(({ query }) => query.$filter);

describe("stock", () => {
  const row = (over: object = {}) => ({
    Contract: "S1",
    PartNo: "P1",
    ConfigurationId: "*",
    LocationNo: "L1",
    LotBatchNo: "*",
    SerialNo: "*",
    EngChgLevel: "1",
    WaivDevRejNo: "*",
    ActivitySeq: 0,
    HandlingUnitId: 0,
    QtyOnhand: 10.5,
    QtyReserved: null,
    Warehouse: "",
    LocationTypeDb: "PICKING",
    FreezeFlagDb: false,
    PartOwnershipDb: "COMPANY OWNED",
    ExpirationDate: "2026-12-31",
    LastActivityDate: "2026-07-01T10:00:00Z",
    ...over,
  });

  test("all rows of the parts, empty ones too; the site's digits become UTC", async () => {
    const { it, client } = await start(() =>
      rows(row(), row({ LocationNo: "L2", QtyOnhand: 0, FreezeFlagDb: "TRUE" })),
    );
    const read = await createStock(client).stockRows(S1, ["P1", "P'2", "P1"] as PartNo[]);
    const first = {
      contract: "S1",
      partNo: "P1",
      locationNo: "L1",
      warehouse: null,
      locationType: "PICKING",
      qtyOnhand: "10.5",
      qtyReserved: "0",
      qtyInTransit: "0",
      frozen: false,
      availabilityControlId: null,
      partOwnership: "COMPANY OWNED",
      projectId: null,
      expirationDate: "2026-12-31",
      lastActivityDate: "2026-07-01T08:00:00Z",
    };
    expect(read).toEqual([first, { ...first, locationNo: "L2", qtyOnhand: "0", frozen: true }]);
    expect(filters(it)).toEqual(["Contract eq 'S1' and (PartNo eq 'P1' or PartNo eq 'P''2')"]);
    expect(it.asked[0]?.query.$orderby).toBe(
      "Contract,PartNo,ConfigurationId,LocationNo,LotBatchNo,SerialNo,EngChgLevel,WaivDevRejNo,ActivitySeq,HandlingUnitId",
    );
  });

  test("changed parts since an instant, and the newest movement", async () => {
    const { it, client } = await start(() =>
      rows(row(), row({ LocationNo: "L2", LastActivityDate: "2026-07-01T11:30:00Z" }), row({ PartNo: "P2" })),
    );
    expect(await createStock(client).changedParts(S1, "2026-07-01T07:59:30.250Z")).toEqual({
      partNos: ["P1", "P2"],
      watermark: "2026-07-01T09:30:00Z",
    });
    expect(filters(it)).toEqual(["Contract eq 'S1' and LastActivityDate ge 2026-07-01T09:59:30Z"]);
  });

  test("nothing moved: the watermark stays", async () => {
    const { client } = await start(() => rows());
    const since = "2026-07-01T07:00:00Z";
    expect(await createStock(client).changedParts(S1, since)).toEqual({ partNos: [], watermark: since });
  });

  test("a projection that is aware of time zones is told so and speaks UTC", async () => {
    const { it, client } = await start(() => rows(row()), { binding: { stock: { timeZoneAware: true } } });
    expect(await createStock(client).changedParts(S1, "2026-07-01T07:00:00.5Z")).toEqual({
      partNos: ["P1"],
      watermark: "2026-07-01T10:00:00Z",
    });
    expect([filters(it), it.asked[0]?.headers["x-ifs-time-zone-aware-request"]]).toEqual([
      ["Contract eq 'S1' and LastActivityDate ge 2026-07-01T07:00:00Z"],
      "true",
    ]);
  });

  const demand = (over: object = {}) => ({
    OrderNo: "A1",
    LineNo: "1",
    RelNo: "1",
    LineItemNo: 0,
    Contract: "S1",
    PartNo: "P1",
    RevisedQtyDue: 24,
    QtyAssigned: 4,
    QtyShipped: 1,
    NoteText: "[ref line-1]",
    CustomerPoLineNo: "1",
    Objstate: "Released",
    ...over,
  });
  const open =
    "Contract eq 'S1' and Objstate ne IfsApp.CustomerOrderHandling.CustomerOrderLineState'Delivered'" +
    " and Objstate ne IfsApp.CustomerOrderHandling.CustomerOrderLineState'Invoiced'" +
    " and Objstate ne IfsApp.CustomerOrderHandling.CustomerOrderLineState'Cancelled'";

  test("open demand leaves out only what is known to be final", async () => {
    const { it, client } = await start(() =>
      rows(demand(), demand({ LineNo: "2", Objstate: "Parked", NoteText: null, "@odata.etag": 'W/"7"' })),
    );
    const line = {
      orderNo: "A1",
      lineNo: "1",
      relNo: "1",
      lineItemNo: "0",
      lineRef: "line-1",
      contract: "S1",
      partNo: "P1",
      state: "Released",
      revisedQtyDue: "24",
      qtyAssigned: "4",
      qtyShipped: "1",
      qtyShipdiff: "0",
    };
    expect(await createStock(client).openDemand(S1, ["P1"] as PartNo[])).toEqual([
      line,
      { ...line, lineNo: "2", lineRef: "1", state: "unknown:Parked", etag: 'W/"7"' },
    ]);
    expect(filters(it)).toEqual([`${open} and PartNo eq 'P1'`]);
  });

  test("parts with open demand, each once, without services", async () => {
    const { it, client } = await start(() =>
      rows(
        demand(),
        demand({ LineNo: "2" }),
        demand({ LineNo: "3", PartNo: null }),
        demand({ LineNo: "4", PartNo: "P9" }),
      ),
    );
    expect(await createStock(client).partsWithOpenDemand(S1)).toEqual(["P1", "P9"]);
    expect([filters(it), it.asked[0]?.query.$select]).toEqual([[open], "OrderNo,LineNo,RelNo,LineItemNo,PartNo"]);
  });
});

describe("sales parts", () => {
  const row = (over: object = {}) => ({
    Contract: "S1",
    CatalogNo: "BOX",
    CatalogDesc: "Box of 12",
    PartNo: "PIECE",
    Activeind: "ActivePart",
    SalesUnitMeas: "BOX",
    UnitMeas: "PCS",
    ConvFactor: 12,
    InvertedConvFactor: 1,
    PriceUnitMeas: "BOX",
    PriceConvFactor: 1,
    ...over,
  });
  const part = {
    contract: "S1",
    catalogNo: "BOX",
    description: "Box of 12",
    partNo: "PIECE",
    active: true,
    salesUnitMeas: "BOX",
    unitMeas: "PCS",
    convFactor: "12",
    invertedConvFactor: "1",
    priceUnitMeas: "BOX",
    priceConvFactor: "1",
  };

  test("by number, with the spellings of active", async () => {
    const { it, client } = await start(() =>
      rows(
        row(),
        row({ CatalogNo: "OLD", Activeind: "InactivePart" }),
        row({ CatalogNo: "HOUR", PartNo: "", UnitMeas: null, Activeind: true }),
        row({ CatalogNo: "PLAIN", Activeind: undefined }),
      ),
    );
    expect(await createParts(client).salesParts(S1, ["BOX", "OLD", "HOUR", "PLAIN", "NONE"] as CatalogNo[])).toEqual([
      part,
      { ...part, catalogNo: "OLD", active: false },
      { ...part, catalogNo: "HOUR", partNo: null, unitMeas: null },
      { ...part, catalogNo: "PLAIN" },
    ]);
    expect(filters(it)).toEqual([
      "Contract eq 'S1' and (CatalogNo eq 'BOX' or CatalogNo eq 'OLD' or CatalogNo eq 'HOUR' or CatalogNo eq 'PLAIN' or CatalogNo eq 'NONE')",
    ]);
  });

  test("by the inventory part they are made of", async () => {
    const { it, client } = await start(() => rows(row(), row({ CatalogNo: "PIECE", ConvFactor: 1 })));
    expect(await createParts(client).salesPartsOf(S1, ["PIECE"] as PartNo[])).toEqual([
      part,
      { ...part, catalogNo: "PIECE", convFactor: "1" },
    ]);
    expect(filters(it)).toEqual(["Contract eq 'S1' and PartNo eq 'PIECE'"]);
  });

  test("page by page after a key", async () => {
    const { it, client } = await start(() => rows(row()));
    const parts = createParts(client);
    expect([
      await parts.pageSalesParts(S1, undefined, 200),
      await parts.pageSalesParts(S1, "B'X" as CatalogNo, 200),
    ]).toEqual([[part], [part]]);
    expect(it.asked.map(({ query }) => [query.$filter, query.$orderby, query.$top, query.$skip])).toEqual([
      ["Contract eq 'S1'", "CatalogNo", "200", undefined],
      ["Contract eq 'S1' and CatalogNo gt 'B''X'", "CatalogNo", "200", undefined],
    ]);
  });
});

describe("price lists", () => {
  const row = (CatalogNo: string, MinQuantity = 0) => ({
    PriceListNo: "WEB",
    CatalogNo,
    MinQuantity,
    ValidFromDate: "2026-01-01",
    ValidToDate: null,
    SalesPrice: 1.005,
    SalesPriceInclTax: 1.19595,
  });
  const read = (catalogNo: string, minQuantity = "0") => ({
    priceListNo: "WEB",
    catalogNo,
    minQuantity,
    validFromDate: "2026-01-01",
    validToDate: null,
    salesPrice: "1.005",
    salesPriceInclTax: "1.19595",
  });
  /** A price list behind the filter that the adapter sends. */
  const serve =
    (list: ReturnType<typeof row>[]) =>
    ({ query }: Asked): Answer => {
      const after = /CatalogNo gt '(.*)'/.exec(query.$filter ?? "")?.[1];
      const only = /CatalogNo eq '(.*)'/.exec(query.$filter ?? "")?.[1];
      const found = list.filter(
        ({ CatalogNo }) => (after === undefined || CatalogNo > after) && (only === undefined || CatalogNo === only),
      );
      return rows(...found.slice(Number(query.$skip ?? 0), Number(query.$skip ?? 0) + Number(query.$top)));
    };
  const list = [row("A"), row("A", 10), row("B"), row("C"), row("C", 5), row("C", 10), row("C", 50), row("D")];

  test("all rows of a part stay together, whatever the page", async () => {
    const { client } = await start(serve(list));
    const prices = createPrices(client);
    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const page = await prices.pagePriceListParts("WEB", next, 3);
      pages.push(page.rows.map(({ catalogNo, minQuantity }) => `${catalogNo}${minQuantity}`));
      next = page.next;
    } while (next !== undefined);
    expect(pages).toEqual([["A0", "A10"], ["B0"], ["C0", "C5", "C10", "C50"], ["D0"]]);
  });

  test("rental prices are no sales prices, on a page as among named parts", async () => {
    const rental = (no: string, duration: number | null) => ({ ...row(no), MinDuration: duration });
    const { client } = await start(
      serve([rental("A", 7), rental("B", -1), rental("B", 30), rental("C", null), rental("D", 1)]),
    );
    const prices = createPrices(client);
    const page = await prices.pagePriceListParts("WEB", undefined, 100);
    expect(page.rows.map(({ catalogNo }) => catalogNo)).toEqual(["B", "C"]);
    expect(await prices.priceListPartsOf("WEB", ["D"] as CatalogNo[])).toEqual([]);
    // A page of rental prices alone is not the end of the list.
    expect(await prices.pagePriceListParts("WEB", undefined, 1)).toEqual({ rows: [], next: "A" });
  });

  test("rows in exact decimals, ordered by the rest of the key", async () => {
    const { it, client } = await start(serve(list));
    expect(await createPrices(client).pagePriceListParts("WEB", "C", 100)).toEqual({
      rows: [read("D")],
      next: undefined,
    });
    expect(it.asked.map(({ query }) => [query.$filter, query.$orderby])).toEqual([
      ["PriceListNo eq 'WEB' and CatalogNo gt 'C'", "CatalogNo,MinQuantity,ValidFromDate,MinDuration"],
    ]);
  });
});

test("shipments of orders, with the lines of those orders only", async () => {
  const line = (over: object) => ({
    ShipmentId: 19,
    ShipmentLineNo: 1,
    SourceRefType: "CustomerOrder",
    SourceRef1: "A1",
    SourceRef2: "1",
    SourceRef3: "1",
    SourceRef4: "0",
    InventoryQty: 24,
    QtyShipped: 12.5,
    ...over,
  });
  const { it, client } = await start(({ path }) =>
    path.endsWith("ShipmentLineSet")
      ? rows(
          line({}),
          line({ ShipmentId: 20, QtyShipped: undefined }),
          line({ ShipmentId: 21, SourceRefType: "PurchaseReturn" }),
        )
      : rows(
          {
            ShipmentId: 19,
            Objstate: "Completed",
            Contract: "S2",
            ActualShipDate: "2026-01-05T10:00:00Z",
            ForwardAgentId: "DHL",
            ConsignmentNoteId: "T1",
          },
          { ShipmentId: 20, Objstate: "Odd", Contract: "S1", ActualShipDate: null },
        ),
  );
  const read = { shipmentLineNo: "1", orderNo: "A1", lineNo: "1", relNo: "1", lineItemNo: "0", inventoryQty: "24" };
  expect(await createShipments(client).shipmentsOf(["A1", "A1"] as OrderNo[])).toEqual([
    {
      shipmentId: "19",
      state: "Completed",
      contract: "S2",
      actualShipDate: "2026-01-05T15:00:00Z",
      forwardAgentId: "DHL",
      trackingNumber: "T1",
      lines: [{ ...read, qtyShipped: "12.5" }],
    },
    {
      shipmentId: "20",
      state: "unknown:Odd",
      contract: "S1",
      actualShipDate: null,
      forwardAgentId: null,
      trackingNumber: null,
      lines: [{ ...read, qtyShipped: null }],
    },
  ]);
  expect(filters(it)).toEqual(["SourceRef1 eq 'A1'", "(ShipmentId eq 19 or ShipmentId eq 20)"]);
});

test("ledger invoices by number", async () => {
  const { it, client } = await start(() =>
    rows({
      Company: "10",
      InvoiceNo: "CD1",
      Identity: "C1",
      Currency: "EUR",
      InvoiceDate: "2026-01-05",
      InvoiceAmount: 100,
      OpenAmount: 0.5,
    }),
  );
  expect(await createInvoices(client).byNumbers("10", ["CD1"])).toEqual([
    {
      company: "10",
      invoiceNo: "CD1",
      customerNo: "C1",
      currencyCode: "EUR",
      invoiceDate: "2026-01-05",
      invoiceAmount: "100",
      openAmount: "0.5",
    },
  ]);
  expect(filters(it)).toEqual(["Company eq '10' and InvoiceNo eq 'CD1'"]);
});

describe("health", () => {
  test("sites that are not granted are named", async () => {
    const { it, client } = await start(() => rows({ Contract: "S1" }));
    expect(await ping(client)).toEqual({ visible: ["S1"], missing: ["S2"] });
    expect(filters(it)).toEqual(["(Contract eq 'S1' or Contract eq 'S2')"]);
  });
  test("a projection that is not granted is a refusal", async () => {
    const { client } = await start(() => ({ status: 403 }));
    await expect(ping(client)).rejects.toMatchObject({ name: "RefusedError", code: "grantMissing" });
  });
});

describe("a list that a checkout waits for", () => {
  const sites = { Contract: "S1", Description: "Site", Company: "10" };
  const isBackwards = ({ rawQuery }: Asked) => rawQuery.includes("Contract%20desc");
  const open = async (answer: (asked: Asked) => Answer) => {
    tenant = await startTenant(answer);
    const logs: object[] = [];
    const client = tenant.client({ lane: "checkout", logs });
    return { it: tenant, logs, read: () => client.list(client.binding.site, { fields: ["contract"] }) };
  };

  test("is asked for with its last row, and is known to be whole", async () => {
    const { it, read } = await open(() => rows(sites));
    expect(await read()).toHaveLength(1);
    expect(it.asked.map((asked) => [asked.query.$top, isBackwards(asked)])).toEqual(
      expect.arrayContaining([["1", true]]),
    );
    expect(it.asked).toHaveLength(2);
  });

  test("does without where the tenant lists nothing backwards, once found out", async () => {
    const refusal = { status: 400, json: { error: { code: "X", message: "Malformed Request." } } };
    const { it, read, logs } = await open((asked) => (isBackwards(asked) ? refusal : rows(sites)));
    expect([(await read()).length, (await read()).length]).toEqual([1, 1]);
    expect(it.asked.filter(isBackwards)).toHaveLength(1);
    expect(logs).toMatchObject([{ event: "ifs.backwardsRefused" }]);
  });

  test("is read by others as before", async () => {
    tenant = await startTenant(() => rows(sites));
    const client = tenant.client();
    await client.list(client.binding.site, { fields: ["contract"] });
    expect(tenant.asked.some(isBackwards)).toBe(false);
  });
});
