/**
 * Every test of the project: `npm test`. All stages run even when one fails, and a last line sums them up. A stage that ran nothing
 * counts as failed. Proofs pass their time virtually and hold nothing to a clock: at a low priority, most of them take what
 * the stages beside them leave while those wait.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runBounded } from "./bounded.mjs";
import { findChromium } from "./browser.ts";
import { installDependencies, installFolder, seconds } from "./setup.ts";
import { type Output, type Round, runStages, type Stage } from "./stages.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, "artifacts", "test-results");
const mcApp = join(root, "mc-app");
const bin = (name: string) => join(root, "node_modules", ".bin", name);

/** How long one stage may take, in minutes: several times what it takes on two cores. One that hangs fails and is named. */
const LONGEST_STAGE = 18;

/** As the system counts it: enough to stand behind what others wait for, and not so much that a seed would seem to hang. */
const BEHIND = 10;

const staticChecks: Round = [
  [{ name: "formatting and lint", run: command(bin("biome"), ["ci", "."]) }],
  [{ name: "floating promises and types of lint", run: command(bin("oxlint"), ["--type-aware", "--deny-warnings"]) }],
  [{ name: "types", run: command(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", "."]) }],
  [
    { name: "types of mc-app", run: command("npm", ["run", "--silent", "typecheck"], { cwd: mcApp }) },
    { name: "components of the Merchant Center app", run: vitest("mc-app", [], mcApp) },
  ],
  [{ name: "import boundaries", run: command(process.execPath, ["scripts/boundaries.ts"]) }],
];

const tests: Stage[] = [
  { name: "unit, property and adapter tests", run: vitest("unit", ["--project", "unit"]) },
  {
    name: "stories in a world of virtual time, on every kind of tenant",
    run: vitest("prove", ["--project", "prove"]),
  },
  { name: "over HTTP between served platforms", run: vitest("served", ["--project", "served"]) },
  { name: "round trip, crashes, browser", run: vitest("e2e", ["--project", "e2e"]) },
];

/** Their time is promised to whoever runs them, and nothing beside them would leave it. */
const proofsInTime: Stage[] = [
  {
    name: "stock never given back: two naive strategies, 300 seeds",
    run: proof(["stock", "--seeds", "300"]),
  },
  { name: "the last piece is sold once: 300 seeds", run: proof(["atp", "--seeds", "300"]) },
];

const proofs: Stage[] = [
  { name: "stock: each planted defect is noticed", run: proof(["stock", "--hunt"], BEHIND) },
  { name: "the last piece: each planted defect is noticed", run: proof(["atp", "--hunt"], BEHIND) },
  {
    name: "orders exactly once: an interruption at each step, ten planted defects, 500 seeds",
    run: proof(["orders", "--steps", "--mutants", "--seeds", "500"], BEHIND),
  },
];

/** Those that hold something to milliseconds, or to a second, run alone. */
const rounds: Round[] = [
  staticChecks,
  [[{ name: "tests that hold an answer to milliseconds", run: vitest("timed", ["--project", "timed"]) }]],
  [proofsInTime],
  [tests, proofs],
  [[{ name: "bundles and their installation", run: vitest("bundles", ["--project", "bundles"]) }]],
];

process.exitCode = await main();

async function main(): Promise<number> {
  const started = performance.now();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const say = (line: string) => process.stdout.write(`  ${line}\n`);
  process.stdout.write("preparing\n");
  // Side by side: each waits for the registry most of its time.
  await Promise.all([installDependencies(root, say), installFolder(root, "mc-app", say)]);
  const browser = await findChromium();
  say(`browser: ${browser.executablePath} (${browser.source})`);

  const ran = await runStages(rounds, (text) => process.stdout.write(text));
  const summary = ran.flatMap(({ stage, outcome: { passed, failed, failures = [] }, ms }) => [
    `${(failed === 0 ? "ok" : "FAILED").padEnd(7)}${stage}: ${passed} passed, ${failed} failed, ${seconds(ms)}`,
    ...failures.map((failure) => `         ${failure}`),
  ]);
  const sumOf = (count: "passed" | "failed") => ran.reduce((sum, { outcome }) => sum + outcome[count], 0);
  process.stdout.write(`\n${summary.join("\n")}\nall stages: ${seconds(performance.now() - started)}\n`);
  process.stdout.write(`${sumOf("passed")} passed, ${sumOf("failed")} failed\n`);
  return sumOf("failed") === 0 ? 0 : 1;
}

type Surroundings = { readonly cwd?: string; readonly priority?: number };

/** A command that counts as one test. */
function command(name: string, args: string[], surroundings: Surroundings = {}): Stage["run"] {
  return async (how) => {
    const { code, output } = await exec(name, args, { ...surroundings, how });
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
  };
}

function proof(args: string[], priority?: number): Stage["run"] {
  return command(process.execPath, ["prove/prove.ts", ...args, "--json"], priority === undefined ? {} : { priority });
}

/** A vitest run, counted from its own report. A test that was skipped counts as failed: nothing is skipped silently. */
function vitest(name: string, args: string[], cwd = root): Stage["run"] {
  const report = join(results, `${name}.json`);
  const runner = join(cwd, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return async (how) => {
    const { code, output } = await exec(process.execPath, [runner, "run", ...args, ...reporters], { cwd, how });
    if (!existsSync(report)) return { passed: 0, failed: 1, output };
    const told = JSON.parse(readFileSync(report, "utf8")) as Report;
    const failed = told.numTotalTests - told.numPassedTests;
    return {
      passed: told.numPassedTests,
      // A suite that could not even be loaded has no failed test, but a failing exit code.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      failures: failuresOf(told),
      output,
    };
  };
}

type Report = {
  numPassedTests: number;
  numTotalTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[];
  }[];
};

/** One line for each test that did not pass, and for each file that could not be loaded. */
function failuresOf(report: Report): string[] {
  return report.testResults.flatMap((file) => {
    const path = relative(root, file.name);
    const tests = file.assertionResults.filter((test) => test.status !== "passed");
    if (tests.length === 0 && file.status !== "passed") return [`${path}: ${firstLine(file.message)}`];
    return tests.map((test) => `${path} > ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`);
  });
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300);
}

/** What a hanging stage started ends with it. */
async function exec(
  name: string,
  args: string[],
  { cwd = root, priority, how }: Surroundings & { readonly how: Output },
): Promise<{ code: number; output: string }> {
  const written = how === "live" ? "inherit" : "pipe";
  const options = { cwd, longestMs: LONGEST_STAGE * 60_000, env: { ...process.env, FORCE_COLOR: "0" }, priority };
  const told = (output: string, line: string) => {
    if (how === "live") process.stdout.write(line);
    return { code: 1, output: output + line };
  };
  try {
    const { code, output } = await runBounded(name, args, { ...options, stdio: ["ignore", written, written] });
    if (code !== undefined) return { code, output };
    return told(output, `ended after ${LONGEST_STAGE} minutes without an end of its own: ${name} ${args.join(" ")}\n`);
  } catch (error) {
    return told("", `${name}: ${(error as Error).message}\n`);
  }
}
