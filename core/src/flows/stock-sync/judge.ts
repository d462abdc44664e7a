/** Are the changes of one kind that a run has met too many to be written without a person's word? */
import type { RefusedRecord } from "../run-delta.ts";
import { type HeldOfSite, type Hold, heldOfKind } from "./held.ts";
import { type HoldKind, type KindCounts, NONE_OF_ANY_KIND } from "./hold-kinds.ts";
import { type HoldCount, heldRecord, isTooMany } from "./holds.ts";
import type { FullRunState } from "./parse.ts";
import { sightRecord } from "./plan.ts";
import { releaseFor, type UsableRelease } from "./release.ts";
import type { SiteRun, WaitingChange } from "./site-run.ts";

export type Judged = {
  readonly kind: HoldKind;
  readonly wanted: readonly WaitingChange[];
  readonly count: HoldCount;
  /** Of the count, what was written before. */
  readonly already: number;
  /** Why they are held. */
  readonly refused: RefusedRecord | undefined;
  /** Lets them pass. */
  readonly release: UsableRelease | undefined;
  /** What earlier runs of the full run used of a release lets them pass. */
  readonly permitted: boolean;
  /** A hold of more parts than this run can have looked at: it stays as it was found. */
  readonly standing: Hold | undefined;
  readonly recordIds: readonly string[];
};

/** What a run knows of the wave that its changes belong to. */
export type Wave = {
  /** Written by named runs since the last scheduled one. */
  readonly named: KindCounts;
  /** As the last scheduled run left it. */
  readonly held: HeldOfSite | undefined;
  /** The full run that this run belongs to, as it found it, and whether it has come to its end. */
  readonly full: FullRunState | undefined;
  readonly finished: boolean;
  /** A release is for the plan of a scheduled run, which a person has seen. */
  readonly byRelease: boolean;
};

export async function judge(run: SiteRun, kind: HoldKind, wave: Wave): Promise<Judged> {
  const { deps, site } = run;
  const { stock } = deps.config;
  const counted = countChanges(run, kind, wave);
  const { wanted, count, beyond, stands, permitted } = counted;
  const isWanted = !permitted && (wanted.length > 0 || stands);
  const tooMany = isWanted && isTooMany(kind, count, stock);
  const wants = { site: site.site, kind, changes: count.changes, now: deps.clock.now() };
  const asksForRelease = tooMany && wave.byRelease && findsAll(beyond, wave.full);
  const release = asksForRelease ? await releaseFor(deps, wants) : undefined;
  const isHeld = tooMany && !release;
  const skus = wanted.length > 0 ? wanted.map(({ sku }) => sku) : (beyond?.skus ?? []);
  const about = { site: site.site, count: { ...count, entries: Math.max(1, count.entries) }, skus };
  const held = heldRecord(kind, about, stock);
  return {
    ...counted,
    kind,
    refused: isHeld ? held : undefined,
    release,
    recordIds: kind === "zeros" ? [held.recordId, sightRecord(site.site).recordId] : [held.recordId],
  };
}

type Counted = Pick<Judged, "wanted" | "count" | "already" | "permitted" | "standing"> & {
  /** A hold of parts that this run has not looked at, and whether it is held still. */
  readonly beyond: Hold | undefined;
  readonly stands: boolean;
};

function countChanges(run: SiteRun, kind: HoldKind, { named, held, full, finished }: Wave): Counted {
  const wanted = [...run.seen.waiting[kind].values()];
  const { written, unlisted, released } = full ?? NOTHING_DONE;
  const hold = heldOfKind(held, kind);
  const already = Math.max(written[kind], hold?.already ?? 0) + named[kind];
  const found = wanted.length + already + unlisted[kind];
  const beyond = isBeyond(hold, { full, finished }) ? hold : undefined;
  const stands = beyond !== undefined && released[kind] === 0;
  return {
    wanted,
    already,
    count: {
      changes: stands ? Math.max(found, beyond.changes) : found,
      entries: entriesOf(run, full, wanted.length),
    },
    permitted: released[kind] > 0 && wanted.length <= released[kind],
    beyond,
    stands,
    standing: beyond && found <= beyond.changes ? beyond : undefined,
  };
}

const NOTHING_DONE = { written: NONE_OF_ANY_KIND, unlisted: NONE_OF_ANY_KIND, released: NONE_OF_ANY_KIND };

/** A release is for all that is held: it waits for the full run that finds all of it. */
const findsAll = (beyond: Hold | undefined, full: FullRunState | undefined): boolean =>
  beyond?.unlistedSince === undefined || (full !== undefined && full.startedAt >= beyond.unlistedSince);

/** Are there parts of the hold that this run has not looked at? */
const isBeyond = (hold: Hold | undefined, { full, finished }: Pick<Wave, "full" | "finished">): boolean =>
  hold?.unlistedSince !== undefined && !(finished && full !== undefined && full.startedAt >= hold.unlistedSince);

const entriesOf = ({ before, seen }: SiteRun, full: FullRunState | undefined, wanted: number): number =>
  Math.max(before.entries, seen.entries + (full?.entries ?? 0), wanted);
