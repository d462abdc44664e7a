import { startShell } from "../kernel/shell.ts";
import { type Clock, json, type SandboxRequest, type SandboxResponse, systemClock } from "../kernel/types.ts";
import { createAskProject } from "./commercetools.ts";
import { createExchangeTokens, type ExchangeTokens } from "./exchange-tokens.ts";
import { forwardTo } from "./forward-to.ts";
import { answerGraphql, answerMenu, type GraphqlContext } from "./graphql.ts";
import type { MerchantCenterSettings, UnknownOperation, Visit } from "./settings.ts";
import { serveSite } from "./site.ts";
import { isLanguage, isPermissionSpelling, isUserName } from "./users.ts";

export type MerchantCenterOptions = {
  /** The HTML of the application carries absolute addresses, so it has to be compiled for this port. */
  port: number;
  appDir: string;
  commercetoolsUrl: string;
  projectKey: string;
  entryPointUriPath: string;
  applicationId?: string;
  applicationName?: string;
  clock?: Clock;
};

export type MerchantCenter = {
  /** The page in the browser: `http://mc.localhost:{port}/{projectKey}/{entryPointUriPath}`. */
  url: string;
  /** The gateway as the page addresses it. */
  apiUrl: string;
  /** The gateway as the connector's service knows it: signs tokens and publishes its key below it. */
  issuer: string;
  close(): Promise<void>;
};

/** For Chromium's `--host-resolver-rules`: the two virtual hosts are this machine, everything else does not exist. */
export const HOST_RULES =
  "MAP mc.localhost 127.0.0.1,MAP mc-api.localhost 127.0.0.1,MAP * ~NOTFOUND , EXCLUDE 127.0.0.1";

/**
 * The Merchant Center around the application, on one loopback server with two virtual hosts: `mc.localhost` serves the
 * built application, `mc-api.localhost` is the gateway. Under the plain loopback address it publishes its signing key
 * (`/.well-known/jwks.json`) and takes orders from tests: `GET|POST /sandbox/user` ({ user?, language?, permissionSpelling? }),
 * `GET|DELETE /sandbox/unknown-operations`, `POST /sandbox/token` (any token the gateway could sign), and the shell's
 * own `/sandbox/faults` and `/sandbox/health`.
 */
export async function startMerchantCenter(options: MerchantCenterOptions): Promise<MerchantCenter> {
  const clock = options.clock ?? systemClock;
  const settings: MerchantCenterSettings = {
    appDir: options.appDir,
    commercetoolsUrl: options.commercetoolsUrl,
    projectKey: options.projectKey,
    entryPointUriPath: options.entryPointUriPath,
    applicationId: options.applicationId ?? "sandbox-application",
    applicationName: options.applicationName ?? "IFS Cloud",
    clock,
  };
  let port = options.port;
  const visit: Visit = { user: "manager", language: "en", permissionSpelling: "viewX" };
  const unknownOperations: UnknownOperation[] = [];
  const tokens = await createExchangeTokens({ issuer: () => `http://127.0.0.1:${port}`, clock });
  const context: GraphqlContext = { settings, visit, askProject: createAskProject(settings), unknownOperations };
  const pageOrigin = () => `http://mc.localhost:${port}`;

  const shell = await startShell({
    port: options.port,
    handler: async (request) => {
      const host = (request.headers.host ?? "").split(":")[0];
      if (host === "mc.localhost") return page(context, request);
      if (host === "mc-api.localhost") return withCors(pageOrigin(), request, () => gateway(context, tokens, request));
      return published(tokens, request);
    },
    control: (request) => control({ visit, unknownOperations, tokens }, request),
  });
  port = shell.port;
  return {
    url: `${pageOrigin()}/${settings.projectKey}/${settings.entryPointUriPath}`,
    apiUrl: `http://mc-api.localhost:${port}`,
    issuer: shell.url,
    close: shell.close,
  };
}

async function page(context: GraphqlContext, request: SandboxRequest): Promise<SandboxResponse> {
  if (pathOf(request) === "/api/graphql") return answerMenu(context, request);
  return serveSite(context.settings.appDir, request);
}

async function gateway(
  context: GraphqlContext,
  tokens: ExchangeTokens,
  request: SandboxRequest,
): Promise<SandboxResponse> {
  switch (pathOf(request)) {
    case "/graphql":
      return answerGraphql(context, request);
    case "/proxy/forward-to":
      return forwardTo({ settings: context.settings, visit: context.visit, tokens }, request);
    default:
      return json(404, { message: `the gateway has nothing at ${request.path}` });
  }
}

function published(tokens: ExchangeTokens, request: SandboxRequest): SandboxResponse {
  if (pathOf(request) === "/.well-known/jwks.json") return json(200, tokens.jwks);
  return json(404, { message: `nothing at ${request.headers.host}${request.path}` });
}

async function withCors(
  pageOrigin: string,
  request: SandboxRequest,
  answer: () => Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  const origin = request.headers.origin;
  // The page lives on another host than the gateway, so each of its calls names its origin; other pages get nothing.
  if (origin !== undefined && origin !== pageOrigin) return json(403, { message: `not for pages of ${origin}` });
  const cors: Record<string, string> = {
    "access-control-allow-origin": pageOrigin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "x-refreshed-session-token, x-correlation-id",
    vary: "origin",
  };
  if (request.method === "OPTIONS") {
    const asked = request.headers["access-control-request-headers"];
    return {
      status: 204,
      headers: {
        ...cors,
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        ...(asked ? { "access-control-allow-headers": asked } : {}),
      },
      body: "",
    };
  }
  const answered = await answer();
  return { ...answered, headers: { ...answered.headers, ...cors } };
}

type ControlContext = { visit: Visit; unknownOperations: UnknownOperation[]; tokens: ExchangeTokens };

async function control(context: ControlContext, request: SandboxRequest): Promise<SandboxResponse> {
  switch (`${request.method} ${pathOf(request)}`) {
    case "GET /sandbox/user":
      return json(200, context.visit);
    case "POST /sandbox/user":
      return changeVisit(context.visit, readBody(request));
    case "GET /sandbox/unknown-operations":
      return json(200, context.unknownOperations);
    case "DELETE /sandbox/unknown-operations":
      context.unknownOperations.length = 0;
      return json(200, []);
    case "POST /sandbox/token":
      return signAnything(context.tokens, readBody(request));
    default:
      return json(404, { message: `no sandbox control at ${request.method} ${request.path}` });
  }
}

function changeVisit(visit: Visit, body: Record<string, unknown>): SandboxResponse {
  const { user = visit.user, language = visit.language, permissionSpelling = visit.permissionSpelling } = body;
  if (!isUserName(user)) return json(400, { message: "user: manager, viewer, stranger or nobody" });
  if (!isLanguage(language)) return json(400, { message: "language: en or de" });
  if (!isPermissionSpelling(permissionSpelling)) return json(400, { message: "permissionSpelling: viewX or ViewX" });
  visit.permissionSpelling = permissionSpelling;
  visit.user = user;
  visit.language = language;
  return json(200, visit);
}

async function signAnything(tokens: ExchangeTokens, body: Record<string, unknown>): Promise<SandboxResponse> {
  const { userId, projectKey, audience, permissions, expiresInSeconds } = body;
  if (typeof userId !== "string" || typeof projectKey !== "string" || typeof audience !== "string") {
    return json(400, { message: "needs userId, projectKey and audience; takes permissions and expiresInSeconds" });
  }
  const token = await tokens.sign({
    userId,
    projectKey,
    audience,
    ...(Array.isArray(permissions) ? { permissions: permissions.map(String) } : {}),
    ...(typeof expiresInSeconds === "number" ? { expiresInSeconds } : {}),
  });
  return json(201, { token });
}

function readBody(request: SandboxRequest): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(request.body.toString("utf8"));
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function pathOf(request: SandboxRequest): string {
  return request.path.split("?")[0] ?? "/";
}
