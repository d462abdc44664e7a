import { expect, it } from "vitest";
import { inventoryDefinition } from "./inventory.ts";
import type { InventoryEntry } from "./stock.ts";
import { openShop, results } from "./test-shop.ts";

const ENTRIES = 100_000;

it("finds a SKU among 100,000 entries in under 5 ms, and pages by keyset without sorting them anew", {
  timeout: 30_000,
}, async () => {
  const shop = await openShop("in-process");
  const { world } = shop.model;
  const collection = world.collection<InventoryEntry>(inventoryDefinition.typeId);
  const now = world.nowIso();
  for (let n = 0; n < ENTRIES; n += 1) {
    const stamps = { version: 1, createdAt: now, lastModifiedAt: now };
    collection.put({ id: world.newId(), ...stamps, sku: `SKU-${n}`, quantityOnStock: n, availableQuantity: n });
  }
  const measure = async (query: (n: number) => Record<string, string | string[]>) => {
    const times: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      const start = performance.now();
      const page = await shop.connector.get("/inventory", query(n));
      times.push(performance.now() - start);
      expect(results(page).length).toBeGreaterThan(0);
    }
    return times.sort((a, b) => a - b)[30] ?? Number.POSITIVE_INFINITY;
  };
  const one = await measure((n) => ({ where: `sku = "SKU-${n * 1601}"` }));
  const many = await measure((n) => ({
    where: "sku in :skus",
    "var.skus": Array.from({ length: 100 }, (_, index) => `SKU-${n * 1000 + index}`),
    limit: "500",
  }));
  let last = "";
  const page = await measure(() => ({ where: `id > "${last}"`, sort: "id asc", limit: "500", withTotal: "false" }));
  last = "8";
  const middle = await measure(() => ({ where: `id > "${last}"`, sort: "id asc", limit: "500", withTotal: "false" }));
  process.stdout.write(
    `medians at ${ENTRIES} entries: sku ${one.toFixed(2)} ms, 100 skus ${many.toFixed(2)} ms, ` +
      `page of 500 ${page.toFixed(2)} ms, from the middle ${middle.toFixed(2)} ms\n`,
  );
  expect(one).toBeLessThan(5);
  expect(many).toBeLessThan(20);
  expect(middle).toBeLessThan(30);
  await shop.close();
});
