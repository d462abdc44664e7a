import { describe, expect, test } from "vitest";
import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  type Rejection,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import {
  CallerRefusedError,
  type Outcome,
  replyFor,
  type ServerKind,
  TooManyRequestsError,
  UnreadableError,
} from "./respond.ts";

const rejection: Rejection = { code: "unmappedSku", message: "m", action: "a", owner: "merchant" };
const failed = (error: unknown): Outcome => ({ kind: "failed", error });

/** outcome -> status of event, job, service, extension (open), extension (closed); `!` marks an alert. */
const table: [string, Outcome, [string, string, string, string, string]][] = [
  ["done", { kind: "done" }, ["204", "204", "204", "200", "200"]],
  ["done with a body", { kind: "done", body: { x: 1 } }, ["204", "200", "200", "200", "200"]],
  [
    "refused",
    { kind: "refused", errors: [{ code: "InvalidInput", message: "m" }] },
    ["204", "204", "200", "400", "400"],
  ],
  ["unreadable", { kind: "unreadable", message: "m" }, ["204", "400", "400", "200", "400"]],
  ["unreadable, thrown", failed(new UnreadableError("m")), ["204", "400", "400", "200", "400"]],
  ["rejected", { kind: "rejected", rejection }, ["204", "204", "422", "200", "400"]],
  ["conflict", failed(new ConflictError("m")), ["503", "409", "409", "200", "400"]],
  ["transient", failed(new TransientError("m")), ["503", "503", "503", "200", "400"]],
  ["unknown outcome", failed(new UnknownOutcomeError("m")), ["503", "503", "503", "200", "400"]],
  ["credential", failed(new AuthenticationError("ifs", "m")), ["503!", "503!", "503!", "200!", "400!"]],
  ["refused by a platform", failed(new RefusedError("ifs", "c", 400, "m")), ["500!", "500!", "500!", "200!", "400!"]],
  ["defect", failed(new TypeError("m")), ["500!", "500!", "500!", "200!", "400!"]],
  ["too many requests", failed(new TooManyRequestsError(100)), ["503", "429", "429", "200", "400"]],
  ["no credential", failed(new CallerRefusedError(401, "m")), ["401", "401", "401", "401", "401"]],
  ["no permission", failed(new CallerRefusedError(403, "m")), ["403", "403", "403", "403", "403"]],
];

describe("failure table", () => {
  test.each(table)("%s", (_name, outcome, expected) => {
    const kinds: [ServerKind, "open" | "closed"][] = [
      ["event", "open"],
      ["job", "open"],
      ["service", "open"],
      ["extension", "open"],
      ["extension", "closed"],
    ];
    const statuses = kinds.map(([kind, policy]) => {
      const { status, alert } = replyFor(kind, outcome, policy);
      return `${status}${alert ? "!" : ""}`;
    });
    expect(statuses).toEqual(expected);
  });

  test("nothing of the inside leaves: bodies of defects and outages are fixed sentences", () => {
    const secret = new Error("password=private");
    for (const kind of ["event", "job", "service", "extension"] as const) {
      for (const error of [
        secret,
        new TransientError("private", { cause: secret }),
        new AuthenticationError("ifs", "private"),
      ]) {
        expect(JSON.stringify(replyFor(kind, failed(error), "closed"))).not.toMatch(/private/);
      }
    }
  });

  test("a rejection's sentences reach the caller of a service", () => {
    expect(replyFor("service", { kind: "rejected", rejection }).body).toEqual({
      error: { code: "unmappedSku", message: "m", action: "a", owner: "merchant" },
    });
  });

  test("the wait that the other side asked for is passed on in whole seconds", () => {
    expect(replyFor("service", failed(new TransientError("m", { retryAfterMs: 1200 }))).headers).toEqual({
      "retry-after": "2",
    });
    expect(replyFor("event", failed(new TransientError("m", { retryAfterMs: 10 }))).headers).toEqual({
      "retry-after": "1",
    });
    expect(replyFor("service", failed(new TransientError("m"))).headers).toEqual({});
  });

  test("extension: open means no actions, closed a coded error", () => {
    expect(replyFor("extension", failed(new TransientError("m")), "open")).toEqual({
      status: 200,
      headers: {},
      body: { actions: [] },
      alert: false,
    });
    expect(replyFor("extension", failed(new TransientError("m")), "closed").body).toEqual({
      errors: [
        {
          code: "InvalidOperation",
          message: "The availability of the goods could not be confirmed. Please try again in a moment.",
        },
      ],
    });
  });
});
