/** Runs as people and charts ask for them. */
import { z } from "zod";
import type { Store } from "../ct/store.ts";
import { type FlowName, flowNames, type RunRecord } from "../domain/records.ts";
import { type PastRun, secondsOf } from "../domain/run-history.ts";
import type { Clock } from "../runtime/clock.ts";

/** How far a full run is. Entries, of all sites together. */
export type FullProgress = {
  readonly done: number;
  /** As many as the last full run met; null where a site never had one. */
  readonly total: number | null;
  /** Since the begin of this run. */
  readonly perSecond: number;
  /** At this rate; null where it cannot be told. */
  readonly remainingSeconds: number | null;
};

export type ShownRun = Omit<RunRecord, "progress"> & {
  /** Duration; null while a run is under way, whose begin the row has with the end of the run before. */
  readonly seconds: number | null;
  readonly progress?: (NonNullable<RunRecord["progress"]> & { readonly full?: FullProgress }) | null;
};

export async function readRuns({ store }: { readonly store: { readonly runs: Pick<Store["runs"], "all"> } }) {
  return { runs: (await store.runs.all()).map(shownRun) };
}

export function shownRun({ progress, ...run }: RunRecord): ShownRun {
  const { startedAt, finishedAt } = run;
  const seconds = finishedAt && finishedAt >= startedAt ? secondsOf({ startedAt, finishedAt }) : null;
  if (!progress) return { ...run, seconds };
  const full = fullProgress(progress, startedAt);
  return { ...run, seconds, progress: { ...progress, ...(full && { full }) } };
}

function fullProgress({ at, counts }: NonNullable<RunRecord["progress"]>, startedAt: string): FullProgress | undefined {
  const { fullDone: done, fullBefore = 0, fullTotal = 0, fullUncounted = 0 } = counts;
  if (done === undefined) return undefined;
  const seconds = (Date.parse(at) - Date.parse(startedAt)) / 1000;
  const rate = seconds > 0 ? (done - fullBefore) / seconds : 0;
  // More than the last time is no reason to be done before the end.
  const total = fullUncounted > 0 ? null : Math.max(fullTotal, done);
  return {
    done,
    total,
    perSecond: Math.round(rate * 10) / 10,
    remainingSeconds: total !== null && rate > 0 ? Math.ceil((total - done) / rate) : null,
  };
}

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
