import fc from "fast-check";
import { expect, test } from "vitest";
import { ConflictError } from "../../domain/failure.ts";
import { createTestMemory } from "../testing/memory.ts";
import { type Moved, timestampFeed } from "./timestamp.ts";

const START = Date.parse("2026-03-01T08:00:00Z");
const OVERLAP_MS = 300_000;
const iso = (ms: number) => new Date(ms).toISOString();

type Row = { readonly key: string; readonly stamp: number; readonly visibleAt: number };

/** Rows with the stamp that IFS's clock gave them, visible once they are committed. */
function aTable() {
  const memory = createTestMemory();
  const time = { now: START };
  const rows: Row[] = [];
  const windows: string[] = [];
  const read = async (since: string): Promise<Moved<string>> => {
    windows.push(since);
    const moved = rows.filter(({ stamp, visibleAt }) => visibleAt <= time.now && stamp >= Date.parse(since));
    const newest = moved.reduce((latest, { stamp }) => Math.max(latest, stamp), Date.parse(since));
    return { keys: [...new Set(moved.map(({ key }) => key))], watermark: iso(newest) };
  };
  const feed = timestampFeed({ memory, name: "t", overlapMs: OVERLAP_MS, now: () => time.now, read });
  const round = async () => {
    const { keys, handled } = await feed();
    await handled();
    return keys;
  };
  return { memory, time, rows, windows, feed, round };
}

test("the first reading knows nothing; the second looks an hour and the overlap back", async () => {
  const { round, windows } = aTable();
  expect(await round()).toBe("lost");
  expect(await round()).toEqual([]);
  expect(windows).toEqual(["2026-03-01T06:55:00.000Z"]);
});

test("what is not handled is found again", async () => {
  const { round, feed, rows } = aTable();
  await round();
  rows.push({ key: "P1", stamp: START, visibleAt: START });
  expect((await feed()).keys).toEqual(["P1"]);
  expect((await feed()).keys).toEqual(["P1"]);
});

test("ten thousand rows of one second are found whole, and again until the overlap has passed", async () => {
  const { round, rows, time } = aTable();
  await round();
  for (let index = 0; index < 10_000; index += 1) rows.push({ key: `P${index}`, stamp: START, visibleAt: START });
  expect((await round()).length).toBe(10_000);
  time.now += OVERLAP_MS;
  rows.push({ key: "LATER", stamp: time.now, visibleAt: time.now });
  expect((await round()).length).toBe(10_001);
  rows.push({ key: "LATEST", stamp: time.now + 1000, visibleAt: time.now });
  time.now += 1000;
  await round();
  expect(await round()).toEqual(["LATER", "LATEST"]);
});

test("whatever is committed within the overlap is found, in whatever order and with clocks apart", async () => {
  const anyRow = fc.record({
    at: fc.integer({ min: 0, max: 3_600_000 }),
    /** Commit delay and how far IFS's clock is behind or ahead, together below the overlap. */
    delay: fc.integer({ min: 0, max: 140_000 }),
  });
  const story = fc.record({
    rows: fc.array(anyRow, { minLength: 1, maxLength: 40 }),
    skew: fc.integer({ min: -140_000, max: 140_000 }),
    rounds: fc.array(fc.integer({ min: 1000, max: 400_000 }), { minLength: 1, maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(story, async ({ rows, skew, rounds }) => {
      const table = aTable();
      await table.round();
      rows.forEach(({ at, delay }, index) => {
        table.rows.push({ key: `P${index}`, stamp: START + at + skew, visibleAt: START + at + delay });
      });
      const found = new Set<string>();
      for (const pause of [...rounds, 4_000_000]) {
        table.time.now += pause;
        for (const key of await table.round()) found.add(key);
      }
      expect(found.size).toBe(rows.length);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("a row dated next year does not hide what happens until then", async () => {
  const { round, rows, time } = aTable();
  await round();
  rows.push({ key: "TYPO", stamp: START + 365 * 86_400_000, visibleAt: START });
  await round();
  time.now += 600_000;
  rows.push({ key: "P1", stamp: time.now, visibleAt: time.now });
  expect(await round()).toEqual(["TYPO", "P1"]);
});

test.each([[{ watermark: "yesterday" }], [null], ["text"], [{}]])(
  "a damaged document %j is a lost one",
  async (value) => {
    const { round, memory } = aTable();
    await round();
    memory.documents.set("t", { value, version: 5 });
    expect(await round()).toBe("lost");
    expect(await round()).toEqual([]);
  },
);

test("another run that wrote first ends this one", async () => {
  const { feed } = aTable();
  const [first, second] = [await feed(), await feed()];
  await first.handled();
  await expect(second.handled()).rejects.toBeInstanceOf(ConflictError);
});
