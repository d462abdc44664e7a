/**
 * Two channels of failure. A data problem is a `Rejection`, a value that becomes an exception in somebody's inbox.
 * An outage is thrown: `TransientError`, `ConflictError` or `AuthenticationError`. `http/respond.ts` turns either into a status.
 */
import type { OrderNo } from "./ids.ts";

/** Who can cure a problem. Configuration maps each owner to a team or an address. */
export type Owner = "merchant" | "ifsAdministrator" | "operator" | "developer";

/** The kinds of problem that a person can act on. A new kind needs a row in docs/exceptions.md. */
export type RejectionCode =
  | "unmappedSku"
  | "unmappedUnit"
  | "unmappedSite"
  | "unmappedTax"
  | "unmappedShipping"
  | "unmappedCharge"
  | "noRoute"
  | "addressMissing"
  | "customerConflict"
  | "customerMissing"
  | "mappingFailed"
  | "totalsDiffer"
  | "unsupported"
  | "invalidInput"
  | "ifsRefused"
  | "ifsAmountsDiffer"
  | "ifsDuplicate"
  | "ifsBlocked"
  | "unknownIfsState"
  | "stockAnomaly"
  | "stockDiffers"
  | "availabilityNegative"
  | "backOrderLeftOver"
  | "heldForReview"
  | "changeRefused"
  | "returnNotPossible"
  | "paymentMismatch"
  | "attemptsExhausted"
  | "checkoutGuardOff"
  | "extensionRefused"
  | "subscriptionStopped"
  | "eventsMissing"
  | "configurationUnusable"
  | "credentialRefused"
  | "grantMissing"
  | "bindingWrong";

/** A record that cannot go on as it is. Every sentence is for the person who repairs it. */
export type Rejection = {
  readonly code: RejectionCode;
  /** What happened, naming the record, the field and its value. */
  readonly message: string;
  /** What to do, where. */
  readonly action: string;
  readonly owner: Owner;
  readonly field?: string;
  readonly value?: string;
  /** A word for what one cure closes, where code, field and value do not tell it; see cause.ts. */
  readonly cause?: string;
};

/** The other side is down, slow or throttled: the same call may succeed later. */
export class TransientError extends Error {
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = "TransientError";
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The other side asks for fewer requests at a time (429, 503 and what it calls over capacity). */
export class ThrottledError extends TransientError {
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = "ThrottledError";
  }
}

/** Nothing is wrong: as much is under way as can be ended in time, so that what comes now has to come again. */
export class BusyError extends TransientError {
  constructor(message: string, retryAfterMs: number) {
    super(message, { retryAfterMs });
    this.name = "BusyError";
  }
}

/**
 * IFS lets nobody through where every record of a kind has to pass: a grant of the service user is missing, or a name of the
 * binding is wrong. No record is to blame, nothing was done, no attempt counts; it goes on once an administrator has acted.
 */
export class BarredError extends TransientError {
  readonly code: "grantMissing" | "bindingWrong";
  /** "CustomerOrderHandling.svc/CustomerOrderSet". */
  readonly resource: string;
  constructor(
    code: "grantMissing" | "bindingWrong",
    message: string,
    { resource, cause }: { resource: string; cause?: unknown },
  ) {
    super(message, { cause });
    this.name = "BarredError";
    this.code = code;
    this.resource = resource;
  }
}

/** Somebody else wrote first: read again and plan again, never resend. */
export class ConflictError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "ConflictError";
  }
}

/**
 * A write whose outcome is not known (time-out, lost answer). Only a look-up that can tell "absent" from "not allowed to
 * see" may resolve it; it is never answered with a second write.
 */
export class UnknownOutcomeError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UnknownOutcomeError";
  }
}

/** The order that was to be created exists under the number that it was given: it is looked at, and nothing was created. */
export class OrderExistsError extends Error {
  readonly orderNo: OrderNo;
  constructor(orderNo: OrderNo) {
    super(`IFS has order ${orderNo} already`);
    this.name = "OrderExistsError";
    this.orderNo = orderNo;
  }
}

/** The credential is refused. Scheduled flows pause instead of burning attempts and resume when it works again. */
export class AuthenticationError extends Error {
  readonly system: "ifs" | "commercetools";
  /** ISO 8601: nothing is asked of the system before. Absent where only this request was refused. */
  readonly pausedUntil: string | undefined;
  constructor(
    system: "ifs" | "commercetools",
    message: string,
    options: { cause?: unknown; pausedUntil?: string } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "AuthenticationError";
    this.system = system;
    this.pausedUntil = options.pausedUntil;
  }
}

/** The platform refused this very request for a reason in its data; thrown by adapters, turned into a Rejection by flows. */
export class RefusedError extends Error {
  readonly system: "ifs" | "commercetools";
  readonly code: string;
  readonly status: number;
  /** What the request was for, without keys: "SalesPartHandling.svc/SalesPartSet". Absent where a single request is not all that was done. */
  readonly resource: string | undefined;
  constructor(
    system: "ifs" | "commercetools",
    code: string,
    status: number,
    message: string,
    options: { resource?: string } = {},
  ) {
    super(message);
    this.name = "RefusedError";
    this.system = system;
    this.code = code;
    this.status = status;
    this.resource = options.resource;
  }
}

/**
 * IFS gives no answer about these values: it refuses lists that ask for them, whatever else they ask for, or what it answers about them
 * cannot be read. The same lists without them are answered. Whoever can do without them asks again without.
 */
export class RefusedKeysError extends RefusedError {
  readonly values: readonly string[];
  readonly #reasons: ReadonlyMap<string, string>;
  /** IFS's own words, without the values. */
  readonly reason: string;
  /** `asked`: "SalesPartSet with CatalogNo eq 'A#1'". `reasons`: of values that have one of their own. */
  constructor(
    values: readonly string[],
    { cause, asked, reasons = new Map() }: RefusedKeysCause & { readonly reasons?: ReadonlyMap<string, string> },
  ) {
    const { system, code, status, message, resource } = cause;
    const more = values.length > 10 ? ` and ${values.length - 10} more` : "";
    const told = `every list of ${asked}${more} in it is ${code === UNEXPECTED_ANSWER ? "not usable" : "refused"}: ${message}`;
    super(system, code, status, told, { ...(resource !== undefined && { resource }) });
    this.name = "RefusedKeysError";
    this.values = values;
    this.#reasons = reasons;
    this.reason = message;
  }
  reasonOf(value: string): string {
    return this.#reasons.get(value) ?? this.reason;
  }
}

type RefusedKeysCause = { readonly cause: RefusedError; readonly asked: string };

/** RefusedError.code of an answer that cannot be read. */
export const UNEXPECTED_ANSWER = "unexpectedAnswer";

/** What cannot be asked for, with IFS's words. */
export type RefusedKeys<K> = { has(key: K): boolean; set(key: K, reason: string): unknown };

/**
 * The answers to what can be asked: `refused` learns what cannot, by IFS's words, and is never asked for again. Ends even where
 * `refused` forgets: what was refused in this call is left out of the rest of it.
 */
export async function askedWithout<K extends string, T>(
  keys: readonly K[],
  refused: RefusedKeys<K>,
  ask: (keys: readonly K[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const now = new Set<K>();
  for (;;) {
    const left = keys.filter((key) => !now.has(key) && !refused.has(key));
    if (left.length === 0) return [];
    try {
      return [...(await ask(left))];
    } catch (error) {
      if (!(error instanceof RefusedKeysError)) throw error;
      const values = new Set(error.values);
      const found = left.filter((key) => values.has(key));
      if (found.length === 0) throw error;
      for (const key of found) {
        now.add(key);
        refused.set(key, error.reasonOf(key));
      }
    }
  }
}
