/**
 * Reading a long list of IFS costs little more than the network: the adapter's own client against a bare loop of fetch and
 * JSON.parse over the same pages, each in a process of its own and bundled as the applications are, alternating, median of three.
 * Limits: 1.15 times the bare loop, 150 MB.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Bench } from "./bench.ts";
import { median, numbers } from "./options.ts";

const ROUNDS = 3;
const MOST_RATIO = 1.15;
const MOST_RSS_MB = 150;

type Result = { readonly seconds: number; readonly pages: number; readonly rssMb: number };

export const benchIfsClient: Bench = {
  usage: "npm run bench -- ifs-client [--json] [--rows 100000] [--page 500] [--latency 50]",
  async run(args, say) {
    const { rows, page, latency } = numbers(args, { rows: 100_000, page: 500, latency: 50 });
    if (rows < 1 || page < 10) throw new RangeError("--rows must be at least 1, --page at least 10");
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const server = await startServer(rows, latency);
    try {
      const script = await bundle(folder);
      const measure = (how: "bare" | "client") => read(script, [how, server.origin, String(rows), String(page)]);
      const bare: Result[] = [];
      const own: Result[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        bare.push(await measure("bare"));
        own.push(await measure("client"));
        say(
          `round ${round}: bare loop ${bare.at(-1)?.seconds.toFixed(2)} s, client ${own.at(-1)?.seconds.toFixed(2)} s`,
        );
      }
      const seconds = median(own.map((result) => result.seconds));
      const limitSeconds = median(bare.map((result) => result.seconds));
      const ratio = seconds / limitSeconds;
      const rssMb = Math.max(...own.map((result) => result.rssMb));
      return {
        ok: ratio <= MOST_RATIO && rssMb < MOST_RSS_MB,
        line: {
          rows,
          pages: own[0]?.pages,
          seconds: round(seconds, 3),
          limitSeconds: round(limitSeconds, 3),
          ratio: round(ratio, 3),
          rssMb: round(rssMb, 1),
        },
      };
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  },
};

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, "reader.mjs");
  await build({
    entryPoints: [here("./ifs-client-reader.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return outfile;
}

async function read(script: string, args: readonly string[]): Promise<Result> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`reading (${args[0]}) ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Result;
}

async function startServer(rows: number, latency: number): Promise<{ origin: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [here("./stock-server.ts"), String(rows), String(latency)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [port] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
  ]);
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
