/**
 * What counts against a bound comes last: only when its number is known can a run tell empty shelves from lost sight, and a good day
 * from a slip.
 */
import { ConflictError } from "../../domain/failure.ts";
import type { PartNo } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { confirmZeros, reportUnbelieved } from "./blind-lists.ts";
import { type HeldOfSite, type Hold, heldOfKind, LISTED_SKUS, readHeld, SHOWN_CHANGES } from "./held.ts";
import { type HoldKind, holdKinds, type KindCounts } from "./hold-kinds.ts";
import { type Judged, judge } from "./judge.ts";
import { eachOf, MOST_ATTEMPTS, openNamedWrites } from "./named-writes.ts";
import { queueOf } from "./pages.ts";
import { type FullRunState, LIST_CAP } from "./parse.ts";
import { syncParts } from "./shared.ts";
import type { SiteRun } from "./site-run.ts";
import { sum } from "./sum.ts";
import { leaveParts } from "./writes-end.ts";

export type Settled = RunSummary & {
  readonly holds: readonly Hold[];
  /** Parts of what is held, for the next run. */
  readonly again: readonly PartNo[];
  /** For the next run of a full run that is not at its end. */
  readonly full: Pick<FullRunState, "written" | "unlisted" | "released">;
  /** Writes of named runs that were counted in. */
  readonly named: KindCounts;
};

export type ScheduledWave = {
  readonly held: HeldOfSite | undefined;
  readonly full: FullRunState | undefined;
  readonly finished: boolean;
};

/** Nothing of it was written so far. Now that the numbers are known, the changes are planned anew and written, or held. */
export async function settleScheduled(run: SiteRun, wave: ScheduledWave): Promise<Settled> {
  const named = (await openNamedWrites(run.deps.cursors, run.site.site)).counted;
  const shown = await confirmZeros(run);
  const judged: Judged[] = [];
  for (const kind of holdKinds) judged.push(await judge(run, kind, { ...wave, named, byRelease: true }));
  const held = judged.filter(isHeld);
  const passing = judged.filter((each) => !isHeld(each));
  for (const each of held) await hold(run, each);
  for (const { wanted, release, standing, recordIds } of passing) {
    if (wanted.length > 0) await release?.use();
    if (!standing) for (const recordId of recordIds) run.tracker.seen(recordId);
  }
  const written = sum([await writePassing(run, passing, { held, shown }), await reportUnbelieved(run)]);
  const again = [...new Set(held.flatMap(({ wanted }) => wanted.map(({ partNo }) => partNo)))];
  const listed = new Set(again.slice(0, LIST_CAP));
  const left: Left = (each) => (isHeld(each) ? each.wanted.filter(({ partNo }) => !listed.has(partNo)).length : 0);
  return {
    ...written,
    holds: judged.flatMap((each) => holdOf(each, left(each), run.deps.clock.now()) ?? []),
    again,
    full: tallyOf(run, judged, { left, before: wave.full }),
    named,
  };
}

/**
 * Changes that somebody named, or that an event told of. While a kind is held, all of it waits for the scheduled runs, and for the
 * person whose word they wait for. What passes is counted for the scheduled run, whose wave it belongs to.
 */
export async function settleNamed(run: SiteRun): Promise<RunSummary> {
  const { deps, site, seen } = run;
  const shown = await confirmZeros(run);
  const kinds = holdKinds.filter((kind) => seen.waiting[kind].size > 0);
  if (kinds.length + shown.length === 0) return reportUnbelieved(run);
  const known = await readHeld(deps.cursors, site.site);
  const waiting = holdKinds.filter((kind) => heldOfKind(known, kind) !== undefined);
  const judged = await judgeNamed(
    run,
    kinds.filter((kind) => !waiting.includes(kind)),
  );
  const held = judged.filter(isHeld);
  for (const each of held) await hold(run, each);
  const passing = judged.filter((each) => !isHeld(each));
  const written = await writePassing(run, passing, { held, kinds: waiting, shown });
  return sum([written, leftWaiting(run, waiting), await reportUnbelieved(run)]);
}

/** What passes is counted before it is written: a run that dies in between has counted too many, and never too few. */
async function judgeNamed(run: SiteRun, kinds: readonly HoldKind[]): Promise<Judged[]> {
  for (let attempt = 1; ; attempt += 1) {
    const writes = await openNamedWrites(run.deps.cursors, run.site.site);
    const wave = { named: writes.counted, held: undefined, full: run.before.full, finished: false, byRelease: false };
    const judged: Judged[] = [];
    for (const kind of kinds) judged.push(await judge(run, kind, wave));
    const passing = judged.filter((each) => !isHeld(each));
    if (passing.length === 0) return judged;
    try {
      await writes.add(eachOf((kind) => passing.find((one) => one.kind === kind)?.wanted.length ?? 0));
      return judged;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

type Held = Judged & { readonly refused: RefusedRecord };
const isHeld = (judged: Judged): judged is Held => judged.refused !== undefined;

async function hold(run: SiteRun, { kind, wanted, count, refused }: Held): Promise<void> {
  for (const { partNo } of wanted) run.seen.again.add(partNo);
  run.counts.held += wanted.length;
  run.seen.undone.waiting += wanted.length;
  const fields = { flow: "stock-sync", site: run.site.site, kind, ...count, recordId: refused.recordId };
  run.deps.logger.warn(fields, "changes-held");
  await run.tracker.record(refused);
}

type Passing = {
  readonly held: readonly Held[];
  /** Held ones beside those of the run. */
  readonly kinds?: readonly HoldKind[];
  /** Parts whose figures were wrong. */
  readonly shown: readonly PartNo[];
};

async function writePassing(
  run: SiteRun,
  passing: readonly Judged[],
  { held, kinds = [], shown }: Passing,
): Promise<RunSummary> {
  const parts = new Set([...shown, ...passing.flatMap(({ wanted }) => wanted.map(({ partNo }) => partNo))]);
  const written = await syncParts(run, queueOf([...parts]), {
    withholdZeros: false,
    held: new Set([...held.map(({ kind }) => kind), ...kinds]),
    counts: false,
    // After pages of a full run, such a change may be a drift that no change announced.
    journal: run.seen.entries > 0 ? "all" : "edits",
  });
  if (written.left.length > 0) leaveParts(run, written.left);
  const words = [
    ...held.map(({ refused }) => refused.rejection.message),
    ...(written.message ? [written.message] : []),
  ];
  return {
    processed: 0,
    changed: written.changed,
    failed: written.failed + held.reduce((total, { wanted }) => total + wanted.length, 0),
    ...(words.length > 0 && { message: words.join(" ") }),
  };
}

function leftWaiting({ seen, site, counts }: SiteRun, kinds: readonly HoldKind[]): RunSummary {
  const failed = kinds.reduce((total, kind) => total + seen.waiting[kind].size, 0);
  if (failed === 0) return { processed: 0, changed: 0, failed };
  counts.held += failed;
  seen.undone.waiting += failed;
  const message = `${failed} changes wait with others of their kind, which are held in site ${site.site} until somebody releases them.`;
  return { processed: 0, changed: 0, failed, message };
}

/** Changes of the kind whose parts the next run will not look at again. */
type Left = (judged: Judged) => number;

function holdOf(judged: Judged, unlisted: number, now: number): Hold | undefined {
  const { kind, wanted, count, already, refused, standing } = judged;
  if (standing) return standing;
  if (!refused) return undefined;
  const skus = [...new Set(wanted.map(({ sku }) => sku as string))].toSorted();
  return {
    kind,
    ...count,
    message: refused.rejection.message,
    plan: wanted.slice(0, SHOWN_CHANGES).map(({ partNo: _part, unshown: _unshown, ...change }) => change),
    skus: skus.slice(0, LISTED_SKUS),
    more: skus.length > LISTED_SKUS || unlisted > 0,
    skuCount: skus.length,
    already,
    ...(unlisted > 0 && { unlistedSince: now }),
  };
}

function tallyOf(
  { seen }: SiteRun,
  judged: readonly Judged[],
  { left, before }: { readonly left: Left; readonly before: FullRunState | undefined },
): Settled["full"] {
  const tally = (count: (judged: Judged) => number): KindCounts =>
    eachOf((kind) => judged.filter((one) => one.kind === kind).reduce((total, one) => total + count(one), 0));
  return {
    // What a release lets pass belongs to no wave any more.
    written: tally(({ kind, release, permitted }) => {
      if (release) return 0;
      return (before?.written[kind] ?? 0) + (permitted ? 0 : seen.passed[kind]);
    }),
    unlisted: tally((one) => (before?.unlisted[one.kind] ?? 0) + left(one)),
    released: tally(({ kind, release, permitted, already }) => {
      const open = release ? release.most - already : (before?.released[kind] ?? 0);
      return Math.max(0, open - (release || permitted ? seen.passed[kind] : 0));
    }),
  };
}
