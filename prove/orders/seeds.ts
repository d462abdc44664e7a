/** Runs seeds in one child process per core, each of them for many seeds, and sums them up. */
import { type Crash, isCrash, runInChildren, type SeedOptions, type Task as SeedTask } from "../pool.ts";
import type { Run } from "./simulate.ts";

const worker = new URL("./worker.ts", import.meta.url).href;
const hook = new URL("./plant.ts", import.meta.url).href;

/** A seed that takes longer has run into a loop that even its own limits do not see. */
const LONGEST_MS = 120_000;

/** What a child is asked, and what it answers. */
export type Task = SeedTask & { readonly suite: Suite };
/** `seeds`: each number is a simulation. `steps`: each number is a step of one export, and how it is interrupted there. */
export type Suite = "seeds" | "steps";

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

export type RunOptions = SeedOptions & {
  readonly suite?: Suite;
  /** Ends at the first failure. */
  readonly untilFailure?: boolean;
  readonly onBegin?: () => void;
  readonly onRun?: (result: Result, failure: Failure | undefined) => void;
};

/** Throws when a child ends although nobody asked it to, or cannot begin. */
export async function runSeeds(options: RunOptions): Promise<Result> {
  const { suite = "seeds", untilFailure = false, trace = false } = options;
  const sum = { seeds: 0, orders: 0, duplicates: 0, lost: 0, halfBuilt: 0, unexplained: 0 };
  const result: Result = { sum, failures: [], traces: [] };
  await runInChildren<Run>(
    { worker, hook, longestMs: LONGEST_MS, task: { suite } },
    {
      ...options,
      onAnswer(answer) {
        const failure = add(sum, answer);
        if (failure) result.failures.push(failure);
        if (trace && !isCrash(answer)) result.traces.push(answer);
        options.onRun?.(result, failure);
      },
      until: () => untilFailure && result.failures.length > 0,
    },
  );
  result.failures.sort((a, b) => a.seed - b.seed);
  return result;
}

function add(sum: Sum, answer: Run | Crash): Failure | undefined {
  sum.seeds += 1;
  if (isCrash(answer)) {
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
