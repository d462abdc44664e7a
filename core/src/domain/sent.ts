/** A write as it left for IFS, for the journal: what people need to see of it, and nothing that tells who somebody is. */
export type SentRequest = {
  /** ISO 8601 in UTC: when the answer was there, or was given up. */
  readonly at: string;
  /** "POST CustomerOrderHandling.svc/CustomerOrderSet"; of a change set one for all of its rows. */
  readonly request: string;
  readonly rows: readonly SentRow[];
  /** "accepted", or how it ended else, without IFS's words. */
  readonly answer: string;
  /** IFS took it, or may have: the order in IFS is not the same as before. */
  readonly counts: boolean;
};

export type SentRow = {
  /** "OrderLinesArray". */
  readonly into: string;
  /** IFS property -> value as sent; of a text that may be personal its length alone. */
  readonly values: Readonly<Record<string, string>>;
};

/** Told of each write at its end; must not throw. */
export type SentListener = (request: SentRequest) => void;
