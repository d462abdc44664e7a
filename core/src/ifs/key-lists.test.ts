/** Lists that IFS refuses because of a value in them: the value is found, named, and nobody else suffers. */
import { afterEach, describe, expect, test } from "vitest";
import { askedWithout, RefusedError, RefusedKeysError, TransientError } from "../domain/failure.ts";
import type { CatalogNo, Contract, OrderNo, PartNo } from "../domain/ids.ts";
import { createOrders } from "./orders.ts";
import { createParts } from "./parts.ts";
import { createPrices } from "./prices.ts";
import { createReturns } from "./returns.ts";
import { createShipments } from "./shipments.ts";
import { createStock } from "./stock.ts";
import { createSupply } from "./supply.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());
const S1 = "S1" as Contract;
const malformed: Answer = {
  status: 400,
  json: {
    error: { code: "ODP_MALFORMED_REQUEST", message: "Malformed Request.", details: [{ message: "Bad filter." }] },
  },
};

async function start(answer: (filter: string, asked: Asked) => Answer | undefined) {
  const it = await startTenant((asked) => answer(asked.query.$filter ?? "", asked) ?? { json: { value: [] } });
  tenant = it;
  return { client: it.client(), filters: () => it.asked.map(({ query }) => query.$filter ?? "") };
}
/** Refuses every list with one of the values in it. */
const refusing =
  (...values: string[]) =>
  (filter: string): Answer | undefined =>
    values.some((value) => filter.includes(`'${value}'`)) ? malformed : undefined;

const numbers = (count: number): PartNo[] => Array.from({ length: count }, (_, index) => `P${index}` as PartNo);
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a list that IFS refuses because of a value", () => {
  test("the value is named with IFS's words, for a few requests", async () => {
    const { client, filters } = await start(refusing("A#1"));
    const error = await failureOf(createStock(client).stockRows(S1, [...numbers(80), "A#1" as PartNo]));
    expect(error).toBeInstanceOf(RefusedKeysError);
    expect(error).toMatchObject({
      values: ["A#1"],
      reason: "Bad filter.",
      code: "ODP_MALFORMED_REQUEST",
      status: 400,
      message: "every list of InventoryPartInStockSet with PartNo eq 'A#1' in it is refused: Bad filter.",
    });
    // A refused list is asked for with and without $select. The harmless question, and the others without it, once each.
    expect(filters().length).toBeLessThan(9);
  });

  test("values that look like all others are found too, each of them", async () => {
    const { client, filters } = await start(refusing("P17", "P63"));
    const error = await failureOf(createStock(client).openDemand(S1, numbers(90)));
    expect(error).toMatchObject({ values: ["P17", "P63"] });
    expect(filters().length).toBeLessThan(60);
  });

  test("an answer of the database, as for a row that cannot be computed, counts as well", async () => {
    const { client } = await start((filter) =>
      filter.includes("'P3'")
        ? {
            status: 500,
            json: {
              error: {
                code: "DATABASE_ERROR",
                message: "x",
                details: [{ message: "ORA-01476: divisor is equal to zero" }],
              },
            },
          }
        : undefined,
    );
    expect(await failureOf(createParts(client).salesPartsOf(S1, numbers(9)))).toMatchObject({
      values: ["P3"],
      reason: "divisor is equal to zero",
    });
  });

  test("so does a gateway's page, where the same list of others passes", async () => {
    const { client } = await start((filter) =>
      filter.includes("'A/../B'") ? { status: 403, text: "<html>blocked</html>" } : undefined,
    );
    expect(await failureOf(createParts(client).salesParts(S1, ["A/../B", "C"] as CatalogNo[]))).toMatchObject({
      values: ["A/../B"],
    });
  });

  test("a list that is refused whatever it asks for blames no value", async () => {
    const missing: Answer = { status: 403, json: { error: { message: "no access" } } };
    const { client, filters } = await start(() => missing);
    const error = await failureOf(createStock(client).stockRows(S1, numbers(50)));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).not.toBeInstanceOf(RefusedKeysError);
    expect(error).toMatchObject({ code: "grantMissing" });
    expect(filters()).toHaveLength(2);
    expect(filters()[1]).toBe("Contract eq 'S1' and PartNo eq '0'");
  });

  test("an outage in the middle of the search is an outage", async () => {
    const { client } = await start((filter) =>
      filter.includes("'A#1'") ? malformed : filter.includes("'P0'") ? { status: 503, text: "" } : undefined,
    );
    const error = await failureOf(createStock(client).stockRows(S1, [...numbers(4), "A#1" as PartNo]));
    expect(error).toBeInstanceOf(TransientError);
  });

  test("rows that cannot be understood are no fault of a value", async () => {
    const { client } = await start((filter) =>
      filter.includes("'P1'") ? { json: { value: [{ Odd: 1 }] } } : undefined,
    );
    const error = await failureOf(createStock(client).stockRows(S1, numbers(4)));
    expect(error).toMatchObject({ code: "unexpectedAnswer" });
    expect(error).not.toBeInstanceOf(RefusedKeysError);
  });

  test("where very many are refused, the search ends, and plain ones beside them are not among them", async () => {
    const odd = Array.from({ length: 80 }, (_, index) => `A#${index}` as PartNo);
    const { client, filters } = await start((filter) => (filter.includes("#") ? malformed : undefined));
    const error = await failureOf(createStock(client).stockRows(S1, [...odd, ...numbers(40)]));
    expect((error as RefusedKeysError).values.toSorted()).toEqual(odd.toSorted());
    expect(filters().length).toBeLessThan(150);
  });

  test("what can be asked is answered without them", async () => {
    const { client } = await start(refusing("A#1"));
    const refused = new Map<PartNo, string>();
    const stock = createStock(client);
    const read = await askedWithout(["A#1", "P1"] as PartNo[], refused, (left) => stock.stockRows(S1, left));
    expect([read, [...refused]]).toEqual([[], [["A#1", "Bad filter."]]]);
  });
});

test.each<[string, (client: Parameters<typeof createStock>[0]) => Promise<unknown>]>([
  ["orders by number", (client) => createOrders(client).documents(["O1", "A#1"] as OrderNo[])],
  ["prices of parts", (client) => createPrices(client).priceListPartsOf("L1", ["P1", "A#1"] as CatalogNo[])],
  ["shipments of orders", (client) => createShipments(client).shipmentsOf(["O1", "A#1"] as OrderNo[])],
  ["returns by reference", (client) => createReturns(client).list({ references: ["R1", "A#1"], rmaNos: [] })],
  [
    "supply of parts",
    (client) => createSupply(client).plannedSupply(["purchaseOrders"], S1, ["P1", "A#1"] as PartNo[]),
  ],
])("%s: the error names the value", async (_, read) => {
  const { client } = await start(refusing("A#1"));
  expect(await failureOf(read(client))).toMatchObject({ name: "RefusedKeysError", values: ["A#1"] });
});

describe("parts that are asked for beside witnesses", () => {
  const witnesses = ["W-1", "W-2", "Ä".repeat(25), "W-3"] as PartNo[];
  /** Rows of the witnesses, but not in a list that asks for the part. */
  const blindFor = (partNo: string) => (filter: string) => {
    if (filter.includes(`'${partNo}'`)) return { json: { value: [] } };
    const row = (PartNo: string) => ({ Contract: "S1", PartNo, LocationNo: "L", QtyOnhand: 1, LastActivityDate: null });
    return { json: { value: witnesses.filter((no) => filter.includes(`'${no}'`)).map(row) } };
  };
  async function read(partNos: readonly PartNo[], binding = {}, blind = "") {
    const urls: string[] = [];
    const it = await startTenant(({ query, rawQuery, path }) => {
      urls.push(`${path}?${rawQuery}`);
      return blindFor(blind)(query.$filter ?? "");
    });
    tenant = it;
    const lists = await createStock(it.client({ ifs: { binding } })).rowsBeside(S1, partNos, witnesses);
    return { lists, urls, filters: it.asked.map(({ query }) => query.$filter ?? "") };
  }

  test("are one list where they fit into one request", async () => {
    const { lists, filters } = await read(numbers(20));
    expect([new Set(filters).size, lists.map(({ partNos }) => partNos)]).toEqual([1, [numbers(20)]]);
    for (const no of witnesses) expect(filters[0]).toContain(`'${no}'`);
  });

  test("have a witness in each request, however short a URL may be, and each request shows its own rows", async () => {
    const { lists, filters } = await read(numbers(20), { maxUrlLength: 500 }, "P7");
    expect(new Set(filters).size).toBeGreaterThan(3);
    for (const filter of filters) expect(filter).toContain("'W-1'");
    expect(lists.flatMap(({ partNos }) => partNos)).toEqual(numbers(20));
    const without = lists.filter(({ rows }) => rows.length === 0);
    expect(without.map(({ partNos }) => partNos.includes("P7" as PartNo))).toEqual([true]);
  });

  test("keep to the length of a URL", async () => {
    const { urls } = await read(numbers(200), { maxUrlLength: 1000 });
    expect(Math.max(...urls.map(({ length }) => length))).toBeLessThanOrEqual(1000);
  });

  test("that IFS refuses, witnesses among them, are named once", async () => {
    const it = await startTenant(({ query }) => refusing("W-1", "P3")(query.$filter ?? "") ?? { json: { value: [] } });
    tenant = it;
    const client = it.client({ ifs: { binding: { maxUrlLength: 500 } } });
    const error = await failureOf(createStock(client).rowsBeside(S1, numbers(9), witnesses));
    expect((error as RefusedKeysError).values.toSorted()).toEqual(["P3", "W-1"]);
  });
});

const salesPart = (partNo: string, over: object = {}) => ({
  ...{ Contract: "S1", CatalogNo: partNo, PartNo: partNo, Activeind: "TRUE", SalesUnitMeas: "PCS", UnitMeas: "PCS" },
  ...{ ConvFactor: 1, InvertedConvFactor: 1, PriceUnitMeas: "PCS", PriceConvFactor: 1, ...over },
});
const stockRow = (partNo: string, over: object = {}) => ({
  ...{
    Contract: "S1",
    PartNo: partNo,
    LocationNo: "L1",
    QtyOnhand: 5,
    LastActivityDate: "2026-07-01T10:00:00Z",
    ...over,
  },
});
const demandRow = (partNo: string, over: object = {}) => ({
  ...{ OrderNo: `O-${partNo}`, LineNo: "1", RelNo: "1", LineItemNo: 0, Contract: "S1", PartNo: partNo },
  ...{ Objstate: "Released", RevisedQtyDue: 1, ...over },
});
const supplyRow = (partNo: string, over: object = {}) => ({
  ...{
    OrderNo: `P-${partNo}`,
    LineNo: "1",
    ReleaseNo: "1",
    Contract: "S1",
    PartNo: partNo,
    Objstate: "Released",
    ...over,
  },
});
type Client = Parameters<typeof createStock>[0];
const list = (value: readonly object[]): Answer => ({ json: { value } });
/** Rows of the parts that a list asks for. */
const rowsFor = (filter: string, rows: readonly { PartNo: string }[]): Answer =>
  list(rows.filter(({ PartNo }) => filter.includes(`'${PartNo}'`)));

describe("a row that cannot be read", () => {
  test.each<
    [string, (partNo: string, over?: object) => { PartNo: string }, object, (client: Client) => Promise<unknown>]
  >([
    [
      "sales part",
      salesPart,
      { PriceConvFactor: null },
      (it) => createParts(it).salesParts(S1, ["A", "BAD", "C"] as CatalogNo[]),
    ],
    [
      "sales part",
      salesPart,
      { ConvFactor: "x" },
      (it) => createParts(it).salesPartsOf(S1, ["A", "BAD", "C"] as PartNo[]),
    ],
    [
      "stock",
      stockRow,
      { FreezeFlagDb: "PERHAPS" },
      (it) => createStock(it).stockRows(S1, ["A", "BAD", "C"] as PartNo[]),
    ],
    [
      "stock",
      stockRow,
      { LastActivityDate: "soon" },
      (it) => createStock(it).stockRows(S1, ["A", "BAD", "C"] as PartNo[]),
    ],
    [
      "stock",
      stockRow,
      { QtyOnhand: "x" },
      (it) => createStock(it).rowsBeside(S1, ["A", "C"] as PartNo[], ["BAD"] as PartNo[]),
    ],
    [
      "open demand",
      demandRow,
      { RevisedQtyDue: "many" },
      (it) => createStock(it).openDemand(S1, ["A", "BAD", "C"] as PartNo[]),
    ],
    [
      "purchase order line",
      supplyRow,
      { Objstate: null },
      (it) => createSupply(it).plannedSupply(["purchaseOrders"], S1, ["A", "BAD", "C"] as PartNo[]),
    ],
  ])("of a list of %ss is the refusal of its key", async (what, row, over, read) => {
    const { client } = await start((filter) => rowsFor(filter, [row("A"), row("BAD"), row("BAD", over)]));
    const error = await failureOf(read(client));
    expect(error).toBeInstanceOf(RefusedKeysError);
    expect(error).toMatchObject({ values: ["BAD"], code: "unexpectedAnswer" });
    expect((error as RefusedKeysError).reasonOf("BAD")).toMatch(
      new RegExp(`^${what}: field "\\w+" of an answer is not usable`),
    );
  });

  test("keeps nobody else's rows back, and each key has its own reason", async () => {
    const rows = [stockRow("A"), stockRow("BAD", { QtyOnhand: "x" }), stockRow("ODD", { FreezeFlagDb: "PERHAPS" })];
    const { client } = await start((filter) => rowsFor(filter, rows));
    const refused = new Map<PartNo, string>();
    const stock = createStock(client);
    const read = await askedWithout(["A", "BAD", "ODD"] as PartNo[], refused, (left) => stock.stockRows(S1, left));
    expect(read.map(({ partNo, qtyOnhand }) => `${partNo} ${qtyOnhand}`)).toEqual(["A 5"]);
    expect([...refused].map(([partNo, reason]) => `${partNo}: ${/"(\w+)"/.exec(reason)?.[1]}`)).toEqual([
      "BAD: qtyOnhand",
      "ODD: frozen",
    ]);
  });

  test("is an error of the read where it tells no key that was asked for", async () => {
    const { client } = await start(() => list([stockRow("A"), stockRow("B", { QtyOnhand: "x" })]));
    const error = await failureOf(createStock(client).stockRows(S1, numbers(2)));
    expect(error).toMatchObject({ name: "RefusedError", code: "unexpectedAnswer" });
  });

  test("is an error of the read where no row of many keys can be read: the binding is wrong", async () => {
    const { client } = await start((filter) =>
      rowsFor(
        filter,
        numbers(30).map((no) => stockRow(no, { LocationNo: null })),
      ),
    );
    const stock = createStock(client);
    expect(await failureOf(stock.stockRows(S1, numbers(10)))).toMatchObject({
      name: "RefusedError",
      code: "unexpectedAnswer",
    });
    expect(await failureOf(stock.stockRows(S1, numbers(9)))).toMatchObject({ name: "RefusedKeysError" });
  });
});
