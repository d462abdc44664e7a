/** The steps of the pages of one run over one site, and its writes. What they read is in reads.ts. */
import type { InventoryEntryUpdateAction } from "@commercetools/platform-sdk";
import type { Change } from "../../domain/change.ts";
import { ConflictError, RefusedError } from "../../domain/failure.ts";
import type { PartNo, Sku } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import type { Result } from "../../domain/result.ts";
import type { DeltaSteps, RefusedRecord } from "../run-delta.ts";
import { isKit, parseSalesPart, type StockPart } from "../stock-part.ts";
import { noteBelowZero } from "./below-zero.ts";
import { askOfUnshown, doubtedBy, isDoubted } from "./blind-lists.ts";
import { type Journaled, journalDrift } from "./corrections.ts";
import type { Current } from "./current.ts";
import { isHeldRaise } from "./demand-sight.ts";
import type { StockSyncDeps } from "./deps.ts";
import { differenceOf, journalDifferences, noteDifference, writesEntries } from "./direction.ts";
import { forgetLook } from "./edits.ts";
import { SHOWN_CHANGES } from "./held.ts";
import type { HoldKind } from "./hold-kinds.ts";
import { holdKindOf } from "./holds.ts";
import { isHeldElsewhere, noteUnread, readAllFigures } from "./joint-reads.ts";
import { unalike } from "./joint-report.ts";
import { noteBackOrders } from "./left-over.ts";
import { type Desired, type SiteFigures, toDesired } from "./map.ts";
import { isRaise, planEntries, RAISE_WITHIN_MS, type StockAction, type StockPlan, WRITE_WITHIN_MS } from "./plan.ts";
import { noFigures, readCurrent } from "./reads.ts";
import { lookAgain } from "./second-look.ts";
import type { SiteRun, WaitingChange } from "./site-run.ts";
import { countRefused, leaveForLater } from "./undone.ts";
import { withoutUnreadable } from "./unreadable.ts";

export type StockSteps = DeltaSteps<StockPart, Desired, Current, StockAction>;
export type StockPages = Pick<StockSteps, "page" | "saveCursor"> & {
  /** Of the page that was given last, who else draws on its parts; absent: nobody. Its rows are parsed already. */
  readonly beside?: () => readonly StockPart[];
};

export type PassOptions = {
  /** Changes to zero, and others that count against a bound, are collected instead of written. */
  readonly withholdZeros: boolean;
  /** Kinds that are held: when the others are written, what has become one of these waits. */
  readonly held?: ReadonlySet<HoldKind>;
  /** The entries of the pages make up the site's number of tracked entries. */
  readonly counts: boolean;
  /** A scan found the parts: it counted them as read, and their entries. */
  readonly found?: boolean;
  /** Which of the corrections. */
  readonly journal: Journaled;
};

/** Changes that wait for a place are read again before they are too old to be written. */
const SPARE_MS = 1000;

export function stepsOf(run: SiteRun, pages: StockPages, options: PassOptions): StockSteps {
  const { deps } = run;
  // Pages are read ahead: each change is judged by the figures that were read for its own page.
  const figuresOf = new WeakMap<Desired, SiteFigures>();
  const figuresFor = ([first]: readonly Desired[]): SiteFigures => (first && figuresOf.get(first)) ?? noFigures(run);
  const agedBeyond = (ms: number, desired: Desired): boolean =>
    deps.clock.monotonic() - figuresFor([desired]).readAt > ms;
  const readSurely = async (desired: readonly Desired[]): Promise<Current> => {
    const figures = figuresFor(desired);
    const current = await lookAgain(run, { desired, figures, current: await readCurrent(run, desired, figures) });
    await askOfUnshown(run, { desired, current, later: isZeroForLast });
    return current;
  };
  /** Zeros wait for the end of the run, which looks at all of them before it counts them. */
  function isZeroForLast(action: StockAction): boolean {
    return options.withholdZeros && writesEntries(deps.config) && holdKindOf(action, deps.config.stock) === "zeros";
  }
  /** The same SKUs by figures that may still be written; all of them are read again where one is too old. */
  async function upToDate(desired: readonly Desired[]): Promise<readonly Desired[]> {
    // Judged by the figures of the first: where some were read anew and others not, all are.
    const together = new Set(desired.map((one) => figuresOf.get(one))).size <= 1;
    if (together && !desired.some((one) => agedBeyond(WRITE_WITHIN_MS, one))) return desired;
    const sharing = partsOf(desired);
    const figures = await readAllFigures(run, [...sharing.parts, ...(sharing.beside ?? [])]);
    const { parts, beside } = withoutUnreadable(run.seen.unreadable, sharing);
    const nameOf = ({ sku, pool }: Desired): string => JSON.stringify([sku, pool.name]);
    const wanted = new Set(desired.map(nameOf));
    const all = toDesired(parts, figures, { config: deps.config, pools: run.pools, beside }).values;
    for (const one of all) figuresOf.set(one, figures);
    noteUnread(run, all, figures);
    return all.filter((one) => wanted.has(nameOf(one)));
  }
  function withhold(planned: readonly Change<StockAction>[]): Change<StockAction>[] {
    const mayBeWritten = ({ apply }: Change<StockAction>): boolean =>
      !isHeldRaise(run, apply) && !waitsForDeleted(run, apply) && (isZeroForLast(apply) || !isDoubted(run, apply));
    const changes = planned.filter(mayBeWritten);
    if (writesEntries(deps.config)) return changes.filter(isWrittenNow);
    if (options.journal !== "all") return [];
    for (const { record, cause, apply } of changes) noteDifference(run.seen, differenceOf(record, cause, apply));
    return [];
  }
  function isWrittenNow({ record, cause, apply }: Change<StockAction>): boolean {
    const kind = holdKindOf(apply, deps.config.stock);
    if (kind === undefined || apply.kind === "create") return true;
    if (options.withholdZeros && isHeldElsewhere(run, kind, apply.desired)) {
      leaveForLater(run, apply.desired.part.partNo);
      run.counts.held += 1;
    } else if (options.withholdZeros) {
      // Of very many, causes that nobody will be shown would be most of what the run keeps.
      const shown = run.seen.waiting[kind].size < SHOWN_CHANGES ? cause : "";
      const change = waitingChange({ record, cause: shown, apply });
      run.seen.waiting[kind].set(apply.ref.id, { ...change, unshown: doubtedBy(run, apply) });
    } else if (options.held?.has(kind)) run.seen.again.add(apply.desired.part.partNo);
    else return true;
    return false;
  }
  async function planAnew(changes: readonly Change<StockAction>[]): Promise<Change<StockAction>[]> {
    const desired = await upToDate([...new Set(changes.map(({ apply }) => apply.desired))]);
    if (desired.length === 0) return [];
    const current = await readSurely(desired);
    const plan = planEntries(desired, current);
    for (const partNo of plan.postponed) leaveForLater(run, partNo);
    const records = new Set(changes.map(({ record }) => record));
    return withhold(plan.changes).filter(({ record }) => records.has(record));
  }
  return {
    page: pages.page,
    async saveCursor(next) {
      await journalDifferences(run);
      await pages.saveCursor(next);
      await run.progress();
    },
    parse(row) {
      // The pass over the zeros meets its parts for the second time.
      if (options.withholdZeros && !options.found) run.counts.read += 1;
      if (pages.beside) return row as Result<StockPart, RefusedRecord>;
      return parseSalesPart(row as IfsSalesPart & { partNo: PartNo }, deps.config);
    },
    async desired(parts) {
      for (const part of parts) run.tracker.seen(`${part.contract}/${part.catalogNo}`);
      const others = pages.beside?.();
      const figures = await readAllFigures(run, [...parts, ...(others ?? [])]);
      const known = withoutUnreadable(run.seen.unreadable, { parts, beside: others });
      const desired = toDesired(known.parts, figures, { config: deps.config, pools: run.pools, beside: known.beside });
      for (const one of desired.values) {
        figuresOf.set(one, figures);
        run.tracker.seen(one.sku);
        if (one.joint) run.tracker.seen(`joint ${one.sku}`);
      }
      noteUnread(run, desired.values, figures);
      return { ...desired, refused: desired.refused.filter(({ recordId }) => firstTime(run, recordId)) };
    },
    current: readSurely,
    plan(desired, current) {
      if (options.counts) run.seen.entries += current.entries.size;
      const plan = planEntries(desired, current);
      if (options.withholdZeros) countPlan(run, plan, current);
      for (const partNo of plan.postponed) leaveForLater(run, partNo);
      for (const partNo of partsOfMovedKits(plan)) run.seen.again.add(partNo);
      noteBelowZero(run, desired, plan.negative);
      if (options.counts) noteBackOrders(run, desired, current);
      return {
        values: withhold(plan.changes),
        refused: plan.unalike.map(unalike).filter(({ recordId }) => firstTime(run, recordId)),
      };
    },
    async apply(change) {
      if (isRaise(change.apply) && agedBeyond(RAISE_WITHIN_MS, change.apply.desired))
        throw new ConflictError("the figures of IFS are too old to raise an entry by them");
      const kind = holdKindOf(change.apply, deps.config.stock);
      await writeAction(deps, change.apply);
      run.counts.written += 1;
      if (change.apply.kind === "move") forgetLook(run.seen, change.apply.ref.id);
      if (kind) run.seen.passed[kind] += 1;
      if ((options.counts || options.found) && change.apply.kind === "create") run.seen.entries += 1;
      await journalDrift(run, change, options.journal);
    },
    async again(change) {
      run.counts.conflicts += 1;
      const [anew] = await planAnew([change]);
      return anew;
    },
    ageing: {
      isOld: ({ apply }) =>
        (apply.kind === "move" && deps.clock.monotonic() - apply.readAt > WRITE_WITHIN_MS - SPARE_MS) ||
        (isRaise(apply) && agedBeyond(RAISE_WITHIN_MS - SPARE_MS, apply.desired)),
      renew: planAnew,
    },
    refuse: ({ record, apply }, error) => refusedByPlatform(record, apply.desired.sku, error),
    record: (refused) => recordRefused(run, refused),
    waits({ record, apply }) {
      run.seen.again.add(apply.desired.part.partNo);
      run.seen.undone.waiting += 1;
      deps.logger.warn({ flow: "stock-sync", recordId: record }, "conflicts-exhausted");
    },
  };
}

/** The sales parts that are planned with these, those of a group that are planned elsewhere apart. */
function partsOf(desired: readonly Desired[]): {
  parts: readonly StockPart[];
  beside: readonly StockPart[] | undefined;
} {
  const members = [...new Set(desired.flatMap(({ group }) => group ?? []))].flatMap((group) => group.members);
  const of = (beside: boolean) => members.filter((member) => member.beside === beside).map(({ part }) => part);
  if (members.length === 0) return { parts: [...new Set(desired.map(({ part }) => part))], beside: undefined };
  return { parts: [...new Set(of(false))], beside: [...new Set(of(true))] };
}

/** A raise that may be of units that the platform is about to put back by itself. */
function waitsForDeleted(run: SiteRun, action: StockAction): boolean {
  const { ordersGone, together } = run;
  const { desired } = action;
  if (!ordersGone || !isRaise(action)) return false;
  const isInFlight = ({ figure, part }: Desired): boolean =>
    together.some(
      ({ contract, before }) =>
        contract === figure.contract && part.draws.some(({ partNo }) => before.inFlightParts.includes(partNo)),
    );
  if (![desired, ...(desired.joint?.parts ?? [])].some(isInFlight)) return false;
  leaveForLater(run, desired.part.partNo);
  return true;
}

type Move = Extract<StockAction, { kind: "move" }>;

const waitingChange = ({ record, cause, apply }: Change<Move>): Omit<WaitingChange, "unshown"> => {
  const { part, sku } = apply.desired;
  const supplyChannel = record.slice(`${sku} @ `.length);
  return { partNo: part.partNo, sku, supplyChannel, from: apply.from, to: apply.to, cause: cause.slice(0, 300) };
};

/** What a kit takes of one component decides what its other components have for others. */
const partsOfMovedKits = ({ changes }: StockPlan): PartNo[] =>
  changes
    .filter(({ apply }) => isKit(apply.desired.part) && (apply.kind === "create" || apply.by !== 0))
    .flatMap(({ apply }) => apply.desired.part.draws.map(({ partNo }) => partNo));

function countPlan({ counts }: SiteRun, { changes }: StockPlan, { entries }: Current): void {
  counts.changed += changes.length;
  counts.unchanged += entries.size - changes.filter(({ apply }) => apply.kind === "move").length;
}

export async function recordRefused(run: SiteRun, refused: RefusedRecord): Promise<void> {
  const { counts, deps, tracker } = run;
  counts.rejected += 1;
  countRefused(run, refused);
  const { code } = refused.rejection;
  deps.logger.warn({ flow: "stock-sync", recordId: refused.recordId, code }, "rejected");
  await tracker.record(refused);
}

export function firstTime(run: SiteRun, recordId: string): boolean {
  const first = !run.seen.warehouses.has(recordId);
  run.seen.warehouses.add(recordId);
  return first;
}

const quantityActions = (by: number): InventoryEntryUpdateAction[] =>
  by === 0 ? [] : [{ action: by > 0 ? "addQuantity" : "removeQuantity", quantity: Math.abs(by) }];

export async function writeAction(deps: StockSyncDeps, action: StockAction): Promise<void> {
  if (action.kind === "move") {
    if (deps.clock.monotonic() - action.readAt > WRITE_WITHIN_MS)
      throw new ConflictError("the entry was read too long ago to write it");
    await deps.inventory.update(action.ref, [...quantityActions(action.by), ...action.terms]);
    return;
  }
  try {
    await deps.inventory.create(action.draft);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== "DuplicateField") throw error;
    throw new ConflictError("somebody created the entry first", { cause: error });
  }
}

const refusedByPlatform = (record: string, sku: Sku, error: RefusedError): RefusedRecord => ({
  recordType: "sku",
  recordId: sku,
  recordLabel: record,
  rejection: {
    code: "invalidInput",
    message: `commercetools refused the stock of ${record}: ${error.message}`,
    action: "Look at the inventory entry of this SKU in commercetools.",
    owner: "operator",
    field: error.code,
  },
});
