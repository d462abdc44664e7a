/** The lists of parts that a run goes through, as pages of sales parts. */
import { type CatalogNo, isPlain, type PartNo } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { chunked } from "../../runtime/limit.ts";
import type { StockPages } from "./site.ts";
import type { SiteRun } from "./site-run.ts";

export const PARTS_PER_PAGE = 200;
/** Of parts that are asked for by their numbers: about as many as fit into one request, so that none is sent for a few of them. */
const NAMED_PARTS_PER_PAGE = 90;
/** What one page takes to be written others use to be read: a request to IFS takes longer than one to commercetools. */
export const PAGES_AHEAD = 3;

export type StockedPart = IfsSalesPart & { readonly partNo: PartNo };
export const isStocked = (part: IfsSalesPart): part is StockedPart => part.partNo !== null;

/** Such pages have no part in common, so that several may be written at once. */
export const TOGETHER = { ahead: PAGES_AHEAD, atOnce: PAGES_AHEAD + 1 } as const;

/** Sales parts that are known beforehand; positions are the numbers of their pages. */
export function pagesOf(parts: readonly StockedPart[]): StockPages & { readonly left: () => readonly StockedPart[] } {
  const pages = chunked(parts, NAMED_PARTS_PER_PAGE);
  let done = 0;
  return {
    async page(after = "0") {
      const at = Number(after);
      return { rows: pages[at] ?? [], next: at + 1 < pages.length ? String(at + 1) : undefined };
    },
    async saveCursor(next) {
      done = next === undefined ? pages.length : Number(next);
    },
    left: () => pages.slice(done).flat(),
  };
}

/**
 * All sales parts of the site in the order of their numbers; `next` is undefined at the end. The next page is asked for behind a number
 * that a gateway hardly minds in a filter, where the page has one: what stands behind it comes with that page.
 */
export async function partsAfter(
  { deps, contract }: Pick<SiteRun, "deps" | "contract">,
  after: CatalogNo | undefined,
  limit: number,
): Promise<{ readonly rows: readonly IfsSalesPart[]; readonly next: CatalogNo | undefined }> {
  const rows = await deps.parts.pageSalesParts(contract, after, limit);
  if (rows.length < limit) return { rows, next: undefined };
  const last = rows.findLastIndex(({ catalogNo }) => isPlain(catalogNo));
  const page = last < 0 ? rows : rows.slice(0, last + 1);
  return { rows: page, next: page.at(-1)?.catalogNo };
}

/** Inventory parts to be looked at, all known beforehand or not. */
export type PartQueue = {
  /** The next ones, at most `count`. `more` false: none is left; where it is true, there may still come none. */
  readonly take: (count: number) => Promise<{ readonly parts: readonly PartNo[]; readonly more: boolean }>;
  /** Those that were not taken. */
  readonly rest: () => Promise<readonly PartNo[]>;
};

export function queueOf(partNos: readonly PartNo[]): PartQueue {
  let at = 0;
  return {
    async take(count) {
      const parts = partNos.slice(at, at + count);
      at += parts.length;
      return { parts, more: at < partNos.length };
    },
    rest: async () => partNos.slice(at),
  };
}

/** Those of the sales parts that `keep` lets through, a page of inventory parts at a time; positions are the numbers of their pages. */
export function partPages(
  { deps, contract }: Pick<SiteRun, "deps" | "contract">,
  queue: PartQueue,
  keep: (rows: readonly IfsSalesPart[]) => Promise<readonly StockedPart[]>,
): StockPages & { readonly left: () => Promise<readonly PartNo[]> } {
  /** Of pages that are not done. */
  const begun = new Map<number, readonly PartNo[]>();
  return {
    async page(after) {
      const number = after === undefined ? 0 : Number(after);
      const { parts, more } = await queue.take(NAMED_PARTS_PER_PAGE);
      begun.set(number, parts);
      const rows = parts.length > 0 ? await keep(await deps.parts.salesPartsOf(contract, parts)) : [];
      return { rows, next: more ? String(number + 1) : undefined };
    },
    async saveCursor(next) {
      for (const number of begun.keys()) if (next === undefined || number < Number(next)) begun.delete(number);
    },
    left: async () => [...[...begun.values()].flat(), ...(await queue.rest())],
  };
}
