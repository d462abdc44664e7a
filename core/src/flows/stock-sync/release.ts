/**
 * A person lets held zeros through. A release permits the next plan of the site, as it is then, to set at most so many entries to zero;
 * it never applies the plan that was held. It counts once and for a short time, so that it cannot meet another accident.
 */
import { z } from "zod";
import { toKey } from "../../domain/key.ts";
import type { JournalEntry } from "../../domain/records.ts";
import { type Cursors, openCursor } from "../cursor.ts";

export const RELEASE_MS = 2 * 3_600_000;

const releaseSchema = z.object({
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

const nameOf = (site: string): string => toKey("stock", "release", site);

export type Release = { readonly site: string; readonly zeros: number; readonly by: string };

/** ConflictError: somebody else released at the same time. */
export async function releaseZeros({ cursors, journal }: Releases, { site, zeros, by }: Release, now: number) {
  const cursor = await openCursor(cursors, nameOf(site), releaseSchema);
  await cursor.move({ zeros, at: now, by, used: false });
  await journal.append(entry(site, now, { event: "zeros-released", detail: { zeros }, by }));
  return { site, zeros, until: new Date(now + RELEASE_MS).toISOString() };
}

/** The use of a release that permits so many zeros; undefined where there is none. Call it right before the first write. */
export async function releaseFor(
  { cursors, journal }: Releases,
  { site, zeroing, now }: { readonly site: string; readonly zeroing: number; readonly now: number },
): Promise<(() => Promise<void>) | undefined> {
  const cursor = await openCursor(cursors, nameOf(site), releaseSchema);
  const release = cursor.value();
  if (!release || release.used || zeroing > release.zeros || now - release.at > RELEASE_MS) return undefined;
  return async () => {
    // First: a run that dies in between needs a new release, and never uses one twice.
    await cursor.move({ ...release, used: true });
    await journal.append(
      entry(site, now, {
        event: "zeros-release-used",
        detail: { zeros: zeroing, released: release.zeros },
        by: release.by,
      }),
    );
  };
}

const entry = (site: string, now: number, rest: Pick<JournalEntry, "event" | "detail" | "by">): JournalEntry => ({
  at: new Date(now).toISOString(),
  flow: "stock-sync",
  recordType: "flow",
  recordId: `zeros ${site}`,
  ...rest,
});
