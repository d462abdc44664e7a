import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

test.each([
  ["5", 5000],
  ["Sun, 01 Mar 2026 12:00:10 GMT", 10_000],
  ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  [null, undefined],
])("Retry-After %j", (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});
