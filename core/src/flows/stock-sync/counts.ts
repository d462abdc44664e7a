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
};

export const noCounts = (): StockCounts => ({
  read: 0,
  changed: 0,
  unchanged: 0,
  written: 0,
  conflicts: 0,
  rejected: 0,
  held: 0,
});
