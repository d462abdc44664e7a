/**
 * The failure table: what each kind of server answers to each outcome. Data problems and outages arrive as one `Outcome`;
 * nothing else in the apps decides about a status code.
 */

import {
  AuthenticationError,
  ConflictError,
  type Rejection,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import type { FailPolicy } from "../domain/threshold-config.ts";

export type ServerKind = "event" | "job" | "service" | "extension";

export type Outcome =
  /** Done, or nothing to do; a service's decision, refusals included, is its body. */
  | { readonly kind: "done"; readonly body?: unknown }
  /** The API Extension's way to say no. At least one error. */
  | { readonly kind: "refused"; readonly errors: readonly ExtensionError[] }
  | { readonly kind: "unreadable"; readonly message: string }
  /** What the address names does not exist (any more). */
  | { readonly kind: "absent"; readonly message: string }
  | { readonly kind: "rejected"; readonly rejection: Rejection }
  | { readonly kind: "failed"; readonly error: unknown };

/** One error of an API Extension's 400, as commercetools hands it to its caller. */
export type ExtensionError = {
  readonly code: string;
  readonly message: string;
  readonly localizedMessage?: Readonly<Record<string, string>>;
  readonly extensionExtraInfo?: Readonly<Record<string, unknown>>;
};

/** `alert`: a person must look at it (a defect, or a credential that is refused). */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly alert: boolean;
};

/** The caller has no credential, a wrong one, or one of another project (401), or lacks a permission (403). */
export class CallerRefusedError extends Error {
  readonly status: 401 | 403;
  constructor(status: 401 | 403, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "CallerRefusedError";
    this.status = status;
  }
}

/** The caller asks more often than it may. */
export class TooManyRequestsError extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super("the caller asks more often than it may");
    this.name = "TooManyRequestsError";
    this.retryAfterMs = retryAfterMs;
  }
}

/** The body is not what the route takes: broken JSON, too large, wrong shape. */
export class UnreadableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UnreadableError";
  }
}

export type FailureKind = "caller" | "limited" | "unreadable" | "conflict" | "transient" | "credential" | "defect";

/** The class of a thrown error. Anything unexpected is a defect. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof CallerRefusedError) return "caller";
  if (error instanceof TooManyRequestsError) return "limited";
  if (error instanceof UnreadableError) return "unreadable";
  if (error instanceof ConflictError) return "conflict";
  if (error instanceof TransientError || error instanceof UnknownOutcomeError) return "transient";
  if (error instanceof AuthenticationError) return "credential";
  return "defect";
}

const reply = (status: number, body?: unknown, options: { alert?: boolean; retryAfterMs?: number } = {}): Reply => ({
  status,
  headers:
    options.retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.max(1, Math.ceil(options.retryAfterMs / 1000))) },
  ...(body === undefined ? {} : { body }),
  alert: options.alert ?? false,
});

/** Bodies of failures: a code for programs, a sentence for people, nothing of the inside. */
const problem = (code: string, message: string) => ({ error: { code, message } });

const retryAfter = (error: unknown) =>
  error instanceof TransientError || error instanceof TooManyRequestsError ? error.retryAfterMs : undefined;

const refusedCaller = (error: CallerRefusedError) =>
  error.status === 401
    ? reply(401, problem("unauthorized", "no valid credential was given"))
    : reply(403, problem("forbidden", "the credential does not permit this"));

/**
 * Pub/Sub push: every 2xx acknowledges, everything else comes back for up to seven days. So only what may succeed later
 * is refused; an unreadable body and a stored Rejection are acknowledged. A defect that keeps coming back becomes a Rejection
 * after the configured attempts, in the flow, where they are counted.
 */
export function eventReply(outcome: Outcome): Reply {
  if (outcome.kind !== "failed") return reply(204);
  switch (failureKind(outcome.error)) {
    case "caller":
      return refusedCaller(outcome.error as CallerRefusedError);
    case "unreadable":
      return reply(204);
    case "conflict":
    case "limited":
    case "transient":
      return reply(503, problem("unavailable", "try again later"), { retryAfterMs: retryAfter(outcome.error) });
    case "credential":
      return reply(503, problem("unavailable", "try again later"), { alert: true });
    case "defect":
      return reply(500, problem("internal", "unexpected failure"), { alert: true });
  }
}

/** Scheduler calls: nobody promises to repeat them, the next tick catches up. */
export function jobReply(outcome: Outcome): Reply {
  switch (outcome.kind) {
    case "done":
    case "refused":
    case "rejected":
      return outcome.kind === "done" && outcome.body !== undefined ? reply(200, outcome.body) : reply(204);
    case "unreadable":
      return reply(400, problem("unreadable", outcome.message));
    case "absent":
      return reply(404, problem("notFound", outcome.message));
    case "failed":
      return requestReply(outcome.error);
  }
}

/** REST endpoints of service-app. */
export function serviceReply(outcome: Outcome): Reply {
  switch (outcome.kind) {
    case "done":
      return outcome.body === undefined ? reply(204) : reply(200, outcome.body);
    case "refused":
      return reply(200, { errors: outcome.errors });
    case "unreadable":
      return reply(400, problem("unreadable", outcome.message));
    case "absent":
      return reply(404, problem("notFound", outcome.message));
    case "rejected":
      return reply(422, { error: { ...outcome.rejection } });
    case "failed":
      return requestReply(outcome.error);
  }
}

function requestReply(error: unknown): Reply {
  switch (failureKind(error)) {
    case "caller":
      return refusedCaller(error as CallerRefusedError);
    case "unreadable":
      return reply(400, problem("unreadable", (error as Error).message));
    case "limited":
      return reply(429, problem("tooManyRequests", "the caller asks too often; wait as long as Retry-After says"), {
        retryAfterMs: retryAfter(error),
      });
    case "conflict":
      return reply(409, problem("conflict", "somebody else changed the record; read it again"));
    case "transient":
      return reply(503, problem("unavailable", "try again later"), { retryAfterMs: retryAfter(error) });
    case "credential":
      return reply(503, problem("unavailable", "try again later"), { alert: true });
    case "defect":
      return reply(500, problem("internal", "unexpected failure"), { alert: true });
  }
}

/** Where the route has no words of its own. */
const UNDECIDED: ExtensionError = {
  code: "InvalidOperation",
  message: "The availability of the goods could not be confirmed. Please try again in a moment.",
};

/**
 * commercetools API Extension: only 200 and 400 with `errors[]` exist for it; anything else fails the buyer's request with
 * a message that nobody understands. What was not decided follows the declared policy.
 */
export function extensionReply(outcome: Outcome, policy: FailPolicy, undecided = UNDECIDED): Reply {
  if (outcome.kind === "done") return reply(200, outcome.body ?? { actions: [] });
  if (outcome.kind === "refused") return reply(400, { errors: outcome.errors });
  const kind = outcome.kind === "failed" ? failureKind(outcome.error) : "unreadable";
  if (outcome.kind === "failed" && kind === "caller") return refusedCaller(outcome.error as CallerRefusedError);
  const alert = kind === "defect" || kind === "credential";
  return policy === "closed" ? reply(400, { errors: [undecided] }, { alert }) : reply(200, { actions: [] }, { alert });
}

/** The reply of a server of this kind. `policy`, and the refusal by it, matter to extensions only. */
export function replyFor(
  kind: ServerKind,
  outcome: Outcome,
  policy: FailPolicy = "open",
  undecided?: ExtensionError,
): Reply {
  switch (kind) {
    case "event":
      return eventReply(outcome);
    case "job":
      return jobReply(outcome);
    case "service":
      return serviceReply(outcome);
    case "extension":
      return extensionReply(outcome, policy, undecided);
  }
}
