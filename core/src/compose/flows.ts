/** The job's flows, each with its Deps made of the two adapters and the store. */
import { createCatalogue } from "../ct/catalogue.ts";
import { idsByKey } from "../ct/channels.ts";
import { customerGroupIdsByKey } from "../ct/customer-groups.ts";
import { createInventory } from "../ct/inventory.ts";
import { removedLineItems } from "../ct/messages.ts";
import { createOrders } from "../ct/orders.ts";
import { createPrices } from "../ct/prices.ts";
import { connectorTypes, typeIdByKey } from "../ct/resources-types.ts";
import type { DecimalString } from "../domain/decimal.ts";
import { type CatalogNo, contractSchema } from "../domain/ids.ts";
import { priceUnitsPerPiece } from "../domain/price-unit.ts";
import { sweepCustomers } from "../flows/customer-sync/sweep.ts";
import { sweepOrders } from "../flows/order-export/sweep.ts";
import { type PriceSyncDeps, runPriceSync } from "../flows/price-sync/run.ts";
import { runStatusSync, type StatusSyncDeps } from "../flows/status-sync/run.ts";
import type { StockSyncDeps } from "../flows/stock-sync/deps.ts";
import { runStockSync } from "../flows/stock-sync/run.ts";
import type { IfsAdapter } from "../ifs/adapter.ts";
import type { Lane } from "../ifs/budget/lanes.ts";
import { createPace } from "../runtime/pace.ts";
import type { Active, Connector } from "./connector.ts";
import { customerSweepDeps } from "./customers.ts";
import { endingFirst } from "./ending-first.ts";
import { orderSweepDeps } from "./orders.ts";
import { intervalOf, runsFlow } from "./overview.ts";
import { rememberedPackages } from "./remembered-packages.ts";
import { syncInfoFallbackOf } from "./sync-info.ts";
import type { ScheduledFlow } from "./tick.ts";

/** What the configuration enables, in the order in which people think of it. */
export function scheduledFlows(connector: Connector, active: Active): ScheduledFlow[] {
  const scheduled = (flow: ScheduledFlow["flow"], run: ScheduledFlow["run"]): ScheduledFlow => ({
    flow,
    intervalSeconds: intervalOf(flow, active.config),
    // One refused credential is one message for each flow, not one for each of its records.
    run: async (now, progress) => {
      await active.ifs.ready();
      return run(now, progress);
    },
  });
  const inLane = (lane: Lane): Active => ({ ...active, ifs: active.ifs.inLane(lane) });
  const [orders, stock, prices, statuses] = [inLane("orders"), inLane("stock"), inLane("prices"), inLane("statuses")];
  return [
    scheduled("order-sweep", (now) => sweepOrders(orderSweepDeps(connector, orders), now.getTime())),
    scheduled("stock-sync", (now, progress) =>
      runStockSync(stockDeps(connector, stock), { now: now.getTime(), mode: "delta", progress }),
    ),
    scheduled("price-sync", (now) => runPriceSync(priceDeps(connector, prices), { now })),
    scheduled("status-sync", async (now) => runStatusSync(await statusDeps(connector, statuses), { now })),
    scheduled("customer-sync", (now) => sweepCustomers(customerSweepDeps(connector, active), now.getTime())),
  ].filter(({ flow }) => runsFlow(flow, active.config));
}

export function stockDeps(connector: Connector, active: Active): StockSyncDeps {
  const { ct, store, clock, random, logger } = connector;
  const { config, ifs } = active;
  return {
    config,
    parts: { ...ifs.parts, packages: rememberedPackages(ifs, clock) },
    stock: endingFirst(ifs.stock),
    scanSite: ifs.scanSite,
    plannedSupply: (contract, partNos) => ifs.supply.plannedSupply(config.stock.supply.sources, contract, partNos),
    changedParts: (contract, tell) => ifs.changes.parts(contract, { memory: store.cursors, clock })(tell),
    documents: (orderNos) => ifs.orders.documents(orderNos, { charges: false }),
    ordersPage: syncInfoFallbackOf(connector)(createOrders(ct).page),
    removedLineItems: (since) => removedLineItems(ct, since),
    inventory: createInventory(ct, (refusal) =>
      logger.warn({ flow: "stock-sync", refusal, instead: "REST, for more requests" }, "graphql-refused"),
    ),
    writes: createPace({
      clock,
      random,
      most: config.stock.writesAtATime,
      lowered: (change) => logger.warn({ flow: "stock-sync", ...change }, "writes-slowed-down"),
    }),
    ownClientId: connector.settings.CTP_CLIENT_ID,
    channels: active.channels,
    channelIds: (keys) => idsByKey(ct, keys),
    existingSkus: createCatalogue(ct).existingSkus,
    cursors: store.cursors,
    exceptions: store.exceptions,
    journal: store.journal,
    clock,
    logger,
  };
}

function priceDeps(connector: Connector, { config, ifs }: Active): PriceSyncDeps {
  const { ct, store, logger, clock } = connector;
  const listNos = config.prices.lists.map(({ priceListNo }) => priceListNo);
  return {
    config,
    changedParts: ifs.changes.prices(listNos, { memory: store.cursors, clock }),
    ifs: {
      pagePriceListParts: ifs.prices.pagePriceListParts,
      priceListPartsOf: ifs.prices.priceListPartsOf,
      priceFactorsOf: (catalogNos) => priceFactors(ifs, config, catalogNos),
    },
    prices: createPrices(ct),
    catalogue: createCatalogue(ct),
    channelIds: (keys) => idsByKey(ct, keys),
    customerGroupIds: (keys) => customerGroupIdsByKey(ct, keys),
    exceptions: store.exceptions,
    cursors: store.cursors,
    logger,
    stop: stopAfterRun(connector),
  };
}

/** A price list has no site: the first configured site that sells the part tells its units. */
async function priceFactors(
  ifs: IfsAdapter,
  config: Active["config"],
  catalogNos: readonly CatalogNo[],
): Promise<Map<CatalogNo, DecimalString>> {
  const factors = new Map<CatalogNo, DecimalString>();
  for (const { site } of config.sites) {
    const missing = catalogNos.filter((catalogNo) => !factors.has(catalogNo));
    if (missing.length === 0) break;
    for (const part of await ifs.parts.salesParts(contractSchema.parse(site), missing)) {
      factors.set(part.catalogNo, priceUnitsPerPiece(part, config.units));
    }
  }
  return factors;
}

/** Connect ends a job after 30 minutes; a flow that is cut short goes on at its cursor. */
const RUN_MS = 10 * 60_000;

function stopAfterRun({ clock }: Pick<Connector, "clock">): () => boolean {
  const endsAt = clock.monotonic() + RUN_MS;
  return () => clock.monotonic() > endsAt;
}

export async function statusDeps(connector: Connector, active: Active): Promise<StatusSyncDeps> {
  const { ct, store, logger, clock } = connector;
  const [orderType] = connectorTypes;
  const orders = createOrders(ct);
  const orderTypeId = orderType && (await typeIdByKey(ct, orderType.key));
  return {
    config: active.config,
    linkChannelId: active.channels.link,
    changedOrders: active.ifs.changes.orders({ memory: store.cursors, clock }),
    ...(orderTypeId === undefined ? {} : { orderTypeId }),
    orders: { ...orders, page: syncInfoFallbackOf(connector)(orders.page) },
    ifs: {
      documents: (orderNos) => active.ifs.orders.documents(orderNos, { charges: false }),
      shipmentsOf: active.ifs.shipments.shipmentsOf,
    },
    exceptions: store.exceptions,
    cursors: store.cursors,
    logger,
    stop: stopAfterRun(connector),
  };
}
