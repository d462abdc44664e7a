/** What `npm run prove -- stock` does: the naive strategies, the planted defects where asked for, and the seeds of the product. */
import { isWrong, type ProofOptions, say, seedRunsOf, sumOf } from "../seed-runs.ts";
import { absoluteSet, blindIncrement, defects } from "./mutations.ts";
import type { Run } from "./simulate.ts";

/** The first of the same seeds: increments drift in nearly all of them, absolute writes find a buyer for it in a few. */
const NAIVE_SEEDS = { absolute: 16, blind: 4 };

/** The planted defects alone. False where one of them is not noticed. */
export const huntStock = ({ base }: Pick<ProofOptions, "base">): Promise<boolean> =>
  seedRunsOf<Run>("stock").hunt(defects, base);

export async function proveStock(options: ProofOptions): Promise<boolean> {
  const { base } = options;
  const seeds = seedRunsOf<Run>("stock");
  const firstOf = (most: number) => ({ base, seeds: Math.min(options.seeds, most) });
  const asked = options.mutation === undefined;
  const [caught, absolute, blind, runs] = await Promise.all([
    options.mutants ? huntStock(options) : true,
    asked ? seeds.run({ ...firstOf(NAIVE_SEEDS.absolute), mutation: absoluteSet.name, workers: 1 }) : [],
    asked ? seeds.run({ ...firstOf(NAIVE_SEEDS.blind), mutation: blindIncrement.name, workers: 1 }) : [],
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
