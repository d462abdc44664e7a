/** Counts what the orders of the last days sold, a document per day, and writes the window's figures. See docs/thresholds.md. */
import type { Order } from "@commercetools/platform-sdk";
import { type Sale, type SalesDay, toSalesDay, toSalesParts } from "../../domain/sales.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { OrdersPage } from "../in-flight-orders.ts";

export type SalesDeps = {
  readonly ordersPage: OrdersPage;
  /** Id of a supply channel that a pool feeds -> its key. */
  readonly channelKeys: ReadonlyMap<string, string>;
  readonly sales: {
    readonly day: (day: string) => Promise<SalesDay | undefined>;
    readonly writeDay: (day: SalesDay) => Promise<void>;
    readonly writeWindow: (parts: ReturnType<typeof toSalesParts>) => Promise<void>;
  };
  /** Time is up: the next run goes on. */
  readonly stop: () => boolean;
  readonly logger: Logger;
};

export type SalesAsked = {
  readonly windowDays: number;
  /** Seconds in which sales are unseen; of them the most units are kept. */
  readonly windowSeconds: number;
  /** Epoch milliseconds. */
  readonly now: number;
};

export type SalesCounted = {
  /** Days that are in the figures now, and days that this run read. */
  readonly days: number;
  readonly read: number;
  readonly orders: number;
  /** Some days of the window are left to the next run. */
  readonly unfinished: boolean;
};

const DAY_MS = 86_400_000;
/** Orders of a day are all to be found by queries so long after it. */
const SETTLED_MS = 15 * 60_000;
const PAGE = 500;
/** 100,000 orders of one day. A shop beyond that has its figures from the first of them, by id, which is as good as by chance. */
const MOST_PAGES = 200;

/** The newest day first: an unfinished window is a shorter one without holes. Repeating it does no harm. */
export async function countSales(deps: SalesDeps, asked: SalesAsked): Promise<SalesCounted> {
  const days: SalesDay[] = [];
  let read = 0;
  let unfinished = false;
  for (const day of lastDays(asked)) {
    const known = await deps.sales.day(day);
    if (known && known.windowSeconds === asked.windowSeconds) {
      days.push(known);
      continue;
    }
    if (deps.stop()) {
      unfinished = true;
      break;
    }
    const counted = await countDay(deps, day, asked.windowSeconds);
    await deps.sales.writeDay(counted);
    days.push(counted);
    read += 1;
  }
  const parts = toSalesParts(days, new Date(asked.now).toISOString());
  if (read > 0) await deps.sales.writeWindow(parts);
  return { days: days.length, read, orders: days.reduce((sum, { orders }) => sum + orders, 0), unfinished };
}

/** Whole days in UTC, the newest first. */
function lastDays({ windowDays, now }: Pick<SalesAsked, "windowDays" | "now">): string[] {
  const today = Math.floor((now - SETTLED_MS) / DAY_MS);
  return Array.from({ length: windowDays }, (_, back) => dateOf((today - 1 - back) * DAY_MS));
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

async function countDay(deps: SalesDeps, day: string, windowSeconds: number): Promise<SalesDay> {
  const from = Date.parse(`${day}T00:00:00Z`);
  const period = { from, until: from + DAY_MS };
  const sales: Sale[] = [];
  let orders = 0;
  for await (const page of ordersOf(deps, period, MOST_PAGES)) {
    orders += page.length;
    sales.push(...page.flatMap((order) => salesOf(order, deps.channelKeys)));
  }
  if (orders >= MOST_PAGES * PAGE)
    deps.logger.warn({ flow: "threshold-sales", day, orders }, "day-not-counted-to-its-end");
  return toSalesDay(sales, { day, orders, windowSeconds });
}

/** Orders that were created in the period, cancelled ones too: at the checkout they were sold. */
export async function* ordersOf(
  { ordersPage }: Pick<SalesDeps, "ordersPage">,
  { from, until }: { readonly from: number; readonly until: number },
  mostPages: number,
): AsyncGenerator<readonly Order[]> {
  const where = ["createdAt >= :from", "createdAt < :until"];
  const variables = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  let afterId: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const rows = await ordersPage({ where, variables, ...(afterId !== undefined && { afterId }), limit: PAGE });
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    afterId = rows.at(-1)?.id;
  }
}

/** Lines with a SKU, out of channels that a pool feeds or out of none that is named. */
export function salesOf(order: Order, channelKeys: ReadonlyMap<string, string>): Sale[] {
  const at = Date.parse(order.createdAt);
  return order.lineItems.flatMap(({ variant, quantity, supplyChannel }): Sale[] => {
    const channel = supplyChannel ? channelKeys.get(supplyChannel.id) : "";
    if (!variant.sku || channel === undefined || quantity <= 0) return [];
    return [{ sku: variant.sku, supplyChannel: channel, quantity, at }];
  });
}
