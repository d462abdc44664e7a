/**
 * Order queries by `syncInfo`. The platform does not document predicates on it, so a project may refuse them: the orders are
 * then read without these conditions, and the caller judges by what it reads. No caller may take for granted that they held.
 */
import { RefusedError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";

/** A refusal is believed this long; then the narrow query is tried again. */
export const BELIEVED_MS = 60 * 60_000;

type Conditions = {
  readonly where: string[];
  readonly variables?: Record<string, string | number | string[]>;
};

/** Wraps a reader of order pages; all readers that one value wrapped share what it learnt. */
export type SyncInfoFallback = <Q extends Conditions, R>(page: (query: Q) => Promise<R>) => (query: Q) => Promise<R>;

/** One per process. */
export function createSyncInfoFallback({
  clock,
  logger,
}: {
  readonly clock: Pick<Clock, "monotonic">;
  readonly logger: Logger;
}): SyncInfoFallback {
  let refusedAt: number | undefined;
  const believed = (): boolean => refusedAt !== undefined && clock.monotonic() - refusedAt < BELIEVED_MS;
  return (page) => async (query) => {
    if (!query.where.some(namesSyncInfo)) return page(query);
    if (believed()) return page(withoutSyncInfo(query));
    try {
      return await page(query);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.system !== "commercetools") throw error;
      // What is wrong with the query otherwise is refused again, and thrown.
      const rows = await page(withoutSyncInfo(query));
      refusedAt = clock.monotonic();
      logger.warn({ code: error.code, message: error.message }, "sync-info-predicate-refused");
      return rows;
    }
  };
}

const namesSyncInfo = (condition: string): boolean => condition.includes("syncInfo(");

/** Unused variables go with their conditions. */
function withoutSyncInfo<Q extends Conditions>(query: Q): Q {
  const where = query.where.filter((condition) => !namesSyncInfo(condition));
  const used = new Set(where.flatMap((condition) => condition.match(/:[A-Za-z]\w*/g) ?? []));
  const variables = Object.fromEntries(Object.entries(query.variables ?? {}).filter(([name]) => used.has(`:${name}`)));
  return { ...query, where, variables };
}
