/**
 * The second way for every change of a customer: a window on `lastModifiedAt` with overlap, so that nothing depends on events;
 * before it, those whose exception is open, which closes here once its cause is gone.
 */
import { z } from "zod";
import { followsCustomers } from "../../domain/customer-route.ts";
import { AuthenticationError, TransientError } from "../../domain/failure.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { type Cursor, openCursor } from "../cursor.ts";
import type { CustomerSweepDeps } from "./deps.ts";
import type { PartyKind } from "./parse.ts";
import type { PartyRef } from "./record.ts";
import { type PartyOutcome, syncParty } from "./run.ts";

const CURSOR = "customer-sync";
/** More than clocks differ and than the platform's queries lag behind its writes. */
const OVERLAP_MS = 600_000;
const MOST_OPEN = 500;
/** More than this without a durable record of their failure are no single parties any more. */
const MOST_RETRIES = 200;
const OUTAGES_THAT_STOP = 3;
/** Versions that were looked at and that the next window shows once more. */
const MOST_SEEN = 1000;

const kind = z.enum(["customer", "businessUnit"]);
const positionSchema = z.object({
  /** All changes up to here were looked at. */
  doneUntil: z.iso.datetime().optional(),
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime(), kind, after: z.string().optional() }).optional(),
  retry: z
    .array(z.object({ kind, id: z.string() }))
    .max(MOST_RETRIES)
    .default([]),
  /** `id:version` of what was looked at within the overlap. */
  seen: z.array(z.string()).max(MOST_SEEN).default([]),
});
type Position = z.output<typeof positionSchema>;

type Row = { readonly id: string; readonly version: number; readonly lastModifiedAt: string };

type Sweep = {
  readonly deps: CustomerSweepDeps;
  readonly cursor: Cursor<Position>;
  readonly endsAt: number;
  readonly counts: { processed: number; changed: number; failed: number };
  readonly looked: Set<string>;
  readonly outages: Error[];
  /** `id:version` of this window. */
  readonly seen: string[];
};

/** One run, bounded by `limits`; `now` in milliseconds since the epoch. Throws the outage that stopped it, with the cursor before its page. */
export async function sweepCustomers(deps: CustomerSweepDeps, now: number): Promise<RunSummary> {
  if (!followsCustomers(deps.settings.config)) return { processed: 0, changed: 0, failed: 0 };
  const sweep: Sweep = {
    deps,
    cursor: await openCursor(deps.cursors, CURSOR, positionSchema),
    endsAt: deps.clock.monotonic() + deps.limits.runMs,
    counts: { processed: 0, changed: 0, failed: 0 },
    looked: new Set(),
    outages: [],
    seen: [],
  };
  await repeat(sweep);
  const done = await sweepWindow(sweep, now);
  // A run in which a side was down and nothing got through has not succeeded, however few customers there were.
  const [outage] = sweep.outages;
  if (outage && sweep.counts.changed === 0) throw outage;
  return { ...sweep.counts, ...(!done && { message: "The time was up; the next run goes on." }) };
}

const position = ({ cursor }: Sweep): Position => cursor.value() ?? { retry: [], seen: [] };
const timeIsUp = ({ deps, endsAt }: Sweep): boolean => deps.clock.monotonic() >= endsAt;

/** Those that failed without a record, and those whose exception is open. */
async function repeat(sweep: Sweep): Promise<void> {
  const { rows } = await sweep.deps.openExceptions(MOST_OPEN);
  const open = rows.flatMap(({ flow, recordType, recordId }): PartyRef[] =>
    flow === "customer-sync" && (recordType === "customer" || recordType === "businessUnit")
      ? [{ kind: recordType, id: recordId }]
      : [],
  );
  const before = position(sweep).retry;
  const still: PartyRef[] = [];
  for (const ref of before) {
    if (timeIsUp(sweep) || !(await look(sweep, ref, { open: true }))) still.push(ref);
  }
  if (before.length > 0) await sweep.cursor.move({ ...position(sweep), retry: still });
  for (const ref of open) {
    if (timeIsUp(sweep)) return;
    await look(sweep, ref, { open: true });
  }
}

/** False: it has to be looked at again. */
async function look(
  sweep: Sweep,
  ref: PartyRef,
  given: { readonly value?: unknown; readonly open?: boolean },
): Promise<boolean> {
  const { deps, counts, looked, outages } = sweep;
  if (looked.has(ref.id)) return true;
  looked.add(ref.id);
  counts.processed += 1;
  const deadlineAt = deps.clock.monotonic() + deps.limits.partyMs;
  try {
    const outcome = await syncParty(deps, ref, { mode: "sweep", deadlineAt, ...given });
    if (CHANGES.has(outcome.kind)) counts.changed += 1;
    if (outcome.kind === "rejected") counts.failed += 1;
    return true;
  } catch (error) {
    counts.failed += 1;
    deps.logger.error({ flow: CURSOR, partyId: ref.id, error }, "customer-failed");
    if (error instanceof AuthenticationError) throw error;
    if (error instanceof TransientError) outages.push(error);
    // One that nobody can get at must not hold up all others; some of them are no coincidence any more.
    if (outages.length >= OUTAGES_THAT_STOP) throw error;
    return false;
  }
}

const CHANGES: ReadonlySet<PartyOutcome["kind"]> = new Set(["changed", "created"]);

/** Customers, then business units, that changed since the last complete window; its bounds stay while its pages are read. */
async function sweepWindow(sweep: Sweep, now: number): Promise<boolean> {
  const { doneUntil, window: open } = position(sweep);
  const { since } = sweep.deps.settings.config.customers.changes;
  const to = new Date(now).toISOString();
  const from = doneUntil === undefined ? (since ?? to) : new Date(Date.parse(doneUntil) - OVERLAP_MS).toISOString();
  const window = open ?? { from, to, kind: "customer" as const };
  const bounds = { from: window.from, to: window.to };
  if (window.kind === "customer") {
    const { after } = window;
    if (!(await sweepPages(sweep, { ...bounds, kind: "customer", after }))) return false;
    await sweep.cursor.move({ ...position(sweep), window: { ...bounds, kind: "businessUnit" } });
  }
  const after = window.kind === "businessUnit" ? window.after : undefined;
  if (!(await sweepPages(sweep, { ...bounds, kind: "businessUnit", after }))) return false;
  // Only what the next window shows again; its complete window has been read, so that the list is complete too.
  const seen = [...new Set(sweep.seen)].slice(-MOST_SEEN);
  await sweep.cursor.move({ ...position(sweep), doneUntil: window.to, window: undefined, seen });
  return true;
}

type Pages = {
  readonly from: string;
  readonly to: string;
  readonly kind: PartyKind;
  readonly after: string | undefined;
};

/** Pages by ascending id from a position to the end; after each page the position is saved. False: the time was up. */
async function sweepPages(sweep: Sweep, { from, to, kind: of, after: begin }: Pages): Promise<boolean> {
  const { deps, cursor } = sweep;
  const limit = deps.limits.pageSize;
  const read = of === "customer" ? deps.pages.customers : deps.pages.businessUnits;
  let after = begin;
  while (!timeIsUp(sweep)) {
    const where = ["lastModifiedAt > :from", "lastModifiedAt <= :to"];
    const rows = await read({ where, variables: { from, to }, limit, ...(after !== undefined && { afterId: after }) });
    const { last, retry } = await sweepRows(sweep, { rows, kind: of, to });
    const all = [...position(sweep).retry, ...retry];
    if (all.length > MOST_RETRIES) throw new TransientError(`${all.length} customers fail without a record of it`);
    const ended = rows.length < limit && last === rows.at(-1)?.id;
    after = last ?? after;
    await cursor.move({ ...position(sweep), retry: all, window: { from, to, kind: of, ...(after && { after }) } });
    if (ended) return true;
  }
  return false;
}

/** The last row that was looked at, and those that have to be looked at again. */
async function sweepRows(
  sweep: Sweep,
  { rows, kind: of, to }: { readonly rows: readonly Row[]; readonly kind: PartyKind; readonly to: string },
): Promise<{ readonly last: string | undefined; readonly retry: PartyRef[] }> {
  const known = new Set(position(sweep).seen);
  const retry: PartyRef[] = [];
  let last: string | undefined;
  for (const row of rows) {
    if (timeIsUp(sweep)) break;
    const mark = `${row.id}:${row.version}`;
    const ref = { kind: of, id: row.id };
    if (!known.has(mark) && !(await look(sweep, ref, { value: row }))) retry.push(ref);
    // The next window begins this much earlier, and shows it once more.
    if (Date.parse(row.lastModifiedAt) > Date.parse(to) - OVERLAP_MS) sweep.seen.push(mark);
    last = row.id;
  }
  return { last, retry };
}
