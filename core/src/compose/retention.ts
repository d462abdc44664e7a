/** The end of what is kept: journal entries and past runs beyond their retention are removed, a bounded piece at a time. */
import type { Store } from "../ct/store.ts";
import { flowNames } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Random } from "../runtime/random.ts";

export type RetentionDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "uuid">;
  readonly logger: Logger;
  readonly leases: Pick<Store["leases"], "turn">;
  readonly journal: Pick<Store["journal"], "prune">;
  readonly runHistory: Pick<Store["runHistory"], "prune">;
};

const DAY_MS = 24 * 3_600_000;
const JOURNAL_MS = 90 * DAY_MS;
const RUNS_MS = 30 * DAY_MS;
/** Of each flow; a week of runs that come every minute and all have something to tell. The platform counts no further. */
const MOST_RUNS = 10_000;
/** The lease is left to run out: it is what keeps all replicas to one round in this time. */
const EVERY_MS = 3_600_000;
const PIECE = 500;
/** Pieces of one round, of the journal and of each flow's runs: 120,000 entries a day, well above what is written. */
const PIECES = 10;

/**
 * At most once an hour over all replicas. Never rejects: what stays an hour longer harms nobody, and neither the flows of the tick
 * nor its answer depend on it.
 */
export async function retainRecords(deps: RetentionDeps): Promise<void> {
  const { clock, random, logger, leases, journal, runHistory } = deps;
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString();
  const quietly = async (event: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn({ error }, event);
    }
  };
  await quietly("retention-not-begun", async () => {
    if (!(await leases.turn("retention", random.uuid(), EVERY_MS))) return;
    await quietly("journal-not-pruned", async () => {
      const before = ago(JOURNAL_MS);
      const removed = await inPieces((limit) => journal.prune(before, limit));
      logger.info({ removed, before }, "journal-pruned");
    });
    await quietly("run-history-not-pruned", async () => {
      const bounds = { before: ago(RUNS_MS), most: MOST_RUNS };
      let removed = 0;
      for (const flow of flowNames) removed += await inPieces((limit) => runHistory.prune(flow, bounds, limit));
      logger.info({ removed, ...bounds }, "run-history-pruned");
    });
  });
}

async function inPieces(prune: (limit: number) => Promise<number>): Promise<number> {
  let removed = 0;
  for (let piece = 0; piece < PIECES; piece += 1) {
    const count = await prune(PIECE);
    removed += count;
    if (count < PIECE) break;
  }
  return removed;
}
