/** Runs seeds in two child processes, and sums them up. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Run } from "./simulate.ts";

const WORKERS = 2;
const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));

type Ended = Run | { readonly seed: number; readonly crash: string };

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
  failures: Failure[];
};

export type SeedOptions = {
  readonly base: number;
  readonly seeds: number;
  /** A mutation of the product, by name. */
  readonly mutation?: string;
  /** Ends at the first failure. */
  readonly untilFailure?: boolean;
  readonly onRun?: (sum: Sum) => void;
};

/** Throws when a child ends without having run its seeds. */
export async function runSeeds(options: SeedOptions): Promise<Sum> {
  const sum: Sum = { seeds: 0, orders: 0, duplicates: 0, lost: 0, halfBuilt: 0, unexplained: 0, failures: [] };
  const workers = Math.min(WORKERS, options.seeds);
  const ending = new AbortController();
  const parts = Array.from({ length: workers }, (_, index) => {
    const count = Math.ceil((options.seeds - index) / workers);
    return runPart([options.base + index, count, workers], options, { sum, ending });
  });
  await Promise.all(parts);
  sum.failures.sort((a, b) => a.seed - b.seed);
  return sum;
}

async function runPart(
  numbers: readonly number[],
  { mutation, untilFailure, onRun }: SeedOptions,
  { sum, ending }: { readonly sum: Sum; readonly ending: AbortController },
): Promise<void> {
  const hook = mutation === undefined ? [] : ["--import", new URL("./mutate.ts", import.meta.url).href];
  const child = spawn(process.execPath, [...hook, worker, ...numbers.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(mutation !== undefined && { PROVE_MUTATION: mutation }) },
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const end = () => child.kill();
  ending.signal.addEventListener("abort", end);
  for await (const line of createInterface({ input: child.stdout })) {
    if (ending.signal.aborted) break;
    const run = JSON.parse(line) as Ended;
    add(sum, run);
    onRun?.(sum);
    if (untilFailure && sum.failures.length > 0) ending.abort();
  }
  const code = await ended;
  if (code !== 0 && !ending.signal.aborted) throw new Error(`a child that ran seeds ended with ${code}`);
}

function add(sum: Sum, run: Ended): void {
  sum.seeds += 1;
  if ("crash" in run) {
    sum.unexplained += 1;
    sum.failures.push({ seed: run.seed, findings: [`the simulation itself failed: ${run.crash}`], trace: [] });
    return;
  }
  sum.orders += run.orders;
  sum.duplicates += run.duplicates;
  sum.lost += run.lost;
  sum.halfBuilt += run.halfBuilt;
  sum.unexplained += run.unexplained;
  if (run.findings.length > 0) sum.failures.push(run);
}
