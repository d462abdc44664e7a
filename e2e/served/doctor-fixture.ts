/** Both models with an installed connector, for the tests of the doctor. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { createCt } from "../../core/src/ct/client.ts";
import { installJobs, installOrders } from "../../core/src/ct/resources.ts";
import { ensureCallerShards, ensureHoldShards } from "../../core/src/ct/resources-documents.ts";
import { createStore } from "../../core/src/ct/store.ts";
import type { Finding, Report } from "../../core/src/doctor/finding.ts";
import { type DoctorDeps, runDoctor } from "../../core/src/doctor/run.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../../core/src/domain/config.ts";
import { systemClock as connectorClock } from "../../core/src/runtime/clock.ts";
import { type Api, createApi } from "../../sandbox/commercetools/api-caller.ts";
import { type RunningCommercetools, startCommercetools } from "../../sandbox/commercetools/start.ts";
import { connectorClient } from "../../sandbox/ifs/connector-client.ts";
import { type IfsServer, startIfs } from "../../sandbox/ifs/server.ts";
import { defaultSettings } from "../../sandbox/ifs/settings.ts";
import { seededRandom, systemClock } from "../../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../../sandbox/seed/commercetools-shop.ts";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const config = connectorConfigSchema.parse(
  parse(readFileSync(join(root, "sandbox", "connector-config.yaml"), "utf8")),
);
export const declaredScopes = (
  parse(readFileSync(join(root, "connect.yaml"), "utf8")) as { inheritAs: { apiClient: { scopes: string[] } } }
).inheritAs.apiClient.scopes;
export const SECRET = "sandbox-secret";
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export let ifs: IfsServer;
export let shop: RunningCommercetools;
export let admin: Api;
let service: Server;

export const access = (clientId = "connector") => ({
  apiUrl: shop.url,
  authUrl: shop.url,
  projectKey: SHOP_PROJECT_KEY,
  clientId,
  clientSecret: SECRET,
});

export function connection() {
  const tokenUrl = `${ifs.url}/auth/realms/sandbox/protocol/openid-connect/token`;
  return { baseUrl: ifs.url, tokenUrl, clientId: "ctconnector", clientSecret: SECRET };
}

export const diagnose = (over: Partial<DoctorDeps> = {}): Promise<Report> =>
  runDoctor({ commercetools: access(), ifs: connection(), clock: connectorClock, logger: silent, ...over });

export const withIfs = (change: Partial<ConnectorConfig["ifs"]>): Partial<DoctorDeps> => ({
  config: { name: "test", value: { ...config, ifs: { ...config.ifs, ...change } } },
});

/** Findings without the sentences for people, which are not the contract. */
export const named = ({ findings }: Report, severity: Finding["severity"] = "error") =>
  findings
    .filter((finding) => finding.severity === severity)
    .map(({ check, subject, owner, proposal }) => ({ check, subject, owner, ...(proposal ? { proposal } : {}) }));

export async function sandbox(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${ifs.url}/sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/** Answers of IFS whose text is changed on the way, as another tenant would write it. */
export const rewriting =
  (matches: RegExp, change: (text: string) => string): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (!matches.test(String(input))) return response;
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    return new Response(change(await response.text()), { status: response.status, headers });
  };

/** What the deployment scripts do; repairs what a test broke. */
export async function install(): Promise<void> {
  const ct = createCt({ ...access(), logger: silent });
  const common = { checkIfs: async () => "not asked" };
  const topic = {
    CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub",
    CONNECT_GCP_PROJECT_ID: "sandbox",
    CONNECT_GCP_TOPIC_NAME: "connector-events",
  } as const;
  await installOrders(ct, topic, common);
  await installJobs(ct, common);
  // Of service-app, what does not need its address.
  await ensureHoldShards(ct);
  await ensureCallerShards(ct);
}

export async function openSandboxes(): Promise<void> {
  ifs = await startIfs({ port: 0, clock: systemClock, random: seededRandom(7) });
  shop = await startCommercetools({
    port: 0,
    clock: systemClock,
    random: seededRandom(8),
    projectKey: SHOP_PROJECT_KEY,
    async seed(model) {
      await seedShop(model);
      model.auth.addClient({ id: "connector", secret: SECRET, scopes: declaredScopes });
      model.auth.addClient({
        id: "few-scopes",
        secret: SECRET,
        scopes: declaredScopes.filter((scope) => scope !== "manage_subscriptions" && scope !== "view_sessions"),
      });
    },
    push: { endpoints: {} },
  });
  admin = createApi({ url: shop.url, projectKey: SHOP_PROJECT_KEY, clientId: "admin", clientSecret: SECRET });
  await install();
  service = createServer((_request, response) => response.end("{}"));
  await new Promise<void>((listening) => service.listen(0, "127.0.0.1", listening));
  const store = createStore(createCt({ ...access(), logger: silent }), connectorClock);
  await store.serviceUrl.write(`http://127.0.0.1:${(service.address() as AddressInfo).port}/service`);
  await store.config.push(config);
}

export async function closeSandboxes(): Promise<void> {
  service.close();
  await ifs.close();
  await shop.close();
}

/** IFS as it was at the start. */
export async function resetIfs(): Promise<void> {
  const { companies, sites, projections } = connectorClient;
  await sandbox("settings", defaultSettings);
  await sandbox("grants/ctconnector", { companies, sites, projections });
}
