import { describe, expect, test } from "vitest";
import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import { classify, isErrorBody, networkError, plainText, rowMissing, toError } from "./errors.ts";
import { oracle } from "./testing/tenant.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const odp = (code: string, message = "Malformed Request.", detail?: string) => ({
  error: { code, message, ...(detail ? { details: [{ code, message: detail }] } : {}) },
});
const judge = (status: number, body: unknown, retry?: string) =>
  classify({ status, text: typeof body === "string" ? body : JSON.stringify(body), retryAfter: retry }, NOW);

describe("the table of meanings", () => {
  test.each([
    [
      500,
      oracle("ORA-20110: CustomerOrder.NOCUST: Customer does not exist."),
      "refused",
      "ORA-20110 CustomerOrder.NOCUST",
    ],
    [
      400,
      oracle("ORA-20112: PartCatalog.FND_RECORD_EXIST: The object already exists."),
      "refused",
      "ORA-20112 PartCatalog.FND_RECORD_EXIST",
    ],
    [500, oracle("ORA-20124: wrong selection"), "refused", "ORA-20124"],
    [500, oracle("ORA-40441: JSON syntax error"), "refused", "ORA-40441"],
    [500, oracle("ORA-12899: value too large"), "refused", "ORA-12899"],
    [
      500,
      oracle("ORA-20113: CustomerOrder.FND_RECORD_LOCKED: locked by another user."),
      "transient",
      "ORA-20113 CustomerOrder.FND_RECORD_LOCKED",
    ],
    [500, oracle("ORA-00060: deadlock detected"), "transient", "ORA-00060"],
    [500, oracle("ORA-04068: existing state of packages has been discarded"), "transient", "ORA-04068"],
    [500, oracle("ORA-03113: end-of-file on communication channel"), "doubt", "ORA-03113"],
    [500, oracle("ORA-20114: CustomerOrder.FND_RECORD_MODIFIED: modified"), "conflict", "DATABASE_ERROR"],
    [500, oracle("The object has been modified by another user."), "conflict", "DATABASE_ERROR"],
    [
      400,
      odp("ODP_DESERIALIZATION_ERROR", "Error while de-serializing contents."),
      "refused",
      "ODP_DESERIALIZATION_ERROR",
    ],
    [428, odp("ODP_MISSING_PRECONDITION"), "conflict", "ODP_MISSING_PRECONDITION"],
    [400, odp("ODP_MISSING_PRECONDITION"), "conflict", "ODP_MISSING_PRECONDITION"],
    [412, "", "conflict", "conflict"],
    [409, "", "conflict", "conflict"],
    [501, odp("ODP_NOT_IMPLEMENTED"), "refused", "ODP_NOT_IMPLEMENTED"],
    [500, odp("ODP_NOT_IMPLEMENTED"), "refused", "ODP_NOT_IMPLEMENTED"],
    [404, odp("ODP_RESOURCE_NOTFOUND", "Resource not found."), "refused", "ODP_RESOURCE_NOTFOUND"],
    [404, odp("ITEM_NOT_EXIST", "x"), "refused", "ITEM_NOT_EXIST"],
    [404, "", "refused", "notFound"],
    [404, odp("ANY", "Metadata not found."), "refused", "projectionMissing"],
    [500, odp("MI_MODIFIED_ERROR", "Projection was modified."), "staleMetadata", "MI_MODIFIED_ERROR"],
    [401, "", "unauthenticated", "unauthenticated"],
    [403, "<html>", "refused", "grantMissing"],
    [429, "", "transient", "throttled"],
    [408, "", "doubt", "http408"],
    [500, "", "doubt", "http500"],
    [502, "<html>bad gateway</html>", "doubt", "http502"],
    [503, "", "doubt", "unavailable"],
    [504, "", "doubt", "http504"],
    [200, odp("X", "Backend failed."), "doubt", "X"],
    [200, oracle("ORA-20110: CustomerOrder.NOCUST: no."), "refused", "ORA-20110 CustomerOrder.NOCUST"],
    [200, odp("MI_MODIFIED_ERROR"), "staleMetadata", "MI_MODIFIED_ERROR"],
    [500, odp("X", "Database error.", "MI_MODIFIED_ERROR: projection"), "staleMetadata", "MI_MODIFIED_ERROR"],
    [
      500,
      { error: { code: "X", message: "m", details: [{ code: "MI_MODIFIED_ERROR", message: "reloaded" }] } },
      "staleMetadata",
      "MI_MODIFIED_ERROR",
    ],
    [403, odp("X", "Not allowed."), "refused", "grantMissing"],
    [403, oracle("ORA-20106: Site.NOACCESS: Site not allowed."), "refused", "ORA-20106 Site.NOACCESS"],
    [302, "", "refused", "redirected"],
    [400, "", "refused", "http400"],
    [422, odp("X", "bad"), "refused", "X"],
  ])("%i %j is %s (%s)", (status, body, kind, code) => {
    const failure = judge(status, body);
    expect({ kind: failure.kind, code: failure.code, status: failure.status }).toEqual({ kind, code, status });
  });

  test.each([
    ["Invalid JWT", "Invalid JWT"],
    [{ error: "Invalid JWT" }, "Invalid JWT"],
    [{ error: "invalid_token", error_description: "Token expired" }, "Token expired"],
    [{ code: 900901, message: "Invalid Credentials" }, "Invalid Credentials"],
    ["<html>\n<b>401</b>", "HTTP 401 without a readable error"],
    [{ error: "" }, "HTTP 401 without a readable error"],
  ])("a gateway's own 401 %j says %s", (body, text) => {
    expect(judge(401, body)).toMatchObject({ kind: "unauthenticated", text });
  });

  test("a missing grant names the projection", () => {
    const error = toError(judge(403, ""), "read", "GET ShipmentHandling.svc/ShipmentSet");
    expect(error.message).toBe(
      "the service user may not use ShipmentHandling.svc/ShipmentSet (HTTP 403 without a readable error)",
    );
  });

  test("an error behind a status of success is seen, and rows are not taken for one", () => {
    const errors = [odp("X"), { "@odata.context": "https://ifs/$metadata#Set", ...odp("X") }, { error: "down" }];
    const answers = [
      { value: [{ error: "x" }] },
      { error: null, OrderNo: "1" },
      { OrderNo: "1", error: { code: "X" } },
    ];
    expect(errors.map((body) => isErrorBody(JSON.stringify(body)))).toEqual([true, true, true]);
    expect(answers.map((body) => isErrorBody(JSON.stringify(body)))).toEqual([false, false, false]);
  });

  test("a 503 that names a time to come back was not passed on", () => {
    expect(judge(503, "", "7")).toEqual({
      kind: "transient",
      code: "unavailable",
      status: 503,
      text: "HTTP 503 without a readable error",
      retryAfterMs: 7000,
    });
  });
});

describe("thrown errors by what sending again would do", () => {
  const thrown = (status: number, body: unknown, effect: "read" | "idempotent" | "create") => {
    const error = toError(judge(status, body), effect, "POST X");
    return { type: error.constructor, message: error.message };
  };
  test.each([
    [500, oracle("ORA-20110: A.B: Blocked."), "create", RefusedError, "Blocked."],
    [409, "", "create", ConflictError, "IFS, POST X: HTTP 409 without a readable error"],
    [429, "", "create", TransientError, "IFS, POST X: HTTP 429 without a readable error"],
    [500, "", "create", UnknownOutcomeError, "IFS, POST X: HTTP 500 without a readable error"],
    [502, "", "create", UnknownOutcomeError, "IFS, POST X: HTTP 502 without a readable error"],
    [500, oracle("ORA-03113: gone"), "create", UnknownOutcomeError, "IFS, POST X: gone"],
    [502, "", "idempotent", TransientError, "IFS, POST X: HTTP 502 without a readable error"],
    [500, "", "read", TransientError, "IFS, POST X: HTTP 500 without a readable error"],
    [401, "", "create", AuthenticationError, "IFS, POST X: HTTP 401 without a readable error"],
  ] as const)("%i %j on %s", (status, body, effect, type, message) => {
    expect(thrown(status, body, effect)).toEqual({ type, message });
  });

  test("Retry-After reaches the caller", () => {
    const error = toError(judge(429, "", "3"), "read", "GET X");
    expect(error).toMatchObject({ retryAfterMs: 3000 });
  });
});

describe("requests without an answer", () => {
  const fault = (code: string) =>
    Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("x"), { code }) });
  test.each([
    ["ECONNREFUSED", "create", TransientError],
    ["ENOTFOUND", "create", TransientError],
    ["UND_ERR_CONNECT_TIMEOUT", "create", TransientError],
    ["ECONNRESET", "create", UnknownOutcomeError],
    ["UND_ERR_SOCKET", "create", UnknownOutcomeError],
    ["ECONNRESET", "read", TransientError],
    ["ECONNRESET", "idempotent", TransientError],
  ] as const)("%s on %s", (code, effect, type) => {
    expect(networkError(fault(code), effect, "X").constructor).toBe(type);
  });

  test("a time-out leaves doubt only about creates", () => {
    const cause = new DOMException("late", "TimeoutError");
    expect(networkError(cause, "create", "X")).toEqual(
      new UnknownOutcomeError("IFS, X: no answer within the deadline", { cause }),
    );
    expect(networkError(cause, "read", "X")).toEqual(
      new TransientError("IFS, X: no answer within the deadline", { cause }),
    );
  });
});

test.each([
  ["ORA-20110: CustomerOrder.CREDIT: Customer is blocked.\nORA-06512: at line 1", "Customer is blocked."],
  ["Error: ORA-20110: Lu.KEY_1: Text: with colon", "Text: with colon"],
  ["The property 'X' is not defined.", "The property 'X' is not defined."],
  ["ORA-20110: ", "ORA-20110:"],
])("operators read IFS's words: %j", (raw, plain) => {
  expect(plainText(raw)).toBe(plain);
});

test("a missing row is not a missing projection", () => {
  const error = (code: string, status: number) => new RefusedError("ifs", code, status, "");
  expect(
    [error("notFound", 404), error("ODP_RESOURCE_NOTFOUND", 404), error("projectionMissing", 404), error("x", 400)].map(
      rowMissing,
    ),
  ).toEqual([true, true, false, false]);
});
