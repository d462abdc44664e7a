/** The carts for which callers hold: one document for some of the callers, created by the installation and changed by compare-and-swap alone. */
import { z } from "zod";
import { CALLER_SHARDS, type CallerCart, callerShardSchema } from "../domain/caller-carts.ts";
import { containers, type Documents } from "./documents.ts";

/** 0 -> "callers-00". */
export const callerShardKey = (shard: number): string => `callers-${String(shard).padStart(2, "0")}`;
export const emptyCallerShard = { carts: [] };

export function createCallerCarts(documents: Documents) {
  const keyOf = (shard: number): string => {
    if (!Number.isInteger(shard) || shard < 0 || shard >= CALLER_SHARDS)
      throw new RangeError(`no callers' shard ${shard}`);
    return callerShardKey(shard);
  };
  return {
    /** Undefined: it was never created, or somebody removed it. Nobody but the installation creates it. */
    async read(
      shard: number,
    ): Promise<{ readonly holds: readonly CallerCart[]; readonly version: number } | undefined> {
      const key = keyOf(shard);
      const document = await documents.read(containers.callerCarts, key);
      if (!document) return undefined;
      const parsed = callerShardSchema.safeParse(document.value);
      if (!parsed.success) throw damaged(key, parsed.error);
      return { holds: parsed.data.carts, version: document.version };
    },
    /** Several, each by itself: those that are not there are absent, and one that is damaged is an error of its own. */
    async readAll(shards: readonly number[]): Promise<Map<number, readonly CallerCart[] | Error>> {
      const found = await documents.readAll(containers.callerCarts, shards.map(keyOf));
      return new Map(
        shards.flatMap((shard) => {
          const document = found.get(keyOf(shard));
          if (!document) return [];
          const parsed = callerShardSchema.safeParse(document.value);
          return [[shard, parsed.success ? parsed.data.carts : damaged(document.key, parsed.error)] as const];
        }),
      );
    },
    /** The new version. ConflictError: read again. TransientError: it may have happened. */
    swap: async (shard: number, carts: readonly CallerCart[], version: number): Promise<number> =>
      (await documents.write(containers.callerCarts, keyOf(shard), { carts }, version)).version,
  };
}

const damaged = (key: string, error: z.ZodError) => new Error(`document ${key} is damaged: ${z.prettifyError(error)}`);
