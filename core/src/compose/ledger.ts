/** The completeness ledger with its Deps made of the two adapters and the store. */
import { createOrders } from "../ct/orders.ts";
import { gateExpand } from "../domain/export-gate.ts";
import { openSweepCursor } from "../flows/order-export/cursor.ts";
import type { ReconcileDeps } from "../flows/reconcile/deps.ts";
import type { Active, Connector } from "./connector.ts";

/** In the lane of the least urgent: no order and no checkout waits for it. */
export function ledgerDeps(
  { ct, store, clock }: Pick<Connector, "ct" | "store" | "clock">,
  active: Active,
): ReconcileDeps {
  const orders = createOrders(ct);
  return {
    orders: { page: (query) => orders.page({ ...query, expand: gateExpand(active.config.orders) }) },
    ifs: active.ifs.inLane("reports").orders,
    returns: active.ifs.inLane("reports").returns,
    exceptions: store.exceptions,
    backfilled: async () => (await openSweepCursor(store.cursors)).value().asked,
    config: active.config,
    channels: active.channels,
    clock,
  };
}
