import { describe, expect, it } from "vitest";
import { money } from "../../domain/money.ts";
import { beyondKey, parseBatch, parseExtension, parseQuestion, type QuestionCaller } from "./parse.ts";

const lines = [{ sku: "A", quantity: 1 }];
const session: QuestionCaller = { kind: "session", id: "s", cartId: "cart-1" };
const client: QuestionCaller = { kind: "client", id: "c" };
const shopper: QuestionCaller = { kind: "shopper", id: "c/customer" };
const key: QuestionCaller = { kind: "key", id: "k" };

describe("the cart of a question", () => {
  it.each<[string, QuestionCaller | undefined, object, object]>([
    ["a session's is its own", session, {}, { cart: "cart-1", hold: false }],
    [
      "a session may name and hold for its own",
      session,
      { cart: "cart-1", hold: true },
      { cart: "cart-1", hold: true },
    ],
    ["a session speaks for no other", session, { cart: "cart-2" }, { field: "cart" }],
    ["a session holds for no other", session, { cart: "cart-2", hold: true }, { field: "cart" }],
    ["a client may name any", client, { cart: "cart-2", hold: true }, { cart: "cart-2", hold: true }],
    ["a client needs none to ask", client, {}, { cart: undefined, hold: false }],
    ["a client needs one to hold", client, { hold: true }, { field: "cart" }],
    ["a shopper's token names none", shopper, { cart: "cart-1" }, { field: "cart" }],
    ["a shopper's token holds nothing", shopper, { cart: "cart-1", hold: true }, { field: "hold" }],
    ["a key names none", key, { cart: "cart-1" }, { field: "cart" }],
    ["a key holds nothing", key, { hold: true }, { field: "hold" }],
    ["nobody holds anything", undefined, { hold: true }, { field: "hold" }],
    ["a key may ask", key, { hold: false }, { cart: undefined, hold: false }],
    ["an id that could leave its place is none", client, { cart: "../x" }, { field: "cart" }],
  ])("%s", (_name, caller, more, expected) => {
    const parsed = parseQuestion({ lines, ...more }, caller);
    if (!parsed.ok) expect({ field: parsed.error.field }).toEqual(expected);
    else expect({ cart: parsed.value.cart, hold: parsed.value.hold ?? false }).toEqual(expected);
    if (parsed.ok) expect(parsed.value.caller).toEqual(caller);
  });

  it("of an order is the one that it is made of", () => {
    const order = (more: object) => ({
      action: "Create",
      resource: { typeId: "order", obj: { lineItems: [], ...more } },
    });
    expect(parseExtension(order({ cart: { typeId: "cart", id: "cart-1" } }))).toEqual({
      ok: true,
      value: { purpose: "order", lines: [], cart: "cart-1" },
    });
    expect(parseExtension(order({}))).toEqual({ ok: true, value: { purpose: "order", lines: [] } });
  });

  it.each([
    [{ type: "centPrecision", currencyCode: "EUR", centAmount: 1999, fractionDigits: 2 }, money("EUR", 1999, 2)],
    ["19.99 EUR", undefined],
  ])("has the value of its total price, and none where that cannot be read: %o", (totalPrice, value) => {
    const body = { action: "Create", resource: { typeId: "order", obj: { lineItems: [], totalPrice } } };
    const parsed = parseExtension(body);
    expect(parsed).toMatchObject({ ok: true, value: { purpose: "order", lines: [] } });
    expect(parsed.ok && parsed.value.value).toEqual(value);
  });
});

describe("several questions at once", () => {
  const of = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `S${index}` }));

  it("are read like single ones, each with its own cart, and none holds", () => {
    const parsed = parseBatch({ questions: [{ id: "x", lines, cart: "cart-1" }, { lines: [{ sku: "B" }] }] }, client);
    expect(parsed).toEqual({
      ok: true,
      value: [
        {
          id: "x",
          request: {
            purpose: "question",
            lines: [{ ref: "0", sku: "A", quantity: 1, supplyChannel: undefined, ownReserved: 0 }],
            caller: client,
            cart: "cart-1",
          },
        },
        {
          id: "1",
          request: {
            purpose: "question",
            lines: [{ ref: "0", sku: "B", quantity: 1, supplyChannel: undefined, ownReserved: 0 }],
            caller: client,
          },
        },
      ],
    });
  });

  it.each<[string, unknown, string]>([
    ["no questions", { questions: [] }, "questions"],
    ["21 questions", { questions: Array.from({ length: 21 }, () => ({ lines })) }, "questions"],
    ["501 lines in two", { questions: [{ lines: of(500) }, { lines }] }, "questions"],
    ["a hold", { questions: [{ lines, hold: true }] }, "questions.0"],
    ["a question without lines", { questions: [{ lines: [] }] }, "questions.0.lines"],
  ])("are refused with %s", (_name, body, field) => {
    const parsed = parseBatch(body, client);
    expect(parsed.ok ? "accepted" : [parsed.error.code, parsed.error.field]).toEqual(["invalidInput", field]);
  });

  it("take 500 lines, and a session speaks for its own cart only", () => {
    expect(parseBatch({ questions: [{ lines: of(250) }, { lines: of(250) }] }, session).ok).toBe(true);
    const other = parseBatch({ questions: [{ lines }, { lines, cart: "cart-2" }] }, session);
    expect(other.ok ? "accepted" : other.error.field).toBe("questions.1.cart");
  });
});

describe("what a key may find out", () => {
  const asking = (caller: QuestionCaller | undefined, ...given: object[][]) =>
    given.map((each) => {
      const parsed = parseQuestion({ lines: each }, caller);
      if (!parsed.ok) throw new Error(parsed.error.message);
      return parsed.value;
    });
  const five = { sku: "A", quantity: 5 };

  it.each<[string, QuestionCaller | undefined, object[][], boolean]>([
    ["as many as it may", key, [[five, five]], false],
    ["one more", key, [[five, five, { sku: "A" }]], true],
    ["one more, of another SKU", key, [[five, five, { sku: "B" }]], false],
    ["one more, over two channels", key, [[five, { ...five, quantity: 6, supplyChannel: "x" }]], true],
    ["one more, over two questions", key, [[five, five], [{ sku: "A" }]], true],
    ["one more, by nobody known", undefined, [[{ sku: "A", quantity: 11 }]], true],
    ["any number, by a session", session, [[{ sku: "A", quantity: 11 }]], false],
  ])("%s", (_name, caller, given, isBeyond) => {
    expect(beyondKey(asking(caller, ...given), 10) !== undefined).toBe(isBeyond);
  });
});

describe("a call of commercetools", () => {
  const item = { id: "l1", quantity: 2, variant: { sku: "A" } };
  const call = (typeId: string, action: string, obj: object = { lineItems: [item] }) => ({
    action,
    resource: { typeId, id: "r-1", obj },
  });
  const line = { ref: "l1", sku: "A", quantity: 2, supplyChannel: undefined, ownReserved: 0 };

  it.each([
    ["an order", call("order", "Create"), { purpose: "order", order: "r-1", lines: [line] }],
    ["a new cart", call("cart", "Create"), { purpose: "cart", cart: "r-1", lines: [line] }],
    ["a cart that changes", call("cart", "Update"), { purpose: "cart", cart: "r-1", lines: [line] }],
    [
      "fields that nobody knows yet",
      { ...call("order", "Create", { lineItems: [{ ...item, added: { in: "2030" } }], added: [] }), schemaVersion: 9 },
      { purpose: "order", order: "r-1", lines: [line] },
    ],
    [
      "expanded references",
      call("order", "Create", {
        cart: { typeId: "cart", id: "c-1", obj: { id: "c-1", lineItems: [] } },
        lineItems: [
          {
            ...item,
            supplyChannel: { typeId: "channel", id: "ch-1", obj: { id: "ch-1", key: "web", roles: [] } },
            reservation: { typeId: "reservation", id: "x", obj: { quantity: 1 } },
          },
        ],
      }),
      {
        purpose: "order",
        order: "r-1",
        cart: "c-1",
        lines: [{ ...line, supplyChannel: { by: "id", value: "ch-1" }, ownReserved: 1 }],
      },
    ],
    [
      "an order in another currency than the last one",
      call("order", "Create", { lineItems: [{ ...item, price: { value: { currencyCode: "XTS", centAmount: 1 } } }] }),
      { purpose: "order", order: "r-1", lines: [line] },
    ],
    [
      "more than anybody has, and nothing of it",
      call("order", "Create", {
        lineItems: [
          { ...item, quantity: 1e12 },
          { ...item, id: "l2", quantity: 0 },
        ],
      }),
      { purpose: "order", order: "r-1", lines: [{ ...line, quantity: 1e12 }] },
    ],
    ["no lines", call("order", "Create", { lineItems: [] }), { purpose: "order", order: "r-1", lines: [] }],
  ])("with %s is read", (_name, body, request) => {
    expect(parseExtension(body)).toEqual({ ok: true, value: request });
  });

  it.each<[string, unknown, string]>([
    ["an unknown action", call("order", "Merge"), "action"],
    ["an order that changes", call("order", "Update"), "action"],
    ["another resource", call("payment", "Create"), "action"],
    [
      "10,000 lines",
      call("order", "Create", { lineItems: Array.from({ length: 10_000 }, () => item) }),
      "resource.obj.lineItems",
    ],
    ["lines elsewhere", call("order", "Create", { items: [item] }), "resource.obj.lineItems"],
    [
      "half a piece",
      call("order", "Create", { lineItems: [{ ...item, quantity: 0.5 }] }),
      "resource.obj.lineItems.0.quantity",
    ],
    ["no resource", { action: "Create" }, "resource"],
    ["nothing", undefined, "body"],
  ])("with %s is nothing that can be judged", (_name, body, field) => {
    const parsed = parseExtension(body);
    expect(parsed.ok ? "judged" : parsed.error.field).toBe(field);
  });
});
