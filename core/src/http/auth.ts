/** Guards for callers that prove themselves without asking anybody else, and for Merchant Center users. */
import { hash, timingSafeEqual } from "node:crypto";
import { createSessionAuthVerifier } from "@commercetools-backend/express";
import type { Request } from "express";
import { TransientError } from "../domain/failure.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { withDeadline } from "../runtime/limit.ts";
import { type Caller, currentRequest } from "./context.ts";
import { CallerRefusedError } from "./respond.ts";
import type { Guard } from "./server.ts";

/** Notes the proven caller in the request's context. */
export function setCaller(caller: Caller): void {
  const context = currentRequest();
  if (context) context.caller = caller;
}

/** Equal texts, in a time that depends on neither content nor length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => hash("sha256", text, "buffer");
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * The API Extension's caller: commercetools sends the configured `Authorization` header value as it is. Each of `secrets` is such a whole
 * value, and none is empty. Several, because a change of it reaches the platform up to a minute later, and an order that is refused
 * meanwhile is a failed order. `told` hears of each call whether it was believed.
 */
export function extensionAuth(secrets: readonly string[], told: (isRight: boolean) => void = () => {}): Guard {
  if (secrets.length === 0 || secrets.some(({ length }) => length < 16)) {
    throw new RangeError("the extension's header value needs at least 16 characters");
  }
  return async (request) => {
    const given = request.header("authorization");
    // Each is compared, so that the time does not tell which one it was.
    const fits = given !== undefined && secrets.map((secret) => sameSecret(given, secret)).includes(true);
    told(fits);
    if (!fits) {
      throw new CallerRefusedError(401, "the extension's authorization header is missing or wrong");
    }
    setCaller({ kind: "platform" });
  };
}

/** Header in which IFS's Event Actions send their secret. */
export const EVENT_SECRET_HEADER = "x-ifs-event-secret";

/** IFS's caller: an Event Action of the administrator, with a secret in a header of its own. */
export function ifsEventAuth(secret: string): Guard {
  if (secret.length < 16) throw new RangeError("the secret of IFS's events needs at least 16 characters");
  return async (request) => {
    const given = request.header(EVENT_SECRET_HEADER);
    if (given === undefined || !sameSecret(given, secret)) {
      throw new CallerRefusedError(401, `the header ${EVENT_SECRET_HEADER} is missing or wrong`);
    }
    setCaller({ kind: "ifsEvent" });
  };
}

export type MerchantCenterOptions = {
  /** Public origin of this service ("https://service-x.example"), without a path: the request's path is appended. */
  readonly audience: string;
  /** Cloud identifier ("gcp-eu") or URL of the Merchant Center gateway. */
  readonly issuer: string;
  readonly projectKey: string;
  /** Permission names of the custom application; without them any Merchant Center user of the project may call. */
  readonly permissions?: { readonly view: string; readonly manage: string };
  /** For the gateway's key set; default 5 s. */
  readonly timeoutMs?: number;
  readonly clock?: Pick<Clock, "after">;
};

type McRequest = Request & { session?: { userId?: unknown; projectKey?: unknown; userPermissions?: unknown } };

/** Error codes of the JWT library that mean "the key set could not be fetched", not "the token is bad". */
const KEY_SET_OUTAGE = new Set(["ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC"]);

/**
 * Calls of the custom application through the Merchant Center's `/proxy/forward-to`, version 2. The official verifier
 * checks signature, issuer and audience; the project and the permission are compared here, because it does not.
 * Version 1 is refused: its tokens name other issuers, and our application never asks for it.
 */
export function merchantCenterAuth(options: MerchantCenterOptions, needs: "view" | "manage" = "view"): Guard {
  const verify = createSessionAuthVerifier<McRequest>({
    audience: new URL(options.audience).origin,
    issuer: options.issuer,
  });
  const deadline = {
    clock: options.clock ?? systemClock,
    ms: options.timeoutMs ?? 5000,
    onTimeout: () => new TransientError("the Merchant Center's key set did not answer in time"),
  };
  return async (request: McRequest) => {
    if (request.header("x-mc-api-forward-to-version") === "v1") {
      throw new CallerRefusedError(401, "version 1 of the Merchant Center's forwarding is not accepted");
    }
    try {
      await withDeadline(deadline, () => verify(request));
    } catch (error) {
      throw merchantCenterFailure(error);
    }
    const { userId, projectKey, userPermissions } = request.session ?? {};
    if (typeof userId !== "string" || projectKey !== options.projectKey) {
      throw new CallerRefusedError(401, "the Merchant Center token belongs to another project");
    }
    if (options.permissions && !permits(options.permissions, needs, userPermissions)) {
      throw new CallerRefusedError(403, `the user lacks the ${needs} permission`);
    }
    setCaller({ kind: "merchantCenter", userId, projectKey: options.projectKey });
  };
}

function merchantCenterFailure(error: unknown): Error {
  if (error instanceof TransientError) return error;
  const code = (error as { code?: unknown }).code;
  const unreachable = error instanceof TypeError && error.message === "fetch failed";
  if (unreachable || (typeof code === "string" && KEY_SET_OUTAGE.has(code))) {
    return new TransientError("the Merchant Center's key set cannot be fetched", { cause: error });
  }
  return new CallerRefusedError(401, "the Merchant Center token is missing or not valid", { cause: error });
}

/**
 * Manage includes view. A token without permissions has none: whether they are in it is the browser's choice. How the token
 * spells them is documented nowhere (`viewOrders` in the platform's own tests, `ViewOrders` in an application's settings), so
 * the first letter counts in either case.
 */
function permits(names: { view: string; manage: string }, needs: "view" | "manage", granted: unknown): boolean {
  const list = Array.isArray(granted) ? granted.filter((entry): entry is string => typeof entry === "string") : [];
  const accepted = needs === "view" ? [names.view, names.manage] : [names.manage];
  return list.some((entry) => accepted.includes(upperFirst(entry)));
}

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Permission names that the Merchant Center derives from a custom application's entry point: "ifs-connector" ->
 * ViewIfsConnector and ManageIfsConnector; "the_avengers" -> ViewThe_Avengers; "avengers-01" -> ViewAvengers/01.
 */
export function permissionsOf(entryPointUriPath: string): { view: string; manage: string } {
  const name = entryPointUriPath
    .split("_")
    .map(upperFirst)
    .join("_")
    .split("-")
    .map((word, index) => (index > 0 && /^\d/.test(word) ? `/${word}` : upperFirst(word)))
    .join("");
  return { view: `View${name}`, manage: `Manage${name}` };
}
