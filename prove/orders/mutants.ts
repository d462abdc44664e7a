/** Plants each mutation in turn, and looks how many seeds it takes until the simulation notices. */
import { availableParallelism } from "node:os";
import { type Mutation, mutations } from "./mutations.ts";
import { runSeeds } from "./seeds.ts";

/** A mutation that this many seeds do not notice is a hole in the simulation. */
const MOST_SEEDS = 500;

export type Mutant = {
  readonly name: string;
  /** Seeds until the first failure; undefined: not noticed. */
  readonly seeds: number | undefined;
  /** What was noticed. */
  readonly finding: string;
  readonly seconds: number;
};

/** As many at a time as there are cores, each in a child of its own that ends at its first failure. */
export async function huntMutants(options: {
  readonly base: number;
  readonly names?: readonly string[];
  readonly onMutant?: (mutant: Mutant) => void;
}): Promise<Mutant[]> {
  const wanted = mutations.filter(({ name }) => options.names?.includes(name) ?? true);
  const left = [...wanted];
  const mutants: Mutant[] = [];
  const lane = async () => {
    for (let mutation = left.shift(); mutation; mutation = left.shift()) {
      const mutant = await hunt(mutation, options.base);
      mutants.push(mutant);
      options.onMutant?.(mutant);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return mutants;
}

async function hunt({ name, skips = 0 }: Mutation, base: number): Promise<Mutant> {
  const begun = performance.now();
  const seeds = MOST_SEEDS - skips;
  const one = { workers: 1, mutation: name, untilFailure: true };
  const { sum, failures } = await runSeeds({ base: base + skips, seeds, ...one });
  const [failure] = failures;
  return {
    name,
    seeds: failure && skips + sum.seeds,
    finding: failure?.findings[0] ?? "nothing",
    seconds: (performance.now() - begun) / 1000,
  };
}
