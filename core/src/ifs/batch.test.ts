import { expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import { type BatchPart, matchPieces, readBatch, writeChangeSet } from "./batch.ts";
import { jsonNumber } from "./json.ts";

const parts: BatchPart[] = [
  { contentId: "1", method: "POST", path: "CustomerOrderSet", body: { CustomerNo: "C1" } },
  {
    contentId: "2",
    method: "POST",
    path: "$1/OrderLinesArray",
    headers: { Prefer: "return=representation" },
    body: { BuyQtyDue: jsonNumber(decimal("2")) },
  },
];

test("a change set on the wire", () => {
  expect(writeChangeSet(parts, "x")).toEqual({
    contentType: "multipart/mixed; boundary=batch_x",
    body: [
      "--batch_x",
      "Content-Type: multipart/mixed; boundary=changeset_x",
      "",
      "--changeset_x",
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "Content-ID: 1",
      "",
      "POST CustomerOrderSet HTTP/1.1",
      "Content-Type: application/json",
      "Accept: application/json",
      "",
      '{"CustomerNo":"C1"}',
      "--changeset_x",
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "Content-ID: 2",
      "",
      "POST $1/OrderLinesArray HTTP/1.1",
      "Content-Type: application/json",
      "Accept: application/json",
      "Prefer: return=representation",
      "",
      '{"BuyQtyDue":2}',
      "--changeset_x--",
      "--batch_x--",
      "",
    ].join("\r\n"),
  });
});

const piece = (id: string | null, status: string, body: string): string[] => [
  "Content-Type: application/http",
  "Content-Transfer-Encoding: binary",
  ...(id === null ? [] : [`Content-ID: ${id}`]),
  "",
  `HTTP/1.1 ${status}`,
  "Content-Type: application/json",
  `ETag: W/"${id}"`,
  "",
  body,
];
const changeSet = (pieces: string[][]): string[] => [
  "--b",
  'Content-Type: multipart/mixed; boundary="c s"',
  "",
  ...pieces.flatMap((lines) => ["--c s", ...lines]),
  "--c s--",
  "--b--",
  "",
];
const TYPE = "multipart/mixed; charset=utf-8; boundary=b";

test.each(["\r\n", "\n"])("pieces are read with line ends %j", (end) => {
  const text = changeSet([piece("1", "201 Created", '{"OrderNo":"A"}'), piece("2", "204", "")]).join(end);
  expect(readBatch(TYPE, text)).toEqual([
    {
      contentId: "1",
      status: 201,
      headers: { "content-type": "application/json", etag: 'W/"1"' },
      text: '{"OrderNo":"A"}',
    },
    { contentId: "2", status: 204, headers: { "content-type": "application/json", etag: 'W/"2"' }, text: "" },
  ]);
});

test("a refused change set is one piece outside of any change set", () => {
  const text = ["--b", ...piece("2", "400 Bad Request", '{"error":{}}'), "--b--"].join("\r\n");
  expect(readBatch(TYPE, text)).toEqual([
    {
      contentId: "2",
      status: 400,
      headers: { "content-type": "application/json", etag: 'W/"2"' },
      text: '{"error":{}}',
    },
  ]);
});

test("a body may contain empty lines and what looks like a header", () => {
  const body = '{"Note":"a: b"}\r\n\r\n{"more":1}';
  expect(readBatch(TYPE, ["--b", ...piece("1", "200 OK", body), "--b--"].join("\r\n"))?.[0]?.text).toBe(
    '{"Note":"a: b"}\n\n{"more":1}',
  );
});

test.each([
  ["no multipart", "application/json", "{}"],
  ["no boundary", "multipart/mixed", "--b--"],
  [
    "cut off",
    TYPE,
    changeSet([piece("1", "201 Created", "{}")])
      .slice(0, -3)
      .join("\r\n"),
  ],
  ["no status line", TYPE, ["--b", "Content-Type: application/http", "", "hello", "--b--"].join("\r\n")],
])("what happened is not known: %s", (_name, type, text) => {
  expect(readBatch(type, text)).toBeUndefined();
});

test("pieces find their parts by Content-ID, else by order, else not at all", () => {
  const of = (contentId: string | null, status: number) => ({ contentId, status, headers: {}, text: "" });
  expect(matchPieces(parts, [of("2", 204), of("1", 201)])).toEqual([of("1", 201), of("2", 204)]);
  expect(matchPieces(parts, [of(null, 201), of(null, 204)])).toEqual([of(null, 201), of(null, 204)]);
  expect(matchPieces(parts, [of("1", 201), of("7", 204)])).toBeUndefined();
  expect(matchPieces(parts, [of("1", 201), of(null, 204)])).toBeUndefined();
  expect(matchPieces(parts, [of("1", 201)])).toBeUndefined();
});

test("change sets in change sets are no answer, and cost no time", () => {
  const nest = (depth: number): string =>
    Array.from({ length: depth }, (_, level) => level).reduce(
      (inner, level) =>
        `--b${level}\r\nContent-Type: multipart/mixed; boundary=b${level - 1}\r\n\r\n${inner}\r\n--b${level}--`,
      "",
    );
  const begun = performance.now();
  expect(readBatch("multipart/mixed; boundary=b1999", nest(2000))).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(2000);
});
