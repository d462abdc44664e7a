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
  const { deps } = sweeping;
  const until = cursor.value().messagesUntil;
  if (until !== undefined && now - Date.parse(until) < EVERY_MS) return true;
  const from = new Date((until === undefined ? now - EVERY_MS : Date.parse(until)) - OVERLAP_MS).toISOString();
  const to = new Date(now).toISOString();
  for (let afterId: string | undefined; ; ) {
    if (sweeping.timeIsUp()) return false;
    const messages = await deps.messages.page({ from, to, afterId, limit: MESSAGES });
    if (messages === undefined) break;
    if (!(await sweepOrdersOf(sweeping, cursor, messages))) return false;
    if (messages.length < MESSAGES) break;
    afterId = messages.at(-1)?.id;
  }
  await cursor.move({ messagesUntil: to });
  return true;
}

/** The orders of a page of Messages that this run has not looked at yet. False: the time was up. */
async function sweepOrdersOf(
  sweeping: Sweeping,
  cursor: SweepCursor,
  messages: readonly { readonly orderId: string }[],
): Promise<boolean> {
  const { deps, state } = sweeping;
  const ids = [...new Set(messages.map(({ orderId }) => orderId))].filter((id) => !state.seen.has(id));
  for (let at = 0; at < ids.length; at += deps.limits.pageSize) {
    const some = ids.slice(at, at + deps.limits.pageSize);
    const where = ["createdAt >= :exportFrom", "id in :ids"];
    const variables = { exportFrom: deps.settings.config.orders.exportFrom, ids: some };
    const page = await sweepPage(sweeping, await deps.orders.page({ where, variables, limit: some.length }));
    if (page.retry.length + page.later.length > 0) await cursor.move(cursor.again(page));
    if (page.notBegun.length > 0) return false;
  }
  return true;
}
