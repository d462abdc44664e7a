/**
 * Every test of the project: `npm test`. One stage after another, all of them even when one fails, and a last line that sums
 * them up. A stage that ran nothing counts as failed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runBounded } from "./bounded.mjs";
import { findChromium } from "./browser.ts";
import { installDependencies, installFolder, seconds } from "./setup.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, "artifacts", "test-results");
const bin = (name: string) => join(root, "node_modules", ".bin", name);

/** What a stage counted, and the failures by name: a log that is cut to its end still says what failed. */
type Outcome = { passed: number; failed: number; failures?: string[] };
type Stage = { name: string; run: () => Promise<Outcome> };

/** How long one stage may take, in minutes: several times what it takes on two cores. One that hangs fails and is named. */
const LONGEST_STAGE = 15;

const stages: Stage[] = [
  { name: "formatting and lint", run: () => check(bin("biome"), ["ci", "."]) },
  { name: "floating promises and types of lint", run: () => check(bin("oxlint"), ["--type-aware", "--deny-warnings"]) },
  { name: "types", run: () => check(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", "."]) },
  { name: "types of mc-app", run: () => check("npm", ["run", "--silent", "typecheck"], join(root, "mc-app")) },
  { name: "import boundaries", run: () => check(process.execPath, ["scripts/boundaries.ts"]) },
  {
    name: "unit, property and adapter tests",
    run: () => vitest("unit", root, ["--project", "unit", "--project", "timed"]),
  },
  {
    name: "stories in a world of virtual time, on every kind of tenant",
    run: () => vitest("prove", root, ["--project", "prove"]),
  },
  {
    name: "orders exactly once: an interruption at each step, ten planted defects, 500 seeds",
    run: () =>
      check(process.execPath, ["prove/prove.ts", "orders", "--steps", "--mutants", "--seeds", "500", "--json"]),
  },
  {
    name: "stock never given back: eleven planted defects, two naive strategies, 300 seeds",
    run: () => check(process.execPath, ["prove/prove.ts", "stock", "--mutants", "--seeds", "300", "--json"]),
  },
  {
    name: "the last piece is sold once: five planted defects, 300 seeds",
    run: () => check(process.execPath, ["prove/prove.ts", "atp", "--mutants", "--seeds", "300", "--json"]),
  },
  { name: "components of the Merchant Center app", run: () => vitest("mc-app", join(root, "mc-app"), []) },
  { name: "over HTTP between served platforms", run: () => vitest("served", root, ["--project", "served"]) },
  {
    name: "bundles, installation, round trip, browser",
    run: () => vitest("e2e", root, ["--project", "e2e"]),
  },
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

  const total: Outcome = { passed: 0, failed: 0 };
  const summary: string[] = [];
  for (const stage of stages) {
    process.stdout.write(`\n== ${stage.name}\n`);
    const begin = performance.now();
    const outcome = await stage.run();
    const counted = outcome.passed + outcome.failed === 0 ? { passed: 0, failed: 1 } : outcome;
    total.passed += counted.passed;
    total.failed += counted.failed;
    const verdict = counted.failed === 0 ? "ok" : "FAILED";
    summary.push(
      `${verdict.padEnd(7)}${stage.name}: ${counted.passed} passed, ${counted.failed} failed, ${seconds(performance.now() - begin)}`,
      ...(counted.failures ?? []).map((failure) => `         ${failure}`),
    );
  }
  process.stdout.write(`\n${summary.join("\n")}\nall stages: ${seconds(performance.now() - started)}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

/** A command that counts as one test. */
async function check(command: string, args: string[], cwd = root): Promise<Outcome> {
  return (await exec(command, args, cwd)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A vitest run, counted from its own report. A test that was skipped counts as failed: nothing is skipped silently. */
async function vitest(name: string, cwd: string, args: string[]): Promise<Outcome> {
  const report = join(results, `${name}.json`);
  const runner = join(cwd, "node_modules", "vitest", "vitest.mjs");
  const code = await exec(
    process.execPath,
    [runner, "run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    cwd,
  );
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const told = JSON.parse(readFileSync(report, "utf8")) as Report;
  const failed = told.numTotalTests - told.numPassedTests;
  return {
    passed: told.numPassedTests,
    // A suite that could not even be loaded has no failed test, but a failing exit code.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    failures: failuresOf(told),
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
async function exec(command: string, args: string[], cwd: string): Promise<number> {
  const longestMs = LONGEST_STAGE * 60_000;
  const env = { ...process.env, FORCE_COLOR: "0" };
  try {
    const { code } = await runBounded(command, args, { cwd, longestMs, stdio: ["ignore", "inherit", "inherit"], env });
    if (code !== undefined) return code;
    process.stdout.write(
      `ended after ${LONGEST_STAGE} minutes without an end of its own: ${command} ${args.join(" ")}\n`,
    );
  } catch (error) {
    process.stdout.write(`${command}: ${(error as Error).message}\n`);
  }
  return 1;
}
