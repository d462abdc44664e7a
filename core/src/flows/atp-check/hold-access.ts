/**
 * What the shards of a process ask of commercetools at the same moment goes in one request: an order of eight lines changes eight
 * shards, and a hundred orders a second most of them.
 */
import { TransientError } from "../../domain/failure.ts";
import type { StockHold } from "../../domain/stock-hold.ts";
import type { Clock } from "../../runtime/clock.ts";
import { createBatcher } from "./batcher.ts";
import type { HoldShardAccess } from "./hold-shards.ts";

type State = { readonly holds: readonly StockHold[]; readonly version: number };

/** Several shards in one request, each of them by itself. */
export type HoldStore = {
  /** Those that are not there are absent; one that cannot be read is an error of its own. */
  readonly readAll: (shards: readonly number[]) => Promise<ReadonlyMap<number, State | Error>>;
  /** By shard the new version, or why there is none. */
  readonly swapAll: (swaps: ReadonlyMap<number, State>) => Promise<ReadonlyMap<number, number | Error>>;
};

const WINDOW_MS = 1;
/** While another request is under way, the next one gathers for so long. */
const PATIENCE_MS = 20;
/** Shards of one request at most. */
const MOST = 20;

export function gatherHolds(
  clock: Pick<Clock, "sleep" | "after" | "monotonic" | "breather">,
  store: HoldStore,
): Pick<HoldShardAccess, "read" | "swap"> {
  const how = {
    windowMs: WINDOW_MS,
    patienceMs: PATIENCE_MS,
    maxKeys: MOST,
    joins: "gathering",
    system: "ct",
  } as const;
  const reads = createBatcher<{ readonly state: State | Error | undefined }>(clock, how);
  const swaps = createBatcher<{ readonly outcome: number | Error }>(clock, how);
  /** A shard has one swap at a time; one that was given up before it was sent is replaced by the next. */
  const wanted = new Map<string, State>();

  async function readAll(keys: readonly string[]) {
    const found = await store.readAll(keys.map(Number));
    return new Map(keys.map((key) => [key, { state: found.get(Number(key)) }]));
  }

  async function swapAll(keys: readonly string[]) {
    const outcomes = await store.swapAll(
      new Map(
        keys.flatMap((key) => {
          const state = wanted.get(key);
          wanted.delete(key);
          return state ? [[Number(key), state] as const] : [];
        }),
      ),
    );
    return new Map(
      keys.flatMap((key) => {
        const outcome = outcomes.get(Number(key));
        return outcome === undefined ? [] : [[key, { outcome }] as const];
      }),
    );
  }

  return {
    async read(shard) {
      const key = String(shard);
      const state = (await reads.load([key], readAll)).get(key)?.state;
      if (state instanceof Error) throw state;
      return state;
    },
    async swap(shard, holds, version) {
      const key = String(shard);
      wanted.set(key, { holds, version });
      const { outcome } = (await swaps.load([key], swapAll)).get(key) ?? {};
      if (outcome === undefined) throw new TransientError(`hold shard ${shard} was not answered for`);
      if (typeof outcome !== "number") throw outcome;
      return outcome;
    },
  };
}
