/** The shards of the checkout's holds: one document each, created by the installation and changed by compare-and-swap alone. */
import { HOLD_SHARDS, type StockHold } from "../domain/stock-hold.ts";
import { containers, type Documents, type StoredDocument } from "./documents.ts";
import { createHoldWriter, fromHoldRows } from "./hold-rows.ts";

/** 0 -> "shard-000". */
export const holdShardKey = (shard: number): string => `shard-${String(shard).padStart(3, "0")}`;

export type HoldShard = { readonly holds: readonly StockHold[]; readonly version: number };

export type HoldStore = ReturnType<typeof createHolds>;

export function createHolds(documents: Documents) {
  const rowsOf = createHoldWriter();
  const keyOf = (shard: number): string => {
    if (!Number.isInteger(shard) || shard < 0 || shard >= HOLD_SHARDS) throw new RangeError(`no hold shard ${shard}`);
    return holdShardKey(shard);
  };
  const parse = (key: string, value: unknown): StockHold[] => {
    try {
      return fromHoldRows(value);
    } catch (error) {
      throw new Error(`hold shard ${key} is damaged: ${(error as Error).message}`);
    }
  };
  const shardOf = ({ key, value, version }: StoredDocument): HoldShard | Error => {
    try {
      return { holds: parse(key, value), version };
    } catch (error) {
      return error as Error;
    }
  };
  return {
    /** Undefined: it was never created, or somebody removed it. Nobody but the installation creates it. */
    async read(shard: number): Promise<HoldShard | undefined> {
      const key = keyOf(shard);
      const document = await documents.read(containers.holds, key);
      return document && { holds: parse(key, document.value), version: document.version };
    },
    /** Several, each by itself: those that are not there are absent, and one that is damaged is an error of its own. */
    async readAll(shards: readonly number[]): Promise<Map<number, HoldShard | Error>> {
      const found = await documents.readAll(containers.holds, shards.map(keyOf));
      return new Map(
        shards.flatMap((shard) => {
          const document = found.get(keyOf(shard));
          return document ? [[shard, shardOf(document)] as const] : [];
        }),
      );
    },
    /** The new version. ConflictError: read again. TransientError: it may have happened. */
    swap: async (shard: number, holds: readonly StockHold[], version: number): Promise<number> =>
      (await documents.write(containers.holds, keyOf(shard), rowsOf(shard, holds), version)).version,
    /** Several, each by itself: by shard the new version, or the error that `swap` would have thrown. */
    async swapAll(swaps: ReadonlyMap<number, HoldShard>): Promise<Map<number, number | Error>> {
      const outcomes = await documents.swapAll(
        containers.holds,
        [...swaps].map(([shard, { holds, version }]) => ({ key: keyOf(shard), value: rowsOf(shard, holds), version })),
      );
      return new Map(
        [...swaps.keys()].flatMap((shard) => {
          const outcome = outcomes.get(keyOf(shard));
          return outcome === undefined ? [] : [[shard, outcome] as const];
        }),
      );
    },
    /** All shards that are there. */
    async all(): Promise<{ readonly shard: string; readonly holds: readonly StockHold[] }[]> {
      const { rows } = await documents.list(containers.holds, { sort: "key asc", limit: HOLD_SHARDS });
      return rows.map(({ key, value }) => ({ shard: key, holds: parse(key, value) }));
    },
  };
}
