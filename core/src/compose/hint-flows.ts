/** What looks at hints, made of the job's own flows. */
import { runStatusSync } from "../flows/status-sync/run.ts";
import { runStockSync } from "../flows/stock-sync/run.ts";
import type { Outcome } from "../http/respond.ts";
import type { Call } from "../http/server.ts";
import type { Active, Connector } from "./connector.ts";
import { namedFirst } from "./ending-first.ts";
import { statusDeps, stockDeps } from "./flows.ts";
import { createHintDoor } from "./hint-door.ts";
import { before, consumeHints, type HintDeps, type HintSummary } from "./hints.ts";

/** `isOver` ends a reading between two requests. Never in the lane of the checkout: a hint can wait, a shopper cannot. */
function hintDeps(connector: Connector, active: Active, isOver: () => boolean): HintDeps {
  const { store, clock, logger } = connector;
  const [stock, statuses] = [active.ifs.inLane("stock"), active.ifs.inLane("statuses")];
  return {
    hints: store.hints,
    stock: (only) => {
      const deps = stockDeps(connector, { ...active, ifs: stock });
      const bounded = {
        ...deps,
        parts: { ...deps.parts, ...namedFirst(stock.parts) },
        ordersPage: before(isOver, deps.ordersPage),
        removedLineItems: before(isOver, deps.removedLineItems),
        documents: before(isOver, deps.documents),
        existingSkus: before(isOver, deps.existingSkus),
      };
      return runStockSync(bounded, { now: clock.now(), mode: "delta", only });
    },
    orders: async (orderNos) => {
      const deps = await statusDeps(connector, { ...active, ifs: statuses });
      const orders = { ...deps.orders, page: before(isOver, deps.orders.page) };
      return runStatusSync({ ...deps, orders }, { now: new Date(clock.now()), orderNos });
    },
    journal: store.journal,
    clock,
    logger,
  };
}

/** How long a tick of the job looks at hints before its scheduled runs. */
const TICK_MS = 20_000;
const TICK_BATCH = 100;

/** Before the scheduled runs, so that what people in IFS have just done comes first. Never rejects: the runs find all of it too. */
export async function hintsBeforeRuns(connector: Connector, active: Active): Promise<void> {
  const { clock, logger } = connector;
  const endsAt = clock.monotonic() + TICK_MS;
  const stop = () => clock.monotonic() > endsAt;
  try {
    await consumeHints(
      hintDeps(connector, active, () => false),
      { batch: TICK_BATCH, stop },
    );
  } catch (error) {
    // The hints wait for the next tick, and the runs of this one read the same rows.
    logger.warn({ error }, "hints-not-handled");
  }
}

/** Small, because a request waits for it and every exchange of service-app is short of time. */
const SOON_BATCH = 20;

/** Looks at what waits, in a process whose own work is the checkout. */
export const lookAtHints = async (connector: Connector, isOver: () => boolean): Promise<HintSummary> =>
  consumeHints(hintDeps(connector, await connector.active(), isOver), { batch: SOON_BATCH, stop: isOver });

/** Handler of `POST /service/ifs-events`. */
export function createHintEndpoint(connector: Connector): (call: Call) => Promise<Outcome> {
  const { clock, logger, store } = connector;
  const take = createHintDoor({
    clock,
    logger,
    hints: store.hints,
    look: (isOver) => lookAtHints(connector, isOver),
  });
  return ({ body }) => take(body);
}
