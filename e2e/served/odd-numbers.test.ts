/**
 * Part numbers and SKUs with every character that IFS allows, over real HTTP: through filters, lists by keys and positions of IFS,
 * through predicates, GraphQL and keys of commercetools, and back.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stockDeps } from "../../core/src/compose/flows.ts";
import type { Sku } from "../../core/src/domain/ids.ts";
import { runStockSync, type StockRunOptions } from "../../core/src/flows/stock-sync/run.ts";
import { newStockRow } from "../../sandbox/ifs/business/stock.ts";
import { parts, type SeedPart } from "../../sandbox/seed/ifs-parts.ts";
import { seedSalesParts } from "../../sandbox/seed/ifs-products.ts";
import { admin, ifs, sandbox, shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

const SITE = "101";
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const numbers = [
  ...printable.map((character) => `Z${character}1`),
  ...[
    "O'NEIL",
    "O''NEIL",
    "'",
    "' OR PARTNO NE '",
    "50% OFF/2",
    "A&B=C",
    "A+B C",
    "X#1",
    "?$TOP=1",
    "%27",
    "%2F..%2F",
    "A/../B",
  ],
  ...[
    '"',
    '\\"',
    "{X}",
    "(A)=1,B",
    "A;B",
    "A  B",
    "ÄÖÜẞ-É",
    "Ω/Ж",
    "中/件",
    "\u{1F529}-M5",
    "Ä".repeat(25),
    "'".repeat(25),
  ],
];
const quantity = (index: number): number => 10 + index;

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
  const world = ifs.model.world();
  const template = parts.find(({ type, convFactor }) => type === "inventory" && convFactor === "1") as SeedPart;
  seedSalesParts(
    world,
    numbers.map((number) => ({ ...template, catalogNo: number, partNo: number, sites: [SITE] })),
  );
  const location = world.table("InventoryLocation").get(SITE, "PICK-01");
  for (const [index, number] of numbers.entries()) {
    const part = world.table("InventoryPart").get(SITE, number);
    if (!part || !location) throw new Error(`${number} has no place`);
    const row = newStockRow(world, part, location, "*");
    world.table("InventoryPartInStock").insert({ ...row, QtyOnhand: String(quantity(index)) });
    await admin.post("/products", {
      productType: { typeId: "product-type", key: "part" },
      name: { en: number },
      slug: { en: `odd-${index}` },
      priceMode: "Standalone",
      publish: true,
      masterVariant: { sku: number },
    });
  }
});
afterAll(() => bench.close());

const run = (given: Partial<StockRunOptions> = {}, config = bench.active.config) =>
  runStockSync(stockDeps(bench.connector, { ...bench.active, config }), { now: Date.now(), mode: "delta", ...given });

type Entry = { sku: string; key?: string; quantityOnStock: number; supplyChannel?: { id: string } };

/** Of each number its entries in Hamburg. */
function entries(): Entry[][] {
  const hamburg = shop.model.world.collection("channel").findUnique("key", "hamburg");
  const all = [...shop.model.world.collection("inventory-entry").values()] as unknown as Entry[];
  const bySku = Map.groupBy(
    all.filter(({ supplyChannel }) => supplyChannel?.id === hamburg?.id),
    ({ sku }) => sku,
  );
  return numbers.map((number) => bySku.get(number) ?? []);
}
const shown = () => entries().map((all) => all.map(({ quantityOnStock }) => quantityOnStock));
const expected = (by: number) => numbers.map((_, index) => [quantity(index) + by]);
async function rejected(): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined, ended = false; !ended; ) {
    const { rows, last } = await bench.connector.store.exceptions.page("stock-sync", { after, limit: 100 });
    const ours = rows.filter(({ recordId }) => numbers.includes(recordId));
    found.push(...ours.map(({ code, recordId }) => `${code} ${recordId}`));
    [after, ended] = [last, last === undefined];
  }
  return found.toSorted();
}

test("the first full run creates one entry for each, with the right quantity and a key of its own", async () => {
  await run({ mode: "full" });
  expect(shown()).toEqual(expected(0));
  const keys = entries().flatMap((all) => all.map(({ key = "" }) => key));
  expect(new Set(keys).size).toBe(numbers.length);
  expect(keys.filter((key) => !/^[A-Za-z0-9_-]{2,256}$/.test(key))).toEqual([]);
  expect([await rejected(), (await run({ mode: "full" })).changed]).toEqual([[], 0]);
});

test("a run over the changes reads each of them by its number, and named SKUs are read by theirs", async () => {
  for (const part of numbers) await sandbox("clerk/receive", { part, site: SITE, qty: "3", location: "PICK-01" });
  expect(await run()).toMatchObject({ changed: numbers.length, failed: 0 });
  expect(shown()).toEqual(expected(3));
  for (const part of numbers) await sandbox("clerk/issue", { part, site: SITE, qty: "2", location: "PICK-01" });
  expect(await run({ only: { skus: numbers as Sku[] } })).toMatchObject({ changed: numbers.length, failed: 0 });
  expect([shown(), await rejected()]).toEqual([expected(1), []]);
});

test("open demand of each is taken off", async () => {
  for (const part of numbers) await sandbox("clerk/sell", { part, site: SITE, qty: "2", reserve: false });
  expect(await run()).toMatchObject({ changed: numbers.length, failed: 0 });
  expect([shown(), await rejected()]).toEqual([expected(-1), []]);
});

test("their entries go to zero when the sales parts end", async () => {
  const { config } = bench.active;
  const table = ifs.model.world().table("SalesPart");
  for (const number of numbers) {
    const row = table.get(SITE, number);
    if (row) table.remove(row);
  }
  await run({ mode: "full" }, { ...config, stock: { ...config.stock, maxChangePercent: 100 } });
  expect(shown()).toEqual(numbers.map(() => [0]));
  expect(await rejected()).toEqual(numbers.map((number) => `unmappedSku ${number}`).toSorted());
});
