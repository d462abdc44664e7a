/** What `npm run prove -- atp` does: the planted defects where asked for, and the seeds of the product. */
import { isWrong, type ProofOptions, say, seedRunsOf, sumOf } from "../seed-runs.ts";
import { mutations } from "./mutations.ts";
import type { Run } from "./simulate.ts";

/** The planted defects alone. False where one of them is not noticed. */
export const huntAtp = ({ base }: Pick<ProofOptions, "base">): Promise<boolean> =>
  seedRunsOf<Run>("atp").hunt(mutations, base);

export async function proveAtp(options: ProofOptions): Promise<boolean> {
  const seeds = seedRunsOf<Run>("atp");
  const [caught, runs] = await Promise.all([
    options.mutants ? huntAtp(options) : true,
    seeds.runTold(
      options,
      (all) => `; ${sumOf(all, ({ acceptedByWord }) => acceptedByWord)} orders were accepted without a policy`,
    ),
  ]);
  const result = {
    seeds: runs.length,
    oversold: sumOf(runs, ({ oversold }) => oversold),
    deadlineBreaches: sumOf(runs, ({ deadlineBreaches }) => deadlineBreaches),
    wronglyRefusedAboveThreshold: sumOf(runs, (run) => run.wronglyRefusedAboveThreshold),
    leakedHolds: sumOf(runs, ({ leakedHolds }) => leakedHolds),
    acceptedByPolicy: sumOf(runs, ({ acceptedByPolicy }) => acceptedByPolicy),
  };
  say(JSON.stringify(result));
  return caught && !runs.some(isWrong);
}
