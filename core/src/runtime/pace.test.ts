import { describe, expect, test } from "vitest";
import { ThrottledError } from "../domain/failure.ts";
import { createPace, PATIENCE_MS, type PaceOptions } from "./pace.ts";
import { virtualTime } from "./testing/virtual-time.ts";

type Answer = (at: { readonly now: number; readonly inTheAir: number }) => { ms: number; error?: Error };

/** A platform that answers as it is told, and what it met. */
function platform(answer: Answer, options: Partial<PaceOptions> & Pick<PaceOptions, "most">) {
  const time = virtualTime();
  const lowered: string[] = [];
  const loweredAt: number[] = [];
  const pace = createPace({
    clock: time.clock,
    random: { fraction: () => 0 },
    lowered: ({ places, reason }) => {
      lowered.push(`${reason} ${places}`);
      loweredAt.push(time.elapsed());
    },
    ...options,
  });
  let inTheAir = 0;
  const met = { most: 0, requests: 0, at: [] as number[] };
  const send = async () => {
    inTheAir += 1;
    met.requests += 1;
    met.most = Math.max(met.most, inTheAir);
    met.at.push(time.elapsed());
    const { ms, error } = answer({ now: time.elapsed(), inTheAir });
    await time.clock.sleep(ms);
    inTheAir -= 1;
    if (error) throw error;
  };
  async function work(count: number) {
    let done = 0;
    const outcomes = Array.from({ length: count }, () => pace.run(send).then(() => (done += 1)));
    const all = Promise.allSettled(outcomes);
    await time.until(() => done === count, 10 * 60_000);
    return { done, ms: time.elapsed(), settled: all };
  }
  return { time, pace, met, lowered, loweredAt, work };
}

const calm: Answer = () => ({ ms: 40 });
const throttled = (retryAfterMs?: number) => new ThrottledError("too many", { ...(retryAfterMs && { retryAfterMs }) });

describe("a calm platform", () => {
  test("gets one request more at a time after each round, up to the bound and never more", async () => {
    const { pace, met, lowered, work } = platform(calm, { most: 8 });
    expect(pace.places()).toBe(4);
    expect((await work(400)).done).toBe(400);
    expect([pace.places(), met.most, met.requests, lowered]).toEqual([8, 8, 400, []]);
    // A round counts once all of it was begun with the places that it is about.
    const rounds = [0, 40, 80, 120, 160].map((begun) => met.at.filter((at) => at === begun).length);
    expect(rounds).toEqual([4, 5, 5, 6, 6]);
  });

  test("is not believed to take more than it was asked", async () => {
    const { pace, work } = platform(calm, { most: 8 });
    for (let nth = 0; nth < 50; nth += 1) await work(1);
    expect(pace.places()).toBe(4);
  });
});

describe("a platform that throttles", () => {
  test("gets half as many, once for all that were in the air together, after a pause; everything is done in the end", async () => {
    let refusals = 6;
    const answer: Answer = ({ now }) => {
      if (now < 1000 || refusals === 0) return { ms: 40 };
      refusals -= 1;
      return { ms: 40, error: throttled() };
    };
    const { met, lowered, work } = platform(answer, { most: 8 });
    expect((await work(600)).done).toBe(600);
    expect(lowered).toEqual(["throttled 4"]);
    expect(met.requests).toBe(606);
    const paused = met.at.findIndex((at, index) => at - (met.at[index - 1] ?? at) >= 500);
    expect(met.at[paused]).toBeGreaterThan(1000);
  });

  test("is left alone for as long as its Retry-After says", async () => {
    let refused = false;
    const answer: Answer = () => {
      if (refused) return { ms: 40 };
      refused = true;
      return { ms: 40, error: throttled(7000) };
    };
    const { met, work } = platform(answer, { most: 2 });
    await work(5);
    expect(met.at.slice(0, 3)).toEqual([0, 7040, 7080]);
  });

  test("gets no more than one place back in a second, and ends near what it takes", async () => {
    const takes = 5;
    const { met, pace, work } = platform(
      ({ inTheAir }) => (inTheAir > takes ? { ms: 5, error: throttled(500) } : { ms: 40 }),
      { most: 20 },
    );
    const { ms } = await work(4000);
    // 5 places of 40 ms would take 32 s.
    expect(ms).toBeLessThan(60_000);
    expect(met.requests - 4000).toBeLessThan(120);
    expect(pace.places()).toBeLessThanOrEqual(takes + 1);
  });

  test("for ever is an outage, and so is a wait that belongs to the next run", async () => {
    const always = platform(() => ({ ms: 40, error: throttled() }), { most: 4 });
    const { settled } = await always.work(4);
    expect((await settled).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    expect(always.met.at.at(-1)).toBeLessThan(2 * PATIENCE_MS);
    const long = platform(() => ({ ms: 40, error: throttled(PATIENCE_MS + 1) }), { most: 4 });
    await expect((await long.work(1)).settled).resolves.toMatchObject([{ status: "rejected" }]);
    expect(long.met.requests).toBe(1);
  });

  test("and takes something between is no outage, however long that lasts; each time it is left alone for as short as the first", async () => {
    const every = 20_000;
    let refusedIn = -1;
    const { time, met, lowered, work } = platform(
      ({ now }) => {
        if (Math.floor(now / every) === refusedIn) return { ms: 1000 };
        refusedIn = Math.floor(now / every);
        return { ms: 1000, error: throttled() };
      },
      { most: 1 },
    );
    const { done } = await work(200);
    expect([done, time.elapsed() > 3 * PATIENCE_MS, lowered.length > 9]).toEqual([200, true, true]);
    const gaps = met.at.map((at, index) => at - (met.at[index - 1] ?? at));
    expect(Math.max(...gaps)).toBe(1500);
  });

  test("is left alone until the latest moment that it named", async () => {
    const waits = [7000, 1000];
    const answer: Answer = () => {
      const ms = waits.shift();
      return ms === undefined ? { ms: 40 } : { ms: 40, error: throttled(ms) };
    };
    const { met, work } = platform(answer, { most: 4 });
    await work(8);
    expect(met.at.slice(0, 3)).toEqual([0, 0, 7040]);
  });

  test("and says to wait for no time is left alone all the same", async () => {
    let refused = false;
    const answer: Answer = () => {
      if (refused) return { ms: 40 };
      refused = true;
      return { ms: 40, error: new ThrottledError("too many", { retryAfterMs: 0 }) };
    };
    const { met, work } = platform(answer, { most: 2 });
    await work(5);
    expect(met.at.slice(0, 2)).toEqual([0, 540]);
  });

  test("is not repeated for any other failure", async () => {
    const { met, lowered, work } = platform(() => ({ ms: 40, error: new Error("down") }), { most: 4 });
    await expect((await work(1)).settled).resolves.toMatchObject([{ status: "rejected" }]);
    expect([met.requests, lowered]).toEqual([1, []]);
  });
});

test("a platform that becomes slow gets fewer, and more again when it is used to it", async () => {
  const { lowered, pace, work } = platform(({ now }) => ({ ms: now < 2000 ? 40 : 800 }), { most: 10 });
  await work(3000);
  expect(lowered[0]).toBe("slow 8");
  expect(lowered.length).toBeGreaterThan(1);
  expect(pace.places()).toBe(10);
});

describe("a platform that becomes slow", () => {
  const slowFrom = (from: number, slow: number, most: number, usual = 40) =>
    platform(({ now }) => ({ ms: now < from ? usual : slow }), { most });

  test("gets fewer in steps: what one step does is seen before the next", async () => {
    const { lowered, loweredAt, work } = slowFrom(2000, 2000, 20);
    await work(1500);
    const gaps = loweredAt.slice(1).map((at, index) => at - (loweredAt[index] ?? 0));
    expect(lowered.slice(0, 2)).toEqual(["slow 16", "slow 12"]);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000);
  });

  test("never less than one, and nobody is told of a decrease that is none", async () => {
    const { pace, lowered, work } = slowFrom(2000, 2000, 1);
    await work(100);
    expect([pace.places(), lowered]).toEqual([1, []]);
  });

  test("and answers within a moment all the same is under no pressure, and neither is one that was slow once", async () => {
    const quick = slowFrom(2000, 200, 10, 10);
    await quick.work(4000);
    let nth = 0;
    const once = platform(() => ({ ms: ++nth === 2500 ? 900 : 40 }), { most: 10 });
    await once.work(3000);
    expect([quick.lowered, once.lowered]).toEqual([[], []]);
  });
});

test("a bound below one is refused", () => {
  expect(() => platform(calm, { most: 0 })).toThrow("places must be a positive whole number: 0");
});
