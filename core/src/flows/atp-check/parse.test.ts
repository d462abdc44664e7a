import { describe, expect, it } from "vitest";
import { parseOrderCreation, parseQuestion, type QuestionCaller } from "./parse.ts";

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
    expect(parseOrderCreation(order({ cart: { typeId: "cart", id: "cart-1" } }))).toEqual({
      ok: true,
      value: { purpose: "order", lines: [], cart: "cart-1" },
    });
    expect(parseOrderCreation(order({}))).toEqual({ ok: true, value: { purpose: "order", lines: [] } });
  });
});
