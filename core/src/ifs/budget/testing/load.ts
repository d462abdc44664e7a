/** Replicas that want as much as they can get, and what came of it. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../../../runtime/clock.ts";
import { type Budget, type BudgetLimits, type BudgetStore, createBudget } from "../budget.ts";
import type { Lane } from "../lanes.ts";

export type Started = { readonly at: number; readonly lane: Lane; readonly waitedMs: number; readonly replica: number };

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export function createLoad(options: { limits: BudgetLimits; random: () => number }) {
  const started: Started[] = [];
  const air = { now: 0, most: 0 };
  const over = new AbortController();
  setMaxListeners(0, over.signal);

  function replica(index: number, machine: { clock: Clock; store: BudgetStore; lanes: readonly Lane[] }): Budget {
    const budget = createBudget({
      ...machine,
      logger: silent,
      limits: options.limits,
      random: options.random,
      id: `replica-${index}`,
    });
    budget.start();
    return Object.assign(budget, { index });
  }

  async function call(where: { budget: Budget; clock: Clock; index: number }, lane: Lane, ms: number): Promise<void> {
    const asked = where.clock.monotonic();
    await where.budget.run(lane, over.signal, async () => {
      const at = where.clock.monotonic();
      started.push({ at, lane, waitedMs: at - asked, replica: where.index });
      air.now += 1;
      air.most = Math.max(air.most, air.now);
      await where.clock.sleep(ms);
      air.now -= 1;
      where.budget.observe({ status: 200, elapsedMs: ms, read: true });
    });
  }

  return {
    started,
    air,
    over,
    replica,
    call,
    /** `workers` requests at any time, one after the other each. */
    saturate(where: { budget: Budget; clock: Clock; index: number }, lane: Lane, workers: number, ms: number): void {
      for (let worker = 0; worker < workers; worker++) {
        const loop = async () => {
          while (!over.signal.aborted) await call(where, lane, ms);
        };
        loop().catch(() => undefined);
      }
    },
    /** Requests at random moments, `perMinute` of them on average. */
    arrive(where: { budget: Budget; clock: Clock; index: number }, lane: Lane, perMinute: number, ms: number): void {
      const loop = async () => {
        while (!over.signal.aborted) {
          await where.clock.sleep((-Math.log(1 - options.random()) * 60_000) / perMinute, over.signal);
          call(where, lane, ms).catch(() => undefined);
        }
      };
      loop().catch(() => undefined);
    },
  };
}

/** Most starts in any 60 s: the half-open window that begins at a start. */
export function mostPerMinute(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let end = 0;
  sorted.forEach((time, begin) => {
    while (end < sorted.length && (sorted[end] as number) < time + 60_000) end += 1;
    most = Math.max(most, end - begin);
  });
  return most;
}

export const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
