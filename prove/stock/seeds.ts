import { type RunOptions, runUncrashed } from "../pool.ts";
import type { Run } from "./simulate.ts";

const proof = {
  worker: new URL("./worker.ts", import.meta.url).href,
  hook: new URL("./plant.ts", import.meta.url).href,
  longestMs: 600_000,
};

export const runSeeds = (options: RunOptions<Run>): Promise<Run[]> => runUncrashed(proof, options);
