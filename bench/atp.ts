/**
 * The check at order creation, as commercetools asks it: above every threshold (the shop's own figures), below (IFS is asked), and with
 * an IFS that often takes 5 seconds. The service is its bundle, in a process of its own; the platforms are in another.
 *
 * Our own part of an answer is the time that the caller waits, less the time in which the service waited for an answer of commercetools or
 * IFS (it logs both for each check).
 */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Answer, cartsFor, closedLoop, openLoop, type Target } from "./atp-load.ts";
import { type AtpWorld, type LoggedCheck, openAtpWorld } from "./atp-world.ts";
import type { Bench } from "./bench.ts";
import { median, numbers } from "./options.ts";

const RUNS = 3;
const CARTS = 4000;
/** Nothing in the shop or in IFS is above it. */
const ABOVE_ALL = 1_000_000;
const FEW_SKUS = 50;
const FIRST_ANSWER_MS = 30_000;
const SLOW_MS = 5000;
const SLOW_SHARE = 0.2;

const limits = {
  aboveRps: 2000,
  aboveP99Ms: 10,
  answersPerCtRead: 100,
  belowP99OwnMs: 10,
  checksPerIfsRequest: 3,
  checksPerIfsRequestCached: 50,
  rssMb: 256,
  firstAnswerMs: 1000,
};

type Options = Record<"skus" | "connections" | "rate" | "seconds" | "warm-up" | "ct-latency" | "ifs-latency", number>;

export const benchAtp: Bench = {
  usage:
    "npm run bench -- atp [--json] [--skus 5000] [--seconds 5] [--warm-up 15] [--connections 16] [--rate 200] [--ct-latency 40] [--ifs-latency 150]",
  async run(args, say) {
    const options: Options = numbers(args, {
      skus: 5000,
      connections: 16,
      rate: 200,
      seconds: 5,
      "warm-up": 15,
      "ct-latency": 40,
      "ifs-latency": 150,
    });
    if (options.skus < FEW_SKUS || options.seconds < 1) throw new RangeError("--skus 50 and --seconds 1 at least");
    const world = await openAtpWorld(dirname(dirname(fileURLToPath(import.meta.url))), options.skus, say);
    try {
      await world.delay(latencyOf(options));
      const above = await aboveThreshold(world, options, say);
      const below = await belowThreshold(world, options, say);
      const slow = await slowIfs(world, options, say);
      const line = {
        aboveThreshold: above.line,
        belowThreshold: below.line,
        slowIfs: slow.line,
        deadlineBreaches: above.late + below.late + slow.late,
        firstAnswerMs: above.firstAnswerMs,
        rssMb: world.rssMb(),
      };
      say(`answers per read of commercetools above the threshold: ${above.answersPerCtRead}`);
      return { ok: isWithin(line, above.answersPerCtRead), line };
    } finally {
      await world.close();
    }
  },
};

const latencyOf = (options: Options) => ({ ct: options["ct-latency"], ifs: options["ifs-latency"] });

async function aboveThreshold(world: AtpWorld, options: Options, say: (line: string) => void) {
  const target = world.target(options.skus);
  const carts = cartsFor(target, CARTS, 1);
  const firstAnswerMs = await firstAnswer(world, target, carts[0] as Buffer);
  const { connections } = options;
  say("above the threshold: warm-up ...");
  await closedLoop(target, { carts, connections, ms: options["warm-up"] * 1000 });
  world.checks();
  const runs = [];
  for (let nth = 0; nth < RUNS; nth += 1) {
    const before = await world.requests();
    const cpu = world.cpuMs();
    const { answers, seconds } = await closedLoop(target, { carts, connections, ms: options.seconds * 1000 });
    const after = await world.requests();
    requireAnswered(answers);
    const times = ascending(answers.map(({ ms }) => ms));
    runs.push({
      rps: answers.length / seconds,
      p50Ms: share(times, 0.5),
      p99Ms: share(times, 0.99),
      ifsCalls: after.ifs - before.ifs,
      answersPerCtRead: answers.length / Math.max(1, after.ctReads - before.ctReads),
      late: lateOf(answers, world),
      cpuMsPerAnswer: tenth(((world.cpuMs() - cpu) * 10) / answers.length) / 10,
    });
    say(`  ${JSON.stringify(runs.at(-1))}`);
  }
  return {
    firstAnswerMs: Math.round(firstAnswerMs),
    answersPerCtRead: Math.round(middle(runs, "answersPerCtRead")),
    late: total(runs, "late"),
    line: {
      rps: Math.round(middle(runs, "rps")),
      p50Ms: tenth(middle(runs, "p50Ms")),
      p99Ms: tenth(middle(runs, "p99Ms")),
      ifsCalls: total(runs, "ifsCalls"),
    },
  };
}

/** From the start of the process to the first answer that no policy gave: the log tells which that is. */
async function firstAnswer(world: AtpWorld, target: Target, cart: Buffer): Promise<number> {
  await world.configure({ defaultFailPolicy: "closed" });
  const from = performance.now();
  const starting = world.restart();
  const answeredAt = new Map<string, number>();
  while (performance.now() - from < FIRST_ANSWER_MS) {
    const asked = await closedLoop(target, { carts: [cart], connections: 1, ms: 0.01 }).catch(() => undefined);
    for (const { correlationId } of asked?.answers ?? []) answeredAt.set(correlationId, performance.now());
    const decided = world.checks().find(({ policies }) => policies === 0);
    if (decided) {
      await starting;
      return (answeredAt.get(decided.correlationId) ?? performance.now()) - from;
    }
    await sleep(5);
  }
  throw new Error("the service gave no useful answer within 30 s");
}

async function belowThreshold(world: AtpWorld, options: Options, say: (line: string) => void) {
  say("below the threshold, nothing of IFS remembered ...");
  const all = await askedIfs(world, options, { skus: options.skus, cacheSeconds: 0 }, say);
  say(`below the threshold, ${FEW_SKUS} SKUs, figures of IFS remembered ...`);
  const few = await askedIfs(world, options, { skus: FEW_SKUS, cacheSeconds: 3 }, say);
  return {
    late: all.late + few.late,
    line: {
      rps: Math.round(all.rps),
      p50OverheadMs: tenth(all.p50OwnMs),
      p99OverheadMs: tenth(all.p99OwnMs),
      checksPerIfsRequest: tenth(all.checksPerIfsRequest),
      checksPerIfsRequestCached: tenth(few.checksPerIfsRequest),
    },
  };
}

async function askedIfs(
  world: AtpWorld,
  options: Options,
  given: { readonly skus: number; readonly cacheSeconds: number },
  say: (line: string) => void,
) {
  await world.configure({ defaultThreshold: ABOVE_ALL, cacheSeconds: given.cacheSeconds, defaultFailPolicy: "open" });
  await world.restart();
  const target = world.target(given.skus);
  const carts = cartsFor(target, CARTS, 2);
  await openLoop(target, { carts, perSecond: options.rate, ms: options["warm-up"] * 1000 });
  world.checks();
  const runs = [];
  for (let nth = 0; nth < RUNS; nth += 1) {
    const before = await world.requests();
    const cpu = world.cpuMs();
    const { answers, seconds } = await openLoop(target, { carts, perSecond: options.rate, ms: options.seconds * 1000 });
    const after = await world.requests();
    requireAnswered(answers);
    const checks = world.checks();
    const own = ascending(ownTimes(answers, checks));
    runs.push({
      rps: answers.length / seconds,
      p50OwnMs: share(own, 0.5),
      p99OwnMs: share(own, 0.99),
      p99Ms: share(ascending(answers.map(({ ms }) => ms)), 0.99),
      checksPerIfsRequest: answers.length / Math.max(1, after.ifs - before.ifs),
      ctRequestsPerAnswer: tenth(((after.ct - before.ct) * 10) / answers.length) / 10,
      policyAnswers: checks.filter(({ policies }) => policies > 0).length,
      late: lateOf(answers, world),
      cpuMsPerAnswer: tenth(((world.cpuMs() - cpu) * 10) / answers.length) / 10,
    });
    say(`  ${JSON.stringify(runs.at(-1))}`);
  }
  return {
    rps: middle(runs, "rps"),
    p50OwnMs: middle(runs, "p50OwnMs"),
    p99OwnMs: middle(runs, "p99OwnMs"),
    p99Ms: middle(runs, "p99Ms"),
    checksPerIfsRequest: middle(runs, "checksPerIfsRequest"),
    policyAnswers: total(runs, "policyAnswers"),
    late: total(runs, "late"),
  };
}

async function slowIfs(world: AtpWorld, options: Options, say: (line: string) => void) {
  say("below the threshold, one answer of IFS in five takes 5 s ...");
  await world.delay({ ...latencyOf(options), slowShare: SLOW_SHARE, slowMs: SLOW_MS });
  const { p99Ms, policyAnswers, late } = await askedIfs(world, options, { skus: options.skus, cacheSeconds: 3 }, say);
  await world.delay(latencyOf(options));
  return { late, line: { p99Ms: Math.round(p99Ms), policyAnswers } };
}

/** Of each answer that was logged; those of a restart in between are not. */
function ownTimes(answers: readonly Answer[], checks: readonly LoggedCheck[]): number[] {
  const waited = new Map(checks.map(({ correlationId, ctMs, ifsMs }) => [correlationId, ctMs + ifsMs]));
  const own = answers.flatMap(({ correlationId, ms }) => {
    const waitedMs = waited.get(correlationId);
    return waitedMs === undefined ? [] : [ms - waitedMs];
  });
  if (own.length < answers.length * 0.95) throw new Error(`${answers.length - own.length} answers are not in the log`);
  return own;
}

function requireAnswered(answers: readonly Answer[]): void {
  const other = answers.find(({ status }) => status !== 200);
  if (other) throw new Error(`an order that should pass was answered with ${other.status} (${other.correlationId})`);
}

const lateOf = (answers: readonly Answer[], { deadlineMs }: AtpWorld): number =>
  answers.filter(({ ms }) => ms > deadlineMs).length;

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
const tenth = (value: number): number => Math.round(value * 10) / 10;
const middle = <K extends string>(runs: readonly Readonly<Record<K, number>>[], name: K): number =>
  median(runs.map((run) => run[name]));
const total = <K extends string>(runs: readonly Readonly<Record<K, number>>[], name: K): number =>
  runs.reduce((sum, run) => sum + run[name], 0);

type Line = {
  readonly aboveThreshold: { readonly rps: number; readonly p99Ms: number; readonly ifsCalls: number };
  readonly belowThreshold: Readonly<
    Record<"p99OverheadMs" | "checksPerIfsRequest" | "checksPerIfsRequestCached", number>
  >;
  readonly deadlineBreaches: number;
  readonly firstAnswerMs: number;
  readonly rssMb: number;
};

const isWithin = ({ aboveThreshold, belowThreshold, ...rest }: Line, answersPerCtRead: number): boolean =>
  aboveThreshold.rps >= limits.aboveRps &&
  aboveThreshold.p99Ms < limits.aboveP99Ms &&
  aboveThreshold.ifsCalls === 0 &&
  answersPerCtRead >= limits.answersPerCtRead &&
  belowThreshold.p99OverheadMs < limits.belowP99OwnMs &&
  belowThreshold.checksPerIfsRequest >= limits.checksPerIfsRequest &&
  belowThreshold.checksPerIfsRequestCached >= limits.checksPerIfsRequestCached &&
  rest.deadlineBreaches === 0 &&
  rest.firstAnswerMs <= limits.firstAnswerMs &&
  rest.rssMb < limits.rssMb;
