/**
 * What named runs have written since the last scheduled run, of changes that have a bound: a slip that events tell piece by piece is
 * one slip, and counts as one.
 */
import { ConflictError } from "../../domain/failure.ts";
import { toKey } from "../../domain/key.ts";
import { type Cursors, openCursor } from "../cursor.ts";
import { holdKinds, type KindCounts, kindCountsSchema, NONE_OF_ANY_KIND } from "./hold-kinds.ts";

const nameOf = (site: string): string => toKey("stock", "named", site);

/** Named runs come side by side; one that always meets another leaves its changes to the scheduled run. */
export const MOST_ATTEMPTS = 5;

export type NamedWrites = {
  readonly counted: KindCounts;
  /** ConflictError: another run counted meanwhile. */
  readonly add: (more: KindCounts) => Promise<void>;
};

export async function openNamedWrites(cursors: Cursors, site: string): Promise<NamedWrites> {
  const cursor = await openCursor(cursors, nameOf(site), kindCountsSchema);
  const counted = cursor.value() ?? NONE_OF_ANY_KIND;
  return { counted, add: (more) => cursor.move(eachOf((kind) => counted[kind] + more[kind])) };
}

/** A scheduled run has counted them; what came since waits for the next one. */
export async function forgetNamedWrites(cursors: Cursors, site: string, done: KindCounts): Promise<void> {
  if (holdKinds.every((kind) => done[kind] === 0)) return;
  for (let attempt = 1; ; attempt += 1) {
    const cursor = await openCursor(cursors, nameOf(site), kindCountsSchema);
    const counted = cursor.value() ?? NONE_OF_ANY_KIND;
    try {
      return await cursor.move(eachOf((kind) => Math.max(0, counted[kind] - done[kind])));
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

export const eachOf = (count: (kind: keyof KindCounts) => number): KindCounts => ({
  zeros: count("zeros"),
  cuts: count("cuts"),
  raises: count("raises"),
});
