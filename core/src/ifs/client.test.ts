import { afterEach, describe, expect, test } from "vitest";
import { ConflictError, RefusedError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import { eq, functionCall, text } from "./filter.ts";
import { toBody } from "./json.ts";
import { type Answer, type Asked, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

async function start(answer: (asked: Asked, count: number) => Answer, ifs: Record<string, unknown> = {}) {
  tenant = await startTenant(answer);
  const logs: object[] = [];
  return { it: tenant, logs, client: tenant.client({ ifs, logs }) };
}

const path = "CustomerInfoSet(CustomerId='1')";
const customer = (tag: string): Answer => ({ json: { "@odata.etag": tag, CustomerId: "1", Name: "Old" } });

describe("a change of a row", () => {
  const rename = () => toBody({ Name: "New" });
  test("is read first and written at the ETag just read", async () => {
    const { it, client } = await start(({ method }) => (method === "GET" ? customer('W/"1"') : { status: 204 }));
    await client.update(client.binding.customer, path, rename, { fields: ["name"] });
    expect(
      it.asked.map(({ method, query, headers, body }) => [method, query.$select, headers["if-match"], body]),
    ).toEqual([
      ["GET", "CustomerId,Name", undefined, ""],
      ["PATCH", undefined, 'W/"1"', '{"Name":"New"}'],
    ]);
  });

  test("is read again where somebody else wrote first, and not more than three times", async () => {
    const { it, client } = await start(({ method }, count) =>
      method === "GET" ? customer(`W/"${count}"`) : { status: count < 4 ? 412 : 204 },
    );
    await client.update(client.binding.customer, path, rename);
    expect(it.asked.map(({ headers }) => headers["if-match"] ?? "read")).toEqual(["read", 'W/"1"', "read", 'W/"3"']);

    await it.close();
    const stubborn = await start(({ method }) => (method === "GET" ? customer('W/"1"') : { status: 412 }));
    await expect(stubborn.client.update(client.binding.customer, path, rename)).rejects.toBeInstanceOf(ConflictError);
    expect(stubborn.it.asked).toHaveLength(6);
  });

  test.each<[string, Answer, string]>([
    ["no ETag: it would be inserted", { json: { CustomerId: "1" } }, "etagMissing"],
    ["no row", { status: 404 }, "notFound"],
  ])("is never sent with %s", async (_why, answer, code) => {
    const { it, client } = await start(() => answer);
    await expect(client.update(client.binding.customer, path, rename)).rejects.toMatchObject({ code });
    expect(it.asked.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("is not sent where there is nothing to change", async () => {
    const { it, client } = await start(() => customer('W/"1"'));
    await client.update(client.binding.customer, path, (row) => (row.name === "Old" ? undefined : rename()));
    expect(it.asked.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("actions and functions", () => {
  const print = "CustomerOrderSet(OrderNo='1')/IfsApp.CustomerOrderHandling.CustomerOrder_PrintResultKey";

  test("a bound action goes with an ETag; a number comes back as text", async () => {
    const { it, client } = await start(() => ({ json: { "@odata.context": "x", value: 558558.1 } }));
    const body = toBody({ ReportId: "CUSTOMER_ORDER_CONF_REP" });
    expect(await client.act(client.binding.order, print, { ifMatch: 'W/"1"', body })).toBe("558558.1");
    expect(it.asked[0]).toMatchObject({ method: "POST", path: `CustomerOrderHandling.svc/${print}` });
    expect(it.asked[0]?.headers["if-match"]).toBe('W/"1"');
  });

  test.each([
    ["an ETag that is missing", ""],
    ['"*" for an action that is not idempotent', "*"],
  ])("%s is a mistake of ours and is not sent", async (_name, ifMatch) => {
    const { it, client } = await start(() => ({ status: 204 }));
    await expect(client.act(client.binding.order, print, { ifMatch, body: {} })).rejects.toBeInstanceOf(RangeError);
    expect(it.asked).toEqual([]);
  });

  test("an unbound action is sent to the projection; without a result it answers null", async () => {
    const { it, client } = await start(() => ({ status: 204 }));
    expect(await client.invoke(client.binding.customer, "CleanUp", { body: {}, idempotent: true })).toBeNull();
    expect(it.asked[0]).toMatchObject({ method: "POST", path: "CustomerHandling.svc/CleanUp", body: "{}" });
  });

  test("an unbound action whose answer is lost is in doubt, unless a second time does nothing", async () => {
    const { client } = await start(() => "reset");
    const { copyCustomer } = client.binding.actions;
    const invoke = (idempotent: boolean) =>
      client.invoke(client.binding.customer, copyCustomer ?? "", { body: {}, idempotent });
    await expect(invoke(false)).rejects.toBeInstanceOf(UnknownOutcomeError);
    await expect(invoke(true)).rejects.toBeInstanceOf(TransientError);
  });

  test.each<[unknown, string | null]>([
    [{ value: "TRUE" }, "TRUE"],
    [{ value: true }, "true"],
    [{ value: null }, null],
    [{ "@odata.context": "x" }, null],
  ])("a function with the answer %j says %j", async (json, expected) => {
    const { it, client } = await start(() => ({ json }));
    const asked = functionCall("AssociationNoExist", { AssociationNo: text("A'1") });
    expect(await client.ask(client.binding.customer, asked)).toBe(expected);
    expect(it.asked[0]?.path).toBe("CustomerHandling.svc/AssociationNoExist(AssociationNo='A''1')");
  });

  test("a structure where a single value was expected is not made one", async () => {
    const { client } = await start(() => ({ json: { value: [{ a: 1 }] } }));
    await expect(client.ask(client.binding.customer, "F()")).rejects.toMatchObject({ code: "unexpectedAnswer" });
  });

  test("defaults that are no JSON are an outage, not a defect", async () => {
    const { client } = await start(() => ({ text: "<html>" }));
    await expect(client.call(client.binding.order, "X_Default()")).rejects.toBeInstanceOf(TransientError);
  });
});

describe("long lists", () => {
  const line = (n: number) => ({
    "@odata.etag": `W/"${n}"`,
    OrderNo: "A",
    LineNo: String(Math.floor(n / 3)),
    RelNo: "1",
    LineItemNo: n % 3,
  });
  const behind = (filter = ""): number => {
    const [, lineNo = "", item = ""] = /LineNo eq '(\d+)'.*LineItemNo gt (\d+)/.exec(filter) ?? [];
    return lineNo === "" ? 0 : Number(lineNo) * 3 + Number(item) + 1;
  };

  test("go on after the last key, with keys and ETags only where no more is wanted", async () => {
    const { it, client } = await start(
      ({ query }) => {
        const first = behind(query.$filter);
        const page = Array.from({ length: 10 }, (_, n) => first + n).filter((n) => n < 25);
        return { json: { value: page.map(line) } };
      },
      { pageSize: 10 },
    );
    const seen: unknown[] = [];
    const filter = eq("OrderNo", text("A"));
    await client.eachKey(client.binding.orderLine, { filter, pinned: ["orderNo"] }, (rows) => {
      seen.push(...rows.map(({ etag, lineNo, lineItemNo }) => [etag, lineNo, lineItemNo]));
    });
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => [`W/"${n}"`, String(Math.floor(n / 3)), String(n % 3)]));
    expect(it.asked.map(({ query }) => [query.$select, query.$filter, query.$skip])).toEqual(
      [
        "OrderNo eq 'A'",
        "OrderNo eq 'A' and LineNo ge '3' and (LineNo gt '3' or (LineNo eq '3' and (RelNo gt '1' or (RelNo eq '1' and LineItemNo gt 0))))",
        "OrderNo eq 'A' and LineNo ge '6' and (LineNo gt '6' or (LineNo eq '6' and (RelNo gt '1' or (RelNo eq '1' and LineItemNo gt 1))))",
      ].map((asked) => ["OrderNo,LineNo,RelNo,LineItemNo", asked, undefined]),
    );
  });

  test("rows without an ETag are no answer to an ETag sweep", async () => {
    const { client } = await start(() => ({ json: { value: [{ ...line(1), "@odata.etag": undefined }] } }));
    await expect(client.eachKey(client.binding.orderLine, {}, () => undefined)).rejects.toMatchObject({
      code: "etagMissing",
    });
  });

  const order = (OrderNo: string) => ({ OrderNo });
  const twelve = Array.from({ length: 12 }, (_, n) => `A${10 + n}`);
  const bySkip = (all: object[], { query }: Asked): Answer => {
    const skip = Number(query.$skip ?? 0);
    return { json: { value: all.slice(skip, skip + Number(query.$top)) } };
  };
  const read = async ({ client }: Awaited<ReturnType<typeof start>>) => {
    const seen: unknown[] = [];
    await client.each(client.binding.order, { fields: ["orderNo"] }, (rows) => {
      seen.push(...rows.map(({ orderNo }) => orderNo));
    });
    return seen;
  };

  test("go by $skip where the tenant sorts by a language, which is found out once", async () => {
    const names = ["a", "B", "c", "D", "e", "F", "g", "H", "i", "J", "k", "L"];
    const all = names.map(order);
    const started = await start((asked) => bySkip(all, asked), { pageSize: 10 });
    expect(await read(started)).toEqual(names);
    expect(await read(started)).toEqual(names);
    expect(started.it.asked.some(({ query }) => query.$filter !== undefined)).toBe(false);
    expect(started.logs).toEqual([
      {
        level: "warn",
        event: "ifs.keysetUnusable",
        set: "CustomerOrderHandling/CustomerOrderSet",
        reason: "rows do not arrive in the order of their keys",
      },
    ]);
  });

  test("go by $skip where the tenant refuses the filter", async () => {
    const started = await start(
      (asked) => (asked.query.$filter === undefined ? bySkip(twelve.map(order), asked) : { status: 400 }),
      {
        pageSize: 10,
      },
    );
    // Ten had been seen before it was found out.
    expect(await read(started)).toEqual([...twelve.slice(0, 10), ...twelve]);
    expect(started.logs).toMatchObject([{ event: "ifs.keysetUnusable" }]);
  });

  test("go by $skip where the binding says so", async () => {
    const binding = { order: { paging: "skip" } };
    const started = await start((asked) => bySkip(twelve.map(order), asked), { pageSize: 10, binding });
    expect(await read(started)).toEqual(twelve);
    expect(started.it.asked.map(({ query }) => query.$filter)).toEqual([undefined, undefined]);
  });
});

/** Each is an error that says what is wrong. None may look like an empty list, from which goods would be taken off sale. */
describe("what is no answer is not taken for no rows", () => {
  const list = (answer: Answer, ifs: Record<string, unknown> = {}) =>
    start(() => answer, { readTimeoutMs: 500, ...ifs }).then(({ client }) => client.list(client.binding.site, {}));

  test.each<[string, Answer, typeof TransientError | typeof RefusedError, RegExp]>([
    ["truncated JSON", { text: '{"value":[{"Contract":"S1"},{"Contr' }, TransientError, /not JSON/],
    ["an empty body", { text: "" }, TransientError, /not JSON/],
    ["a gateway's page", { text: "<!DOCTYPE html><html>Sign in</html>" }, TransientError, /not JSON/],
    ["JSON without a list", { json: { "@odata.context": "x" } }, RefusedError, /does not answer with a list of rows/],
    ["a list of something else", { json: { value: ["S1"] } }, RefusedError, /does not answer with a list of rows/],
    [
      "an error with status 200",
      { json: { error: { code: "X", message: "Backend did not answer." } } },
      TransientError,
      /Backend did not answer/,
    ],
    [
      "a business error with status 200",
      { json: { error: { code: "DATABASE_ERROR", details: [{ message: "ORA-20110: Site.NO: Not allowed." }] } } },
      RefusedError,
      /^Not allowed\.$/,
    ],
    ["no content", { status: 204 }, TransientError, /not JSON/],
    ["a body that stalls", "stallBody", TransientError, /no answer within the deadline/],
  ])("%s", async (_name, answer, type, message) => {
    const failed = list(answer);
    await expect(failed).rejects.toBeInstanceOf(type);
    await expect(failed).rejects.toThrow(message);
  });

  test("rows that show nothing of their key are not taken for one row", async () => {
    const { client } = await start(() => ({ json: { value: [{ Name: "A" }, { Name: "B" }] } }));
    await expect(client.list(client.binding.customer, {})).rejects.toMatchObject({
      code: "unexpectedAnswer",
      message:
        "CustomerHandling/CustomerInfoSet answers rows without CustomerId; check the key of this object in the binding",
    });
  });

  test("a member that the tenant's enumeration lacks is refused in IFS's own words", async () => {
    const said = "The literal 'IfsApp.CustomerOrderHandling.CustomerOrderLineState'Closed'' is not a member.";
    const answer = {
      status: 400,
      json: { error: { code: "X", message: "Malformed Request.", details: [{ message: said }] } },
    };
    await expect(list(answer)).rejects.toEqual(
      new RefusedError("ifs", "X", 400, said, { resource: "SitesHandling.svc/Reference_CompanySite" }),
    );
  });

  test("a create that is answered by an error with status 200 is in doubt, and by a business error refused", async () => {
    const create = async (error: object) => {
      const { it, client } = await start(() => ({ json: { error } }));
      const failed = client
        .within(2000, (signal) => client.create(client.binding.order, "CustomerOrderSet", toBody({ A: "x" }), signal))
        .catch((thrown) => thrown.constructor);
      const type = await failed;
      await it.close();
      return type;
    };
    expect(await create({ code: "GW", message: "upstream" })).toBe(UnknownOutcomeError);
    expect(await create({ code: "DATABASE_ERROR", message: "ORA-20110: Order.NO: no." })).toBe(RefusedError);
  });
});
