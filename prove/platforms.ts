/** The two platforms as the sandbox models them, in process and on the world's time. */
import { createExtensionCaller } from "../sandbox/commercetools/extension-calls.ts";
import { type CommercetoolsModel, createCommercetoolsModel } from "../sandbox/commercetools/model.ts";
import type { CommercetoolsSettings } from "../sandbox/commercetools/settings.ts";
import { createTelephoneOrder } from "../sandbox/ifs/business/telephone-order.ts";
import { connectorClient } from "../sandbox/ifs/connector-client.ts";
import { createGrants, type Grants } from "../sandbox/ifs/grants.ts";
import { createIfsModel, type IfsModel } from "../sandbox/ifs/model.ts";
import type { IfsSettings } from "../sandbox/ifs/settings.ts";
import type { World as IfsWorld } from "../sandbox/ifs/world.ts";
import { createFaults, type Faults } from "../sandbox/kernel/faults.ts";
import { json, type SandboxRequest, type SandboxResponse, seededRandom } from "../sandbox/kernel/types.ts";
import { grantedBy, type IfsProfile } from "../sandbox/profiles.ts";
import { createPushHub, type PushHub } from "../sandbox/pubsub/push-hub.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../sandbox/seed/commercetools-shop.ts";
import { seedBasicData } from "../sandbox/seed/ifs-basic-data.ts";
import { seedCustomers } from "../sandbox/seed/ifs-customers.ts";
import { parts } from "../sandbox/seed/ifs-parts.ts";
import { seedProducts } from "../sandbox/seed/ifs-products.ts";
import { seedStock } from "../sandbox/seed/ifs-stock.ts";
import { addresses, EVENT_TOPIC } from "./addresses.ts";
import type { Network } from "./network.ts";
import type { WorldTime } from "./time.ts";

/** Two parts, and an order of another channel on each site that is asked about, so that a look-up proves something. */
export const SMALL_CATALOGUE = ["BAT.12V.2AH", "BAT.18V.2AH"] as const;

function seedSmallCompany(ifs: IfsWorld): void {
  seedBasicData(ifs);
  seedCustomers(ifs);
  seedProducts(
    ifs,
    parts.filter(({ catalogNo }) => SMALL_CATALOGUE.some((sku) => sku === catalogNo)),
  );
  seedStock(ifs);
  for (const [contract, customerNo] of [
    ["101", "10001"],
    ["201", "10005"],
  ] as const) {
    createTelephoneOrder(ifs, { contract, customerNo, lines: [{ catalogNo: SMALL_CATALOGUE[0], qty: "1" }] });
  }
}

/** The same company and the same shop in every world: what differs is the wire and what happens. */
const COMPANY_SEED = 1;
const SHOP_SEED = 2;

export type IfsSide = { readonly model: IfsModel; readonly grants: Grants; readonly faults: Faults };

export type PlatformOptions = {
  readonly time: WorldTime;
  readonly network: Network;
  readonly seed: number;
  /** `small`: two products, and orders are all that happens. */
  readonly size?: "full" | "small";
  /** What IFS has instead of the company of that size. */
  readonly seedIfs?: (world: IfsWorld) => void;
  /** Least and most milliseconds of one way to IFS; 15 to 60 when absent. */
  readonly ifsLatencyMs?: readonly [number, number];
  /** The same of commercetools; 5 to 25 when absent. */
  readonly commercetoolsLatencyMs?: readonly [number, number];
};

/** IFS with its token endpoint. */
export function connectIfs(
  { time, network, seed, size, seedIfs, ifsLatencyMs = [15, 60] }: PlatformOptions,
  tenant: { readonly profile: IfsProfile; readonly settings?: Partial<IfsSettings> },
): IfsSide {
  const grants = createGrants([grantedBy(tenant.profile, connectorClient)]);
  const tokens = createTokens(time, () => model.settings().tokenSeconds);
  const model: IfsModel = createIfsModel({
    clock: time.clock,
    random: seededRandom(COMPANY_SEED),
    settings: { ...tenant.profile.settings, ...tenant.settings },
    origin: addresses.ifs,
    ...(seedIfs ? { seed: seedIfs } : size === "small" && { seed: seedSmallCompany }),
    wait: (ms) => time.clock.sleep(ms),
    authenticate(headers) {
      const clientId = tokens.clientOf(headers);
      return clientId === undefined ? undefined : grants.get(clientId);
    },
  });
  const faults = createFaults(seededRandom(seed));
  const handler = async (request: SandboxRequest) =>
    request.path === addresses.ifsTokenPath ? tokens.issue(request) : model.handle(request);
  network.connect(addresses.ifs, { handler, faults, latencyMs: ifsLatencyMs });
  return { model, grants, faults };
}

/**
 * Stands in for the identity provider, whose signatures take real time: the same path, the same form, the same answers to right
 * and wrong credentials.
 */
function createTokens(time: WorldTime, seconds: () => number) {
  const given = new Map<string, { clientId: string; expiresAt: number }>();
  const { clientId, clientSecret } = connectorClient;
  return {
    issue({ body }: SandboxRequest): SandboxResponse {
      const form = new URLSearchParams(body.toString("utf8"));
      if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret) {
        return json(401, {
          error: "invalid_client",
          error_description: "Invalid client or Invalid client credentials",
        });
      }
      const token = `ifs-token-${given.size + 1}`;
      given.set(token, { clientId, expiresAt: time.clock.now() + seconds() * 1000 });
      return json(200, { access_token: token, expires_in: seconds(), token_type: "Bearer", scope: "openid" });
    },
    clientOf(headers: Record<string, string>): string | undefined {
      const token = given.get(/^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "");
      return token && token.expiresAt > time.clock.now() ? token.clientId : undefined;
    },
  };
}

export type CommercetoolsSide = {
  readonly model: CommercetoolsModel;
  readonly push: PushHub;
  readonly faults: Faults;
};

const SETTLE_EVERY_MS = 250;

/** commercetools with its shop, its push delivery and its Extension calls. */
export async function connectCommercetools(
  { time, network, seed, size, commercetoolsLatencyMs = [5, 25] }: PlatformOptions,
  shop: { readonly scopes: readonly string[]; readonly settings?: Partial<CommercetoolsSettings> },
): Promise<CommercetoolsSide> {
  const { clock } = time;
  const fetch = network.fetchOf({ name: "commercetools" });
  const wait = (ms: number) => clock.sleep(ms);
  const push = createPushHub({
    clock,
    random: seededRandom(seed + 1),
    fetch,
    wait,
    endpoints: { [EVENT_TOPIC]: addresses.event },
  });
  const model = createCommercetoolsModel({
    clock,
    random: seededRandom(SHOP_SEED),
    projectKey: SHOP_PROJECT_KEY,
    deliver: push.deliver,
    callExtension: createExtensionCaller({ fetch, wait }),
  });
  await seedShop(model, size === "small" ? { skus: SMALL_CATALOGUE } : {});
  model.auth.addClient({ id: "connector", secret: "sandbox-secret", scopes: [...shop.scopes] });
  model.changeSettings({ ...shop.settings });
  const faults = createFaults(seededRandom(seed + 2));
  network.connect(addresses.commercetools, { handler: model.handle, faults, latencyMs: commercetoolsLatencyMs });
  const settle = () => {
    model.settle();
    clock.after(SETTLE_EVERY_MS, settle);
  };
  settle();
  return { model, push, faults };
}
