/** Several processes and one ledger, under a virtual clock. */
import { expect, test } from "vitest";
import { seeded, virtualTime } from "../../runtime/testing/virtual-time.ts";
import { type BudgetStore, createBudget } from "./budget.ts";
import { type Lane, lanes } from "./lanes.ts";
import { ledgerStore } from "./testing/ledger-store.ts";
import { createLoad, mostPerMinute, percentile, silent } from "./testing/load.ts";

const MINUTE = 60_000;

function cluster(options: {
  lanes: readonly (readonly Lane[])[];
  perMinute?: number;
  concurrency?: number;
  seed?: number;
}) {
  const { perMinute = 600, concurrency = 8, seed = 7 } = options;
  const time = virtualTime();
  const ledger = ledgerStore(time.clock);
  const load = createLoad({ limits: { perMinute, concurrency, perProcess: 6 }, random: seeded(seed) });
  const add = (served: readonly Lane[], index: number, store: BudgetStore = ledger.store) => {
    // The machines' clocks differ by up to a second.
    const { clock, kill } = time.mortal(time.clockOf(((index % 5) - 2) * 500));
    return { index, served, clock, kill, budget: load.replica(index, { clock, store, lanes: served }) };
  };
  return { time, ledger, load, add, replicas: options.lanes.map((served, index) => add(served, index)) };
}

const startsAt = (load: { started: readonly { at: number }[] }) => load.started.map(({ at }) => at);
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const perMinute = (times: readonly number[], minutes: number) =>
  Array.from(
    { length: minutes },
    (_, minute) => times.filter((at) => at >= (minute + 1) * MINUTE && at < (minute + 2) * MINUTE).length,
  );

/** Two service-apps (people there try orders again and look at reports now and then), two event-apps, one job-app. */
const deployment: readonly (readonly Lane[])[] = [
  ["checkout", "orders", "prices", "reports"],
  ["checkout", "orders", "prices", "reports"],
  ["orders"],
  ["orders"],
  ["orders", "statuses", "stock", "prices"],
];

test("five replicas with every lane: inside the budget, 95 % of it used, no checkout waits", async () => {
  const { time, load, replicas, ledger } = cluster({ lanes: Array(5).fill(lanes), concurrency: 16 });
  for (const replica of replicas) {
    load.saturate(replica, "stock", 6, 80);
    load.saturate(replica, "prices", 6, 80);
    load.arrive(replica, "orders", 20, 150);
    load.arrive(replica, "checkout", 12, 60);
  }
  await time.run(7 * MINUTE);
  load.over.abort();
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
  expect(Math.min(...perMinute(startsAt(load), 6))).toBeGreaterThanOrEqual(570);
  expect(load.air.most).toBeLessThanOrEqual(16);
  const waits = (lane: Lane) => load.started.filter((one) => one.lane === lane).map(({ waitedMs }) => waitedMs);
  expect(waits("checkout").length).toBeGreaterThan(300);
  expect(percentile(waits("checkout"), 0.99)).toBeLessThan(50);
  expect(percentile(waits("orders"), 0.99)).toBeLessThan(1000);
  // Stock goes before prices, which get nothing while stock wants everything.
  expect(waits("prices")).toEqual([]);
  // One read and one write per renewal; a conflict costs one more.
  expect(ledger.counts.conflicts / ledger.counts.writes).toBeLessThan(0.2);
});

test.each([3, 5, 7])(
  "the processes of a deployment with the default budget: a full load delays neither checkouts nor orders elsewhere (seed %i)",
  async (seed) => {
    const { time, load, replicas } = cluster({ lanes: deployment, seed });
    for (const replica of replicas) {
      if (replica.served[0] === "checkout") load.arrive(replica, "checkout", 30, 60);
      if (replica.served[0] === "orders") load.arrive(replica, "orders", 20, 150);
      if (replica.served.includes("stock")) load.saturate(replica, "prices", 8, 80);
    }
    await time.run(7 * MINUTE);
    load.over.abort();
    expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
    expect(load.air.most).toBeLessThanOrEqual(8);
    // What the four others keep for their next checkouts and orders is not used by bulk: that is its price.
    expect(average(perMinute(startsAt(load), 6))).toBeGreaterThanOrEqual(570);
    expect(Math.min(...perMinute(startsAt(load), 6))).toBeGreaterThanOrEqual(555);
    const waits = (lane: Lane) =>
      load.started.filter((one) => one.lane === lane && one.at > 2 * MINUTE).map(({ waitedMs }) => waitedMs);
    expect(percentile(waits("checkout"), 0.99)).toBeLessThan(50);
    expect(percentile(waits("orders"), 0.99)).toBeLessThan(250);
  },
);

test("five replicas with the default budget, whose places hardly suffice for their checkouts: bulk still uses 95 %", async () => {
  const { time, load, replicas } = cluster({ lanes: Array(5).fill(lanes) });
  for (const replica of replicas) {
    load.saturate(replica, "stock", 6, 80);
    load.arrive(replica, "checkout", 12, 60);
  }
  await time.run(7 * MINUTE);
  load.over.abort();
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
  expect(average(perMinute(startsAt(load), 6).slice(1))).toBeGreaterThanOrEqual(570);
  expect(load.air.most).toBeLessThanOrEqual(8);
  const waits = load.started.filter(({ lane }) => lane === "checkout").map(({ waitedMs }) => waitedMs);
  expect(percentile(waits, 0.99)).toBeLessThan(50);
});

test("five times as many checkouts from one moment on: seconds of waiting at first, bulk makes room, none is lost", async () => {
  const { time, load, replicas } = cluster({ lanes: deployment });
  for (const replica of replicas) {
    if (replica.served[0] === "checkout") load.arrive(replica, "checkout", 30, 60);
    if (replica.served.includes("stock")) load.saturate(replica, "prices", 8, 80);
  }
  await time.run(3 * MINUTE);
  for (const replica of replicas.slice(0, 2)) load.arrive(replica, "checkout", 120, 60);
  await time.run(2 * MINUTE);
  load.over.abort();
  const waits = (from: number, to: number) =>
    load.started
      .filter(({ lane, at, waitedMs }) => lane === "checkout" && at - waitedMs >= from && at - waitedMs < to)
      .map(({ waitedMs }) => waitedMs);
  expect(Math.max(...waits(3 * MINUTE, 5 * MINUTE))).toBeLessThan(10_000);
  expect(percentile(waits(3 * MINUTE + 20_000, 5 * MINUTE), 0.5)).toBeLessThan(50);
  expect(waits(3 * MINUTE, 5 * MINUTE).length).toBeGreaterThan(500);
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
});

test("a renewal that would change nothing is not written, and the share lasts 20 s at any time", async () => {
  const { time, load, replicas, ledger } = cluster({ lanes: [["stock"]], perMinute: 2000, concurrency: 100 });
  const [only] = replicas as [(typeof replicas)[0]];
  const second = async () => {
    load.call(only, "stock", 80).catch(() => undefined);
    await time.run(1000);
  };
  for (let seconds = 0; seconds < 120; seconds++) await second();
  const { reads, writes } = ledger.counts;
  let least = Number.POSITIVE_INFINITY;
  for (let seconds = 0; seconds < 300; seconds++) {
    await second();
    const [holder] = Object.values(ledger.ledger().holders);
    least = Math.min(least, (holder?.until ?? 0) - time.clock.now());
  }
  load.over.abort();
  expect(ledger.counts.reads - reads).toBeGreaterThan(90);
  expect(ledger.counts.writes - writes).toBeLessThan(0.6 * (ledger.counts.reads - reads));
  // The replica's clock is a second behind.
  expect(least).toBeGreaterThan(18_000);
});

test("a process that writes nothing hears all the same that IFS asked everybody to stay away", async () => {
  const { time, load, replicas } = cluster({ lanes: [["stock"], ["stock"]], perMinute: 2000, concurrency: 100 });
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      for (const replica of replicas) load.call(replica, "stock", 80).catch(() => undefined);
      await time.run(1000);
    }
  };
  await seconds(120);
  for (const pause of [11, 12, 13, 14, 15]) {
    replicas[0]?.budget.observe({ status: 429, elapsedMs: 5, read: true, retryAfterMs: 1000 * pause });
    // One renewal of either, and then no request before the time is over.
    await seconds(6);
    const quietFrom = time.elapsed();
    await seconds(pause - 7);
    expect(startsAt(load).filter((at) => at > quietFrom)).toEqual([]);
    await seconds(60);
  }
  load.over.abort();
});

test("a process that starts while all is taken works at once, and has its part within seconds", async () => {
  const { time, load, replicas, add } = cluster({ lanes: [["stock"], ["stock"]] });
  for (const replica of replicas) load.saturate(replica, "stock", 6, 80);
  await time.run(2 * MINUTE);
  const newcomer = add(["orders"], 2);
  await time.run(200);
  const waited: number[] = [];
  const first = load.call(newcomer, "orders", 100).then(() => waited.push(load.started.at(-1)?.waitedMs ?? -1));
  await time.run(1000);
  await first;
  load.saturate(newcomer, "orders", 4, 100);
  await time.run(MINUTE);
  const fresh = load.started.filter(({ replica, at }) => replica === 2 && at > time.elapsed() - 30_000).length;
  load.over.abort();
  expect(load.started.filter(({ replica }) => replica === 2)[0]?.waitedMs).toBeLessThan(50);
  expect(fresh).toBeGreaterThan(100);
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
});

test("a process that dies gives its share back by expiry; one that leaves, at once", async () => {
  const { time, load, replicas, ledger } = cluster({ lanes: [["stock"], ["stock"], ["stock"]] });
  const [survivor, leaver, victim] = replicas as [(typeof replicas)[0], (typeof replicas)[0], (typeof replicas)[0]];
  for (const replica of replicas) load.saturate(replica, "stock", 3, 80);
  await time.run(MINUTE);
  const stopped = leaver.budget.stop();
  await time.run(1000);
  await stopped;
  expect(Object.keys(ledger.ledger().holders)).toHaveLength(2);
  victim.kill();
  await time.run(33_000 + 10_000);
  const floored = Object.values(ledger.ledger().holders).filter((holder) => holder.floored);
  expect(floored.map(({ tokens }) => tokens)).toEqual([6]);
  await time.run(MINUTE);
  expect(survivor.budget.share().tokens).toBeGreaterThan(580);
  await time.run(2 * MINUTE);
  expect(Object.keys(ledger.ledger().holders)).toHaveLength(1);
  load.over.abort();
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
});

test("a process that stops while the store is down ends well; its share comes back by expiry", async () => {
  const { time, replicas, ledger } = cluster({ lanes: [["stock"], ["stock"]] });
  await time.run(MINUTE);
  ledger.break("down");
  const stopped = replicas[0]?.budget.stop();
  await time.run(5000);
  await expect(stopped).resolves.toBeUndefined();
  ledger.break("none");
  await time.run(3 * MINUTE);
  expect(Object.keys(ledger.ledger().holders)).toHaveLength(1);
});

test("without the store: the share until its end, then the floor, then nothing, and all of it again afterwards", async () => {
  const { time, load, replicas, ledger } = cluster({ lanes: [["stock"], ["stock"]] });
  for (const replica of replicas) load.saturate(replica, "stock", 3, 80);
  await time.run(MINUTE);
  ledger.break("down");
  await time.run(20_000);
  expect(replicas.map(({ budget }) => budget.share().tokens)).toEqual([297, 297]);
  await time.run(25_000);
  expect(replicas.map(({ budget }) => budget.share().tokens)).toEqual([6, 6]);
  await time.run(3 * MINUTE);
  expect(replicas.map(({ budget }) => budget.share())).toMatchObject([
    { tokens: 0, slots: 0 },
    { tokens: 0, slots: 0 },
  ]);
  ledger.break("none");
  await time.run(2 * MINUTE);
  expect(replicas.map(({ budget }) => budget.share().tokens).reduce((a, b) => a + b)).toBeGreaterThan(580);
  load.over.abort();
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(600);
});

test.each([1, 2, 3, 4])("inside the budget with random faults of the store (seed %i)", async (seed) => {
  const random = seeded(seed);
  const { time, load, add, ledger } = cluster({ lanes: [["stock"]], perMinute: 120, seed });
  const flaky: BudgetStore = {
    async read() {
      return ledger.store.read();
    },
    async swap(value, version) {
      ledger.break(random() < 0.2 ? "answerLost" : random() < 0.2 ? "down" : "none");
      return ledger.store.swap(value, version).finally(() => ledger.break("none"));
    },
  };
  for (let minute = 0; minute < 12; minute++) {
    const replica = add(lanes, minute, flaky);
    load.saturate(replica, "stock", 3, 80);
    load.arrive(replica, "checkout", 10, 80);
    await time.run(MINUTE * random());
    if (random() < 0.5) {
      const stopped = replica.budget.stop().catch(() => undefined);
      await time.run(5000);
      await stopped;
    }
  }
  load.over.abort();
  expect(load.started.length).toBeGreaterThan(200);
  expect(mostPerMinute(startsAt(load))).toBeLessThanOrEqual(120);
  expect(load.air.most).toBeLessThanOrEqual(8);
});

test("another budget in the configuration counts from the next renewal on, upwards and downwards", async () => {
  const { time, load, replicas } = cluster({ lanes: [["stock"]], perMinute: 600 });
  const [only] = replicas as [(typeof replicas)[0]];
  load.saturate(only, "stock", 6, 20);
  await time.run(MINUTE);
  only.budget.configure({ perMinute: 1200, concurrency: 8, perProcess: 6 });
  await time.run(10_000);
  expect(only.budget.share().tokens).toBe(1188);
  only.budget.configure({ perMinute: 60, concurrency: 2, perProcess: 6 });
  await time.run(2 * MINUTE);
  expect(only.budget.share().tokens).toBe(60);
  await time.run(2 * MINUTE);
  load.over.abort();
  expect(mostPerMinute(startsAt(load).filter((at) => at > 3.2 * MINUTE))).toBeLessThanOrEqual(60);
});

test("a 429 with Retry-After silences every process", async () => {
  const { time, load, replicas } = cluster({ lanes: [["stock"], ["stock"]] });
  for (const replica of replicas) load.saturate(replica, "stock", 3, 80);
  await time.run(MINUTE);
  replicas[0]?.budget.observe({ status: 429, elapsedMs: 5, read: true, retryAfterMs: 30_000 });
  await time.run(12_000);
  const quietFrom = time.elapsed();
  await time.run(15_000);
  load.over.abort();
  expect(startsAt(load).filter((at) => at > quietFrom)).toEqual([]);
});

test("a store that was never installed: the floor, and one line in the log", async () => {
  const time = virtualTime();
  const logs: string[] = [];
  const budget = createBudget({
    clock: time.clock,
    store: { read: async () => undefined, swap: async () => undefined },
    logger: { ...silent, error: (_fields, event) => logs.push(event) },
    lanes: ["stock"],
    random: seeded(1),
  });
  budget.start();
  let done = 0;
  const worker = async () => {
    for (;;) {
      await budget.run("stock", new AbortController().signal, async () => {
        done += 1;
      });
    }
  };
  worker().catch(() => undefined);
  await time.run(5 * MINUTE);
  expect([budget.share().tokens, logs]).toEqual([6, ["ifs.budgetNotInstalled"]]);
  expect(done).toBeGreaterThanOrEqual(28);
  expect(done).toBeLessThanOrEqual(36);
});
