import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../kernel/types.ts";
import { connectorClient } from "../connector-client.ts";
import { type IfsServer, startIfs } from "../server.ts";
import { defaultSettings, type IfsSettings, parseSettings } from "../settings.ts";
import { type Bench, forms, NOW } from "../testing/harness.ts";
import { accepted, headerBody, ORDERS, placeOrder, release } from "../testing/orders.ts";
import { type EventAction, headersOf } from "./event-action.ts";
import type { EventCall } from "./event-queue.ts";

const bolt = { catalogNo: "HB-M5X20", qty: 1, price: 9.5 };

const action = (changes: Partial<EventAction> = {}): EventAction => ({
  name: "TELL_SHOP",
  lu: "CustomerOrder",
  on: ["update"],
  columns: [],
  method: "POST",
  url: "http://127.0.0.1:9/event",
  headers: "x-api-key:secret,x-tenant: acme",
  body: '{"orderNo":"&NEW:ORDER_NO","state":"&NEW:ROWSTATE","was":"&OLD:ROWSTATE"}',
  ...changes,
});

/** A custom event on a logical unit whose action calls a REST endpoint. */
describe.each(forms)("event actions $form", ({ open }) => {
  let bench: Bench;
  let calls: EventCall[] = [];
  let receiver: (call: EventCall) => Promise<number>;
  beforeAll(async () => {
    bench = await open({
      deliver: async (call) => {
        calls.push(call);
        return receiver(call);
      },
    });
  });
  afterEach(async () => {
    await bench.model.eventsSettled();
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const tell = async (actions: EventAction[], settings: Partial<IfsSettings> = {}) => {
    calls = [];
    receiver = async () => 204;
    accepted(await bench.control("POST", "settings", { eventActions: actions, ...settings }));
  };
  const patch = (orderNo: string, body: object) =>
    bench.ask("PATCH", `${ORDERS}(OrderNo='${orderNo}')`, { body, headers: { "if-match": "*" } });
  const messages = async () =>
    (accepted(await bench.clerk("event-messages", {})).json.messages as Record<string, string>[]).slice(-5);

  test("a change calls the endpoint after its transaction, with headers and the values before and after", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    await tell([action({ columns: ["ROWSTATE", "OBJSTATE"] })]);
    accepted(await patch(orderNo, { NoteText: "not what is waited for" }));
    accepted(await release(bench, orderNo));
    await bench.model.eventsSettled();
    expect(calls).toEqual([
      {
        method: "POST",
        url: "http://127.0.0.1:9/event",
        headers: [
          ["x-api-key", "secret"],
          ["x-tenant", "acme"],
        ],
        body: `{"orderNo":"${orderNo}","state":"Released","was":"Planned"}`,
      },
    ]);
  });

  test("inserts, removals, other units and the application's ORDER_RELEASED are events, too", async () => {
    const line = (on: EventAction["on"], lu: string, body: string) => action({ name: `${lu} ${on}`, on, lu, body });
    await tell([
      line(["insert"], "CustomerOrderLine", "line &NEW:LINE_NO of &NEW:ORDER_NO, not &OLD:ORDER_NO"),
      line(["ORDER_RELEASED"], "CustomerOrder", "released &NEW:ORDER_NO"),
      line(["insert"], "Shipment", "shipment at &NEW:CONTRACT"),
      line(["update"], "InventoryPartInStock", "stock of &NEW:PART_NO at &NEW:CONTRACT"),
      line(["remove"], "CustomerOrderReservation", "gone: &OLD:ORDER_NO&NEW:ORDER_NO"),
    ]);
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    accepted(await release(bench, orderNo));
    await bench.model.eventsSettled();
    expect(calls.map(({ body }) => body)).toEqual([`line 1 of ${orderNo}, not `, `released ${orderNo}`]);
    accepted(await bench.clerk("ship", { orderNo }));
    await bench.model.eventsSettled();
    const bodies = calls.slice(2).map(({ body }) => body);
    expect([...new Set(bodies)].sort()).toEqual([`gone: ${orderNo}`, "shipment at 101", "stock of HB-M5X20 at 101"]);
  });

  test("substitution is textual: a quote or a line break in a value breaks the JSON around it", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    await tell([action({ body: '{"note":"&NEW:NOTE_TEXT","gone":"&NEW:NO_SUCH_COLUMN","flag":"&NEW:ADDR_FLAG_DB"}' })]);
    accepted(await patch(orderNo, { NoteText: 'a "b"\nc' }));
    accepted(await patch(orderNo, { NoteText: "plain" }));
    await bench.model.eventsSettled();
    expect(calls.map(({ body }) => body)).toEqual([
      '{"note":"a "b"\nc","gone":"","flag":"FALSE"}',
      '{"note":"plain","gone":"","flag":"FALSE"}',
    ]);
    expect(() => JSON.parse(calls[0]?.body ?? "")).toThrow(SyntaxError);
  });

  test("what is rolled back calls nobody", async () => {
    await tell([action({ on: ["insert"] }), action({ on: ["insert"], lu: "CustomerOrderLine" })]);
    const orderNo = await placeOrder(bench, { lines: [] });
    const refused = await bench.ask("POST", `${ORDERS}(OrderNo='${orderNo}')/OrderLinesArray`, { body: {} });
    const nobody = await bench.ask("POST", ORDERS, { body: headerBody({ CustomerNo: "NOBODY" }) });
    await bench.model.eventsSettled();
    expect([refused.status, nobody.status, calls.length]).toEqual([500, 500, 1]);
  });

  test("a failed call stays, is tried again as often as is set, and is made again by an administrator", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    await tell([action()], { eventRetries: 2 });
    receiver = async () => {
      throw new TypeError("fetch failed");
    };
    accepted(await patch(orderNo, { NoteText: "lost" }));
    await bench.model.eventsSettled();
    expect([calls.length, await messages()]).toEqual([
      3,
      expect.arrayContaining([expect.objectContaining({ state: "Failed", attempts: "3", error: "fetch failed" })]),
    ]);
    receiver = async () => 500;
    accepted(await bench.clerk("event-resend", {}));
    await bench.model.eventsSettled();
    const failed = (await messages()).at(-1);
    expect([failed?.state, failed?.error]).toEqual(["Failed", "The receiver answered 500."]);
    receiver = async () => 204;
    const { resent } = accepted(await bench.clerk("event-resend", { messageId: String(failed?.messageId) })).json;
    await bench.model.eventsSettled();
    expect([resent, (await messages()).at(-1)]).toEqual([
      [failed?.messageId],
      expect.objectContaining({ state: "Finished", attempts: "7", error: null }),
    ]);
    // A message that arrived can be sent again as well: nobody may rely on once.
    accepted(await bench.clerk("event-resend", { messageId: String(failed?.messageId) }));
    await bench.model.eventsSettled();
    expect(calls.length).toBe(8);
    expect((await bench.clerk("event-resend", { messageId: "999999" })).json.message).toBe(
      "There is no message 999999.",
    );
  });

  /** A receiver that answers nothing until it is opened. */
  function gate(): () => void {
    const { promise, resolve } = Promise.withResolvers<number>();
    receiver = () => promise;
    return () => resolve(204);
  }

  test("calls come more than once and in any order where that is set", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    await tell([action({ body: "&NEW:NOTE_TEXT" })], { eventRepeats: 1, eventOrder: "shuffled" });
    const open = gate();
    const notes = ["1", "2", "3", "4", "5", "6", "7", "8"];
    for (const NoteText of notes) accepted(await patch(orderNo, { NoteText }));
    open();
    await bench.model.eventsSettled();
    const bodies = calls.map(({ body }) => body);
    expect([...bodies].sort()).toEqual(notes.flatMap((note) => [note, note]));
    expect([...new Set(bodies)]).not.toEqual(notes);
  });

  test("the caller of the change does not wait for the receiver of the event", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    await tell([action()]);
    const open = gate();
    const answer = await patch(orderNo, { NoteText: "x" });
    const waiting = (await messages()).at(-1)?.state;
    open();
    await bench.model.eventsSettled();
    expect([answer.status, waiting, (await messages()).at(-1)?.state]).toEqual([200, "Waiting", "Finished"]);
  });

  test("a reset empties the queue", async () => {
    await tell([action({ on: ["insert"] })]);
    receiver = async () => 500;
    await placeOrder(bench, { lines: [] });
    await bench.model.eventsSettled();
    accepted(await bench.control("POST", "reset"));
    expect(await messages()).toEqual([]);
  });
});

test("settings of event actions are checked, and a value of a header holds no comma", () => {
  const refusal = (changes: object) => {
    try {
      parseSettings({ eventActions: [{ ...action(), ...changes }] });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "accepted";
  };
  expect([
    refusal({ on: ["truncate"] }),
    refusal({ method: "TRACE" }),
    refusal({ url: "ftp://x" }),
    refusal({ headers: "accept:text/html, text/plain" }),
    refusal({ headers: "x-api-key:a,x-other:b" }),
    refusal({ body: 1 }),
    refusal({ columns: "NOTE_TEXT" }),
    refusal({ nope: "" }),
  ]).toEqual([
    '"eventActions[0].on" names some of insert, update, remove, ORDER_RELEASED',
    '"eventActions[0].method" is one of POST, PUT, PATCH, GET, DELETE',
    '"eventActions[0].url" is an address',
    '" text/plain" is no header: they are name:value,name2:value2 without commas in values',
    "accepted",
    '"eventActions[0].body" is a text',
    '"eventActions[0].columns" is a list of texts',
    '"eventActions[0]" has no property "nope"',
  ]);
  expect(parseSettings({ eventActions: [{ name: "A", lu: "Shipment", on: ["insert"], url: "http://x" }] })).toEqual({
    eventActions: [
      {
        name: "A",
        lu: "Shipment",
        on: ["insert"],
        columns: [],
        method: "POST",
        url: "http://x",
        headers: "",
        body: "",
      },
    ],
  });
  expect(headersOf("")).toEqual([]);
});

describe("event actions of a started server", () => {
  let server: IfsServer;
  const seen: { method: string | undefined; key: unknown; type: unknown; body: string }[] = [];
  const receiver = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { "x-api-key": key, "content-type": type } = request.headers;
    seen.push({ method: request.method, key, type, body: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(204).end();
  });
  beforeAll(async () => {
    await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
    server = await startIfs({
      port: 0,
      clock: { now: () => NOW },
      random: seededRandom(7),
      clients: [connectorClient],
    });
  });
  afterAll(async () => {
    await server.close();
    receiver.close();
  });

  test("call over the network, and no other machine than this one", async () => {
    const { port } = receiver.address() as AddressInfo;
    const body = "&NEW:ORDER_NO";
    server.model.changeSettings({
      eventActions: [
        action({ on: ["insert"], body, url: `http://127.0.0.1:${port}/event` }),
        action({ on: ["insert"], body, url: "http://erp.example/event", name: "AWAY" }),
      ],
    });
    const { orderNo } = server.model.clerk("sell", { part: "HB-M5X20", qty: "1", site: "101" });
    await server.model.eventsSettled();
    const queue = server.model.clerk("event-messages", {}).messages as Record<string, string>[];
    expect(seen).toEqual([{ method: "POST", key: "secret", type: "application/json", body: orderNo }]);
    expect(queue.map(({ eventAction, state, error }) => [eventAction, state, error])).toEqual([
      ["TELL_SHOP", "Finished", null],
      ["AWAY", "Failed", "The sandbox calls this machine only, not erp.example."],
    ]);
  });
});
