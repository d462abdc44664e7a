/** Which finished runs are kept for charts, and as what. */
import { z } from "zod";
import { type RunRecord, runRecordSchema } from "./records.ts";

/** A run that is over. One small document each; its end is its place in time. */
export const pastRunSchema = runRecordSchema
  .pick({ flow: true, runId: true, startedAt: true, processed: true, changed: true, failed: true })
  .extend({
    finishedAt: z.iso.datetime(),
    outcome: z.enum(["succeeded", "failed"]),
    message: runRecordSchema.shape.message,
    counts: runRecordSchema.shape.counts,
  });
export type PastRun = z.infer<typeof pastRunSchema>;

/** Of runs without an event one is kept in this time, so that a chart has no holes: a gap that is longer says that nothing ran. */
export const QUIET_MS = 3_600_000;
/** The whole sentence stands in the last run, and in the log. */
const MESSAGE_LENGTH = 300;

/**
 * What to keep of a finished run: always of one that failed, that wrote something, or that refused or left a record; of the others
 * one an hour, by `keptAt`, the end of the run of the flow that was kept last. undefined: nothing.
 */
export function pastRunOf(run: RunRecord): PastRun | undefined {
  const { flow, runId, startedAt, finishedAt, outcome, processed, changed, failed, message, counts, keptAt } = run;
  if (!finishedAt || outcome === "running") return undefined;
  const eventful = outcome === "failed" || changed > 0 || failed > 0;
  const quiet = keptAt && Date.parse(finishedAt) - Date.parse(keptAt) < QUIET_MS;
  if (!eventful && quiet) return undefined;
  const cut = message && message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH - 1)}…` : message;
  return {
    ...{ flow, runId, startedAt, finishedAt, outcome, processed, changed, failed },
    ...(cut ? { message: cut } : {}),
    ...(counts ? { counts } : {}),
  };
}

/** How long a run took, to a tenth. */
export const secondsOf = ({ startedAt, finishedAt }: Pick<PastRun, "startedAt" | "finishedAt">): number =>
  Math.max(0, Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 100) / 10);
