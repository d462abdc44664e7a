/**
 * What has changed in IFS since last time. IFS has no general "changed since", so there is one strategy per file of this folder;
 * the merchant chooses under `ifs.changes`. Every strategy ends in the same state of the shop: what it finds is read again from
 * IFS, and a repeated finding writes nothing. They differ in what they ask of IFS and in how soon they notice.
 */

/**
 * Keys that may have changed, each at least once. `all`: this strategy has no smaller answer now, everything is to be looked at.
 * `lost`: nothing is remembered (first time, damaged, deleted), so everything is to be looked at from its beginning.
 */
export type FoundKeys<Key> = readonly Key[] | "all" | "lost";

export type Found<Key> = {
  readonly keys: FoundKeys<Key>;
  /** To be called once all keys are durably handled. Where it is not, the next reading finds them again. */
  readonly handled: () => Promise<void>;
};

/**
 * Reads once what has changed; remembers nothing by itself. `tell` hears of keys while the list is read, so that somebody may begin with
 * them: of each as often as it is met, and by some strategies of none.
 */
export type Feed<Key> = (tell?: (keys: readonly Key[]) => void) => Promise<Found<Key>>;

export const isList = <Key>(keys: FoundKeys<Key>): keys is readonly Key[] => typeof keys !== "string";

/** For objects that are read as a whole in every run: full sweeps with comparison, and polling of the open documents. */
export const everything =
  <Key>(): Feed<Key> =>
  async () => ({ keys: "all", handled: async () => {} });

/** What any of the feeds found; a word stands for more than a list, and `lost` for more than `all`. */
export function union<Key>(...feeds: readonly Feed<Key>[]): Feed<Key> {
  return async (tell) => {
    const found: Found<Key>[] = [];
    // One after the other: each may page through a whole table.
    for (const feed of feeds) found.push(await feed(tell));
    return {
      keys: joined(found.map(({ keys }) => keys)),
      async handled() {
        for (const { handled } of found) await handled();
      },
    };
  };
}

function joined<Key>(all: readonly FoundKeys<Key>[]): FoundKeys<Key> {
  if (all.includes("lost")) return "lost";
  if (all.includes("all")) return "all";
  return [...new Set(all.filter(isList).flat())];
}

/** The same feed under other keys. `to` may read what the keys refer to. */
export const mapped =
  <From, To>(feed: Feed<From>, to: (keys: readonly From[]) => Promise<readonly To[]>): Feed<To> =>
  async () => {
    const { keys, handled } = await feed();
    return { keys: isList(keys) ? await to(keys) : keys, handled };
  };
