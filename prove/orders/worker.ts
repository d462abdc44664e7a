/** A child process that runs seeds, one JSON line for each: `worker.ts <first> <count> <step>`. */
import { simulate } from "./simulate.ts";

const [first = 0, count = 0, step = 1] = process.argv.slice(2).map(Number);

for (let number = 0; number < count; number += 1) {
  const seed = first + number * step;
  const run = await simulate(seed).catch((error: unknown) => ({ seed, crash: String((error as Error).stack) }));
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
