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
