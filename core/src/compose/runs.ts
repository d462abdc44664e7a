/** Runs as people and charts ask for them. */
import { z } from "zod";
import type { Store } from "../ct/store.ts";
import { type FlowName, flowNames } from "../domain/records.ts";
import { type PastRun, secondsOf } from "../domain/run-history.ts";
import type { Clock } from "../runtime/clock.ts";

export const historyQuery = z.object({
  flow: z.enum(flowNames),
  since: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

export type RunHistory = {
  readonly flow: FlowName;
  readonly since: string;
  /** Oldest first. */
  readonly runs: readonly (PastRun & { readonly seconds: number })[];
  /** The `since` to go on from, null at the end. */
  readonly next: string | null;
};

const HISTORY_MS = 24 * 3_600_000;

/** Runs of one flow that ended at `since` or later, or within the last day. */
export async function readRunHistory(
  { store, clock }: { readonly store: Pick<Store, "runHistory">; readonly clock: Pick<Clock, "now"> },
  { flow, limit, ...query }: z.output<typeof historyQuery>,
): Promise<RunHistory> {
  const since = query.since ?? new Date(clock.now() - HISTORY_MS).toISOString();
  const found = await store.runHistory.since(flow, since, limit);
  const last = found.length === limit ? found.at(-1) : undefined;
  return {
    flow,
    since,
    runs: found.map((run) => ({ ...run, seconds: secondsOf(run) })),
    // Runs of a flow never end in the same millisecond: they go on one after the other, under a lease.
    next: last ? new Date(Date.parse(last.finishedAt) + 1).toISOString() : null,
  };
}
