import { type ByProjectKeyRequestBuilder, createApiBuilderFromCtpClient } from "@commercetools/platform-sdk";
import {
  ClientBuilder,
  type Middleware,
  type MiddlewareRequest,
  type MiddlewareResponse,
} from "@commercetools/ts-client";
import { RefusedError } from "../domain/failure.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import type { Logger } from "../runtime/logger.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { requestMeter } from "../runtime/request-meter.ts";
import { CallFailure, exchange } from "./call.ts";
import { isLockConflict, isTokenRefused, isWorthRereading, toDomainError } from "./errors.ts";
import { createTokens, type Tokens } from "./token.ts";

/** Access to one project. Every rejection of `root` is an error of domain/failure.ts. */
export type CtClient = {
  readonly projectKey: string;
  readonly root: ByProjectKeyRequestBuilder;
  /** Any other path under the project, such as those of the Import API; the parsed body of the answer. */
  readonly send: (request: {
    readonly method: "GET" | "POST";
    readonly path: string;
    readonly body?: object;
  }) => Promise<unknown>;
};

export type CtOptions = {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly projectKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly logger: Logger;
  readonly fetch?: HttpFetch;
  /** For one exchange, body included. The platform itself cuts at 60 s. */
  readonly timeoutMs?: number;
  /** How often a GET is repeated after no answer, 408, 429 or 5xx; 0 where a caller waits (checkout). */
  readonly readRetries?: number;
  /** Requests in the air at a time; commercetools asks for about 20 at most. */
  readonly concurrency?: number;
  readonly clock?: Pick<Clock, "now" | "monotonic" | "after" | "sleep">;
  readonly random?: Random;
  /** Id of the work at hand, sent as X-Correlation-ID; a fresh one per call where it gives none. */
  readonly correlationId?: () => string | undefined;
};

const LOCK_WAIT_MS = 300;
const LOCK_RETRIES = 4;
const LONGEST_WAIT_MS = 5000;

/**
 * commercetools' SDK with what it lacks: one token request for all callers, a deadline that covers the body, errors of the
 * domain instead of plain objects, and retries that only repeat reads. A write is repeated in two cases only: the token was
 * refused (nothing was executed), or the platform asked for it (price lock conflicts). A 409 is never answered by a resend.
 */
export function createCt(options: CtOptions): CtClient {
  const {
    fetch = http,
    timeoutMs = 20_000,
    readRetries = 3,
    concurrency = 20,
    clock = systemClock,
    random = systemRandom,
  } = options;
  const tokens = createTokens({
    authUrl: options.authUrl,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    fetch,
    clock,
    timeoutMs,
  });
  const client = new ClientBuilder()
    .withProjectKey(options.projectKey)
    .withMiddleware(createGuard({ ...options, tokens, readRetries, clock, random }))
    .withUserAgentMiddleware({ libraryName: "ifs-cloud-connector", libraryVersion: "0.1.0" })
    .withQueueMiddleware({ concurrency })
    .withHttpMiddleware({
      host: options.apiUrl,
      includeRequestInErrorResponse: false,
      httpClient: (url: string, init: { method: string; headers: Record<string, string>; body?: string }) =>
        exchange({ fetch, clock, timeoutMs }, url, { method: init.method, headers: init.headers, body: init.body }),
    })
    .build();
  const root = createApiBuilderFromCtpClient(client).withProjectKey({ projectKey: options.projectKey });
  const { projectKey } = options;
  return {
    projectKey,
    root,
    async send({ method, path, body }) {
      const headers = body && { "Content-Type": "application/json" };
      const uri = `/${encodeURIComponent(projectKey)}${path}`;
      return (
        await client.execute({
          baseUri: options.apiUrl,
          uri,
          method,
          ...(headers && { headers }),
          ...(body && { body }),
        })
      ).body;
    },
  };
}

type GuardOptions = {
  readonly tokens: Tokens;
  readonly readRetries: number;
  readonly clock: Pick<Clock, "sleep">;
  readonly random: Random;
  readonly logger: Logger;
  readonly correlationId?: () => string | undefined;
};

type Next = (request: MiddlewareRequest) => Promise<MiddlewareResponse>;

/** The outermost step of every call: token, correlation id, the few permitted repeats, errors of the domain. */
const createGuard =
  (options: GuardOptions): Middleware =>
  (next) =>
  (request) =>
    guarded(options, next, request);

async function guarded(options: GuardOptions, next: Next, request: MiddlewareRequest): Promise<MiddlewareResponse> {
  const attempt = {
    method: request.method,
    path: (request.uri ?? "").split("?")[0] ?? "",
    correlationId: options.correlationId?.() ?? options.random.uuid(),
  };
  const spent: Spent = { reads: 0, locks: 0, tokens: 0 };
  for (;;) {
    const answer = await once(options.tokens, next, request, attempt.correlationId);
    if (!(answer instanceof CallFailure)) return answer;
    const waitMs = waitBeforeRepeat(answer, request, spent, options);
    if (waitMs === undefined) throw toDomainError(answer, attempt);
    const fields = { ...attempt, status: answer.status, reason: answer.message, waitMs };
    options.logger.warn(fields, "commercetools-call-repeated");
    await options.clock.sleep(waitMs);
  }
}

async function once(
  tokens: Tokens,
  next: Next,
  request: MiddlewareRequest,
  correlationId: string,
): Promise<MiddlewareResponse | CallFailure> {
  const token = await tokens.get();
  const headers = { ...request.headers, Authorization: `Bearer ${token}`, "X-Correlation-ID": correlationId };
  // Before the SDK's queue: whose turn it goes on in there is the SDK's affair.
  requestMeter("ctRequests")();
  try {
    return await next({ ...request, headers });
  } catch (thrown) {
    const failure = failureIn(thrown);
    if (!failure) throw thrown;
    if (isTokenRefused(failure)) tokens.refused(token);
    return failure;
  }
}

type Spent = { reads: number; locks: number; tokens: number };

/** Milliseconds until the same request may go out again; undefined: not again. Counts what it permits. */
function waitBeforeRepeat(
  failure: CallFailure,
  request: MiddlewareRequest,
  spent: Spent,
  { readRetries, random }: Pick<GuardOptions, "readRetries" | "random">,
): number | undefined {
  if (isTokenRefused(failure)) {
    spent.tokens += 1;
    return spent.tokens <= 1 ? 0 : undefined;
  }
  if (isLockConflict(failure)) {
    spent.locks += 1;
    return spent.locks <= LOCK_RETRIES ? LOCK_WAIT_MS : undefined;
  }
  if (!isRead(request) || !isWorthRereading(failure)) return undefined;
  spent.reads += 1;
  if (spent.reads > readRetries) return undefined;
  if (failure.retryAfterMs !== undefined) {
    // A long wait belongs to the caller's next run, not into this call.
    return failure.retryAfterMs <= LONGEST_WAIT_MS ? failure.retryAfterMs : undefined;
  }
  const full = Math.min(200 * 2 ** spent.reads, LONGEST_WAIT_MS);
  return Math.round(full / 2 + random.fraction() * (full / 2));
}

/** GraphQL is asked by POST; what is no mutation changes nothing. */
function isRead({ method, uri = "", body }: MiddlewareRequest): boolean {
  if (method === "GET") return true;
  const query: unknown = typeof body === "object" && body !== null && "query" in body ? body.query : undefined;
  return method === "POST" && uri.endsWith("/graphql") && typeof query === "string" && /^query\b/.test(query);
}

/** The SDK wraps what its http client throws into a plain object; the failure itself is what we want. */
function failureIn(thrown: unknown): CallFailure | undefined {
  if (thrown instanceof CallFailure) return thrown;
  const wrapped = (thrown as { error?: { error?: unknown } } | undefined)?.error?.error;
  return wrapped instanceof CallFailure ? wrapped : undefined;
}

/** The value, or undefined where the platform says that the resource does not exist. Every other failure is thrown on. */
export async function absentAsUndefined<T>(call: Promise<{ body: T }>): Promise<T | undefined> {
  try {
    return (await call).body;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export const isRefused = (error: unknown, ...codes: string[]): error is RefusedError =>
  error instanceof RefusedError && codes.includes(error.code);

export const isNotFound = (error: unknown): boolean => error instanceof RefusedError && error.status === 404;
