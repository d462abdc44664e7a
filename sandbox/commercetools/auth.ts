import type { Clock, Random, SandboxRequest, SandboxResponse } from "../kernel/types.ts";
import { json } from "../kernel/types.ts";
import { PlatformError } from "./errors.ts";
import type { Doc } from "./json.ts";
import { compact } from "./json.ts";

/** An API client. `scopes` without project key: `manage_orders`. `user` makes it act as a Merchant Center user. */
export type ApiClient = { id: string; secret: string; scopes: string[]; user?: string };

export type Actor = {
  clientId: string;
  scopes: ReadonlySet<string>;
  user?: string;
  externalUserId?: string;
  associateId?: string;
};

type Token = { clientId: string; scopes: string[]; expiresAt: number };

export type Auth = {
  addClient(client: ApiClient): void;
  clients(): ApiClient[];
  /** `/oauth/token`, `/oauth/introspect` and `/oauth/token/revoke`. */
  handle(request: SandboxRequest, path: string): SandboxResponse;
  /** Throws 401 invalid_token. */
  authenticate(request: SandboxRequest): Actor;
  /** Makes every token handed out so far invalid, as a rotated secret would. */
  revokeAll(): void;
};

export type AuthOptions = {
  projectKey: string;
  clock: Clock;
  random: Random;
  clients: ApiClient[];
  tokenSeconds: () => number;
};

export function createAuth(options: AuthOptions): Auth {
  const clients = new Map(options.clients.map((client) => [client.id, client]));
  const tokens = new Map<string, Token>();

  const clientOf = (request: SandboxRequest): ApiClient => {
    const { id, secret } = basicCredentials(request.headers.authorization);
    const client = clients.get(id);
    if (!client || client.secret !== secret) {
      throw oauthError(
        401,
        "invalid_client",
        "Please provide valid client credentials using HTTP Basic Authentication.",
      );
    }
    return client;
  };

  const issue = (client: ApiClient, form: URLSearchParams): SandboxResponse => {
    if (form.get("grant_type") !== "client_credentials") {
      throw oauthError(400, "unsupported_grant_type", `Invalid parameter: grant_type: '${form.get("grant_type")}'`);
    }
    const scopes = grantedScopes(client, form.get("scope"), options.projectKey);
    const seconds = options.tokenSeconds();
    const token = randomToken(options.random);
    tokens.set(token, { clientId: client.id, scopes, expiresAt: options.clock.now() + seconds * 1000 });
    return json(200, {
      access_token: token,
      token_type: "Bearer",
      expires_in: seconds,
      scope: scopes.map((scope) => `${scope}:${options.projectKey}`).join(" "),
    });
  };

  const introspect = (form: URLSearchParams): SandboxResponse => {
    const token = tokens.get(form.get("token") ?? "");
    if (!token || token.expiresAt <= options.clock.now()) return json(200, { active: false });
    return json(200, {
      active: true,
      scope: token.scopes.map((scope) => `${scope}:${options.projectKey}`).join(" "),
      client_id: token.clientId,
      exp: token.expiresAt,
    });
  };

  return {
    addClient: (client) => void clients.set(client.id, client),
    clients: () => [...clients.values()],
    handle(request, path) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      const query = new URLSearchParams(request.path.split("?")[1] ?? "");
      for (const [name, value] of query) if (!form.has(name)) form.set(name, value);
      const client = clientOf(request);
      if (path === "/oauth/token") return issue(client, form);
      if (path === "/oauth/introspect") return introspect(form);
      if (path === "/oauth/token/revoke") {
        tokens.delete(form.get("token") ?? "");
        return json(200, {});
      }
      throw new PlatformError(404, [{ code: "ResourceNotFound", message: "URI not found." }]);
    },
    authenticate(request) {
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
      const token = tokens.get(bearer);
      if (!token || token.expiresAt <= options.clock.now()) {
        throw new PlatformError(401, [{ code: "invalid_token", message: "invalid_token" }], {
          "www-authenticate": 'Bearer realm="sphere", error="invalid_token"',
        });
      }
      const client = clients.get(token.clientId);
      const externalUserId = request.headers["x-external-user-id"];
      return compact({ clientId: token.clientId, scopes: new Set(token.scopes), user: client?.user, externalUserId });
    },
    revokeAll: () => tokens.clear(),
  };
}

/** Throws 403 insufficient_scope unless one of the scopes was granted; `manage_project` grants everything. */
export function authorize(actor: Actor, allowed: string[]): void {
  if (actor.scopes.has("manage_project") || allowed.some((scope) => actor.scopes.has(scope))) return;
  const message = `Insufficient scope. One of the following scopes is missing: ${allowed.join(", ")}.`;
  throw new PlatformError(403, [{ code: "insufficient_scope", message }]);
}

/** `createdBy` / `lastModifiedBy`. */
export function stampOf(actor: Actor): Doc {
  if (actor.user) return { isPlatformClient: true, user: { typeId: "user", id: actor.user } };
  const associate = actor.associateId === undefined ? undefined : { typeId: "customer", id: actor.associateId };
  const { clientId, externalUserId } = actor;
  return compact({ clientId, isPlatformClient: false, externalUserId, associate });
}

function grantedScopes(client: ApiClient, wanted: string | null, projectKey: string): string[] {
  if (!wanted) return [...client.scopes];
  const suffix = `:${projectKey}`;
  return wanted.split(/\s+/).map((scope) => {
    const name = scope.endsWith(suffix) ? scope.slice(0, -suffix.length) : scope;
    if (!scope.endsWith(suffix) || !(client.scopes.includes(name) || client.scopes.includes("manage_project"))) {
      throw oauthError(400, "invalid_scope", `Malformed parameter: scope: Permissions exceeded: '${scope}'`);
    }
    return name;
  });
}

function basicCredentials(header: string | undefined): { id: string; secret: string } {
  const encoded = /^Basic (.+)$/i.exec(header ?? "")?.[1] ?? "";
  const [id = "", ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { id: decodePart(id), secret: decodePart(rest.join(":")) };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function oauthError(status: number, code: string, message: string): PlatformError {
  return new PlatformError(status, [{ code, message }]);
}

function randomToken(random: Random): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return Array.from({ length: 32 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}
