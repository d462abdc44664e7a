/** The child's side of pool.ts: runs the seeds that it is asked for, one after another. */
import type { Crash, Task } from "./pool.ts";

export function answerSeeds<T extends Task, R extends { readonly seed: number }>(
  simulate: (task: T) => Promise<R>,
): void {
  const answer = (run: R | Crash) => process.send?.(run);
  process.on("message", (message) => {
    const task = message as T;
    simulate(task).then(answer, (error: unknown) => answer({ seed: task.seed, crash: String((error as Error).stack) }));
  });
  // Whoever asked is gone.
  process.on("disconnect", () => process.exit());
}
