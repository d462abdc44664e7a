/** `npm start`: installs what is missing, starts everything, plays the story, then stays up. `--once` checks and stops. */
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startScheduler } from "./scheduler.ts";
import { seconds } from "./setup.ts";
import { appNames, type Ports, preferredPorts, type Stack, startStack } from "./stack.ts";
import { story, storyWorld } from "./story.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MEMORY_LIMIT_MB = 256;

const portFlags = {
  "ifs-port": "ifs",
  "commercetools-port": "commercetools",
  "merchant-center-port": "merchantCenter",
  "event-port": "event-app",
  "job-port": "job-app",
  "service-port": "service-app",
} as const satisfies Record<string, keyof Ports>;

const help = `npm start                     plays the story, then stays up until Ctrl-C
npm start -- --once           plays the story, checks every step, stops everything; exit code 1 when a step is wrong
${Object.entries(portFlags)
  .map(
    ([flag, name]) =>
      `npm start -- --${flag.padEnd(22)} port to use (${preferredPorts[name]}); a free one is taken where it is busy`,
  )
  .join("\n")}
`;

const out = (line: string) => process.stdout.write(`${line}\n`);
process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  const started = performance.now();
  const logDir = join(root, "artifacts", "logs");
  rmSync(logDir, { recursive: true, force: true });
  mkdirSync(logDir, { recursive: true });
  const progress = (line: string) => out(`  ${line}`);

  const stack = await startStack({
    root,
    ports: options.ports,
    logDir,
    progress,
    merchantCenter: true,
    announce: true,
  });
  const interrupted = stopOnSignal(stack);
  try {
    const failed = await play(stack);
    if (failed === 0) reportMemory(stack);
    const verdict = failed === 0 ? "every step was right" : "a step was wrong";
    out(`\n${verdict}; ${seconds(performance.now() - started)} from the command to the end of the story`);
    if (failed > 0) {
      out(`logs: ${logDir}`);
      return 1;
    }
    if (!options.once) await stayUp(stack, interrupted);
    return 0;
  } finally {
    await stack.stop();
  }
}

function readOptions(): { once: boolean; ports: Partial<Ports> } | number {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        ...Object.fromEntries(Object.keys(portFlags).map((flag) => [flag, { type: "string" as const }])),
      },
    });
    if (values.help) {
      out(help);
      return 0;
    }
    const ports: Partial<Ports> = {};
    for (const [flag, name] of Object.entries(portFlags)) {
      const value = (values as Record<string, unknown>)[flag];
      if (value === undefined) continue;
      const port = Number(value);
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw new Error(`--${flag} must be a port from 1 to 65535, not "${String(value)}"`);
      ports[name] = port;
    }
    return { once: values.once === true, ports };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
}

/** How many steps went wrong: the story ends at the first one, because each stands on the one before. */
async function play(stack: Stack): Promise<number> {
  const world = storyWorld(stack);
  out("");
  for (const [index, step] of story.entries()) {
    const begin = performance.now();
    const number = `${index + 1}/${story.length}`.padStart(5);
    try {
      const what = await step.run(world);
      out(`${number}  ${step.title}\n       ${what}  [${seconds(performance.now() - begin)}]`);
    } catch (error) {
      out(`${number}  WRONG: ${step.title}\n       ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
  }
  return 0;
}

function reportMemory(stack: Stack): void {
  const peaks = appNames.map((name) => ({ name, mb: stack.app(name).peakMemoryMb() }));
  out(
    `\n       peak memory: ${peaks.map(({ name, mb }) => `${name} ${mb ?? "?"} MB`).join(", ")} (event-app and service-app may have ${MEMORY_LIMIT_MB} MB)`,
  );
  // Connect gives a job eight times the memory of a service.
  const over = peaks.filter(({ name, mb }) => name !== "job-app" && mb !== undefined && mb > MEMORY_LIMIT_MB);
  if (over.length > 0) throw new Error(`above ${MEMORY_LIMIT_MB} MB: ${over.map(({ name }) => name).join(", ")}`);
}

function stopOnSignal(stack: Stack): Promise<void> {
  return new Promise((stopped) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        out("\nstopping ...");
        stack.stop().then(
          () => {
            stopped();
            process.exit(signal === "SIGINT" ? 130 : 143);
          },
          () => process.exit(1),
        );
      });
    }
  });
}

async function stayUp(stack: Stack, interrupted: Promise<void>): Promise<void> {
  const scheduler = startScheduler(stack.urls.job, 5000);
  out(`
Everything stays up. The scheduler asks the job every 5 seconds (a shop: every minute). Three things to try:

  1. Open ${stack.urls.merchantCenter?.page}
     (in a browser on this machine; Chromium and Firefox know that *.localhost is this machine)
  2. In another terminal: npm run sandbox -- sell BAT.12V.2AH 10    a telephone sale; watch the stock in the shop fall
                          npm run sandbox -- help                   everything that a warehouse and a sales desk do
  3. Switch IFS off for orders, buy, and switch it on again: nothing is lost.
     curl -X POST ${stack.urls.ifs}/sandbox/faults -d '{"kind":"status","status":503,"methods":["POST"],"path":"CustomerOrderHandling"}'
     npm run sandbox -- buy BAT.12V.2AH 1
     curl -X DELETE ${stack.urls.ifs}/sandbox/faults

IFS Cloud ${stack.urls.ifs}, commercetools ${stack.urls.commercetools}. Ctrl-C stops everything.`);
  await interrupted;
  scheduler.stop();
}
