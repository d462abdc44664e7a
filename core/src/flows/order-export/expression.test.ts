import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileExpression, type Scope } from "./expression.ts";
import { compileValue } from "./mapped-values.ts";
import { chargeView, lineView, orderView } from "./order-view.ts";
import { parseOrder } from "./parse.ts";
import { shopRows } from "./shop-rows.ts";
import { eur, netOrder } from "./testing/orders.ts";

function viewsOf(order: unknown) {
  const shop = parseOrder(order);
  if (!shop.ok) throw new Error(shop.error.message);
  const rows = shopRows(shop.value);
  const [line] = rows;
  const charge = rows.find(({ kind }) => kind === "charge");
  if (!line || !charge) throw new Error("no rows");
  const facts = { channels: ["web-de", ""], currency: "EUR", customerGroup: "vip", buyer: "guest" as const };
  return { order: orderView(shop.value, facts, rows), line: lineView(line), charge: chargeView(charge) };
}

const views = viewsOf(
  netOrder({
    store: { typeId: "store", key: "de" },
    custom: { type: { typeId: "type", id: "t" }, fields: { costCentre: "4100", floor: 3, weight: 1.5, fragile: true } },
    paymentInfo: {
      payments: [
        { typeId: "payment", id: "p1", obj: { interfaceId: "psp-1", amountPlanned: eur(5000), transactions: [] } },
        { typeId: "payment", id: "p2", obj: { interfaceId: "psp-2", amountPlanned: eur(4324), transactions: [] } },
      ],
    },
  }),
);

function evaluated(text: string, scope: Scope = "line"): unknown {
  const compiled = compileExpression(text, scope);
  if (!compiled.ok) return `refused: ${compiled.error}`;
  try {
    const { evaluate, type } = compiled.value;
    return [type, evaluate(views)];
  } catch (error) {
    return `failed: ${(error as Error).message.split("\n")[0]}`;
  }
}

describe("what an expression can say", () => {
  test.each<[string, unknown]>([
    ["order.orderNumber", ["text", "W-1001"]],
    ['order.store == "de" ? "D" : "X"', ["text", "D"]],
    ["line.quantity * 2", ["wholeNumber", 6n]],
    ["line.sku + '/' + order.currency", ["text", "A-1/EUR"]],
    ["line.total", ["text", "59.97"]],
    ["order.total", ["text", "79.87"]],
    ["order.payments.map(p, p.interfaceId).join(' ')", ["text", "psp-1 psp-2"]],
    ["order.payments.map(p, p.text).join('; ')", ["text", "Payment psp-1 50.00 EUR; Payment psp-2 43.24 EUR"]],
    ["order.lines.exists(l, l.sku == 'B-2')", ["boolean", true]],
    ["order.custom.costCentre", ["any", "4100"]],
    ["order.custom.floor", ["any", 3n]],
    ["order.custom.weight", ["any", "1.5"]],
    ["has(order.custom.none) ? order.custom.none : 'none'", ["any", "none"]],
    ["order.shippingAddress.city.upperAscii()", ["text", "HAMBURG"]],
    ["order.billingAddress.company", ["text", ""]],
    ["order.channel + order.customerGroup + order.buyer", ["text", "web-devipguest"]],
    ["timestamp(order.createdAt)", ["timestamp", new Date("2026-11-20T10:00:00.000Z")]],
  ])("%s", (text, expected) => {
    expect(evaluated(text)).toEqual(expected);
  });
});

describe("what an expression cannot say", () => {
  test.each<[string, RegExp]>([
    // Nothing but the view, and nothing of JavaScript.
    ["process.env", /refused: Unknown variable: process/],
    ["order.constructor", /refused: No such key: constructor/],
    ["order.__proto__", /refused: No such key: __proto__/],
    ["line.toString", /refused: No such key: toString/],
    ['order.custom["__proto__"]', /failed: No such key: __proto__/],
    ["order.custom.constructor", /failed: No such key: constructor/],
    ["charge.amount", /refused: Unknown variable: charge/],
    ["order.ordernumber", /refused: No such key: ordernumber/],
    ["order.payments.map(p, p.refernce).join(' ')", /refused: No such key: refernce/],
    ["order.orderNumber +", /refused: Unexpected token/],
    ["order.total + 1", /refused: no such overload: string \+ int/],
    // Amounts never become floats.
    ["double(order.total) * 1.19", /refused: it gives double/],
    ["string(double(order.total) * 2.0)", /refused: double\(\) is not available/],
    ["string(1.5)", /refused: a number with decimals/],
    ["string(dyn(order.total) * dyn(2))", /failed: no such overload/],
    // No cost without bound.
    ['order.orderNumber.matches("(a+)+$")', /refused: matches\(\) is not available/],
    ["cel.bind(a, order.id, a + a)", /refused: bind\(\) is not available/],
    ["order.id.split('').map(a, order.id).join('')", /refused: split\(\) is not available/],
    ["order.lines.all(a, order.lines.all(b, order.lines.all(c, c.sku == b.sku && a.gift)))", /refused: at most two/],
    [`"${"a".repeat(10)}"${' + "a"'.repeat(300)}`, /refused: .*(nodes|depth)/i],
    // One value, not a structure.
    ["order.shippingAddress", /refused: it gives .*Address/],
    ["order.discountCodes", /refused: it gives list/],
    ["order.lines[0].sku", /refused: list items are not taken by position/],
    ["null", /refused: it gives null/],
  ])("%s", (text, expected) => {
    expect(evaluated(text)).toMatch(expected);
  });

  test("whatever is written, it compiles or is refused in words", () => {
    const token = fc.constantFrom(
      "order",
      "line",
      ".",
      "sku",
      "(",
      ")",
      "+",
      '"a"',
      "?",
      ":",
      "[",
      "]",
      "map",
      "1",
      ",",
      "==",
      "in",
      "\u0000",
      "{",
      "}",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token, { maxLength: 15 }).map((parts) => parts.join("")),
        ),
        (text) => {
          const compiled = compileExpression(text, "line");
          expect(compiled.ok || compiled.error.length > 0).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("values and their types", () => {
  const read = (value: Parameters<typeof compileValue>[0], expected?: "text" | "date") => {
    const compiled = compileValue(value, { scope: "line", expected });
    if (!compiled.ok) return `refused: ${compiled.error}`;
    const found = compiled.value.read(views, "America/New_York");
    return found.ok ? found.value : `failed: ${found.error}`;
  };
  const options = { shorten: false, required: false };
  const custom = (fields: object, value: Parameters<typeof compileValue>[0]) => {
    const compiled = compileValue(value, { scope: "header" });
    if (!compiled.ok) return `refused: ${compiled.error}`;
    const order = netOrder({ custom: { fields } });
    const found = compiled.value.read(viewsOf(order), "America/New_York");
    return found.ok ? found.value : `failed: ${found.error}`;
  };
  const field = (type: "text" | "number" | "boolean" | "date" | "timestamp") => ({
    ...options,
    field: "order.custom.f",
    type,
  });

  test.each<[string, unknown, Parameters<typeof field>[0], unknown]>([
    ["text", "abc", "text", "abc"],
    ["number as text", 5, "text", "5"],
    ["whole number", 5, "number", { decimal: "5" }],
    ["number with decimals, exactly", 0.1, "number", { decimal: "0.1" }],
    ["boolean", false, "boolean", false],
    ["date", "2026-02-28", "date", "2026-02-28"],
    ["timestamp as day of the site", "2026-12-24T02:30:00.000Z", "date", "2026-12-23"],
    ["timestamp in the site's time", "2026-12-24T02:30:00.000Z", "timestamp", "2026-12-23T21:30:00Z"],
    ["reference", { typeId: "channel", id: "c-1" }, "text", "c-1"],
    [
      "amount",
      { type: "centPrecision", currencyCode: "EUR", centAmount: 1999, fractionDigits: 2 },
      "number",
      { decimal: "19.99" },
    ],
    ["enumeration with label", { key: "gold", label: "Gold" }, "text", "gold"],
    ["text in languages", { de: "Hallo", en: "Hello" }, "text", "Hallo"],
    ["set", ["a", "b"], "text", "a, b"],
    ["absent", undefined, "text", undefined],
    ["null", null, "text", undefined],
    ["empty", "", "number", undefined],
    ["a text as number", "abc", "number", "failed: it gives a text of 3 characters, which is no number"],
    ["a text as boolean", "true", "boolean", "failed: it gives a text of 4 characters, which is no boolean"],
    ["a boolean as text", true, "text", "failed: it gives a boolean, which is no text"],
    ["a number as date", 5, "date", "failed: it gives a whole number, which is no date"],
    ["a day that does not exist", "2026-02-30", "date", "failed: it gives a text of 10 characters, which is no date"],
    ["a number beyond what JSON kept", 2 ** 60, "number", undefined],
  ])("custom field: %s", (_, value, type, expected) => {
    expect(custom({ f: value }, field(type))).toEqual(expected);
  });

  test("what only the order decides needs a type; what is known needs none", () => {
    expect([
      custom({ f: "x" }, { ...options, field: "order.custom.f" }),
      read({ ...options, expression: "line.quantity" }),
      read({ ...options, expression: "line.quantity", type: "boolean" }),
      read({ ...options, field: "line.gift" }),
      read({ ...options, field: "line.total", type: "number" }),
      read({ ...options, field: "line.nothing" }),
      read({ ...options, field: "order.shippingAddress" }),
      read({ ...options, field: "charge.name" }),
      read("2026-12-24", "date"),
      read("soon", "date"),
      read(5, "text"),
      read({ ...options, expression: "order.custom.none" }, "text"),
    ]).toEqual([
      "refused: what it gives only the order decides: say which `type` it has",
      { decimal: "3" },
      "refused: it gives a wholeNumber, which is no boolean",
      false,
      { decimal: "59.97" },
      'refused: "line.nothing": there is no nothing',
      'refused: "order.shippingAddress" is no single value',
      'refused: "charge.name" begins with neither order nor line',
      "2026-12-24",
      "refused: it gives a text of 4 characters, which is no date",
      "refused: it is a number, the IFS field takes a text",
      "failed: No such key: none",
    ]);
  });
});
