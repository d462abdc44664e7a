/** The holds of one request: what it takes in each shard, all of it or nothing. */
import { toInventoryUnits, type UnitFactor } from "../../domain/availability.ts";
import { TransientError } from "../../domain/failure.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { giveBackHolds, holdShardOf, isHoldable, isLive, placeHolds, type StockHold } from "../../domain/stock-hold.ts";
import type { Demand } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { HoldShardAccess } from "./hold-shards.ts";

export type SitePart = { readonly site: Contract; readonly partNo: PartNo };

/** What one sales unit of a demand takes of a part. */
export type HeldDraw = SitePart & { readonly factor: UnitFactor };

/** For whom a request holds. */
export type Holder = {
  readonly owner: string;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly order?: string | undefined;
  readonly caller?: string | undefined;
};

/** The entries that keep a demand for its holder: one for each part that it draws on. */
export function holdsFor(holder: Holder, demand: Demand, draws: readonly HeldDraw[]): StockHold[] {
  const { sku, supplyChannel, requested, ownReserved } = demand;
  return draws.flatMap(({ site, partNo, factor }): StockHold[] => {
    const units = toInventoryUnits(requested, factor);
    if (supplyChannel === undefined || !isHoldable(units)) return [];
    const { order, caller } = holder;
    return [
      {
        ...{ owner: holder.owner, by: holder.by, until: holder.until },
        ...{ site, partNo, sku, channel: supplyChannel, units, pieces: requested },
        ...(order !== undefined && { order }),
        ...(caller !== undefined && { caller }),
        ...(ownReserved > 0 && { reserves: true as const }),
      },
    ];
  });
}

/** What the shards hold, as far as they were looked at. */
export type SeenHolds = Map<number, readonly StockHold[]>;

export const allOf = (seen: SeenHolds): StockHold[] => [...seen.values()].flat();

export type HoldLook = {
  readonly parts: readonly SitePart[];
  readonly deadlineAt: number;
  /** Read for this look, not remembered: what refuses a buyer. */
  readonly isFresh: boolean;
};

/** Looks at the shards of the parts. TransientError where one is not there: nobody knows what others hold. */
export async function lookAtHolds(
  deps: AtpDeps,
  access: HoldShardAccess,
  { parts, ...how }: HoldLook,
): Promise<SeenHolds> {
  const shards = [...new Set(parts.map(holdShardOf))];
  const { holdShards } = deps.context;
  const found = await Promise.all(
    shards.map(async (shard) => {
      const holds = await holdShards.look(access, shard, how);
      if (!holds) throw missing(deps, shard);
      return [shard, holds] as const;
    }),
  );
  return new Map(found);
}

export type TakeRequest = {
  readonly owner: string;
  readonly by: string;
  /** All that is to be held. */
  readonly wanted: readonly StockHold[];
  /** May what the shard is to hold be held beside what the shards hold? */
  readonly fits: (shard: number, seen: SeenHolds) => boolean;
  readonly seen: SeenHolds;
  readonly deadlineAt: number;
};

/** Further tries after somebody else was quicker in a shard: who was refused elsewhere is giving back. */
const TRIES = 2;
const PAUSE_MS = 60;

/**
 * True: all is held. False: something is not there any more, and what was taken is given back; `seen` then shows what was in the
 * way. First all shards at once. Where one refuses, everything behind the first that refused is given back, and taken again in the
 * order of the shards, as everybody does it: of two carts that want the same two parts one gets both.
 */
export async function takeHolds(deps: AtpDeps, access: HoldShardAccess, request: TakeRequest): Promise<boolean> {
  const { clock, holdShards } = deps.context;
  const { owner, by, fits, seen, deadlineAt } = request;
  const byShard = Map.groupBy(request.wanted, holdShardOf);
  const shards = [...byShard.keys()].toSorted((a, b) => a - b);
  const before = new Map<number, readonly StockHold[]>();

  async function take(shard: number): Promise<boolean> {
    const wanted = byShard.get(shard) ?? [];
    const outcome = await holdShards.change(access, shard, {
      deadlineAt,
      change(holds) {
        const now = clock.now();
        seen.set(shard, holds);
        if (!fits(shard, seen)) return undefined;
        // A second look at the shard may already find what this request has placed.
        const own = holds.filter((hold) => hold.owner === owner && hold.by !== by && isLive(hold, now));
        if (!before.has(shard) || own.length > 0) before.set(shard, own);
        return placeHolds(holds, { owner, wanted }, now);
      },
    });
    if (outcome === "missing") throw missing(deps, shard);
    return outcome === "done";
  }

  const giveBack = (taken: readonly number[]): Promise<unknown> =>
    Promise.allSettled(
      taken.map((shard) =>
        holdShards.change(access, shard, {
          deadlineAt,
          change: (holds) => giveBackHolds(holds, { owner, by, before: before.get(shard) ?? [] }, clock.now()),
        }),
      ),
    );

  const tried = await Promise.all(shards.map(async (shard) => ({ shard, taken: await take(shard) })));
  const refused = tried.find(({ taken }) => !taken)?.shard;
  if (refused === undefined) return true;
  const isAlone = shards.length === 1;
  await giveBack(tried.flatMap(({ shard, taken }) => (taken && shard > refused ? [shard] : [])));
  for (const shard of shards.filter((one) => one >= refused)) {
    let isTaken = false;
    for (let left = isAlone ? 0 : TRIES; left > 0 && !isTaken; left -= 1) {
      await clock.sleep(access.chance() * PAUSE_MS);
      isTaken = await take(shard);
    }
    if (isTaken) continue;
    await giveBack(shards.filter((one) => one < shard));
    return false;
  }
  return true;
}

const lastTold = new WeakMap<AtpDeps["context"], number>();
const TOLD_MS = 60_000;

/** Nothing can be held there, and two checkouts could be told of the same unit: the policy decides. Said once a minute. */
function missing({ context, logger }: AtpDeps, shard: number): TransientError {
  const now = context.clock.monotonic();
  context.counters.shardsMissing += 1;
  if (now - (lastTold.get(context) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS) {
    lastTold.set(context, now);
    const detail =
      "what IFS has of its parts is left to the fail policy; run the post-deploy script of service-app again";
    logger.error({ flow: "atp-check", shard, detail }, "hold-shard-missing");
  }
  return new TransientError(`hold shard ${shard} is not there`);
}
