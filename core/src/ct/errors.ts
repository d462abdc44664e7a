import { AuthenticationError, ConflictError, RefusedError, ThrottledError, TransientError } from "../domain/failure.ts";
import type { CallFailure } from "./call.ts";

/** What was attempted, for messages: never a body, never a query string (predicates may hold personal data). */
export type Attempt = { readonly method: string; readonly path: string; readonly correlationId: string };

type PlatformError = { readonly code: string; readonly message: string };

/** Another request works on the same sku and scope: the platform asks for the same request again after 300 ms. */
const LOCK_CODES = new Set(["ExactLockConflict", "ValidityLockConflict"]);
/** "Later" by the platform's own words, whatever the status. */
const TRANSIENT_CODES = new Set([
  "LockedField",
  "PendingOperation",
  "OverCapacity",
  "ServiceUnavailable",
  "BadGateway",
  "QueryTimedOut",
  "General",
]);

/** Too much at a time, whatever the status. */
const THROTTLE_CODES = new Set(["OverCapacity", "ServiceUnavailable"]);

/** The platform's error list; one made up from the status where the body is not the platform's. */
function platformErrors(failure: CallFailure): PlatformError[] {
  const body = failure.body;
  if (typeof body === "object" && body !== null) {
    const { errors, error, message, error_description: description } = body as Record<string, unknown>;
    const listed = Array.isArray(errors) ? errors.filter(isPlatformError) : [];
    if (listed.length > 0) return listed;
    const text = String(message ?? description ?? failure.message);
    if (typeof error === "string") return [{ code: error, message: text }];
    return [{ code: `Http${failure.status}`, message: text }];
  }
  return [{ code: `Http${failure.status}`, message: body ? String(body) : failure.message }];
}

const isPlatformError = (value: unknown): value is PlatformError =>
  typeof value === "object" && value !== null && typeof (value as PlatformError).code === "string";

/** True where the platform asks for the very same request after 300 ms. */
export const isLockConflict = (failure: CallFailure): boolean =>
  failure.kind === "status" && platformErrors(failure).some(({ code }) => LOCK_CODES.has(code));

/** True for an answer that refuses the token itself: nothing was executed, a new token may help once. */
export const isTokenRefused = (failure: CallFailure): boolean => failure.status === 401;

/** True where an idempotent read may be sent again: no answer, throttled, overloaded, broken on the way. */
export const isWorthRereading = (failure: CallFailure): boolean =>
  failure.kind === "network" || failure.status === 408 || failure.status === 429 || (failure.status ?? 0) >= 500;

/**
 * The domain's error of a failed exchange: AuthenticationError (401, 403), ConflictError (409 ConcurrentModification),
 * TransientError (no answer, 408, 5xx and the codes that say "later"; of these ThrottledError for 429, 503 and the codes of too much
 * at a time), RefusedError (any other 4xx).
 * A write that ends in a TransientError may have happened: versioned updates are repeated only after reading again.
 */
export function toDomainError(failure: CallFailure, attempt: Attempt): Error {
  const where = `${attempt.method} ${attempt.path} (correlation id ${attempt.correlationId})`;
  if (failure.kind === "network") {
    return new TransientError(`commercetools did not answer ${where}: ${failure.message}`, { cause: failure });
  }
  const [first] = platformErrors(failure);
  const code = first?.code ?? `Http${failure.status}`;
  const said = `${code}: ${first?.message ?? failure.message}`;
  const status = failure.status ?? 0;
  if (status === 401 || status === 403) return notAllowed(attempt, where, said, failure);
  if (LOCK_CODES.has(code) || TRANSIENT_CODES.has(code) || isWorthRereading(failure)) {
    const throttled = status === 429 || status === 503 || THROTTLE_CODES.has(code);
    const Later = throttled ? ThrottledError : TransientError;
    return new Later(`commercetools could not process ${where} now: ${said}`, {
      cause: failure,
      retryAfterMs: failure.retryAfterMs,
    });
  }
  if (status === 409 && (code === "ConcurrentModification" || code === "Http409")) {
    return new ConflictError(`somebody else changed the resource of ${where}: ${said}`, { cause: failure });
  }
  return new RefusedError("commercetools", code, status, `commercetools refused ${where}: ${said}`);
}

function notAllowed(attempt: Attempt, where: string, said: string, cause: CallFailure): AuthenticationError {
  if (cause.status === 401) {
    return new AuthenticationError(
      "commercetools",
      `commercetools does not accept the API client for ${where}: ${said}`,
      {
        cause,
      },
    );
  }
  return new AuthenticationError(
    "commercetools",
    `the API client lacks a scope for ${where}; ${scopeHint(attempt)}. The platform says: ${said}`,
    { cause },
  );
}

const SCOPES: Readonly<Record<string, string>> = {
  orders: "orders",
  inventory: "products",
  inventories: "products",
  "import-containers": "import_containers",
  products: "products",
  "product-projections": "products",
  "product-types": "product_types",
  "standalone-prices": "standalone_prices",
  channels: "channels",
  types: "types",
  states: "states",
  "custom-objects": "key_value_documents",
  subscriptions: "subscriptions",
  extensions: "extensions",
  "customer-groups": "customer_groups",
  customers: "customers",
  payments: "payments",
  messages: "messages",
};

/** The scope that a path needs: "/shop/orders/1" with POST -> "grant manage_orders". */
function scopeHint({ method, path }: Attempt): string {
  const [, , resource = ""] = path.split("/");
  const noun = SCOPES[resource];
  if (!noun) return "compare its scopes with docs/security.md";
  // Subscriptions and Extensions know no view scope that exists on every Region.
  const verb = method === "GET" && noun !== "subscriptions" ? "view" : "manage";
  return `grant ${verb}_${noun}`;
}
