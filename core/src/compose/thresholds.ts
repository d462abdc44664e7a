/** Thresholds with their Deps: the hourly count of sales, the explanation of a SKU, the check of all that sells, and the history for a simulation. */
import { idsByKey } from "../ct/channels.ts";
import { createOrders } from "../ct/orders.ts";
import { gatherThresholds, poolChannels, skuFactsOf, type ThresholdFacts } from "../doctor/threshold-facts.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import { skuSchema } from "../domain/ids.ts";
import { type Sale, type SalesFigures, type Sold, soldOf } from "../domain/sales.ts";
import { asksSales, type IgnoredField, noFacts, type Terms, termsOf } from "../domain/threshold.ts";
import { countSales, ordersOf, type SalesCounted, salesOf } from "../flows/threshold-sales/run.ts";
import { historyDemand } from "../flows/threshold-simulation/demand.ts";
import type { Assumptions, Demand } from "../flows/threshold-simulation/world.ts";
import type { Active, Connector } from "./connector.ts";

/** commercetools may book an order's stock so late. */
const BOOKING_SECONDS = 10;

/** For so long the guard does not see what the shop sold: above a threshold commercetools' figure decides, and it may be remembered. */
export const unseenSeconds = ({ atp }: Pick<ConnectorConfig, "atp">): number => atp.shopCacheSeconds + BOOKING_SECONDS;

/** At a time; what is left goes on in an hour. */
const COUNT_MS = 60_000;
/** The lease is left to run out: it is what keeps all replicas to one count in this time. */
const EVERY_MS = 3_600_000;

type SalesConnector = Pick<Connector, "ct" | "clock" | "logger" | "random"> & {
  readonly store: Pick<Connector["store"], "sales"> & {
    readonly leases: Pick<Connector["store"]["leases"], "turn">;
  };
};

/** `patience`: milliseconds after which the rest is left to the next count. */
export async function countSalesNow(
  { ct, clock, store, logger }: Omit<SalesConnector, "random">,
  { config }: Pick<Active, "config">,
  patience: number,
): Promise<SalesCounted> {
  const ids = await idsByKey(ct, poolChannels(config));
  const endsAt = clock.monotonic() + patience;
  return countSales(
    {
      ordersPage: createOrders(ct).page,
      channelKeys: new Map([...ids].map(([key, id]) => [id, key])),
      sales: store.sales,
      stop: () => clock.monotonic() > endsAt,
      logger,
    },
    { windowDays: config.atp.cover.windowDays, windowSeconds: unseenSeconds(config), now: clock.now() },
  );
}

/**
 * Once an hour over all replicas, where a threshold is in days of cover or the guard is armed. Never rejects: figures of yesterday serve as well,
 * and no flow of the tick depends on it.
 */
export async function countSalesHourly(connector: SalesConnector, active: Pick<Active, "config">): Promise<void> {
  const { store, random, logger } = connector;
  const { atp } = active.config;
  if (!asksSales(atp) && atp.extension !== "armed") return;
  try {
    if (!(await store.leases.turn("threshold-sales", random.uuid(), EVERY_MS))) return;
    logger.info({ flow: "threshold-sales", ...(await countSalesNow(connector, active, COUNT_MS)) }, "sales-counted");
  } catch (error) {
    logger.warn({ flow: "threshold-sales", error }, "sales-not-counted");
  }
}

export type SlotLook = {
  readonly supplyChannel: string;
  readonly terms: Terms;
  readonly sold: (Sold & Pick<SalesFigures, "windowSeconds">) | null;
  readonly ignored: readonly IgnoredField[];
};

/** The threshold of a SKU in each channel that a pool feeds, as the check at checkout has it. */
export async function explainThreshold(
  connector: Pick<Connector, "ct" | "clock" | "store">,
  { config }: Pick<Active, "config">,
  name: string,
): Promise<SlotLook[]> {
  const sku = skuSchema.parse(name);
  const [facts, sales] = await Promise.all([skuFactsOf(connector.ct, config, [sku]), connector.store.sales.read()]);
  const channels = poolChannels(config);
  const known = facts.get(sku) ?? noFacts;
  return channels.map((supplyChannel): SlotLook => {
    const asked = { sku, supplyChannel, onlyChannel: channels.length === 1 };
    return {
      supplyChannel,
      terms: termsOf(config.atp, { ...asked, facts: known, sales, now: connector.clock.now() }),
      sold: sales ? { ...soldOf(sales, asked), windowSeconds: sales.windowSeconds } : null,
      ignored: known.ignored,
    };
  });
}

export const checkThresholds = ({ ct, store, clock }: Connector, { config }: Active): Promise<ThresholdFacts> =>
  gatherThresholds({ ct, store, clock }, config);

/** The shop's orders of the last days, and what of the configuration the simulation rests on. */
export type History = {
  readonly demand: Demand;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly orders: number;
  /** There are more orders than are read at most: the days before `from` are left out. */
  readonly shortened: boolean;
  readonly settings: Pick<Assumptions, "stockRunSeconds" | "cacheSeconds" | "unseenSeconds"> & {
    readonly minimumUnits: number;
  };
};

/** Orders of a history at most: 200,000. */
const MOST_PAGES = 400;
const DAY_MS = 86_400_000;

/** Reads the newest days first, so that a history that is too long is a shorter one without holes. */
export async function readHistory(
  { ct, clock }: Pick<Connector, "ct" | "clock">,
  { config }: Pick<Active, "config">,
  days: number,
): Promise<History> {
  const ids = await idsByKey(ct, poolChannels(config));
  const channelKeys = new Map([...ids].map(([key, id]) => [id, key]));
  const until = clock.now();
  const sales: Sale[][] = [];
  let [orders, pages, whole] = [0, 0, 0];
  while (whole < days && pages < MOST_PAGES) {
    const day = { from: until - (whole + 1) * DAY_MS, until: until - whole * DAY_MS };
    for await (const page of ordersOf({ ordersPage: createOrders(ct).page }, day, MOST_PAGES)) {
      pages += 1;
      orders += page.length;
      sales.push(...page.map((order) => salesOf(order, channelKeys)));
    }
    whole += 1;
  }
  const from = until - whole * DAY_MS;
  return {
    demand: historyDemand(sales, { from, days: whole }),
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    orders,
    shortened: whole < days,
    settings: {
      stockRunSeconds: config.schedules.stockSeconds,
      cacheSeconds: config.atp.cacheSeconds,
      unseenSeconds: unseenSeconds(config),
      minimumUnits: config.atp.cover.minimumUnits,
    },
  };
}
