/** The journal's end: what is older than its retention is removed, a bounded piece at a time. */
import type { Store } from "../ct/store.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Random } from "../runtime/random.ts";

export type RetentionDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "uuid">;
  readonly logger: Logger;
  readonly leases: Pick<Store["leases"], "acquire">;
  readonly journal: Pick<Store["journal"], "prune">;
};

const KEPT_MS = 90 * 24 * 3_600_000;
/** The lease is left to run out: it is what keeps all replicas to one round in this time. */
const EVERY_MS = 3_600_000;
const PIECE = 500;
/** Pieces of one round: 120,000 entries a day, well above what is written. */
const PIECES = 10;

/**
 * At most once an hour over all replicas. Never rejects: entries that stay an hour longer harm nobody, and neither the flows of
 * the tick nor its answer depend on them.
 */
export async function retainJournal(deps: RetentionDeps): Promise<void> {
  const { clock, random, logger, leases, journal } = deps;
  try {
    if (!(await leases.acquire("retention", random.uuid(), EVERY_MS))) return;
    const before = new Date(clock.now() - KEPT_MS).toISOString();
    let removed = 0;
    for (let piece = 0; piece < PIECES; piece += 1) {
      const count = await journal.prune(before, PIECE);
      removed += count;
      if (count < PIECE) break;
    }
    logger.info({ removed, before }, "journal-pruned");
  } catch (error) {
    logger.warn({ error }, "journal-not-pruned");
  }
}
