/**
 * What an answer of IFS means. The body counts before the status, because IFS reports business rules as HTTP 500 and some
 * gateways report everything as 4xx. Rules: IFS reference, errors and ETags; Oracle's error numbers for the database layer.
 */
import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import { retryAfterMs } from "../runtime/retry-after.ts";

/**
 * What sending a request twice would do: nothing (`read`), the same (`idempotent`), or a second record (`create`). Only for
 * `create` does a lost answer leave doubt.
 */
export type Effect = "read" | "idempotent" | "create";

export type IfsAnswer = {
  readonly status: number;
  readonly text: string;
  /** Header `Retry-After` as sent. */
  readonly retryAfter?: string | null;
};

/**
 * `transient`: nothing was committed, later it may work. `doubt`: it failed on the way and may have been committed.
 * `staleMetadata`: the server reloads its projection; the identical request is sent again.
 */
export type IfsFailure = {
  readonly kind: "refused" | "conflict" | "transient" | "doubt" | "staleMetadata" | "unauthenticated";
  /** `ORA-20110 CustomerOrder.NOCUSTOMER`, `ODP_…`, `grantMissing`, `projectionMissing`, `notFound`, `http500` … */
  readonly code: string;
  readonly status: number;
  /** IFS's own words without Oracle's decoration, for the operator. */
  readonly text: string;
  readonly retryAfterMs?: number;
};

/** The statement was rolled back for a passing reason: row locks, deadlocks, packages recompiled by a deployment. */
const PASSING_ORA = new Set(["00054", "00060", "04061", "04065", "04068", "08177", "20113"]);
/** The session or the database went away; a commit may or may not have happened before. */
const LOST_ORA = new Set([
  "01012",
  "01033",
  "01034",
  "01089",
  "01092",
  "02396",
  "03113",
  "03114",
  "03135",
  "12514",
  "12537",
  "12541",
]);
/** The service user may not use the projection. No fault of the credential, and other projections go on. */
const GRANT_MISSING = "grantMissing";
const CONFLICT = /PRECONDITION|MODIFIED|modified by another user/;

/** Classifies an answer outside 2xx. `now` is the epoch in ms, for a Retry-After given as a date. */
export function classify(answer: IfsAnswer, now: number): IfsFailure {
  const { status } = answer;
  const error = readErrorBody(answer.text);
  const text = error ? plainText(error.text) : (bareText(answer.text) ?? `HTTP ${status} without a readable error`);
  const wait = retryAfterMs(answer.retryAfter, now);
  const failure = (kind: IfsFailure["kind"], code: string): IfsFailure => ({
    kind,
    code,
    status,
    text,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
  const code = error?.code ?? "";
  if (status === 401) return failure("unauthenticated", code || "unauthenticated");
  if (code === "MI_MODIFIED_ERROR" || error?.text.includes("MI_MODIFIED_ERROR")) {
    return failure("staleMetadata", "MI_MODIFIED_ERROR");
  }
  if (status === 409 || status === 412 || status === 428 || (error && CONFLICT.test(`${code} ${error.text}`))) {
    return failure("conflict", code || "conflict");
  }
  const ora = /ORA-(\d{5})(?:: ([A-Za-z]\w*\.\w+): )?/.exec(error?.text ?? "");
  if (ora?.[1]) return failure(oraKind(ora[1]), ora[2] ? `ORA-${ora[1]} ${ora[2]}` : `ORA-${ora[1]}`);
  return byStatus(status, code, failure, { readable: error !== undefined, promised: wait !== undefined });
}

function oraKind(ora: string): IfsFailure["kind"] {
  if (PASSING_ORA.has(ora)) return "transient";
  return LOST_ORA.has(ora) ? "doubt" : "refused";
}

function byStatus(
  status: number,
  code: string,
  failure: (kind: IfsFailure["kind"], code: string) => IfsFailure,
  answer: { readable: boolean; promised: boolean },
): IfsFailure {
  if (status === 403) return failure("refused", GRANT_MISSING);
  if (status === 429) return failure("transient", code || "throttled");
  // A server that sheds load names a time to come back. A bare 503 may as well be a gateway whose connection broke after
  // the request had been passed on, so it leaves doubt.
  if (status === 503) return failure(answer.promised ? "transient" : "doubt", code || "unavailable");
  if (status === 404) return failure("refused", notFoundCode(code, failure("refused", "").text));
  if (code.startsWith("ODP_")) return failure("refused", code);
  // An error with status 200: somebody on the way answers for IFS, and what IFS did is not known.
  if (status === 408 || status >= 500 || status < 300) return failure("doubt", code || `http${status}`);
  if (status >= 300 && status < 400) return failure("refused", "redirected");
  return failure("refused", code || `http${status}`);
}

const notFoundCode = (code: string, text: string): string =>
  /metadata not found/i.test(text) ? "projectionMissing" : code === "" ? "notFound" : code;

/** Codes of a 404 that mean the addressed row is not there, or not visible to the service user. */
export const rowMissing = (error: unknown): boolean =>
  error instanceof RefusedError && error.status === 404 && error.code !== "projectionMissing";

/** The thrown error for a failure, by what sending again would do. `what` names the request: "POST CustomerOrderSet". */
export function toError(failure: IfsFailure, effect: Effect, what: string): Error {
  const message = `IFS, ${what}: ${failure.text}`;
  const wait = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs };
  switch (failure.kind) {
    case "refused":
      return new RefusedError("ifs", failure.code, failure.status, refusal(failure, what), {
        resource: resourceOf(what),
      });
    case "conflict":
      return new ConflictError(message);
    case "unauthenticated":
      return new AuthenticationError("ifs", message);
    case "doubt":
      return effect === "create" ? new UnknownOutcomeError(message) : new TransientError(message, wait);
    case "transient":
    case "staleMetadata":
      return new TransientError(message, wait);
  }
}

/** "PATCH X.svc/CustomerOrderSet(OrderNo='1')" -> "X.svc/CustomerOrderSet": the same for all records. */
const resourceOf = (what: string): string => what.replace(/^\w+ /, "").replace(/\([^()]*\)/g, "");

const refusal = ({ code, text }: IfsFailure, what: string): string =>
  code === GRANT_MISSING ? `the service user may not use ${what.replace(/^\w+ /, "")} (${text})` : text;

/** Statuses with which tenants refuse a query option. Business errors come as 500 too, but with an ORA number. */
const OPTION_REFUSALS = new Set([400, 500, 501]);

/** True where a query option may be what the tenant refuses. */
export const isOptionRefusal = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && OPTION_REFUSALS.has(error.status) && !error.code.startsWith("ORA-");

/** A change set that was not accepted: nothing of it is committed. `batch`: the request itself, `part`: one of its rows. */
export class ChangeSetRefusedError extends RefusedError {
  readonly scope: "batch" | "part";
  constructor(scope: "batch" | "part", { code, status, message, resource }: RefusedError) {
    super("ifs", code, status, message, resource === undefined ? {} : { resource });
    this.scope = scope;
  }
}

/** Errors of the socket layer that come before a request is written, so that nothing can have been committed. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
]);

/** The thrown error for a request without an answer: reset, time-out, broken body. */
export function networkError(cause: unknown, effect: Effect, what: string): Error {
  const code = socketCode(cause);
  const timedOut = cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError");
  const message = `IFS, ${what}: ${timedOut ? "no answer within the deadline" : `connection failed (${code ?? String(cause)})`}`;
  if (effect === "create" && !(code !== undefined && NEVER_SENT.has(code))) {
    return new UnknownOutcomeError(message, { cause });
  }
  return new TransientError(message, { cause });
}

function socketCode(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current instanceof Error; depth++) {
    if ("code" in current && typeof current.code === "string") return current.code;
    // Happy-eyeballs failures carry one error per address.
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return undefined;
}

function readErrorBody(text: string): { code: string; text: string } | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: a gateway's page. The status alone decides.
    return undefined;
  }
  const error = member(body, "error");
  // A gateway's own form: {"error":"…","error_description":"…"}, {"message":"…"}.
  const gateway = textOf(member(body, "error_description")) || textOf(member(body, "message"));
  if (typeof error !== "object" || error === null) {
    const text = gateway || textOf(error);
    return text === "" ? undefined : { code: "", text };
  }
  const details = member(error, "details");
  const detail: unknown = Array.isArray(details) ? details[0] : undefined;
  const message = textOf(member(detail, "message")) || textOf(member(error, "message"));
  const codes = [textOf(member(error, "code")), textOf(member(detail, "code"))];
  const code = codes.find((one) => one === "MI_MODIFIED_ERROR") ?? codes.find((one) => one !== "") ?? "";
  return message || code ? { code, text: message || code } : undefined;
}

/** A gateway's plain sentence ("Invalid JWT"); nothing that looks like a page. */
function bareText(text: string): string | undefined {
  const sentence = text.trim();
  return /^[\w][\w .,:;'"()/-]{0,199}$/.test(sentence) ? sentence : undefined;
}

/** True for an error that was sent with a status of success. Cheap for long lists: an error stands at the beginning. */
export function isErrorBody(text: string): boolean {
  if (!/^\s*\{\s*"(error"|@odata\.context"\s*:\s*"[^"]*"\s*,\s*"error")\s*:/.test(text.slice(0, 1000))) return false;
  return readErrorBody(text) !== undefined;
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : "");

/** "ORA-20110: CustomerOrder.CREDIT: Customer is blocked.\nORA-06512: at …" -> "Customer is blocked." */
export function plainText(text: string): string {
  const [first = ""] = text.split(/\r?\n|(?=ORA-06512)/);
  const plain = first
    .replace(/^.*?ORA-\d{5}:\s*/, "")
    .replace(/^[A-Za-z][A-Za-z0-9_]*\.[A-Za-z0-9_]+:\s*/, "")
    .trim();
  return (plain || text.trim()).slice(0, 1000);
}
