/**
 * A whole site in the order of its parts, for little: three long lists (sales parts, stock rows, open demand) are read side by side,
 * page by page, and what belongs to the same parts is put together. Lists of one tenant are sorted by one rule; where it is not the
 * order of code points, or keys hide rows, the reading goes on by lists of parts (a request for each hundred of them or so).
 *
 * The three lists are read at different moments, so what is shown here is good for finding what to look at, and for nothing else.
 */
import { z } from "zod";
import { askedWithout } from "../domain/failure.ts";
import { type Contract, isPlain, type PartNo } from "../domain/ids.ts";
import type { IfsDemandLine, IfsStockRow } from "../domain/ifs-records.ts";
import type { IfsClient } from "./client.ts";
import type { Parts, StockedPart } from "./parts.ts";
import type { Stock } from "./stock.ts";

export type ScannedPage = {
  /** Of every part all its sales parts, but where the tenant is read by lists of parts. */
  readonly parts: readonly StockedPart[];
  /** Of these parts, and of no other. */
  readonly rows: readonly IfsStockRow[];
  readonly demand: readonly IfsDemandLine[];
  /** Of some parts, other pages may have more sales parts. */
  readonly partial?: true;
  /** Where a later scan goes on behind this page; undefined on the last one, where that is known. */
  readonly position: string | undefined;
};

type Lists = {
  readonly parts: Pick<Parts, "walkByPart" | "walkRows">;
  readonly stock: Pick<Stock, "walkStock" | "walkDemand" | "stockRows" | "openDemand">;
};

export type SiteScan = {
  /** undefined at the end. */
  next(): Promise<ScannedPage | undefined>;
};

const PARTS_PER_PAGE = 1000;
/** Pages of stock rows for one page of sales parts: with more, the rows of parts that nobody sells cost more than they save. */
const ROWS_PER_PART = 12;
/** Of how many parts the first impression is. */
const PARTS_JUDGED = 5000;

const positionSchema = z.union([
  z.strictObject({ part: z.string().min(1) }),
  /** Where parts do not come in order: sales parts passed. */
  z.strictObject({ row: z.int().min(1) }),
]);

/** Returns why it gave up. */
type Walk<T> = AsyncGenerator<T, string | undefined, void>;

export function createSiteScan(
  client: Pick<IfsClient, "logger">,
  { parts, stock }: Lists,
): (contract: Contract, from: string | undefined) => SiteScan {
  async function* scan(contract: Contract, from: z.infer<typeof positionSchema> | undefined) {
    let reason: string | undefined = from && "row" in from ? "it began so" : undefined;
    if (reason === undefined) {
      const after = from && "part" in from ? (from.part as PartNo) : undefined;
      reason = yield* inOrder(contract, after);
    }
    if (reason !== undefined) yield* byRows(contract, from && "row" in from ? from.row : 0);
  }

  /** Returns why the sales parts cannot be read in the order of their parts. */
  async function* inOrder(contract: Contract, after: PartNo | undefined): Walk<ScannedPage> {
    const figures = createFigures(contract, after);
    const pages = inPages(parts.walkByPart(contract, after));
    for (;;) {
      const step = await pages.next();
      if (step.done) return step.value;
      const { sold, last } = step.value;
      const read = await pageOf(sold, figures);
      yield last ? { ...read, position: undefined } : read;
    }
  }

  async function pageOf(sold: readonly StockedPart[], figures: Figures): Promise<ScannedPage> {
    const partNos = [...new Set(sold.map(({ partNo }) => partNo))];
    const through = partNos.at(-1) as PartNo;
    // The next scan goes on behind this number in a filter: not one that a gateway could mind, where there is another.
    const behind = partNos.findLast(isPlain) ?? through;
    return { parts: sold, ...(await figures.of(partNos, through)), position: JSON.stringify({ part: behind }) };
  }

  async function* byRows(contract: Contract, from: number): AsyncGenerator<ScannedPage, void, void> {
    let row = from;
    for await (const page of parts.walkRows(contract, from)) {
      row += page.length;
      const sold = page.filter((part): part is StockedPart => part.partNo !== null);
      const read = await byLists(contract, [...new Set(sold.map(({ partNo }) => partNo))]);
      yield { parts: sold, ...read, partial: true, position: JSON.stringify({ row }) };
    }
  }

  /** Parts that IFS refuses to be asked for are shown without rows: whoever reads them by their keys is refused too, and told why. */
  const byLists = async (contract: Contract, partNos: readonly PartNo[]): Promise<Read> => {
    const refused = new Map<PartNo, string>();
    const [rows, demand] = await Promise.all([
      askedWithout(partNos, refused, (left) => stock.stockRows(contract, left)),
      askedWithout(partNos, refused, (left) => stock.openDemand(contract, left)),
    ]);
    return { rows, demand };
  };

  /** Rows and demand of ascending parts, out of two lists that are read on as far as is asked for. */
  function createFigures(contract: Contract, after: PartNo | undefined): Figures {
    const rows = createAscent(stock.walkStock(contract, after));
    const demand = createAscent(stock.walkDemand(contract, after));
    let asked = 0;
    let unusable = false;
    return {
      async of(partNos, through) {
        if (unusable) return byLists(contract, partNos);
        const wanted = new Set(partNos);
        const [found, lines] = await Promise.all([rows.upTo(through, wanted), demand.upTo(through, wanted)]);
        asked += partNos.length;
        const sparse = asked <= PARTS_JUDGED && rows.passed() > asked * ROWS_PER_PART;
        if (sparse) client.logger.warn({ contract, parts: asked, rows: rows.passed() }, "ifs.scanByLists");
        unusable = sparse;
        return found && lines ? { rows: found, demand: lines } : byLists(contract, partNos);
      },
    };
  }

  return (contract, from) => {
    const begin = positionOf(from);
    const walk = scan(contract, begin);
    return {
      async next() {
        const step = await walk.next();
        return step.done ? undefined : step.value;
      },
    };
  };
}

type Read = Pick<ScannedPage, "rows" | "demand">;
type Figures = { of(partNos: readonly PartNo[], through: PartNo): Promise<Read> };

/** Of each part all its sales parts on one page. */
async function* inPages(walk: Walk<StockedPart[]>): Walk<{ readonly sold: readonly StockedPart[]; last: boolean }> {
  let held: readonly StockedPart[] = [];
  for (let end = false; !end; ) {
    const step = await walk.next();
    if (step.done && step.value !== undefined) return step.value;
    end = step.done === true;
    held = step.done ? held : [...held, ...step.value];
    for (let sold = firstOf(held, end); sold; sold = firstOf(held, end)) {
      held = held.slice(sold.length);
      yield { sold, last: end && held.length === 0 };
    }
  }
  return undefined;
}

/** A page's worth of the held ones, of each part all or none; the rest at the end. Of the last part there may be more to come. */
function firstOf(held: readonly StockedPart[], end: boolean): readonly StockedPart[] | undefined {
  const next = held[PARTS_PER_PAGE]?.partNo;
  if (next === undefined) return end && held.length > 0 ? held : undefined;
  const cut = held.findIndex(({ partNo }) => partNo === next);
  if (cut > 0) return held.slice(0, cut);
  // One part that is sold under more numbers than a page has.
  const behind = held.findIndex(({ partNo }) => partNo !== next);
  if (behind < 0) return end ? held : undefined;
  return held.slice(0, behind);
}

/** What cannot be read is no position: the scan begins at the first part. */
function positionOf(text: string | undefined): z.infer<typeof positionSchema> | undefined {
  if (text === undefined) return undefined;
  try {
    return positionSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Takes ascending rows as far as a part, the part included, and keeps those of wanted parts: any number of others may lie between
 * two of them. undefined once the walk has given up.
 */
function createAscent<T extends { readonly partNo: PartNo }>(walk: Walk<T[]>) {
  let held: readonly T[] = [];
  let passed = 0;
  let ended = false;
  let gaveUp = false;
  return {
    passed: () => passed,
    async upTo(part: PartNo, wanted: ReadonlySet<PartNo>): Promise<T[] | undefined> {
      const taken: T[] = [];
      const take = (rows: readonly T[]): void => {
        const end = rows.findIndex(({ partNo }) => partNo > part);
        const fitting = end < 0 ? rows : rows.slice(0, end);
        held = end < 0 ? [] : rows.slice(end);
        passed += fitting.length;
        for (const row of fitting) if (wanted.has(row.partNo)) taken.push(row);
      };
      take(held);
      while (!ended && held.length === 0) {
        const step = await walk.next();
        if (step.done) [ended, gaveUp] = [true, step.value !== undefined];
        else take(step.value);
      }
      return gaveUp ? undefined : taken;
    },
  };
}
