import { json, type SandboxRequest, type SandboxResponse } from "../kernel/types.ts";
import type { ExchangeTokens } from "./exchange-tokens.ts";
import type { MerchantCenterSettings, Visit } from "./settings.ts";
import { findUser, tokenPermissions, type User } from "./users.ts";

export type ForwardContext = { settings: MerchantCenterSettings; visit: Visit; tokens: ExchangeTokens };

type Forward = { target: URL; audience: string; withPermissions: boolean };

const DEADLINE_MS = 20_000;
const CUSTOM_HEADER = "x-forward-header-";

/** `/proxy/forward-to`, version 2: checks who asks, signs for exactly this target, and passes the call on. */
export async function forwardTo(context: ForwardContext, request: SandboxRequest): Promise<SandboxResponse> {
  const user = findUser(context.visit.user);
  if (!user) return json(401, { message: "You are not signed in." });
  const forward = readForward(request);
  if (typeof forward === "string") return json(400, { message: forward });
  const projectKey = request.headers["x-project-key"];
  if (projectKey !== context.settings.projectKey) return json(403, { message: `No access to project ${projectKey}.` });
  try {
    return await send(request, forward, await forwardedHeaders(context, request, { forward, user }));
  } catch (error) {
    return json(502, { message: `${forward.target.href} does not answer: ${String(error)}` });
  }
}

function readForward(request: SandboxRequest): Forward | string {
  const { headers } = request;
  if (headers["accept-version"] !== "v2") return "The header Accept-version must be v2.";
  const uri = headers["x-forward-to"];
  if (!uri || !URL.canParse(uri)) return "The header X-Forward-To must be a URL.";
  const target = new URL(uri);
  // The sandbox never leaves the machine, whatever a page asks for.
  if (target.hostname !== "127.0.0.1" && target.hostname !== "localhost")
    return "Only loopback targets are forwarded to.";
  const policy = headers["x-forward-to-audience-policy"];
  if (policy !== "forward-url-full-path" && policy !== "forward-url-origin") {
    return "The header X-Forward-To-Audience-Policy must be forward-url-full-path or forward-url-origin.";
  }
  const full = policy === "forward-url-full-path" && target.pathname !== "/";
  return {
    target,
    audience: full ? target.origin + target.pathname : target.origin,
    withPermissions: (headers["x-forward-to-claims"] ?? "").split(" ").includes("permissions"),
  };
}

async function forwardedHeaders(
  { settings, tokens, visit }: ForwardContext,
  request: SandboxRequest,
  { forward, user }: { forward: Forward; user: User },
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${await tokens.sign({
      userId: user.id,
      projectKey: settings.projectKey,
      audience: forward.audience,
      permissions: forward.withPermissions
        ? tokenPermissions(user, settings.entryPointUriPath, visit.permissionSpelling)
        : undefined,
    })}`,
    "x-mc-api-cloud-identifier": "gcp-eu",
    "x-mc-api-forward-to-version": "v2",
    accept: request.headers.accept ?? "application/json",
  };
  for (const name of ["content-type", "x-correlation-id"]) {
    const value = request.headers[name];
    if (value) headers[name] = value;
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith(CUSTOM_HEADER)) headers[name.slice(CUSTOM_HEADER.length)] = value;
  }
  return headers;
}

async function send(
  request: SandboxRequest,
  forward: Forward,
  headers: Record<string, string>,
): Promise<SandboxResponse> {
  const hasBody = request.method !== "GET" && request.method !== "HEAD" && request.body.length > 0;
  const answer = await fetch(forward.target, {
    method: request.method,
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(DEADLINE_MS),
    ...(hasBody ? { body: new Uint8Array(request.body) } : {}),
  });
  return {
    status: answer.status,
    headers: { "content-type": answer.headers.get("content-type") ?? "application/octet-stream" },
    body: Buffer.from(await answer.arrayBuffer()),
  };
}
