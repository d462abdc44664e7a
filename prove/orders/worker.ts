/** A child process that runs the seeds it is asked for, one after another. */
import type { Answer, Task } from "./seeds.ts";
import { simulate } from "./simulate.ts";
import { interruptedAt } from "./steps.ts";

process.on("message", ({ suite, seed, trace }: Task) => {
  const answer = (run: Answer) => process.send?.(run);
  const run = suite === "steps" ? interruptedAt(seed, { trace }) : simulate(seed, { trace });
  run.then(answer, (error: unknown) => answer({ seed, crash: String((error as Error).stack) }));
});
// Whoever asked is gone.
process.on("disconnect", () => process.exit());
