/** IFS orders and shipments -> states, deliveries and parcels of the linked commercetools orders. Invoice numbers are not written yet. */
import type { Order, OrderUpdateAction } from "@commercetools/platform-sdk";
import { z } from "zod";
import type { Change } from "../../domain/change.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import { AuthenticationError, type RefusedError } from "../../domain/failure.ts";
import type { OrderId, OrderNo } from "../../domain/ids.ts";
import type { IfsOrderDocument, IfsShipment } from "../../domain/ifs-records.ts";
import { ok } from "../../domain/result.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { Logger } from "../../runtime/logger.ts";
import { blockedInIfs, isBlocked } from "../blocked.ts";
import type { Changed } from "../changed.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { type ExceptionDeps, type ExceptionTracker, trackExceptions } from "../exception-tracker.ts";
import { type DeltaSteps, type RefusedRecord, runDelta, type Sorted } from "../run-delta.ts";
import { type OrderFacts, toFacts } from "./map.ts";
import { linkedPages, type OrdersPage, openPages, type Pages } from "./pages.ts";
import { type LinkedOrder, type ParseOptions, parseLinkedOrder } from "./parse.ts";
import { type OrderPlan, planOrder } from "./plan.ts";

export type StatusSyncDeps = {
  readonly config: Pick<ConnectorConfig, "statuses" | "units" | "orders">;
  /** Id of the channel `ifs-link`. */
  readonly linkChannelId: string;
  /** Id of the Type `ifs-order`; without it no custom field is written. */
  readonly orderTypeId?: string;
  /** IFS orders that may have changed since the last run, whatever their origin. */
  readonly changedOrders: () => Promise<Changed<OrderNo>>;
  readonly orders: {
    readonly page: OrdersPage;
    readonly get: (id: OrderId) => Promise<Order | undefined>;
    readonly update: (ref: { id: string; version: number }, actions: OrderUpdateAction[]) => Promise<Order>;
  };
  readonly ifs: {
    readonly documents: (orderNos: readonly OrderNo[]) => Promise<IfsOrderDocument[]>;
    readonly shipmentsOf: (orderNos: readonly OrderNo[]) => Promise<IfsShipment[]>;
  };
  readonly exceptions: ExceptionDeps;
  readonly cursors: Cursors;
  readonly logger: Logger;
  /** Asked between pages; true ends the run, which goes on at the same page next time. */
  readonly stop: () => boolean;
};

const CURSOR = "status-sync";
const positionSchema = z.object({ afterId: z.string().min(1).optional() });
const CONCURRENT_UPDATES = 4;
/** From this many linked orders on, an empty answer means missing grants and not that all were deleted. */
const ALL_MISSING = 5;

type Desired = { readonly order: LinkedOrder; readonly facts: OrderFacts };
type Action = Desired & { readonly plan: OrderPlan };

export type StatusRunOptions = {
  readonly now: Date;
  /** Only the orders linked to these, at once; the state of the scheduled runs is left alone. */
  readonly orderNos?: readonly OrderNo[];
};

/** Outages of either side are thrown, with the cursor before the page that failed. */
export async function runStatusSync(deps: StatusSyncDeps, { now, orderNos }: StatusRunOptions): Promise<RunSummary> {
  const at = now.getTime();
  const tracker = await trackExceptions(deps.exceptions, {
    flow: "status-sync",
    now: at,
  });
  const cursor = await openCursor(deps.cursors, CURSOR, positionSchema);
  // A pass through all open orders that was cut short goes on first.
  const unfinished = orderNos ? undefined : cursor.value()?.afterId;
  const changed = orderNos || unfinished ? undefined : await deps.changedOrders();
  const only = orderNos ?? (typeof changed?.keys === "object" ? changed.keys : undefined);
  let finished = false;
  let ignoredStates = 0;
  const steps = stepsOf(deps, {
    tracker,
    page: only ? linkedPages(deps, at, only) : openPages(deps, at),
    finish: () => {
      finished = true;
    },
    // Written only when it moves: a pass that fits into one page writes nothing, nor does one through what changed.
    save: async (next) => {
      if (!only && cursor.value()?.afterId !== next) await cursor.move(next === undefined ? {} : { afterId: next });
    },
    ignored: (count) => {
      ignoredStates += count;
    },
  });
  const summary = await runDelta(steps, { after: unfinished, concurrency: CONCURRENT_UPDATES, stop: deps.stop });
  await tracker.settle({ complete: finished && unfinished === undefined && !only });
  // The position of a pass through everything is saved: what is behind it is read by the next run.
  if (finished || !only) await changed?.handled();
  if (ignoredStates > 0) deps.logger.info({ flow: "status-sync", ignoredStates }, "states-already-passed");
  return summary;
}

type RunState = {
  readonly page: Pages;
  readonly tracker: ExceptionTracker;
  readonly finish: () => void;
  readonly save: (next: string | undefined) => Promise<void>;
  readonly ignored: (count: number) => void;
};

function stepsOf(deps: StatusSyncDeps, run: RunState): DeltaSteps<LinkedOrder | undefined, Desired, undefined, Action> {
  const options: ParseOptions = { linkChannelId: deps.linkChannelId, orderTypeId: deps.orderTypeId };
  const plan = ({ order, facts }: Desired): Change<Action> | undefined =>
    toChange({ order, facts }, planOrder(order, facts));
  return {
    page: run.page,
    // The order comes from the platform's own typed client; what the query returned beyond the linked ones is dropped.
    parse: (row) => ok(parseLinkedOrder(row as Order, options)),
    desired: (rows) => desired(deps, rows, run.tracker),
    current: async () => undefined,
    plan: (all) => {
      const changes: Change<Action>[] = [];
      const refused: RefusedRecord[] = [];
      for (const entry of all) {
        const planned = planOrder(entry.order, entry.facts);
        run.ignored(planned.ignoredStates);
        refused.push(...planned.rejections.map((rejection) => refusedOrder(entry.order, rejection)));
        const change = toChange(entry, planned);
        if (change) changes.push(change);
      }
      return { values: changes, refused };
    },
    apply: async ({ apply: { order, plan: planned } }) => {
      await deps.orders.update({ id: order.id, version: order.version }, planned.actions);
    },
    again: async ({ apply: { order, facts } }) => {
      const fresh = await deps.orders.get(order.id);
      const parsed = fresh && parseLinkedOrder(fresh, options);
      return parsed && plan({ order: parsed, facts });
    },
    refuse: ({ apply: { order } }, error) => refusedOrder(order, refusedByPlatform(order, error)),
    record: async (refused) => {
      deps.logger.warn(
        {
          flow: "status-sync",
          recordId: refused.recordId,
          code: refused.rejection.code,
          field: refused.rejection.field,
        },
        "rejected",
      );
      await run.tracker.record(refused);
    },
    waits: ({ record }) => deps.logger.warn({ flow: "status-sync", recordId: record }, "conflicts-exhausted"),
    saveCursor: async (next) => {
      if (next === undefined) run.finish();
      await run.save(next);
    },
  };
}

async function desired(
  deps: StatusSyncDeps,
  rows: readonly (LinkedOrder | undefined)[],
  tracker: ExceptionTracker,
): Promise<Sorted<Desired>> {
  const orders = rows.filter((row) => row !== undefined);
  for (const { id } of orders) tracker.seen(id);
  if (orders.length === 0) return { values: [], refused: [] };
  const orderNos = [...new Set(orders.map(({ orderNo }) => orderNo))];
  // In this order: what a document says was shipped is then explained by the shipments, if any of them did it.
  const documents = new Map((await deps.ifs.documents(orderNos)).map((document) => [document.order.orderNo, document]));
  const shipments = await deps.ifs.shipmentsOf(orderNos);
  if (documents.size === 0 && orderNos.length >= ALL_MISSING) {
    throw new AuthenticationError(
      "ifs",
      `IFS shows none of ${orderNos.length} linked orders: the service user probably lost a grant or a site`,
    );
  }
  const values: Desired[] = [];
  const refused: RefusedRecord[] = [];
  for (const order of orders) {
    const document = documents.get(order.orderNo);
    if (!document) {
      refused.push(refusedOrder(order, missingInIfs(order)));
      continue;
    }
    // No failure of this flow: it has read the order, and says what somebody has to do about it.
    if (isBlocked(document.order)) await tracker.record(refusedOrder(order, blockedInIfs(document.order)));
    const own = shipments.filter(({ lines }) => lines.some(({ orderNo }) => orderNo === order.orderNo));
    // The invoice ledger of IFS does not name the order.
    const view = { document, shipments: own, invoiceNumbers: [] };
    values.push({ order, facts: toFacts(view, deps.config, order.lineIds) });
  }
  return { values, refused };
}

function toChange({ order, facts }: Desired, plan: OrderPlan): Change<Action> | undefined {
  if (plan.actions.length === 0) return undefined;
  return { record: order.label, cause: [...new Set(plan.causes)].join("; "), apply: { order, facts, plan } };
}

const refusedOrder = (order: LinkedOrder, rejection: RefusedRecord["rejection"]): RefusedRecord => ({
  recordType: "order",
  recordId: order.id,
  recordLabel: order.label,
  rejection,
  ifsOrderNo: order.orderNo,
});

const missingInIfs = (order: LinkedOrder): RefusedRecord["rejection"] => ({
  code: "invalidInput",
  message: `Order ${order.label} is linked to IFS order ${order.orderNo}, which IFS does not show.`,
  action: "Check in IFS whether the order was deleted, and whether the service user may see its site.",
  owner: "ifsAdministrator",
  field: "OrderNo",
  value: order.orderNo,
});

const refusedByPlatform = (order: LinkedOrder, error: RefusedError): RefusedRecord["rejection"] => ({
  code: "unsupported",
  message: `commercetools refused the status update of order ${order.label}: ${error.message}`,
  action: "Report this with the message; the other orders go on.",
  owner: "developer",
  field: error.code,
});
