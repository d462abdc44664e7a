/** What the Merchant Center's first page shows, computed from the stored records alone. Pure. */
import type { ConnectorConfig } from "../domain/config.ts";
import { followsCustomers } from "../domain/customer-route.ts";
import type { FlowState, Overview, OverviewFlow } from "../domain/overview.ts";
import { type ExceptionRecord, type FlowName, flowNames, type RunRecord } from "../domain/records.ts";

export type OverviewFacts = {
  readonly projectKey: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly active: { readonly version: number; readonly config: ConnectorConfig } | undefined;
  readonly runs: readonly RunRecord[];
  readonly exceptions: { readonly total: number; readonly rows: readonly ExceptionRecord[] };
  readonly ordersInFlight: number;
  readonly ordersLinked: number;
};

export const directions: Record<FlowName, OverviewFlow["direction"]> = {
  "order-export": "toIfs",
  "order-sweep": "toIfs",
  "stock-sync": "toCommercetools",
  "price-sync": "toCommercetools",
  "status-sync": "toCommercetools",
  "customer-sync": "toIfs",
};

/** Flows without a part in the configuration neither run nor show. */
export const runsFlow = (flow: FlowName, config: ConnectorConfig | undefined): boolean =>
  flow !== "customer-sync" || (config !== undefined && followsCustomers(config));

/** Seconds between runs; 0 for the flow that events drive. */
export function intervalOf(flow: FlowName, config: ConnectorConfig | undefined): number {
  const schedules = config?.schedules;
  switch (flow) {
    case "order-export":
      return 0;
    case "order-sweep":
      return schedules?.sweepSeconds ?? 0;
    case "stock-sync":
      return schedules?.stockSeconds ?? 0;
    case "price-sync":
      return schedules?.priceSeconds ?? 0;
    case "status-sync":
      return schedules?.statusSeconds ?? 0;
    case "customer-sync":
      return schedules?.customerSeconds ?? 0;
  }
}

export function buildOverview(facts: OverviewFacts): Overview {
  const runs = new Map(facts.runs.map((run) => [run.flow, run]));
  return {
    projectKey: facts.projectKey,
    generatedAt: new Date(facts.now).toISOString(),
    configurationVersion: facts.active?.version ?? null,
    ordersInFlight: facts.ordersInFlight,
    ordersLinked: facts.ordersLinked,
    flows: flowNames
      .filter((flow) => runsFlow(flow, facts.active?.config))
      .map((flow) => flowRow(flow, runs.get(flow), facts)),
    exceptionCount: facts.exceptions.total,
    exceptions: facts.exceptions.rows.map((row) => ({ ...row, owner: ownerName(row.owner, facts.active?.config) })),
  };
}

function flowRow(flow: FlowName, run: RunRecord | undefined, facts: OverviewFacts): OverviewFlow {
  const intervalSeconds = intervalOf(flow, facts.active?.config);
  const lastSuccessAt = run?.lastSuccessAt ?? null;
  const ageSeconds =
    lastSuccessAt === null ? null : Math.max(0, Math.round((facts.now - Date.parse(lastSuccessAt)) / 1000));
  return {
    flow,
    direction: directions[flow],
    intervalSeconds,
    lastRunAt: run?.startedAt ?? null,
    lastSuccessAt,
    ageSeconds,
    processed: run?.processed ?? 0,
    changed: run?.changed ?? 0,
    failed: run?.failed ?? 0,
    state: stateOf(run, intervalSeconds, facts.now),
    message: run?.message ?? null,
  };
}

/** The tick comes once a minute at best, so a short interval alone never makes a flow silent. */
const SHORTEST_SILENCE_MS = 180_000;

/**
 * `silent` goes by the last start, not the last success: a flow that starts and fails is `failing`, one that nobody starts is
 * silent. A flow that events drive is never silent: no orders, no events.
 */
function stateOf(run: RunRecord | undefined, intervalSeconds: number, now: number): FlowState {
  if (!run) return "neverRan";
  const silence = now - Date.parse(run.startedAt);
  if (intervalSeconds > 0 && silence > Math.max(SHORTEST_SILENCE_MS, 3000 * intervalSeconds)) return "silent";
  return run.outcome === "failed" ? "failing" : "ok";
}

/** The team or address that the merchant gave to an owner class, else the class itself. */
const ownerName = (owner: string, config: ConnectorConfig | undefined): string => config?.owners[owner] ?? owner;
