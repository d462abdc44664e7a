/**
 * The one generic of the flows: page -> parse -> desired -> current -> plan -> apply -> record, and the cursor after the page.
 * A flow passes its own steps; nothing here knows what a row or an action is.
 */
import type { Change } from "../domain/change.ts";
import { ConflictError, RefusedError, type Rejection } from "../domain/failure.ts";
import type { ExceptionRecord } from "../domain/records.ts";
import type { Result } from "../domain/result.ts";
import type { RunSummary } from "../domain/run-summary.ts";
import { mapLimited } from "../runtime/limit.ts";

/** A record that cannot be synchronised as it is, with the name that people know it by. */
export type RefusedRecord = {
  readonly recordType: ExceptionRecord["recordType"];
  readonly recordId: string;
  readonly recordLabel: string;
  readonly rejection: Rejection;
  /** The IFS order, where one is known. */
  readonly ifsOrderNo?: string;
};

/** Values of a step beside the records that it refused; the others go on. */
export type Sorted<T> = { readonly values: readonly T[]; readonly refused: readonly RefusedRecord[] };

/** How often a change is planned anew after somebody else wrote first; then its record waits for the next run. */
export const MAX_CONFLICTS = 3;

export type DeltaSteps<Row, Desired, Current, Action> = {
  /** The page after a position (`undefined`: the first). `next` is undefined on the last page and must move otherwise. */
  readonly page: (
    after: string | undefined,
  ) => Promise<{ readonly rows: readonly unknown[]; readonly next: string | undefined }>;
  readonly parse: (row: unknown) => Result<Row, RefusedRecord>;
  /** Rows of a page -> what should be there. May read what the rows refer to. */
  readonly desired: (rows: readonly Row[]) => Promise<Sorted<Desired>>;
  /** One look-up for the whole page: what is there now. */
  readonly current: (desired: readonly Desired[]) => Promise<Current>;
  /** All changes of the page, before the first write. Without I/O; what it notes for the end of the run never changes a plan. */
  readonly plan: (desired: readonly Desired[], current: Current) => Sorted<Change<Action>>;
  /** Writes one change. ConflictError: planned anew by `again`. RefusedError: recorded by `refuse`. Anything else ends the run. */
  readonly apply: (change: Change<Action>) => Promise<void>;
  /** Reads the record of a change again and plans it anew; undefined when nothing is left to do. */
  readonly again: (change: Change<Action>) => Promise<Change<Action> | undefined>;
  readonly refuse: (change: Change<Action>, error: RefusedError) => RefusedRecord;
  /** Stores an exception for the record. */
  readonly record: (refused: RefusedRecord) => Promise<void>;
  /** Called for a change that met MAX_CONFLICTS conflicts. */
  readonly waits: (change: Change<Action>) => void | Promise<void>;
  /** Called once per page, after all its changes were written or recorded; undefined after the last page. */
  readonly saveCursor: (next: string | undefined) => Promise<void>;
};

export type DeltaOptions = {
  /** Position to continue from. */
  readonly after?: string;
  /** Writes under way at once. */
  readonly concurrency: number;
  /** Asked before each page but the first; true ends the run, to be continued from the saved cursor. */
  readonly stop?: () => boolean;
  /**
   * Pages that are read while earlier ones are written: how many up to `desired`, and the next one up to `current`. For flows whose
   * pages have no record in common. Default 0.
   */
  readonly ahead?: number;
};

/**
 * Runs a flow over all its pages. Data problems are recorded and the other records go on; an outage (any other thrown error)
 * ends the run with the cursor still before the page that failed, so that the next run repeats that page.
 * `failed` counts refused records and those that wait; `processed` counts rows.
 */
export async function runDelta<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  options: DeltaOptions,
): Promise<RunSummary> {
  const total = { processed: 0, changed: 0, failed: 0 };
  let waiting = 0;
  const pages = readAhead(steps, options);
  for (let page = await pages.next(); page; ) {
    // Begun before the writes of this page, which may take longer than all that the next one reads.
    const next = options.ahead ? pages.next() : undefined;
    next?.catch(() => undefined);
    const outcome = await writePage(steps, page, options.concurrency);
    total.processed += page.read;
    total.changed += outcome.changed;
    total.failed += outcome.refused + outcome.waiting;
    waiting += outcome.waiting;
    await steps.saveCursor(page.next);
    if (page.next === undefined || options.stop?.()) break;
    page = await (next ?? pages.next());
  }
  return waiting === 0
    ? total
    : { ...total, message: `${waiting} records kept changing under our hands and wait for the next run` };
}

type Read<Desired> = {
  readonly read: number;
  readonly next: string | undefined;
  readonly refused: readonly RefusedRecord[];
  readonly desired: readonly Desired[];
};
type Ready<Desired, Current> = Read<Desired> & { readonly current: Current };

/** Pages in their order; undefined after the last one. What fails is thrown by the `next` of its page. */
function readAhead<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  { after, ahead = 0 }: DeltaOptions,
): { next(): Promise<Ready<Desired, Current> | undefined> } {
  const begun: Promise<Read<Desired> | undefined>[] = [];
  let position: Promise<{ after: string | undefined } | undefined> = Promise.resolve({ after });

  function begin(): void {
    const from = position;
    const page = from.then((where) => where && steps.page(where.after));
    position = Promise.all([from, page]).then(([where, found]) => {
      if (found?.next === undefined) return undefined;
      if (found.next === where?.after) throw new Error(`the page after "${where?.after}" did not move`);
      return { after: found.next };
    });
    position.catch(() => undefined);
    const read = page.then((found) => found && readPage(steps, found));
    read.catch(() => undefined);
    begun.push(read);
  }

  return {
    async next() {
      while (begun.length <= ahead) begin();
      const read = await begun.shift();
      return read && { ...read, current: await steps.current(read.desired) };
    },
  };
}

async function readPage<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  page: { readonly rows: readonly unknown[]; readonly next: string | undefined },
): Promise<Read<Desired>> {
  const rows: Row[] = [];
  const refused: RefusedRecord[] = [];
  for (const row of page.rows) {
    const parsed = steps.parse(row);
    if (parsed.ok) rows.push(parsed.value);
    else refused.push(parsed.error);
  }
  const desired = await steps.desired(rows);
  refused.push(...desired.refused);
  return { read: page.rows.length, next: page.next, refused, desired: desired.values };
}

type PageOutcome = { changed: number; refused: number; waiting: number };

async function writePage<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  page: Ready<Desired, Current>,
  concurrency: number,
): Promise<PageOutcome> {
  const plan = steps.plan(page.desired, page.current);
  const refused = [...page.refused, ...plan.refused];
  // Every write that was begun is awaited, also when another one failed; nothing new is begun after a failure.
  const applied = await mapLimited(plan.values, concurrency, (change) => applyOne(steps, change));
  refused.push(...applied.flatMap((outcome) => (typeof outcome === "object" ? [outcome] : [])));
  for (const record of refused) await steps.record(record);
  return {
    changed: applied.filter((outcome) => outcome === "changed").length,
    refused: refused.length,
    waiting: applied.filter((outcome) => outcome === "waits").length,
  };
}

type Applied = "changed" | "nothingLeft" | "waits" | RefusedRecord;

async function applyOne<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  planned: Change<Action>,
): Promise<Applied> {
  let change = planned;
  for (let conflicts = 0; ; ) {
    try {
      await steps.apply(change);
      return "changed";
    } catch (error) {
      if (error instanceof RefusedError) return steps.refuse(change, error);
      if (!(error instanceof ConflictError)) throw error;
      conflicts += 1;
      if (conflicts >= MAX_CONFLICTS) {
        await steps.waits(change);
        return "waits";
      }
    }
    const next = await steps.again(change);
    if (next === undefined) return "nothingLeft";
    change = next;
  }
}
