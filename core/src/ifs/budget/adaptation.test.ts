import { expect, test } from "vitest";
import { createAdaptation } from "./adaptation.ts";

function world(random = 0.5) {
  let now = 0;
  const adaptation = createAdaptation({ monotonic: () => now }, () => random);
  return {
    adaptation,
    at(ms: number) {
      now = ms;
    },
    read: (elapsedMs: number, status = 200) => adaptation.observe({ status, elapsedMs, read: true }),
    throttled: (retryAfterMs?: number, status = 429) =>
      adaptation.observe({ status, elapsedMs: 5, read: true, retryAfterMs }),
  };
}

test("429 with Retry-After: nothing is sent before, and the pace is half", () => {
  const { adaptation, throttled } = world(0);
  throttled(7000);
  // Answers to requests that were in the air together count once.
  throttled(7000);
  expect([adaptation.holdUntil(), adaptation.factor()]).toEqual([7000, 0.5]);
});

test("429 without Retry-After: pauses double, with jitter, and have an end", () => {
  const { adaptation, throttled, at } = world(0.5);
  const pauses: number[] = [];
  let now = 0;
  for (let count = 0; count < 12; count++) {
    at(now);
    throttled();
    pauses.push(adaptation.holdUntil() - now);
    now = adaptation.holdUntil();
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000]);
  expect(adaptation.factor()).toBe(0.1);
  const jitter = [0, 1].map((random) => {
    const one = world(random);
    one.throttled();
    return one.adaptation.holdUntil();
  });
  expect(jitter).toEqual([500, 1500]);
});

test("a server that sheds load counts as throttling, a bare 503 does not", () => {
  const { adaptation, throttled } = world(0);
  throttled(undefined, 503);
  expect(adaptation.factor()).toBe(1);
  throttled(2000, 503);
  expect([adaptation.factor(), adaptation.holdUntil()]).toEqual([0.5, 2000]);
});

test("calm brings the pace back, a tenth in ten seconds", () => {
  const { adaptation, read, throttled, at } = world(0);
  throttled(1000);
  const factors = [9999, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 60_000].map((ms) => {
    at(ms);
    read(50);
    return Math.round(adaptation.factor() * 10) / 10;
  });
  expect(factors).toEqual([0.5, 0.6, 0.6, 0.7, 0.8, 0.9, 1, 1]);
});

test("reads that become much slower than usual lower the pace, step by step", () => {
  const { adaptation, read, at } = world();
  for (let count = 0; count < 100; count++) read(100);
  at(20_000);
  for (let count = 0; count < 5; count++) read(4000);
  expect(adaptation.factor()).toBe(0.8);
  at(25_000);
  read(4000);
  expect(Math.round(adaptation.factor() * 100)).toBe(64);
});

test("a system that was always slow is not under pressure", () => {
  const { adaptation, read, at } = world();
  for (let count = 0; count < 100; count++) {
    at(count * 5000);
    read(4000);
  }
  expect(adaptation.factor()).toBe(1);
});
