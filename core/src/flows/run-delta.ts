/**
 * The one generic of the flows: page -> parse -> desired -> current -> plan -> apply -> record, and the cursor after the page.
 * A flow passes its own steps; nothing here knows what a row or an action is.
 */
import type { Change } from "../domain/change.ts";
import type { Rejection } from "../domain/failure.ts";
import type { ExceptionRecord } from "../domain/records.ts";
import type { Result } from "../domain/result.ts";
import type { RunSummary } from "../domain/run-summary.ts";
import type { Pace } from "../runtime/pace.ts";
import { createWriter, type WriteSteps, type Writing, type Written } from "./page-writes.ts";

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

export type DeltaSteps<Row, Desired, Current, Action> = WriteSteps<Action, RefusedRecord> & {
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
  /** Stores an exception for the record. */
  readonly record: (refused: RefusedRecord) => Promise<void>;
  /**
   * Called once per page and in the order of the pages, after all its changes were written or recorded; undefined after the last one.
   * With pages ahead, later ones may have been planned and written in part by then.
   */
  readonly saveCursor: (next: string | undefined) => Promise<void>;
};

export type DeltaOptions = {
  /** Position to continue from. */
  readonly after?: string;
  /** Writes under way at once: so many, or as many as the platform takes; several runs may share one pace. */
  readonly concurrency: number | Pace;
  /** Asked before each page but the first; true ends the run, to be continued from the saved cursor. */
  readonly stop?: () => boolean;
  /**
   * Asked before each write too; true ends the run in the middle of its pages: those of which a change was left, and all behind them, are
   * not done.
   */
  readonly endWrites?: () => boolean;
  /**
   * Pages that are read while earlier ones are written: how many up to `desired`, and the next one up to `current`. For flows whose
   * pages have no record in common. Default 0.
   */
  readonly ahead?: number;
  /**
   * Pages whose writes may be under way: the next one is planned, and its writes begin, as soon as few changes of the one before have
   * no place yet. Default 1: a page is planned when the one before is done.
   */
  readonly atOnce?: number;
};

/**
 * Runs a flow over all its pages. Data problems are recorded and the other records go on; an outage (any other thrown error)
 * ends the run with the cursor still before the page that failed, so that the next run repeats that page.
 * `failed` counts refused records, those that wait and those that were left; `processed` counts rows.
 */
export async function runDelta<Row, Desired, Current, Action>(
  steps: DeltaSteps<Row, Desired, Current, Action>,
  options: DeltaOptions,
): Promise<RunSummary> {
  const total = { processed: 0, changed: 0, failed: 0 };
  let waiting = 0;
  let left = 0;
  const { ahead = 0, atOnce = 1 } = options;
  const pages = readAhead(steps, options);
  const writer = createWriter(steps, options.concurrency, options.endWrites);
  /** Ends with the last page that was begun; rejects with the first that did not. */
  let ended: Promise<void> = Promise.resolve();
  const unended: Promise<void>[] = [];

  async function end(
    page: Read<Desired>,
    planned: readonly RefusedRecord[],
    { done }: Writing<RefusedRecord>,
  ): Promise<void> {
    const written = await done;
    const refused = [...page.refused, ...planned, ...written.refused];
    for (const record of refused) await steps.record(record);
    total.processed += page.read;
    total.changed += written.changed;
    total.failed += refused.length + written.waiting + written.left;
    waiting += written.waiting;
    left += written.left;
    if (left === 0) await steps.saveCursor(page.next);
  }

  try {
    for (let page = await pages.next(); page && !writer.failed(); ) {
      const { next } = page;
      const plan = steps.plan(page.desired, page.current);
      const writing = writer.begin(plan.values);
      const [before, begun] = [ended, page];
      ended = before.then(() => end(begun, plan.refused, writing));
      ended.catch(() => undefined);
      unended.push(ended);
      if (next === undefined) break;
      // What is read now is written soon; where pages take turns, it is written once this one is done.
      const following = ahead > 0 && atOnce === 1 ? pages.next() : undefined;
      following?.catch(() => undefined);
      if (atOnce > 1) await writing.nearly;
      // So that one write that takes long does not let pages gather without end.
      if (unended.length >= atOnce) await unended.shift();
      if (isOver(options)) break;
      page = await (following ?? pages.next());
    }
  } finally {
    await writer.settled();
    await ended;
  }
  return summaryOf(total, { waiting, left });
}

const isOver = ({ stop, endWrites }: DeltaOptions): boolean => stop?.() === true || endWrites?.() === true;

function summaryOf(total: RunSummary, { waiting, left }: Pick<Written<never>, "waiting" | "left">): RunSummary {
  const words = [
    ...(waiting > 0 ? [`${waiting} records kept changing under our hands and wait for the next run`] : []),
    ...(left > 0 ? [`${left} changes are left to the next run: the time of this one is over.`] : []),
  ];
  return words.length === 0 ? total : { ...total, message: words.join(" ") };
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
