/** Entries of the shop that were wrong although no change announced it, as the journal tells of them: for people who ask what happened. */
import { z } from "zod";
import type { Store } from "../ct/store.ts";
import { skuSchema } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";

const DAY_MS = 86_400_000;
/** Written by the stock flow: an entry that a run corrected, one whose sales part has ended, and the number of those beyond. */
const CORRECTED = "stock-corrected";
const ENDED = "stock-ended";
const UNLISTED = "stock-corrected-unlisted";

/** `days`: no further back, because the platform has no index of what the journal tells. */
export const correctionsQuery = z.object({
  sku: skuSchema.optional(),
  days: z.coerce.number().int().min(1).max(90).default(14),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export type StockCorrection = {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly sku: string;
  readonly site: string;
  /** null: the journal does not tell. */
  readonly pool: string | null;
  readonly supplyChannel: string | null;
  /** Units on stock in commercetools. */
  readonly from: number;
  readonly to: number;
  /** A drift reason of the stock flow; `ended`: no sales part stands for the SKU any more. */
  readonly reason: string;
  /** The terms behind `to`, in words; null: there are none. */
  readonly cause: string | null;
  /** Who wrote `from`, "user ..." or "client ..."; null: not known. */
  readonly lastModifiedBy: string | null;
};

export type StockCorrections = {
  readonly since: string;
  /** Newest first, at most as many as were asked for. */
  readonly corrections: readonly StockCorrection[];
  /** How many the journal has of them since then. */
  readonly total: number;
  /** Corrected entries that runs only counted, because there were too many to tell one by one. Of all SKUs; the newest runs. */
  readonly unlisted: readonly { readonly at: string; readonly site: string; readonly count: number }[];
  /** How many such runs there were since then. */
  readonly unlistedRuns: number;
};

const UNLISTED_ROWS = 20;

type Deps = {
  readonly store: { readonly journal: Pick<Store["journal"], "latest"> };
  readonly clock: Pick<Clock, "now">;
};

export async function readCorrections(
  { store, clock }: Deps,
  { sku, days, limit }: z.output<typeof correctionsQuery>,
): Promise<StockCorrections> {
  const since = new Date(clock.now() - days * DAY_MS).toISOString();
  const [listed, unlisted] = await Promise.all([
    store.journal.latest([CORRECTED, ENDED], { since, recordId: sku, limit }),
    store.journal.latest([UNLISTED], { since, limit: UNLISTED_ROWS }),
  ]);
  return {
    since,
    corrections: listed.entries.map(correctionOf),
    total: listed.total,
    unlisted: unlisted.entries.map(unlistedOf),
    unlistedRuns: unlisted.total,
  };
}

const correctedDetail = z.object({
  site: z.string(),
  pool: z.string().nullish(),
  supplyChannel: z.string().nullish(),
  from: z.number(),
  to: z.number(),
  reason: z.string().optional(),
  cause: z.string().nullish(),
  lastModifiedBy: z.string().nullish(),
});
const unlistedDetail = z.object({ site: z.string(), unlisted: z.number() });

function correctionOf({ at, recordId, event, detail }: JournalEntry): StockCorrection {
  const { site, pool, supplyChannel, from, to, reason, cause, lastModifiedBy } = correctedDetail.parse(detail);
  return {
    ...{ at, sku: recordId, site, from, to },
    pool: pool ?? null,
    supplyChannel: supplyChannel ?? null,
    reason: reason ?? (event === ENDED ? "ended" : "unexplained"),
    cause: cause ?? null,
    lastModifiedBy: lastModifiedBy ?? null,
  };
}

function unlistedOf({ at, detail }: JournalEntry): StockCorrections["unlisted"][number] {
  const { site, unlisted } = unlistedDetail.parse(detail);
  return { at, site, count: unlisted };
}
