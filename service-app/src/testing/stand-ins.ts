/**
 * service-app as a real server on a free port, with stand-ins of the platform, of its session and token services and of the
 * Merchant Center's gateway. IFS answers nothing where a test does not say what it has.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Connector, createConnector } from "core/compose/connector.ts";
import { installCheckout, installJobs } from "core/ct/resources.ts";
import { createPlatform, silent } from "core/ct/testing/platform.ts";
import { connectorConfigSchema } from "core/domain/config.ts";
import { permissionsOf } from "core/http/auth.ts";
import { loadPaymentsSdk } from "core/http/checkout-auth.ts";
import { serveRaw } from "core/http/testing/serve.ts";
import { systemClock } from "core/runtime/clock.ts";
import { readEnv } from "core/runtime/env.ts";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createApp, routesOf } from "../app.ts";
import { configSchema } from "../config.ts";
import { ifsWith } from "./ifs-stock.ts";

export const EXTENSION_SECRET = "planted-extension-secret";
export const EVENT_SECRET = "planted-event-secret";
export const STOREFRONT_KEY = "planted-storefront-key-0123456789abcdef";
const SERVICE = "https://service.example";
const ENTRY_POINT = "ifs-cloud";
export const permissions = permissionsOf(ENTRY_POINT);

const sessions: Record<string, object> = {
  "session-right": { id: "session-right", state: "ACTIVE", activeCart: { cartRef: { id: "cart-1" } } },
  "session-expired": { id: "session-expired", state: "EXPIRED", activeCart: { cartRef: { id: "cart-1" } } },
};
const token = (scope: string, more: object = {}) => ({ active: true, scope, client_id: "client-1", ...more });
const tokens: Record<string, object> = {
  "token-right": token("view_products:shop"),
  "token-server": token("view_products:shop manage_orders:shop"),
  "token-expired": { active: false },
  "token-other-project": token("view_products:other"),
  "token-wrong-scope": token("view_types:shop"),
};

/** What commercetools' session and token services answer. */
function identify(url: string, body: string): object | undefined {
  if (url === "/oauth/token") return { access_token: "sandbox-token", expires_in: 3600, scope: "x" };
  if (url === "/oauth/introspect") return tokens[new URLSearchParams(body).get("token") ?? ""] ?? { active: false };
  return url.startsWith("/shop/sessions/") ? sessions[url.split("/").at(-1) ?? ""] : undefined;
}

const identity = (faults: Faults) =>
  serveRaw(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (faults.verifyMs !== undefined && request.url !== "/oauth/token") await systemClock.sleep(faults.verifyMs);
    const found = identify(request.url ?? "", body);
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? {}));
  });

const keyPair = await generateKeyPair("RS256", { extractable: true });

/** The Merchant Center's gateway, as far as it publishes its key. */
async function gateway(): Promise<string> {
  const keys = { keys: [{ ...(await exportJWK(keyPair.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
  return serveRaw((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(keys));
  });
}

type UserToken = {
  readonly path: string;
  readonly project?: string;
  readonly expires?: string;
  readonly granted?: string[];
};

export type Running = Awaited<ReturnType<typeof startService>>;

type Faults = {
  /** What the configuration throws instead of what it is, or that it never comes. */
  configuration?: Error | "hangs";
  /** How long commercetools takes to say whose a session or a token is. */
  verifyMs?: number;
};

/**
 * `atp`: that part of the configuration. Entries: BOLT has 500 in the channel "web", FEW has 3; the threshold is 10. `onHand`: what IFS has;
 * then the holds are installed, too. `stock`: of that part of the configuration, what is not as delivered.
 */
export async function startService(
  atp: object = {},
  { onHand, stock }: { readonly onHand?: Readonly<Record<string, number>>; readonly stock?: object } = {},
) {
  const faults: Faults = {};
  const [identityUrl, issuer] = await Promise.all([identity(faults), gateway()]);
  const platform = createPlatform();
  const env = readEnv(configSchema, {
    CTP_API_URL: "https://api.test",
    CTP_AUTH_URL: identityUrl,
    CTP_SESSION_URL: identityUrl,
    CTP_PROJECT_KEY: "shop",
    CTP_CLIENT_ID: "id",
    CTP_CLIENT_SECRET: "planted-secret",
    IFS_BASE_URL: "https://ifs.test",
    IFS_TOKEN_URL: "https://ifs.test/token",
    IFS_CLIENT_ID: "id",
    IFS_CLIENT_SECRET: "planted-secret",
    CLOUD_IDENTIFIER: issuer,
    ENTRY_POINT_URI_PATH: ENTRY_POINT,
    ATP_EXTENSION_SECRET: EXTENSION_SECRET,
    ATP_PROMISE_SECRET: "k1:planted-promise-secret-0123456789abcdef",
    ATP_STOREFRONT_KEYS: `planted-storefront-key-of-yesterday-0123, ${STOREFRONT_KEY}`,
    IFS_EVENT_SECRET: EVENT_SECRET,
    ALLOWED_ORIGINS: "https://shop.example",
  });
  if (!env.ok) throw new Error(JSON.stringify(env.error));
  const ifs = onHand && ifsWith(onHand);
  const connector = createConnector({
    app: "service-app",
    settings: env.value,
    ctReadRetries: 0,
    ctTimeoutMs: 1000,
    logger: silent,
    fetch: async (input, init = {}) => {
      const url = String(input);
      if (url.startsWith("https://ifs.test")) {
        if (!ifs) throw new TypeError("fetch failed");
        return ifs(url);
      }
      return platform.fetch(url, init);
    },
  });
  const breakable: Connector = {
    ...connector,
    active() {
      if (faults.configuration === "hangs") return new Promise<never>(() => {});
      return faults.configuration ? Promise.reject(faults.configuration) : connector.active();
    },
  };
  const { store } = connector;
  if (onHand) await install(connector);
  else for (const key of ["ifs-link", "ifs-claim", "ifs-return"]) platform.seed("channels", { key });
  const web = platform.seed("channels", { key: "web" });
  for (const [sku, pieces] of [
    ["BOLT", 500],
    ["FEW", 3],
  ] as const) {
    const supplyChannel = { typeId: "channel", id: web.id };
    platform.seed("inventory", { sku, supplyChannel, quantityOnStock: pieces, availableQuantity: pieces });
  }
  await store.activation.stamp("2026-01-01T00:00:00.000Z");
  await store.serviceUrl.write(`${SERVICE}/service`);
  await store.config.push(configWith(atp, stock));
  // As a process does before it is asked: what these take the first time would count against the deadlines of the first callers.
  await Promise.all([loadPaymentsSdk(), connector.active()]);

  const server: Server = createApp(breakable, env.value).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    routes: routesOf(connector, env.value),
    faults,
    platform,
    webId: web.id,
    holds: store.holds,
    metrics: (hour: string) => store.atpMetrics.since(hour),
    journal: (recordId: string) => store.journal.of(recordId, 50),
    /** As a process that ends writes what it has not written yet. */
    end: () => connector.life.end(),
    configure: (changed: object) => store.config.push(configWith(changed)),
    /** As the gateway signs a request of a user to a path of the service. */
    userToken: ({ path, project = "shop", expires = "5m", granted = Object.values(permissions) }: UserToken) =>
      new SignJWT({ [`${issuer}/claims/project_key`]: project, [`${issuer}/claims/user_permissions`]: granted })
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setSubject("user-1")
        .setIssuer(issuer)
        .setAudience(`${SERVICE}${path}`)
        .setIssuedAt("-10m")
        .setExpirationTime(expires)
        .sign(keyPair.privateKey),
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      if (onHand) await connector.budget.stop();
    },
  };
}

/** What post-deploy scripts create; and the places that requests to IFS take. */
async function install({ ct, budget }: Connector): Promise<void> {
  const checkIfs = async () => "not asked";
  await installJobs(ct, { checkIfs });
  await installCheckout(ct, {
    ...{ checkIfs, serviceUrl: SERVICE, extensionHeader: EXTENSION_SECRET, extensionPath: "/extension" },
  });
  budget.start();
}

const configWith = (atp: object, stock: object = {}) =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    stock: { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }], ...stock },
    atp,
  });
