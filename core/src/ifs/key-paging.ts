/** Long lists page after page by key. What may go wrong with it is in keyset.ts. */
import { isOptionRefusal } from "./errors.ts";
import type { Keyset } from "./keyset.ts";
import {
  emptyThoughRowsFollow,
  endless,
  type ListOptions,
  MAX_PAGES,
  pageUrl,
  type Row,
  readWindow,
  type Window,
} from "./paging.ts";

/** Pages in a row that were empty although the list has rows behind them. */
const MAX_EMPTY = 3;

export type KeyPagingOptions = Omit<ListOptions, "limit"> & {
  readonly keyset: Keyset;
  /** The list's URL for the rows behind this one; undefined where it cannot be written. */
  readonly urlAfter: (row: Row) => string | undefined;
  /** Pages behind one key that are asked for at once, where the list proves to be long; 1 when absent. */
  readonly atOnce?: number;
  /** Rows that the list ends with and nobody wants: none of them is visited, and nothing may come behind them. */
  readonly isRest?: (row: Row) => boolean;
};

/** Visits what `walkByKey` walks through; answers why it gave up, some pages visited already or not. */
export async function visitByKey(
  options: KeyPagingOptions,
  visit: (rows: readonly Row[]) => void,
): Promise<string | undefined> {
  const walk = walkByKey(options);
  for (;;) {
    const step = await walk.next();
    if (step.done) return step.value;
    visit(step.value);
  }
}

/**
 * Every row that is there all the time comes once, in the order of the keys. Returns why it gave up: rows that do not arrive in
 * the order in which keys are compared, a key that cannot be written, rows that the filter hid.
 *
 * The end is proved by counting: behind as many rows as were visited there is none. Where there is one, it was added
 * meanwhile, or keys hid it.
 */
export async function* walkByKey(options: KeyPagingOptions): AsyncGenerator<readonly Row[], string | undefined, void> {
  const { atOnce = 1 } = options;
  let latest: readonly Row[] = [];
  let seen = 0;
  let width = 1;
  const bearEmpty = patience(options.url);
  let coming = stretchAfter(options, undefined, width);
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const stretch = await coming;
    if (typeof stretch === "string") return stretch;
    width = Math.min(atOnce, width + 1);
    // Asked for before this page is worked on: the network's time and ours pass together.
    const ahead = stretch.ends ? undefined : inBackground(stretchAfter(options, stretch.rows.at(-1), width));
    const rows = wantedOf(stretch, options);
    bearEmpty(rows);
    if (rows.length > 0) {
      yield rows;
      [latest, seen] = [rows, seen + rows.length];
    }
    const next = ahead ? "more" : await nextStep(options, { latest, seen });
    if (next !== "more") return next === "hidden" ? "keys hide rows of the list" : undefined;
    coming = ahead ?? stretchAfter(options, latest.at(-1), 1);
  }
  throw endless(options.url);
}

/** Throws where page after page is empty although rows follow. */
function patience(url: string): (rows: readonly Row[]) => void {
  let empty = 0;
  return (rows) => {
    empty = rows.length > 0 ? 0 : empty + 1;
    if (empty > MAX_EMPTY) throw emptyThoughRowsFollow(url);
  };
}

const wantedOf = ({ rows, ends }: Stretch, { isRest }: KeyPagingOptions): readonly Row[] =>
  ends === "rest" && isRest ? rows.filter((row) => !isRest(row)) : rows;

/** Its failure is thrown where it is awaited; where that never happens, the consumer has thrown or left before. */
function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/**
 * Rows that follow each other. They end because a page, with what the server linked to it, was shorter than asked for, or because what
 * nobody wants begins; or they do not.
 */
type Stretch = { readonly rows: readonly Row[]; readonly ends: "short" | "rest" | undefined };

/** Behind a page that is shorter than asked for: nothing, or it was cut short and has `more` behind its last key. */
async function nextStep(
  options: KeyPagingOptions,
  { latest, seen }: { latest: readonly Row[]; seen: number },
): Promise<"end" | "more" | "hidden"> {
  const last = latest.at(-1);
  const row = last && (await rowAt(options, seen));
  if (!last || !row || options.isRest?.(row)) return "end";
  // Behind an empty page it was added a moment ago, or the page should not have been empty: it is asked for once more.
  if (options.keyset.compare(last, row) < 0) return "more";
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

/** What follows a row, up to `width` pages of it; or why that cannot be had. */
async function stretchAfter(
  options: KeyPagingOptions,
  last: Row | undefined,
  width: number,
): Promise<Stretch | string> {
  const { get, keyOf, keyset, pageSize, isRest } = options;
  const url = last === undefined ? options.url : options.urlAfter(last);
  if (url === undefined) return "the key of the last row cannot be written into a URL";
  try {
    // All but the first begin with the last row of the one before: rows that moved meanwhile are noticed.
    const windows = await Promise.all(
      Array.from({ length: width }, (_, index) =>
        readWindow({ url: pageUrl(url, pageSize + Math.sign(index), Math.max(0, index * pageSize - 1)), get, keyOf }),
      ),
    );
    const stretch = joined(windows, options);
    const rest = isRest ? stretch.rows.findIndex(isRest) : -1;
    const ordered = rest < 0 ? stretch.rows : stretch.rows.slice(0, rest);
    if (!ascend(last === undefined ? ordered : [last, ...ordered], keyset))
      return "rows do not arrive in the order of their keys";
    if (rest < 0) return stretch;
    const onlyRest = stretch.rows.slice(rest).every((row) => isRest?.(row));
    return onlyRest ? { ...stretch, ends: "rest" } : "rows come behind those that the list should end with";
  } catch (error) {
    // The first page had no such filter.
    if (last !== undefined && isOptionRefusal(error)) return `the tenant refuses the filter: ${error.message}`;
    throw error;
  }
}

/** One after the other, as far as each begins where the one before ended. */
function joined([first, ...more]: readonly Window[], { pageSize, keyOf }: KeyPagingOptions): Stretch {
  const rows = [...(first?.rows ?? [])];
  const endOf = (window: Window | undefined, asked: number): Stretch["ends"] =>
    !window || window.rows.length >= asked ? undefined : "short";
  let ends = endOf(first, pageSize);
  for (const window of more) {
    const [begin, ...behind] = window.rows;
    const end = rows.at(-1);
    if (ends || !begin || !end || keyOf(begin) !== keyOf(end)) break;
    rows.push(...behind);
    ends = endOf(window, pageSize + 1);
  }
  return { rows, ends };
}

const ascend = (rows: readonly Row[], { compare }: Keyset): boolean =>
  rows.every((row, index) => {
    const before = rows[index - 1];
    return before === undefined || compare(before, row) < 0;
  });
