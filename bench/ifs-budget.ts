/**
 * The shared budget in real time: five processes that want as much as they can get, on one ledger, against the clock on the wall.
 * Limits: never more than the budget in any sliding minute, at least 95 % of it used after the first minute, checkouts wait less than 50 ms (99th
 * percentile). `--mix apps` are the processes of a deployment (two for checkouts, two for orders, one for the rest), `--mix replicas`
 * five that serve every lane.
 */
import { setMaxListeners } from "node:events";
import { ConflictError } from "../core/src/domain/failure.ts";
import { type Budget, type BudgetStore, createBudget } from "../core/src/ifs/budget/budget.ts";
import { type Lane, lanes } from "../core/src/ifs/budget/lanes.ts";
import { emptyLedger } from "../core/src/ifs/budget/ledger.ts";
import { systemClock } from "../core/src/runtime/clock.ts";
import type { Bench } from "./bench.ts";
import { numbers } from "./options.ts";

const MINUTE = 60_000;
/** In the first minute the tokens that everybody used at the start are missing; the most in a minute counts from the start. */
const WARM_UP_MS = 62_000;

const mixes: Readonly<Record<string, readonly (readonly Lane[])[]>> = {
  // As the applications say it of themselves (`lanes` of their definitions), without hints.
  apps: [
    ["checkout", "orders", "prices", "reports"],
    ["checkout", "orders", "prices", "reports"],
    ["orders"],
    ["orders"],
    ["orders", "statuses", "stock", "prices"],
  ],
  replicas: Array<readonly Lane[]>(5).fill(lanes),
};
/** Requests a minute at random moments, all processes together. */
const CHECKOUTS = 60;
const ORDERS = 40;

type Start = { readonly at: number; readonly lane: Lane; readonly waitedMs: number };

export const benchIfsBudget: Bench = {
  usage:
    "npm run bench -- ifs-budget [--json] [--mix apps|replicas] [--perMinute 600] [--concurrency 8] [--orders 40] [--seconds 160]",
  async run(args, say) {
    const { mix, rest } = mixOf(args);
    const options = numbers(rest, { perMinute: 600, concurrency: 8, orders: ORDERS, seconds: 160 });
    if (options.seconds < 130 || options.seconds > 900) throw new RangeError("--seconds must be from 130 to 900");
    const processes = mixes[mix] as readonly (readonly Lane[])[];
    say(`${processes.length} processes (${mix}), ${options.seconds} s ...`);
    const { starts, mostAtATime } = await load(processes, options);
    const times = starts.map(({ at }) => at);
    const most = mostPerMinute(times);
    const counts = perMinute(times, { from: WARM_UP_MS, to: options.seconds * 1000 });
    const waits = (lane: Lane) => starts.filter((start) => start.lane === lane).map(({ waitedMs }) => waitedMs);
    const p99 = (lane: Lane) => Number(percentile(waits(lane), 0.99).toFixed(2));
    const checkoutP99Ms = p99("checkout");
    const used = Number((counts.reduce((sum, count) => sum + count, 0) / counts.length / options.perMinute).toFixed(3));
    return {
      ok: most <= options.perMinute && used >= 0.95 && checkoutP99Ms < 50 && mostAtATime <= options.concurrency,
      line: {
        mix,
        perMinute: options.perMinute,
        concurrency: options.concurrency,
        mostPerMinute: most,
        leastPerMinute: Math.min(...counts),
        used,
        mostAtATime,
        checkouts: waits("checkout").length,
        checkoutP99Ms,
        orders: waits("orders").length,
        orderP99Ms: p99("orders"),
        seconds: options.seconds,
      },
    };
  },
};

/** numbers() reads the rest. */
function mixOf(args: readonly string[]): { mix: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === "--mix" || arg.startsWith("--mix="));
  const inline = args[at]?.includes("=") ?? false;
  const mix = at < 0 ? "apps" : inline ? (args[at] ?? "").slice("--mix=".length) : (args[at + 1] ?? "");
  if (!Object.hasOwn(mixes, mix)) throw new RangeError(`--mix must be one of ${Object.keys(mixes).join(", ")}`);
  return { mix, rest: args.filter((_, index) => at < 0 || index < at || index > at + (inline ? 0 : 1)) };
}

async function load(
  processes: readonly (readonly Lane[])[],
  options: { perMinute: number; concurrency: number; orders: number; seconds: number },
) {
  const starts: Start[] = [];
  const begun = performance.now();
  let atATime = 0;
  let mostAtATime = 0;
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const store = memoryLedger();
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const replicas = processes.map((served, index) => ({
    served,
    budget: createBudget({
      clock: systemClock,
      logger: quiet,
      store,
      lanes: served,
      limits: { perMinute: options.perMinute, concurrency: options.concurrency, perProcess: 6 },
      id: `process-${index}`,
    }),
  }));

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
  /** Requests at random moments. */
  async function arrive(budget: Budget, lane: Lane, { perMinute: rate, ms }: { perMinute: number; ms: number }) {
    const pending: Promise<void>[] = [];
    await untilOver(async () => {
      await systemClock.sleep((-Math.log(1 - Math.random()) * MINUTE) / rate, over.signal);
      pending.push(call(budget, lane, ms).catch(unlessOver));
    }).catch(unlessOver);
    await Promise.all(pending);
  }

  // Orders arrive where they are the first lane; elsewhere the lane is for what was left behind, or is tried again by people.
  const arrives = (served: readonly Lane[], lane: Lane) =>
    served.includes(lane) &&
    (lane !== "orders" || served === lanes || (served[0] === "orders" && !served.includes("stock")));
  const servers = (lane: Lane) => processes.filter((served) => arrives(served, lane)).length;
  const loops = replicas.flatMap(({ served, budget }) => {
    budget.start();
    const bulk = served.includes("stock")
      ? Array.from({ length: 6 }, () => untilOver(() => call(budget, "stock", 80)).catch(unlessOver))
      : [];
    const checkouts = arrives(served, "checkout")
      ? [arrive(budget, "checkout", { perMinute: CHECKOUTS / servers("checkout"), ms: 60 })]
      : [];
    const orders =
      options.orders > 0 && arrives(served, "orders")
        ? [arrive(budget, "orders", { perMinute: options.orders / servers("orders"), ms: 150 })]
        : [];
    return [...bulk, ...checkouts, ...orders];
  });
  await systemClock.sleep(options.seconds * 1000);
  over.abort(new Error("over"));
  await Promise.all(loops);
  await Promise.all(replicas.map(({ budget }) => budget.stop()));
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

/** Starts in each window of 60 s, in steps of a second. */
function perMinute(times: readonly number[], { from, to }: { from: number; to: number }): number[] {
  const counts: number[] = [];
  for (let begin = from; begin + MINUTE <= to; begin += 1000) {
    counts.push(times.filter((at) => at >= begin && at < begin + MINUTE).length);
  }
  return counts;
}

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
