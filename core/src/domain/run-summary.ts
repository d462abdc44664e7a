/** Figures of a run beside the three of its summary, by name, for people and charts. */
export type RunCounts = Readonly<Record<string, number>>;

/** What one run of a scheduled flow did. */
export type RunSummary = {
  /** Records looked at. */
  readonly processed: number;
  /** Records written. */
  readonly changed: number;
  /** Records refused or left for the next run. */
  readonly failed: number;
  /** What a person should know; plain words. */
  readonly message?: string;
};
