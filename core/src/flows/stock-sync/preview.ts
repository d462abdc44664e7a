/** The whole plan of a full run, with the cause of each change and nothing written: what to read before the flow is switched on. */
import type { CatalogNo } from "../../domain/ids.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { noteBelowZero, reportBelowZero } from "./below-zero.ts";
import { doubtedBy, readAgain } from "./blind-lists.ts";
import { demandLost, isHeldRaise } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { writesEntries } from "./direction.ts";
import { ENDED_CAUSE } from "./ended-writes.ts";
import { type HoldKind, holdKinds } from "./hold-kinds.ts";
import { heldRecord, holdKindOf, isTooMany } from "./holds.ts";
import { noteBackOrders, reportBackOrders } from "./left-over.ts";
import { lookAtPage, lookAtParts, openLook, type SeenPage } from "./look.ts";
import { PARTS_PER_PAGE, partsAfter } from "./pages.ts";
import { type StockAction, sightLost } from "./plan.ts";
import { putSharedAside, sharedPagesOf } from "./shared.ts";
import { createShownEntries, type ShownEntries } from "./shown-entries.ts";
import type { SiteRun } from "./site-run.ts";
import { isSightLost, siteHidden } from "./stock-sight.ts";
import { holdOfEnded, searchUnmapped } from "./unmapped.ts";
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
  // What a run would log is told by the report.
  const look = await openLook({ ...deps, logger: { info: () => {}, warn: () => {}, error: () => {} } }, now);
  const tell = (): void => {
    for (const record of look.refused) refuse(record);
  };
  tell();
  for (const run of look.sites) {
    await previewSite(run, counts, { ...report, refused: refuse });
    tell();
  }
  return counts;
}

async function previewSite(run: SiteRun, counts: PreviewCounts, report: PreviewReport): Promise<void> {
  const { contract } = run;
  const seen: Seen = {
    waiting: { zeros: [], cuts: [], raises: [] },
    lowered: [],
    entries: 0,
    shown: createShownEntries(run.deps.clock.now() % 2 ** 31),
  };
  const tell = (page: SeenPage): void => tellPage(run, page, { counts, report, seen });
  let after: CatalogNo | undefined;
  do {
    const page = await partsAfter(run, after, PARTS_PER_PAGE);
    tell(await lookAtPage(run, await putSharedAside(run, page.rows, { complete: false })));
    after = page.next;
  } while (after !== undefined);
  const { partNos, kitNos } = run.seen.shared;
  for await (const page of sharedPagesOf(run, [...partNos], [...kitNos])) {
    const looked = await lookAtParts(run, page);
    tell({ ...looked, refused: [...page.refused, ...looked.refused] });
  }
  for (const record of unreadableRecords(contract, run.seen.unreadable)) report.refused(record);
  if (run.seen.demandLost) report.refused(demandLost(run.site.site, [...run.seen.heldRaises]));
  await reportBelowZero(run, { whole: true });
  await reportBackOrders(run);
  await previewHolds(run, seen, report);
  if (await isSightLost(run)) report.refused(siteHidden(run.site.site));
  else await previewEnded(run, counts, { report, seen });
}

/** What the pages of a site leave for its end. */
type Seen = {
  /** SKUs of changes that have a bound. */
  readonly waiting: Record<HoldKind, string[]>;
  /** What is concluded from missing rows. */
  readonly lowered: StockAction[];
  entries: number;
  readonly shown: ShownEntries;
};

function tellPage(
  run: SiteRun,
  page: SeenPage,
  { counts, report, seen }: { readonly counts: PreviewCounts; readonly report: PreviewReport; readonly seen: Seen },
): void {
  for (const record of page.refused) report.refused(record);
  counts.parts += page.parts.length;
  seen.entries += page.current.entries.size;
  counts.entries += page.current.entries.size;
  for (const { id } of page.current.entries.values()) seen.shown.add(id);
  noteBelowZero(run, page.desired, page.plan.negative);
  noteBackOrders(run, page.desired, page.current);
  let moved = 0;
  for (const { record, cause, apply } of page.plan.changes) {
    const kind = kindOf(run, apply);
    counts[kind] += 1;
    if (apply.kind === "move") moved += 1;
    const bound = kind === "waits" ? undefined : holdKindOf(apply, run.deps.config.stock);
    if (bound) seen.waiting[bound].push(apply.desired.sku);
    if (doubtedBy(run, apply).length > 0) seen.lowered.push(apply);
    report.change({ site: run.contract, record, kind, ...figuresOf(apply), cause });
  }
  counts.unchanged += page.current.entries.size - moved;
  report.progress(counts);
}

async function previewHolds(run: SiteRun, { waiting, lowered, entries }: Seen, report: PreviewReport): Promise<void> {
  const { deps, site } = run;
  await readAgain(
    run,
    lowered.flatMap((action) => doubtedBy(run, action)),
  );
  const doubted = new Set<string>(
    lowered.filter((action) => doubtedBy(run, action).length > 0).map(({ desired }) => desired.sku),
  );
  if (doubted.size > 0) report.refused(sightLost(site.site, [...doubted]));
  for (const kind of holdKinds) {
    const skus = waiting[kind].filter((sku) => kind !== "zeros" || !doubted.has(sku));
    const count = { changes: skus.length, entries };
    const tooMany = skus.length > 0 && isTooMany(kind, count, deps.config.stock);
    if (tooMany) report.refused(heldRecord(kind, { site: site.site, count, skus }, deps.config.stock));
  }
}

/** Entries that no sales part stands for: the search of a full run, which names them, and what it would set to zero. */
async function previewEnded(
  run: SiteRun,
  counts: PreviewCounts,
  { report, seen }: { readonly report: PreviewReport; readonly seen: Seen },
): Promise<void> {
  const { ended } = await searchUnmapped(run, seen.shown);
  if (!writesEntries(run.deps.config)) return;
  for (const { entry, channel } of ended) {
    counts.zero += 1;
    const from = entry.quantityOnStock;
    const record = `${entry.sku} @ ${channel}`;
    report.change({ site: run.contract, record, kind: "zero", from, to: 0, cause: ENDED_CAUSE });
  }
  const entries = Math.max(run.before.entries, seen.entries);
  const hold = holdOfEnded(run, ended, { already: seen.waiting.zeros.length, entries });
  if (hold.tooMany) report.refused(hold.record);
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
