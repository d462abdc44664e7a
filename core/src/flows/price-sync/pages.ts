/** The configured price lists as one sequence of pages; all rows of a part are on the same page, as the adapter promises. */
import { z } from "zod";
import type { CatalogNo } from "../../domain/ids.ts";
import type { IfsPriceListPart } from "../../domain/ifs-records.ts";
import { chunked } from "../../runtime/limit.ts";

/** What one configured list reads; several may read the same IFS list for different scopes. */
export type ListSource = { readonly listId: string; readonly priceListNo: string };

/** All rows of one part of one list. */
export type RawPart = {
  readonly listId: string;
  readonly catalogNo: CatalogNo;
  readonly rows: readonly IfsPriceListPart[];
};

/** Rows sorted by part, no part torn apart; `after` and `next` are the adapter's own. */
export type PageSource = (
  priceListNo: string,
  after: string | undefined,
  limit: number,
) => Promise<{ rows: IfsPriceListPart[]; next: string | undefined }>;

const positionSchema = z.object({ listId: z.string(), after: z.string().optional() });
type Position = Readonly<z.infer<typeof positionSchema>>;

/** A function for `runDelta`: positions are texts that may be stored; `next` is undefined after the last list's last page. */
export function partPages(source: PageSource, lists: readonly ListSource[], limit: number) {
  return async (encoded: string | undefined): Promise<{ rows: RawPart[]; next: string | undefined }> => {
    const position = decode(encoded, lists);
    const list = lists.find(({ listId }) => listId === position?.listId);
    if (position === undefined || list === undefined) return { rows: [], next: undefined };
    const { rows, next } = await source(list.priceListNo, position.after, limit);
    const following = nextPosition(position, next, lists);
    return { rows: groups(list.listId, rows), next: following && JSON.stringify(following) };
  };
}

/** All rows of the parts named, of one list. */
export type PartSource = (priceListNo: string, catalogNos: readonly CatalogNo[]) => Promise<IfsPriceListPart[]>;

/** Only these parts, of every list, about `limit` at a time; positions are for one run. */
export function changedPages(
  source: PartSource,
  lists: readonly ListSource[],
  { catalogNos, limit }: { readonly catalogNos: readonly CatalogNo[]; readonly limit: number },
) {
  const pages = lists.flatMap((list) => chunked(catalogNos, limit).map((parts) => ({ list, parts })));
  return async (after: string | undefined): Promise<{ rows: RawPart[]; next: string | undefined }> => {
    const index = after === undefined ? 0 : Number(after);
    const page = pages[index];
    const rows = page ? groups(page.list.listId, await source(page.list.priceListNo, page.parts)) : [];
    return { rows, next: index + 1 < pages.length ? String(index + 1) : undefined };
  };
}

/** A position that cannot be used, such as one in a list that the configuration dropped, begins again. */
function decode(encoded: string | undefined, lists: readonly ListSource[]): Position | undefined {
  const [first] = lists;
  const start = first === undefined ? undefined : { listId: first.listId };
  if (encoded === undefined) return start;
  const position = positionSchema.parse(JSON.parse(encoded));
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
