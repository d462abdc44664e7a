/** Child processes that never outlive the command that started them. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";

export type Running = {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Milliseconds from the start until `ready` answered. */
  readonly readyAfterMs: number;
  /** Highest resident memory seen so far, in MB; undefined where the system does not tell. */
  peakMemoryMb(): number | undefined;
  /** SIGTERM, then SIGKILL after five seconds. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL at once: what a crash looks like. */
  kill(): Promise<void>;
};

export type StartOptions = {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** True once the process does its work. Asked every 25 ms. */
  ready: () => Promise<boolean>;
  timeoutMs: number;
};

const running = new Set<ChildProcess>();

/** Starts a process and waits until it is ready; throws with its last output when it ends or stays silent. */
export async function start(options: StartOptions): Promise<Running> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: "a" });
  const startedAt = performance.now();
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  const gone = new Promise<void>((done) => {
    child.on("close", () => {
      running.delete(child);
      log.end();
      done();
    });
  });
  while (!(await options.ready().catch(() => false))) {
    const ended = failure ?? (child.exitCode !== null || child.signalCode !== null);
    if (ended || performance.now() - startedAt > options.timeoutMs) {
      child.kill("SIGKILL");
      await gone;
      const why =
        failure?.message ??
        (ended ? `ended with ${child.exitCode ?? child.signalCode}` : `was not ready within ${options.timeoutMs} ms`);
      throw new Error(`${options.name} ${why}. Its last output (${options.logFile}):\n${lastLines(options.logFile)}`);
    }
    await new Promise((next) => setTimeout(next, 25));
  }
  const pid = child.pid ?? 0;
  const end = async (signal: NodeJS.Signals) => {
    if (!running.has(child)) return;
    child.kill(signal);
    const impatient = setTimeout(() => child.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(impatient);
  };
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    readyAfterMs: performance.now() - startedAt,
    peakMemoryMb: () => peakMemoryMb(pid),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** The last resort when this process ends by itself: children are told at once. */
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function peakMemoryMb(pid: number): number | undefined {
  try {
    const kb = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
  } catch {
    return undefined; // no /proc (macOS), or the process has ended
  }
}

export function lastLines(file: string, count = 20): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}

/** `preferred` if nobody listens there on 127.0.0.1, else any free port. */
export async function freePort(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (preferred > 0 && !taken.has(preferred) && (await canListen(preferred))) return preferred;
  for (;;) {
    const port = await anyPort();
    if (!taken.has(port)) return port;
  }
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });

const anyPort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
