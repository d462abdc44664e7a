/**
 * What IFS's events tell of while a full run is under way, with latency and a budget of requests: the job and the service are two
 * processes, and share what IFS allows them.
 */
import { expect, test } from "vitest";
import { receive } from "../sandbox/ifs/business/stock.ts";
import { Decimal } from "../sandbox/ifs/decimal.ts";
import { lineQuantity, onHand, partOf, places, siteOf } from "../sandbox/seed/any-catalogue.ts";
import { entriesOf, seedCatalogue } from "../sandbox/seed/seed-any-catalogue.ts";
import { addresses } from "./addresses.ts";
import { configurationOf, deploy, pushConfiguration } from "./install.ts";
import { channelId, entryOf } from "./stock/books.ts";
import { openWorld, type World } from "./world.ts";

const size = { entries: 4500, rows: 5400, lines: 225 };
const MINUTE = 60_000;
const SECRET = "sandbox-ifs-event-secret";
const DAY = 86_400;
const pools = [
  { name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg" }] },
  { name: "Munich", site: "102", channels: [{ supplyChannel: "munich" }] },
  { name: "Gothenburg", site: "201", channels: [{ supplyChannel: "gothenburg" }] },
];
/** The last parts of a site that a full run comes to. */
const told = [4485, 4488, 4491, 4494, 4497];
const BESIDE = 4482;
const RECEIVED = 7;

const promised = (index: number): number =>
  places(index, size).reduce((sum, _, place) => sum + onHand(index, place), 0) - lineQuantity(index, size);
const shown = (world: World, index: number): number | undefined =>
  entryOf(world, partOf(index), channelId(world, "hamburg"))?.quantityOnStock;

/** The most within any minute, of both processes. */
function mostInAMinute({ network }: World): number {
  const times = network.log.flatMap((line) => {
    const isOurs =
      / (job|service)-app\/\d+ /.test(line) && line.includes(` ${addresses.ifs}/`) && !line.includes("/token");
    return isOurs ? [Number.parseInt(line, 10)] : [];
  });
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
}

/** A shop of which each entry shows one too many, and a job that has begun to correct all of them. */
async function beginFullRun(world: World, requestsPerMinute: number) {
  for (const app of ["event-app", "job-app", "service-app"] as const) await deploy(world, app);
  await pushConfiguration(
    world,
    configurationOf(world, {
      stock: { pools },
      prices: { lists: [] },
      ifs: { budget: { requestsPerMinute, concurrency: 16 }, concurrency: 12 },
      schedules: {
        stockSeconds: 60,
        stockFullSeconds: DAY,
        sweepSeconds: 3600,
        statusSeconds: DAY,
        customerSeconds: DAY,
      },
    }),
  );
  for (const draft of entriesOf(size)) {
    const quantityOnStock = draft.quantityOnStock + 1;
    await world.drive(world.shop.post("/inventory", { ...draft, quantityOnStock }));
  }
  world.start("job-app");
  world.start("service-app", { env: { IFS_EVENT_SECRET: SECRET } });
  await world.run(MINUTE);
  const run = beginTick(world);
  await world.run(5000);
  return run;
}

function beginTick({ network }: World) {
  const tick = {
    ended: false,
    status: network.fetchOf({ name: "scheduler" })(addresses.job, { method: "POST", body: "{}" }),
  };
  tick.status
    .finally(() => {
      tick.ended = true;
    })
    .catch(() => undefined);
  return tick;
}

/** Goods come in at parts that the full run comes to last, and IFS tells of them; what the service answers. */
async function moveAndTell(world: World): Promise<unknown> {
  for (const index of told) {
    expect(siteOf(index)).toBe("101");
    receive(world.ifs.model.world(), { contract: "101", partNo: partOf(index) }, new Decimal(RECEIVED));
  }
  const keys = told.map((index) => ({ contract: "101", partNo: partOf(index) }));
  const answer = await world.drive(
    world.network.fetchOf({ name: "ifs" })(`${addresses.service}/ifs-events`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-ifs-event-secret": SECRET },
      body: JSON.stringify({ object: "stock", keys }),
    }),
  );
  return answer.json();
}

const differences = (world: World, indexes: readonly number[]) =>
  indexes.map((index) => (shown(world, index) ?? Number.NaN) - promised(index));

test.each([
  { budget: "with requests to spare", requestsPerMinute: 6000, reread: "done" },
  { budget: "that the run uses whole, with the job's next tick", requestsPerMinute: 1000, reread: "later" },
])(
  "is in the shop within seconds beside a full run, in a budget $budget",
  async ({ requestsPerMinute, reread }) => {
    const world = await openWorld({
      seedIfs: (ifs) => seedCatalogue(ifs, size),
      ifsLatencyMs: [75, 75],
      commercetoolsLatencyMs: [20, 20],
    });
    try {
      const run = await beginFullRun(world, requestsPerMinute);
      let begunAt = world.time.clock.now();
      expect(await moveAndTell(world)).toEqual({ stored: told.length, leftToPolling: 0, reread });
      const ticks = [run];
      if (reread === "later") {
        expect((world.time.clock.now() - begunAt) / 1000).toBeLessThan(5);
        begunAt = world.time.clock.now();
        ticks.push(beginTick(world));
      }
      const isThere = () => differences(world, told).every((by) => by === RECEIVED);
      expect(await world.time.until(isThere, 5000)).toBe(true);
      expect((world.time.clock.now() - begunAt) / 1000).toBeLessThan(5);
      // The run is far from there.
      expect([run.ended, differences(world, [BESIDE])]).toEqual([false, [1]]);

      for (const { status } of ticks) expect((await world.drive(status)).status).toBe(200);
      const all = Array.from({ length: size.entries / 3 }, (_, nth) => nth * 3);
      expect(differences(world, all)).toEqual(all.map((index) => (told.includes(index) ? RECEIVED : 0)));
      expect(mostInAMinute(world)).toBeLessThanOrEqual(requestsPerMinute);
    } finally {
      world.close();
    }
  },
  180_000,
);
