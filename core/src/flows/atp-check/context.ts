/** What a process keeps between checks: seconds-long figures, minutes-long reference data, a breaker, counters. All of it can be lost. */
import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { LRUCache } from "lru-cache";
import type { PromiseRefusal } from "../../domain/atp-promise.ts";
import { AuthenticationError, TransientError } from "../../domain/failure.ts";
import type { CatalogNo, Contract, PartNo } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsPackage, IfsSalesPart, IfsStockRow, IfsSupplyLine } from "../../domain/ifs-records.ts";
import type { SoldOrder } from "../../domain/in-flight.ts";
import type { Clock } from "../../runtime/clock.ts";
import { withDeadline } from "../../runtime/limit.ts";
import { rememberedOf } from "../../runtime/remembered.ts";
import type { StockPart } from "../stock-part.ts";
import { type Admission, createAdmission } from "./admission.ts";
import { type Batcher, type BatcherOptions, createBatcher } from "./batcher.ts";
import type { UnknownReason } from "./decide.ts";
import { createFactCache, type FactCache } from "./fact-cache.ts";
import { ShopFailure } from "./from-shop.ts";
import { createHoldShards, type HoldShards } from "./hold-shards.ts";
import { createShopStock, type ShopStockMemory } from "./shop-stock.ts";

/** How old sales parts, kits and those who share them may be. */
export const REFERENCE_MS = 5 * 60_000;

/** Parts asked in one batch at most; the adapter cuts them into requests that fit. */
const MAX_BATCH = 1000;

/** Requests that come within it are read for together, and go on together. */
const FIRST_WINDOW_MS = 2;
/** Who goes on together asks at the same moment. */
const WINDOW_MS = 1;

/** While IFS is being read, the next read gathers for so long. A shopper does not notice, and IFS has a fraction of the requests. */
const IFS_PATIENCE_MS = 60;

/**
 * Reads of a kind and site at a time: the budget gives the checkouts of a process a dozen places, and what waits for one is late. Figures
 * are two reads, one after the other.
 */
const AT_A_TIME = 2;

/** How long a read of the orders in flight gathers: in a busy shop they are hundreds, and take longer to be read than the next question waits. */
const ORDERS_PATIENCE_MS = 40;

/** Their ids are in a URL. */
const MOST_CARTS = 100;

/** What IFS showed of a part at a site, demand first. */
export type PartFigure = {
  readonly rows: readonly IfsStockRow[];
  readonly demand: readonly IfsDemandLine[];
  /** False: none is shown, and nothing of the site's order lines can be seen either. */
  readonly demandSeen: boolean;
  /** Clock.monotonic() before the first read. */
  readonly readAt: number;
  /** Clock.monotonic() after the last read. */
  readonly readUntil: number;
  /** `readAt`, milliseconds since the epoch. */
  readonly readAtEpoch: number;
};

export type CachedPart = {
  readonly part: IfsSalesPart | null;
  readonly readAt: number;
  /** IFS refuses to be asked for it: nobody knows whether there is one. */
  readonly isRefused?: true;
};

/** Everybody who draws on what a sales part or a kit draws on. */
export type CachedSharers = { readonly sharers: readonly StockPart[]; readonly readAt: number };

/** What is on its way of a part. */
export type CachedSupply = { readonly lines: readonly IfsSupplyLine[]; readonly readAt: number };

export type AtpCounters = {
  requests: number;
  lines: number;
  /** Lines by what settled them. */
  shop: number;
  ifs: number;
  policyOpen: number;
  policyClosed: number;
  policyBackOrder: number;
  refused: number;
  /** Why policies had to decide, in lines. */
  reasons: Partial<Record<UnknownReason, number>>;
  /** Figures taken from the cache, and batches read from IFS. */
  cachedFigures: number;
  ifsReads: number;
  /** Keys that somebody else was reading already. */
  coalesced: number;
  /** Requests that took a hold, and those that were refused one because somebody else was quicker. */
  held: number;
  holdsRefused: number;
  /** Looks at shards of holds that are not there. */
  shardsMissing: number;
  /** Orders that passed by a promise, and promises that were not believed, by why. */
  promisesKept: number;
  promisesRefused: Partial<Record<PromiseRefusal, number>>;
};

export type AtpContext = {
  readonly clock: Clock;
  readonly shopStock: ShopStockMemory;
  readonly figures: LRUCache<string, PartFigure>;
  /** Parts of a site that were answered from `figures` since they were read, and when that was: Clock.monotonic(). */
  readonly askedAgain: (contract: Contract) => Map<PartNo, number>;
  readonly supply: LRUCache<string, CachedSupply>;
  /** Clock.monotonic() of the last proof that order lines of a site can be seen. */
  readonly demandSeenAt: Map<Contract, number>;
  readonly parts: LRUCache<string, CachedPart>;
  readonly sharers: LRUCache<string, CachedSharers>;
  /** Inventory parts that IFS refuses to be asked for: Clock.monotonic() of the refusal. */
  readonly refusedParts: LRUCache<string, { readonly refusedAt: number }>;
  /** What kits are made of, by site: Clock.monotonic() of the read, and until when it is not read again after a failure. */
  readonly packages: Map<
    Contract,
    { readonly list: readonly IfsPackage[]; readonly readAt: number; pausedUntil: number }
  >;
  /** What thresholds ask of the catalogue and of past sales. */
  readonly facts: FactCache;
  channels: { readonly ids: ReadonlyMap<string, string>; readonly readAt: number; readonly wanted: string } | undefined;
  /** Every read from IFS goes through it: counted, bounded in time, refused at once while IFS is failing (outages alone count). */
  readonly guarded: <T>(deadlineMs: number, read: () => Promise<T>) => Promise<T>;
  readonly counters: AtpCounters;
  readonly breakerState: () => "closed" | "open" | "halfOpen";
  /** Per site. */
  readonly batchers: (contract: Contract) => SiteBatchers;
  readonly orders: Batcher<ReadOrders>;
  readonly holdShards: HoldShards;
  readonly admission: Admission;
  /** Carts whose holds outlast their binding: were they ordered? Clock.monotonic() of the answer. */
  readonly boundCarts: {
    readonly known: LRUCache<string, { readonly isOver: boolean; readonly at: number }>;
    readonly reads: Batcher<boolean>;
  };
};

/** Orders that may be in flight, the changes among them since `changedSince` (milliseconds since the epoch). */
export type ReadOrders = { readonly orders: readonly SoldOrder[]; readonly changedSince: number };

/** Keys are sales part numbers, inventory part numbers, and both. */
export type SiteBatchers = {
  readonly parts: Batcher<CachedPart, CatalogNo>;
  readonly figures: Batcher<PartFigure, PartNo>;
  readonly sharers: Batcher<CachedSharers>;
  readonly supply: Batcher<CachedSupply, PartNo>;
  /** Of one key: the list of the site. */
  readonly packages: Batcher<readonly IfsPackage[]>;
};

export type AtpContextOptions = {
  readonly clock: Clock;
  /** Parts kept at most. */
  readonly cacheSize?: number;
  /** Consecutive failures that open the breaker, and how long it stays open before one read may try again. */
  readonly breaker?: { readonly failures: number; readonly halfOpenAfterMs: number };
};

export function createAtpContext(options: AtpContextOptions): AtpContext {
  const { clock, cacheSize = 20_000, breaker = { failures: 5, halfOpenAfterMs: 5000 } } = options;
  const policy = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: breaker.halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(breaker.failures),
  });
  const batcher = <V, K extends string = string>(atATime: number, joins: BatcherOptions["joins"] = "underWay") =>
    createBatcher<V, K>(clock, {
      ...{ windowMs: WINDOW_MS, maxKeys: MAX_BATCH, system: "ifs", patienceMs: IFS_PATIENCE_MS, atATime, joins },
      onJoined: () => {
        counters.coalesced += 1;
      },
    });
  const sites = new Map<Contract, SiteBatchers>();
  const asked = new Map<Contract, Map<PartNo, number>>();
  const counters: AtpCounters = {
    requests: 0,
    lines: 0,
    shop: 0,
    ifs: 0,
    policyOpen: 0,
    policyClosed: 0,
    policyBackOrder: 0,
    refused: 0,
    reasons: {},
    cachedFigures: 0,
    ifsReads: 0,
    coalesced: 0,
    held: 0,
    holdsRefused: 0,
    shardsMissing: 0,
    promisesKept: 0,
    promisesRefused: {},
  };
  return {
    clock,
    shopStock: createShopStock({ clock, windowMs: FIRST_WINDOW_MS, most: cacheSize }),
    figures: rememberedOf(cacheSize),
    askedAgain(contract) {
      const known = asked.get(contract) ?? new Map<PartNo, number>();
      asked.set(contract, known);
      return known;
    },
    supply: rememberedOf(cacheSize),
    demandSeenAt: new Map(),
    parts: rememberedOf(cacheSize),
    sharers: rememberedOf(cacheSize),
    refusedParts: rememberedOf(cacheSize),
    packages: new Map(),
    facts: createFactCache(clock, cacheSize),
    channels: undefined,
    counters,
    orders: createBatcher(clock, {
      windowMs: WINDOW_MS,
      maxKeys: 1,
      joins: "gathering",
      system: "ct",
      patienceMs: ORDERS_PATIENCE_MS,
    }),
    holdShards: createHoldShards(clock, { windowMs: WINDOW_MS }),
    admission: createAdmission(clock),
    boundCarts: {
      known: rememberedOf(cacheSize),
      reads: createBatcher(clock, { windowMs: WINDOW_MS, maxKeys: MOST_CARTS, system: "ct" }),
    },
    batchers(contract) {
      const known = sites.get(contract);
      if (known) return known;
      const made = {
        parts: batcher<CachedPart, CatalogNo>(AT_A_TIME),
        figures: batcher<PartFigure, PartNo>(2 * AT_A_TIME),
        sharers: batcher<CachedSharers>(AT_A_TIME),
        supply: batcher<CachedSupply, PartNo>(AT_A_TIME, "gathering"),
        packages: batcher<readonly IfsPackage[]>(1),
      };
      sites.set(contract, made);
      return made;
    },
    breakerState: () =>
      policy.state === CircuitState.Closed ? "closed" : policy.state === CircuitState.HalfOpen ? "halfOpen" : "open",
    guarded: (deadlineMs, read) =>
      policy.execute(() => {
        counters.ifsReads += 1;
        const onTimeout = () => new TransientError(`IFS did not answer within ${deadlineMs} ms`);
        return withDeadline({ clock, ms: deadlineMs, onTimeout }, read);
      }),
  };
}

/** What one record, one answer or we ourselves are to blame for says nothing of the next read: it keeps nobody else from IFS. */
const isOutage = (error: unknown): boolean => error instanceof TransientError || error instanceof AuthenticationError;

/** Why a check could not be finished, from what was thrown. */
export function reasonOf(error: unknown): UnknownReason {
  if (error instanceof BrokenCircuitError) return "breakerOpen";
  if (error instanceof ShopFailure) return "shopUnavailable";
  return error instanceof TransientError ? "ifsUnavailable" : "defect";
}

export const figureKey = (contract: Contract, partNo: PartNo): string => JSON.stringify([contract, partNo]);
