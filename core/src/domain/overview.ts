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
  /** Absent before a configuration was pushed. */
  checkout?: OverviewCheckout;
};

/** `parked`: switched off by itself. `missing`: armed by the configuration and not installed. `unknown`: it could not be read. */
export type GuardState = "off" | "armed" | "parked" | "missing" | "unknown";

/** Sums of the last 24 hours over all replicas; times in milliseconds, null where nobody asked. */
export type CheckoutDoor = {
  /** `extension`: commercetools, before orders and changes of carts. `question`: storefronts and checkouts. `batch`: each of several questions at once. */
  door: "extension" | "question" | "batch";
  answers: number;
  /** Answers a minute since the beginning of the last full hour. */
  perMinute: number;
  /** Answers of which no line needed IFS: the calls that it was spared. */
  withoutIfs: number;
  refused: number;
  /** Answers for which nothing could be decided. */
  undecided: number;
  /** Lines that a fail policy decided. */
  policyOpen: number;
  policyClosed: number;
  policyBackOrder: number;
  p50Ms: number | null;
  p99Ms: number | null;
  /** Of the 99th percentile of each part: our own, and waiting for either system. */
  oursP99Ms: number | null;
  ctP99Ms: number | null;
  ifsP99Ms: number | null;
};

export type OverviewCheckout = {
  guard: GuardState;
  /** Carts that hold goods now, and orders whose goods are held until they are counted. null: holds are off, or could not be read. */
  holds: { carts: number; orders: number } | null;
  doors: CheckoutDoor[];
  /** Calls at the Extension's door without the right secret; ISO 8601 of the last, and of the last with it. null: none that is known. */
  extensionCalls: { refused: number; lastRefusedAt: string | null; lastRightAt: string | null };
  /** Reads of IFS, figures that were at hand, and figures that somebody else was reading already. */
  ifsReads: number;
  cached: number;
  coalesced: number;
  /** How often IFS was left alone because it failed. */
  breakerOpened: number;
  /** Hints that IFS has less than commercetools shows. */
  corrections: number;
  /** Why policies decided, in lines; the most frequent first. */
  policyReasons: { reason: string; lines: number }[];
};
