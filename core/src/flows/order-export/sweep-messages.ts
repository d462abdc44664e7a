/**
 * The sweep by Messages, where the project keeps them: an order whose change is not seen by its `lastModifiedAt` is still told by
 * one. With overlap, because a Message may be stored later than its time says.
 */
import type { SweepCursor } from "./cursor.ts";
import { type Sweeping, sweepPage } from "./sweep-page.ts";

/** A window is read this often, and reaches this far behind the last one. */
const EVERY_MS = 600_000;
const OVERLAP_MS = 600_000;
const MESSAGES = 500;

/** `now` in milliseconds since the epoch. False: the time was up, and the window is read again. */
export async function sweepMessages(sweeping: Sweeping, cursor: SweepCursor, now: number): Promise<boolean> {
  const until = cursor.value().messagesUntil;
  if (until !== undefined && now - Date.parse(until) < EVERY_MS) return true;
  const from = new Date((until === undefined ? now - EVERY_MS : Date.parse(until)) - OVERLAP_MS).toISOString();
  const to = new Date(now).toISOString();
  for (const kind of ["order", "payment"] as const) {
    if (!(await sweepMessagesOf(sweeping, cursor, { of: kind, from, to }))) return false;
  }
  await cursor.move({ messagesUntil: to });
  return true;
}

type Window = { readonly of: "order" | "payment"; readonly from: string; readonly to: string };

/** A payment changes no order, and yet decides whether one may leave. */
async function sweepMessagesOf(sweeping: Sweeping, cursor: SweepCursor, window: Window): Promise<boolean> {
  for (let afterId: string | undefined; ; ) {
    if (sweeping.timeIsUp()) return false;
    const messages = await sweeping.deps.messages.page({ ...window, afterId, limit: MESSAGES });
    if (messages === undefined) return true;
    if (!(await sweepOrdersOf(sweeping, cursor, { of: window.of, messages }))) return false;
    if (messages.length < MESSAGES) return true;
    afterId = messages.at(-1)?.id;
  }
}

/** The orders of a page of Messages that this run has not looked at yet. False: the time was up. */
async function sweepOrdersOf(
  sweeping: Sweeping,
  cursor: SweepCursor,
  { of, messages }: Pick<Window, "of"> & { readonly messages: readonly { readonly resourceId: string }[] },
): Promise<boolean> {
  const { deps, state } = sweeping;
  const named = [...new Set(messages.map(({ resourceId }) => resourceId))];
  const ids = of === "order" ? named.filter((id) => !state.seen.has(id)) : named;
  const which = of === "order" ? "id in :ids" : "paymentInfo(payments(id in :ids))";
  const exportFrom = cursor.since(deps.settings.config.orders.exportFrom);
  for (let at = 0; at < ids.length; at += deps.limits.pageSize) {
    const some = ids.slice(at, at + deps.limits.pageSize);
    const where = ["createdAt >= :exportFrom", which];
    const variables = { exportFrom, ids: some };
    // An order of many payments comes once, payments of many orders do not exist.
    const page = await sweepPage(sweeping, await deps.orders.page({ where, variables, limit: some.length }));
    if (page.retry.length + page.later.length > 0) await cursor.move(cursor.again(page));
    if (page.notBegun.length > 0) return false;
  }
  return true;
}
