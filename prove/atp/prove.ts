/** What `npm run prove -- atp` does: the planted defects where asked for, and the seeds of the product. */
import { huntMutants } from "../hunt.ts";
import { mutations } from "./mutations.ts";
import { runSeeds } from "./seeds.ts";
import type { Run } from "./simulate.ts";

export type AtpOptions = {
  readonly base: number;
  readonly seeds: number;
  readonly mutants: boolean;
  /** One defect by name, planted; nothing else runs. */
  readonly mutation: string | undefined;
  readonly trace: boolean;
  readonly json: boolean;
};

/** A defect that this many seeds do not notice is a hole in the simulation. */
const MOST_MUTANT_SEEDS = 300;
const MOST_TOLD = 5;
const TRACE_LINES = 60;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isWrong = ({ findings }: Run): boolean => findings.length > 0;
const sum = (runs: readonly Run[], of: (run: Run) => number): number => runs.reduce((all, run) => all + of(run), 0);

export async function proveAtp(options: AtpOptions): Promise<boolean> {
  const { base, seeds, mutation, json } = options;
  const caught = options.mutants ? await huntDefects(base) : true;
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
    const orders = `${sum(runs, ({ acceptedByWord }) => acceptedByWord)} orders were accepted without a policy`;
    process.stderr.write(`${seconds.toFixed(1)} s, ${(runs.length / seconds).toFixed(2)} seeds/s; ${orders}\n`);
  }
  const result = {
    seeds: runs.length,
    oversold: sum(runs, ({ oversold }) => oversold),
    deadlineBreaches: sum(runs, ({ deadlineBreaches }) => deadlineBreaches),
    wronglyRefusedAboveThreshold: sum(runs, (run) => run.wronglyRefusedAboveThreshold),
    leakedHolds: sum(runs, ({ leakedHolds }) => leakedHolds),
    acceptedByPolicy: sum(runs, ({ acceptedByPolicy }) => acceptedByPolicy),
  };
  say(JSON.stringify(result));
  return caught && failures.length === 0;
}

function tellRun(run: Run, whole: boolean): void {
  if (isWrong(run))
    say(`seed ${run.seed} failed; npm run prove -- atp --seeds 1 --seed-base ${run.seed} --trace repeats it`);
  for (const line of run.findings) say(`  ${line}`);
  for (const line of whole ? run.trace : run.trace.slice(-TRACE_LINES)) say(`    ${line}`);
}

/** Each defect in turn, in a child that ends at the first seed that notices it. */
const huntDefects = (base: number): Promise<boolean> =>
  huntMutants(mutations, {
    base,
    mostSeeds: MOST_MUTANT_SEEDS,
    async seek(mutation, seeds) {
      const noticed = (await runSeeds({ ...seeds, mutation, workers: 1, until: isWrong })).find(isWrong);
      return noticed && { seed: noticed.seed, finding: noticed.findings[0] ?? "" };
    },
  });
