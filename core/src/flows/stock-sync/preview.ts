/** The whole plan of a full run, with the cause of each change and nothing written: what to read before the flow is switched on. */
import type { CatalogNo } from "../../domain/ids.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { isHeldRaise } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { type HoldKind, holdKinds } from "./hold-kinds.ts";
import { heldRecord, holdKindOf, isTooMany } from "./holds.ts";
import { lookAtPage, lookAtParts, openLook, type SeenPage } from "./look.ts";
import { PARTS_PER_PAGE, partsAfter } from "./pages.ts";
import type { StockAction } from "./plan.ts";
import { putSharedAside, sharedPagesOf } from "./shared.ts";
import type { SiteRun } from "./site-run.ts";
import { unreadableRecords } from "./unreadable.ts";

export type PreviewedChange = {
  readonly site: string;
  /** "SKU-1 @ hamburg". */
  readonly record: string;
  /** `terms`: the quantity is right, what the entry says beside it is not. `waits`: open demand can't be seen, and a run would raise nothing. */
  readonly kind: "create" | "raise" | "lower" | "zero" | "terms" | "waits";
  readonly from: number | null;
  readonly to: number;
  readonly cause: string;
};

export type PreviewCounts = {
  /** Sales parts with an inventory part, and entries that a run would look at. */
  parts: number;
  entries: number;
  unchanged: number;
  create: number;
  raise: number;
  lower: number;
  zero: number;
  terms: number;
  waits: number;
  refused: number;
};

export type PreviewReport = {
  readonly change: (change: PreviewedChange) => void;
  /** Records that a run would refuse, and changes that it would hold. */
  readonly refused: (record: RefusedRecord) => void;
  readonly progress: (counts: Readonly<PreviewCounts>) => void;
};

export async function previewStock(deps: StockSyncDeps, now: number, report: PreviewReport): Promise<PreviewCounts> {
  const counts = {
    parts: 0,
    entries: 0,
    unchanged: 0,
    create: 0,
    raise: 0,
    lower: 0,
    zero: 0,
    terms: 0,
    waits: 0,
    refused: 0,
  };
  const told = new Set<string>();
  const refuse = (record: RefusedRecord): void => {
    if (told.has(record.recordId)) return;
    told.add(record.recordId);
    counts.refused += 1;
    report.refused(record);
  };
  const look = await openLook(deps, now);
  for (const record of look.refused) refuse(record);
  for (const run of look.sites) await previewSite(run, counts, { ...report, refused: refuse });
  return counts;
}

async function previewSite(run: SiteRun, counts: PreviewCounts, report: PreviewReport): Promise<void> {
  const { deps, contract, site } = run;
  const waiting: Record<HoldKind, string[]> = { zeros: [], cuts: [], raises: [] };
  let entries = 0;
  let after: CatalogNo | undefined;
  const tell = (page: SeenPage): void => {
    for (const record of page.refused) report.refused(record);
    counts.parts += page.parts.length;
    entries += page.current.entries.size;
    counts.entries += page.current.entries.size;
    let moved = 0;
    for (const { record, cause, apply } of page.plan.changes) {
      const kind = kindOf(run, apply);
      counts[kind] += 1;
      if (apply.kind === "move") moved += 1;
      const bound = kind === "waits" ? undefined : holdKindOf(apply, deps.config.stock);
      if (bound) waiting[bound].push(apply.desired.sku);
      report.change({ site: contract, record, kind, ...figuresOf(apply), cause });
    }
    counts.unchanged += page.current.entries.size - moved;
    report.progress(counts);
  };
  do {
    const page = await partsAfter(run, after, PARTS_PER_PAGE);
    tell(await lookAtPage(run, await putSharedAside(run, page.rows, { complete: false })));
    after = page.next;
  } while (after !== undefined);
  const { partNos, kitNos } = run.seen.shared;
  for await (const page of sharedPagesOf(run, [...partNos], [...kitNos])) {
    const seen = await lookAtParts(run, page);
    tell({ ...seen, refused: [...page.refused, ...seen.refused] });
  }
  for (const record of unreadableRecords(run.contract, run.seen.unreadable)) report.refused(record);
  for (const kind of holdKinds) {
    const skus = waiting[kind];
    const count = { changes: skus.length, entries };
    if (skus.length > 0 && isTooMany(kind, count, deps.config.stock)) {
      report.refused(heldRecord(kind, { site: site.site, count, skus }, deps.config.stock));
    }
  }
}

function kindOf(run: SiteRun, action: StockAction): PreviewedChange["kind"] {
  if (isHeldRaise(run, action)) return "waits";
  if (action.kind === "create") return "create";
  if (action.zeroing) return "zero";
  if (action.by === 0) return "terms";
  return action.by > 0 ? "raise" : "lower";
}

const figuresOf = (action: StockAction): Pick<PreviewedChange, "from" | "to"> =>
  action.kind === "create" ? { from: null, to: action.draft.quantityOnStock } : { from: action.from, to: action.to };
