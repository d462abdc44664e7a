/** What a process needs of the budget, from what it did and what waits: the wants that it writes beside its share. */
import { classOf, keptForCheckout, type Lane, type LaneClass, laneClasses, lanes } from "./lanes.ts";
import type { Limits } from "./ledger.ts";
import { REST_MS } from "./purse.ts";

export type Demand = {
  started(lane: Lane, at: { now: number; busy: number }): void;
  /** Something had to wait, for a token or a place. */
  short(lane: Lane, of: "token" | "place"): void;
  /** Wants by level of urgency: what every process keeps, then one level for each class. Starts a new period. */
  wants(now: number, waiting: (lane: Lane) => number, limits: Limits): { wants: number[]; slotWants: number[] };
  /** False when nothing happened since the last wants. */
  active(): boolean;
};

/** Kept by a process that does nothing, so that its next request starts at once: a hundredth of the budget, two for orders. */
const keepOf = ({ perMinute }: Limits, urgent: boolean): number =>
  Math.max(4, Math.ceil((perMinute * (urgent ? 2 : 1)) / 100));

/** A rise is measured over this time: shorter ones see a rise in every two requests that come together. */
const RECENT_MS = 10_000;

type Seen = {
  /** When requests started, in the last minute. */
  starts: number[];
  inPeriod: number;
  /** Most requests in the air in this period and the ones before, fading. */
  peak: number;
  short: Set<"token" | "place">;
};

export function createDemand(options: {
  readonly served: readonly Lane[];
  /** Places that this process may want at most, and those that it has. */
  readonly mostSlots: () => number;
  readonly slots: () => number;
}): Demand {
  const classes = laneClasses.filter((name) => options.served.some((lane) => classOf(lane) === name));
  const urgent = classes.some((name) => name !== "bulk");
  const seen = new Map<LaneClass, Seen>(
    laneClasses.map((name) => [name, { starts: [], inPeriod: 0, peak: 0, short: new Set() }]),
  );
  const of = (lane: Lane): Seen => seen.get(classOf(lane)) as Seen;

  function tokensWanted(name: LaneClass, period: { now: number; queued: number }, limits: Limits): number {
    // Who has no place for it asks for no tokens: others can use them.
    if (name !== "checkout" && options.slots() <= keptForCheckout(options.served)) return 0;
    const { starts, short } = seen.get(name) as Seen;
    const hungry = period.queued > 0 || short.has("token");
    // Bulk takes what nobody else wants. The urgent classes ask for what random arrivals may bring next (three deviations); while
    // they have to wait, for twice as much, and a tenth of the budget at least.
    if (name === "bulk" && hungry) return limits.perMinute;
    const pace = (starts.filter((at) => at > period.now - RECENT_MS).length * REST_MS) / RECENT_MS;
    const want = short.has("token")
      ? Math.max(limits.perMinute / 10, 2 * pace, 2 * starts.length)
      : starts.length + 3 * Math.sqrt(starts.length);
    // In steps, because every change of a share costs a moment of rest.
    const step = Math.max(1, Math.floor(keepOf(limits, false) / 2));
    return Math.min(limits.perMinute, Math.ceil((want + period.queued) / step) * step);
  }

  return {
    started(lane, { now, busy }) {
      const one = of(lane);
      one.starts.push(now);
      one.inPeriod += 1;
      one.peak = Math.max(one.peak, busy);
    },
    short(lane, what) {
      of(lane).short.add(what);
    },
    active: () => [...seen.values()].some(({ inPeriod, short }) => inPeriod > 0 || short.size > 0),
    wants(now, waiting, limits) {
      const levels = laneClasses.map((name) => {
        const one = seen.get(name) as Seen;
        one.starts = one.starts.filter((at) => at > now - REST_MS);
        const queued = lanes.filter((lane) => classOf(lane) === name).reduce((sum, lane) => sum + waiting(lane), 0);
        const slots = Math.min(options.mostSlots(), one.peak + (one.short.has("place") ? Math.max(1, queued) : 0));
        return { tokens: tokensWanted(name, { now, queued }, limits), slots };
      });
      for (const one of seen.values()) {
        Object.assign(one, { inPeriod: 0, peak: Math.floor(one.peak * 0.9), short: new Set() });
      }
      return {
        wants: [keepOf(limits, urgent), ...levels.map(({ tokens }) => tokens)],
        slotWants: [1, classes.length - 1, ...levels.map(({ slots }) => slots)],
      };
    },
  };
}
