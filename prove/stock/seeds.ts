/** Runs seeds in one child process per core, each of them for many seeds. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Run } from "./simulate.ts";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
const hook = new URL("./plant.ts", import.meta.url).href;

/** A world makes thousands of short-lived objects, and of errors that nobody reads; whoever wants to read them asks for the trace. */
const lean = ["--max-semi-space-size=32", "--stack-trace-limit=3"];

/** A seed that takes longer has run into a loop, however busy the machine is. */
const LONGEST_MS = 600_000;

export type Task = { readonly seed: number; readonly trace: boolean };
export type Answer = Run | { readonly seed: number; readonly crash: string };

export type SeedOptions = {
  readonly base: number;
  readonly seeds: number;
  readonly workers?: number;
  /** A mutation of the product, by name. */
  readonly mutation?: string | undefined;
  /** Ends when it says so of a seed. */
  readonly until?: (run: Run) => boolean;
  readonly trace?: boolean;
  readonly onRun?: (run: Run) => void;
};

/** Runs in the order in which they ended. Throws when a child ends although nobody asked it to, or the simulation itself fails. */
export async function runSeeds(options: SeedOptions): Promise<Run[]> {
  const { base, seeds, workers = availableParallelism() } = options;
  const runs: Run[] = [];
  let next = base;
  let ended = false;
  const take = (): number | undefined => {
    if (ended || next >= base + seeds) return undefined;
    next += 1;
    return next - 1;
  };
  const note = (run: Run): void => {
    if (ended) return;
    runs.push(run);
    options.onRun?.(run);
    ended = options.until?.(run) ?? false;
  };
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, () => runChild(options, { take, note })));
  return runs;
}

type Lane = { readonly take: () => number | undefined; readonly note: (run: Run) => void };

function runChild({ mutation, trace = false }: SeedOptions, { take, note }: Lane): Promise<void> {
  const planted = mutation === undefined ? [] : ["--import", hook];
  const child = fork(worker, mutation === undefined ? [] : [mutation], {
    execArgv: [...planted, ...(trace ? [] : lean)],
  });
  return new Promise((resolve, reject) => {
    let seed: number | undefined;
    let asked: NodeJS.Timeout | undefined;
    const end = (failure?: Error): void => {
      clearTimeout(asked);
      child.removeAllListeners();
      child.kill("SIGKILL");
      if (failure) reject(failure);
      else resolve();
    };
    const ask = (): void => {
      seed = take();
      if (seed === undefined) {
        end();
        return;
      }
      const late = () => end(new Error(`seed ${seed} had no end within ${LONGEST_MS / 1000} s`));
      asked = setTimeout(late, LONGEST_MS);
      child.send({ seed, trace } satisfies Task);
    };
    child.on("message", (message) => {
      clearTimeout(asked);
      const answer = message as Answer;
      if ("crash" in answer) {
        end(new Error(`the simulation of seed ${answer.seed} itself failed: ${answer.crash}`));
        return;
      }
      note(answer);
      ask();
    });
    child.on("error", end);
    child.on("exit", (code) => end(new Error(`a child that ran seed ${seed} ended with ${code}`)));
    ask();
  });
}
