/** One document per flow says when it last ran and last succeeded, and whether it does now. */
import type { FlowName, RunRecord } from "../domain/records.ts";
import type { RunSummary } from "../domain/run-summary.ts";
import type { Clock } from "../runtime/clock.ts";

export type RunDeps = {
  readonly write: (run: RunRecord) => Promise<void>;
  readonly all: () => Promise<readonly RunRecord[]>;
};

/**
 * Runs the flow and writes its record, also when it throws; the time of the last success survives a failure. `now` is the
 * start in epoch milliseconds.
 */
export async function recordRun(
  deps: { readonly runs: RunDeps; readonly clock: Pick<Clock, "now"> },
  run: { readonly flow: FlowName; readonly runId: string; readonly now: number },
  work: () => Promise<RunSummary>,
): Promise<RunSummary> {
  const begun = { flow: run.flow, runId: run.runId, startedAt: new Date(run.now).toISOString() };
  try {
    const summary = await work();
    const finishedAt = new Date(deps.clock.now()).toISOString();
    await deps.runs.write({ ...begun, ...summary, finishedAt, lastSuccessAt: finishedAt, outcome: "succeeded" });
    return summary;
  } catch (error) {
    await writeFailure(deps, begun, error);
    throw error;
  }
}

async function writeFailure(
  deps: { readonly runs: RunDeps; readonly clock: Pick<Clock, "now"> },
  begun: Pick<RunRecord, "flow" | "runId" | "startedAt">,
  error: unknown,
): Promise<void> {
  try {
    const before = (await deps.runs.all()).find(({ flow }) => flow === begun.flow);
    await deps.runs.write({
      ...begun,
      finishedAt: new Date(deps.clock.now()).toISOString(),
      ...(before?.lastSuccessAt ? { lastSuccessAt: before.lastSuccessAt } : {}),
      outcome: "failed",
      processed: 0,
      changed: 0,
      failed: 0,
      message: (error instanceof Error ? error.message : String(error)).slice(0, 500),
    });
  } catch (second) {
    // The first failure explains the run; that its record could not be written is told with it.
    throw new AggregateError([error, second], "the run failed, and so did its record");
  }
}
