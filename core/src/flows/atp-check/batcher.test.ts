/** Keys that are asked for within a few milliseconds are read together, and none is read twice at once. */
import { describe, expect, it } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import { newCallTimes, splitTime, timing } from "../../runtime/call-times.ts";
import { systemClock } from "../../runtime/clock.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createBatcher } from "./batcher.ts";

describe("createBatcher", () => {
  const make = () => {
    const reads: string[][] = [];
    const batcher = createBatcher<string>(systemClock, { windowMs: 2, maxKeys: 3, system: "ifs" });
    const read = async (keys: readonly string[]) => {
      reads.push([...keys]);
      await systemClock.sleep(10);
      if (keys.includes("bad")) throw new TransientError("bad key");
      return new Map(keys.filter((key) => key !== "absent").map((key) => [key, key.toUpperCase()]));
    };
    return { reads, load: (...keys: string[]) => batcher.load(keys, read) };
  };

  it("gathers, bounds its batches, and never reads a key twice at once", async () => {
    const { reads, load } = make();
    const early = Promise.all([load("a", "b"), load("b", "c", "absent")]);
    await systemClock.sleep(5);
    const joined = load("a");
    expect((await early).map((found) => [...found])).toEqual([
      [
        ["a", "A"],
        ["b", "B"],
      ],
      [
        ["b", "B"],
        ["c", "C"],
      ],
    ]);
    expect([...(await joined)]).toEqual([["a", "A"]]);
    expect(reads).toEqual([["a", "b", "c"], ["absent"]]);
    await load("a");
    expect(reads).toEqual([["a", "b", "c"], ["absent"], ["a"]]);
  });

  it("fails those who asked for it, and reads again the next time", async () => {
    const { reads, load } = make();
    const [bad, good] = await Promise.allSettled([load("bad"), systemClock.sleep(5).then(() => load("a"))]);
    expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
    await expect(load("bad")).rejects.toThrow("bad key");
    expect(reads).toEqual([["bad"], ["a"], ["bad"]]);
  });
});

it("lets the process breathe between those who waited for the same read", async () => {
  const { clock, run } = virtualTime();
  const order: string[] = [];
  const breathe = async () => {
    order.push("breath");
  };
  const how = { windowMs: 1, maxKeys: 9, system: "ifs" } as const;
  const batcher = createBatcher<number>({ ...clock, breather: { breathe, behindMs: () => 0 } }, how);
  const read = async (keys: readonly string[]) => new Map(keys.map((key) => [key, 1]));
  const asked = ["a", "b"].map((key) => batcher.load([key], read).then(() => order.push(key)));
  await run(10);
  await Promise.all(asked);
  // One before the read, for others who may ask for the same; then one for each.
  expect(order).toEqual(["breath", "breath", "breath", "a", "b"]);
});

describe("a batcher with patience", () => {
  const make = (readMs: number, bounds: { atATime?: number } = {}) => {
    const time = virtualTime();
    const how = { windowMs: 4, maxKeys: 99, system: "ifs", patienceMs: 60, ...bounds } as const;
    const batcher = createBatcher<number>(time.clock, how);
    const reads: string[] = [];
    const read = async (keys: readonly string[]) => {
      reads.push(`${time.elapsed()}: ${keys.join(" ")}`);
      await time.clock.sleep(readMs);
      return new Map(keys.map((key) => [key, 1]));
    };
    const ask = (key: string) => {
      const times = newCallTimes();
      const from = time.clock.monotonic();
      return timing(times, async () => {
        await batcher.load([key], read);
        return splitTime(times, from, time.clock.monotonic());
      });
    };
    return { time, reads, ask };
  };

  it("gathers while another read is under way, until that one ends or its patience does", async () => {
    const long = make(150);
    const asked = ["A", "B", "C", "D"].map((key, nth) => long.time.clock.sleep(nth * 20).then(() => long.ask(key)));
    await long.time.run(1000);
    await Promise.all(asked);
    expect(long.reads).toEqual(["4: A", "80: B C D"]);
    const short = make(30);
    const soon = ["A", "B", "C"].map((key, nth) => short.time.clock.sleep(nth * 10).then(() => short.ask(key)));
    await short.time.run(1000);
    await Promise.all(soon);
    expect(short.reads).toEqual(["4: A", "34: B C"]);
  });

  it("begins no more reads than may be under way, but waits for no read that hangs", async () => {
    for (const [readMs, begun] of [
      [100, ["4: A", "104: B"]],
      [1000, ["4: A", "160: B"]],
    ] as const) {
      const { time, reads, ask } = make(readMs, { atATime: 1 });
      const asked = Promise.all([ask("A"), time.clock.sleep(10).then(() => ask("B"))]);
      await time.run(3000);
      await asked;
      expect(reads).toEqual(begun);
    }
  });

  it("tells who waited for the other side, and who was only gathered", async () => {
    const { time, ask } = make(150);
    const asked = Promise.all([ask("A"), ask("A"), time.clock.sleep(20).then(() => ask("B"))]);
    await time.run(1000);
    expect(await asked).toEqual([
      { oursMs: 4, ctMs: 0, ifsMs: 150 },
      { oursMs: 4, ctMs: 0, ifsMs: 150 },
      // Behind the read that is under way from the start, as long as patience lasts; then its own.
      { oursMs: 0, ctMs: 0, ifsMs: 60 + 150 },
    ]);
  });
});

it("joins no read that has begun where a caller wants what is read for it", async () => {
  const time = virtualTime();
  const batcher = createBatcher<number>(time.clock, { windowMs: 2, maxKeys: 9, system: "ct", joins: "gathering" });
  const reads: string[] = [];
  const read = async (keys: readonly string[]) => {
    reads.push(`${time.elapsed()}: ${keys.join(" ")}`);
    await time.clock.sleep(50);
    return new Map(keys.map((key) => [key, time.elapsed()]));
  };
  const at = (ms: number, key: string) => time.clock.sleep(ms).then(() => batcher.load([key], read));
  const found = Promise.all([at(0, "A"), at(1, "A"), at(10, "A"), at(70, "A")]);
  await time.run(1000);
  expect((await found).map((values) => values.get("A"))).toEqual([52, 52, 62, 122]);
  expect(reads).toEqual(["2: A", "12: A", "72: A"]);
});
