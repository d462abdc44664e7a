/**
 * The shared budget in real time: five replicas that want as much as they can get, on one ledger, against the clock on the wall.
 * Limits: never more than the budget in any sliding minute, at least 95 % of it used after the first minute, checkouts wait less than 50 ms (99th
 * percentile).
 */
import { setMaxListeners } from "node:events";
import { ConflictError } from "../core/src/domain/failure.ts";
import { type Budget, type BudgetStore, createBudget } from "../core/src/ifs/budget/budget.ts";
import { type Lane, lanes } from "../core/src/ifs/budget/lanes.ts";
import { emptyLedger } from "../core/src/ifs/budget/ledger.ts";
import { systemClock } from "../core/src/runtime/clock.ts";
import type { Bench } from "./bench.ts";
import { numbers } from "./options.ts";

const REPLICAS = 5;
const MINUTE = 60_000;
/** In the first minute the tokens that everybody used at the start are missing; the most in a minute counts from the start. */
const WARM_UP_MS = 62_000;

type Start = { readonly at: number; readonly lane: Lane; readonly waitedMs: number };

export const benchIfsBudget: Bench = {
  usage: "npm run bench -- ifs-budget [--json] [--perMinute 600] [--concurrency 16] [--seconds 160]",
  async run(args, say) {
    const options = numbers(args, { perMinute: 600, concurrency: 16, seconds: 160 });
    if (options.seconds < 130 || options.seconds > 900) throw new RangeError("--seconds must be from 130 to 900");
    say(`${REPLICAS} replicas, ${options.seconds} s ...`);
    const { starts, mostAtATime } = await load(options);
    const times = starts.map(({ at }) => at);
    const most = mostPerMinute(times);
    const least = leastPerMinute(times, { from: WARM_UP_MS, to: options.seconds * 1000 });
    const waits = starts.filter(({ lane }) => lane === "checkout").map(({ waitedMs }) => waitedMs);
    const checkoutP99Ms = Number(percentile(waits, 0.99).toFixed(2));
    const used = Number((least / options.perMinute).toFixed(3));
    return {
      ok: most <= options.perMinute && used >= 0.95 && checkoutP99Ms < 50 && mostAtATime <= options.concurrency,
      line: {
        perMinute: options.perMinute,
        mostPerMinute: most,
        leastPerMinute: least,
        used,
        mostAtATime,
        checkouts: waits.length,
        checkoutP99Ms,
        seconds: options.seconds,
      },
    };
  },
};

async function load(options: { perMinute: number; concurrency: number; seconds: number }) {
  const starts: Start[] = [];
  const begun = performance.now();
  let atATime = 0;
  let mostAtATime = 0;
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const store = memoryLedger();
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const replicas = Array.from({ length: REPLICAS }, (_, index) =>
    createBudget({
      clock: systemClock,
      logger: quiet,
      store,
      lanes,
      limits: { ...options, perProcess: 6 },
      id: `replica-${index}`,
    }),
  );

  async function call(budget: Budget, lane: Lane, ms: number): Promise<void> {
    const asked = performance.now();
    await budget.run(lane, over.signal, async () => {
      const now = performance.now();
      starts.push({ at: now - begun, lane, waitedMs: now - asked });
      atATime += 1;
      mostAtATime = Math.max(mostAtATime, atATime);
      await systemClock.sleep(ms);
      atATime -= 1;
      budget.observe({ status: 200, elapsedMs: ms, read: true });
    });
  }

  const unlessOver = (error: unknown) => {
    if (!over.signal.aborted) throw error;
  };
  const untilOver = async (work: () => Promise<void>) => {
    while (!over.signal.aborted) await work();
  };
  const loops = replicas.flatMap((budget) => {
    budget.start();
    const bulk = Array.from({ length: 6 }, () => untilOver(() => call(budget, "stock", 80)).catch(unlessOver));
    const pending: Promise<void>[] = [];
    const checkouts = untilOver(async () => {
      await systemClock.sleep(-Math.log(1 - Math.random()) * 5000, over.signal);
      pending.push(call(budget, "checkout", 60).catch(unlessOver));
    }).catch(unlessOver);
    return [...bulk, checkouts.then(() => Promise.all(pending))];
  });
  await systemClock.sleep(options.seconds * 1000);
  over.abort(new Error("over"));
  await Promise.all(loops);
  await Promise.all(replicas.map((budget) => budget.stop()));
  return { starts, mostAtATime };
}

/** One document, 30 ms away. */
function memoryLedger(): BudgetStore {
  let value: unknown = emptyLedger;
  let version = 1;
  return {
    async read() {
      await systemClock.sleep(30);
      return { value: structuredClone(value), version };
    },
    async swap(next, at) {
      await systemClock.sleep(30);
      if (at !== version) throw new ConflictError("somebody else wrote");
      value = structuredClone(next);
      version += 1;
      return version;
    },
  };
}

/** Most starts in a window of 60 s that begins at a start. */
function mostPerMinute(times: readonly number[]): number {
  let [most, end] = [0, 0];
  times.forEach((time, begin) => {
    while (end < times.length && (times[end] as number) < time + MINUTE) end += 1;
    most = Math.max(most, end - begin);
  });
  return most;
}

/** Fewest starts in a window of 60 s, in steps of a second. */
function leastPerMinute(times: readonly number[], { from, to }: { from: number; to: number }): number {
  let least = Number.POSITIVE_INFINITY;
  for (let begin = from; begin + MINUTE <= to; begin += 1000) {
    least = Math.min(least, times.filter((at) => at >= begin && at < begin + MINUTE).length);
  }
  return least;
}

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
