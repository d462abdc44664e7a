/**
 * Guard for storefronts and checkouts: a checkout session (`x-session-id`), an OAuth 2 access token of this project, or a
 * storefront key (`x-storefront-key`). The first of them that is there counts, right or wrong.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestContextData } from "@commercetools/connect-payments-sdk";
import type { Request } from "express";
import { z } from "zod";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import { sameSecret, setCaller } from "./auth.ts";
import { type Caller, currentRequest } from "./context.ts";
import type { AskAbout } from "./rate-limit.ts";
import { CallerRefusedError } from "./respond.ts";
import type { Guard } from "./server.ts";
import { createVerified, traceOf } from "./verified.ts";

export type CheckoutAuthOptions = {
  readonly projectKey: string;
  readonly authUrl: string;
  readonly apiUrl: string;
  readonly sessionUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly logger: Logger;
  /** The keys that pages of storefronts carry; several while one replaces another. */
  readonly storefrontKeys: readonly string[];
  /** Names of scopes, without project key: which of them a token may ask with (any, where empty), and which make a server of it. */
  readonly scopes: () => Promise<{ readonly ask: readonly string[]; readonly hold: readonly string[] }>;
  /** Around each question to commercetools; may refuse to ask. */
  readonly askAbout?: AskAbout;
  /** For one verification, the platform's answers included; default 2 s. */
  readonly timeoutMs?: number;
  /** Verifications in the air; more are answered 503 at once. Default 100. */
  readonly maxInFlight?: number;
  readonly clock?: Pick<Clock, "after" | "monotonic">;
};

/** The id goes into a URL unencoded (a property of the library), so only characters that cannot leave its segment pass. */
const SESSION_ID = /^[A-Za-z0-9_-]{8,200}$/;
const BEARER = /^Bearer [A-Za-z0-9._~+/=-]{8,4096}$/;

type PaymentsSdk = typeof import("./payments-sdk.ts");

/** One load for the whole process, as the runtime itself keeps a module once; what failed is tried again. */
let sdk: Promise<PaymentsSdk> | undefined;

/**
 * The payments SDK is the largest part of the application and needed by this guard alone: a process listens first and reads it
 * then, or with the first question, whichever comes earlier.
 */
export function loadPaymentsSdk(): Promise<unknown> {
  return loadSdk();
}

function loadSdk(): Promise<PaymentsSdk> {
  sdk ??= import("./payments-sdk.ts").catch((error: unknown) => {
    sdk = undefined;
    throw error;
  });
  return sdk;
}

export function checkoutAuth(options: CheckoutAuthOptions): Guard {
  let loaded: ReturnType<typeof hooks> | undefined;
  const hooks = async () => {
    const sdk = await loadSdk();
    const { sessionHeaderAuthHookFn, oauth2AuthHookFn } = createSdk(sdk, options);
    return {
      verify: createVerify(sdk, options),
      session: sessionHeaderAuthHookFn.authenticate(),
      token: oauth2AuthHookFn.authenticate(),
    };
  };
  const ready = () => {
    loaded ??= hooks().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  const { clock = systemClock, askAbout = (_request, ask) => ask() } = options;
  const sessions = createVerified<z.infer<typeof sessionPrincipal>>(clock);
  const tokens = createVerified<z.infer<typeof oauthPrincipal>>(clock);

  async function bySession(request: Request, sessionId: string): Promise<Caller> {
    if (!SESSION_ID.test(sessionId)) throw new CallerRefusedError(401, "x-session-id is not a session id");
    const { cartId } = await sessions(sessionId, () =>
      askAbout(request, async () => {
        const { verify, session } = await ready();
        return principalOf(sessionPrincipal, await verify(session, { "x-session-id": sessionId }));
      }),
    );
    return { kind: "checkoutSession", id: traceOf(sessionId), cartId };
  }

  async function byToken(request: Request, authorization: string): Promise<Caller> {
    if (!BEARER.test(authorization)) throw new CallerRefusedError(401, "the authorization is no bearer token");
    const { scope, clientId, customerId, anonymousId } = await tokens(authorization, () =>
      askAbout(request, async () => {
        const { verify, token } = await ready();
        const principal = principalOf(oauthPrincipal, await verify(token, { authorization }));
        requireProject(principal.scope, options.projectKey);
        return principal;
      }),
    );
    const { ask, hold } = await options.scopes();
    const granted = scope.split(" ").map((entry) => entry.split(":")[0] ?? "");
    const has = (names: readonly string[]) => names.some((name) => granted.includes(name));
    if (ask.length > 0 && !has(ask)) throw new CallerRefusedError(403, "the token has none of the scopes that may ask");
    return { kind: "oauth", clientId, customerId, anonymousId, mayHold: has(hold) };
  }

  return async (request) => {
    const sessionId = request.header("x-session-id");
    const authorization = request.header("authorization");
    const key = request.header("x-storefront-key");
    if (sessionId !== undefined) setCaller(await bySession(request, sessionId));
    else if (authorization !== undefined) setCaller(await byToken(request, authorization));
    else if (key !== undefined) setCaller(byKey(options.storefrontKeys, key));
    else
      throw new CallerRefusedError(401, "neither a checkout session nor a bearer token nor a storefront key was given");
  };
}

/** All keys are compared, so that the time tells neither which one it was nor how many there are before it. */
function byKey(keys: readonly string[], given: string): Caller {
  const matches = keys.filter((key) => sameSecret(given, key));
  if (matches.length === 0) throw new CallerRefusedError(401, "the storefront key is wrong");
  return { kind: "storefrontKey", id: traceOf(given) };
}

const sessionPrincipal = z.object({ cartId: z.string().min(1) });
const oauthPrincipal = z.object({
  scope: z.string(),
  clientId: z.string().min(1),
  customerId: z.string().optional(),
  anonymousId: z.string().optional(),
});

/** What the platform shows of a session or token is documented in part only: what is not understood proves nobody. */
function principalOf<T>(schema: z.ZodType<T>, shown: unknown): T {
  const parsed = schema.safeParse(shown);
  if (!parsed.success) throw new CallerRefusedError(401, "the session or token does not tell whose it is");
  return parsed.data;
}

const contexts = new AsyncLocalStorage<RequestContextData>();

/** The library wires a whole payment connector; only its two authentication hooks are used, the other addresses are not called. */
function createSdk({ setupPaymentSDK }: PaymentsSdk, options: CheckoutAuthOptions) {
  const { authUrl, apiUrl, sessionUrl, clientId, clientSecret, projectKey, logger } = options;
  return setupPaymentSDK({
    authUrl,
    apiUrl,
    sessionUrl,
    checkoutUrl: apiUrl,
    jwksUrl: new URL("/.well-known/jwks.json", authUrl).href,
    jwtIssuer: authUrl,
    clientId,
    clientSecret,
    projectKey,
    getContextFn: () => contexts.getStore() ?? { requestId: "", correlationId: "" },
    updateContextFn: (update) => Object.assign(contexts.getStore() ?? {}, update),
    logger: { debug: () => {}, info: () => {}, warn: logger.warn, error: logger.error },
  });
}

type Hook = (request: { headers: Record<string, string> }) => Promise<void>;

/** Runs one hook and gives its principal. Refusals, our own credential's refusal and outages are told apart. */
function createVerify(
  { Errorx }: PaymentsSdk,
  options: CheckoutAuthOptions,
): (hook: Hook, headers: Record<string, string>) => Promise<unknown> {
  const deadline = {
    clock: options.clock ?? systemClock,
    ms: options.timeoutMs ?? 2000,
    onTimeout: () => new TransientError("commercetools did not verify the caller in time"),
  };
  const maxInFlight = options.maxInFlight ?? 100;
  let inFlight = 0;
  return async (hook, headers) => {
    if (inFlight >= maxInFlight)
      throw new TransientError("too many callers are being verified", { retryAfterMs: 1000 });
    const request = currentRequest();
    const context: RequestContextData = {
      requestId: request?.requestId ?? "",
      correlationId: request?.correlationId ?? "",
    };
    inFlight += 1;
    // The library's requests cannot be cancelled, so one that outlives its deadline still counts until it ends.
    const verification = contexts
      .run(context, () => hook({ headers }))
      .finally(() => {
        inFlight -= 1;
      });
    try {
      await withDeadline(deadline, () => verification);
    } catch (error) {
      throw verificationFailure(Errorx, error);
    }
    return context.authentication?.getPrincipal();
  };
}

/** The library answers an outage of the Session API with 401 as well; what happened is in the cause. */
function verificationFailure(Errorx: PaymentsSdk["Errorx"], error: unknown): Error {
  if (error instanceof TransientError) return error;
  const reason = error instanceof Errorx && error.httpErrorStatus === 401 && error.cause ? error.cause : error;
  if (!(reason instanceof Errorx)) return new TransientError("commercetools could not be asked", { cause: reason });
  const fields = reason.privateFields as { status?: number; responseStatus?: number; clientId?: string } | undefined;
  const status = fields?.status ?? fields?.responseStatus;
  const ownCredential =
    (fields?.clientId !== undefined && status === 401) || // introspection refused our client
    fields?.responseStatus === 400 || // the token endpoint refused our client
    (reason.httpErrorStatus !== 401 && (status === 401 || status === 403));
  if (ownCredential) {
    return new AuthenticationError("commercetools", "commercetools refuses the connector's own API client", {
      cause: reason,
    });
  }
  if (reason.httpErrorStatus === 401 || status === 400) {
    return new CallerRefusedError(401, "commercetools does not know the session or token", { cause: reason });
  }
  return new TransientError("commercetools could not verify the caller", { cause: reason });
}

/** Scopes read "name:project" or "name:project:store"; the two id claims carry no project. */
function requireProject(scope: string, projectKey: string): void {
  const projects = scope
    .split(" ")
    .map((entry) => entry.split(":"))
    .filter(([name]) => name !== "" && name !== "customer_id" && name !== "anonymous_id")
    .map((parts) => parts[1]);
  if (projects.length === 0 || projects.some((project) => project !== projectKey)) {
    throw new CallerRefusedError(401, "the access token belongs to another project");
  }
}
