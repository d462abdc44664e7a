/** Runs seeds in one child process per core, each of them for many seeds, and sums them up. */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Run } from "./simulate.ts";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
const hook = new URL("./mutate.ts", import.meta.url).href;

/**
 * A world makes thousands of short-lived objects, and of errors that nobody reads: answers that say "not found". Whoever wants
 * to read them asks for the trace.
 */
const lean = ["--max-semi-space-size=32", "--stack-trace-limit=3"];

/** A seed that takes longer has run into a loop that even its own limits do not see. */
const LONGEST_MS = 120_000;

/** What a child is asked, and what it answers. */
export type Task = { readonly suite: Suite; readonly seed: number; readonly trace: boolean };
/** `seeds`: each number is a simulation. `steps`: each number is a step of one export, and how it is interrupted there. */
export type Suite = "seeds" | "steps";
export type Answer = Run | { readonly seed: number; readonly crash: string };

export type Failure = {
  readonly seed: number;
  readonly findings: readonly string[];
  readonly trace: readonly string[];
};

export type Sum = {
  seeds: number;
  orders: number;
  duplicates: number;
  lost: number;
  halfBuilt: number;
  unexplained: number;
};

export type Result = { readonly sum: Sum; readonly failures: Failure[]; readonly traces: Failure[] };

export type SeedOptions = {
  readonly suite?: Suite;
  readonly base: number;
  readonly seeds: number;
  readonly workers?: number;
  /** A mutation of the product, by name. */
  readonly mutation?: string | undefined;
  /** Ends at the first failure. */
  readonly untilFailure?: boolean;
  /** Keeps the story of every seed. */
  readonly trace?: boolean;
  readonly onRun?: (result: Result, failure: Failure | undefined) => void;
};

/** Throws when a child ends although nobody asked it to, or cannot begin. */
export async function runSeeds(options: SeedOptions): Promise<Result> {
  const { base, seeds, untilFailure = false, trace = false, workers = availableParallelism() } = options;
  const sum = { seeds: 0, orders: 0, duplicates: 0, lost: 0, halfBuilt: 0, unexplained: 0 };
  const result: Result = { sum, failures: [], traces: [] };
  let next = base;
  const take = (): number | undefined => {
    if (next >= base + seeds || (untilFailure && result.failures.length > 0)) return undefined;
    next += 1;
    return next - 1;
  };
  const note = (answer: Answer) => {
    // Seeds that were under way when the first one failed do not count.
    if (untilFailure && result.failures.length > 0) return;
    const failure = add(sum, answer);
    if (failure) result.failures.push(failure);
    if (trace && !("crash" in answer)) result.traces.push(answer);
    options.onRun?.(result, failure);
  };
  const lane = async () => {
    for (let seed = take(); seed !== undefined; ) seed = await runChild(seed, { ...options, trace }, { take, note });
  };
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, lane));
  result.failures.sort((a, b) => a.seed - b.seed);
  return result;
}

type Lane = { readonly take: () => number | undefined; readonly note: (answer: Answer) => void };

/** One child for as many seeds as it lives; the seed that is next when it had to be ended for one that does not end. */
function runChild(
  first: number,
  { mutation, trace = false, suite = "seeds" }: SeedOptions,
  { take, note }: Lane,
): Promise<number | undefined> {
  const planted =
    mutation === undefined ? { args: [], execArgv: [] } : { args: [mutation], execArgv: ["--import", hook] };
  const child = fork(worker, planted.args, { execArgv: [...planted.execArgv, ...(trace ? [] : lean)] });
  return new Promise((resolve, reject) => {
    let seed = first;
    let asked: NodeJS.Timeout | undefined;
    const end = (next: number | undefined) => {
      clearTimeout(asked);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      resolve(next);
    };
    const ask = () => {
      asked = setTimeout(() => {
        note({ seed, crash: `it had no end within ${LONGEST_MS / 1000} s` });
        end(take());
      }, LONGEST_MS);
      send(child, { suite, seed, trace });
    };
    child.on("message", (message) => {
      clearTimeout(asked);
      note(message as Answer);
      const next = take();
      if (next === undefined) end(undefined);
      else {
        seed = next;
        ask();
      }
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(asked);
      reject(new Error(`a child that ran seed ${seed} ended with ${code}`));
    });
    ask();
  });
}

const send = (child: ChildProcess, task: Task): void => void child.send(task);

function add(sum: Sum, answer: Answer): Failure | undefined {
  sum.seeds += 1;
  if ("crash" in answer) {
    sum.unexplained += 1;
    return { seed: answer.seed, findings: [`the simulation itself failed: ${answer.crash}`], trace: [] };
  }
  sum.orders += answer.orders;
  sum.duplicates += answer.duplicates;
  sum.lost += answer.lost;
  sum.halfBuilt += answer.halfBuilt;
  sum.unexplained += answer.unexplained;
  return answer.findings.length > 0 ? answer : undefined;
}
