/**
 * A period that somebody wants exported, or linked with what a former integration exported, before its turn would come. The
 * sweep works it off page by page; the position is kept, so that a run may end anywhere. Each order goes the way of every export,
 * so that a second back-fill of the period, or one beside events, changes nothing.
 */
import { z } from "zod";
import { openCursor } from "../cursor.ts";
import type { SweepCursor } from "./cursor.ts";
import { type Sweeping, sweepPage } from "./sweep-page.ts";

/** Written by the command alone. */
export const BACKFILL_REQUEST = "order-backfill";
/** Written by the sweep alone. */
export const BACKFILL_PROGRESS = "order-backfill-progress";

export const backfillRequestSchema = z.object({
  id: z.string(),
  /** Orders created at `from` and before `to`. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  requestedAt: z.iso.datetime(),
  /** Also where the period begins before `orders.exportFrom`. */
  beforeExportFrom: z.boolean().default(false),
  /** Orders of the period at that time; the platform counts to 10,000. */
  total: z.int(),
});
export type BackfillRequest = z.infer<typeof backfillRequestSchema>;

export const backfillProgressSchema = z.object({
  /** Of the request. */
  id: z.string(),
  startedAt: z.iso.datetime(),
  movedAt: z.iso.datetime(),
  /** Last order that was looked at. */
  after: z.string().optional(),
  done: z.int(),
  /** Newly linked or cancelled, and refused or in doubt. The others were linked already, or wait. */
  changed: z.int(),
  failed: z.int(),
  finished: z.boolean(),
});
export type BackfillProgress = z.infer<typeof backfillProgressSchema>;

/** False: the time was up. */
export async function workOffBackfill(sweeping: Sweeping, sweepCursor: SweepCursor): Promise<boolean> {
  const { deps } = sweeping;
  const stored = await deps.cursors.read(BACKFILL_REQUEST);
  if (!stored) return true;
  const request = backfillRequestSchema.parse(stored.value);
  const cursor = await openCursor(deps.cursors, BACKFILL_PROGRESS, backfillProgressSchema);
  const now = (): string => new Date(deps.clock.now()).toISOString();
  const known = cursor.value();
  let progress: BackfillProgress =
    known?.id === request.id
      ? known
      : { id: request.id, startedAt: now(), movedAt: now(), done: 0, changed: 0, failed: 0, finished: false };
  // From here on the orders of the period have their turn like all others, until they are linked.
  if (request.beforeExportFrom) await sweepCursor.inCharge(request);
  const period = { ...sweeping, asked: sweepCursor.value().asked };
  while (!progress.finished) {
    if (sweeping.timeIsUp()) return false;
    const before = sweeping.totals();
    const orders = await deps.orders.page({
      where: ["createdAt >= :from", "createdAt < :to"],
      variables: { from: request.from, to: request.to },
      limit: deps.limits.pageSize,
      ...(progress.after !== undefined && { afterId: progress.after }),
    });
    const page = await sweepPage(period, orders);
    const { notBegun } = page;
    const begun = orders.slice(0, orders.length - notBegun.length);
    const { changed, failed } = sweeping.totals();
    // First what has to be repeated, then the position: a process that dies in between looks at the page again.
    if (page.retry.length + page.later.length > 0) await sweepCursor.move(sweepCursor.again(page));
    progress = {
      ...progress,
      after: begun.at(-1)?.id ?? progress.after,
      movedAt: now(),
      done: progress.done + begun.length,
      changed: progress.changed + changed - before.changed,
      failed: progress.failed + failed - before.failed,
      finished: notBegun.length === 0 && orders.length < deps.limits.pageSize,
    };
    await cursor.move(progress);
  }
  return true;
}
