/** A shop of any size whose entries show what IFS can promise, job-app from its bundle, and both models with the latencies of a real tenant. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { createCt } from "../core/src/ct/client.ts";
import { createStore } from "../core/src/ct/store.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../core/src/domain/config.ts";
import { systemClock } from "../core/src/runtime/clock.ts";
import { http } from "../core/src/runtime/http.ts";
import { createApi } from "../sandbox/commercetools/api-caller.ts";
import { partOf, type Size } from "../sandbox/seed/any-catalogue.ts";
import { anyPorts, PROJECT_KEY, startStack } from "../scripts/stack.ts";
import { control, delayed, type Latency } from "./controls.ts";

type Client = "connector" | "peer";
export type Counts = { readonly ctReads: number; readonly ctWrites: number; readonly ifsReads: number };
export type StockRun = Counts & { readonly ms: number };
export type Entry = { readonly id: string; readonly version: number; readonly sku: string; readonly quantity: number };

export type StockWorld = {
  delay(latency: Latency): Promise<void>;
  /** One tick of the scheduler with the stock flow in it; throws where the flow reports a failure. */
  run(): Promise<StockRun>;
  /** Another unit of the part is received in IFS. */
  receive(index: number): Promise<void>;
  /** As commercetools shows it, read by another client. */
  entry(index: number): Promise<Entry>;
  /** One unit more or less, written by another client; its time in ms. */
  write(entry: Entry, by: 1 | -1): Promise<number>;
  /** Writes at a time that the configuration allows. */
  readonly writesAtATime: number;
  /** Of one API client, by the models' own records. */
  counts(clientId: Client): Promise<Counts>;
  /** Another client of the same project. */
  readonly peer: {
    readonly url: string;
    readonly projectKey: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  rssMb(): number;
  close(): Promise<void>;
};

/** Of IFS, as the sandbox has it: with 600, ten thousand changes would be a bench of the budget, which takes some hundred seconds for their reads. */
const REQUESTS_PER_MINUTE = 6000;
const SECRET = "sandbox-secret";
/** Real catalogues are filled over months, this one before the bench: 1,000 entries and their rows take about half a second. */
const SEED_MS_PER_ENTRY = 5;
/** Of each model, which keep everything in memory. A million entries need more than Node's own limit. */
const HEAP_MB_PER_ENTRY = 0.008;
const LEAST_HEAP_MB = 2000;

type Settings = { readonly overlapSeconds?: number; readonly writesAtATime?: number };

export async function openStockWorld(
  root: string,
  size: Size,
  say: (line: string) => void,
  settings: Settings = {},
): Promise<StockWorld> {
  const stack = await startStack({
    root,
    ports: anyPorts,
    logDir: join(root, "artifacts", "bench"),
    progress: say,
    merchantCenter: false,
    announce: false,
    apps: ["event-app", "job-app"],
    platforms: join(root, "bench", "stock-platforms.ts"),
    sandboxEnv: {
      BENCH_ENTRIES: String(size.entries),
      BENCH_ROWS: String(size.rows),
      BENCH_LINES: String(size.lines),
      NODE_OPTIONS: `--max-old-space-size=${Math.max(LEAST_HEAP_MB, size.entries * HEAP_MB_PER_ENTRY)}`,
    },
    seededWithinMs: 60_000 + SEED_MS_PER_ENTRY * size.entries,
  });
  const { urls } = stack;
  const client = { projectKey: PROJECT_KEY, clientId: "bench", clientSecret: SECRET };
  const admin = createApi({ url: urls.commercetools, ...client });
  let writesAtATime = 0;
  try {
    for (const app of ["event-app", "job-app"] as const) await stack.script(app, "post-deploy");
    const ct = createCt({
      apiUrl: urls.commercetools,
      authUrl: urls.commercetools,
      ...client,
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const file = parse(await readFile(join(root, "sandbox", "connector-config.yaml"), "utf8"));
    const config = stockOnly(connectorConfigSchema.parse(file), settings);
    writesAtATime = config.stock.writesAtATime;
    await createStore(ct, systemClock).config.push(config);
    await stack.startApp("job-app");
  } catch (error) {
    await stack.stop();
    throw error;
  }

  async function records(): Promise<{ ct: Record<string, number>; ifs: Record<string, number> }> {
    const ct = await control<Record<string, number>>(urls.commercetools, "GET", "counters");
    return { ct, ifs: await control<Record<string, number>>(urls.ifs, "GET", "state/counters") };
  }

  function tell(name: string, before: Record<string, number>, after: Record<string, number>): void {
    for (const [kind, count] of Object.entries(after)) {
      if (count > (before[kind] ?? 0)) say(`  ${name}: ${count - (before[kind] ?? 0)} ${kind}`);
    }
  }

  function countsOf(
    { ct: ofCt, ifs: ofIfs }: Awaited<ReturnType<typeof records>>,
    clientId: Client = "connector",
  ): Counts {
    const sumOf = (counters: Record<string, number>, wanted: (name: string) => boolean): number =>
      Object.entries(counters).reduce((sum, [name, count]) => sum + (wanted(name) ? count : 0), 0);
    return {
      ctReads: sumOf(ofCt, (name) => name.startsWith(`${clientId} GET`) || name === `${clientId} POST /graphql`),
      ctWrites: sumOf(ofCt, (name) => name === `${clientId} POST /inventory`),
      ifsReads: sumOf(ofIfs, (name) => name.startsWith("GET ")),
    };
  }

  return {
    async delay(latency) {
      await delayed(urls.commercetools, latency.ct);
      await delayed(urls.ifs, latency.ifs);
    },
    async run() {
      const recorded = await records();
      const before = countsOf(recorded);
      const begun = performance.now();
      const flows = await tick(urls.job);
      const ms = performance.now() - begun;
      const stock = flows.find(({ flow }) => flow === "stock-sync");
      if (stock?.outcome !== "succeeded") throw new Error(`the stock flow did not run: ${JSON.stringify(flows)}`);
      if (stock.failed !== 0) throw new Error(`the stock flow reports failures: ${JSON.stringify(stock)}`);
      const now = await records();
      tell("commercetools", recorded.ct, now.ct);
      tell("IFS", recorded.ifs, now.ifs);
      const after = countsOf(now);
      return {
        ms,
        ctReads: after.ctReads - before.ctReads,
        ctWrites: after.ctWrites - before.ctWrites,
        ifsReads: after.ifsReads - before.ifsReads,
      };
    },
    async receive(index) {
      await control(urls.ifs, "POST", "clerk/receive", { part: partOf(index), qty: "1" });
    },
    async entry(index) {
      const [found] = (await admin.get("/inventory", { where: `sku = "${partOf(index)}"` })).results as {
        id: string;
        version: number;
        sku: string;
        quantityOnStock: number;
      }[];
      if (!found) throw new Error(`there is no entry of ${partOf(index)}`);
      return { ...found, quantity: found.quantityOnStock };
    },
    async write({ id, version }, by) {
      const begun = performance.now();
      await admin.post(`/inventory/${id}`, {
        version,
        actions: [{ action: by > 0 ? "addQuantity" : "removeQuantity", quantity: 1 }],
      });
      return performance.now() - begun;
    },
    counts: async (clientId) => countsOf(await records(), clientId),
    peer: { url: urls.commercetools, projectKey: PROJECT_KEY, clientId: "peer", clientSecret: SECRET },
    writesAtATime,
    rssMb: () => stack.app("job-app").peakMemoryMb() ?? Number.NaN,
    close: () => stack.stop(),
  };
}

/** Nothing else runs beside it, and each tick finds it due. */
function stockOnly(config: ConnectorConfig, { overlapSeconds, writesAtATime }: Settings): ConnectorConfig {
  const day = 86_400;
  return {
    ...config,
    stock: {
      ...config.stock,
      ...(writesAtATime && { writesAtATime }),
      pools: config.stock.pools.map((pool) => ({
        ...pool,
        channels: pool.channels.map((channel) => ({ ...channel, buffer: 0 })),
      })),
    },
    prices: { ...config.prices, lists: [] },
    ifs: {
      ...config.ifs,
      budget: { requestsPerMinute: REQUESTS_PER_MINUTE, concurrency: 16 },
      concurrency: 12,
      changes: {
        ...config.ifs.changes,
        stock: { ...config.ifs.changes.stock, ...(overlapSeconds && { overlapSeconds }) },
      },
    },
    schedules: { ...config.schedules, stockSeconds: 1, stockFullSeconds: day, sweepSeconds: 3600, statusSeconds: day },
  };
}

type Flow = { readonly flow: string; readonly outcome: string; readonly failed?: number };

/** Not by `fetch`, which gives up after five minutes without an answer. */
async function tick(url: string): Promise<Flow[]> {
  const answer = await http(url, { method: "POST" });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${text}`);
  return (JSON.parse(text) as { flows: Flow[] }).flows;
}
