/** The documents of the checkout's holds in a stand-in of the platform, behind the product's own adapter. */
import type { StockHold } from "../../domain/stock-hold.ts";
import { installCheckout } from "../resources.ts";
import { createStore } from "../store.ts";
import { clientOf, createPlatform } from "./platform.ts";

export async function openHoldShards() {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  await installCheckout(ct, {
    checkIfs: async () => "ok",
    serviceUrl: "https://service.test",
    extensionHeader: "sandbox-extension-secret",
    extensionPath: "/extension",
  });
  const store = createStore(ct, { now: Date.now });
  const holds = async () => (await store.holds.all()).flatMap((shard) => shard.holds);
  return { platform, ct, store, holds };
}

/** One line for each, in alphabetical order. */
export const toldHolds = (holds: readonly StockHold[]) =>
  holds
    .map(({ owner, partNo, units, order }) => `${owner} ${partNo} ${units}${order ? ` for ${order}` : ""}`)
    .toSorted();
