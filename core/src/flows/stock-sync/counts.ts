/** What a run has done so far, over all its sites. */
export type StockCounts = {
  /** Sales parts. */
  read: number;
  /** Entries that differ, missing ones included, and entries that are right: as they were first met. */
  changed: number;
  unchanged: number;
  /** Entries created or moved. */
  written: number;
  /** Writes that met a newer version and were planned anew. */
  conflicts: number;
  /** Records that became exceptions. */
  rejected: number;
  /** Zeros and raises that were not written, see `stockAnomaly`. */
  held: number;
  /** Figures below zero, which are shown as 0: one for each part and pool. */
  belowZero: number;
  /** Entries that full runs have met, those of earlier runs that this one goes on from included. Absent where no site has one. */
  fullDone?: number;
  /** The part of them that earlier runs have met. */
  fullBefore?: number;
  /** Entries of the same sites in their last full run; sites where none came to its end count as `fullUncounted`. */
  fullTotal?: number;
  fullUncounted?: number;
};

type FullSite = { readonly before: number; readonly total: number | undefined };

/** Counts a site's full run in; told how many of its entries are done, `before` included. */
export function countFull(counts: StockCounts, { before, total }: FullSite): (done: number) => void {
  const add = (name: "fullDone" | "fullBefore" | "fullTotal" | "fullUncounted", more: number) => {
    counts[name] = (counts[name] ?? 0) + more;
  };
  add("fullDone", before);
  add("fullBefore", before);
  if (total === undefined) add("fullUncounted", 1);
  else add("fullTotal", total);
  let told = before;
  return (done) => {
    add("fullDone", done - told);
    told = done;
  };
}

export const noCounts = (): StockCounts => ({
  read: 0,
  changed: 0,
  unchanged: 0,
  written: 0,
  conflicts: 0,
  rejected: 0,
  held: 0,
  belowZero: 0,
});
