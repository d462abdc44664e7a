import { expect, test } from "vitest";
import { exceptionId } from "./exception-id.ts";

test("the id tells flow, record and code apart and is a legal key", () => {
  const ids = [
    exceptionId("status-sync", "1", "unknownIfsState"),
    exceptionId("price-sync", "1", "unknownIfsState"),
    exceptionId("status-sync", "1", "heldForReview"),
    exceptionId("status-sync", "2", "unknownIfsState"),
    exceptionId("status-sync", "1"),
    exceptionId("order-export", "x".repeat(1000)),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{2,256}$/);
  expect(exceptionId("status-sync", "1", "unknownIfsState")).toBe(ids[0]);
});
