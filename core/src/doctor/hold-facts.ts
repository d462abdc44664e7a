/** The documents of the checkout's holds: are they there, and can they be read? Reads only. */
import type { Store } from "../ct/store.ts";
import { CALLER_SHARDS } from "../domain/caller-carts.ts";
import { HOLD_SHARDS } from "../domain/stock-hold.ts";

export type ShardFacts = {
  readonly shards: number;
  /** Numbers of those that are not there, and of those whose content is none. */
  readonly missing: readonly number[];
  readonly damaged: readonly number[];
};

export type HoldFacts = { readonly holds: ShardFacts; readonly callerCarts: ShardFacts };

type Shards = { readonly readAll: (shards: readonly number[]) => Promise<ReadonlyMap<number, unknown>> };

async function look(shards: number, { readAll }: Shards): Promise<ShardFacts> {
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const found = await readAll(numbers);
  return {
    shards,
    missing: numbers.filter((shard) => !found.has(shard)),
    damaged: numbers.filter((shard) => found.get(shard) instanceof Error),
  };
}

export const gatherHolds = async ({
  holds,
  callerCarts,
}: Pick<Store, "holds" | "callerCarts">): Promise<HoldFacts> => ({
  holds: await look(HOLD_SHARDS, holds),
  callerCarts: await look(CALLER_SHARDS, callerCarts),
});
