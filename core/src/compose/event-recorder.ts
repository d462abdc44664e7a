/** The event path's line on the overview: counts since the last line, written at most every few seconds. */
import type { Store } from "../ct/store.ts";
import type { RunRecord } from "../domain/records.ts";
import type { ExportOutcome } from "../flows/order-export/outcome.ts";
import type { Random } from "../runtime/random.ts";
import type { Connector } from "./connector.ts";
import { explain } from "./tick.ts";

/** Under load one write in this time, whatever the number of events; replicas overwrite each other's line, the newest counts. */
const WRITE_EVERY_MS = 5000;

export type EventRecorder = {
  handled(outcomes: readonly ExportOutcome[]): Promise<void>;
  failed(error: unknown): Promise<void>;
};

export type RecorderDeps = Pick<Connector, "clock" | "logger"> & {
  readonly random: Pick<Random, "uuid">;
  readonly store: { readonly runs: Pick<Store["runs"], "all" | "write"> };
};

export function createEventRecorder({ store, clock, random, logger }: RecorderDeps): EventRecorder {
  let processed = 0;
  let changed = 0;
  let refused = 0;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let lastSuccessAt: string | null | undefined;
  let outcome: RunRecord["outcome"] = "succeeded";

  async function recordedSuccess(): Promise<string | null> {
    const known = (await store.runs.all()).find(({ flow }) => flow === "order-export");
    return known?.lastSuccessAt ?? null;
  }

  async function write(message: string | undefined): Promise<void> {
    // A change between working and failing is told at once.
    const next = message === undefined ? "succeeded" : "failed";
    if (clock.monotonic() - writtenAt < WRITE_EVERY_MS && next === outcome) return;
    writtenAt = clock.monotonic();
    outcome = next;
    const at = new Date(clock.now()).toISOString();
    const run = {
      flow: "order-export",
      runId: random.uuid(),
      startedAt: at,
      finishedAt: at,
      outcome,
      processed,
      changed,
      failed: refused,
      message,
    } satisfies RunRecord;
    [processed, changed, refused] = [0, 0, 0];
    try {
      // After a restart whose first event fails, the last success is the one that another process recorded.
      if (lastSuccessAt === undefined) lastSuccessAt = await recordedSuccess();
      await store.runs.write({ ...run, lastSuccessAt });
    } catch (error) {
      // This line is for people; the order itself is done, and its event must not come again because of it.
      logger.warn({ error }, "event-line-not-written");
    }
  }

  return {
    async handled(outcomes) {
      processed += outcomes.length;
      changed += outcomes.filter(({ kind }) => kind === "linked" || kind === "cancelled").length;
      refused += outcomes.filter(({ kind }) => kind === "rejected" || kind === "held").length;
      lastSuccessAt = new Date(clock.now()).toISOString();
      await write(undefined);
    },
    async failed(error) {
      processed += 1;
      refused += 1;
      await write(explain(error));
    },
  };
}
