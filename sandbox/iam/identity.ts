import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, jwtVerify } from "jose";
import { type Configuration, Provider } from "oidc-provider";
import { json, type SandboxRequest, type SandboxResponse } from "../kernel/types.ts";
import { createMemoryAdapter } from "./memory-adapter.ts";

export type IdentityClient = { clientId: string; clientSecret: string };

export type IdentityOptions = {
  /** Origin under which callers reach the realm: `http://127.0.0.1:1234`. */
  publicUrl: string;
  realm: string;
  clients: IdentityClient[];
  /** Asked for each token: life in seconds. */
  tokenSeconds: () => number;
  /** Asked for each token request: whether an administrator still knows this client. */
  isKnown: (clientId: string) => boolean;
};

export type Identity = {
  issuer: string;
  /** Answers everything under `/auth/realms/`. */
  handle(request: SandboxRequest): Promise<SandboxResponse>;
  /** The client a bearer token was given to; undefined when it is missing, forged or expired. */
  clientOf(headers: Record<string, string>): Promise<string | undefined>;
  close(): Promise<void>;
};

const SCOPES = ["openid", "audience", "microprofile-jwt", "profile", "email"];
const AUDIENCE = "urn:ifs:cloud";

/**
 * A real OpenID Connect server at the paths of IFS's identity provider. It listens on a port of its own on the loopback and
 * is reached through `handle`, so that one public port serves tokens and projections and faults strike both.
 */
export async function startIdentity(options: IdentityOptions): Promise<Identity> {
  const prefix = `/auth/realms/${options.realm}`;
  const issuer = `${options.publicUrl}${prefix}`;
  const pair = await generateKeyPair("RS256", { extractable: true });
  const key = { ...(await exportJWK(pair.privateKey)), use: "sig", alg: "RS256", kid: "sandbox-1" };
  const provider = new Provider(issuer, configurationOf(options, key));
  const callback = provider.callback();
  const server = createServer((incoming: IncomingMessage & { originalUrl?: string }, outgoing: ServerResponse) => {
    incoming.originalUrl = incoming.url;
    incoming.url = (incoming.url ?? "/").slice(prefix.length) || "/";
    void callback(incoming, outgoing);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const publicKey = await importJWK(await exportJWK(pair.publicKey), "RS256");
  const known = createTokenCache();

  async function verify(token: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, publicKey, { issuer, audience: AUDIENCE });
      known.add(token, payload);
      return clientIn(payload);
    } catch {
      // Whatever is wrong with the token, the answer is the same 401.
      return undefined;
    }
  }

  return {
    issuer,
    async handle(request) {
      if (!request.path.startsWith(`${prefix}/`)) return realmUnknown();
      if (!request.path.endsWith("/token")) return forward(port, options.publicUrl, request);
      const asked = withSecretInBody(request);
      const clientId = new URLSearchParams(asked.body.toString("utf8")).get("client_id");
      if (clientId && !options.isKnown(clientId)) return clientUnknown();
      return asKeycloak(await forward(port, options.publicUrl, asked));
    },
    async clientOf(headers) {
      const token = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
      if (!token) return undefined;
      return known.clientOf(token) ?? (await verify(token));
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function configurationOf(options: IdentityOptions, key: object): Configuration {
  const path = "/protocol/openid-connect";
  return {
    clients: options.clients.map(({ clientId, clientSecret }) => ({
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    })),
    clientAuthMethods: ["client_secret_post", "client_secret_basic"],
    adapter: createMemoryAdapter,
    ttl: { ClientCredentials: () => options.tokenSeconds() },
    jwks: { keys: [key] },
    scopes: SCOPES,
    routes: {
      token: `${path}/token`,
      jwks: `${path}/certs`,
      authorization: `${path}/auth`,
      userinfo: `${path}/userinfo`,
      introspection: `${path}/token/introspect`,
      revocation: `${path}/revoke`,
    },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          scope: SCOPES.join(" "),
          audience: AUDIENCE,
          accessTokenTTL: options.tokenSeconds(),
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  };
}

/** Both ways of client authentication are known of IFS; the server behind holds each client to one. */
function withSecretInBody(request: SandboxRequest): SandboxRequest {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (!basic) return request;
  const [id = "", ...secret] = Buffer.from(basic, "base64").toString("utf8").split(":");
  const form = new URLSearchParams(request.body.toString("utf8"));
  form.set("client_id", decodeURIComponent(id));
  form.set("client_secret", decodeURIComponent(secret.join(":")));
  const { authorization: _dropped, ...headers } = request.headers;
  return { ...request, headers, body: Buffer.from(form.toString(), "utf8") };
}

function forward(port: number, publicUrl: string, request: SandboxRequest): Promise<SandboxResponse> {
  return new Promise((done, fail) => {
    const outgoing = httpRequest(
      {
        host: "127.0.0.1",
        port,
        method: request.method,
        path: request.path,
        headers: {
          ...request.headers,
          host: new URL(publicUrl).host,
          "content-length": String(request.body.length),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", fail);
        incoming.on("end", () => {
          const type = incoming.headers["content-type"];
          done({
            status: incoming.statusCode ?? 500,
            headers: { ...(type ? { "content-type": type } : {}), "cache-control": "no-store" },
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    outgoing.on("error", fail);
    outgoing.end(request.body);
  });
}

/** The fields that Keycloak adds to a token answer; the granted scope is wider than the one that was asked for. */
function asKeycloak(answer: SandboxResponse): SandboxResponse {
  if (answer.status !== 200) return answer;
  const token = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  const body = { ...token, refresh_expires_in: 0, "not-before-policy": 0, scope: SCOPES.join(" ") };
  return { ...answer, body: JSON.stringify(body) };
}

function realmUnknown(): SandboxResponse {
  return json(404, { error: "Realm does not exist" });
}

function clientUnknown(): SandboxResponse {
  return json(401, { error: "invalid_client", error_description: "Invalid client or Invalid client credentials" });
}

function clientIn(payload: JWTPayload): string | undefined {
  return typeof payload.client_id === "string" ? payload.client_id : undefined;
}

/** Verified tokens until they expire, so that a load test does not measure signatures. */
function createTokenCache() {
  const cache = new Map<string, { client: string; expiresAt: number }>();
  return {
    add(token: string, payload: JWTPayload) {
      const client = clientIn(payload);
      if (cache.size > 1000) cache.clear();
      if (client) cache.set(token, { client, expiresAt: (payload.exp ?? 0) * 1000 });
    },
    clientOf(token: string): string | undefined {
      const hit = cache.get(token);
      return hit && hit.expiresAt > Date.now() ? hit.client : undefined;
    },
  };
}
