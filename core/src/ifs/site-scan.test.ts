/** How three lists become pages of parts, and what is done where they are not in order. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { RefusedError, RefusedKeysError } from "../domain/failure.ts";
import type { CatalogNo, Contract, PartNo } from "../domain/ids.ts";
import type { IfsDemandLine, IfsStockRow } from "../domain/ifs-records.ts";
import type { StockedPart } from "./parts.ts";
import { createSiteScan, type ScannedPage } from "./site-scan.ts";

const S1 = "S1" as Contract;
const numbered = (count: number, prefix = "P") =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, "0")}`);
const rowOf = (partNo: string) => ({ contract: S1, partNo: partNo as PartNo }) as IfsStockRow;
const lineOf = (partNo: string) => ({ contract: S1, partNo: partNo as PartNo }) as IfsDemandLine;

type Site = { sold: [catalogNo: string, partNo: string][]; rows: string[]; demand: string[]; refused?: string };

/** Lists of a site as a tenant sorts them; `broken` names those whose keys do not lead from page to page. */
function scanOf({ sold, rows, demand, refused }: Site, broken: ("parts" | "rows" | "demand")[] = []) {
  const asked: string[] = [];
  const warnings: string[] = [];
  async function* walk<T extends { partNo: string }>(name: "parts" | "rows" | "demand", all: T[], after?: string) {
    const behind = all.filter(({ partNo }) => after === undefined || partNo > after);
    for (let at = 0; at < behind.length; at += 500) {
      asked.push(name);
      yield behind.slice(at, at + 500);
      if (broken.includes(name)) return "rows do not arrive in the order of their keys";
    }
    return broken.includes(name) ? "keys hide rows of the list" : undefined;
  }
  const parts = sold.map(([catalogNo, partNo]) => ({ catalogNo: catalogNo as CatalogNo, partNo }) as StockedPart);
  function refuseAmong(asked: readonly string[]): void {
    if (refused === undefined || !asked.includes(refused)) return;
    const cause = new RefusedError("ifs", "ODP_MALFORMED_REQUEST", 400, "Malformed Request.");
    throw new RefusedKeysError([refused], { cause, asked: refused });
  }
  const logger = { info: () => {}, warn: (_: object, event: string) => void warnings.push(event), error: () => {} };
  const scan = createSiteScan(
    { logger },
    {
      parts: {
        walkByPart: (_, after) => walk("parts", parts, after),
        async *walkRows(_, from) {
          for (let at = from; at < parts.length; at += 500) yield parts.slice(at, at + 500);
        },
      },
      stock: {
        walkStock: (_, after) => walk("rows", rows.map(rowOf), after),
        walkDemand: (_, after) => walk("demand", demand.map(lineOf), after),
        async stockRows(_, partNos) {
          asked.push("rows by list");
          refuseAmong(partNos);
          return rows.filter((no) => partNos.includes(no as PartNo)).map(rowOf);
        },
        async openDemand(_, partNos) {
          asked.push("demand by list");
          return demand.filter((no) => partNos.includes(no as PartNo)).map(lineOf);
        },
      },
    },
  );
  return { asked, warnings, pages: (from?: string) => pagesOf(scan(S1, from)) };
}

async function pagesOf(scan: { next(): Promise<ScannedPage | undefined> }): Promise<ScannedPage[]> {
  const pages: ScannedPage[] = [];
  for (let page = await scan.next(); page; page = await scan.next()) pages.push(page);
  return pages;
}
const names = (pages: readonly ScannedPage[]) => ({
  parts: pages.flatMap((page) => page.parts.map(({ catalogNo }) => catalogNo)),
  rows: pages.flatMap((page) => page.rows.map(({ partNo }) => partNo)),
  demand: pages.flatMap((page) => page.demand.map(({ partNo }) => partNo)),
});
const ofParts = (partNos: readonly string[]): [string, string][] => partNos.map((no) => [no, no]);

/** Boxes of every part beside the pieces, rows of parts that nobody sells, two rows of each part. */
const partNos = numbered(1600);
const site: Site = {
  sold: partNos.flatMap((no): [string, string][] => [
    [no, no],
    [`BOX-${no}`, no],
  ]),
  rows: [...partNos, ...partNos, ...numbered(50, "RAW")].sort(),
  demand: partNos.filter((_, index) => index % 40 === 0),
};
const whole = {
  parts: site.sold.map(([catalogNo]) => catalogNo),
  rows: site.rows.filter((no) => !no.startsWith("RAW")),
  demand: site.demand,
};

test("of every part all its sales parts, rows and lines are on one page, and nothing of parts that nobody sells", async () => {
  const { asked, pages } = scanOf(site);
  const found = await pages();
  expect(names(found)).toEqual(whole);
  for (const { parts, rows, demand } of found) {
    const shown = new Set(parts.map(({ partNo }) => partNo));
    expect([...rows, ...demand].filter(({ partNo }) => !shown.has(partNo))).toEqual([]);
  }
  expect(found.map(({ parts, position }) => [parts.length, position])).toEqual([
    [1000, '{"part":"P00499"}'],
    [1000, '{"part":"P00999"}'],
    [1000, '{"part":"P01499"}'],
    [200, undefined],
  ]);
  expect(asked.filter((one) => one.includes("list"))).toEqual([]);
});

test("a later scan goes on behind a page; a position of another kind is none", async () => {
  const { pages } = scanOf(site);
  expect(names(await pages('{"part":"P00999"}')).parts).toEqual(whole.parts.slice(2000));
  for (const position of ["P00999", "{}", '{"part":""}'])
    expect(names(await pages(position)).parts).toEqual(whole.parts);
});

describe("a part that IFS refuses to be asked for", () => {
  const refusing = { ...site, refused: "P01590" };

  test("is shown without rows where it takes a list of parts, and the others with theirs", async () => {
    const { pages } = scanOf(refusing, ["rows"]);
    const found = names(await pages());
    expect(found.parts).toEqual(whole.parts);
    expect(found.rows.toSorted()).toEqual(whole.rows.filter((no) => no !== "P01590").toSorted());
  });

  test("is no place to go on behind, where the page has another", async () => {
    const sold = ofParts([...numbered(999), "P00999#"]);
    const { pages } = scanOf({ sold: [...sold, ...ofParts(numbered(500, "Q"))], rows: [], demand: [] });
    const [first] = await pages();
    expect([first?.parts.length, first?.position]).toEqual([1000, '{"part":"P00998"}']);
  });
});

describe("where keys do not lead from page to page", () => {
  test.each(["rows", "demand"] as const)("%s are read by lists of parts, and none is lost", async (broken) => {
    const { pages, asked } = scanOf(site, [broken]);
    expect(names(await pages())).toEqual({ ...whole, rows: expect.any(Array) });
    const { rows } = names(await scanOf(site, [broken]).pages());
    expect(rows.toSorted()).toEqual(whole.rows.toSorted());
    expect(asked).toContain("rows by list");
  });

  test("sales parts are read by their number, and a later scan goes on there", async () => {
    const { pages } = scanOf(site, ["parts"]);
    const found = await pages();
    expect(names(found).parts).toEqual(whole.parts);
    expect(found.at(-2)?.position).toBe('{"row":3000}');
    expect(names(await pages('{"row":3000}')).parts).toEqual(whole.parts.slice(3000));
  });
});

test("rows of parts that nobody sells are passed only as long as that is cheaper than lists", async () => {
  const sold = ofParts(numbered(9000).filter((_, index) => index % 30 === 0));
  const { pages, asked, warnings } = scanOf({ sold, rows: numbered(9000), demand: [] });
  expect(names(await pages()).rows).toEqual(sold.map(([, partNo]) => partNo));
  expect(warnings).toEqual(["ifs.scanByLists"]);
  expect(asked).not.toContain("rows by list");
  const more = ofParts(numbered(90_000).filter((_, index) => index % 30 === 0));
  const large = scanOf({ sold: more, rows: numbered(90_000), demand: [] });
  expect(names(await large.pages()).rows.length).toBe(more.length);
  expect(large.asked).toContain("rows by list");
}, 30_000);

test("between two parts that are sold any number of rows may lie: none of them is kept", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const kept: WeakRef<IfsStockRow>[] = [];
  let atOnce = 0;
  async function* rows() {
    yield [rowOf("A")];
    for (let page = 0; page < 40; page += 1) {
      const raw = numbered(100, `RAW-${String(page).padStart(2, "0")}-`).map(rowOf);
      kept.push(...raw.map((row) => new WeakRef(row)));
      yield raw;
      if (page % 10 !== 9) continue;
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      atOnce = Math.max(atOnce, kept.filter((row) => row.deref() !== undefined).length);
    }
    yield [rowOf("Z")];
    return undefined;
  }
  async function* demand() {
    yield [lineOf("Z")];
    return undefined;
  }
  async function* sold() {
    yield ["A", "Z"].map((no) => ({ catalogNo: no as CatalogNo, partNo: no as PartNo }) as StockedPart);
    return undefined;
  }
  const byList = () => Promise.reject(new Error("nothing is read by lists here"));
  const scan = createSiteScan(
    { logger: { info: () => {}, warn: () => {}, error: () => {} } },
    {
      parts: { walkByPart: sold, walkRows: () => expect.fail("sales parts come in order") },
      stock: { walkStock: rows, walkDemand: demand, stockRows: byList, openDemand: byList },
    },
  );
  const page = await scan(S1, undefined).next();
  expect(page?.rows.map(({ partNo }) => partNo)).toEqual(["A", "Z"]);
  expect(atOnce).toBeLessThanOrEqual(200);
});
