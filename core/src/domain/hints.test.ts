import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MOST_KEYS, parseHints } from "./hints.ts";
import { parseKeyref } from "./keyref.ts";

const order = (orderNo: string) => ({ object: "order", orderNo });
const stock = (contract: string, partNo: string) => ({ object: "stock", contract, partNo });

describe("a body is understood", () => {
  test.each<[string, unknown, unknown[]]>([
    [
      "orders by number",
      { object: "order", keys: [{ orderNo: "1001" }, { orderNo: "C-2" }] },
      [order("1001"), order("C-2")],
    ],
    [
      "stock by site and part",
      { object: "stock", keys: [{ contract: "101", partNo: "BAT.12V" }] },
      [stock("101", "BAT.12V")],
    ],
    ["IFS's own key text", { object: "order", keys: ["ORDER_NO=1001^"] }, [order("1001")]],
    [
      "the key text of a line or a stock row, by what is needed of it",
      [
        { object: "order", keys: ["LINE_NO=1^ORDER_NO=1001^REL_NO=1^LINE_ITEM_NO=0^"] },
        { object: "stock", keys: ["CONTRACT=101^PART_NO=P=1^CONFIGURATION_ID=*^LOCATION_NO=A1^LOT_BATCH_NO=^"] },
      ],
      [order("1001"), stock("101", "P=1")],
    ],
    [
      "blanks around, numbers without quotes, more than we know",
      { object: "order", keys: [{ orderNo: 1001, rowversion: "x" }, { orderNo: " 1002 " }], sender: "IFS" },
      [order("1001"), order("1002")],
    ],
    [
      "a key that is told twice, once",
      { object: "order", keys: [{ orderNo: "1" }, { orderNo: "1" }, "ORDER_NO=1^"] },
      [order("1")],
    ],
  ])("%s", (_what, body, hints) => {
    expect(parseHints(body)).toEqual({ ok: true, value: hints });
  });
});

describe("a body is refused with a sentence for the administrator", () => {
  test.each<[unknown, string]>([
    [
      { object: "order", keys: [{ orderNo: "&NEW:ORDER_NO" }] },
      'keys[0]: orderNo was not substituted by IFS: "&NEW:ORDER_NO"',
    ],
    [
      { object: "order", keys: [{ orderNo: "1" }, { orderNo: "" }] },
      "keys[1]: orderNo is empty: the event had no value to put there",
    ],
    [{ object: "order", keys: [{}] }, "keys[0]: orderNo is missing"],
    [
      { object: "order", keys: ["ORDER_NO=&new:ORDER_NO^"] },
      'keys[0]: ORDER_NO was not substituted by IFS: "&new:ORDER_NO"',
    ],
    // As JSON.parse reads 9007199254740993, 1e400 and 1e21.
    ...[2 ** 53, Number.POSITIVE_INFINITY, 1e21, 0.5, -1].map((orderNo): [unknown, string] => [
      { object: "order", keys: [{ orderNo }] },
      "keys[0]: orderNo is no key as a number: put the value in quotes",
    ]),
    [{ object: "order", keys: [{ orderNo: "1\ud800" }] }, 'keys[0]: orderNo is no key: "1\ud800"'],
    [{ object: "stock", keys: [{ contract: "101" }] }, "keys[0]: partNo is missing"],
    [{ object: "stock", keys: ["ORDER_NO=1001^"] }, "keys[0]: CONTRACT is missing"],
    [{ object: "order", keys: ["1001"] }, 'keys[0] is no IFS key text such as "ORDER_NO=1001^": "1001"'],
    [{ object: "order", keys: [{ orderNo: "x".repeat(101) }] }, `keys[0]: orderNo is no key: "${"x".repeat(40)}…"`],
    [{ object: "order", keys: [{ orderNo: "1\u00002" }] }, 'keys[0]: orderNo is no key: "1\u00002"'],
    [{ object: "invoice", keys: [{ no: "1" }] }, 'object is "invoice"; known are "order" and "stock"'],
    [
      [
        { object: "order", keys: ["ORDER_NO=1^"] },
        { object: "x", keys: ["A=1^"] },
      ],
      '[1].object is "x"; known are "order" and "stock"',
    ],
    [{ object: "order", keys: [] }, 'keys is not as expected; write {"object":"order","keys":[{"orderNo":"1001"}]}'],
    [{ keys: ["ORDER_NO=1^"] }, 'object is not as expected; write {"object":"order","keys":[{"orderNo":"1001"}]}'],
    [undefined, 'the body is not as expected; write {"object":"order","keys":[{"orderNo":"1001"}]}'],
    [[], "the body names no keys"],
    [{ object: "order", keys: Array(MOST_KEYS + 1).fill("ORDER_NO=1^") }, "more than 100 keys in one request"],
    [Array(MOST_KEYS + 1).fill({ object: "order", keys: ["ORDER_NO=1^"] }), "more than 100 keys in one request"],
  ])("%j", (body, message) => {
    expect(parseHints(body)).toEqual({ ok: false, error: message });
  });

  test("whatever it is, it is never thrown", () => {
    const key = fc.oneof(fc.anything(), fc.string(), fc.record({ orderNo: fc.anything() }));
    const body = fc.oneof(fc.anything(), fc.record({ object: fc.constantFrom("order", "stock"), keys: fc.array(key) }));
    fc.assert(
      fc.property(body, (given) => {
        const parsed = parseHints(given);
        expect(parsed.ok || parsed.error.length > 0).toBe(true);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

test.each<[string, [string, string][] | undefined]>([
  ["ORDER_NO=1001^", [["ORDER_NO", "1001"]]],
  [
    "CONTRACT=101^PART_NO=A=B^LOT=^",
    [
      ["CONTRACT", "101"],
      ["PART_NO", "A=B"],
      ["LOT", ""],
    ],
  ],
  ["ORDER_NO=1001", undefined],
  ["1001^", undefined],
  ["", undefined],
  ["^", undefined],
])("IFS's key text %j", (text, values) => {
  expect(parseKeyref(text)).toEqual(values && new Map(values));
});
