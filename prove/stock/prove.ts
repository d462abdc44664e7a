/** What `npm run prove -- stock` does: the naive strategies, the planted defects where asked for, and the seeds of the product. */
import { huntMutants } from "../hunt.ts";
import { absoluteSet, blindIncrement, defects } from "./mutations.ts";
import { runSeeds } from "./seeds.ts";
import type { Run } from "./simulate.ts";

export type StockOptions = {
  readonly base: number;
  readonly seeds: number;
  readonly mutants: boolean;
  /** One defect or strategy by name, planted; nothing else runs. */
  readonly mutation: string | undefined;
  readonly trace: boolean;
  readonly json: boolean;
};

/** The strategies meet as many of the same seeds: what they do wrong, they do in most of them. */
const NAIVE_SEEDS = 12;
/** A defect that this many seeds do not notice is a hole in the simulation. */
const MOST_MUTANT_SEEDS = 300;
const MOST_TOLD = 5;
const TRACE_LINES = 40;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isWrong = ({ findings }: Run): boolean => findings.length > 0;
const sum = (runs: readonly Run[], of: (run: Run) => number): number => runs.reduce((all, run) => all + of(run), 0);

export async function proveStock(options: StockOptions): Promise<boolean> {
  const { base, seeds, mutation, json } = options;
  const caught = options.mutants ? await huntDefects(base) : true;
  const naive = { base, seeds: Math.min(seeds, NAIVE_SEEDS) };
  const asked = mutation === undefined;
  const absolute = asked ? await runSeeds({ ...naive, mutation: absoluteSet.name }) : [];
  const blind = asked ? await runSeeds({ ...naive, mutation: blindIncrement.name }) : [];
  const begun = performance.now();
  let failed = 0;
  const runs = await runSeeds({
    base,
    seeds,
    mutation,
    trace: options.trace,
    until: (run) => mutation !== undefined && isWrong(run),
    onRun: (run) => {
      if (isWrong(run)) failed += 1;
      if (options.trace || (isWrong(run) && failed <= MOST_TOLD)) tellRun(run, options.trace);
    },
  });
  const failures = runs.filter(isWrong).map(({ seed }) => seed);
  if (failures.length > 0) say(`failed seeds: ${failures.toSorted((a, b) => a - b).join(" ")}`);
  if (!json) {
    const seconds = (performance.now() - begun) / 1000;
    process.stderr.write(`${seconds.toFixed(1)} s, ${(runs.length / seconds).toFixed(2)} seeds/s\n`);
  }
  const result = {
    seeds: runs.length,
    // Also what was given back and found no buyer: the rest of the story was luck.
    oversoldByConnector: sum(runs, ({ oversold, givenBack }) => Math.max(oversold, givenBack)),
    oversoldByAbsoluteSet: sum(absolute, ({ oversold }) => oversold),
    driftByBlindIncrement: sum(blind, ({ drift }) => drift),
    converged: runs.every(({ drift }) => drift === 0),
  };
  say(JSON.stringify(result));
  const controls = !asked || (result.oversoldByAbsoluteSet > 0 && result.driftByBlindIncrement > 0);
  return caught && controls && failures.length === 0;
}

function tellRun(run: Run, whole: boolean): void {
  if (isWrong(run))
    say(`seed ${run.seed} failed; npm run prove -- stock --seeds 1 --seed-base ${run.seed} --trace repeats it`);
  for (const line of run.findings) say(`  ${line}`);
  for (const line of whole ? run.trace : run.trace.slice(-TRACE_LINES)) say(`    ${line}`);
}

const huntDefects = (base: number): Promise<boolean> =>
  huntMutants(defects, {
    base,
    mostSeeds: MOST_MUTANT_SEEDS,
    async seek(mutation, seeds) {
      const noticed = (await runSeeds({ ...seeds, mutation, workers: 1, until: isWrong })).find(isWrong);
      return noticed && { seed: noticed.seed, finding: noticed.findings[0] ?? "" };
    },
  });
