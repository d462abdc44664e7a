/** Sites that wait for one another share one time limit, and each of them gets on. */
import { expect, test } from "vitest";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import { runStockSync, type StockRunOptions } from "./run.ts";
import { MINUTE, withoutChanges } from "./testing/started.ts";
import { configWith, createWorld, type World } from "./testing/world.ts";

const five = ["S1", "S2", "S3", "S4", "S5"];
type State = { fullFinishedAt?: number; full?: { after?: string } } | null;
const stateOf = (world: World, site: string) => world.cursor(`stock-site-${site}`) as State;

/** Each site has so many parts, in pages of 200; all feed one channel, or each one of its own. */
function worldOf(parts: number, { joint = true, sites = five } = {}): World {
  const world = createWorld(
    configWith((raw) => {
      raw.sites = sites.map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" }));
      const channel = (site: string) => (joint ? "web" : `web-${site}`);
      raw.stock = {
        pools: sites.map((site) => ({ name: site, site, channels: [{ supplyChannel: channel(site) }] })),
      };
    }),
  );
  for (const site of sites) {
    for (let index = 0; index < parts; index += 1) {
      world.happen.sku(`P${1000 + index}`, { contract: site as Contract });
      world.happen.stock(`P${1000 + index}`, 5, { contract: site as Contract });
    }
  }
  return world;
}

/** One run: how many minutes it took, and the sites that came further than they were. */
async function turn(world: World, given: Partial<StockRunOptions> = {}, sites = five) {
  const began = world.time.now;
  const before = sites.map((site) => JSON.stringify(stateOf(world, site)));
  const { message } = await runStockSync(withoutChanges(world), { now: began, mode: "delta", ...given });
  const moved = sites.filter((site, at) => JSON.stringify(stateOf(world, site)) !== before[at]);
  return { minutes: (world.time.now - began) / MINUTE, moved, message };
}

/** Every page of a scan takes so long. */
const slow = (world: World, minutes: number): void =>
  world.interfere((call) => {
    if (call === "scanSite") world.happen.wait(minutes * MINUTE);
  });

const finished = (world: World, sites = five) =>
  sites.filter((site) => stateOf(world, site)?.fullFinishedAt !== undefined);

/** Runs until each site has come to the end of its full run; at most 30. */
async function runsToTheEnd(world: World) {
  const runs: Awaited<ReturnType<typeof turn>>[] = [];
  while (finished(world).length < five.length && runs.length < 30) {
    const began = world.time.now;
    runs.push(await turn(world));
    // What comes after the sites.
    expect(world.cursor("stock-orders")).toMatchObject({ readAt: began });
    world.happen.wait(MINUTE);
  }
  return runs;
}

const notReached = (site: string) => `Site ${site} was not reached in this run's time; the next run begins with it.`;
/** The longest row of runs that did not reach the site. */
const longestWait = (runs: readonly { message?: string | undefined }[], site: string): number => {
  const waits = runs.map(({ message = "" }) => (message.includes(notReached(site)) ? "w" : " ")).join("");
  return Math.max(...waits.split(" ").map(({ length }) => length));
};

test("five slow sites of one channel end in one time, and each of them gets to its end over the runs", async () => {
  const world = worldOf(500);
  slow(world, 4);
  const runs = await runsToTheEnd(world);
  expect(finished(world)).toEqual(five);
  // Ten minutes, and the pages that are read by then.
  expect(Math.max(...runs.map(({ minutes }) => minutes))).toBeLessThan(20);
  expect(runs[0]?.message).toBe(["S2", "S3", "S4", "S5"].map(notReached).join(" "));
  for (const site of five) expect(longestWait(runs, site)).toBeLessThan(five.length);
  expect(world.quantityOf("P1499")).toBe(25);
});

test("so do five with a channel each, three of them at a time", async () => {
  const world = worldOf(900, { joint: false });
  slow(world, 4);
  const runs = await runsToTheEnd(world);
  expect(finished(world)).toEqual(five);
  expect(runs[0]?.message).toBe(["S4", "S5"].map(notReached).join(" "));
  for (const site of five) expect(longestWait(runs, site)).toBeLessThan(2);
});

test("a site that is cut short gives way to quick ones, and has what they leave", async () => {
  const world = worldOf(900, { sites: ["S1", "S2"] });
  const { scanSite } = world.deps;
  Object.assign(world.deps, {
    scanSite: (contract: Contract, from: string | undefined) => {
      if (contract === "S1") world.happen.wait(4 * MINUTE);
      return scanSite(contract, from);
    },
  });
  await turn(world, { budgetMs: 5 * MINUTE });
  expect(world.cursor("stock-turns")).toMatchObject({ cut: ["S1"] });
  expect(finished(world, ["S1", "S2"])).toEqual(["S2"]);
  const order: string[] = [];
  const { changedParts } = world.deps;
  Object.assign(world.deps, {
    changedParts: (contract: Contract) => {
      order.push(contract);
      return changedParts(contract);
    },
  });
  await runStockSync(world.deps, { now: world.time.now, mode: "delta" });
  expect(order).toEqual(["S2", "S1"]);
  expect(finished(world, ["S1", "S2"])).toEqual(["S1", "S2"]);
  expect(world.cursor("stock-turns")).toMatchObject({ cut: [] });
});

test("a site that fails keeps the others from their turn once", async () => {
  const world = worldOf(1, { sites: ["S1", "S2"] });
  const { scanSite } = world.deps;
  Object.assign(world.deps, {
    scanSite: (contract: Contract, from: string | undefined) => {
      if (contract === "S1") throw new TransientError("IFS is down for S1");
      return scanSite(contract, from);
    },
  });
  await expect(turn(world)).rejects.toThrow("IFS is down for S1");
  expect(finished(world, ["S1", "S2"])).toEqual([]);
  world.happen.wait(MINUTE);
  await expect(turn(world)).rejects.toThrow("IFS is down for S1");
  expect(finished(world, ["S1", "S2"])).toEqual(["S2"]);
});

test("turns that cannot be saved hide no failure of a site: the run ends with that one, and tells of both", async () => {
  const world = worldOf(1, { sites: ["S1", "S2"] });
  const { cursors, scanSite } = world.deps;
  const told: object[] = [];
  const error = (fields: object, event: string) => void told.push({ ...fields, event });
  const unsaved = new ConflictError("another run moved the cursor");
  let down = true;
  Object.assign(world.deps, {
    logger: { ...world.deps.logger, error },
    cursors: {
      ...cursors,
      write: async (name: string, value: unknown, version: number) => {
        if (name === "stock-turns") throw unsaved;
        return cursors.write(name, value, version);
      },
    },
    scanSite: (...asked: Parameters<typeof scanSite>) => {
      if (down) throw new TransientError("IFS is down for S1");
      return scanSite(...asked);
    },
  });
  await expect(turn(world)).rejects.toThrow("IFS is down for S1");
  expect(told).toEqual([{ flow: "stock-sync", error: unsaved, event: "turns-not-saved" }]);
  // Alone it is what the run ends with.
  down = false;
  world.happen.wait(MINUTE);
  await expect(turn(world)).rejects.toBe(unsaved);
});

test("sites that wait for nobody cost no document", async () => {
  const world = worldOf(1, { joint: false, sites: ["S1", "S2", "S3"] });
  await turn(world);
  expect(world.cursor("stock-turns")).toBeNull();
});
