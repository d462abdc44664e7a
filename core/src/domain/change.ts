/** One planned write: data that can be printed (dry run, preview) or applied. `A` is the adapter's own write, typed by the flow. */
export type Change<A> = {
  /** Business identity of the record: "SKU-1 @ hamburg". */
  readonly record: string;
  /** Why, for people: "IFS shows 12 (on hand 20, reserved 5, in flight 3), commercetools shows 15". */
  readonly cause: string;
  readonly apply: A;
};
