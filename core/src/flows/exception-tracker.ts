/**
 * Open problems of one flow during one run: a problem is one row however often it is met, and it closes by itself when its
 * record is looked at and the problem is gone.
 */
import { shownOf } from "../domain/cause.ts";
import type { ExceptionRecord, FlowName } from "../domain/records.ts";
import { exceptionId } from "./exception-id.ts";
import type { RefusedRecord } from "./run-delta.ts";

export type ExceptionDeps = {
  readonly open: (exception: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">) => Promise<void>;
  readonly close: (id: string) => Promise<void>;
  /** Open exceptions of the flow by key, behind `after`; `last` is the key to go on after, undefined at the end. */
  readonly page: (
    flow: string,
    from: { readonly after: string | undefined; readonly limit: number },
  ) => Promise<{ readonly rows: readonly ExceptionRecord[]; readonly last: string | undefined }>;
};

export type ExceptionTracker = {
  /** Opens the problem, or renews it; an unchanged one is written at most every 15 minutes. */
  readonly record: (refused: RefusedRecord) => Promise<void>;
  /** The record was looked at in this run: its problems that were not met again will be closed. */
  readonly seen: (recordId: string) => void;
  /** Closes what is cured; with `complete`, also problems of records that are no longer looked at. */
  readonly settle: (options: { readonly complete: boolean }) => Promise<void>;
};

const PAGE = 500;
/** More open problems of one flow than this are one problem; what is beyond closes once there are fewer. */
const MOST_PAGES = 40;
const RENEW_MS = 15 * 60_000;

export async function trackExceptions(
  deps: ExceptionDeps,
  options: { readonly flow: FlowName; readonly now: number },
): Promise<ExceptionTracker> {
  const { flow, now } = options;
  const open = new Map((await openOf(deps, flow)).map((row) => [row.id, row]));
  const met = new Set<string>();
  // A run may look at a million records; only those with a problem matter.
  const troubled = new Set([...open.values()].map(({ recordId }) => recordId));
  const seen = new Set<string>();
  const see = (recordId: string): void => {
    if (troubled.has(recordId)) seen.add(recordId);
  };
  return {
    async record({ recordType, recordId, recordLabel, rejection, ifsOrderNo }) {
      const id = exceptionId(flow, recordId, rejection.code);
      see(recordId);
      const known = open.get(id);
      const repeated = met.has(id);
      met.add(id);
      if (repeated) return;
      if (known?.message === rejection.message && now - Date.parse(known.lastSeenAt) < RENEW_MS) return;
      await deps.open({
        id,
        flow,
        recordType,
        recordId,
        recordLabel,
        ...shownOf(rejection),
        ...(ifsOrderNo !== undefined && { ifsOrderNo }),
      });
    },
    seen: see,
    async settle({ complete }) {
      for (const { id, recordId } of open.values()) {
        if (!met.has(id) && (complete || seen.has(recordId))) await deps.close(id);
      }
    },
  };
}

async function openOf({ page }: ExceptionDeps, flow: FlowName): Promise<ExceptionRecord[]> {
  const open: ExceptionRecord[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { rows, last } = await page(flow, { after, limit: PAGE });
    open.push(...rows);
    if (last === undefined) break;
    after = last;
  }
  return open;
}
