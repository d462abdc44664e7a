import { afterEach, describe, expect, test } from "vitest";
import { nothingProbed } from "../domain/capabilities.ts";
import { ConflictError, TransientError } from "../domain/failure.ts";
import type { Contract, OrderNo } from "../domain/ids.ts";
import { createOrders } from "./orders.ts";
import { batch, type Piece } from "./testing/batch-answer.ts";
import { chargeRow, lineRow, orderDocument, orderRow } from "./testing/order-rows.ts";
import { type Answer, type Asked, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked, count: number) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  return { it: tenant, orders: createOrders(tenant.client({ ifs })) };
}
const no = (value: string) => value as OrderNo;
const S1 = "S1" as Contract;
const rows = (...value: object[]): Answer => ({ json: { value } });

describe("finding an order by our reference", () => {
  const sentinel = { sentinelOrders: { S1: "KEEP" } };
  test("asks for the order or the sentinel in one request", async () => {
    const { it, orders } = await start(() => rows(orderRow({ OrderNo: "KEEP", ExternalRef: null })), sentinel);
    await orders.findByExternalRef("o'1", S1);
    expect(it.asked.map((asked) => [asked.path, asked.query.$filter])).toEqual([
      ["CustomerOrderHandling.svc/CustomerOrderSet", "(ExternalRef eq 'o''1' or OrderNo eq 'KEEP')"],
    ]);
  });
  test("found, every hit of it, cancelled ones included", async () => {
    const hits = [orderRow(), orderRow({ OrderNo: "A2", Objstate: "Cancelled", CancelReason: "X" })];
    const { orders } = await start(() => rows(...hits, orderRow({ OrderNo: "KEEP", ExternalRef: null })), sentinel);
    expect(await orders.findByExternalRef("order-1", S1)).toEqual({
      kind: "found",
      orders: [orderDocument.order, { ...orderDocument.order, orderNo: "A2", state: "Cancelled", cancelReason: "X" }],
    });
  });
  test("absent only when the sentinel was seen", async () => {
    const { orders } = await start(() => rows(orderRow({ OrderNo: "KEEP", ExternalRef: null })), sentinel);
    expect(await orders.findByExternalRef("order-1", S1)).toEqual({ kind: "absent" });
  });
  test("found at another site as well: the route may have changed since it was sent", async () => {
    const { orders } = await start(() => rows(orderRow({ Contract: "S2" })), sentinel);
    expect(await orders.findByExternalRef("order-1", S1)).toEqual({
      kind: "found",
      orders: [{ ...orderDocument.order, contract: "S2" }],
    });
  });
  test("a sentinel of another site proves nothing of this one", async () => {
    const { orders } = await start(
      () => rows(orderRow({ OrderNo: "KEEP", ExternalRef: null, Contract: "S2" })),
      sentinel,
    );
    expect((await orders.findByExternalRef("order-1", S1)).kind).toBe("unknown");
  });
  test("nothing seen proves nothing", async () => {
    const { orders } = await start(() => rows(), sentinel);
    expect(await orders.findByExternalRef("order-1", S1)).toEqual({
      kind: "unknown",
      reason: "neither the order nor sentinel order KEEP of site S1 is visible",
    });
  });
  describe("without a sentinel, any order of the site is the proof", () => {
    const witness = orderRow({ OrderNo: "Z", ExternalRef: null });
    const proof = "(ExternalRef eq 'order-1' or OrderNo eq 'Z')";
    const answering = (proven: () => ReturnType<typeof rows>) =>
      start(({ query }) =>
        query.$filter === "Contract eq 'S1'" ? rows({ OrderNo: "Z" }) : query.$filter === proof ? proven() : rows(),
      );
    test("which the same list has to show", async () => {
      const { it, orders } = await answering(() => rows(witness));
      expect(await orders.findByExternalRef("order-1", S1)).toEqual({ kind: "absent" });
      expect(it.asked.map(({ query }) => [query.$filter, query.$top, query.$select])).toEqual([
        [
          "ExternalRef eq 'order-1'",
          "500",
          "OrderNo,Contract,CustomerNo,CurrencyCode,ExternalRef,BlockedReason,CancelReason,Objstate",
        ],
        ["Contract eq 'S1'", "1", "OrderNo"],
        [proof, "500", "OrderNo,Contract,CustomerNo,CurrencyCode,ExternalRef,BlockedReason,CancelReason,Objstate"],
      ]);
    });
    test("and ours is found where grants came back in between", async () => {
      const { orders } = await answering(() => rows(orderRow(), witness));
      expect(await orders.findByExternalRef("order-1", S1)).toEqual({ kind: "found", orders: [orderDocument.order] });
    });
    test("and nothing is proven where they went again", async () => {
      const { orders } = await answering(() => rows());
      expect((await orders.findByExternalRef("order-1", S1)).kind).toBe("unknown");
    });
  });
  test("without a sentinel and without any order, it is unknown", async () => {
    const { orders } = await start(() => rows());
    expect(await orders.findByExternalRef("order-1", S1)).toEqual({
      kind: "unknown",
      reason: "no order of site S1 is visible; grants may be missing",
    });
  });
  test("within the caller's time", async () => {
    const { orders } = await start(() => "silence");
    const begun = performance.now();
    const calls = [
      orders.findByExternalRef("order-1", S1, 200),
      orders.read(no("A1"), 200),
      orders.release(no("A1"), 200),
    ];
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status === "rejected" && result.reason.constructor)).toEqual([
      TransientError,
      TransientError,
      TransientError,
    ]);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
  test("an outage is thrown and never an answer", async () => {
    const { orders } = await start(() => ({ status: 503 }));
    await expect(orders.findByExternalRef("order-1", S1)).rejects.toBeInstanceOf(TransientError);
  });
});

const base = "CustomerOrderHandling.svc";
const path = `${base}/CustomerOrderSet(OrderNo='A1')`;

/** Serves one order with its lines and charges. */
function oneOrder({ path: asked, query }: Asked): Answer | undefined {
  if (asked === path) return { json: orderRow() };
  if (asked === `${base}/CustomerOrderLineSet` && query.$filter === "OrderNo eq 'A1'")
    return rows(lineRow(1), lineRow(2));
  if (asked === `${path}/CustomerOrderChargeArray`) return rows(chargeRow());
  return undefined;
}

describe("reading an order", () => {
  test("header, lines with our references, charges, in exact decimals", async () => {
    const { orders } = await start((asked) => oneOrder(asked) ?? { status: 500 });
    expect(await orders.read(no("A1"))).toEqual(orderDocument);
  });
  test.each([
    { status: 404, json: { error: { code: "ODP_RESOURCE_NOTFOUND", message: "Resource not found." } } },
    { status: 404 },
  ])("an order that is not there: %j", async (answer) => {
    const { orders } = await start(() => answer);
    expect(await orders.read(no("A1"))).toBeUndefined();
  });
  test.each([
    [false, "2026-03-04T00:00:00Z", "2026-03-04"],
    // Midnight in Berlin is the evening before in UTC.
    [true, "2026-03-03T23:00:00Z", "2026-03-04"],
    [true, "2026-03-04", "2026-03-04"],
  ])("the day of a promised delivery is the site's (time-zone aware: %s)", async (timeZoneAware, told, day) => {
    const { orders } = await start(
      ({ path, ...asked }) => {
        const answer = oneOrder({ path, ...asked });
        return path.endsWith("CustomerOrderLineSet")
          ? rows({ ...lineRow(1), PromisedDeliveryDate: told })
          : (answer ?? { status: 500 });
      },
      { binding: { orderLine: { timeZoneAware } } },
    );
    expect((await orders.read(no("A1")))?.lines.map(({ promisedDeliveryDate }) => promisedDeliveryDate)).toEqual([day]);
  });

  test("a projection that is not there is no missing order", async () => {
    const { orders } = await start(() => ({ status: 404, json: { error: { message: "Metadata not found." } } }));
    await expect(orders.read(no("A1"))).rejects.toMatchObject({ name: "RefusedError", code: "projectionMissing" });
  });
  test("a row of another shape names the field", async () => {
    const { orders } = await start(() => ({ json: orderRow({ CurrencyCode: null }) }));
    await expect(orders.read(no("A1"))).rejects.toMatchObject({
      code: "unexpectedAnswer",
      message: expect.stringContaining('order: field "currencyCode"'),
    });
  });
  test("an unknown state is kept as such", async () => {
    const { orders } = await start(() => rows(orderRow({ Objstate: "Parked" })));
    const lookup = await orders.findByExternalRef("order-1", S1);
    expect(lookup.kind === "found" && lookup.orders[0]?.state).toBe("unknown:Parked");
  });
});

describe("reading many orders", () => {
  const serve = ({ path: asked, query }: Asked): Answer => {
    const wanted = [...(query.$filter ?? "").matchAll(/OrderNo eq '([^']+)'/g)].map((match) => match[1] ?? "");
    const there = wanted.filter((orderNo) => orderNo !== "GONE");
    if (asked === `${base}/CustomerOrderSet`) return rows(...there.map((OrderNo) => orderRow({ OrderNo })));
    if (asked === `${base}/CustomerOrderLineSet`) return rows(...there.map((OrderNo) => lineRow(1, { OrderNo })));
    return rows(chargeRow());
  };
  test("in chunks under the URL length, without those that are not visible", async () => {
    const { it, orders } = await start(serve, { binding: { maxUrlLength: 1500 } });
    const wanted = [...Array.from({ length: 60 }, (_, index) => no(`A${index}`)), no("GONE"), no("A0")];
    const documents = await orders.documents(wanted, { charges: false });
    expect(documents.map(({ order, lines, charges }) => [order.orderNo, lines.length, charges.length]).sort()).toEqual(
      Array.from({ length: 60 }, (_, index) => [`A${index}`, 1, 0]).sort(),
    );
    const longest = Math.max(
      ...it.asked.map(
        ({ path: asked, rawQuery }) =>
          `${tenant?.origin}/main/ifsapplications/projection/v1/${asked}?${rawQuery}`.length,
      ),
    );
    // Measured, not guessed: no URL is too long, and none is much shorter than it may be.
    expect({ short: longest <= 1500, full: longest > 1400 }).toEqual({ short: true, full: true });
    expect(it.asked.length).toBe(4);
  });
  test("with charges unless they are declined", async () => {
    const { orders } = await start(serve);
    const [document] = await orders.documents([no("A1")]);
    expect(document?.charges).toEqual(orderDocument.charges);
  });
  test("none asked, none requested", async () => {
    const { it, orders } = await start(serve);
    expect([await orders.documents([]), it.asked.length]).toEqual([[], 0]);
  });
});

describe("release", () => {
  const release = `${path}/IfsApp.CustomerOrderHandling.CustomerOrder_Release`;
  const service = "CustomerOrderHandling.svc";
  const relative = (text: string) => text.slice(`${service}/`.length);
  const seen = (more: Readonly<Record<string, unknown>> = {}) => ({ status: 200, body: orderRow(more) });
  const trail = ({ asked }: Tenant) => asked.map(({ method, path: one }) => `${method} ${relative(one)}`);

  test("is one request: the action, and the order as it is then; a credit block is an answer", async () => {
    const blocked = seen({ Objstate: "CreditBlocked", BlockedReason: "CREDIT" });
    const { it, orders } = await start(() => batch([{ id: "1", status: 204 }], true, [blocked]));
    expect(await orders.release(no("A1"))).toEqual({
      ...orderDocument.order,
      state: "Blocked",
      blockedReason: "CREDIT",
    });
    expect(trail(it)).toEqual(["POST $batch"]);
    const parts = it.asked[0]?.body.split("\r\n").filter((line) => /^(GET|POST|If-Match|--\w+_)/.test(line));
    const fields = "OrderNo,Contract,CustomerNo,CurrencyCode,ExternalRef,BlockedReason,CancelReason,Objstate".split(
      ",",
    );
    expect(parts?.map((line) => line.replace(/_[0-9a-f-]{36}/, ""))).toEqual([
      "--batch",
      "--changeset",
      `POST ${relative(release)} HTTP/1.1`,
      "If-Match: *",
      "--changeset--",
      "--batch",
      `GET ${relative(path)}?$select=${fields.join(",")} HTTP/1.1`,
      "--batch--",
    ]);
  });
  test.each<[string, readonly Piece[]]>([
    ["is missing", []],
    ["is refused", [{ status: 501 }]],
    ["holds no row", [{ status: 200, body: [] }]],
  ])("whose read %s in the answer is followed by a read", async (_, behind) => {
    const { it, orders } = await start(({ method }) =>
      method === "POST" ? batch([{ status: 204 }], true, behind) : { json: orderRow({ Objstate: "Released" }) },
    );
    expect((await orders.release(no("A1"))).state).toBe("Released");
    expect(trail(it)).toEqual(["POST $batch", `GET ${relative(path)}`]);
  });
  test.each<[string, Answer]>([
    ["as a whole", { status: 400, json: { error: { code: "ODP_BATCH_MALFORMED", message: "No reads here." } } }],
    ["in its part", batch([{ status: 501, body: { error: { code: "ODP_NOT_IMPLEMENTED", message: "No." } } }])],
  ])("where a batch of both is refused %s: two requests, and no batch the next time", async (_, refusal) => {
    const { it, orders } = await start(({ method, path: asked }) =>
      asked.endsWith("$batch") ? refusal : method === "POST" ? { status: 204 } : { json: orderRow() },
    );
    await orders.release(no("A1"));
    await orders.release(no("A1"));
    const two = [`POST ${relative(release)}`, `GET ${relative(path)}`];
    expect(trail(it)).toEqual(["POST $batch", ...two, ...two]);
  });
  test("where change sets are not used: two requests", async () => {
    const { it, orders } = await start(({ method }) => (method === "POST" ? { status: 204 } : { json: orderRow() }), {
      changeSets: "never",
    });
    expect(await orders.release(no("A1"))).toEqual(orderDocument.order);
    expect(
      it.asked.map(({ method, path: asked, body, headers }) => [method, asked, body, headers["if-match"]]),
    ).toEqual([
      ["POST", release, "{}", "*"],
      ["GET", path, "", undefined],
    ]);
  });
  const refusedInBatch = (message: string) => batch([{ status: 400, body: oracle(message) }], false);
  test("of a released order answers its state", async () => {
    const { orders } = await start(({ method }) =>
      method === "POST"
        ? refusedInBatch("ORA-20110: CustomerOrder.NOEVENT: Not allowed in state Reserved.")
        : { json: orderRow({ Objstate: "Reserved" }) },
    );
    expect((await orders.release(no("A1"))).state).toBe("Reserved");
  });
  /** What IFS says to the action in a batch, and by itself. */
  const refusing = (alone: Answer) =>
    start(({ method, path: asked }) => {
      if (method !== "POST") return { json: orderRow() };
      return asked.endsWith("$batch") ? refusedInBatch("ORA-20110: CustomerOrder.X: No.") : alone;
    });
  const TRIED = ["POST $batch", `GET ${relative(path)}`, `POST ${relative(release)}`];
  test("refused on a planned order is asked for by itself, and then a refusal", async () => {
    const { it, orders } = await refusing({ status: 400, json: oracle("ORA-20110: CustomerOrder.X: No.") });
    await expect(orders.release(no("A1"))).rejects.toMatchObject({
      code: "ORA-20110 CustomerOrder.X",
      status: 400,
      message: "No.",
    });
    expect(trail(it)).toEqual(TRIED);
  });
  test("a tenant that refuses the action in a change set, in its own words, is not asked so again", async () => {
    const { it, orders } = await refusing({ status: 204 });
    await orders.release(no("A1"));
    await orders.release(no("A1"));
    const alone = [`POST ${relative(release)}`, `GET ${relative(path)}`];
    expect(trail(it)).toEqual([...TRIED, `GET ${relative(path)}`, ...alone]);
  });
  test.each<[string, Answer]>([
    ["lost", "reset"],
    ["not to be read", { json: {} }],
    ["of a passing reason", batch([{ status: 500, body: oracle("ORA-00054: resource busy") }], false)],
  ])("an answer that is %s may be tried again", async (_, answer) => {
    const { orders } = await start(() => answer);
    await expect(orders.release(no("A1"))).rejects.toBeInstanceOf(TransientError);
  });
});

describe("cancel", () => {
  test("at the tag just read, with the tenant's reason code", async () => {
    let state = "Released";
    const { it, orders } = await start(
      ({ method }) => {
        if (method === "POST") state = "Cancelled";
        return method === "POST"
          ? { status: 204 }
          : { json: orderRow({ Objstate: state, "@odata.etag": `W/"${state}"` }) };
      },
      { binding: { cancelReasons: { shop: "07" } } },
    );
    expect((await orders.cancel(no("A1"), "shop")).state).toBe("Cancelled");
    expect(it.asked.map(({ method, body, headers }) => [method, body, headers["if-match"]])).toEqual([
      ["GET", "", undefined],
      ["POST", '{"CancelReason":"07"}', 'W/"Released"'],
      ["GET", "", undefined],
    ]);
  });
  test("where a write probe found that the action takes no reason: it is written on the order before", async () => {
    let [state, reason, version] = ["Released", null as string | null, 1];
    tenant = await startTenant(({ method, body }) => {
      if (method === "PATCH") reason = (JSON.parse(body) as { CancelReason: string }).CancelReason;
      if (method === "POST") state = "Cancelled";
      if (method !== "GET") version += 1;
      const json = orderRow({ Objstate: state, CancelReason: reason, "@odata.etag": `W/"${version}"` });
      return method === "GET" ? { json } : { status: 204 };
    });
    const answers = { ...nothingProbed.answers, cancelReasonParameter: "no" as const };
    const client = tenant.client({
      ifs: { binding: { cancelReasons: { "*": "07" } } },
      capabilities: { ...nothingProbed, answers },
    });
    expect((await createOrders(client).cancel(no("A1"), "shop")).state).toBe("Cancelled");
    expect(tenant.asked.map(({ method, body, headers }) => [method, body, headers["if-match"]])).toEqual([
      ["GET", "", undefined],
      ["PATCH", '{"CancelReason":"07"}', 'W/"1"'],
      ["GET", "", undefined],
      ["POST", "{}", 'W/"2"'],
      ["GET", "", undefined],
    ]);
  });
  test("reads again on a stale tag, three times at most", async () => {
    const { it, orders } = await start(({ method }) => (method === "POST" ? { status: 412 } : { json: orderRow() }));
    await expect(orders.cancel(no("A1"), "x")).rejects.toBeInstanceOf(ConflictError);
    expect(it.asked.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "POST", "GET", "POST"]);
  });
  test("writes the reason to the order first where the action takes none", async () => {
    let row = { Objstate: "Released", CancelReason: null as string | null, "@odata.etag": 'W/"1"' };
    const { it, orders } = await start(
      ({ method }) => {
        if (method === "PATCH") row = { ...row, CancelReason: "07", "@odata.etag": 'W/"2"' };
        if (method === "POST") row = { ...row, Objstate: "Cancelled", "@odata.etag": 'W/"3"' };
        return method === "GET" ? { json: orderRow(row) } : { status: 204 };
      },
      { binding: { actions: { cancelReason: null }, cancelReasons: { shop: "07" } } },
    );
    expect((await orders.cancel(no("A1"), "shop")).state).toBe("Cancelled");
    expect(it.asked.map(({ method, body, headers }) => [method, body, headers["if-match"]])).toEqual([
      ["GET", "", undefined],
      ["PATCH", '{"CancelReason":"07"}', 'W/"1"'],
      ["GET", "", undefined],
      ["POST", "{}", 'W/"2"'],
      ["GET", "", undefined],
    ]);
  });

  test("of a cancelled order asks for nothing", async () => {
    const { it, orders } = await start(() => ({ json: orderRow({ Objstate: "Cancelled" }) }));
    expect([(await orders.cancel(no("A1"), "x")).state, it.asked.length]).toEqual(["Cancelled", 1]);
  });
  test("with one code for every reason, within the caller's time", async () => {
    const { it, orders } = await start(({ method }) => (method === "POST" ? "silence" : { json: orderRow() }), {
      binding: { cancelReasons: { "*": "01" } },
    });
    const begun = performance.now();
    await expect(orders.cancel(no("A1"), "changed in the shop", 200)).rejects.toBeInstanceOf(TransientError);
    expect([performance.now() - begun < 1000, it.asked[1]?.body]).toEqual([true, '{"CancelReason":"01"}']);
  });
  test("of an order that is not visible is refused", async () => {
    const { orders } = await start(() => ({ status: 404 }));
    await expect(orders.cancel(no("A1"), "x")).rejects.toMatchObject({ name: "RefusedError", code: "notFound" });
  });
});
