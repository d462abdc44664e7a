/** Where what thresholds ask of the catalogue and of past sales is kept between checks: bounded, minutes old, refreshed beside the answers. */
import type { LRUCache } from "lru-cache";
import type { SalesFigures } from "../../domain/sales.ts";
import type { SkuFacts } from "../../domain/threshold.ts";
import type { Clock } from "../../runtime/clock.ts";
import { rememberedOf } from "../../runtime/remembered.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/** How long refreshes are gathered: they hurry nobody, and a thousand SKUs that age one by one are then a few requests. */
const REFRESH_WINDOW_MS = 1000;
const WINDOW_MS = 2;
const MAX_BATCH = 1000;

export type KeptFacts = { readonly facts: SkuFacts; readonly readAt: number };

export type FactCache = {
  readonly skus: LRUCache<string, KeptFacts>;
  /** For callers that wait, and for nobody. */
  readonly reads: Batcher<SkuFacts>;
  readonly refreshes: Batcher<SkuFacts>;
  readonly salesReads: Batcher<SalesFigures | null>;
  sales: { readonly figures: SalesFigures | undefined; readonly readAt: number } | undefined;
  /** Clock.monotonic() of the last failure of either read: for some seconds nobody waits for it again. */
  factsFailedAt: number | undefined;
  salesFailedAt: number | undefined;
  /** The names that the facts were read by; others make them void. */
  fields: string;
};

export function createFactCache(clock: Pick<Clock, "sleep" | "after" | "monotonic">, size: number): FactCache {
  return {
    skus: rememberedOf(size),
    reads: createBatcher(clock, { system: "ct", windowMs: WINDOW_MS, maxKeys: MAX_BATCH }),
    refreshes: createBatcher(clock, { system: "ct", windowMs: REFRESH_WINDOW_MS, maxKeys: MAX_BATCH }),
    salesReads: createBatcher(clock, { system: "ct", windowMs: WINDOW_MS, maxKeys: 1 }),
    sales: undefined,
    factsFailedAt: undefined,
    salesFailedAt: undefined,
    fields: "",
  };
}
