/** What drifted is found by one full run, each with its reason, and is right afterwards. */
import { expect, test } from "vitest";
import { runStockSync } from "./run.ts";
import { withoutChanges } from "./testing/started.ts";
import { createWorld } from "./testing/world.ts";

const MINUTE = 60_000;
const OF_EACH = 10;
const PARTS = 80;
const sku = (index: number): string => `P${String(index).padStart(2, "0")}`;
const skus = Array.from({ length: PARTS }, (_, index) => sku(index));

test("fifty drifts of five causes: all are found, named, shown and repaired in one run, and nothing else is written", async () => {
  const world = createWorld();
  for (const [index, name] of skus.entries()) {
    world.happen.sku(name);
    world.happen.stock(name, 20 + index);
  }
  await runStockSync(world.deps, { now: world.time.now, mode: "full" });
  world.happen.wait(MINUTE);
  const versions = new Map([...world.entries.values()].map((entry) => [entry.sku, entry.version]));

  /** Written by a client that says nothing to the run: the connector itself, or another one. */
  const shifted = (name: string, by: number, clientId: string): void => {
    const entry = world.entryOf(name);
    if (!entry) throw new Error(`no entry of ${name}`);
    const lastModifiedBy = { clientId } as unknown as NonNullable<typeof entry.lastModifiedBy>;
    const quantity = entry.quantityOnStock + by;
    world.entries.set(entry.id, {
      ...entry,
      ...{ quantityOnStock: quantity, availableQuantity: quantity, lastModifiedBy },
    });
  };
  const right = (index: number): number => 20 + index;
  const plants: [reason: string, byIfs: number, plant: (index: number) => void][] = [
    ["manualEdit", 0, (index) => world.happen.edit(sku(index), right(index) + 4)],
    ["otherClient", 0, (index) => shifted(sku(index), 3, "warehouse-tool")],
    ["lostSale", 0, (index) => shifted(sku(index), 2, "connector")],
    ["unexplained", 0, (index) => shifted(sku(index), -2, "connector")],
    ["ifsChange", -5, (index) => world.happen.count(sku(index), right(index) - 5)],
  ];
  const expected = new Map<string, unknown[]>();
  const quantities = skus.map((_, index) => right(index));
  for (const [cause, [reason, byIfs, plant]] of plants.entries()) {
    for (let nth = 0; nth < OF_EACH; nth += 1) {
      const index = cause * OF_EACH + nth;
      plant(index);
      const to = right(index) + byIfs;
      quantities[index] = to;
      const from = world.quantityOf(sku(index));
      expect(from).not.toBe(to);
      expected.set(sku(index), [reason, from, to]);
    }
  }

  world.happen.wait(MINUTE);
  const deps = { ...withoutChanges(world), ownClientId: "connector" };
  const run = () => runStockSync(deps, { now: world.time.now, mode: "full" });
  expect(await run()).toMatchObject({ changed: expected.size, failed: 0 });
  const shown = world.journal.map(
    ({ recordId, detail }) => [recordId, [detail.reason, detail.from, detail.to]] as const,
  );
  expect([shown.length, new Map(shown)]).toEqual([5 * OF_EACH, expected]);
  expect(skus.map((name) => world.quantityOf(name))).toEqual(quantities);
  const untouched = skus.slice(5 * OF_EACH);
  expect(untouched.map((name) => world.entryOf(name)?.version)).toEqual(untouched.map((name) => versions.get(name)));

  world.happen.wait(MINUTE);
  expect(await run()).toMatchObject({ changed: 0 });
  expect(world.journal.length).toBe(5 * OF_EACH);
});
