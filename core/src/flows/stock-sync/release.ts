/**
 * A person lets held changes through. A release permits the next plan of the site, as it is then, at most so many of its kind; it never applies the plan that was held. It counts once and for a short time, so that it cannot meet another accident.
 */
import { z } from "zod";
import { toKey } from "../../domain/key.ts";
import type { JournalEntry } from "../../domain/records.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { type ReleaseKind, releaseKinds } from "./hold-kinds.ts";

export const RELEASE_MS = 2 * 3_600_000;

const releaseSchema = z.object({
  /** At most so many changes of whichever kind; the name is of the time when only zeros were held. */
  zeros: z.int().min(1),
  /** Milliseconds since the epoch. */
  at: z.int(),
  by: z.string(),
  used: z.boolean().default(false),
});

export type Releases = {
  readonly cursors: Cursors;
  readonly journal: { readonly append: (entry: JournalEntry) => Promise<void> };
};

/** Each kind has a document of its own, so that releases do not replace each other. */
const nameOf = (site: string, kind: ReleaseKind): string =>
  kind === "zeros" ? toKey("stock", "release", site) : toKey("stock", "release", site, kind);

export type Release = {
  readonly site: string;
  readonly kind: ReleaseKind;
  readonly most: number;
  /** Who; a name or an id. */
  readonly by: string;
};

/** ConflictError: somebody else released at the same time. */
export async function releaseHeld({ cursors, journal }: Releases, { site, kind, most, by }: Release, now: number) {
  const cursor = await openCursor(cursors, nameOf(site, kind), releaseSchema);
  await cursor.move({ zeros: most, at: now, by, used: false });
  await journal.append(entry({ site, kind, now }, { event: `${kind}-released`, detail: { [kind]: most }, by }));
  return { site, kind, most, until: new Date(now + RELEASE_MS).toISOString() };
}

export type WaitingRelease = Pick<Release, "kind" | "most" | "by"> & {
  /** When it was given, and until when it can be used. */
  readonly at: string;
  readonly until: string;
};

/** Releases of a site that no run has used so far and that one can still use. */
export async function waitingReleases(
  cursors: Pick<Cursors, "read">,
  site: string,
  now: number,
): Promise<WaitingRelease[]> {
  const stored = await Promise.all(
    releaseKinds.map(async (kind) => ({ kind, row: await cursors.read(nameOf(site, kind)) })),
  );
  return stored.flatMap(({ kind, row }) => {
    const release = row && releaseSchema.parse(row.value);
    if (!release || !isUsable(release, now)) return [];
    const { zeros: most, by, at } = release;
    return { kind, most, by, at: new Date(at).toISOString(), until: new Date(at + RELEASE_MS).toISOString() };
  });
}

const isUsable = ({ used, at }: z.infer<typeof releaseSchema>, now: number): boolean => !used && now - at <= RELEASE_MS;

type Wanted = { readonly site: string; readonly kind: ReleaseKind; readonly changes: number; readonly now: number };

export type UsableRelease = {
  readonly most: number;
  /** Call it right before the first write. */
  readonly use: () => Promise<void>;
};

/** A release that permits so many changes; undefined where there is none. */
export async function releaseFor(
  { cursors, journal }: Releases,
  { site, kind, changes, now }: Wanted,
): Promise<UsableRelease | undefined> {
  const cursor = await openCursor(cursors, nameOf(site, kind), releaseSchema);
  const release = cursor.value();
  if (!release || changes > release.zeros || !isUsable(release, now)) return undefined;
  return {
    most: release.zeros,
    async use() {
      // First: a run that dies in between needs a new release, and never uses one twice.
      await cursor.move({ ...release, used: true });
      const detail = { [kind]: changes, released: release.zeros };
      await journal.append(entry({ site, kind, now }, { event: `${kind}-release-used`, detail, by: release.by }));
    },
  };
}

type About = { readonly site: string; readonly kind: ReleaseKind; readonly now: number };

const entry = ({ site, kind, now }: About, rest: Pick<JournalEntry, "event" | "detail" | "by">): JournalEntry => ({
  at: new Date(now).toISOString(),
  flow: "stock-sync",
  recordType: "flow",
  recordId: `${kind} ${site}`,
  ...rest,
});
