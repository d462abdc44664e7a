/** Whoever waits for a shard waits for commercetools, whoever asked it. */
import { expect, test } from "vitest";
import type { StockHold } from "../../domain/stock-hold.ts";
import { newCallTimes, splitTime, timing } from "../../runtime/call-times.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { gatherHolds } from "./hold-access.ts";
import { createHoldShards } from "./hold-shards.ts";

const EXCHANGE_MS = 40;

function open() {
  const time = virtualTime();
  const { clock } = time;
  const stored = { holds: [] as readonly StockHold[], version: 1 };
  const gathered = gatherHolds(clock, {
    async readAll(shards) {
      await clock.sleep(EXCHANGE_MS);
      return new Map(shards.map((shard) => [shard, { ...stored }]));
    },
    async swapAll(swaps) {
      await clock.sleep(EXCHANGE_MS);
      stored.version += 1;
      return new Map([...swaps.keys()].map((shard) => [shard, stored.version]));
    },
  });
  const access = { ...gathered, chance: () => 0 };
  const shards = createHoldShards(clock, { windowMs: 1 });
  const place = (holds: readonly StockHold[]) => [...holds, {} as StockHold];
  const timed = async (work: () => Promise<unknown>, forMs = Number.POSITIVE_INFINITY) => {
    const times = newCallTimes();
    const from = clock.monotonic();
    await timing(times, () => Promise.race([work(), clock.sleep(Math.min(forMs, 10_000))]));
    const { ctMs, oursMs } = splitTime(times, from, clock.monotonic());
    return { ctMs, oursMs };
  };
  const deadlineAt = 10_000;
  return {
    time,
    change: (forMs?: number) => timed(() => shards.change(access, 3, { change: place, deadlineAt }), forMs),
    look: (isFresh: boolean) => timed(() => shards.look(access, 3, { isFresh })),
  };
}

test("a wish that waits behind the swap of others", async () => {
  const { time, change } = open();
  const all = Promise.all([change(), time.clock.sleep(60).then(() => change()), change(30)]);
  await time.run(10_000);
  // A window for the worker, and one of each of the two requests: read, swap. The second wish comes within that swap and has one of its own.
  expect(await all).toEqual([
    { ctMs: 80, oursMs: 3 },
    { ctMs: 63, oursMs: 1 },
    // Given up while the read is under way.
    { ctMs: 28, oursMs: 2 },
  ]);
});

test("a look that joins the look of others", async () => {
  const { time, look } = open();
  const all = Promise.all([look(false), time.clock.sleep(10).then(() => look(false))]);
  await time.run(10_000);
  expect(await all).toEqual([
    { ctMs: 40, oursMs: 1 },
    { ctMs: 31, oursMs: 0 },
  ]);
});

test("a fresh look, which joins none that began before", async () => {
  const { time, look } = open();
  const both = Promise.all([look(true), time.clock.sleep(10).then(() => look(true))]);
  await time.run(10_000);
  expect(await both).toEqual([
    { ctMs: 40, oursMs: 1 },
    // Gathered until half of the exchange that is under way has passed, and an exchange of its own.
    { ctMs: 60, oursMs: 0 },
  ]);
});
