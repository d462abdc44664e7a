/**
 * Hints of IFS are looked at: the rows they name are read again by the flows themselves, and written as in every run. So a hint
 * makes nothing happen that the next scheduled run would not do, only sooner; where it is lost, late or wrong, nothing is.
 */
import { ConflictError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { Hint } from "../domain/hints.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/records.ts";
import type { RunSummary } from "../domain/run-summary.ts";
import type { NamedOnly } from "../flows/stock-sync/run.ts";
import type { Logger } from "../runtime/logger.ts";
import { isOutage } from "./remember.ts";

/** A hint as it waits; `version` and `key` are the store's. */
export type WaitingHint = {
  readonly key: string;
  readonly version: number;
  readonly hint: Hint | undefined;
  readonly attempts: number;
};

export type HintDeps = {
  readonly hints: {
    readonly waiting: (limit: number) => Promise<readonly WaitingHint[]>;
    readonly remove: (hint: WaitingHint) => Promise<void>;
    readonly failed: (hint: WaitingHint) => Promise<void>;
  };
  /** The flows, reading these keys only. */
  readonly stock: (only: NamedOnly) => Promise<RunSummary>;
  readonly orders: (orderNos: readonly OrderNo[]) => Promise<RunSummary>;
  readonly journal: { readonly append: (entry: JournalEntry) => Promise<void> };
  readonly clock: { readonly now: () => number };
  readonly logger: Logger;
};

export type HintOptions = {
  /** Hints looked at together. */
  readonly batch: number;
  /** Asked before each batch. */
  readonly stop: () => boolean;
};

export type HintSummary = { readonly handled: number; readonly dropped: number; readonly changed: number };

/** A hint whose rows can't be handled is not tried for ever: the scheduled runs meet the same rows and say what is wrong. */
export const HINT_ATTEMPTS = 5;

/** All that wait, until nothing new does. An outage is thrown, and the hints wait on. */
export async function consumeHints(deps: HintDeps, { batch, stop }: HintOptions): Promise<HintSummary> {
  // Their documents count the attempts, and look new therefore.
  const failed = new Set<string>();
  let summary = { handled: 0, dropped: 0, changed: 0 };
  while (!stop()) {
    const waiting = await deps.hints.waiting(batch);
    const fresh = waiting.filter(({ key }) => !failed.has(key));
    if (fresh.length === 0) break;
    for (const group of Map.groupBy(fresh, ({ hint }) => hint?.object).values()) {
      summary = sum(summary, await look(deps, group, failed));
    }
  }
  if (summary.handled + summary.dropped > 0) deps.logger.info(summary, "hints-handled");
  return summary;
}

async function look(deps: HintDeps, group: readonly WaitingHint[], failed: Set<string>): Promise<HintSummary> {
  let changed: number;
  try {
    changed = (await reread(deps, group)).changed;
  } catch (error) {
    // Nobody's data are to blame: these wait, with all that come behind them.
    if (isOutage(error) || error instanceof ConflictError || error instanceof UnknownOutcomeError) throw error;
    const [only] = group;
    if (only === undefined || group.length > 1) return oneByOne(deps, group, failed);
    failed.add(only.key);
    return lookInVain(deps, only, error);
  }
  for (const hint of group) await deps.hints.remove(hint);
  return { handled: group.length, dropped: 0, changed };
}

/** One of them spoils the reading of all. */
async function oneByOne(deps: HintDeps, group: readonly WaitingHint[], failed: Set<string>): Promise<HintSummary> {
  let summary = { handled: 0, dropped: 0, changed: 0 };
  for (const hint of group) summary = sum(summary, await look(deps, [hint], failed));
  return summary;
}

async function reread(deps: HintDeps, group: readonly WaitingHint[]): Promise<RunSummary> {
  const hints = group.flatMap(({ hint }) => hint ?? []);
  const [first] = hints;
  if (first === undefined) throw new Error("the document is no hint");
  if (first.object === "stock")
    return deps.stock({ partNos: hints.flatMap((hint) => (hint.object === "stock" ? [hint] : [])) });
  if (first.object === "sku")
    return deps.stock({ skus: hints.flatMap((hint) => (hint.object === "sku" ? hint.sku : [])) });
  return deps.orders(hints.flatMap((hint) => (hint.object === "order" ? [hint.orderNo] : [])));
}

async function lookInVain(deps: HintDeps, waiting: WaitingHint, error: unknown): Promise<HintSummary> {
  const { hint, attempts, key } = waiting;
  deps.logger.warn({ object: hint?.object, attempts: attempts + 1, error }, "hint-failed");
  if (hint !== undefined && attempts + 1 < HINT_ATTEMPTS) {
    await deps.hints.failed(waiting);
    return { handled: 0, dropped: 0, changed: 0 };
  }
  const reason = error instanceof Error ? error.message : String(error);
  await deps.journal.append({
    at: new Date(deps.clock.now()).toISOString(),
    ...recordOf(hint, key),
    event: "hint-dropped",
    detail: { attempts: attempts + 1, reason: reason.slice(0, 500) },
  });
  await deps.hints.remove(waiting);
  return { handled: 0, dropped: 1, changed: 0 };
}

function recordOf(hint: Hint | undefined, key: string): Pick<JournalEntry, "flow" | "recordType" | "recordId"> {
  if (hint?.object === "order") return { flow: "status-sync", recordType: "order", recordId: hint.orderNo };
  if (hint?.object === "sku") return { flow: "stock-sync", recordType: "sku", recordId: hint.sku };
  const recordId = hint === undefined ? key : `${hint.contract}/${hint.partNo}`;
  return { flow: "stock-sync", recordType: "sku", recordId };
}

const sum = (a: HintSummary, b: HintSummary): HintSummary => ({
  handled: a.handled + b.handled,
  dropped: a.dropped + b.dropped,
  changed: a.changed + b.changed,
});

/** `call`, refused once the time is over: a reading that takes long ends between two requests, and its hints wait. */
export const before =
  <A extends unknown[], R>(isOver: () => boolean, call: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    if (isOver()) throw new TransientError("the time for looking at hints is over");
    return call(...args);
  };
