/**
 * Lists of IFS come in two kinds: with `@odata.nextLink`, and full pages without it when `$top` was sent. Both are read to
 * the end, and neither may go round in circles or lose rows that move while they are read.
 */
import { TransientError } from "../domain/failure.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Page = { readonly rows: readonly Row[]; readonly nextLink: string | undefined };

/** Restarts of a list whose rows moved between two pages. */
const MAX_RESTARTS = 2;
/** Steps back in a list whose rows move while it is walked through. */
const MAX_MOVES = 20;
/** Far beyond any list the connector asks for; a server that answers more than this is going round in circles. */
export const MAX_PAGES = 10_000;

export type ListOptions = {
  /** The list's URL with `$filter` and `$orderby`, without paging options. */
  readonly url: string;
  /** Rows asked for at once. */
  readonly pageSize: number;
  /** Stop at this many rows. */
  readonly limit?: number;
  readonly get: (url: string) => Promise<Page>;
  readonly keyOf: (row: Row) => string;
  /**
   * Asks for the last row of the list: no row of an empty list; undefined where nothing can be told. Asked for beside the first page: a
   * page that ends with it is the whole list, and the row behind it need not be asked for after it. Never rejects.
   */
  readonly lastRow?: () => Promise<LastRow | undefined>;
};

type LastRow = { readonly row: Row | undefined };

/**
 * Every row once, or the first `limit`. Pages by `$skip` overlap by one row: when the first row of a page is not the last
 * of the one before, something was inserted or deleted in between (or the server ignores `$skip`), and the list is read
 * again from the start. Throws a TransientError when it moves three times.
 *
 * Some servers cut a large `$top` to a maximum of their own without a word, and may lower it at any time, so a page that is
 * shorter than asked for proves nothing: the row behind it is asked for. So do links that end: the row behind the last one is
 * asked for as well, because a link may have got lost.
 */
export async function readList(options: ListOptions): Promise<Row[]> {
  let rows = new Map<string, Row>();
  await untilItRests(options, () => {
    rows = new Map();
    return (window) => {
      for (const row of window) rows.set(options.keyOf(row), row);
      return rows.size;
    };
  });
  return [...rows.values()].slice(0, options.limit);
}

/**
 * As `readList`, for lists too long to hold: `visit` gets one page after the other. Every row at least once; all come again when
 * the list is read again.
 */
export async function visitList(
  options: Omit<ListOptions, "limit">,
  visit: (rows: readonly Row[]) => void,
): Promise<void> {
  await untilItRests(options, () => {
    let seen = 0;
    return (window) => {
      // The first row of every page but the first is the last of the page before.
      const rows = seen === 0 ? window : window.slice(1);
      seen += rows.length;
      if (rows.length > 0) visit(rows);
      return seen;
    };
  });
}

/**
 * As `visitList`, as fast as the pages are taken, from a number of rows on. Where rows moved it goes back a page: rows may come
 * twice, and none is passed unless a whole page was deleted in between. The end is a page without a row, never a short one.
 */
export async function* walkList(
  { url, pageSize, get, keyOf }: Omit<ListOptions, "limit">,
  from: number,
): AsyncGenerator<readonly Row[], void, void> {
  let [skip, last, moves] = [from, undefined as string | undefined, 0];
  while (moves <= MAX_MOVES) {
    const overlap = last === undefined ? 0 : 1;
    const { rows } = await readWindow({ url: pageUrl(url, pageSize + overlap, skip - overlap), get, keyOf });
    const [first] = rows;
    if (last !== undefined && (!first || keyOf(first) !== last)) {
      [skip, last, moves] = [Math.max(0, skip - pageSize), undefined, moves + 1];
      continue;
    }
    const end = rows.at(-1);
    if (!end || rows.length === overlap) return;
    yield rows.slice(overlap);
    [skip, last] = [skip + rows.length - overlap, keyOf(end)];
  }
  throw new TransientError(`IFS, GET ${pathOf(url)}: rows move while the list is read; later it may be calmer`);
}

export const endless = (url: string): TransientError =>
  new TransientError(`IFS, GET ${pathOf(url)}: the list does not end`);

export const emptyThoughRowsFollow = (url: string): TransientError =>
  new TransientError(`IFS, GET ${pathOf(url)}: a page is empty although rows follow`);

/** Takes one page; how many rows there were so far. */
type Collect = (page: readonly Row[]) => number;

async function untilItRests(options: ListOptions, begin: () => Collect): Promise<void> {
  for (let attempt = 0; attempt <= MAX_RESTARTS; attempt++) {
    if (await readOnce(options, begin())) return;
  }
  throw new TransientError(`IFS, GET ${pathOf(options.url)}: rows move while the list is read; later it may be calmer`);
}

/** False: rows moved. */
async function readOnce(options: ListOptions, collect: Collect): Promise<boolean> {
  const { url, limit = Number.POSITIVE_INFINITY, get, keyOf } = options;
  const final = options.lastRow?.();
  let last: string | undefined;
  let skip = 0;
  let size = options.pageSize;
  let top = size;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const window = await readWindow({ url: pageUrl(url, top, skip), get, keyOf });
    if (last !== undefined && keyAt(window, 0, keyOf) !== last) return false;
    const count = collect(window.rows);
    const end = keyAt(window, -1, keyOf);
    const short = window.rows.length < top;
    const told = pages === 0 ? toldByLast(await final, end, keyOf) : undefined;
    if (told !== undefined) return told;
    if (end === last || count >= limit) return true;
    last = end;
    skip += window.rows.length - 1;
    // Where rows follow a short page, its length is what the server gives at once.
    if (short) size = Math.max(window.rows.length, PROBE);
    top = short ? PROBE : size;
  }
  throw endless(url);
}

/** Is a page that ends so all of the list, or has the list moved? Undefined: the row behind tells. */
function toldByLast(
  final: LastRow | undefined,
  end: string | undefined,
  keyOf: ListOptions["keyOf"],
): boolean | undefined {
  if (!final) return undefined;
  if ((final.row && keyOf(final.row)) === end) return true;
  return end === undefined ? false : undefined;
}

export const pageUrl = (url: string, top: number, skip: number): string =>
  `${url}&$top=${top}${skip > 0 ? `&$skip=${skip}` : ""}`;

/** The last row once more, and the one behind it, if any. */
const PROBE = 2;

const keyAt = ({ rows }: Window, index: number, keyOf: ListOptions["keyOf"]): string | undefined => {
  const row = rows.at(index);
  return row && keyOf(row);
};

export type Window = { readonly rows: readonly Row[] };

/** What one `$top` stands for: its page and those that the server links to it. */
export async function readWindow({ url, get, keyOf }: Pick<ListOptions, "url" | "get" | "keyOf">): Promise<Window> {
  const rows: Row[] = [];
  const seen = new Set<string>();
  /** Of each page: links may differ and lead to the same rows all the same. */
  const firstKeys = new Set<string>();
  let next: string | undefined = url;
  while (next !== undefined) {
    if (seen.has(next) || seen.size >= MAX_PAGES) {
      throw new TransientError(`IFS, GET ${pathOf(url)}: nextLink leads in a circle`);
    }
    seen.add(next);
    const page: Page = await get(next);
    const [first] = page.rows;
    if (first !== undefined) {
      if (firstKeys.has(keyOf(first))) throw new TransientError(`IFS, GET ${pathOf(url)}: a page repeats`);
      firstKeys.add(keyOf(first));
    }
    rows.push(...page.rows);
    next = page.nextLink === undefined ? undefined : rebase(page.nextLink, url);
  }
  return { rows };
}

/**
 * A nextLink names the host as IFS knows itself, which behind a gateway is not the address we may talk to. Only its query
 * is taken; set and host stay ours, so that the token cannot be led elsewhere.
 */
function rebase(nextLink: string, url: string): string {
  const query = nextLink.indexOf("?");
  const path = query < 0 ? nextLink : nextLink.slice(0, query);
  const own = url.slice(0, url.indexOf("?"));
  // "?$skiptoken=…" alone is relative to the list itself.
  if (query < 0 || (path !== "" && lastSegment(path) !== lastSegment(own))) {
    throw new TransientError(`IFS, GET ${pathOf(url)}: nextLink leads to another list`);
  }
  return `${own}${nextLink.slice(query)}`;
}
const lastSegment = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const pathOf = (url: string): string => {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.lastIndexOf("/", pathname.indexOf(".svc/")) + 1);
};
