/** What the proofs of stock and of the check do alike: seeds in children, planted defects, and what they say of seeds that fail. */
import { type Hunted, huntMutants } from "./hunt.ts";
import { type RunOptions, runUncrashed } from "./pool.ts";

export type ProofOptions = {
  readonly base: number;
  readonly seeds: number;
  readonly mutants: boolean;
  /** One defect by name, planted; nothing else runs. */
  readonly mutation: string | undefined;
  readonly trace: boolean;
  readonly json: boolean;
};

export type SeedRun = {
  readonly seed: number;
  readonly findings: readonly string[];
  readonly trace: readonly string[];
};

/** A defect that this many seeds do not notice is a hole in the simulation. */
const MOST_MUTANT_SEEDS = 300;
const LONGEST_SEED_MS = 600_000;
const MOST_TOLD = 5;
const TRACE_LINES = 60;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
export const isWrong = ({ findings }: SeedRun): boolean => findings.length > 0;
export const sumOf = <R>(runs: readonly R[], of: (run: R) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0);

/** Of the proof in the folder of this name. */
export function seedRunsOf<R extends SeedRun>(name: "stock" | "atp") {
  const moduleOf = (file: string): string => new URL(`./${name}/${file}.ts`, import.meta.url).href;
  const proof = { worker: moduleOf("worker"), hook: moduleOf("plant"), longestMs: LONGEST_SEED_MS };
  const run = (options: RunOptions<R>): Promise<R[]> => runUncrashed(proof, options);

  function tell({ seed, findings, trace }: R, whole: boolean): void {
    if (findings.length > 0)
      say(`seed ${seed} failed; npm run prove -- ${name} --seeds 1 --seed-base ${seed} --trace repeats it`);
    for (const line of findings) say(`  ${line}`);
    for (const line of whole ? trace : trace.slice(-TRACE_LINES)) say(`    ${line}`);
  }

  return {
    run,

    /** The seeds that were asked for; tells of those that fail, and of all where the trace is wanted. */
    async runTold({ base, seeds, mutation, trace, json }: ProofOptions, remark: (runs: readonly R[]) => string) {
      let begun: number | undefined;
      let failed = 0;
      const runs = await run({
        ...{ base, seeds, mutation, trace },
        onBegin: () => {
          begun ??= performance.now();
        },
        until: (one) => mutation !== undefined && isWrong(one),
        onRun: (one) => {
          if (isWrong(one)) failed += 1;
          if (trace || (isWrong(one) && failed <= MOST_TOLD)) tell(one, trace);
        },
      });
      const failures = runs.filter(isWrong).map(({ seed }) => seed);
      if (failures.length > 0) say(`failed seeds: ${failures.toSorted((a, b) => a - b).join(" ")}`);
      if (!json) {
        const seconds = (performance.now() - (begun ?? 0)) / 1000;
        process.stderr.write(`${seconds.toFixed(1)} s, ${(runs.length / seconds).toFixed(2)} seeds/s${remark(runs)}\n`);
      }
      return runs;
    },

    /** Each defect in turn, in a child that ends at the first seed that notices it. */
    hunt: (mutations: readonly Hunted[], base: number): Promise<boolean> =>
      huntMutants(mutations, {
        base,
        mostSeeds: MOST_MUTANT_SEEDS,
        async seek(mutation, seeds) {
          const noticed = (await run({ ...seeds, mutation, workers: 1, until: isWrong })).find(isWrong);
          return noticed && { seed: noticed.seed, finding: noticed.findings[0] ?? "" };
        },
      }),
  };
}
