import { expect, test } from "vitest";
import { decimal } from "../domain/decimal.ts";
import { jsonNumber, parseForSending, parseJson, toBody } from "./json.ts";

const long = `0.1${"0".repeat(63)}1`;
const huge = `${"9".repeat(65)}.${"1".repeat(65)}`;

test("numbers keep every digit, wherever they stand", () => {
  expect(parseJson(`{"a":${long},"b":[${huge},1e3,-0.10,0],"c":"1","d":true,"e":null}`)).toEqual({
    a: long,
    b: [huge, "1e3", "-0.10", "0"],
    c: "1",
    d: true,
    e: null,
  });
  expect(decimal(long)).toBe(long);
  expect(decimal(huge)).toBe(huge);
});

test("decimals are written as numbers with exactly their digits", () => {
  const body = toBody({ Price: jsonNumber(decimal(huge)), Qty: jsonNumber(decimal("2.50")), Text: "2.50" });
  expect(JSON.stringify(body)).toBe(`{"Price":${huge},"Qty":2.5,"Text":"2.50"}`);
});

test("what has no value is left out of bodies", () => {
  expect(JSON.stringify(toBody({ a: null, b: undefined, c: 0, d: false, e: "" }))).toBe('{"c":0,"d":false,"e":""}');
});

test("an object that is sent back keeps its numbers as numbers", () => {
  expect(JSON.stringify(parseForSending(`{"a":${long},"b":"x"}`))).toBe(`{"a":${long},"b":"x"}`);
});

test("text that is no JSON is refused", () => {
  expect(() => parseJson("<html>")).toThrow(SyntaxError);
});
