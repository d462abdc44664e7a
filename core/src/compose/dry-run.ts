/** The dry run with its Deps: both systems are read, and nothing is written, not even the connector's own documents. */
import { type DryRun, dryRun } from "../flows/order-export/dry-run.ts";
import { type Budget, type BudgetStore, createBudget } from "../ifs/budget/budget.ts";
import { emptyLedger } from "../ifs/budget/ledger.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Active, Connector } from "./connector.ts";
import { expandedOrders, orderEventDeps } from "./orders.ts";

/** One order after the other, the youngest first: a look costs IFS little, and nobody waits for it. */
export async function dryRunOrders(
  connector: Connector,
  active: Active,
  run: { readonly last: number; readonly report: (result: DryRun) => void },
): Promise<void> {
  const deps = orderEventDeps(connector, active);
  for (const order of await expandedOrders(connector.ct, active).newest(run.last))
    run.report(await dryRun(deps, order));
}

/**
 * A budget without the ledger that all processes share, because a lease there is a write. For commands that ask IFS a handful of
 * things and must leave no trace; the adapter still slows down when IFS does.
 */
export function traceless(logger: Logger, clock: Clock = systemClock): Budget {
  const store: BudgetStore = {
    read: async () => ({ value: emptyLedger, version: 1 }),
    swap: async () => undefined,
  };
  return createBudget({ clock, logger, store, lanes: ["orders", "reports"] });
}
