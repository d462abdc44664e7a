import type { StandalonePrice, StandalonePriceDraft, StandalonePriceUpdateAction } from "@commercetools/platform-sdk";
import type { Sku } from "../domain/ids.ts";
import type { CtClient } from "./client.ts";
import type { Versioned } from "./orders.ts";
import { byKeys, keyset } from "./paging.ts";

/** Standalone prices. A lock conflict of the platform (same sku and scope at a time) is repeated by the client. */
export function createPrices(ct: CtClient) {
  const { root } = ct;
  return {
    bySkus: (skus: readonly Sku[]): Promise<StandalonePrice[]> =>
      byKeys(skus, async (list, afterId) => {
        const queryArgs = keyset(["sku in :skus"], { skus: list }, afterId);
        return (await root.standalonePrices().get({ queryArgs }).execute()).body.results;
      }),

    /** RefusedError `DuplicateStandalonePriceScope` or `OverlappingStandalonePriceValidity`: the scope is taken. */
    create: async (draft: StandalonePriceDraft): Promise<StandalonePrice> =>
      (await root.standalonePrices().post({ body: draft }).execute()).body,

    update: async (ref: Versioned, actions: StandalonePriceUpdateAction[]): Promise<StandalonePrice> =>
      (
        await root
          .standalonePrices()
          .withId({ ID: ref.id })
          .post({ body: { version: ref.version, actions } })
          .execute()
      ).body,
  };
}
