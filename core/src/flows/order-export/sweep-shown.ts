/**
 * Linked orders that have an open exception: looked at again now and then, because what a person did in IFS is told by no event
 * and changes nothing about the order. An exception whose cause is gone closes by this, also one that was stored too late.
 */
import type { Order } from "@commercetools/platform-sdk";
import { readLinkState } from "../../domain/claims.ts";
import type { OrderId } from "../../domain/ids.ts";
import type { ExceptionRecord } from "../../domain/records.ts";
import { BARRING_CODES } from "./barred.ts";
import { MAX_BARRED, type SweepCursor } from "./cursor.ts";
import { type Sweeping, sweepGone, sweepPage } from "./sweep-page.ts";
import { rowOf } from "./work.ts";

/** A round over them begins this often. */
const EVERY_MS = 600_000;

/** `now` in milliseconds since the epoch. False: the time was up, and the next run goes on. */
export async function sweepShown(sweeping: Sweeping, cursor: SweepCursor, now: number): Promise<boolean> {
  const { deps } = sweeping;
  const known = cursor.value().shown;
  const resting = known !== undefined && known.after === undefined && now - Date.parse(known.since) < EVERY_MS;
  if (resting) return true;
  const since = known?.after === undefined ? new Date(now).toISOString() : known.since;
  let after = known?.after;
  for (;;) {
    if (sweeping.timeIsUp()) return false;
    const page = await deps.exceptions.page("order-export", { after, limit: deps.limits.pageSize });
    await adoptBarrings(cursor, page.rows);
    const rows = page.rows.filter(({ recordType }) => recordType === "order");
    if (!(await lookedAt(sweeping, cursor, rows))) return false;
    // A page that is not full may have lost damaged rows; the end is where nothing comes any more.
    after = page.last;
    await cursor.move({ shown: { since, ...(after !== undefined && { after }) } });
    if (after === undefined) return true;
  }
}

/** Those that an event opened, and no run has met: the next complete run closes what is over. */
async function adoptBarrings(cursor: SweepCursor, rows: readonly ExceptionRecord[]): Promise<void> {
  const { barred } = cursor.value();
  const ids = rows
    .filter(({ recordType, code }) => recordType === "flow" && BARRING_CODES.has(code))
    .map(({ id }) => id);
  const all = [...new Set([...barred, ...ids])].slice(0, MAX_BARRED);
  if (all.length > barred.length) await cursor.move({ barred: all });
}

/** Orders without link have a round of their own. False: the time was up. */
async function lookedAt(sweeping: Sweeping, cursor: SweepCursor, rows: readonly ExceptionRecord[]): Promise<boolean> {
  const { deps } = sweeping;
  if (rows.length === 0) return true;
  const ids = [...new Set(rows.map(({ recordId }) => recordId))];
  const orders = await deps.orders.page({ where: ["id in :ids"], variables: { ids: [...ids] }, limit: ids.length });
  const linked = orders.filter((order) => readLinkState(order, deps.settings.channels).orderNo !== undefined);
  for (const id of ids.filter((one) => !orders.some((order) => order.id === one))) {
    if (sweeping.timeIsUp()) return false;
    await sweepGone(sweeping, id as OrderId);
  }
  for (const row of rows) {
    if (orders.some((order) => order.id === row.recordId && wasStoredTooLate(sweeping, order, row))) {
      await deps.exceptions.closeAsSeen(row);
    }
  }
  const page = await sweepPage({ ...sweeping, shown: true }, linked);
  if (page.retry.length + page.later.length > 0) await cursor.move(cursor.again(page));
  return page.notBegun.length === 0;
}

/**
 * The claim with the code comes first, then the exception, and the code stays until the exception is closed. Whoever sleeps
 * between the two stores it when others have done their work, and found nothing to close.
 */
function wasStoredTooLate({ deps }: Sweeping, order: Order, { id }: ExceptionRecord): boolean {
  const { claim } = readLinkState(order, deps.settings.channels);
  return claim.kind === "claim" && claim.claim.code === "" && id === rowOf(order.id);
}
