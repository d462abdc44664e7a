/** What `npm run prove -- stock` does: the naive strategies, the planted defects where asked for, and the seeds of the product. */
import { isWrong, type ProofOptions, say, seedRunsOf, sumOf } from "../seed-runs.ts";
import { absoluteSet, blindIncrement, defects } from "./mutations.ts";
import type { Run } from "./simulate.ts";

/** The strategies meet as many of the same seeds: what they do wrong, they do in most of them. */
const NAIVE_SEEDS = 16;

export async function proveStock(options: ProofOptions): Promise<boolean> {
  const { base } = options;
  const seeds = seedRunsOf<Run>("stock");
  const naive = { base, seeds: Math.min(options.seeds, NAIVE_SEEDS) };
  const asked = options.mutation === undefined;
  const [caught, absolute, blind, runs] = await Promise.all([
    options.mutants ? seeds.hunt(defects, base) : true,
    asked ? seeds.run({ ...naive, mutation: absoluteSet.name }) : [],
    asked ? seeds.run({ ...naive, mutation: blindIncrement.name }) : [],
    seeds.runTold(options, () => ""),
  ]);
  const result = {
    seeds: runs.length,
    // Also what was given back and found no buyer: the rest of the story was luck.
    oversoldByConnector: sumOf(runs, ({ oversold, givenBack }) => Math.max(oversold, givenBack)),
    oversoldByAbsoluteSet: sumOf(absolute, ({ oversold }) => oversold),
    driftByBlindIncrement: sumOf(blind, ({ drift }) => drift),
    converged: runs.every(({ drift }) => drift === 0),
  };
  say(JSON.stringify(result));
  const controls = !asked || (result.oversoldByAbsoluteSet > 0 && result.driftByBlindIncrement > 0);
  return caught && controls && !runs.some(isWrong);
}
