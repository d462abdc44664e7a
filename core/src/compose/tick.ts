/** One tick of the job: every flow that is due runs once, under its lease, with a record that people can read. */
import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  RefusedKeysError,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import type { FlowName, Lease, RunRecord } from "../domain/records.ts";
import { type PastRun, pastRunOf } from "../domain/run-history.ts";
import type { RunCounts, RunSummary } from "../domain/run-summary.ts";
import { failureKind, type Outcome } from "../http/respond.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Random } from "../runtime/random.ts";
import { metered, noRequests, type RequestCounts } from "../runtime/request-meter.ts";

export type ScheduledFlow = {
  readonly flow: FlowName;
  readonly intervalSeconds: number;
  /** `progress` may be called as often as the flow likes. */
  readonly run: (now: Date, progress: Progress) => Promise<RunSummary>;
};

export type Progress = (counts: RunCounts) => Promise<void>;

export type TickDeps = {
  readonly clock: Clock;
  readonly random: Pick<Random, "uuid">;
  readonly logger: Logger;
  readonly leases: {
    acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
    renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;
    release(lease: Lease): Promise<void>;
  };
  readonly runs: { all(): Promise<RunRecord[]>; write(run: RunRecord): Promise<void> };
  readonly runHistory: { append(run: PastRun): Promise<void> };
};

export type FlowOutcome =
  | { readonly flow: FlowName; readonly kind: "notDue" | "heldByAnother" }
  | { readonly flow: FlowName; readonly kind: "succeeded"; readonly summary: RunSummary }
  /** `paused`: IFS refuses the credential, and nothing was tried. */
  | { readonly flow: FlowName; readonly kind: "failed" | "paused"; readonly error: unknown };

/** A lease outlives a dead holder by this much; a living one renews it three times as often. */
export const LEASE_MS = 60_000;
/** The scheduler is not punctual to the second; a flow that is due in a moment runs now. */
const PUNCTUALITY_MS = 500;
/** Between two writes of a run's progress. */
const PROGRESS_MS = 10_000;

/**
 * Runs what is due, all flows side by side: one that fails or takes long stops no other. Rejects only when the state itself
 * (runs, leases) cannot be read.
 */
export async function tick(deps: TickDeps, flows: readonly ScheduledFlow[]): Promise<FlowOutcome[]> {
  const known = new Map((await deps.runs.all()).map((run) => [run.flow, run]));
  return Promise.all(flows.map((flow) => runIfDue(deps, flow, known.get(flow.flow))));
}

async function runIfDue(
  deps: TickDeps,
  scheduled: ScheduledFlow,
  previous: RunRecord | undefined,
): Promise<FlowOutcome> {
  const { flow } = scheduled;
  if (!isDue(previous, scheduled.intervalSeconds, deps.clock.now())) return { flow, kind: "notDue" };
  const lease = await deps.leases.acquire(flow, deps.random.uuid(), LEASE_MS);
  if (!lease) return { flow, kind: "heldByAnother" };
  const keeper = keepLease(deps, lease);
  try {
    return await runRecorded(deps, scheduled, previous);
  } finally {
    await keeper.end();
  }
}

export function isDue(previous: RunRecord | undefined, intervalSeconds: number, now: number): boolean {
  if (!previous) return true;
  return now >= Date.parse(previous.startedAt) + intervalSeconds * 1000 - PUNCTUALITY_MS;
}

async function runRecorded(
  deps: TickDeps,
  scheduled: ScheduledFlow,
  previous: RunRecord | undefined,
): Promise<FlowOutcome> {
  const startedAt = new Date(deps.clock.now());
  const started: RunRecord = {
    flow: scheduled.flow,
    runId: deps.random.uuid(),
    startedAt: startedAt.toISOString(),
    lastSuccessAt: previous?.lastSuccessAt,
    keptAt: previous?.keptAt,
    outcome: "running",
    processed: 0,
    changed: 0,
    failed: 0,
  };
  // While it runs, the row keeps showing what the last finished run did.
  const { progress: _ofOneThatDied, ...shown } = previous ?? started;
  const running: RunRecord = { ...shown, startedAt: started.startedAt, runId: started.runId };
  await deps.runs.write(running);
  const requests = noRequests();
  const told = tellProgress(deps, running, requests);
  let outcome: FlowOutcome;
  try {
    const summary = await metered(requests, () => scheduled.run(startedAt, told.progress));
    outcome = { flow: scheduled.flow, kind: "succeeded", summary };
  } catch (error) {
    outcome = { flow: scheduled.flow, kind: isPause(error) ? "paused" : "failed", error };
  }
  const counts = { ...told.last(), ...requests };
  const finished = finish({ ...started, counts }, outcome, new Date(deps.clock.now()).toISOString());
  await deps.runs.write({ ...finished, keptAt: await keep(deps, finished) });
  const fields = {
    flow: finished.flow,
    runId: finished.runId,
    processed: finished.processed,
    changed: finished.changed,
  };
  if (outcome.kind === "failed") deps.logger.error({ ...fields, error: outcome.error }, "run-failed");
  else if (outcome.kind === "paused") deps.logger.warn({ ...fields, message: finished.message }, "run-paused");
  else deps.logger.info({ ...fields, failed: finished.failed, message: finished.message }, "run-finished");
  return outcome;
}

function tellProgress({ clock, runs, logger }: TickDeps, running: RunRecord, requests: Readonly<RequestCounts>) {
  let last: RunCounts | undefined;
  let writtenAt = clock.monotonic();
  const progress: Progress = async (counts) => {
    last = { ...counts };
    if (clock.monotonic() - writtenAt < PROGRESS_MS) return;
    writtenAt = clock.monotonic();
    try {
      const at = new Date(clock.now()).toISOString();
      await runs.write({ ...running, progress: { at, counts: { ...last, ...requests } } });
    } catch (error) {
      // For people who look on. The run does not depend on it, and its end is recorded in any case.
      logger.warn({ flow: running.flow, error }, "progress-not-written");
    }
  };
  return { progress, last: () => last };
}

/** When a run of the flow was kept last. The history is for charts: a run that it does not take is a run all the same. */
async function keep({ runHistory, logger }: TickDeps, finished: RunRecord): Promise<RunRecord["keptAt"]> {
  const past = pastRunOf(finished);
  if (!past) return finished.keptAt;
  try {
    await runHistory.append(past);
    return past.finishedAt;
  } catch (error) {
    logger.warn({ flow: past.flow, runId: past.runId, error }, "run-not-kept");
    return finished.keptAt;
  }
}

function finish(started: RunRecord, outcome: FlowOutcome, finishedAt: string): RunRecord {
  if (outcome.kind === "succeeded") {
    const { processed, changed, failed, message } = outcome.summary;
    return {
      ...started,
      finishedAt,
      lastSuccessAt: finishedAt,
      outcome: "succeeded",
      processed,
      changed,
      failed,
      message,
    };
  }
  const message = "error" in outcome ? explain(outcome.error) : undefined;
  return { ...started, finishedAt, outcome: "failed", message };
}

const isPause = (error: unknown): error is AuthenticationError =>
  error instanceof AuthenticationError && error.pausedUntil !== undefined;

/** What a failed run tells the people who run the shop. */
export function explain(error: unknown): string {
  if (isPause(error)) {
    return `Paused, because IFS Cloud refuses the connector's credential: ${error.message}. Nothing is lost, no attempt is counted; the flows go on by themselves.`;
  }
  if (error instanceof AuthenticationError) {
    const system = error.system === "ifs" ? "IFS Cloud" : "commercetools";
    return `${system} refuses the connector's credential or a permission is missing (${error.message}). The next run tries again by itself.`;
  }
  if (error instanceof TransientError || error instanceof UnknownOutcomeError) {
    return `The other side could not be used: ${error.message}. Nothing is lost; the next run continues here.`;
  }
  if (error instanceof RefusedKeysError) {
    return `IFS Cloud refuses to be asked for ${error.values.slice(0, 10).join(", ")}: ${error.message} (${error.code}). Look at these numbers, and at what IFS or a gateway before it says to them; the next run tries again by itself.`;
  }
  if (error instanceof RefusedError) {
    const system = error.system === "ifs" ? "IFS Cloud" : "commercetools";
    return `${system} refuses what the connector asks: ${error.message} (${error.code}). Check the names under ifs.binding and the grants of the connector's user; the next run tries again by itself.`;
  }
  if (error instanceof ConflictError)
    return `Somebody else was writing at the same time: ${error.message}. The next run tries again.`;
  return `Unexpected failure: ${error instanceof Error ? error.message : String(error)}. If it stays, send the log of this run to support.`;
}

/** Renews in the background until ended. A lost lease is only logged: writes are guarded by versions, not by the lease. */
function keepLease(deps: TickDeps, first: Lease): { end(): Promise<void> } {
  const stop = new AbortController();
  let lease: Lease | undefined = first;
  const loop = async () => {
    while (!stop.signal.aborted && lease) {
      await deps.clock.sleep(LEASE_MS / 3, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      lease = await renewed(deps, lease);
    }
  };
  const running = loop();
  return {
    async end() {
      stop.abort();
      await running;
      if (lease) await releaseQuietly(deps, lease);
    },
  };
}

async function renewed(deps: TickDeps, lease: Lease): Promise<Lease | undefined> {
  try {
    const next = await deps.leases.renew(lease, LEASE_MS);
    if (!next) deps.logger.warn({ lease: lease.name }, "lease-lost");
    return next;
  } catch (error) {
    // The store did not answer: the lease runs on until its end, and the next turn tries again.
    deps.logger.warn({ lease: lease.name, error }, "lease-not-renewed");
    return lease;
  }
}

/** An unreleased lease only delays the next run until it expires; the run itself is already recorded. */
async function releaseQuietly(deps: TickDeps, lease: Lease): Promise<void> {
  try {
    await deps.leases.release(lease);
  } catch (error) {
    deps.logger.warn({ lease: lease.name, error }, "lease-not-released");
  }
}

/** The tick's answer: all flows by name, or the worst failure where one failed, so that the platform's own monitoring sees it. */
export function report(outcomes: readonly FlowOutcome[]): Outcome {
  const failures = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
  const defect = failures.find((error) => failureKind(error) === "defect");
  if (failures.length > 0) return { kind: "failed", error: defect ?? failures[0] };
  return {
    kind: "done",
    body: {
      flows: outcomes.map(({ flow, kind, ...rest }) => ({
        flow,
        outcome: kind,
        ...("summary" in rest ? rest.summary : {}),
      })),
    },
  };
}
