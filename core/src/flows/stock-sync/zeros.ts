/**
 * What counts against a bound comes last: only when its number is known can a run tell empty shelves from lost sight, and a good day
 * from a slip.
 */
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { type Hold, LISTED_SKUS, SHOWN_CHANGES } from "./held.ts";
import { type HoldCount, type HoldKind, heldRecord, holdKinds, isTooMany } from "./holds.ts";
import { sightLost } from "./plan.ts";
import { releaseFor } from "./release.ts";
import { syncParts } from "./shared.ts";
import type { SiteRun, WaitingChange } from "./site-run.ts";

export type Settled = RunSummary & {
  readonly holds: readonly Hold[];
  /** Entries that became zero. */
  readonly zeroed: number;
};

/** Nothing of it was written so far. Now that the numbers are known, the changes are planned anew and written, or held. */
export async function settleZeros(run: SiteRun): Promise<Settled> {
  const { seen } = run;
  const held: Held[] = [];
  const passing: Judged[] = [];
  for (const kind of holdKinds) {
    const { refused, ...judged } = await judge(run, kind);
    if (refused) held.push({ ...judged, refused });
    else passing.push({ ...judged, refused });
  }
  for (const each of held) await hold(run, each);
  for (const each of passing) await letPass(run, each);
  const parts = new Set(passing.flatMap(({ wanted }) => wanted.map(({ partNo }) => partNo)));
  const options = {
    withholdZeros: false,
    held: new Set(held.map(({ kind }) => kind)),
    counts: false,
    // After pages of a full run, such a change may be a drift that no change announced.
    journal: seen.entries > 0 ? ("all" as const) : ("edits" as const),
  };
  const written = await syncParts(run, [...parts], options);
  const words = [
    ...held.map(({ refused }) => refused.rejection.message),
    ...(written.message ? [written.message] : []),
  ];
  return {
    processed: 0,
    changed: written.changed,
    failed: written.failed + held.reduce((sum, { wanted }) => sum + wanted.length, 0),
    ...(words.length > 0 && { message: words.join(" ") }),
    holds: held.map(holdOf),
    zeroed: held.some(({ kind }) => kind === "zeros") ? 0 : Math.min(written.changed, seen.waiting.zeros.size),
  };
}

async function hold(run: SiteRun, { kind, wanted, count, refused }: Held): Promise<void> {
  for (const { partNo } of wanted) run.seen.again.add(partNo);
  run.counts.held += wanted.length;
  const fields = { flow: "stock-sync", site: run.site.site, kind, ...count, recordId: refused.recordId };
  run.deps.logger.warn(fields, "changes-held");
  await run.tracker.record(refused);
}

async function letPass({ tracker }: SiteRun, { wanted, use, recordIds }: Judged): Promise<void> {
  if (wanted.length > 0) await use?.();
  for (const recordId of recordIds) tracker.seen(recordId);
}

type Held = Judged & { readonly refused: RefusedRecord };

type Judged = {
  readonly kind: HoldKind;
  readonly wanted: readonly WaitingChange[];
  readonly count: HoldCount;
  /** Why they are held. */
  readonly refused: RefusedRecord | undefined;
  /** Of the release that lets them pass. */
  readonly use: (() => Promise<void>) | undefined;
  readonly recordIds: readonly string[];
};

async function judge(run: SiteRun, kind: HoldKind): Promise<Judged> {
  const { deps, site, before, seen } = run;
  const { stock } = deps.config;
  const wanted = [...seen.waiting[kind].values()];
  const skus = wanted.map(({ sku }) => sku);
  const already = kind === "zeros" ? (before.full?.zeroed ?? 0) : 0;
  const count = {
    changes: wanted.length + already,
    entries: Math.max(before.entries, seen.entries + (before.full?.entries ?? 0), wanted.length),
  };
  const tooMany = isTooMany(kind, count, stock);
  const wants = { site: site.site, kind, changes: count.changes, now: deps.clock.now() };
  const use = tooMany ? await releaseFor(deps, wants) : undefined;
  const held = heldRecord(
    kind,
    { site: site.site, count: { ...count, entries: Math.max(1, count.entries) }, skus },
    stock,
  );
  const blind = sightLost(site.site, skus);
  const isBlindNow = kind === "zeros" && !(tooMany && !use) && (await isBlind(run, count.entries));
  const refused = tooMany && !use ? held : isBlindNow ? blind : undefined;
  return {
    kind,
    wanted,
    count,
    refused: wanted.length > 0 ? refused : undefined,
    use,
    recordIds: kind === "zeros" ? [held.recordId, blind.recordId] : [held.recordId],
  };
}

function holdOf({ kind, wanted, count, refused }: Held): Hold {
  const skus = [...new Set(wanted.map(({ sku }) => sku as string))].toSorted();
  return {
    kind,
    ...count,
    message: refused.rejection.message,
    plan: wanted.slice(0, SHOWN_CHANGES).map(({ partNo: _part, ...change }) => change),
    skus: skus.slice(0, LISTED_SKUS),
    more: skus.length > LISTED_SKUS,
  };
}

/** In a site of some size, not a single row (empty ones stay behind) means lost sight rather than empty shelves. */
async function isBlind({ deps, contract, before, seen }: SiteRun, entries: number): Promise<boolean> {
  const { zeros } = seen.waiting;
  if (zeros.size === 0 || seen.sighted.size > 0 || entries < deps.config.stock.minEntriesForHold) return false;
  if (before.witnesses.length === 0) return true;
  return (await deps.stock.stockRows(contract, before.witnesses)).length === 0;
}
