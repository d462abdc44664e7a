/** One process's door to IFS: who of those waiting starts next, and when. Knows nothing of other processes. */
import pLimit from "p-limit";
import type { Clock } from "../../runtime/clock.ts";
import { type Turn, turnOf } from "../../runtime/limit.ts";
import type { Adaptation } from "./adaptation.ts";
import {
  classOf,
  keptForCheckout,
  type Lane,
  type LaneClass,
  laneClasses,
  lanes,
  moreUrgent,
  servesMainlyOrders,
} from "./lanes.ts";
import { type Purse, REST_MS } from "./purse.ts";

export type Gate = {
  /**
   * Runs `work` when the lane's turn has come, among the lane's others by the turn that the signal tells. Rejects with the signal's
   * reason when it is aborted before; work that has begun is left to its own signal.
   */
  run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Looks again: the purse, the places or the pause changed. */
  dispatch(): void;
  waiting(lane: Lane): number;
  /** What the lane waits for; undefined when nobody waits in it. */
  lacks(lane: Lane): "token" | "place" | undefined;
  /** Requests in the air. */
  busy(): number;
};

export type GateOptions = {
  readonly clock: Clock;
  /** The lanes that this process uses. */
  readonly served: readonly Lane[];
  readonly purse: Purse;
  readonly adaptation: Adaptation;
  /** Places now; may be 0. */
  readonly slots: () => number;
  /** Called before each look, so that an expired share is never used. */
  readonly refresh: () => void;
  /** Rested tokens that each class leaves for every more urgent one that the process serves. */
  readonly reserve: () => number;
  /** `inAir` of the lane's class, this one included. */
  readonly onStart: (lane: Lane, at: { now: number; inAir: number }) => void;
  readonly onShortage: (lane: Lane, of: "token" | "place") => void;
};

type Waiting = { readonly start: () => void };
/** In each lane what ends something that was begun goes first: else, under load, much would be begun and nothing ended. */
type Queue = { readonly [turn in Turn]: Set<Waiting> };
const leave = ({ first, next, last }: Queue, waiting: Waiting): boolean =>
  first.delete(waiting) || next.delete(waiting) || last.delete(waiting);

export function createGate(options: GateOptions): Gate {
  const { clock, served, purse, adaptation } = options;
  const limit = pLimit(1);
  const queues = new Map<Lane, Queue>(
    lanes.map((lane) => [lane, { first: new Set(), next: new Set(), last: new Set() }]),
  );
  const leaves = new Map(lanes.map((lane) => [lane, moreUrgent(lane, served)]));
  /** Requests by which this process is ahead of spreading its share evenly over the minute, and when that was so. */
  let lead = { requests: 0, at: clock.monotonic() };
  const mainlyOrders = servesMainlyOrders(served);
  /** Somebody waited for a place: what could not start meanwhile may start faster afterwards. */
  let starved = false;
  let alarm: { at: number; cancel: AbortController } | undefined;

  const queueOf = (lane: Lane): Queue => queues.get(lane) as Queue;
  const waitingIn = (lane: Lane): number => {
    const { first, next, last } = queueOf(lane);
    return first.size + next.size + last.size;
  };
  const inAir = new Map<LaneClass, number>(laneClasses.map((name) => [name, 0]));
  const count = (lane: Lane, by: number) => inAir.set(classOf(lane), (inAir.get(classOf(lane)) as number) + by);
  const busy = (): number => limit.activeCount + limit.pendingCount;

  /** True when a place is left for the lane besides those that it leaves to more urgent classes. */
  function hasPlace(lane: Lane): boolean {
    const slots = options.slots();
    if (busy() >= slots) return false;
    if (lane === "checkout") return true;
    const places = Math.max(1, slots - (leaves.get(lane) as number)) * adaptation.factor();
    const classes = laneClasses.slice(laneClasses.indexOf(classOf(lane)));
    const taken = classes.reduce((sum, name) => sum + (inAir.get(name) as number), 0);
    return slots > keptForCheckout(served) && taken < Math.max(1, Math.floor(places));
  }

  const lack = (lane: Lane) => (hasPlace(lane) ? "token" : "place");

  /** When the lane's next request may start: `now` or earlier, later, or not before something else changes (undefined). */
  function startAt(lane: Lane, now: number): number | undefined {
    if (!hasPlace(lane)) return undefined;
    // Of a few tokens a quarter.
    const reserve = (leaves.get(lane) as number) * Math.min(options.reserve(), Math.floor(purse.size() / 4));
    const token = purse.restedAt(reserve + 1);
    if (token === undefined) return undefined;
    const even = now + Math.max(0, leadAt(now) + 1 - mostLead(lane)) * interval(now);
    return Math.max(token, adaptation.holdUntil(), even);
  }

  /**
   * Where orders alone are in a hurry, a burst may go at once, and what follows is spread so that the tokens never run out before
   * the next ones have rested: else each minute would end in a pause as long as the burst was ahead, and every order waits for it.
   * Bulk that begins after a pause is spread over the minute; where tokens come evenly, what was left behind is caught up with.
   */
  function interval(now: number): number {
    if (mainlyOrders) return Math.max(purse.evenly(now), REST_MS / purse.size()) / adaptation.factor();
    const steady = purse.rested(now) <= purse.size() / 10;
    return ((steady ? 0.8 : 1) * REST_MS) / purse.size() / adaptation.factor();
  }
  /** Whatever was ahead is forgotten after a minute, when its tokens have rested: the purse may be a small one by then. */
  function leadAt(now: number): number {
    const least = starved && adaptation.factor() === 1 ? -purse.size() / 4 : 0;
    const every = Math.min(interval(now), REST_MS / Math.max(1, lead.requests));
    const left = Math.max(least, lead.requests - (now - lead.at) / every);
    // A share that others took a part of is not paced by what could be ahead of the whole.
    return mainlyOrders ? Math.min(left, mostLead("orders")) : left;
  }

  /** A checkout may be ahead of the even pace as far as the tokens reach; it makes the others start later by as much. */
  function mostLead(lane: Lane): number {
    if (lane === "checkout") return Number.POSITIVE_INFINITY;
    if (lane === "orders") return Math.max(leaves.get(lane) === 0 ? 8 * options.reserve() : 1, purse.size() / 8);
    return Math.max(1, purse.size() / 50);
  }

  function spend(lane: Lane, now: number): void {
    purse.take(now);
    lead = { requests: leadAt(now) + 1, at: now };
    options.onStart(lane, { now, inAir: (inAir.get(classOf(lane)) as number) + 1 });
  }

  /** The more urgent lane first; while it waits, no other starts. */
  function dispatch(): void {
    options.refresh();
    const slots = Math.max(1, options.slots());
    if (limit.concurrency !== slots) limit.concurrency = slots;
    for (const lane of lanes) {
      const queue = queueOf(lane);
      for (const waiting of [...queue.first, ...queue.next, ...queue.last]) {
        const now = clock.monotonic();
        const at = startAt(lane, now);
        if (at === undefined || at > now) {
          starved ||= !hasPlace(lane);
          wakeAt(at);
          return;
        }
        leave(queue, waiting);
        spend(lane, now);
        waiting.start();
      }
    }
    starved = false;
    wakeAt(undefined);
  }

  function wakeAt(at: number | undefined): void {
    if (alarm?.at === at) return;
    alarm?.cancel.abort();
    alarm = undefined;
    if (at === undefined) return;
    const set = { at, cancel: new AbortController() };
    alarm = set;
    // A timer may fire a fraction early; the look decides, and sets the next alarm.
    const ring = () => {
      if (alarm !== set) return;
      alarm = undefined;
      dispatch();
    };
    clock.sleep(Math.max(1, Math.ceil(at - clock.monotonic())), set.cancel.signal).then(ring, () => undefined);
  }

  return {
    run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
      if (signal.aborted) return Promise.reject(signal.reason);
      const queue = queueOf(lane)[turnOf(signal)];
      return new Promise<T>((resolve, reject) => {
        const giveUp = () => {
          queue.delete(waiting);
          reject(signal.reason);
          dispatch();
        };
        const landed = () => {
          count(lane, -1);
          dispatch();
        };
        const waiting: Waiting = {
          start() {
            signal.removeEventListener("abort", giveUp);
            count(lane, 1);
            limit(work).finally(landed).then(resolve, reject);
          },
        };
        signal.addEventListener("abort", giveUp, { once: true });
        queue.add(waiting);
        dispatch();
        if (queue.has(waiting)) options.onShortage(lane, lack(lane));
      });
    },
    dispatch,
    waiting: waitingIn,
    lacks: (lane) => (waitingIn(lane) > 0 ? lack(lane) : undefined),
    busy,
  };
}
