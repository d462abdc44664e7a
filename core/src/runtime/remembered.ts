/** Bounded memories of a process. */
import { LRUCache } from "lru-cache";

const ONE = (): number => 1;

/**
 * The entries that were used last, at most so many. It grows with what is in it: a cache by `max` takes the places of all its entries
 * when it is made, which costs a process milliseconds and megabytes before its first answer, and most shops never fill it.
 */
export const rememberedOf = <V extends object | number>(most: number): LRUCache<string, V> =>
  new LRUCache({ maxSize: most, sizeCalculation: ONE });
