import { mapLimited } from "../runtime/limit.ts";

/** The platform's largest page. */
export const PAGE = 500;

/** Keys go into the query string, and proxies cut URLs at about 8 KB: few enough, and short enough, per request. */
const KEYS_PER_REQUEST = 100;
const KEY_BYTES_PER_REQUEST = 5000;
const REQUESTS_AT_A_TIME = 4;

/** The keys without repeats, in lists that fit into one URL each. A single overlong key still makes a list of its own. */
export function keyLists<T extends string>(keys: readonly T[]): T[][] {
  const lists: T[][] = [];
  let list: T[] = [];
  let bytes = 0;
  for (const key of new Set(keys)) {
    const cost = encodeURIComponent(key).length + 10;
    if (list.length > 0 && (list.length >= KEYS_PER_REQUEST || bytes + cost > KEY_BYTES_PER_REQUEST)) {
      lists.push(list);
      list = [];
      bytes = 0;
    }
    list.push(key);
    bytes += cost;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

/** All rows of a keyset: pages of 500 by ascending id until one is not full. `maxRows` bounds a surprise. */
export async function allPages<T extends { readonly id: string }>(
  page: (afterId: string | undefined) => Promise<T[]>,
  maxRows = 100_000,
): Promise<T[]> {
  const rows: T[] = [];
  let afterId: string | undefined;
  for (;;) {
    const batch = await page(afterId);
    rows.push(...batch);
    if (batch.length < PAGE) return rows;
    if (rows.length >= maxRows) throw new RangeError(`more than ${maxRows} rows in one read: narrow the query`);
    afterId = batch.at(-1)?.id;
  }
}

/** Rows for any number of keys: chunked, a few requests at a time, each chunk paged to its end. */
export async function byKeys<K extends string, T extends { readonly id: string }>(
  keys: readonly K[],
  page: (keys: K[], afterId: string | undefined) => Promise<T[]>,
): Promise<T[]> {
  const chunks = await mapLimited(keyLists(keys), REQUESTS_AT_A_TIME, (list) =>
    allPages((afterId) => page(list, afterId)),
  );
  return chunks.flat();
}

/** Arguments of a keyset page: rows by ascending id after `afterId`, without the costly total. */
export function keyset(
  where: readonly string[],
  variables: Readonly<Record<string, string | number | string[]>>,
  afterId: string | undefined,
  limit = PAGE,
) {
  const query: Record<string, string | number | boolean | string[]> = {
    where: afterId === undefined ? [...where] : [...where, "id > :afterId"],
    sort: "id asc",
    limit,
    withTotal: false,
  };
  for (const [name, value] of Object.entries(variables)) query[`var.${name}`] = value;
  if (afterId !== undefined) query["var.afterId"] = afterId;
  return query;
}
