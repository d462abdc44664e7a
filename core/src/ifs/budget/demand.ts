/** What a process needs of the budget, from what it did and what waits: the wants that it writes beside its share. */
import {
  classOf,
  keptForCheckout,
  type Lane,
  type LaneClass,
  laneClasses,
  lanes,
  servesMainlyOrders,
} from "./lanes.ts";
import type { Limits } from "./ledger.ts";
import { REST_MS } from "./purse.ts";

export type Demand = {
  /** `inAir` of the lane's class, this one included. */
  started(lane: Lane, at: { now: number; inAir: number }): void;
  /** Something had to wait, for a token or a place. */
  short(lane: Lane, of: "token" | "place"): void;
  /**
   * Wants by level of urgency: what every process keeps, then checkouts, orders, (of places: a spare one for checkouts,) bulk.
   * Starts a new period.
   */
  wants(now: number, waiting: (lane: Lane) => number, limits: Limits): { wants: number[]; slotWants: number[] };
  /** False when nothing happened in the last minute. */
  active(): boolean;
};

/** Rested tokens for the next requests of one class: a three hundredth of the budget. */
export const reserveOf = ({ perMinute }: Limits): number => Math.max(1, Math.floor(perMinute / 300));

/** Rested tokens that every process keeps for its next request: most where checkouts come and bulk does not run. */
export function keepOf(limits: Limits, served: readonly Lane[]): number {
  if (served.includes("checkout") && !served.includes("stock")) return Math.max(2, Math.floor(limits.perMinute / 120));
  if (served.includes("checkout")) return 2 * reserveOf(limits);
  return Math.max(1, Math.floor(limits.perMinute / 200));
}

const onlyCheckouts = (served: readonly Lane[]): boolean => served.every((lane) => lane === "checkout");

/** A rise is seen over this time. */
const RISE_MS = 30_000;
/** In this time orders that wait together are to start; and in this time what was wanted for it is given up. */
const SERVE_MS = 2000;
const CALM_MS = 10_000;
/** So many starts in that time, or half as many that wait, are no chance. */
const SWARM = 6;

/** In this time bulk gives up what it can't use. */
const SHRINK_MS = 30_000;

type Seen = {
  /** When requests started, in the last minute. */
  starts: number[];
  /** Most requests in the air in this period and the ones before, fading. */
  peak: number;
  short: Set<"token" | "place">;
  /** Periods without a break in which tokens were short. */
  shortFor: number;
};

export function createDemand(options: {
  readonly served: readonly Lane[];
  /** Places that this process may want at most. */
  readonly mostSlots: () => number;
  /** Tokens that it holds. */
  readonly tokens: () => number;
}): Demand {
  const kept = keptForCheckout(options.served);
  const mainlyOrders = servesMainlyOrders(options.served);
  const seen = new Map<LaneClass, Seen>(
    laneClasses.map((name) => [name, { starts: [], peak: 0, short: new Set(), shortFor: 0 }]),
  );
  const urgentStarts = () => (seen.get("checkout") as Seen).starts.length + (seen.get("orders") as Seen).starts.length;
  let askedAt = Number.NEGATIVE_INFINITY;
  let rush = 0;
  const of = (lane: Lane): Seen => seen.get(classOf(lane)) as Seen;

  /** Tokens that rest since they were used here come back here; what else is needed depends on how the rate moves. */
  function tokensWanted(name: LaneClass, period: { now: number; queued: number }, limits: Limits): number {
    const { starts, short, shortFor } = seen.get(name) as Seen;
    if (name === "bulk") return bulkWanted(period.now, limits);
    // What chance brings is no rise, unless somebody has to wait.
    const recent = starts.filter((at) => at > period.now - RISE_MS).length + period.queued;
    const rise = shortFor > 2 ? recent : short.has("token") ? 0 : -Math.sqrt(recent);
    const pace = (recent + rise) * (REST_MS / RISE_MS);
    if (mainlyOrders && name === "orders") rush = rushOf({ starts, short, ...period }, limits);
    const least = name === "orders" ? rush : 0;
    return Math.min(limits.perMinute, Math.ceil(Math.max(pace, starts.length, least) + period.queued));
  }

  function bulkWanted(now: number, limits: Limits): number {
    const { starts, short } = seen.get("bulk") as Seen;
    if (starts.length === 0 && short.size === 0) return 0;
    // Grows while tokens are what it lacks, shrinks slowly to what it uses: tokens do not follow a place that comes and goes.
    const held = Math.max(0, options.tokens() - keepOf(limits, options.served) - urgentStarts());
    const kept = held * Math.max(0, 1 - (now - askedAt) / SHRINK_MS);
    const want = short.has("token") ? 1.25 * held + limits.perMinute / 100 : Math.max(starts.length, kept);
    return Math.min(limits.perMinute, Math.floor(want));
  }

  /**
   * Orders that wait together, or come one soon after the other, need the tokens now: how many the last half minute took says
   * nothing about it. Given up slowly, because orders come in swarms.
   */
  function rushOf(seen: Pick<Seen, "starts" | "short"> & { now: number; queued: number }, limits: Limits): number {
    const { now, queued, short } = seen;
    const tooFew = short.has("token") || options.tokens() < 2 * queued;
    const waiting = tooFew && queued >= SWARM / 2 ? queued : 0;
    const coming = seen.starts.filter((at) => at > now - SERVE_MS).length;
    const most = Math.max(waiting, coming >= SWARM ? coming : 0) * (REST_MS / SERVE_MS);
    return Math.min(limits.perMinute, Math.max(most, rush * Math.max(0, 1 - (now - askedAt) / CALM_MS)));
  }

  function slotsWanted(name: LaneClass, queued: number): number {
    const { peak, short } = seen.get(name) as Seen;
    const want = Math.round(peak) + (short.has("place") ? Math.max(1, queued) : 0);
    // The place that everybody keeps is the first of the most urgent class that is served.
    const first = name === "checkout" || kept === 0 ? 1 : 0;
    return Math.min(options.mostSlots(), Math.max(0, want - first));
  }

  return {
    started(lane, { now, inAir }) {
      const one = of(lane);
      one.starts.push(now);
      one.peak = Math.max(one.peak, inAir);
    },
    short(lane, what) {
      of(lane).short.add(what);
    },
    active: () => [...seen.values()].some(({ starts, short }) => starts.length > 0 || short.size > 0),
    wants(now, waiting, limits) {
      const levels = laneClasses.map((name) => {
        const one = seen.get(name) as Seen;
        one.starts = one.starts.filter((at) => at > now - REST_MS);
        one.shortFor = one.short.has("token") ? one.shortFor + 1 : 0;
        const queued = lanes.filter((lane) => classOf(lane) === name).reduce((sum, lane) => sum + waiting(lane), 0);
        return { tokens: tokensWanted(name, { now, queued }, limits), slots: slotsWanted(name, queued) };
      });
      const [checkout, orders, bulk] = levels.map(({ slots }) => slots) as [number, number, number];
      // A second place: where nothing else runs, for one checkout beside another; where something does, for that.
      const active = Math.round((seen.get("checkout") as Seen).peak) > 0;
      const spare = kept === 1 && (active || !onlyCheckouts(options.served)) ? 1 : 0;
      askedAt = now;
      for (const [name, one] of seen) {
        // An order's place is soon free for others.
        Object.assign(one, { peak: one.peak * (name === "orders" ? 0.5 : 0.9), short: new Set() });
      }
      return {
        wants: [keepOf(limits, options.served), ...levels.map(({ tokens }) => tokens)],
        slotWants: [1, checkout, orders, spare, bulk],
      };
    },
  };
}
