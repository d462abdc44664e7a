/** The cost of a run follows the number of changes, in a catalogue of some size. */
import { expect, test } from "vitest";
import { runStockSync } from "./run.ts";
import { createWorld } from "./testing/world.ts";

const PARTS = 4000;
const HOUR = 3_600_000;
const sku = (index: number): string => `P${String(index).padStart(4, "0")}`;

test("one percent of the stock rows changed: exactly those entries are written, once each, and a repeat writes nothing", async () => {
  const world = createWorld();
  for (let index = 0; index < PARTS; index += 1) {
    world.happen.sku(sku(index));
    world.happen.stock(sku(index), 5);
  }
  const run = () => runStockSync(world.deps, { now: world.time.now, mode: "delta" });
  await runStockSync(world.deps, { now: world.time.now, mode: "full" });
  world.happen.wait(HOUR);
  await run();
  const versions = () => new Map([...world.entries.values()].map((entry) => [entry.sku, entry.version]));
  const before = versions();
  expect(before.size).toBe(PARTS);

  const changed = Array.from({ length: PARTS / 100 }, (_, nth) => sku(nth * 100 + 37));
  for (const [nth, name] of changed.entries()) world.happen.count(name, 3 + (nth % 2) * 5);
  expect(await run()).toMatchObject({ changed: changed.length, failed: 0 });
  const after = versions();
  expect([...after].filter(([name, version]) => version !== before.get(name)).map(([name]) => name)).toEqual(changed);
  expect(changed.map((name) => world.quantityOf(name))).toEqual(changed.map((_, nth) => 3 + (nth % 2) * 5));
  expect(changed.map((name) => Number(after.get(name)) - Number(before.get(name)))).toEqual(changed.map(() => 1));

  // The overlap names the same rows again.
  expect(await run()).toMatchObject({ changed: 0 });
  expect(versions()).toEqual(after);
});
