import { expect, test } from "vitest";
import { remember } from "./remember.ts";

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
  const value = remember({ ms: 100, staleMs: 1000, now: () => now }, async () => {
    if (fails) throw new Error("down");
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
