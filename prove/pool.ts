/** Runs seeds in one child process per core, each of them for many seeds. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * A world makes thousands of short-lived objects, and of errors that nobody reads: answers that say "not found". Whoever wants
 * to read them asks for the trace.
 */
const lean = ["--max-semi-space-size=32", "--stack-trace-limit=3"];

/** Children read two thousand modules each: the first one leaves what it has compiled to the others, and to the next run. */
const compiled = fileURLToPath(new URL("../artifacts/compiled-modules", import.meta.url));

/** What a child is asked; a proof may add more to it. */
export type Task = { readonly seed: number; readonly trace: boolean };
/** The simulation itself failed: not the product, unless it has put the simulation into a loop. */
export type Crash = { readonly seed: number; readonly crash: string };

export type SeedOptions = {
  readonly base: number;
  readonly seeds: number;
  readonly workers?: number;
  /** A mutation of the product, by name. */
  readonly mutation?: string | undefined;
  readonly trace?: boolean;
};

export type Proof = {
  /** URL of the module that children run; see child.ts. */
  readonly worker: string;
  /** URL of the module that plants a mutation; see plant.ts. */
  readonly hook: string;
  /** A seed that takes longer has run into a loop that even its own limits do not see. */
  readonly longestMs: number;
  /** Goes to the child with each seed. */
  readonly task?: object;
};

export type Reports<R> = {
  /** A core is there for it, or one more. */
  readonly onBegin?: () => void;
  /** Of each seed that counts, in the order in which they ended. */
  readonly onAnswer?: (answer: R | Crash) => void;
  /** Ends when it says so; seeds that are under way then do not count. */
  readonly until?: (answer: R | Crash) => boolean;
};

/**
 * Everything of a proof shares the cores: planted defects and seeds that are run beside each other leave none idle while the
 * last of the ones is waited for. First come, first served.
 */
async function onCore(work: () => Promise<void>): Promise<void> {
  if (idle > 0) idle -= 1;
  else await new Promise<void>((turn) => void waiting.push(turn));
  try {
    await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else idle += 1;
  }
}
let idle = availableParallelism();
const waiting: (() => void)[] = [];

type Lane = { readonly take: () => number | undefined; readonly note: (message: unknown) => void };

/** Answers in the order in which they ended. Throws when a child ends although nobody asked it to, or cannot begin. */
export async function runInChildren<R extends { readonly seed: number }>(
  proof: Proof,
  options: SeedOptions & Reports<R>,
): Promise<(R | Crash)[]> {
  const { base, seeds, workers = availableParallelism(), onBegin, onAnswer, until } = options;
  const answers: (R | Crash)[] = [];
  let next = base;
  let ended = false;
  const take = (): number | undefined => {
    if (ended || next >= base + seeds) return undefined;
    next += 1;
    return next - 1;
  };
  const note = (message: unknown): void => {
    if (ended) return;
    const answer = message as R | Crash;
    answers.push(answer);
    onAnswer?.(answer);
    ended = until?.(answer) ?? false;
  };
  const lane = async (): Promise<void> => {
    onBegin?.();
    for (let seed = take(); seed !== undefined; ) seed = await runChild(proof, { seed, options }, { take, note });
  };
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, () => onCore(lane)));
  return answers;
}

/** One child for as many seeds as it lives; the seed that is next when it had to be ended for one that does not end. */
function runChild(
  { worker, hook, longestMs, task }: Proof,
  { seed: first, options }: { readonly seed: number; readonly options: SeedOptions },
  { take, note }: Lane,
): Promise<number | undefined> {
  const { mutation, trace = false } = options;
  const planted = mutation === undefined ? [] : ["--import", hook];
  const child = fork(fileURLToPath(worker), mutation === undefined ? [] : [mutation], {
    execArgv: [...planted, ...(trace ? [] : lean)],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  return new Promise((resolve, reject) => {
    let seed = first;
    let asked: NodeJS.Timeout | undefined;
    const end = (next: number | undefined): void => {
      clearTimeout(asked);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      resolve(next);
    };
    const ask = (): void => {
      asked = setTimeout(() => {
        note({ seed, crash: `it had no end within ${longestMs / 1000} s` } satisfies Crash);
        end(take());
      }, longestMs);
      child.send({ ...task, seed, trace });
    };
    child.on("message", (message) => {
      clearTimeout(asked);
      note(message);
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

export const isCrash = <R extends object>(answer: R | Crash): answer is Crash => "crash" in answer;

export type RunOptions<R> = SeedOptions & {
  /** Ends when it says so of a seed. */
  readonly until?: (run: R) => boolean;
  readonly onRun?: (run: R) => void;
  readonly onBegin?: () => void;
};

/** The same for proofs in which no seed may crash: throws when the simulation itself fails. */
export async function runUncrashed<R extends { readonly seed: number }>(
  proof: Proof,
  { until, onRun, ...options }: RunOptions<R>,
): Promise<R[]> {
  const answers = await runInChildren<R>(proof, {
    ...options,
    onAnswer: (answer) => {
      if (!isCrash(answer)) onRun?.(answer);
    },
    until: (answer) => isCrash(answer) || (until?.(answer) ?? false),
  });
  return answers.map((answer) => {
    if (isCrash(answer)) throw new Error(`the simulation of seed ${answer.seed} itself failed: ${answer.crash}`);
    return answer;
  });
}
