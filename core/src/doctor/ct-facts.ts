/** What the doctor asks of commercetools. Reads only; nothing is judged here. */
import type { Channel, Extension, Order, Project, Subscription, Type } from "@commercetools/platform-sdk";
import { absentAsUndefined, type CtClient } from "../ct/client.ts";
import { exportChannels } from "../ct/resources-channels.ts";
import { extensionKey, lookOften } from "../ct/resources-extension.ts";
import { subscriptionKey } from "../ct/resources-subscription.ts";
import { connectorTypes } from "../ct/resources-types.ts";
import type { Store } from "../ct/store.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HttpFetch } from "../runtime/http.ts";
import { type Attempt, attempt } from "./attempt.ts";
import type { DoctorConfig } from "./scope.ts";

export type CtFacts = {
  readonly channels: Attempt<ReadonlyMap<string, Channel>>;
  readonly types: Attempt<ReadonlyMap<string, Type>>;
  readonly subscription: Attempt<Subscription | undefined>;
  readonly extension: Attempt<Extension | undefined>;
  readonly project: Attempt<Project>;
  readonly orders: Attempt<readonly Order[]>;
  readonly activation: Attempt<string | undefined>;
  readonly service: Attempt<ServiceFact>;
};

/** `url`: as service-app's deployment wrote it. */
export type ServiceFact = {
  readonly url: string | undefined;
  readonly answer:
    | { readonly ok: true; readonly p95Ms: number }
    | { readonly ok: false; readonly why: string }
    | undefined;
};

const SAMPLE_ORDERS = 100;
const LOOKS = 20;

export type CtAccess = {
  readonly ct: CtClient;
  readonly store: Pick<Store, "activation" | "serviceUrl">;
  readonly clock: Pick<Clock, "now" | "monotonic" | "after">;
  readonly fetch?: HttpFetch;
};

export async function gatherCt({ ct, store, clock, fetch }: CtAccess, config: DoctorConfig): Promise<CtFacts> {
  const { root } = ct;
  return {
    channels: await attempt(() => readChannels(ct, channelKeys(config))),
    types: await attempt(() => readTypes(ct)),
    subscription: await attempt(() =>
      absentAsUndefined(root.subscriptions().withKey({ key: subscriptionKey }).get().execute()),
    ),
    extension: await attempt(() => absentAsUndefined(root.extensions().withKey({ key: extensionKey }).get().execute())),
    project: await attempt(async () => (await root.get().execute()).body),
    orders: await attempt(async () => {
      const queryArgs = { sort: "createdAt desc", limit: SAMPLE_ORDERS, withTotal: false };
      return (await root.orders().get({ queryArgs }).execute()).body.results;
    }),
    activation: await attempt(() => store.activation.read()),
    service: await attempt(async () => {
      const url = await store.serviceUrl.read();
      if (url === undefined) return { url, answer: undefined };
      return {
        url,
        answer: await lookAtService({ url: `${url}/health`, timeoutMs: config.atp.extensionTimeoutMs, clock, fetch }),
      };
    }),
  };
}

/** What one answer in twenty takes longer than is what shoppers meet; a median hides it. */
async function lookAtService(at: Parameters<typeof lookOften>[0]): Promise<ServiceFact["answer"]> {
  const seen = await lookOften(at, LOOKS);
  return seen.ok ? { ok: true, p95Ms: seen.times[Math.ceil(LOOKS * 0.95) - 1] ?? 0 } : seen;
}

/** The connector's own channels and those that the configuration names. */
const channelKeys = ({ stock, prices, routes }: DoctorConfig): string[] => [
  ...exportChannels.map(({ key }) => key),
  ...stock.pools.flatMap((pool) => pool.channels.map(({ supplyChannel }) => supplyChannel)),
  ...prices.lists.flatMap(({ channel }) => channel ?? []),
  ...routes.flatMap(({ when }) => when.channel ?? []),
];

async function readChannels(ct: CtClient, keys: readonly string[]): Promise<Map<string, Channel>> {
  const channels = new Map<string, Channel>();
  for (const key of new Set(keys)) {
    const queryArgs = { where: "key = :key", "var.key": key, limit: 1, withTotal: false };
    const [channel] = (await ct.root.channels().get({ queryArgs }).execute()).body.results;
    if (channel) channels.set(key, channel);
  }
  return channels;
}

async function readTypes(ct: CtClient): Promise<Map<string, Type>> {
  const types = new Map<string, Type>();
  for (const { key } of connectorTypes) {
    const type = await absentAsUndefined(ct.root.types().withKey({ key }).get().execute());
    if (type) types.set(key, type);
  }
  return types;
}
