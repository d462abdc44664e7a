import { isCrash, runInChildren, type SeedOptions } from "../pool.ts";
import type { Run } from "./simulate.ts";

const worker = new URL("./worker.ts", import.meta.url).href;
const hook = new URL("./plant.ts", import.meta.url).href;

/** A seed that takes longer has run into a loop, however busy the machine is. */
const LONGEST_MS = 600_000;

export type RunOptions = SeedOptions & {
  /** Ends when it says so of a seed. */
  readonly until?: (run: Run) => boolean;
  readonly onRun?: (run: Run) => void;
};

/** Runs in the order in which they ended. Throws when a child ends although nobody asked it to, or the simulation itself fails. */
export async function runSeeds({ until, onRun, ...options }: RunOptions): Promise<Run[]> {
  const answers = await runInChildren<Run>(
    { worker, hook, longestMs: LONGEST_MS },
    {
      ...options,
      onAnswer: (answer) => {
        if (!isCrash(answer)) onRun?.(answer);
      },
      until: (answer) => isCrash(answer) || (until?.(answer) ?? false),
    },
  );
  return answers.map((answer) => {
    if (isCrash(answer)) throw new Error(`the simulation of seed ${answer.seed} itself failed: ${answer.crash}`);
    return answer;
  });
}
