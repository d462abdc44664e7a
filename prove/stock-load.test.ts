/**
 * What `npm run bench -- stock-full` measures at full size, counted where the machine decides nothing: how many requests a full run
 * over a shop without a change costs both platforms.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { pastRunSchema } from "../core/src/domain/run-history.ts";
import { entriesOf, seedCatalogue } from "../sandbox/seed/seed-any-catalogue.ts";
import { addresses } from "./addresses.ts";
import { configurationOf, deploy, pushConfiguration } from "./install.ts";
import { openWorld, type World } from "./world.ts";

const size = { entries: 4500, rows: 5400, lines: 225 };
const SITES = 3;
const pools = [
  { name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg" }] },
  { name: "Munich", site: "102", channels: [{ supplyChannel: "munich" }] },
  { name: "Gothenburg", site: "201", channels: [{ supplyChannel: "gothenburg" }] },
];

let world: World;
beforeAll(async () => {
  world = await openWorld({ size: "small", seedIfs: (ifs) => seedCatalogue(ifs, size) });
  await deploy(world, "event-app");
  await deploy(world, "job-app");
  const day = 86_400;
  await pushConfiguration(
    world,
    configurationOf(world, {
      stock: { pools },
      prices: { lists: [] },
      ifs: { budget: { requestsPerMinute: 1000, concurrency: 16 }, concurrency: 12 },
      schedules: {
        stockSeconds: 60,
        stockFullSeconds: day,
        sweepSeconds: 3600,
        statusSeconds: day,
        customerSeconds: day,
      },
    }),
  );
  for (const draft of entriesOf(size)) await world.drive(world.shop.post("/inventory", draft));
  world.start("job-app");
}, 120_000);
afterAll(() => world.close());

/** Requests of the job to one platform, by method and path, while the work lasts. */
async function requestsOf(origin: string, work: () => Promise<unknown>): Promise<string[]> {
  const before = world.network.log.length;
  await work();
  const log = world.network.log.slice(before).filter((line) => / job-app\/\d+ /.test(line));
  return log.filter((line) => line.includes(` ${origin}/`) && !line.includes("/token"));
}

test("the first run over everything: few requests for each row and entry, and no write", async () => {
  let log: string[] = [];
  const ct = await requestsOf(addresses.commercetools, async () => {
    log = await requestsOf(addresses.ifs, () => world.tick());
  });
  const runs = world.log.filter(({ event }) => event === "run-finished");
  expect(runs).toContainEqual(
    expect.objectContaining({
      fields: expect.objectContaining({ flow: "stock-sync", processed: size.entries, changed: 0, failed: 0 }),
    }),
  );
  // Of each site: the demand twice, and the ends of three lists, which are counted and may be asked for once in vain.
  const ofSite = 12;
  expect(log.length).toBeGreaterThan((size.rows + size.entries) / 500);
  expect(log.length).toBeLessThanOrEqual((size.rows + size.entries) / 500 + SITES * ofSite);
  expect(ct.filter((line) => / POST \S*\/inventory/.test(line))).toEqual([]);
  expect(ct.filter((line) => / GET \S*\/inventory/.test(line))).toEqual([]);
  const graphql = ct.filter((line) => line.includes("/graphql")).length;
  // Two pages of entries in one request, and all entries of a channel once more, sixteen pages in one.
  expect(graphql).toBeGreaterThan(SITES);
  expect(graphql).toBeLessThanOrEqual(SITES * (Math.ceil(size.entries / SITES / 1000) + 1));
  expect(ct.filter((line) => line.includes("/orders")).length).toBeLessThanOrEqual(SITES * 4 + 12);

  // What the runs say of themselves, kept as one document each.
  const kept = await world.drive(world.shop.get("/custom-objects/ifs-connector-run-history", { limit: "100" }));
  const past = (kept.results as { value: unknown }[]).map(({ value }) => pastRunSchema.parse(value));
  expect(past.map(({ flow }) => flow).sort()).toEqual(["order-sweep", "price-sync", "status-sync", "stock-sync"]);
  const total = (name: string) => past.reduce((sum, { counts }) => sum + (counts?.[name] ?? 0), 0);
  expect(total("ifsRequests")).toBe(log.length);
  // The tick itself asks for more: leases, run records, what it watches.
  expect(total("ctRequests")).toBeGreaterThan(graphql);
  expect(total("ctRequests")).toBeLessThan(ct.length);
}, 120_000);
