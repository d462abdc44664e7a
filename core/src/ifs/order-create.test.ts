import { afterEach, describe, expect, test } from "vitest";
import { type CapabilityName, nothingProbed } from "../domain/capabilities.ts";
import { decimal } from "../domain/decimal.ts";
import { RefusedError, TransientError } from "../domain/failure.ts";
import { createOrders } from "./orders.ts";
import { batch } from "./testing/batch-answer.ts";
import { aDraft } from "./testing/draft.ts";
import { chargeRow, lineRow, orderDocument, orderRow } from "./testing/order-rows.ts";
import { type Answer, type Asked, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

type Ifs = Record<string, unknown>;
async function start(answer: (asked: Asked, count: number) => Answer, ifs: Ifs = {}, logs: object[] = []) {
  tenant = await startTenant(answer);
  // The currency of the books is configured here, so that the requests are those of the creation alone.
  const binding = { baseAmounts: { mode: "never" }, ...(ifs.binding as object) };
  return { it: tenant, orders: createOrders(tenant.client({ ifs: { ...ifs, binding }, logs })) };
}

const service = "CustomerOrderHandling.svc";
const order = `${service}/CustomerOrderSet(OrderNo='A1')`;
const addressRow = { OrderNo: "A1", Addr1: "Ada" };

const created = (echo = true) =>
  [orderRow(), addressRow, lineRow(1), lineRow(2), chargeRow()].map((body, index) => ({
    id: echo ? String(index + 1) : null,
    status: 201,
    body,
  }));
const isBatch = ({ path }: Asked) => path === `${service}/$batch`;

/** Reads of the order that a create falls back to. */
function reads({ method, path }: Asked): Answer | undefined {
  if (method !== "GET") return undefined;
  if (path === order) return { json: orderRow() };
  if (path === `${service}/CustomerOrderLineSet`) return { json: { value: [lineRow(1), lineRow(2)] } };
  if (path === `${order}/CustomerOrderChargeArray`) return { json: { value: [chargeRow()] } };
  if (path === `${order}/CustomerOrderAddressArray`) return { json: { value: [addressRow] } };
  return undefined;
}
/** Single posts, answered with the created rows. */
function posts({ method, path, body }: Asked): Answer | undefined {
  if (method !== "POST") return undefined;
  if (path === `${service}/CustomerOrderSet`) return { status: 201, json: orderRow() };
  if (path === `${order}/OrderLinesArray`) return { status: 201, json: lineRow(body.includes('"BOX"') ? 1 : 2) };
  if (path === `${order}/CustomerOrderChargeArray`) return { status: 201, json: chargeRow() };
  if (path === `${order}/CustomerOrderAddressArray`) return { status: 201, json: addressRow };
  return undefined;
}
const outcome = (work: Promise<unknown>) =>
  work.then(
    (value) => value,
    (error: Error) => ({ type: error.constructor.name, message: error.message }),
  );
const trail = (it: Tenant) => it.asked.map(({ method, path }) => `${method} ${path.replace(`${service}/`, "")}`);

describe("one change set", () => {
  test.each([true, false])("is one request, compared by its answer (Content-ID echoed: %s)", async (echo) => {
    const { it, orders } = await start(() => batch(created(echo)));
    expect(await orders.create(aDraft(), 2000)).toEqual(orderDocument);
    expect(trail(it)).toEqual(["POST $batch"]);
    const [{ body = "", headers = {} } = {}] = it.asked;
    expect(headers["content-type"]).toMatch(/^multipart\/mixed; boundary=batch_[0-9a-f-]{36}$/);
    expect(body.match(/^POST .*$/gm)?.map((line) => line.trim())).toEqual([
      "POST CustomerOrderSet HTTP/1.1",
      "POST $1/CustomerOrderAddressArray HTTP/1.1",
      "POST $1/OrderLinesArray HTTP/1.1",
      "POST $1/OrderLinesArray HTTP/1.1",
      "POST $1/CustomerOrderChargeArray HTTP/1.1",
    ]);
    expect(body).not.toContain('"OrderNo"');
  });

  test("thin answers are completed by reading", async () => {
    const thin = [
      { id: "1", status: 201, body: { OrderNo: "A1" } },
      ...["2", "3", "4", "5"].map((id) => ({ id, status: 204 })),
    ];
    const { it, orders } = await start((asked) => (isBatch(asked) ? batch(thin) : (reads(asked) ?? { status: 500 })));
    expect(await orders.create(aDraft(), 2000)).toEqual(orderDocument);
    expect(it.asked).toHaveLength(4);
  });

  const committed = (second: Answer) => (asked: Asked) =>
    isBatch(asked)
      ? batch([
          { id: "1", status: 201, body: { OrderNo: "A1" } },
          ...["2", "3", "4", "5"].map((id) => ({ id, status: 204 })),
        ])
      : second;
  const refusal = oracle("ORA-20110: CustomerOrderLine.NOPART: No such part.");

  test.each<[string, (asked: Asked) => Answer, string]>([
    [
      "refused in one piece for all",
      () => batch([{ id: "3", status: 400, body: refusal }], false),
      "ChangeSetRefusedError",
    ],
    [
      "refused in every piece",
      () => batch(["1", "2", "3", "4", "5"].map((id) => ({ id, status: 500, body: refusal }))),
      "ChangeSetRefusedError",
    ],
    ["refused as a whole", () => ({ status: 500, json: refusal }), "ChangeSetRefusedError"],
    ["throttled", () => ({ status: 429, headers: { "retry-after": "1" } }), "TransientError"],
    ["reset", () => "reset", "UnknownOutcomeError"],
    ["bare 500", () => ({ status: 500 }), "UnknownOutcomeError"],
    ["bare 500 in a piece", () => batch([{ id: "1", status: 500 }], false), "UnknownOutcomeError"],
    ["no multipart", () => ({ json: {} }), "UnknownOutcomeError"],
    [
      "cut off",
      () => ({ text: "--o\r\n", headers: { "content-type": "multipart/mixed; boundary=o" } }),
      "UnknownOutcomeError",
    ],
    ["a piece too few", () => batch(created().slice(0, 4)), "UnknownOutcomeError"],
    [
      "half of it",
      () => batch([...created().slice(0, 2), { id: "3", status: 400, body: refusal }]),
      "UnknownOutcomeError",
    ],
    ["committed, then not readable", committed({ status: 503 }), "UnknownOutcomeError"],
    ["committed, then not visible", committed({ status: 404 }), "UnknownOutcomeError"],
  ])("%s", async (_name, answer, type) => {
    const { it, orders } = await start(answer);
    expect(await outcome(orders.create(aDraft(), 2000))).toMatchObject({ type });
    expect(trail(it).filter((line) => line.startsWith("POST"))).toEqual(["POST $batch"]);
  });

  test("a refusal is a RefusedError in IFS's words", async () => {
    const { orders } = await start(() => batch([{ id: "3", status: 400, body: refusal }], false));
    const error = await orders.create(aDraft(), 2000).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: "ORA-20110 CustomerOrderLine.NOPART", status: 400, message: "No such part." });
  });

  test("the deadline covers everything", async () => {
    const { orders } = await start(() => "silence");
    const begun = performance.now();
    expect(await outcome(orders.create(aDraft(), 200))).toMatchObject({ type: "UnknownOutcomeError" });
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

describe("single requests", () => {
  const sequence = [
    "POST CustomerOrderSet",
    "POST CustomerOrderSet(OrderNo='A1')/CustomerOrderAddressArray",
    "POST CustomerOrderSet(OrderNo='A1')/OrderLinesArray",
    "POST CustomerOrderSet(OrderNo='A1')/OrderLinesArray",
    "POST CustomerOrderSet(OrderNo='A1')/CustomerOrderChargeArray",
  ];
  test("where configured", async () => {
    const { it, orders } = await start((asked) => posts(asked) ?? { status: 500 }, { changeSets: "never" });
    expect(await orders.create(aDraft(), 2000)).toEqual(orderDocument);
    expect(trail(it)).toEqual(sequence);
    expect(JSON.parse(it.asked[2]?.body ?? "")).toMatchObject({ OrderNo: "A1", Identity1: "A1" });
    expect(JSON.parse(it.asked[4]?.body ?? "")).toMatchObject({ OrderNo: "A1" });
  });

  test.each<CapabilityName>(["changeSets", "changeSetsAtomic"])("where a write probe says no to %s", async (name) => {
    tenant = await startTenant((asked) => posts(asked) ?? { status: 500 });
    const capabilities = { ...nothingProbed, answers: { ...nothingProbed.answers, [name]: "no" as const } };
    const client = tenant.client({ ifs: { binding: { baseAmounts: { mode: "never" } } }, capabilities });
    expect(await createOrders(client).create(aDraft(), 2000)).toEqual(orderDocument);
    expect(trail(tenant)).toEqual(sequence);
  });

  test.each<[string, Answer]>([
    ["no $batch", { status: 404, json: { error: { message: "Resource not found." } } }],
    ["no multipart", { status: 415 }],
    ["not implemented", { status: 501, json: { error: { code: "ODP_NOT_IMPLEMENTED", message: "No." } } }],
    [
      "lines must name their order",
      batch(
        [
          {
            id: "3",
            status: 400,
            body: oracle(
              "ORA-20110: CustomerOrderLine.NULLVALUE: Field [ORDER_NO] is mandatory for Customer Order Line and requires a value.",
            ),
          },
        ],
        false,
      ),
    ],
    [
      "lines must name their order, in OData's words",
      batch(
        [
          {
            id: "3",
            status: 400,
            body: {
              error: {
                code: "ODP_DESERIALIZATION_ERROR",
                message: "Error while de-serializing contents.",
                details: [{ message: "The property 'OrderNo' of 'CustomerOrderLineSet' must have a value." }],
              },
            },
          },
        ],
        false,
      ),
    ],
  ])("where the tenant refuses the form, found out once: %s", async (_name, refusal) => {
    const logs: object[] = [];
    const { it, orders } = await start(
      (asked) => (isBatch(asked) ? refusal : (posts(asked) ?? { status: 500 })),
      {},
      logs,
    );
    expect(await orders.create(aDraft(), 2000)).toEqual(orderDocument);
    await orders.create(aDraft(), 2000);
    expect(trail(it)).toEqual(["POST $batch", ...sequence, ...sequence]);
    expect(logs).toEqual([{ level: "warn", event: "ifs-change-set-refused", refusal: expect.any(String) }]);
  });

  const tooLong = {
    error: {
      code: "ODP_DESERIALIZATION_ERROR",
      message: "Error while de-serializing contents.",
      details: [{ message: "The value for property 'Address1' is longer than 35 characters (MaxLength facet)." }],
    },
  };
  const unreadable = { error: { code: "ODP_DESERIALIZATION_ERROR", message: "Error while de-serializing contents." } };
  test.each<[string, Answer]>([
    ["one row of it, named", batch([{ id: "2", status: 400, body: tooLong }], false)],
    ["one row of it, not named", batch([{ id: "2", status: 400, body: unreadable }], false)],
    ["all of it, named", { status: 400, json: tooLong }],
  ])("a value that cannot be read is a refusal of the order and not of change sets: %s", async (_name, refusal) => {
    const { it, orders } = await start((asked) => (isBatch(asked) ? refusal : (posts(asked) ?? { status: 500 })));
    await expect(orders.create(aDraft(), 2000)).rejects.toMatchObject({ code: "ODP_DESERIALIZATION_ERROR" });
    await expect(orders.create(aDraft(), 2000)).rejects.toBeInstanceOf(RefusedError);
    expect(trail(it)).toEqual(["POST $batch", "POST $batch"]);
  });

  test("what the single requests refuse as well does not switch change sets off", async () => {
    const logs: object[] = [];
    const { it, orders } = await start(() => ({ status: 400, json: unreadable }), {}, logs);
    await expect(orders.create(aDraft(), 2000)).rejects.toBeInstanceOf(RefusedError);
    await expect(orders.create(aDraft(), 2000)).rejects.toBeInstanceOf(RefusedError);
    expect([trail(it), logs]).toEqual([
      ["POST $batch", "POST CustomerOrderSet", "POST $batch", "POST CustomerOrderSet"],
      [],
    ]);
  });

  test.each<[string, Answer, string, string]>([
    [
      "refused",
      { status: 500, json: oracle("ORA-20110: A.B: No such part.") },
      "RefusedError",
      "No such part. (IFS order A1 has 1 of 4 lines and charges; it was not released)",
    ],
    [
      "throttled",
      { status: 429 },
      "UnknownOutcomeError",
      "HTTP 429 without a readable error (IFS order A1 has 1 of 4 lines and charges)",
    ],
    ["lost", "reset", "UnknownOutcomeError", "(IFS order A1 has 1 of 4 lines and charges)"],
  ])("a line that fails leaves a half-built order, never nothing: %s", async (_name, failure, type, message) => {
    const { orders } = await start(
      (asked) => (asked.path.endsWith("OrderLinesArray") ? failure : (posts(asked) ?? { status: 500 })),
      { changeSets: "never" },
    );
    expect(await outcome(orders.create(aDraft(), 2000))).toEqual({ type, message: expect.stringContaining(message) });
  });

  test("a header that is refused leaves nothing", async () => {
    const { it, orders } = await start(() => ({ status: 429 }), { changeSets: "never" });
    await expect(orders.create(aDraft(), 2000)).rejects.toBeInstanceOf(TransientError);
    expect(it.asked).toHaveLength(1);
  });
});

describe("completing a half-built order", () => {
  const half = { ...orderDocument, lines: orderDocument.lines.slice(0, 1), charges: [] };
  test("posts what is missing and nothing else", async () => {
    const { it, orders } = await start((asked) => {
      if (isBatch(asked))
        return batch([lineRow(2), chargeRow()].map((body, index) => ({ id: String(index + 1), status: 201, body })));
      return reads(asked) ?? { status: 500 };
    });
    expect(await orders.addMissing(half, aDraft(), 2000)).toEqual(orderDocument);
    const sent = it.asked.find(isBatch)?.body ?? "";
    expect(sent.match(/^POST .*$/gm)?.map((line) => line.trim())).toEqual([
      "POST CustomerOrderSet(OrderNo='A1')/OrderLinesArray HTTP/1.1",
      "POST CustomerOrderSet(OrderNo='A1')/CustomerOrderChargeArray HTTP/1.1",
    ]);
    expect([sent.includes('"SERVICE"'), sent.includes('"BOX"'), sent.includes('"OrderNo":"A1"')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("a complete order is only read", async () => {
    const { it, orders } = await start((asked) => reads(asked) ?? { status: 500 });
    expect(await orders.addMissing(orderDocument, aDraft(), 2000)).toEqual(orderDocument);
    expect(trail(it).filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  test("a line whose note was cleared is not posted again", async () => {
    const cleared = {
      ...orderDocument,
      lines: orderDocument.lines.map((line, index) => ({ ...line, lineRef: String(index + 1) })),
    };
    const { it, orders } = await start((asked) => reads(asked) ?? { status: 500 });
    await orders.addMissing(cleared, aDraft(), 2000);
    expect(trail(it).filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  test.each([
    ["the second half of a line item that is split", 2, "3"],
    ["the first half, where only the second is there", 3, "2"],
  ])("%s is posted", async (_name, there, posted) => {
    const draft = aDraft();
    const [first, second] = draft.lines;
    if (!first || !second) throw new Error("the draft has two lines");
    const other = { ...first, part: 2, buyQtyDue: decimal("3"), shipAddrNo: "09" };
    const split = { ...draft, lines: [first, second, other] };
    const [one, two] = orderDocument.lines;
    if (!one || !two) throw new Error("the document has two lines");
    const document = { ...orderDocument, lines: [{ ...one, buyQtyDue: decimal(there) }, two] };
    const { it, orders } = await start((asked) => posts(asked) ?? reads(asked) ?? { status: 500 }, {
      changeSets: "never",
    });
    await orders.addMissing(document, split, 2000);
    const sent = it.asked.filter(({ method }) => method === "POST");
    expect(sent.map(({ path, body }) => [path, String(JSON.parse(body).BuyQtyDue)])).toEqual([
      [`${order}/OrderLinesArray`, posted],
    ]);
  });

  test("the second of two charges of one type is posted", async () => {
    const draft = aDraft();
    const [charge] = draft.charges;
    if (!charge) throw new Error("the draft has a charge");
    const two = { ...draft, charges: [charge, { ...charge, chargeRef: "express", extra: { ChargeCost: 3 } }] };
    const { it, orders } = await start((asked) => posts(asked) ?? reads(asked) ?? { status: 500 }, {
      changeSets: "never",
    });
    await orders.addMissing(orderDocument, two, 2000);
    const sent = it.asked.filter(({ method }) => method === "POST");
    expect(sent.map(({ path, body }) => [path, JSON.parse(body).ChargeCost])).toEqual([
      [`${order}/CustomerOrderChargeArray`, 3],
    ]);
  });

  test("only a planned order is touched", async () => {
    const { it, orders } = await start(() => ({ status: 500 }));
    const released = { ...half, order: { ...half.order, state: "Released" as const } };
    await expect(orders.addMissing(released, aDraft(), 2000)).rejects.toMatchObject({ code: "orderNotPlanned" });
    expect(it.asked).toEqual([]);
  });
});

describe("what the tenant tells about new orders", () => {
  test("its own defaults, and the currency of its books, asked for once", async () => {
    const answer = (asked: Asked): Answer => {
      if (isBatch(asked)) return batch(created());
      if (asked.path.endsWith("CustomerOrder_Default()")) {
        return {
          text: '{"@odata.context":"x","luname":"CustomerOrder","Objstate":"Planned","Priority":7.10,"MarketCode":"WEB","NoteId":null}',
        };
      }
      return { json: { value: [{ OrderNo: "Z", CompanyCurrencyCode: "EUR" }] } };
    };
    const binding = { baseAmounts: { mode: "auto" }, actions: { orderDefault: "CustomerOrder_Default" } };
    const { it, orders } = await start(answer, { binding });
    await orders.create(aDraft(), 2000);
    await orders.create(aDraft(), 2000);
    expect(trail(it)).toEqual([
      "GET CustomerOrderSet/IfsApp.CustomerOrderHandling.CustomerOrder_Default()",
      "GET CustomerOrderSet",
      "POST $batch",
      "GET CustomerOrderSet/IfsApp.CustomerOrderHandling.CustomerOrder_Default()",
      "POST $batch",
    ]);
    const sent = it.asked[2]?.body ?? "";
    expect([
      sent.includes('"Priority":7.1,"MarketCode":"WEB"'),
      sent.includes("luname"),
      sent.match(/"CurrencyRate":1\b/g)?.length,
    ]).toEqual([true, false, 3]);
  });
});
