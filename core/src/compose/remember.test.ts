import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { isOutage, remember } from "./remember.ts";

test("one reading for all callers, and a new one once it is old", async () => {
  let now = 0;
  let readings = 0;
  const value = remember({ ms: 100, now: () => now }, async () => ++readings);
  expect(await Promise.all([value(), value(), value()])).toEqual([1, 1, 1]);
  now = 99;
  expect(await value()).toBe(1);
  now = 100;
  expect(await value()).toBe(2);
});

test("read ahead, it is never older, and nobody waits for it but the first", async () => {
  let now = 0;
  const readings: PromiseWithResolvers<string>[] = [];
  const value = remember({ ms: 100, now: () => now, ahead: true }, () => {
    const reading = Promise.withResolvers<string>();
    readings.push(reading);
    return reading.promise;
  });
  const first = value();
  readings[0]?.resolve("first");
  expect(await first).toBe("first");
  now = 79;
  expect([await value(), readings.length]).toEqual(["first", 1]);
  now = 80;
  expect([await value(), await value(), readings.length]).toEqual(["first", "first", 2]);
  // Away at first: it is tried again, by one reading at a time, and what is known counts to its end.
  readings[1]?.reject(new TransientError("down"));
  await new Promise((turn) => setImmediate(turn));
  now = 99;
  expect([await value(), await value(), readings.length]).toEqual(["first", "first", 3]);
  now = 100;
  const waiting = value();
  readings[2]?.resolve("second");
  expect([await waiting, await value(), readings.length]).toEqual(["second", "second", 3]);
});

test("a failed reading is not remembered, and the last good value bridges it for a while only", async () => {
  let now = 0;
  let fails = true;
  const bridge = { ms: 1000, over: isOutage };
  const value = remember({ ms: 100, bridge, now: () => now }, async () => {
    if (fails) throw new TransientError("down");
    return "good";
  });
  await expect(value()).rejects.toThrow("down");
  fails = false;
  expect(await value()).toBe("good");
  fails = true;
  now = 1099;
  expect(await value()).toBe("good");
  now = 1100;
  await expect(value()).rejects.toThrow("down");
});

test("a reading that shows something unusable is not bridged: the last good value would hide it", async () => {
  let now = 0;
  let broken = false;
  const bridge = { ms: 1000, over: isOutage };
  const value = remember({ ms: 100, bridge, now: () => now }, async () => {
    if (broken) throw new RangeError("unusable");
    return "good";
  });
  expect(await value()).toBe("good");
  broken = true;
  now = 150;
  await expect(value()).rejects.toThrow("unusable");
});
