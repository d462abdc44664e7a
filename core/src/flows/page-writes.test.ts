import { expect, it } from "vitest";
import type { Change } from "../domain/change.ts";
import { ConflictError, ThrottledError } from "../domain/failure.ts";
import { createPace } from "../runtime/pace.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { createWriter, type WriteSteps } from "./page-writes.ts";

type Write = { readonly readAt: number };
const WRITE_MS = 40;
const OLD_MS = 5000;

/** Entries whose figures may be five seconds old, and what was read and written of them. */
function world() {
  const time = virtualTime();
  const { clock } = time;
  const written: string[] = [];
  const ages: number[] = [];
  const renewed: string[][] = [];
  const change = (record: string): Change<Write> => ({ record, cause: "", apply: { readAt: clock.monotonic() } });
  const steps: WriteSteps<Write, object> = {
    apply: async ({ record, apply }) => {
      ages.push(clock.monotonic() - apply.readAt);
      if (clock.monotonic() - apply.readAt > OLD_MS) throw new ConflictError("too old");
      await clock.sleep(WRITE_MS);
      written.push(record);
    },
    again: async ({ record }) => change(`${record} alone`),
    ageing: {
      isOld: ({ apply }) => clock.monotonic() - apply.readAt > OLD_MS - 1000,
      renew: async (changes) => {
        renewed.push(changes.map(({ record }) => record));
        await clock.sleep(100);
        return changes.map(({ record }) => change(record));
      },
    },
    refuse: () => {
      throw new Error("nothing is refused here");
    },
    waits: () => {},
  };
  const page = (count: number) => Array.from({ length: count }, (_, nth) => change(`r${nth}`));
  return { time, clock, steps, page, change, written, ages, renewed };
}

it("reads a page again by one look-up for all its changes that have waited too long, and writes nothing older", async () => {
  const { time, steps, page, written, ages, renewed } = world();
  const writer = createWriter(steps, 1);
  const { done } = writer.begin(page(200));
  await time.until(() => written.length === 200, 60_000);
  expect(await done).toEqual({ changed: 200, waiting: 0, left: 0, refused: [] });
  expect(renewed.map(({ length }) => length)).toEqual([99]);
  expect(Math.max(...ages)).toBeLessThanOrEqual(OLD_MS);
});

it("writes once what was throttled, from figures that were read after the pause", async () => {
  const { time, clock, steps, page, written, ages, renewed } = world();
  let refuse = true;
  const throttling: WriteSteps<Write, object> = {
    ...steps,
    apply: async (change) => {
      if (refuse && clock.monotonic() > 200) {
        refuse = false;
        throw new ThrottledError("too many", { retryAfterMs: 10_000 });
      }
      await steps.apply(change);
    },
  };
  const writer = createWriter(throttling, createPace({ clock, random: { fraction: () => 0 }, most: 4 }));
  const { done } = writer.begin(page(50));
  await time.until(() => written.length === 50, 60_000);
  expect(await done).toEqual({ changed: 50, waiting: 0, left: 0, refused: [] });
  expect(written.toSorted()).toEqual(
    page(50)
      .map(({ record }) => record)
      .toSorted(),
  );
  expect([renewed.length, Math.max(...ages) <= OLD_MS]).toEqual([1, true]);
});

it("writes all that waited for a second look, where that look itself was throttled", async () => {
  const { time, clock, steps, page, written, renewed } = world();
  let refusals = 2;
  const throttling: WriteSteps<Write, object> = {
    ...steps,
    ageing: {
      isOld: steps.ageing?.isOld ?? (() => false),
      renew: async (changes) => {
        if (refusals > 0) {
          refusals -= 1;
          throw new ThrottledError("too many");
        }
        return (await steps.ageing?.renew(changes)) ?? [];
      },
    },
  };
  const writer = createWriter(throttling, createPace({ clock, random: { fraction: () => 0 }, most: 1 }));
  const { done } = writer.begin(page(200));
  expect(await time.until(() => written.length === 200, 60_000)).toBe(true);
  expect(await done).toEqual({ changed: 200, waiting: 0, left: 0, refused: [] });
  expect([refusals, renewed.length > 0, new Set(written).size]).toEqual([0, true, 200]);
});

it("ends a page whose every write is throttled for ever, and what the platform was asked meanwhile is little", async () => {
  const { time, clock, steps, page } = world();
  let asked = 0;
  const throttled: WriteSteps<Write, object> = {
    ...steps,
    apply: async () => {
      asked += 1;
      await clock.sleep(WRITE_MS);
      throw new ThrottledError("too many", { retryAfterMs: 0 });
    },
  };
  const writer = createWriter(throttled, createPace({ clock, random: { fraction: () => 0 }, most: 20 }));
  const { nearly } = writer.begin(page(400));
  await time.until(() => writer.failed(), 10 * 60_000);
  await time.run(60_000);
  await nearly;
  await expect(writer.settled()).rejects.toThrow("too many");
  expect([asked < 100, time.pending()]).toEqual([true, 0]);
});

it("has nothing left to write where the second look says so", async () => {
  const { time, steps, page, written } = world();
  const { ageing } = steps;
  const over: WriteSteps<Write, object> = {
    ...steps,
    ageing: { isOld: ageing?.isOld ?? (() => true), renew: async () => [] },
  };
  const { done } = createWriter(over, 1).begin(page(200));
  await time.until(() => written.length === 101, 60_000);
  expect(await done).toEqual({ changed: 101, waiting: 0, left: 0, refused: [] });
});

it("begins nothing after a failure, not even what waits for a second look", async () => {
  const { time, clock, steps, page, written } = world();
  const failing: WriteSteps<Write, object> = {
    ...steps,
    apply: async (change) => {
      await steps.apply(change);
      if (clock.monotonic() > 3950) throw new Error("down");
    },
  };
  const writer = createWriter(failing, 2);
  const { done, nearly } = writer.begin(page(400));
  await time.until(() => writer.failed(), 60_000);
  await time.run(1000);
  await expect(done).rejects.toThrow();
  await nearly;
  await expect(writer.settled()).rejects.toThrow("down");
  expect(written.length).toBeLessThan(205);
});

it("no change becomes too old while it waits, however many sites share the places", async () => {
  const { time, clock, steps, page, written, ages, renewed } = world();
  const pace = createPace({ clock, random: { fraction: () => 0 }, most: 8 });
  const free: number[] = [];
  async function site(): Promise<void> {
    const writer = createWriter(steps, pace);
    const unended: Promise<unknown>[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      const { nearly, done } = writer.begin(page(90));
      unended.push(done);
      await nearly;
      if (unended.length >= 4) await unended.shift();
      free.push(pace.waiting());
    }
    await writer.settled();
  }
  const sites = Promise.all([site(), site(), site()]);
  await time.until(() => written.length === 3 * 8 * 90, 60_000);
  await sites;
  expect(renewed).toEqual([]);
  expect(Math.max(...ages)).toBeLessThan(2500);
  // And places were never free for lack of changes while pages were left.
  expect(Math.min(...free.slice(0, -3))).toBeGreaterThan(8);
});

it("begins no write once time is over: what is under way is done, the rest of its page is left", async () => {
  const { time, clock, steps, page, written, renewed } = world();
  const slow: typeof steps = {
    ...steps,
    async apply(change) {
      await steps.apply(change);
      await clock.sleep(10_000);
    },
  };
  const writer = createWriter(slow, 2, () => clock.monotonic() > 25_000);
  const [{ done }, later] = [writer.begin(page(20)), writer.begin(page(3))];
  await time.until(() => false, 120_000);
  expect([await done, await later.done]).toEqual([
    { changed: 6, waiting: 0, left: 14, refused: [] },
    { changed: 0, waiting: 0, left: 3, refused: [] },
  ]);
  expect([written.length, renewed.length > 0, writer.failed()]).toEqual([6, true, false]);
});
