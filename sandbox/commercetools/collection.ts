import { duplicateField } from "./errors.ts";
import type { Resource } from "./json.ts";

/** How a collection can be found quickly. `path` is the dotted field of a query predicate, `sku` or `supplyChannel.id`. */
export type Index<T extends Resource> = { path: string; values: (resource: T) => string[] };

/** What may exist only once. `field` and `shown` are what the DuplicateField error reports. */
export type Unique<T extends Resource> = {
  field: string;
  value: (resource: T) => string | undefined;
  shown?: (resource: T) => unknown;
};

export type Collection<T extends Resource> = {
  size(): number;
  get(id: string): T | undefined;
  /** Through a uniqueness rule: `findUnique("key", "hamburg")`. */
  findUnique(field: string, value: string): T | undefined;
  /** Throws DuplicateField if storing this would break a uniqueness rule. */
  check(resource: T): void;
  put(resource: T): void;
  remove(id: string): void;
  values(): Iterable<T>;
  hasIndex(path: string): boolean;
  idsByIndex(path: string, value: string): ReadonlySet<string>;
  /** All ids in ascending order; a new array only when ids came or went. */
  sortedIds(): readonly string[];
};

export function createCollection<T extends Resource>(
  indexes: Index<T>[] = [],
  uniques: Unique<T>[] = [],
): Collection<T> {
  const byId = new Map<string, T>();
  const maps = new Map(indexes.map((index) => [index.path, new Map<string, Set<string>>()]));
  const taken = new Map(uniques.map((unique) => [unique.field, new Map<string, string>()]));
  const ids = createSortedIds();

  const unindex = (resource: T) => {
    for (const index of indexes) {
      for (const value of index.values(resource)) dropFrom(maps.get(index.path), value, resource.id);
    }
    for (const unique of uniques) {
      const value = unique.value(resource);
      if (value !== undefined) taken.get(unique.field)?.delete(value);
    }
  };
  const index = (resource: T) => {
    for (const spec of indexes) {
      for (const value of spec.values(resource)) addTo(maps.get(spec.path), value, resource.id);
    }
    for (const unique of uniques) {
      const value = unique.value(resource);
      if (value !== undefined) taken.get(unique.field)?.set(value, resource.id);
    }
  };

  return {
    size: () => byId.size,
    get: (id) => byId.get(id),
    findUnique(field, value) {
      const id = taken.get(field)?.get(value);
      return id === undefined ? undefined : byId.get(id);
    },
    check(resource) {
      for (const unique of uniques) {
        const value = unique.value(resource);
        const owner = value === undefined ? undefined : taken.get(unique.field)?.get(value);
        if (owner !== undefined && owner !== resource.id) {
          throw duplicateField(unique.field, unique.shown ? unique.shown(resource) : value);
        }
      }
    },
    put(resource) {
      const before = byId.get(resource.id);
      if (before) unindex(before);
      else ids.add(resource.id);
      byId.set(resource.id, resource);
      index(resource);
    },
    remove(id) {
      const before = byId.get(id);
      if (!before) return;
      unindex(before);
      byId.delete(id);
      ids.remove(id);
    },
    values: () => byId.values(),
    hasIndex: (path) => maps.has(path),
    idsByIndex: (path, value) => maps.get(path)?.get(value) ?? EMPTY,
    sortedIds: ids.all,
  };
}

const EMPTY: ReadonlySet<string> = new Set();

function addTo(map: Map<string, Set<string>> | undefined, value: string, id: string): void {
  const set = map?.get(value);
  if (set) set.add(id);
  else map?.set(value, new Set([id]));
}

function dropFrom(map: Map<string, Set<string>> | undefined, value: string, id: string): void {
  const set = map?.get(value);
  set?.delete(id);
  if (set?.size === 0) map?.delete(value);
}

/** Keeps ids sorted lazily: writes are collected and merged when somebody pages. */
function createSortedIds() {
  let sorted: string[] = [];
  let added = new Set<string>();
  const removed = new Set<string>();
  return {
    add(id: string) {
      if (!removed.delete(id)) added.add(id);
    },
    remove(id: string) {
      if (!added.delete(id)) removed.add(id);
    },
    all(): readonly string[] {
      if (removed.size > 0) {
        sorted = sorted.filter((id) => !removed.has(id));
        removed.clear();
      }
      if (added.size > 0) {
        sorted = merge(sorted, [...added].sort());
        added = new Set();
      }
      return sorted;
    },
  };
}

function merge(left: string[], right: string[]): string[] {
  const merged: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const a = left[i] as string;
    const b = right[j] as string;
    if (a < b) {
      merged.push(a);
      i += 1;
    } else {
      merged.push(b);
      j += 1;
    }
  }
  return merged.concat(left.slice(i), right.slice(j));
}

/** Index of the first id greater than the given one. */
export function firstAfter(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as string) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
