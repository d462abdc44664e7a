/** service-app from its bundle, in a process of its own, between both models in another one. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { createCt } from "../core/src/ct/client.ts";
import { createStore } from "../core/src/ct/store.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../core/src/domain/config.ts";
import { systemClock } from "../core/src/runtime/clock.ts";
import { createApi } from "../sandbox/commercetools/api-caller.ts";
import { anyPorts, PROJECT_KEY, type Stack, startStack } from "../scripts/stack.ts";
import type { Target } from "./atp-load.ts";
import { control } from "./controls.ts";

/** What the service says of an answer in its log. */
export type LoggedCheck = {
  readonly correlationId: string;
  readonly policies: number;
  readonly ctMs: number;
  readonly ifsMs: number;
};

export type AtpWorld = {
  readonly target: (skus: number) => Target;
  readonly deadlineMs: number;
  /** IFS answers after `ifs` ms, and a share of its answers after `slowMs`. */
  delay(latency: { ct: number; ifs: number; slowShare?: number; slowMs?: number }): Promise<void>;
  /** What the next process of the service reads. */
  configure(atp: Partial<ConnectorConfig["atp"]>): Promise<void>;
  /** A new process of the service, until it is ready. */
  restart(): Promise<void>;
  /** Requests of the connector so far, but those for tokens. */
  requests(): Promise<{ ct: number; ctReads: number; ifs: number }>;
  /** Checks that were logged since the last call. */
  checks(): LoggedCheck[];
  /** Processor time of the service's process so far; NaN where the system does not tell. */
  cpuMs(): number;
  /** Highest so far. */
  rssMb(): number;
  close(): Promise<void>;
};

const SECRET = "sandbox-secret";
const CHANNEL = "hamburg";

export async function openAtpWorld(root: string, entries: number, say: (line: string) => void): Promise<AtpWorld> {
  const stack = await startStack({
    root,
    ports: anyPorts,
    logDir: join(root, "artifacts", "bench"),
    progress: say,
    merchantCenter: false,
    announce: false,
    apps: ["event-app", "service-app"],
    platforms: join(root, "bench", "atp-platforms.ts"),
    sandboxEnv: { BENCH_ENTRIES: String(entries) },
    seededWithinMs: 60_000 + 10 * entries,
  });
  try {
    return await worldOf(stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function worldOf(stack: Stack): Promise<AtpWorld> {
  const { urls, root } = stack;
  const client = { projectKey: PROJECT_KEY, clientId: "bench", clientSecret: SECRET };
  for (const app of ["event-app", "service-app"] as const) await stack.script(app, "post-deploy");
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const ct = createCt({ apiUrl: urls.commercetools, authUrl: urls.commercetools, ...client, logger });
  const store = createStore(ct, systemClock);
  const given = connectorConfigSchema.parse(
    parse(await readFile(join(root, "sandbox", "connector-config.yaml"), "utf8")),
  );
  const config: ConnectorConfig = {
    ...given,
    stock: { ...given.stock, pools: given.stock.pools.filter(({ site }) => site === "101") },
    prices: { ...given.prices, lists: [] },
    ifs: { ...given.ifs, concurrency: 12 },
  };
  const admin = createApi({ url: urls.commercetools, ...client });
  const { id: channelId } = (await admin.get(`/channels/key=${CHANNEL}`)) as { id: string };
  let isRunning = false;
  let peak = 0;
  const file = join(root, "artifacts", "bench", "service-app.log");
  /** Older lines are of another bench. */
  let read = existsSync(file) ? statSync(file).size : 0;
  const rssMb = (): number => {
    peak = Math.max(peak, isRunning ? (stack.app("service-app").peakMemoryMb() ?? Number.NaN) : 0);
    return peak;
  };
  return {
    target: (skus) => ({ url: `${urls.service}/extension`, secret: "sandbox-extension-secret", channelId, skus }),
    deadlineMs: config.atp.deadlineMs,
    async delay({ ct: ctMs, ifs, slowShare = 0, slowMs = 0 }) {
      for (const url of [urls.commercetools, urls.ifs]) await control(url, "DELETE", "faults");
      await control(urls.commercetools, "POST", "faults", { kind: "latency", delayMs: ctMs });
      if (slowShare > 0) {
        await control(urls.ifs, "POST", "faults", { kind: "latency", delayMs: slowMs, probability: slowShare });
      }
      await control(urls.ifs, "POST", "faults", { kind: "latency", delayMs: ifs });
    },
    async configure(atp) {
      await store.config.push({ ...config, atp: { ...config.atp, ...atp } });
    },
    async restart() {
      rssMb();
      if (isRunning) await stack.app("service-app").stop();
      isRunning = true;
      await stack.startApp("service-app");
    },
    async requests() {
      const ofCt = await control<Record<string, number>>(urls.commercetools, "GET", "counters");
      const ofIfs = await control<Record<string, number>>(urls.ifs, "GET", "state/counters");
      const sum = (counters: Record<string, number>, counts: (name: string) => boolean): number =>
        Object.entries(counters).reduce((total, [name, count]) => total + (counts(name) ? count : 0), 0);
      return {
        ct: ofCt.connector ?? 0,
        ctReads: sum(ofCt, (name) => name.startsWith("connector GET") || name === "connector POST /graphql"),
        ifs: sum(ofIfs, (name) => name.startsWith("GET ")),
      };
    },
    checks() {
      const { checks, bytes } = checksIn(file, read);
      read += bytes;
      return checks;
    },
    cpuMs: () => cpuMsOf(stack.app("service-app").pid),
    rssMb,
    close: () => stack.stop(),
  };
}

/** In whole lines only; the rest of the last one comes with the next call. */
function checksIn(file: string, from: number): { checks: LoggedCheck[]; bytes: number } {
  if (!existsSync(file)) return { checks: [], bytes: 0 };
  const buffer = Buffer.alloc(Math.max(0, statSync(file).size - from));
  const opened = openSync(file, "r");
  readSync(opened, buffer, 0, buffer.length, from);
  closeSync(opened);
  const bytes = buffer.lastIndexOf("\n") + 1;
  const lines = buffer.toString("utf8", 0, bytes).split("\n");
  const checks = lines.flatMap((line): LoggedCheck[] => {
    if (!line.includes('"availability-checked"')) return [];
    const { correlationId, policies, ctMs, ifsMs } = JSON.parse(line) as LoggedCheck;
    return [{ correlationId, policies, ctMs, ifsMs }];
  });
  return { checks, bytes };
}

/** Linux counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
