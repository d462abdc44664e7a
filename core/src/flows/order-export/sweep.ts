/**
 * The second way out for every order: changed orders by a window on `lastModifiedAt`, then by the messages
 * where the project keeps them, then linked orders with an open exception, then a period that somebody wants back-filled, then everything that is not linked yet.
 * What an event lost, deferred or left in doubt ends here.
 */
import type { Order } from "@commercetools/platform-sdk";
import type { RunSummary } from "../../domain/run-summary.ts";
import { workOffBackfill } from "./backfill.ts";
import { tellBarrings } from "./barred.ts";
import { openSweepCursor, type SweepCursor } from "./cursor.ts";
import type { OrderSweepDeps } from "./deps.ts";
import { sweepMessages } from "./sweep-messages.ts";
import { type Sweeping, type SweptPage, startSweeping, sweepPage } from "./sweep-page.ts";
import { sweepShown } from "./sweep-shown.ts";
import { watchUnannounced } from "./unannounced.ts";

/** Windows reach this far back: more than clocks differ and than the platform's queries lag behind its writes. */
export const OVERLAP_MS = 600_000;

/**
 * One run, bounded by `limits`; what it does not reach, the next one does. `now` in milliseconds since the epoch.
 * `failed` counts refused orders and those left for the next run. Throws the outage that stopped it, with the cursor before
 * the page that failed.
 */
export async function sweepOrders(deps: OrderSweepDeps, now: number): Promise<RunSummary> {
  const cursor = await openSweepCursor(deps.cursors);
  const sweeping = { ...startSweeping(deps), asked: cursor.value().asked };
  await repeat(sweeping, cursor);
  const windowDone = await sweepWindow(sweeping, cursor, now);
  const messagesDone = windowDone && (await sweepMessages(sweeping, cursor, now));
  const shownDone = messagesDone && (await sweepShown(sweeping, cursor, now));
  const backfillDone = shownDone && (await workOffBackfill(sweeping, cursor));
  const allDone = backfillDone && (await sweepPending(sweeping, cursor));
  await watchUnannounced(deps, cursor, { found: await withoutEvent(sweeping), now });
  await tellBarrings(deps, cursor, { met: sweeping.state.barrings, complete: allDone && !sweeping.state.outage });
  // A run in which a side was down and nothing got through has not succeeded, however few orders there were.
  const { outage } = sweeping.state;
  if (outage && sweeping.totals().changed === 0) throw outage;
  const message =
    sweeping.state.barrings.size > 0 ? BARRED : allDone ? undefined : "The time was up; the next run goes on.";
  return { ...sweeping.totals(), ...(message !== undefined && { message }) };
}

const BARRED = "Orders wait for a grant or a name in IFS that an open exception tells; they go on by themselves.";

/** How many of the orders that this run exported no event had come for, refused ones included. */
async function withoutEvent({ deps, state: { unannounced } }: Sweeping): Promise<number> {
  if (unannounced.length === 0) return 0;
  return unannounced.length - (await deps.refusedEvents(unannounced)).size;
}

/** Orders that an earlier run could not record, first of all; then those whose time to be looked at again has come. */
async function repeat(sweeping: Sweeping, cursor: SweepCursor): Promise<void> {
  const ids = cursor.value().retry;
  if (ids.length > 0) {
    const page = await sweepPage(sweeping, await ordersOf(sweeping, ids));
    await cursor.move({ retry: [...page.retry, ...page.notBegun], later: cursor.alsoLater(page.later) });
  }
  const now = sweeping.deps.clock.now();
  const due = cursor.value().later.filter(({ at }) => at <= now);
  const some = due.slice(0, sweeping.deps.limits.pageSize).map(({ id }) => id);
  if (some.length === 0) return;
  const { retry, later, notBegun } = await sweepPage(sweeping, await ordersOf(sweeping, some));
  const handled = some.filter((id) => !notBegun.includes(id));
  await cursor.move({ later: cursor.alsoLater(later, handled), retry: cursor.alsoRetry(retry) });
}

const ordersOf = ({ deps }: Sweeping, ids: readonly string[]): Promise<Order[]> =>
  deps.orders.page({ where: ["id in :ids"], variables: { ids: [...ids] }, limit: ids.length });

type Page = { readonly where: string[]; readonly variables: Record<string, string> };

/**
 * Pages by ascending id from a position to the end; after each page the position is saved. False: the time was up.
 * An order that appears behind the position is found by the next window, because it has just changed.
 */
async function sweepPages(
  sweeping: Sweeping,
  query: Page,
  place: {
    readonly after: string | undefined;
    readonly save: (after: string | undefined, page: SweptPage) => Promise<void>;
  },
): Promise<boolean> {
  const { deps } = sweeping;
  const limit = deps.limits.pageSize;
  let afterId = place.after;
  while (!sweeping.timeIsUp()) {
    const orders = await deps.orders.page({ ...query, limit, ...(afterId !== undefined && { afterId }) });
    const page = await sweepPage(sweeping, orders);
    const { notBegun } = page;
    const begun = orders.filter(({ id }) => !notBegun.includes(id));
    const last = begun.at(-1)?.id ?? afterId;
    const ended = notBegun.length === 0 && orders.length < limit;
    await place.save(ended ? undefined : last, page);
    if (ended) return true;
    if (notBegun.length === 0 && last === afterId) throw new Error(`the page after order ${afterId} did not move`);
    afterId = last;
  }
  return false;
}

/** Orders that changed since the last complete window, up to a bound that stays fixed while its pages are read. */
async function sweepWindow(sweeping: Sweeping, cursor: SweepCursor, now: number): Promise<boolean> {
  const exportFrom = cursor.since(sweeping.deps.settings.config.orders.exportFrom);
  const { doneUntil, window: open } = cursor.value();
  const from = doneUntil === undefined ? exportFrom : new Date(Date.parse(doneUntil) - OVERLAP_MS).toISOString();
  const window = open ?? { from, to: new Date(now).toISOString() };
  const where = ["createdAt >= :exportFrom", "lastModifiedAt > :from", "lastModifiedAt <= :to"];
  return sweepPages(
    sweeping,
    { where, variables: { exportFrom, from: window.from, to: window.to } },
    {
      after: open?.after,
      save: (after, page) =>
        after === undefined
          ? cursor.move({ doneUntil: window.to, window: undefined, ...cursor.again(page) })
          : cursor.move({ window: { ...window, after }, ...cursor.again(page) }),
    },
  );
}

/** Orders without link, whenever they changed. Round and round by id, so that a large backlog cannot hide its end. */
async function sweepPending(sweeping: Sweeping, cursor: SweepCursor): Promise<boolean> {
  const { channels, config } = sweeping.deps.settings;
  const variables = { exportFrom: cursor.since(config.orders.exportFrom) };
  const narrowed: Page = {
    where: [
      "createdAt >= :exportFrom",
      "not(syncInfo(channel(id = :link)))",
      '(orderState != "Cancelled" or syncInfo(channel(id = :claim)))',
    ],
    variables: { ...variables, link: channels.link, claim: channels.claim },
  };
  const pending: Sweeping = { ...sweeping, onlyPending: true };
  const place = {
    after: cursor.value().pendingAfter,
    save: (after: string | undefined, page: SweptPage) => cursor.move({ pendingAfter: after, ...cursor.again(page) }),
  };
  // Where the platform refuses predicates on syncInfo, all orders come, and the linked ones are passed over.
  return sweepPages(pending, narrowed, place);
}
