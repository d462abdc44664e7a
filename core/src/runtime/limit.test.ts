import { describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { chunked, mapLimited, withDeadline, within } from "./limit.ts";

describe("mapLimited", () => {
  test("keeps the order and never exceeds the limit", async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimited([30, 1, 20, 2, 10], 2, async (ms, index) => {
      running += 1;
      most = Math.max(most, running);
      await systemClock.sleep(ms);
      running -= 1;
      return index;
    });
    expect({ results, most }).toEqual({ results: [0, 1, 2, 3, 4], most: 2 });
  });

  test("throws the first failure after what was begun has settled, and begins nothing new", async () => {
    const begun: number[] = [];
    const settled: number[] = [];
    const work = mapLimited([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error("first");
      await systemClock.sleep(10);
      settled.push(item);
    });
    await expect(work).rejects.toThrow("first");
    expect({ begun, settled }).toEqual({ begun: [0, 1], settled: [1] });
  });
});

test("chunked", () => {
  expect(chunked([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunked([], 2)).toEqual([]);
  expect(() => chunked([1], 0)).toThrow(RangeError);
});

describe("withDeadline", () => {
  test("gives the value in time", async () => {
    expect(
      await withDeadline({ clock: systemClock, ms: 1000, onTimeout: () => new Error("late") }, async () => 7),
    ).toBe(7);
  });

  test("aborts the work and throws when the time is over", async () => {
    let reason: unknown;
    const work = withDeadline(
      { clock: systemClock, ms: 10, onTimeout: () => new Error("late") },
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(signal.reason);
          });
        }),
    );
    await expect(work).rejects.toThrow("late");
    expect(reason).toEqual(new Error("late"));
  });
});

describe("within", () => {
  /** Alarms that ring by hand. */
  function bell() {
    const rings = new Set<() => void>();
    const clock = {
      monotonic: () => 500,
      after(_ms: number, ring: () => void) {
        rings.add(ring);
        return () => rings.delete(ring);
      },
    };
    return { clock, rings };
  }
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });

  test("gives the value and leaves no alarm behind", async () => {
    const { clock, rings } = bell();
    expect(await within({ clock, ms: 1000 }, async () => 7)).toBe(7);
    expect(rings.size).toBe(0);
    await expect(within({ clock, ms: 1000 }, () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
    expect(rings.size).toBe(0);
  });

  test("aborts with a time-out when the time is over", async () => {
    const { clock, rings } = bell();
    const work = within({ clock, ms: 1000 }, untilAborted);
    for (const ring of rings) ring();
    await expect(work).rejects.toMatchObject({ name: "TimeoutError", message: "no complete answer within 1000 ms" });
  });

  test("tells how late it may get, which is no later than its caller may", async () => {
    const { clock } = bell();
    const latest = within({ clock, ms: 1000 }, async (caller) => [
      caller.notAfter,
      await within({ clock, ms: 5000, caller }, async ({ notAfter }) => notAfter),
      await within({ clock, ms: 300, caller }, async ({ notAfter }) => notAfter),
    ]);
    expect(await latest).toEqual([1500, 1500, 800]);
  });

  test("follows its caller, also one that has given up already", async () => {
    const { clock, rings } = bell();
    const caller = new AbortController();
    const work = within({ clock, ms: 1000, caller: caller.signal }, untilAborted);
    caller.abort(new Error("the caller left"));
    await expect(work).rejects.toThrow("the caller left");
    await expect(within({ clock, ms: 1000, caller: caller.signal }, untilAborted)).rejects.toThrow("the caller left");
    expect(rings.size).toBe(0);
  });
});

describe("systemClock.sleep", () => {
  test("rejects with the signal's reason", async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(10_000, controller.signal);
    controller.abort(new Error("stop"));
    await expect(sleeping).rejects.toThrow("stop");
    await expect(systemClock.sleep(10_000, controller.signal)).rejects.toThrow("stop");
  });
});
