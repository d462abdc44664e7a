/** The holds of one request: what it takes in each shard, all of it or nothing. */
import { toInventoryUnits, type UnitFactor } from "../../domain/availability.ts";
import { TransientError } from "../../domain/failure.ts";
import { holdsOf, rememberedOf } from "../../domain/held-by-others.ts";
import { giveBackHolds, isHeldLongest, placeHolds, slotOf } from "../../domain/hold-changes.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { holdShardOf, isHoldable, type StockHold } from "../../domain/stock-hold.ts";
import { askAfterCarts, outlasting } from "./bound-holds.ts";
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
  /** Of a question: now. */
  readonly since?: number;
  readonly order?: string | undefined;
  readonly caller?: string | undefined;
};

/** The entries that keep a demand for its holder: one for each part that it draws on. */
export function holdsFor(holder: Holder, demand: Demand, draws: readonly HeldDraw[]): StockHold[] {
  const { sku, supplyChannel, requested, ownReserved } = demand;
  return draws.flatMap(({ site, partNo, factor }): StockHold[] => {
    const units = toInventoryUnits(requested, factor);
    if (supplyChannel === undefined || !isHoldable(units)) return [];
    const { owner, by, until, since, order, caller } = holder;
    return [
      {
        ...{ owner, by, until, site, partNo, sku, channel: supplyChannel, units, pieces: requested },
        ...{ since, order, caller, reserves: ownReserved > 0 ? true : undefined },
      },
    ];
  });
}

/** What the shards hold, as far as they were looked at. */
export type SeenHolds = Map<number, readonly StockHold[]>;

export const noHolds: ReadonlyMap<number, readonly StockHold[]> = new Map();

export type HoldLook = {
  readonly parts: readonly SitePart[];
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
  await askAfterCarts(
    deps,
    parts,
    found.flatMap(([, holds]) => holds),
  );
  return new Map(found.map(([shard, holds]) => [shard, outlasting(deps, holds)]));
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
/** Nobody waits for what is given back behind an answer; what is not given back by then expires. */
const GIVE_BACK_MS = 5000;
/** What is sent may still arrive after nobody waits for it any more: where that is possible, it is looked for so much later. */
const LATE_MS = 1000;

export type HoldAttempt = {
  /**
   * True: all is held. False: something is not there any more; `seen` then shows what was in the way. TransientError: a shard is not
   * there, is full, or does not answer. In both cases what other shards have taken stays until it is given back: the caller
   * alone knows whether an order passes all the same.
   */
  readonly done: Promise<boolean>;
  /** Gives back what this attempt holds, now or late, behind the answer. What another attempt of the cart has placed since stays. */
  readonly giveBack: () => void;
  /** Once all is done: the cart has held some of it for as long as it may, and of what was wanted not all is held. */
  readonly isLongest: () => boolean;
  /** Once all is held: what was wanted, as it is held. */
  readonly held: () => readonly StockHold[];
};

/**
 * First all shards at once. Where one refuses, everything behind the first that refused is given back, and taken again in the
 * order of the shards, as everybody does it: of two carts that want the same two parts one gets both.
 */
export function takeHolds(deps: AtpDeps, access: HoldShardAccess, request: TakeRequest): HoldAttempt {
  const { clock, holdShards } = deps.context;
  const { owner, by, fits, seen, deadlineAt } = request;
  const byShard = Map.groupBy(request.wanted, holdShardOf);
  const shards = [...byShard.keys()].toSorted((a, b) => a - b);
  /** What the cart held before, by each shard in which this attempt may hold something. */
  const before = new Map<number, readonly StockHold[]>();
  /** Shards of which nobody told whether they took it. */
  const doubtful = new Set<number>();
  /** What the cart holds by each shard, by slot; and shards in which it has held for as long as it may. */
  const heldBySlot = new Map<string, StockHold>();
  const longest = new Set<number>();
  const longestMs = deps.config.atp.holds.longestSeconds * 1000;

  async function take(shard: number): Promise<boolean> {
    const wanted = byShard.get(shard) ?? [];
    let isFull = false;
    doubtful.add(shard);
    const outcome = await holdShards.change(access, shard, {
      deadlineAt,
      change(found) {
        const now = clock.now();
        const holds = outlasting(deps, found);
        seen.set(shard, holds);
        isFull = false;
        longest.delete(shard);
        if (!fits(shard, seen)) return undefined;
        if (isHeldLongest(holds, { owner, wanted, longestMs }, now)) {
          longest.add(shard);
          return found;
        }
        // A second look at the shard may already find what this request has placed.
        const own = rememberedOf(holds, owner, now).filter((hold) => hold.by !== by);
        if (!before.has(shard) || own.length > 0) before.set(shard, own);
        const placed = placeHolds(holds, { owner, wanted, longestMs }, now);
        isFull = placed === undefined;
        for (const hold of holdsOf(placed ?? [], owner, now)) heldBySlot.set(slotOf(hold), hold);
        return placed;
      },
    });
    doubtful.delete(shard);
    if (outcome === "missing") throw missing(deps, shard);
    if (isFull) throw new TransientError(`hold shard ${shard} is full`);
    return outcome === "done";
  }

  const giveBack = (some: readonly number[], until: number): Promise<unknown> =>
    Promise.allSettled(
      some.map((shard) =>
        holdShards.change(access, shard, {
          deadlineAt: until,
          change: (holds) => giveBackHolds(holds, { owner, by, before: before.get(shard) ?? [] }, clock.now()),
        }),
      ),
    );

  async function takeAll(): Promise<boolean> {
    const tried = await Promise.allSettled(shards.map(take));
    const refused = tried.findIndex((one) => one.status === "fulfilled" && !one.value);
    const failed = tried.find((one) => one.status === "rejected");
    // Who is refused is refused, whatever ails another shard; to try again is of use only where all of them answer.
    if (refused !== -1 && (failed || shards.length === 1)) return false;
    if (failed) throw failed.reason;
    if (refused === -1) return true;
    const isTaken = (index: number) => tried[index]?.status === "fulfilled" && tried[index].value;
    return takeInOrder(
      shards.slice(refused),
      shards.filter((_, index) => index > refused && isTaken(index)),
    );
  }

  async function takeInOrder(order: readonly number[], taken: readonly number[]): Promise<boolean> {
    const given = giveBack(taken, deadlineAt);
    for (const [index, shard] of order.entries()) {
      // The one that refused tells without it whether there is anything to go on for.
      if (index > 0) await given;
      let isHeld = false;
      for (let left = TRIES; left > 0 && !isHeld; left -= 1) {
        await clock.sleep(access.chance() * PAUSE_MS);
        isHeld = await take(shard);
      }
      if (!isHeld) return false;
    }
    return true;
  }

  async function giveAllBack(): Promise<void> {
    await Promise.allSettled([done]);
    const until = clock.monotonic() + GIVE_BACK_MS;
    const touched = [...before.keys()];
    await giveBack(
      touched.filter((shard) => !doubtful.has(shard)),
      until,
    );
    if (doubtful.size === 0) return;
    await clock.sleep(LATE_MS);
    await giveBack(
      touched.filter((shard) => doubtful.has(shard)),
      until,
    );
  }

  const done = takeAll();
  return {
    ...{ done, giveBack: () => holdShards.behind(giveAllBack) },
    isLongest: () => longest.size > 0,
    held: () => request.wanted.map((hold) => heldBySlot.get(slotOf(hold)) ?? hold),
  };
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
