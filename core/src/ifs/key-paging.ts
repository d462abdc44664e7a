/** Long lists page after page by key. What may go wrong with it is in keyset.ts. */
import { isOptionRefusal } from "./errors.ts";
import type { Keyset } from "./keyset.ts";
import { endless, type ListOptions, MAX_PAGES, pageUrl, type Row, readWindow, type Window } from "./paging.ts";

export type KeyPagingOptions = Omit<ListOptions, "limit"> & {
  readonly keyset: Keyset;
  /** The list's URL for the rows behind this one; undefined where it cannot be written. */
  readonly urlAfter: (row: Row) => string | undefined;
};

/**
 * Every row that is there all the time comes once, in the order of the keys. Answers why it gave up, some pages visited
 * already or not: rows that do not arrive in the order in which keys are compared, a key that cannot be written, rows that
 * the filter hid.
 *
 * The end is proved by counting: behind as many rows as were visited there is none. Where there is one, it was added
 * meanwhile, or keys hid it.
 */
export async function visitByKey(
  options: KeyPagingOptions,
  visit: (rows: readonly Row[]) => void,
): Promise<string | undefined> {
  let latest: readonly Row[] = [];
  let seen = 0;
  let coming = windowAfter(options, undefined);
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const window = await coming;
    if (typeof window === "string") return window;
    const { rows } = window;
    // Asked for before this page is worked on: the network's time and ours pass together.
    const ahead = rows.length >= options.pageSize ? inBackground(windowAfter(options, rows.at(-1))) : undefined;
    if (rows.length > 0) {
      visit(rows);
      [latest, seen] = [rows, seen + rows.length];
    }
    const next = ahead ? "more" : await nextStep(options, window, { latest, seen });
    if (next !== "more") return next === "hidden" ? "keys hide rows of the list" : undefined;
    coming = ahead ?? windowAfter(options, latest.at(-1));
  }
  throw endless(options.url);
}

/** Its failure is thrown where it is awaited; where that never happens, `visit` has thrown before. */
function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** Of a page that is shorter than asked for: it was the last one, or was cut short and has `more` behind its last key. */
async function nextStep(
  options: KeyPagingOptions,
  { rows, linked }: Window,
  { latest, seen }: { latest: readonly Row[]; seen: number },
): Promise<"end" | "more" | "hidden"> {
  if (linked) return "end";
  const last = latest.at(-1);
  const row = last && (await rowAt(options, seen));
  if (!last || !row) return "end";
  // Behind an empty page it was added a moment ago.
  if (options.keyset.compare(last, row) < 0) return rows.length > 0 ? "more" : "end";
  // One of the latest was pushed back by what was added before it.
  return isIn(latest, row, options) ? "end" : "hidden";
}

/** The row behind the first `count` ones of the whole list. */
async function rowAt({ url, get, keyOf }: KeyPagingOptions, count: number): Promise<Row | undefined> {
  const { rows } = await readWindow({ url: pageUrl(url, 1, count), get, keyOf });
  return rows[0];
}

const isIn = (rows: readonly Row[], row: Row, { keyOf }: Pick<KeyPagingOptions, "keyOf">): boolean =>
  rows.some((one) => keyOf(one) === keyOf(row));

/** The next page, or why there cannot be one. */
async function windowAfter(options: KeyPagingOptions, last: Row | undefined): Promise<Window | string> {
  const { get, keyOf, keyset, pageSize } = options;
  const url = last === undefined ? options.url : options.urlAfter(last);
  if (url === undefined) return "the key of the last row cannot be written into a URL";
  try {
    const window = await readWindow({ url: pageUrl(url, pageSize, 0), get, keyOf });
    const inOrder = ascend(last === undefined ? window.rows : [last, ...window.rows], keyset);
    return inOrder ? window : "rows do not arrive in the order of their keys";
  } catch (error) {
    // The first page had no such filter.
    if (last !== undefined && isOptionRefusal(error)) return `the tenant refuses the filter: ${error.message}`;
    throw error;
  }
}

const ascend = (rows: readonly Row[], { compare }: Keyset): boolean =>
  rows.every((row, index) => {
    const before = rows[index - 1];
    return before === undefined || compare(before, row) < 0;
  });
