/** What a flow is told about changes in IFS; how they are found is the configuration's choice (`ifs.changes`). */
export type Changed<Key> = {
  /**
   * Keys to look at. `all`: there is no smaller answer this time. `lost`: nothing is remembered, so everything is to be looked at
   * from its beginning, also where an earlier run had come half way.
   */
  readonly keys: readonly Key[] | "all" | "lost";
  /** Called once all of them are durably handled; where it is not, they come again. */
  readonly handled: () => Promise<void>;
};
