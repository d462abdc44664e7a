import { expect, test } from "vitest";
import { type PageSource, partPages } from "./pages.ts";
import { aRow } from "./testing/builders.ts";

const content: Record<string, string[]> = { A: ["P1", "P2", "P3"], B: ["P1"], C: [] };
const calls: string[] = [];
const source: PageSource = async (priceListNo, after, limit) => {
  calls.push(`${priceListNo} after ${after ?? "-"}`);
  const left = (content[priceListNo] ?? []).filter((part) => after === undefined || part > after);
  const parts = left.slice(0, limit);
  return {
    rows: parts.flatMap((part) => [
      aRow({ list: priceListNo, part }),
      aRow({ list: priceListNo, part, min: 5, price: "9" }),
    ]),
    next: left.length > limit ? parts.at(-1) : undefined,
  };
};
const lists = ["A", "B", "C", "A"].map((priceListNo, index) => ({ listId: `list-${index}`, priceListNo }));

async function all(start: string | undefined, over = lists) {
  calls.length = 0;
  const page = partPages(source, over, 2);
  const seen: string[] = [];
  let position = start;
  for (let turn = 0; turn < 20; turn += 1) {
    const { rows, next } = await page(position);
    seen.push(...rows.map(({ listId, catalogNo, rows: own }) => `${listId} ${catalogNo} ${own.length}`));
    if (next === undefined) return seen;
    position = next;
  }
  throw new Error("no end");
}

test("list after list, page after page; one IFS list may serve two entries", async () => {
  expect(await all(undefined)).toEqual([
    "list-0 P1 2",
    "list-0 P2 2",
    "list-0 P3 2",
    "list-1 P1 2",
    "list-3 P1 2",
    "list-3 P2 2",
    "list-3 P3 2",
  ]);
  expect(calls).toEqual(["A after -", "A after P2", "B after -", "C after -", "A after -", "A after P2"]);
});

test("from a stored position on", async () => {
  expect(await all('{"listId":"list-3","after":"P2"}')).toEqual(["list-3 P3 2"]);
});

test("a position in a list that is gone begins again; without lists there is nothing", async () => {
  expect(await all('{"listId":"list-9","after":"P2"}')).toHaveLength(7);
  expect(await all(undefined, [])).toEqual([]);
  expect(calls).toEqual([]);
});
