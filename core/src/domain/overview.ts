/** The answer of `GET /service/mc/overview`, shown by the Merchant Center application, which imports this type and nothing else. */

export type FlowState = "ok" | "failing" | "silent" | "neverRan";

export type OverviewFlow = {
  flow: "order-export" | "order-sweep" | "stock-sync" | "price-sync" | "status-sync" | "customer-sync";
  direction: "toIfs" | "toCommercetools";
  /** Configured seconds between runs; 0 for a flow that is driven by events. */
  intervalSeconds: number;
  lastRunAt: string | null;
  lastSuccessAt: string | null;
  /** Seconds since the last success. */
  ageSeconds: number | null;
  processed: number;
  changed: number;
  failed: number;
  state: FlowState;
  message: string | null;
};

export type OverviewException = {
  id: string;
  flow: string;
  code: string;
  recordType: string;
  recordId: string;
  recordLabel: string;
  message: string;
  action: string;
  owner: string;
  firstSeenAt: string;
  lastSeenAt: string;
  attempts: number;
};

/** Timestamps are ISO 8601 in UTC. */
export type Overview = {
  projectKey: string;
  generatedAt: string;
  /** null: no configuration was pushed yet. */
  configurationVersion: number | null;
  /** Orders in scope that are not linked to an IFS order yet: waiting, being exported, or an exception. At most 10,000. */
  ordersInFlight: number;
  /** Orders in scope that carry an IFS order number. At most 10,000, which is as far as commercetools counts. */
  ordersLinked: number;
  flows: OverviewFlow[];
  exceptionCount: number;
  exceptions: OverviewException[];
};
