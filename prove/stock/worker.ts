/** A child process that runs the seeds it is asked for, one after another. */
import type { Answer, Task } from "./seeds.ts";
import { simulate } from "./simulate.ts";

process.on("message", ({ seed, trace }: Task) => {
  const answer = (run: Answer) => process.send?.(run);
  simulate(seed, { trace }).then(answer, (error: unknown) => answer({ seed, crash: String((error as Error).stack) }));
});
// Whoever asked is gone.
process.on("disconnect", () => process.exit());
