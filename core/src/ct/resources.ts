/** What the post-deploy script of each app creates: idempotent, additive and in place. A second run writes nothing. */
import { type Clock, systemClock } from "../runtime/clock.ts";
import type { HttpFetch } from "../runtime/http.ts";
import type { Random } from "../runtime/random.ts";
import type { CtClient } from "./client.ts";
import type { Installed } from "./installed.ts";
import { ensureChannel, exportChannels } from "./resources-channels.ts";
import {
  ensureActivation,
  ensureBudget,
  ensureCallerShards,
  ensureConfiguration,
  ensureHoldShards,
  ensureLeases,
  ensureServiceUrl,
} from "./resources-documents.ts";
import { ensureExtension } from "./resources-extension.ts";
import { ensureSubscription, type SubscriptionEnvironment } from "./resources-subscription.ts";
import { connectorTypes, ensureType } from "./resources-types.ts";
import { createStore } from "./store.ts";

export type InstallCommon = {
  /** Verifies the IFS credentials with one harmless read and says what it saw; throws an error that names the cure. */
  readonly checkIfs: () => Promise<string>;
  readonly clock?: Clock;
};

/** The IFS check comes last: with IFS down the resources are there, and orders wait instead of getting lost. */
async function inOrder(steps: readonly (() => Promise<Installed | Installed[]>)[]): Promise<Installed[]> {
  const lines: Installed[] = [];
  for (const step of steps) lines.push(...[await step()].flat());
  return lines;
}

const ifsChecked = (options: InstallCommon) => async (): Promise<Installed> => ({
  resource: "IFS credentials",
  done: "unchanged",
  detail: await options.checkIfs(),
});

const channels = (ct: CtClient) => exportChannels.map((draft) => () => ensureChannel(ct, draft));

/** event-app: export channels, budget ledger, activation stamp, Subscription. */
export function installOrders(
  ct: CtClient,
  env: SubscriptionEnvironment,
  options: InstallCommon,
): Promise<Installed[]> {
  const { clock = systemClock } = options;
  return inOrder([
    ...channels(ct),
    () => ensureConfiguration(ct),
    () => ensureBudget(ct),
    () => ensureActivation(ct, clock),
    () => ensureSubscription(ct, env),
    ifsChecked(options),
  ]);
}

/** job-app: export channels, Types, budget ledger, leases. */
export function installJobs(ct: CtClient, options: InstallCommon): Promise<Installed[]> {
  const { clock = systemClock } = options;
  return inOrder([
    ...channels(ct),
    ...connectorTypes.map((draft) => () => ensureType(ct, draft)),
    () => ensureConfiguration(ct),
    () => ensureBudget(ct),
    () => ensureActivation(ct, clock),
    () => ensureLeases(ct),
    ifsChecked(options),
  ]);
}

export type CheckoutInstall = InstallCommon & {
  /** CONNECT_SERVICE_URL as Connect gives it. */
  readonly serviceUrl: string;
  /** Complete Authorization header value that the Extension sends. */
  readonly extensionHeader: string;
  /** Route of the Extension below the service URL. */
  readonly extensionPath: string;
  /** Route below the service URL that is probed; default "/health". */
  readonly healthPath?: string;
  /** For the probe of the public URL. */
  readonly fetch?: HttpFetch;
  readonly random?: Pick<Random, "uuid">;
};

/** service-app: budget ledger, hold shards, service URL, and the Extension where the active configuration arms it. */
export function installCheckout(ct: CtClient, options: CheckoutInstall): Promise<Installed[]> {
  const { clock = systemClock } = options;
  return inOrder([
    () => ensureConfiguration(ct),
    () => ensureBudget(ct),
    () => ensureHoldShards(ct),
    () => ensureCallerShards(ct),
    () => ensureServiceUrl(ct, clock, options.serviceUrl),
    () => ensureCheckoutExtension(ct, options),
    ifsChecked(options),
  ]);
}

/** Arms or disarms the Extension as the active configuration says now. */
export async function ensureCheckoutExtension(
  ct: CtClient,
  options: Omit<CheckoutInstall, "checkIfs">,
): Promise<Installed> {
  const { clock = systemClock, healthPath = "/health" } = options;
  const active = await createStore(ct, clock).config.active();
  return ensureExtension(ct, {
    atp: active?.config.atp,
    serviceUrl: options.serviceUrl,
    extensionPath: options.extensionPath,
    healthPath,
    headerValue: options.extensionHeader,
    fetch: options.fetch,
    random: options.random,
    clock,
  });
}
