/**
 * `npm run prove -- orders --seeds N [--seed-base K] [--steps] [--mutants] [--mutation NAME] [--trace] [--json]`: what the connector
 * promises, shown.
 */
import { parseArgs } from "node:util";
import { huntAtp, proveAtp } from "./atp/prove.ts";
import { huntMutants } from "./hunt.ts";
import { mutations } from "./orders/mutations.ts";
import { type Failure, runSeeds } from "./orders/seeds.ts";
import { countInterruptions } from "./orders/steps.ts";
import { huntStock, proveStock } from "./stock/prove.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "500" },
    "seed-base": { type: "string", default: "1" },
    /** A defect planted in the product: the run has to fail, and ends at the first failure. */
    mutation: { type: "string" },
    /** First one export interrupted at each of its steps, by death and by a pause. */
    steps: { type: "boolean", default: false },
    /** First each planted defect in turn: the simulation has to notice all of them. */
    mutants: { type: "boolean", default: false },
    /** Nothing but the planted defects. */
    hunt: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const whole = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`--${name} takes a positive whole number, not "${text}"`);
  return Number(text);
};

const TRACE_LINES = 60;

function tellFailure({ seed, findings, trace }: Failure): void {
  process.stdout.write(
    `seed ${seed} failed; npm run prove -- orders --seeds 1 --seed-base ${seed} --trace repeats it\n`,
  );
  for (const line of findings) process.stdout.write(`  ${line}\n`);
  if (!values.trace) for (const line of trace.slice(-TRACE_LINES)) process.stdout.write(`    ${line}\n`);
}

/** Failures are told when they happen; a long run can be ended, and what it found is known. `tellSum` is for the very end. */
async function proveOrders(): Promise<{ readonly right: boolean; readonly tellSum: () => void }> {
  let begun: number | undefined;
  const { sum, failures, traces } = await runSeeds({
    base: whole("seed-base", values["seed-base"]),
    seeds: whole("seeds", values.seeds),
    mutation: values.mutation,
    untilFailure: values.mutation !== undefined,
    trace: values.trace,
    onBegin: () => {
      begun ??= performance.now();
    },
    onRun: ({ sum, failures }, failure) => {
      if (failure && failures.length <= MOST_TOLD) tellFailure(failure);
      if (!values.json && sum.seeds % 100 === 0) {
        process.stderr.write(`${sum.seeds} seeds, ${failures.length} failed\n`);
      }
    },
  });
  const seconds = (performance.now() - (begun ?? 0)) / 1000;
  for (const { seed, trace } of traces) {
    process.stdout.write(`the story of seed ${seed}\n`);
    for (const line of trace) process.stdout.write(`    ${line}\n`);
  }
  if (failures.length > 0) process.stdout.write(`failed seeds: ${failures.map(({ seed }) => seed).join(" ")}\n`);
  if (!values.json) process.stderr.write(`${seconds.toFixed(1)} s, ${(sum.seeds / seconds).toFixed(2)} seeds/s\n`);
  const tellSum = () => void process.stdout.write(`${JSON.stringify(sum)}\n`);
  return { right: failures.length === 0, tellSum };
}

const MOST_TOLD = 5;

async function proveSteps(): Promise<boolean> {
  const { steps, runs } = await countInterruptions();
  const { failures } = await runSeeds({ suite: "steps", base: 0, seeds: runs });
  for (const { findings } of failures) for (const line of findings) process.stdout.write(`  ${line}\n`);
  process.stdout.write(`${steps} steps of one export, each with a death and a pause: ${failures.length} failed\n`);
  return failures.length === 0;
}

/** A mutation that this many seeds do not notice is a hole in the simulation. */
const MOST_MUTANT_SEEDS = 500;

const proveMutants = (): Promise<boolean> =>
  huntMutants(mutations, {
    base: whole("seed-base", values["seed-base"]),
    mostSeeds: MOST_MUTANT_SEEDS,
    async seek(mutation, seeds) {
      const [failure] = (await runSeeds({ ...seeds, mutation, workers: 1, untilFailure: true })).failures;
      return failure && { seed: failure.seed, finding: failure.findings[0] ?? "" };
    },
  });

/** All that was asked for runs, also after a failure. */
async function prove(): Promise<boolean> {
  const [steps, mutants, seeds] = await Promise.all([
    values.steps ? proveSteps() : true,
    values.mutants ? proveMutants() : true,
    proveOrders(),
  ]);
  // Last: its last line is what machines read.
  seeds.tellSum();
  return steps && mutants && seeds.right;
}

const commonOptions = () => ({
  base: whole("seed-base", values["seed-base"]),
  seeds: whole("seeds", values.seeds),
  ...{ mutants: values.mutants, mutation: values.mutation, trace: values.trace, json: values.json },
});

const proofs: Readonly<Record<string, () => Promise<boolean>>> = {
  orders: prove,
  stock: () => (values.hunt ? huntStock : proveStock)(commonOptions()),
  atp: () => (values.hunt ? huntAtp : proveAtp)(commonOptions()),
};
const [named = "", ...more] = positionals;
const proof = proofs[named];
if (!proof || more.length > 0 || (values.hunt && named === "orders")) {
  process.stderr.write(
    "usage: npm run prove -- orders --seeds N [--seed-base K] [--steps] [--mutants] [--trace] [--json]\n" +
      "       npm run prove -- stock --seeds N [--seed-base K] [--mutants | --hunt] [--trace] [--json]\n" +
      "       npm run prove -- atp --seeds N [--seed-base K] [--mutants | --hunt] [--trace] [--json]\n",
  );
  process.exitCode = 2;
} else if (!(await proof())) process.exitCode = 1;
