/** Entries that show too much because a cut waits for a person: asked at every checkout, read every few seconds. */
import type { ConnectorConfig } from "../domain/config.ts";
import { type IsHeldCut, readHeldCuts } from "../flows/stock-sync/held.ts";
import type { Connector } from "./connector.ts";
import { remember } from "./remember.ts";

const HELD_MS = 5000;

/** By the configuration, which is one object as long as it is active. */
const known = new WeakMap<ConnectorConfig, () => Promise<IsHeldCut>>();

type HeldDeps = { readonly clock: Pick<Connector["clock"], "now">; readonly store: HeldStore };
type HeldStore = { readonly cursors: Pick<Connector["store"]["cursors"], "read"> };

export function rememberedCuts({ store, clock }: HeldDeps, config: ConnectorConfig): () => Promise<IsHeldCut> {
  const made =
    known.get(config) ??
    remember({ ms: HELD_MS, now: clock.now, ahead: true }, () => readHeldCuts(store.cursors, channelsOf(config)));
  known.set(config, made);
  return made;
}

function channelsOf({ stock }: ConnectorConfig): Map<string, string[]> {
  const channels = new Map<string, string[]>();
  for (const pool of stock.pools) {
    const keys = pool.channels.map(({ supplyChannel }) => supplyChannel);
    channels.set(pool.site, [...(channels.get(pool.site) ?? []), ...keys]);
  }
  return channels;
}
