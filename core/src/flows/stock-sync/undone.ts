/** What a run over named SKUs tells apart, of what it did not write: refused, waiting, and what belongs to others. */
import type { PartNo, Sku } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { toCatalogNo } from "../../domain/sku.ts";
import type { RefusedRecord } from "../run-delta.ts";
import type { SiteRun } from "./site-run.ts";

export function leaveForLater({ seen }: Pick<SiteRun, "seen">, partNo: PartNo): void {
  seen.again.add(partNo);
  seen.undone.left.add(partNo);
}

/** A record of the run was refused. SKUs that share parts with the named ones are planned with them, and so may be refused with them. */
export function countRefused({ seen: { undone } }: Pick<SiteRun, "seen">, { recordId }: RefusedRecord): void {
  if (undone.named && !undone.named.has(recordId)) undone.elsewhere += 1;
}

export function nameRecords(run: SiteRun, skus: readonly Sku[]): void {
  if (skus.length === 0) return;
  const ids = skus.flatMap((sku) => {
    const catalogNo = `${run.contract}/${toCatalogNo(run.deps.config, sku)}`;
    return [sku, `joint ${sku}`, catalogNo, `kit ${catalogNo}`];
  });
  run.seen.undone.named = new Set(ids);
}

/** `failed` is what was refused of the named SKUs themselves. */
export type NamedSummary = RunSummary & {
  /** Not begun, or not done to its end: held, in conflict, or left to a later run. */
  readonly waiting: number;
  /** Other SKUs that share their parts, other supply channels, and pools that the configuration leaves unusable. */
  readonly elsewhere: number;
};

/** `unusable`: pools and sites that the run could not begin with. */
export function toNamedSummary(
  summary: RunSummary,
  { runs, unusable }: { readonly runs: readonly SiteRun[]; readonly unusable: number },
): NamedSummary {
  const all = runs.map(({ seen }) => seen.undone);
  const counted = all.reduce((total, { waiting }) => total + waiting, 0);
  const elsewhere = all.reduce((total, undone) => total + undone.elsewhere, unusable);
  const left = all.reduce((total, undone) => total + undone.left.size, 0);
  return { ...summary, failed: summary.failed - counted - elsewhere, waiting: counted + left, elsewhere };
}
