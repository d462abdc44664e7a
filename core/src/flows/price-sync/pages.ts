/** The configured price lists as one sequence of pages in which no part is torn apart. */
import type { CatalogNo } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";

/** What one configured list reads; several may read the same IFS list for different scopes. */
export type ListSource = { readonly listId: string; readonly priceListNo: string };

/** All rows of one part of one list. */
export type RawPart = {
  readonly listId: string;
  readonly catalogNo: CatalogNo;
  readonly rows: readonly IfsPriceListPart[];
};

export type PageSource = (
  priceListNo: string,
  after: string | undefined,
  limit: number,
) => Promise<{ rows: IfsPriceListPart[]; next: string | undefined }>;

/** A page to read. */
export type Position = { readonly listId: string; readonly after?: string };

/** A part with more lines than this is a mistake in IFS. */
const MAX_ROWS_OF_PART = 5000;

export type PartPages = {
  /** `next` is undefined after the last page of the last list. */
  readonly page: (position: string | undefined) => Promise<{ rows: RawPart[]; next: string | undefined }>;
  /**
   * Where another process has to begin to miss nothing: the page on which the part begins that is still held back, else
   * the next page. Undefined once all is read.
   */
  readonly resumeAt: () => string | undefined;
};

type Held = { readonly rows: readonly IfsPriceListPart[]; readonly position: Position };

/**
 * Price rows come sorted by part, and a page may end within one: its last part is held back until the next page shows
 * where it ends.
 */
export function partPages(source: PageSource, lists: readonly ListSource[], limit: number): PartPages {
  let held: Held | undefined;
  let resume: Position | undefined;
  return {
    async page(encoded) {
      const position = decode(encoded, lists);
      const list = lists.find(({ listId }) => listId === position?.listId);
      if (position === undefined || list === undefined) return { rows: [], next: undefined };
      const read = await source(list.priceListNo, position.after, limit);
      const carried = held?.position.listId === list.listId ? held : undefined;
      const rows = [...(carried?.rows ?? []), ...read.rows];
      held = read.next === undefined ? undefined : holdBack(rows, { position, carried, fresh: read.rows.length });
      const next = nextPosition(position, read.next, lists);
      resume = held?.position ?? next;
      const complete = rows.slice(0, rows.length - (held?.rows.length ?? 0));
      return { rows: groups(list.listId, complete), next: next && JSON.stringify(next) };
    },
    resumeAt: () => resume && JSON.stringify(resume),
  };
}

type Reading = { readonly position: Position; readonly carried: Held | undefined; readonly fresh: number };

function holdBack(rows: readonly IfsPriceListPart[], { position, carried, fresh }: Reading): Held | undefined {
  const last = rows.at(-1)?.catalogNo;
  const tail = rows.slice(rows.findLastIndex(({ catalogNo }) => catalogNo !== last) + 1);
  if (tail.length === 0) return undefined;
  if (tail.length > MAX_ROWS_OF_PART) {
    throw new RangeError(`price list ${position.listId}: more than ${MAX_ROWS_OF_PART} lines of part ${last}`);
  }
  const beganEarlier = carried !== undefined && tail.length > fresh;
  return { rows: tail, position: beganEarlier ? carried.position : position };
}

function decode(encoded: string | undefined, lists: readonly ListSource[]): Position | undefined {
  const [first] = lists;
  const start = first === undefined ? undefined : { listId: first.listId };
  if (encoded === undefined) return start;
  const position = JSON.parse(encoded) as Position;
  // A list that the configuration dropped since: begin again.
  return lists.some(({ listId }) => listId === position.listId) ? position : start;
}

function nextPosition(
  { listId }: Position,
  next: string | undefined,
  lists: readonly ListSource[],
): Position | undefined {
  if (next !== undefined) return { listId, after: next };
  const following = lists[lists.findIndex((list) => list.listId === listId) + 1];
  return following === undefined ? undefined : { listId: following.listId };
}

function groups(listId: string, rows: readonly IfsPriceListPart[]): RawPart[] {
  const byPart = Map.groupBy(rows, ({ catalogNo }) => catalogNo);
  return [...byPart].map(([catalogNo, own]) => ({ listId, catalogNo, rows: own }));
}
