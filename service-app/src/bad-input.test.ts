/** What the doors of the availability check say to input that is wrong, odd, huge, or of another time. */
import { request as httpRequest } from "node:http";
import { TransientError } from "core/domain/failure.ts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { undocumented } from "./testing/api-document.ts";
import { EXTENSION_SECRET, type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

let open: Running;
let closed: Running;
beforeAll(async () => {
  [open, closed] = await Promise.all([startService({}), startService({ defaultFailPolicy: "closed" })]);
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));
afterEach(() => {
  delete open.faults.configuration;
  delete closed.faults.configuration;
});

const asText = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

async function post(service: Running, address: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.url}/service${address}`, { method: "POST", headers, body: asText(body) });
  const answer = (await response.json()) as { error?: { code: string; field?: string }; lines?: unknown[] };
  expect(undocumented(`post ${address}`, response.status, answer)).toEqual([]);
  return { status: response.status, answer };
}

const server = { authorization: "Bearer token-server" };
const ask = (body: unknown, headers: Record<string, string> = server) => post(open, "/atp", body, headers);
const lines = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `S${index}` }));

describe("door (b)", () => {
  test.each<[string, unknown, number, string, string?]>([
    ["quantity 0", { lines: [{ sku: "BOLT", quantity: 0 }] }, 422, "invalidInput", "lines.0.quantity"],
    ["quantity 10^12", { lines: [{ sku: "BOLT", quantity: 1e12 }] }, 422, "invalidInput", "lines.0.quantity"],
    ["half a piece", { lines: [{ sku: "BOLT", quantity: 0.5 }] }, 422, "invalidInput", "lines.0.quantity"],
    ["a quantity in words", { lines: [{ sku: "BOLT", quantity: "1" }] }, 422, "invalidInput", "lines.0.quantity"],
    ["501 lines", { lines: lines(501) }, 422, "invalidInput", "lines"],
    ["10,000 lines", { lines: lines(10_000) }, 422, "invalidInput", "lines"],
    ["a field that nobody knows", { lines: [{ sku: "BOLT", price: 1 }] }, 422, "invalidInput", "lines.0"],
    ["a claimed reservation", { lines: [{ sku: "BOLT", ownReserved: 9 }] }, 422, "invalidInput", "lines.0"],
    ["no lines", { lines: [] }, 422, "invalidInput", "lines"],
    ["nothing", "", 422, "invalidInput", "body"],
    ["a list", [1, 2], 422, "invalidInput", "body"],
    ["malformed JSON", '{"lines":[{"sku":', 400, "unreadable"],
    ["a form", "sku=BOLT&quantity=1", 400, "unreadable"],
    ["more than 1 MB", { lines: [{ sku: "x".repeat(1_000_001) }] }, 400, "unreadable"],
  ])("%s", async (_name, body, status, code, field) => {
    const { status: given, answer } = await ask(body);
    expect([given, answer.error?.code, answer.error?.field]).toEqual([status, code, field]);
  });

  const passing = (answer: { lines?: unknown[] }) =>
    (answer.lines as { ref: string; reason: string; passes: boolean; requested: number }[]).map(
      ({ ref, reason, passes, requested }) => `${ref}: ${requested} ${reason} ${passes}`,
    );

  test.each<[string, object, string]>([
    ["an unknown SKU", { sku: "NO-SUCH" }, "ifsUnavailable"],
    ["a channel that nobody feeds", { sku: "BOLT", supplyChannel: "moon" }, "noSupplyChannel"],
  ])("%s follows the policy, by name", async (_name, line, reason) => {
    const { status, answer } = await ask({ lines: [line] });
    expect([status, answer.lines]).toMatchObject([200, [{ policy: "open", passes: true, reason }]]);
    const refused = await post(closed, "/atp", { lines: [line] }, server);
    expect(refused.answer.lines).toMatchObject([{ policy: "closed", passes: false, reason }]);
  });

  test("lines of one SKU decide together", async () => {
    const { answer } = await ask({
      lines: [
        { sku: "BOLT", quantity: 300 },
        { sku: "BOLT", quantity: 190 },
      ],
    });
    expect(passing(answer)).toEqual(["0: 490 aboveThreshold true", "1: 490 aboveThreshold true"]);
  });

  test("a line without channel means the only one there is", async () => {
    const { answer } = await ask({ lines: [{ sku: "BOLT" }, { sku: "BOLT", supplyChannel: "web" }] });
    expect(passing(answer)).toEqual(["0: 2 aboveThreshold true", "1: 2 aboveThreshold true"]);
  });

  test("JSON is read whatever the content type says", async () => {
    const { status } = await ask({ lines: [{ sku: "BOLT" }] }, { ...server, "content-type": "text/csv" });
    expect(status).toBe(200);
  });

  test.each(["utf-16", "nonsense"])("the charset %s is not read", async (charset) => {
    const headers = { ...server, "content-type": `application/json; charset=${charset}` };
    expect((await ask({ lines: [{ sku: "BOLT" }] }, headers)).status).toBe(400);
  });

  test("500 lines are answered", async () => {
    const { status, answer } = await ask({ lines: lines(500) });
    expect([status, answer.lines?.length]).toEqual([200, 500]);
  });

  test("a key asks for a hundred pieces at most, holds nothing and names no cart", async () => {
    const key = { "x-storefront-key": STOREFRONT_KEY };
    const told = async (body: object) => {
      const { status, answer } = await ask({ lines: [{ sku: "BOLT", quantity: 100 }], ...body }, key);
      return [status, answer.error?.field];
    };
    expect(await told({})).toEqual([200, undefined]);
    expect(await told({ hold: true })).toEqual([422, "hold"]);
    expect(await told({ cart: "cart-1" })).toEqual([422, "cart"]);
    expect(await told({ lines: [{ sku: "BOLT", quantity: 101 }] })).toEqual([422, "quantity"]);
  });

  test("carts of one batch do not take from each other, lines of one cart do", async () => {
    const cart = { lines: [{ sku: "BOLT", quantity: 300 }] };
    const { status, answer } = await post(open, "/atp/batch", { questions: [cart, { id: "x", ...cart }] }, server);
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      answers: [
        { id: "0", accepted: true, lines: [{ requested: 300, reason: "aboveThreshold" }] },
        { id: "x", accepted: true, lines: [{ requested: 300, reason: "aboveThreshold" }] },
      ],
    });
  });
});

describe("door (a)", () => {
  const item = { id: "l1", quantity: 2, variant: { sku: "BOLT" } };
  const call = (obj: object = { lineItems: [item] }, typeId = "order", action = "Create") => ({
    action,
    resource: { typeId, id: "r-1", obj },
  });
  const extend = async (service: Running, body: unknown, headers: Record<string, string> = {}) =>
    (await post(service, "/extension", body, { authorization: EXTENSION_SECRET, ...headers })).status;

  test("what cannot be read is refused in the buyer's languages where the policy is closed", async () => {
    await post(closed, "/extension", call(), { authorization: EXTENSION_SECRET });
    const { answer } = await post(closed, "/extension", "{broken", { authorization: EXTENSION_SECRET });
    const { errors } = answer as { errors?: { code: string; localizedMessage: object }[] };
    expect(errors?.map(({ code, localizedMessage }) => [code, Object.keys(localizedMessage)])).toEqual([
      ["InvalidOperation", ["en", "de"]],
    ]);
  });

  /** By the open policy, by the closed one. */
  test.each<[string, unknown, [number, number]]>([
    ["an order that can be had", call(), [200, 200]],
    ["a cart that changes", call(undefined, "cart", "Update"), [200, 200]],
    [
      "a cart that changes to more than the shop shows",
      call({ lineItems: [{ ...item, quantity: 600 }] }, "cart", "Update"),
      [200, 400],
    ],
    ["an order without lines", call({ lineItems: [] }), [200, 200]],
    ["a line of nothing", call({ lineItems: [{ ...item, quantity: 0 }] }), [200, 200]],
    ["a line without SKU", call({ lineItems: [{ ...item, variant: {} }] }), [200, 200]],
    ["duplicate lines within the stock", call({ lineItems: [item, { ...item, id: "l2" }] }), [200, 200]],
    [
      "duplicate lines beyond it",
      call({
        lineItems: [
          { ...item, quantity: 300 },
          { ...item, id: "l2", quantity: 300 },
        ],
      }),
      [200, 400],
    ],
    ["an unknown SKU", call({ lineItems: [{ ...item, variant: { sku: "NO-SUCH" } }] }), [200, 400]],
    [
      "a channel that nobody feeds",
      call({ lineItems: [{ ...item, supplyChannel: { typeId: "channel", id: "moon" } }] }),
      [200, 400],
    ],
    [
      "another currency",
      call({
        lineItems: [{ ...item, price: { value: { currencyCode: "XTS" } } }],
        totalPrice: { currencyCode: "XTS" },
      }),
      [200, 200],
    ],
    [
      "fields of a newer shape",
      { ...call({ lineItems: [{ ...item, since: 2031 }], since: 2031 }), since: [2031] },
      [200, 200],
    ],
    ["an unknown action", call(undefined, "order", "Merge"), [200, 400]],
    ["an order that changes", call(undefined, "order", "Update"), [200, 400]],
    ["10^12 pieces", call({ lineItems: [{ ...item, quantity: 1e12 }] }), [200, 400]],
    ["10,000 lines", call({ lineItems: Array.from({ length: 10_000 }, () => item) }), [200, 400]],
    ["malformed JSON", "{broken", [200, 400]],
    ["no JSON", "sku=BOLT", [200, 400]],
    ["nothing", "", [200, 400]],
    ["null", "null", [200, 400]],
  ])("%s", async (_name, body, expected) => {
    expect([await extend(open, body), await extend(closed, body)]).toEqual(expected);
  });

  test("expanded references of 500 lines, some 9 MB", async () => {
    const attributes = Array.from({ length: 100 }, (_, index) => ({ name: `a${index}`, value: "x".repeat(150) }));
    const supplyChannel = { typeId: "channel", id: closed.webId, obj: { id: closed.webId, key: "web" } };
    const lineItems = Array.from({ length: 500 }, (_, index) => ({
      ...{ id: `l${index}`, quantity: 1, supplyChannel },
      variant: { sku: index === 0 ? "BOLT" : undefined, attributes },
    }));
    expect(await extend(closed, call({ lineItems }))).toBe(200);
  });

  test.each([
    ["another content type", { "content-type": "text/plain" }, 200],
    ["an encoding that nobody knows", { "content-encoding": "rot13" }, 400],
    ["a charset that nobody knows", { "content-type": "application/json; charset=rot13" }, 400],
  ])("%s", async (_name, headers, status) => {
    expect(await extend(closed, call(), headers)).toBe(status);
    expect(await extend(open, call(), headers)).toBe(200);
  });

  test.each([
    ["a bug of ours", new TypeError("undefined is not a function")],
    ["an outage", new TransientError("away")],
  ])("%s fails a checkout only where the policy is closed", async (_name, fault) => {
    expect([await extend(open, call()), await extend(closed, call())]).toEqual([200, 200]);
    open.faults.configuration = fault;
    closed.faults.configuration = fault;
    expect([await extend(open, call()), await extend(closed, call())]).toEqual([200, 400]);
  });

  test("a caller that leaves in the middle of its body costs nothing", async () => {
    await new Promise<void>((left) => {
      const request = httpRequest(`${open.url}/service/extension`, {
        method: "POST",
        headers: { authorization: EXTENSION_SECRET, "content-length": "1000" },
      });
      request.on("error", () => left());
      request.write('{"action":');
      setTimeout(() => request.destroy(new Error("gone")), 50);
    });
    expect(await extend(open, call())).toBe(200);
  });

  test("is never limited in number, however often it is asked", async () => {
    const strict = await startService({
      doors: { requestsPer10Seconds: { session: 1, shopper: 1, client: 1, key: 1, keyAddress: 1, refused: 1 } },
    });
    const statuses = new Set<number>();
    for (let turn = 0; turn < 30; turn += 1) statuses.add(await extend(strict, call()));
    await strict.stop();
    expect([...statuses]).toEqual([200]);
  });
});
