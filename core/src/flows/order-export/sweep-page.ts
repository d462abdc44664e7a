/** One page of the sweep: every order has its turn, a bad one stops no other, an outage stops the run. */
import type { Order } from "@commercetools/platform-sdk";
import { readLinkState } from "../../domain/claims.ts";
import { AuthenticationError, BarredError, TransientError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { mapLimited } from "../../runtime/limit.ts";
import { type Barrings, noteBarring } from "./barred.ts";
import type { Later } from "./cursor.ts";
import type { OrderSweepDeps } from "./deps.ts";
import { type ExportOutcome, exportOrder } from "./run.ts";

/** So many orders that could not be worked on because a side was down are no coincidence any more. */
const OUTAGES_THAT_STOP = 3;

type Totals = { processed: number; changed: number; failed: number };

export type Sweeping = {
  readonly deps: OrderSweepDeps;
  readonly timeIsUp: () => boolean;
  readonly totals: () => Readonly<Totals>;
  /** Linked orders are passed over: the round over those without link, where the platform cannot filter. */
  readonly onlyPending: boolean;
  /** The round over orders with an open exception. */
  readonly shown: boolean;
  /** Periods whose orders are exported although they are from before `exportFrom`. */
  readonly asked: readonly { readonly from: string; readonly to: string }[];
  readonly state: {
    readonly counts: Totals;
    readonly seen: Set<string>;
    outages: number;
    outage: Error | undefined;
    /** What bars all orders, as met in this run. */
    readonly barrings: Barrings;
    /** Orders that went out here although an event should have brought them. */
    readonly unannounced: string[];
  };
};

export function startSweeping(deps: OrderSweepDeps): Sweeping {
  const endsAt = deps.clock.monotonic() + deps.limits.runMs;
  const state: Sweeping["state"] = {
    counts: { processed: 0, changed: 0, failed: 0 },
    seen: new Set<string>(),
    outages: 0,
    outage: undefined,
    barrings: new Map(),
    unannounced: [],
  };
  return {
    deps,
    timeIsUp: () => deps.clock.monotonic() >= endsAt,
    totals: () => ({ ...state.counts }),
    onlyPending: false,
    shown: false,
    asked: [],
    state,
  };
}

export type SweptPage = {
  /** Orders whose failure left no record on the order. */
  readonly retry: string[];
  /** Linked orders that have to be looked at again then, although nothing about them will change. */
  readonly later: Later[];
  /** Orders that were not begun before the time was up; always the end of the page. */
  readonly notBegun: string[];
};

const CHANGES: ReadonlySet<ExportOutcome["kind"]> = new Set(["linked", "amended", "cancelled", "returned"]);
const FAILURES: ReadonlySet<ExportOutcome["kind"]> = new Set(["rejected", "held", "unknown"]);

/** Throws the outage when too many orders met it, or any refusal of a credential. */
export async function sweepPage(sweeping: Sweeping, orders: readonly Order[]): Promise<SweptPage> {
  const page: SweptPage = { retry: [], later: [], notBegun: [] };
  const { concurrency } = sweeping.deps.limits;
  await mapLimited(orders, concurrency, async (order) => {
    // Once one was left, all behind it are left, so that the position after the page is a single id.
    if (page.notBegun.length > 0 || sweeping.timeIsUp()) page.notBegun.push(order.id);
    else if (isOurs(sweeping, order)) await sweepOrder(sweeping, order, page);
  });
  return page;
}

/** Each order once in a run, whichever way it was found. */
function isOurs({ deps, onlyPending, state }: Sweeping, order: Order): boolean {
  if (state.seen.has(order.id)) return false;
  state.seen.add(order.id);
  return !onlyPending || readLinkState(order, deps.settings.channels).orderNo === undefined;
}

async function sweepOrder(
  { deps, state, asked, shown }: Sweeping,
  order: Order,
  { retry, later }: SweptPage,
): Promise<void> {
  const deadlineAt = deps.clock.monotonic() + deps.limits.orderMs;
  state.counts.processed += 1;
  const created = Date.parse(order.createdAt);
  const beforeExportFrom = asked.some(({ from, to }) => created >= Date.parse(from) && created < Date.parse(to));
  try {
    const outcome = await exportOrder(deps, order.id as OrderId, {
      mode: "sweep",
      deadlineAt,
      order,
      beforeExportFrom,
      shown,
    });
    if (CHANGES.has(outcome.kind)) state.counts.changed += 1;
    if (outcome.kind === "linked" && lacksEvent(deps, order)) state.unannounced.push(order.id);
    if (FAILURES.has(outcome.kind)) state.counts.failed += 1;
    if (outcome.kind === "deferred") retry.push(order.id);
    const at = againAt(deps, order, outcome);
    if (at !== undefined) later.push({ id: order.id, at });
  } catch (error) {
    if (error instanceof BarredError) waits({ deps, state }, order, { error, later });
    else failed({ deps, state }, order.id, { error, retry });
  }
}

/** Others may pass, so the run goes on. Without a link it comes back with every round; a linked one is repeated with every run. */
function waits(
  { deps, state }: Pick<Sweeping, "deps" | "state">,
  order: Order,
  { error, later }: { readonly error: BarredError; readonly later: Later[] },
): void {
  state.counts.failed += 1;
  if (noteBarring(state.barrings, error, order.orderNumber ?? order.id)) {
    deps.logger.warn({ flow: "order-sweep", orderId: order.id, error }, "order-barred");
  }
  const linked = readLinkState(order, deps.settings.channels).orderNo !== undefined;
  // Thousands may wait for one grant: the list of those that no record tells of is for single orders.
  if (linked) later.push({ id: order.id, at: deps.clock.now() });
}

/** One order's failure stops no other; throws the outage where it stops them all. */
function failed(
  { deps, state }: Pick<Sweeping, "deps" | "state">,
  orderId: string,
  { error, retry }: { readonly error: unknown; readonly retry: string[] },
): void {
  state.counts.failed += 1;
  retry.push(orderId);
  deps.logger.error({ flow: "order-sweep", orderId, error }, "order-failed");
  if (error instanceof AuthenticationError) throw error;
  if (!(error instanceof TransientError)) return;
  state.outages += 1;
  state.outage = error;
  if (state.outages >= OUTAGES_THAT_STOP) throw error;
}

/** An order with an exception that does not exist any more. Not repeated before the next round over what is shown. */
export async function sweepGone({ deps, state }: Sweeping, orderId: OrderId): Promise<void> {
  state.counts.processed += 1;
  try {
    await exportOrder(deps, orderId, { mode: "sweep", deadlineAt: deps.clock.monotonic() + deps.limits.orderMs });
  } catch (error) {
    failed({ deps, state }, orderId, { error, retry: [] });
  }
}

/**
 * An order without link comes back with every round. A linked one does not: what waits for a late commit, for another worker's
 * lease or for the end of a pause would be seen no more once the windows have passed it.
 */
function againAt({ settings }: OrderSweepDeps, order: Order, outcome: ExportOutcome): number | undefined {
  const waits = outcome.kind === "waiting" || outcome.kind === "unknown" || outcome.kind === "held";
  if (!waits || outcome.at === undefined) return undefined;
  return readLinkState(order, settings.channels).orderNo === undefined ? undefined : outcome.at;
}

/** The first delivery of an event takes seconds; what is younger may still be announced. */
const ANNOUNCED_MS = 120_000;

/**
 * As the order was read: what an event did left a claim; one that was refused is remembered elsewhere. An order that waited for its age gets no event at
 * that moment, and one from before the installation never got one.
 */
function lacksEvent({ settings, clock }: OrderSweepDeps, order: Order): boolean {
  if (settings.config.orders.minimumAgeSeconds > 0) return false;
  if (Date.parse(order.createdAt) <= Date.parse(settings.activationStamp)) return false;
  if (clock.now() - Date.parse(order.lastModifiedAt) < ANNOUNCED_MS) return false;
  return readLinkState(order, settings.channels).claim.kind === "none";
}
