/** What the endpoints and the command line of stock answer with, on the documents that runs leave. */
import { expect, test } from "vitest";
import { runStockSync } from "../flows/stock-sync/run.ts";
import { configWith, createWorld } from "../flows/stock-sync/testing/world.ts";
import { heldOf, releaseOf } from "./stock-look.ts";

const skus = ["P0", "P1", "P2"];

/** All three shelves are empty, and two zeros are allowed. */
async function held() {
  const world = createWorld(
    configWith((raw) => {
      raw.sites = ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
      raw.stock = { ...(raw.stock as object), maxZeros: 2 };
    }),
  );
  for (const sku of skus) {
    world.happen.sku(sku);
    world.happen.stock(sku, 5);
  }
  const run = async () => {
    await runStockSync(world.deps, { now: world.time.now, mode: "delta" });
    world.happen.wait(60_000);
  };
  await run();
  for (const sku of skus) world.happen.count(sku, 0);
  await run();
  const { config, cursors, journal, clock } = world.deps;
  const store = { cursors, journal };
  const people = { store, clock, active: async () => ({ config }) };
  return { world, run, people, config };
}

test("what is held of each site, of those that hold something", async () => {
  const { people, config } = await held();
  const { sites } = await heldOf(people, { config });
  expect(
    sites.map(({ site, at, holds }) => [
      site,
      at,
      holds.map(({ kind, changes, skus: named }) => [kind, changes, named]),
    ]),
  ).toEqual([["S1", "2026-08-01T08:01:00.000Z", [["zeros", 3, skus]]]]);
});

test("a release counts for the next run, tells until when, and is refused for a site that nobody configured", async () => {
  const { world, run, people, config } = await held();
  const release = { site: "S1", kind: "zeros", most: 3, by: "kim" } as const;
  await expect(releaseOf(people, { ...release, site: "S9" })).rejects.toThrow('the configuration has no site "S9"');
  expect(await releaseOf(people, release)).toEqual({
    ...{ site: "S1", kind: "zeros", most: 3 },
    until: "2026-08-01T10:02:00.000Z",
  });
  await run();
  expect(skus.map((sku) => world.quantityOf(sku))).toEqual([0, 0, 0]);
  expect(await heldOf(people, { config })).toEqual({ sites: [] });
});

test("a release that waits for its run is told with who gave it, when and of what, also to whoever asks later", async () => {
  const { world, run, people, config } = await held();
  const told = async () =>
    (await heldOf(people, { config })).sites.map(({ site, holds, releases }) => [site, holds.length, releases]);
  await releaseOf(people, { site: "S1", kind: "zeros", most: 2, by: "kim" });
  const release = {
    kind: "zeros",
    most: 2,
    by: "kim",
    at: "2026-08-01T08:02:00.000Z",
    until: "2026-08-01T10:02:00.000Z",
  };
  expect(await told()).toEqual([["S1", 1, [release]]]);
  // Three are more than it permits: the run leaves it unused.
  await run();
  expect(await told()).toEqual([["S1", 1, [release]]]);
  // The shelves are full again: nothing is held, and the release still permits something.
  for (const sku of skus) world.happen.count(sku, 5);
  await run();
  expect(await told()).toEqual([["S1", 0, [release]]]);
  world.happen.wait(2 * 3_600_000);
  expect(await told()).toEqual([]);
});
