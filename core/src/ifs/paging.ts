/**
 * Lists of IFS come in two kinds: with `@odata.nextLink`, and full pages without it when `$top` was sent. Both are read to
 * the end, and neither may go round in circles or lose rows that move while they are read.
 */
import { TransientError } from "../domain/failure.ts";

type Row = Readonly<Record<string, unknown>>;
export type Page = { readonly rows: readonly Row[]; readonly nextLink: string | undefined };

/** Restarts of a list whose rows moved between two pages. */
const MAX_RESTARTS = 2;
/** Far beyond any list the connector asks for; a server that answers more than this is going round in circles. */
const MAX_PAGES = 10_000;

/** The most rows one page has held so far; see `ended`. */
export type PageMemory = { mostRows: number };
/** No server is known that cuts pages to fewer rows than this. */
export const leastCap = 50;

export type ListOptions = {
  /** The list's URL with `$filter` and `$orderby`, without paging options. */
  readonly url: string;
  /** Rows asked for at once. */
  readonly pageSize: number;
  /** Stop at this many rows. */
  readonly limit?: number;
  readonly get: (url: string) => Promise<Page>;
  readonly keyOf: (row: Row) => string;
  /** Kept per entity set for the life of the client. */
  readonly memory: PageMemory;
};

/**
 * Every row once, or the first `limit`. Pages by `$skip` overlap by one row: when the first row of a page is not the last
 * of the one before, something was inserted or deleted in between (or the server ignores `$skip`), and the list is read
 * again from the start. Throws a TransientError when it moves three times.
 */
export async function readList(options: ListOptions): Promise<Row[]> {
  for (let attempt = 0; attempt <= MAX_RESTARTS; attempt++) {
    const rows = await readOnce(options);
    if (rows) return rows.slice(0, options.limit);
  }
  throw new TransientError(`IFS, GET ${pathOf(options.url)}: rows move while the list is read; later it may be calmer`);
}

async function readOnce(options: ListOptions): Promise<Row[] | undefined> {
  const { url, pageSize, limit = Number.POSITIVE_INFINITY, get, keyOf } = options;
  const rows = new Map<string, Row>();
  let last: string | undefined;
  let skip = 0;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const window = await readWindow({ url: `${url}&$top=${pageSize}${skip > 0 ? `&$skip=${skip}` : ""}`, get });
    const [first] = window;
    if (last !== undefined && (first === undefined || keyOf(first) !== last)) return undefined;
    for (const row of window) rows.set(keyOf(row), row);
    const end = window.at(-1);
    const isNew = end !== undefined && keyOf(end) !== last;
    if (!isNew || rows.size >= limit || ended(window.length, options)) return [...rows.values()];
    last = keyOf(end);
    skip += window.length - 1;
  }
  throw new TransientError(`IFS, GET ${pathOf(url)}: the list does not end`);
}

/**
 * True when a page that is shorter than asked for is the last one. Some servers cut a large `$top` to their own maximum
 * without a word, which looks the same; so a short page counts as the end only when this set has delivered more at once
 * before. Else one more page is asked for, and what it holds decides.
 */
function ended(length: number, { pageSize, memory }: ListOptions): boolean {
  const delivered = memory.mostRows;
  memory.mostRows = Math.max(delivered, length);
  return length < pageSize && length < delivered;
}

/** What one `$top` stands for: its page and those that the server links to it. */
async function readWindow({ url, get }: { url: string; get: (url: string) => Promise<Page> }): Promise<Row[]> {
  const rows: Row[] = [];
  const seen = new Set<string>();
  let next: string | undefined = url;
  while (next !== undefined) {
    if (seen.has(next) || seen.size >= MAX_PAGES) {
      throw new TransientError(`IFS, GET ${pathOf(url)}: nextLink leads in a circle`);
    }
    seen.add(next);
    const page: Page = await get(next);
    rows.push(...page.rows);
    next = page.nextLink === undefined ? undefined : rebase(page.nextLink, url);
  }
  return rows;
}

/**
 * A nextLink names the host as IFS knows itself, which behind a gateway is not the address we may talk to. Only its query
 * is taken; set and host stay ours, so that the token cannot be led elsewhere.
 */
function rebase(nextLink: string, url: string): string {
  const query = nextLink.indexOf("?");
  const path = query < 0 ? nextLink : nextLink.slice(0, query);
  const own = url.slice(0, url.indexOf("?"));
  if (query < 0 || lastSegment(path) !== lastSegment(own)) {
    throw new TransientError(`IFS, GET ${pathOf(url)}: nextLink leads to another list`);
  }
  return `${own}${nextLink.slice(query)}`;
}
const lastSegment = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const pathOf = (url: string): string => {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.lastIndexOf("/", pathname.indexOf(".svc/")) + 1);
};
