/** OData v4 as IFS Cloud speaks it: reads that page to the end, conditional writes, actions and change sets. */
import { type Capabilities, nothingProbed } from "../domain/capabilities.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import type { Clock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import { within } from "../runtime/limit.ts";
import type { Logger } from "../runtime/logger.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { resolveBinding } from "./binding.ts";
import type { BudgetGate } from "./budget/budget.ts";
import type { Lane } from "./budget/lanes.ts";
import { createLocalGate } from "./budget/local-gate.ts";
import { createReads } from "./client-reads.ts";
import type { IfsClient } from "./client-types.ts";
import { createWrites } from "./client-writes.ts";
import { createTelling } from "./sent.ts";
import { createSiteTime } from "./site-time.ts";
import { createTokenSource, type TokenSettings, type TokenSource } from "./token.ts";
import { createSend } from "./transport.ts";

export type { IfsClient, ListQuery, RawRow, TaggedRow } from "./client-types.ts";

export type IfsConnection = TokenSettings & {
  /** Scheme, host and port, and a path prefix if a gateway has one; no trailing slash. */
  readonly baseUrl: string;
};

export type IfsClientOptions = {
  readonly connection: IfsConnection;
  readonly config: Pick<ConnectorConfig, "ifs" | "sites">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: HttpFetch;
  readonly random?: Random;
  /** Shared by all processes; without it the configured number of places in this one. */
  readonly budget?: BudgetGate;
  /** How urgent this client's requests are; `stock` when absent. */
  readonly lane?: Lane;
  /** What a write probe of this tenant found out; nothing when absent. */
  readonly capabilities?: Capabilities;
  /** Shared by clients of one process; one of its own when absent. */
  readonly tokens?: TokenSource;
};

/** Throws a RangeError that lists every wrong word of the binding. */
export function createIfsClient(options: IfsClientOptions): IfsClient {
  const { connection, config, clock, logger } = options;
  const resolved = resolveBinding(config.ifs.binding);
  if (!resolved.ok) {
    throw new RangeError(resolved.error.map(({ path, message }) => `ifs.binding.${path}: ${message}`).join("; "));
  }
  const binding = resolved.value;
  const fetcher = options.fetch ?? http;
  const send = createSend({
    tokens: options.tokens ?? createTokenSource(connection, fetcher, clock),
    fetch: fetcher,
    clock,
    logger,
    gate: options.budget ?? createLocalGate(config.ifs.concurrency),
    lane: options.lane ?? "stock",
  });
  const base = connection.baseUrl.replace(/\/+$/, "");
  const shared = { send, base, clock, logger };
  const { reads, rowPart } = createReads({
    ...shared,
    maxUrlLength: binding.maxUrlLength,
    pageSize: config.ifs.pageSize,
    timeoutMs: config.ifs.readTimeoutMs,
    isAwaited: options.lane === "checkout",
  });
  const writes = createWrites({
    ...shared,
    random: options.random ?? systemRandom,
    readRow: reads.row,
    rowPart,
    telling: createTelling(binding, config.ifs.journalFields, clock.now),
    timeoutMs: config.ifs.writeTimeoutMs,
  });
  return {
    binding,
    capabilities: options.capabilities ?? nothingProbed,
    config,
    siteTime: createSiteTime(config.sites),
    logger,
    within: (ms, work) => within({ clock, ms }, work),
    ...reads,
    ...writes,
  };
}
