import { expect, test } from "vitest";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import { systemClock } from "../../runtime/clock.ts";
import { gatherHolds, type HoldStore } from "./hold-access.ts";

type Swaps = Parameters<HoldStore["swapAll"]>[0];

function opened(given: Partial<HoldStore> = {}) {
  const reads: number[][] = [];
  const swaps: number[][] = [];
  const access = gatherHolds(systemClock, {
    async readAll(shards) {
      reads.push([...shards]);
      return new Map(shards.filter((shard) => shard < 90).map((shard) => [shard, { holds: [], version: shard }]));
    },
    async swapAll(wanted: Swaps) {
      swaps.push([...wanted.keys()]);
      return new Map([...wanted].map(([shard, { version }]) => [shard, version + 1]));
    },
    ...given,
  });
  return { access, reads, swaps };
}

test("what is asked for in the same moment goes in one request, twenty shards at most", async () => {
  const { access, reads, swaps } = opened();
  const shards = Array.from({ length: 25 }, (_, shard) => shard);
  const read = await Promise.all(shards.map((shard) => access.read(shard)));
  expect(read.map((state) => state?.version)).toEqual(shards);
  expect(reads.map(({ length }) => length)).toEqual([20, 5]);
  expect(await Promise.all(shards.map((shard) => access.swap(shard, [], shard)))).toEqual(shards.map((one) => one + 1));
  expect(swaps.map(({ length }) => length)).toEqual([20, 5]);
});

test("a shard that is not there is told apart from one that cannot be read, and spoils no other", async () => {
  const { access } = opened({
    readAll: async () =>
      new Map<number, { holds: []; version: number } | Error>([
        [1, { holds: [], version: 3 }],
        [2, new Error("hold shard shard-002 is damaged")],
      ]),
  });
  const [one, two, three] = await Promise.allSettled([access.read(1), access.read(2), access.read(3)]);
  expect(one).toMatchObject({ status: "fulfilled", value: { version: 3 } });
  expect(two).toMatchObject({ status: "rejected", reason: { message: "hold shard shard-002 is damaged" } });
  expect(three).toEqual({ status: "fulfilled", value: undefined });
});

test("each swap has its own outcome; one that is not answered for may have happened", async () => {
  const { access } = opened({
    swapAll: async () =>
      new Map<number, number | Error>([
        [1, 8],
        [2, new ConflictError("somebody was quicker")],
      ]),
  });
  const [one, two, three] = await Promise.allSettled([1, 2, 3].map((shard) => access.swap(shard, [], 7)));
  expect(one).toEqual({ status: "fulfilled", value: 8 });
  expect(two).toMatchObject({ status: "rejected", reason: expect.any(ConflictError) });
  expect(three).toMatchObject({ status: "rejected", reason: expect.any(TransientError) });
});

test("an outage is everybody's", async () => {
  const { access } = opened({ readAll: () => Promise.reject(new TransientError("away")) });
  const both = await Promise.allSettled([access.read(1), access.read(2)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("what is asked for while a request is under way is in the next one, never in the one that has begun", async () => {
  let answer = () => {};
  const { access, reads } = opened({
    readAll: async (shards) => {
      reads.push([...shards]);
      if (reads.length === 1) {
        await new Promise<void>((done) => {
          answer = done;
        });
      }
      return new Map(shards.map((shard) => [shard, { holds: [], version: reads.length }]));
    },
  });
  const first = access.read(1);
  while (reads.length === 0) await systemClock.sleep(1);
  const second = access.read(1);
  answer();
  expect([(await first)?.version, (await second)?.version]).toEqual([1, 2]);
  expect(reads).toEqual([[1], [1]]);
});
