/** RMAs over real HTTP: what is asked, in which form, and what an answer means. */
import { afterEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import type { Contract, OrderNo } from "../domain/ids.ts";
import type { IfsReturnDraft } from "../domain/ifs-returns.ts";
import { createReturns } from "./returns.ts";
import { type Answer, type Asked, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked, count: number) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, returns: createReturns(tenant.client({ ifs })) };
}

const service = "ReturnMaterialHandling.svc";
const REF = "0b0c4c3c-0000-4000-8000-000000000001/0123456789ab";
const query = { orderNo: "A1" as OrderNo, contract: "S1" as Contract, references: [REF], rmaNos: [] as string[] };
const header = (fields: object = {}) => ({
  "@odata.etag": 'W/"1"',
  RmaNo: 5001,
  Contract: "S1",
  CustomerPoNo: REF,
  Objstate: "Planned",
  ...fields,
});
const line = (number: number, fields: object = {}) => ({
  "@odata.etag": 'W/"1"',
  RmaNo: 5001,
  RmaLineNo: number,
  OrderNo: "A1",
  LineNo: String(number),
  RelNo: "1",
  LineItemNo: 0,
  QtyToReturn: 1.5,
  ReturnReasonCode: "WRONG",
  Objstate: "Planned",
  ...fields,
});
const draftLine = (lineNo: string) => ({
  orderNo: "A1" as OrderNo,
  lineNo,
  relNo: "1",
  lineItemNo: "0",
  lineRef: "item-1",
  qtyToReturn: decimal("1.5"),
  returnReasonCode: "WRONG",
});
const draft: IfsReturnDraft = {
  reference: REF,
  contract: "S1" as Contract,
  customerNo: "C1",
  currencyCode: "EUR",
  returnApproverId: "WEB",
  noteText: undefined,
  lines: [draftLine("1"), draftLine("2")],
};
const readLine = (number: number) => ({
  orderNo: "A1",
  lineNo: String(number),
  relNo: "1",
  lineItemNo: "0",
  rmaNo: "5001",
  rmaLineNo: String(number),
  lineRef: null,
  qtyToReturn: "1.5",
  returnReasonCode: "WRONG",
  state: "Planned",
});
const rma = {
  rmaNo: "5001",
  contract: "S1",
  reference: REF,
  state: "Planned",
  lines: [readLine(1), readLine(2)],
};
const sets =
  (headers: object[], lines: object[], any: object[] = []) =>
  ({ path, query: { $filter = "" } }: Asked): Answer => {
    if (path === `${service}/ReturnMaterialLineSet`) return { json: { value: lines } };
    return { json: { value: $filter.includes("CustomerPoNo") || $filter.includes("RmaNo eq") ? headers : any } };
  };
const trail = (it: Tenant) => it.asked.map(({ method, path }) => `${method} ${path.replace(`${service}/`, "")}`);
const outcome = (work: Promise<unknown>) =>
  work.then(
    (value) => value,
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  );

describe("a look-up", () => {
  test("by reference, with all RMA lines of the order, whoever entered them", async () => {
    const { it, returns } = await start(sets([header()], [line(1), line(2), line(1, { RmaNo: 4000 })]));
    expect(await returns.find(query)).toEqual({
      found: [rma],
      ofOrder: [...rma.lines, { ...readLine(1), rmaNo: "4000" }],
      unproven: undefined,
    });
    expect(it.asked.map(({ query: { $filter } }) => $filter)).toEqual([
      `Contract eq 'S1' and CustomerPoNo eq '${REF}'`,
      "(RmaNo eq 5001 or OrderNo eq 'A1')",
    ]);
  });

  test("of an order with a hundred returns, in requests that IFS takes; an RMA that two of them show is one", async () => {
    const { it, returns } = await start(({ path }) => ({
      json: { value: path.endsWith("/ReturnMaterialSet") ? [header()] : [] },
    }));
    const references = Array.from(
      { length: 100 },
      (_, index) => `${REF.slice(0, -3)}${String(index).padStart(3, "0")}`,
    );
    const { found } = await returns.find({ ...query, references: [REF, ...references], rmaNos: ["5001"] });
    expect(found.map(({ rmaNo }) => rmaNo)).toEqual(["5001"]);
    const asked = it.asked.filter(({ path }) => path.endsWith("/ReturnMaterialSet"));
    expect(asked.length).toBeGreaterThan(1);
    expect(Math.max(...asked.map(({ rawQuery }) => rawQuery.length))).toBeLessThan(4000);
    for (const one of asked) expect(one.query.$filter).toMatch(/^Contract eq 'S1' and /);
    const named = asked.flatMap(({ query: { $filter = "" } }) => [...$filter.matchAll(/CustomerPoNo eq '([^']+)'/g)]);
    expect(named.map(([, reference]) => reference)).toEqual([REF, ...references]);
  });

  test.each([
    ["another RMA of the site proves it", [header({ RmaNo: 9 })], {}, undefined],
    [
      "nothing of the site proves nothing",
      [],
      {},
      "no RMA of site S1 is visible; there is none yet, or grants are missing",
    ],
    [
      "a sentinel that is not shown proves nothing, whatever else there is",
      [header({ RmaNo: 9 })],
      { sentinelReturns: { S1: "7" } },
      "neither an RMA of the order nor sentinel RMA 7 of site S1 is visible",
    ],
  ])("absent: %s", async (_, any, ifs, unproven) => {
    const { returns } = await start(sets([], [], any), ifs);
    expect(await returns.find(query)).toEqual({ found: [], ofOrder: [], unproven });
  });

  test("the sentinel that is shown proves it, and is no answer", async () => {
    const { it, returns } = await start(sets([header({ RmaNo: 7, CustomerPoNo: null })], []), {
      sentinelReturns: { S1: "7" },
    });
    expect(await returns.find(query)).toEqual({ found: [], ofOrder: [], unproven: undefined });
    expect(it.asked[0]?.query.$filter).toBe(`Contract eq 'S1' and (CustomerPoNo eq '${REF}' or RmaNo eq 7)`);
  });

  test("a tenant that has lines as an array only is asked RMA by RMA", async () => {
    const binding = { rmaLine: { parent: "rma", set: "ReturnMaterialLineArray", fields: { reference: "Cf_Ref" } } };
    const { it, returns } = await start(
      ({ path }) => ({ json: { value: path.endsWith("Array") ? [line(1, { Cf_Ref: "item-1" })] : [header()] } }),
      { binding },
    );
    const { found } = await returns.find(query);
    expect([found[0]?.lines.map(({ lineRef }) => lineRef), trail(it)]).toEqual([
      ["item-1"],
      ["GET ReturnMaterialSet", "GET ReturnMaterialSet(RmaNo=5001)/ReturnMaterialLineArray"],
    ]);
  });

  test("states are told by the binding, and an unknown one is not guessed", async () => {
    const states = { rma: { ReturnCompleted: null, Completed: "ReturnCompleted" } };
    const { returns } = await start(sets([header({ Objstate: "Completed" })], [line(1, { Objstate: "Odd" })]), {
      binding: { states },
    });
    const { found } = await returns.find(query);
    expect([found[0]?.state, found[0]?.lines[0]?.state]).toEqual(["ReturnCompleted", "unknown:Odd"]);
  });
});

describe("a create", () => {
  const posts = ({ method, path, body }: Asked): Answer => {
    if (method === "GET") return { json: path.endsWith("LineSet") ? { value: [line(1), line(2)] } : header() };
    if (path === `${service}/ReturnMaterialSet`) return { status: 201, json: header() };
    return { status: 201, json: line(body.includes('"LineNo":"2"') ? 2 : 1) };
  };
  const single = { changeSets: "never" };

  test("in single requests: numbers stay exact, lines carry their RMA", async () => {
    const { it, returns } = await start(posts, { ...single, binding: { constants: { rma: { Cf_Origin: "WEB" } } } });
    expect(await returns.create(draft, 2000)).toEqual({ kind: "done", rma });
    expect(trail(it)).toEqual([
      "POST ReturnMaterialSet",
      "POST ReturnMaterialSet(RmaNo=5001)/ReturnMaterialLineArray",
      "POST ReturnMaterialSet(RmaNo=5001)/ReturnMaterialLineArray",
    ]);
    expect(it.asked.slice(0, 2).map(({ body }) => JSON.parse(body))).toEqual([
      {
        Cf_Origin: "WEB",
        CustomerPoNo: REF,
        Contract: "S1",
        CustomerNo: "C1",
        CurrencyCode: "EUR",
        ReturnApproverId: "WEB",
      },
      {
        RmaNo: 5001,
        OrderNo: "A1",
        LineNo: "1",
        RelNo: "1",
        LineItemNo: 0,
        QtyToReturn: 1.5,
        ReturnReasonCode: "WRONG",
      },
    ]);
  });

  test("answers that show nothing are read back", async () => {
    const { it, returns } = await start(
      (asked) => (asked.method === "POST" && asked.path.endsWith("Array") ? { status: 201 } : posts(asked)),
      single,
    );
    expect(await returns.create(draft, 2000)).toEqual({ kind: "done", rma });
    expect(trail(it).slice(3)).toEqual(["GET ReturnMaterialSet(RmaNo=5001)", "GET ReturnMaterialLineSet"]);
  });

  test.each<[string, (asked: Asked) => Answer | undefined, unknown]>([
    [
      "a refused header is nothing",
      ({ path }) => (path.endsWith("Set") ? { status: 500, json: oracle("ORA-20110: no") } : undefined),
      expect.stringMatching(/^RefusedError: .*no/),
    ],
    [
      "a refused line leaves a half-built RMA",
      ({ body }) => (body.includes('"LineNo":"2"') ? { status: 500, json: oracle("ORA-20110: no") } : undefined),
      { kind: "halfBuilt", rmaNo: "5001", refusal: expect.objectContaining({ name: "RefusedError" }) },
    ],
    [
      "an outage at a line is doubt, for the header is there",
      ({ body }) => (body.includes('"LineNo":"2"') ? { status: 503, headers: { "retry-after": "1" } } : undefined),
      expect.stringMatching(/^UnknownOutcomeError: RMA 5001 was written/),
    ],
    [
      "a lost answer is doubt",
      ({ method }) => (method === "POST" ? "reset" : undefined),
      expect.stringMatching(/^UnknownOutcomeError/),
    ],
    [
      "an outage that says that nobody took the request is none",
      () => ({ status: 503, headers: { "retry-after": "1" } }),
      expect.stringMatching(/^TransientError/),
    ],
  ])("%s", async (_, special, expected) => {
    const { returns } = await start((asked) => special(asked) ?? posts(asked), single);
    expect(await outcome(returns.create(draft, 2000))).toEqual(expected);
  });

  test("as one change set; where the form is refused, one by one, and not tried again", async () => {
    const { it, returns } = await start((asked) =>
      asked.path.endsWith("$batch")
        ? { status: 501, json: { error: { code: "ODP_NOT_IMPLEMENTED", message: "no change sets" } } }
        : posts(asked),
    );
    expect([await returns.create(draft, 2000), await returns.create(draft, 2000)]).toEqual([
      { kind: "done", rma },
      { kind: "done", rma },
    ]);
    expect(trail(it).filter((one) => one.endsWith("$batch")).length).toBe(1);
    expect(it.asked[0]?.body.match(/^POST .*$/gm)?.map((one) => one.trim())).toEqual([
      "POST ReturnMaterialSet HTTP/1.1",
      "POST $1/ReturnMaterialLineArray HTTP/1.1",
      "POST $1/ReturnMaterialLineArray HTTP/1.1",
    ]);
  });
});

describe("a release", () => {
  const action = `${service}/ReturnMaterialSet(RmaNo=5001)/IfsApp.ReturnMaterialHandling.ReturnMaterial_Release`;
  const answers = (state: string, release: Answer) =>
    start(({ path }) => {
      if (path === action) return release;
      return { json: path.endsWith("LineSet") ? { value: [line(1)] } : header({ Objstate: state }) };
    });
  const refused: Answer = { status: 500, json: oracle("ORA-20110: ReturnMaterial.NORELEASE: no") };

  test("answers the RMA afterwards; one that was released before is as it is", async () => {
    for (const release of [{ status: 204 }, refused]) {
      const { returns } = await answers("Released", release);
      expect(await outcome(returns.release("5001"))).toMatchObject({ rmaNo: "5001", state: "Released" });
      await tenant?.close();
    }
  });

  test("what stays Planned was refused", async () => {
    const { returns } = await answers("Planned", refused);
    expect(await outcome(returns.release("5001"))).toBe("RefusedError: no");
  });

  test("a tenant without the action says so", async () => {
    const { returns } = await start(() => ({ json: {} }), { binding: { actions: { releaseRma: null } } });
    expect(await outcome(returns.release("5001"))).toMatch(
      /^RefusedError: this IFS has no action that releases an RMA/,
    );
  });
});

test("lines that are missing are added, and the whole is read", async () => {
  const { it, returns } = await start(({ method, path }) => {
    if (method === "POST") return { status: 201, json: line(2) };
    return { json: path.endsWith("LineSet") ? { value: [line(1), line(2)] } : header() };
  });
  expect(await returns.addLines("5001", [draftLine("2")], 2000)).toEqual(rma);
  expect(trail(it)).toEqual([
    "POST ReturnMaterialSet(RmaNo=5001)/ReturnMaterialLineArray",
    "GET ReturnMaterialSet(RmaNo=5001)",
    "GET ReturnMaterialLineSet",
  ]);
});

test("the ledger asks by reference and number, whatever the site", async () => {
  const { it, returns } = await start(sets([header()], [line(1), line(2)]));
  expect(await returns.list({ references: [REF], rmaNos: ["5001"] })).toEqual([rma]);
  expect(it.asked[0]?.query.$filter).toBe(`(CustomerPoNo eq '${REF}' or RmaNo eq 5001)`);
  expect(await returns.list({ references: [], rmaNos: [] })).toEqual([]);
});
