/** The child's side of pool.ts: runs the seeds that it is asked for, one after another. */
import { flushCompileCache } from "node:module";
import type { Crash, Task } from "./pool.ts";

export function answerSeeds<T extends Task, R extends { readonly seed: number }>(
  simulate: (task: T) => Promise<R>,
): void {
  const answer = (run: R | Crash) => {
    process.send?.(run);
    // A child is ended from outside, and would leave nothing.
    if (!hasFlushed) flushCompileCache();
    hasFlushed = true;
  };
  let hasFlushed = false;
  process.on("message", (message) => {
    const task = message as T;
    simulate(task).then(answer, (error: unknown) => answer({ seed: task.seed, crash: String((error as Error).stack) }));
  });
  // Whoever asked is gone.
  process.on("disconnect", () => process.exit());
}
