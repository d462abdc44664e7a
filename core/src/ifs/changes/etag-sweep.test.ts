import fc from "fast-check";
import { expect, test } from "vitest";
import { type PartNo, partNoSchema } from "../../domain/ids.ts";
import { createTestMemory } from "../testing/memory.ts";
import { collectFingerprints, etagSweepFeed } from "./etag-sweep.ts";

/** Rows of parts with their ETags: part -> row -> ETag. */
type Table = Map<string, Map<string, string>>;

function aSweep(table: Table = new Map()) {
  const memory = createTestMemory();
  const read = async () => {
    const collected = collectFingerprints<PartNo>();
    for (const [part, rows] of table) {
      for (const [row, etag] of rows) collected.add({ key: part as PartNo, row, etag });
    }
    return collected.result();
  };
  const feed = etagSweepFeed({ memory, name: "s", key: partNoSchema, read });
  const round = async () => {
    const { keys, handled } = await feed();
    await handled();
    return typeof keys === "string" ? keys : [...keys].sort();
  };
  return { memory, table, feed, round };
}

const rowsOf = (...etags: string[]) => new Map(etags.map((etag, index) => [`L${index}`, etag]));

test("rows that are new, changed or gone name their part, and nothing else does", async () => {
  const { table, round } = aSweep(
    new Map([
      ["P1", rowsOf("a", "b")],
      ["P2", rowsOf("c")],
      ["P3", rowsOf("d")],
    ]),
  );
  expect(await round()).toBe("lost");
  expect(await round()).toEqual([]);
  table.get("P1")?.set("L1", "b2");
  table.delete("P3");
  table.set("P4", rowsOf("e"));
  expect(await round()).toEqual(["P1", "P3", "P4"]);
  expect(await round()).toEqual([]);
  table.get("P1")?.delete("L0");
  expect(await round()).toEqual(["P1"]);
});

test("two rows that swap their ETags have changed", async () => {
  const { table, round } = aSweep(new Map([["P1", rowsOf("a", "b")]]));
  await round();
  table.set("P1", rowsOf("b", "a"));
  expect(await round()).toEqual(["P1"]);
});

test("rows that come twice, in another order, are the same rows", () => {
  const [once, twice] = [collectFingerprints<PartNo>(), collectFingerprints<PartNo>()];
  const rows = ["a", "b", "c"].map((etag) => ({ key: "P1" as PartNo, row: `L-${etag}`, etag }));
  for (const row of rows) once.add(row);
  for (const row of [...rows].reverse().concat(rows)) twice.add(row);
  expect([...twice.result()]).toEqual([...once.result()]);
});

test("20,000 parts lie in documents below 100 KB, and one change writes one of them", async () => {
  const parts = Array.from({ length: 20_000 }, (_, index) => `PART-WITH-A-LONG-NO.${index}`);
  const { memory, table, round } = aSweep(new Map(parts.map((part) => [part, rowsOf(part)])));
  await round();
  const sizes = [...memory.documents.values()].map(({ value }) => JSON.stringify(value).length);
  expect(Math.max(...sizes)).toBeLessThan(100_000);
  expect(memory.documents.size).toBe(16 + 1);
  const written: string[] = [];
  memory.beforeWrite = (name) => written.push(name);
  table.get("PART-WITH-A-LONG-NO.77")?.set("L0", "new");
  expect(await round()).toEqual(["PART-WITH-A-LONG-NO.77"]);
  expect(written.length).toBe(1);
});

test("a table that grows beyond its documents gets more of them, without anything being lost", async () => {
  const { memory, table, round } = aSweep(new Map([["P0", rowsOf("a")]]));
  await round();
  for (let index = 1; index < 4000; index += 1) table.set(`P${index}`, rowsOf("a"));
  expect((await round()).length).toBe(3999);
  expect(await round()).toEqual([]);
  expect(memory.documents.get("s")?.value).toEqual({ documents: 4 });
});

test.each([
  ["the head is gone", "s", undefined],
  ["the head is damaged", "s", { documents: 0 }],
  ["a document is gone", "s-4-2", undefined],
  ["a document is damaged", "s-4-1", { P7: "short" }],
])("%s: everything is looked at again, and the memory is whole afterwards", async (_what, name, value) => {
  const { memory, round } = aSweep(new Map(Array.from({ length: 4000 }, (_, index) => [`P${index}`, rowsOf("a")])));
  await round();
  const version = memory.documents.get(name)?.version ?? 0;
  if (value === undefined) memory.documents.delete(name);
  else memory.documents.set(name, { value, version });
  expect(await round()).toBe("lost");
  expect(await round()).toEqual([]);
});

test("whatever dies while it remembers: each change is found until it was handled", async () => {
  const anyChange = fc.record({ part: fc.integer({ min: 0, max: 1800 }), etag: fc.string({ maxLength: 3 }) });
  const story = fc.array(
    fc.record({
      changes: fc.array(anyChange, { maxLength: 12 }),
      diesAtWrite: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    }),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const table: Table = new Map(Array.from({ length: 1700 }, (_, index) => [`P${index}`, rowsOf("a")]));
      const { memory, feed } = aSweep(table);
      await (await feed()).handled();
      const unhandled = new Set<string>();
      for (const { changes, diesAtWrite } of steps) {
        for (const change of changes) if (applied(table, change)) unhandled.add(`P${change.part}`);
        const { keys, handled } = await feed();
        // What went back to where it was before anybody looked is no change any more.
        const missed = [...unhandled].filter((part) => !keys.includes(part as PartNo) && isNews(memory, table, part));
        expect(missed).toEqual([]);
        let writes = 0;
        memory.beforeWrite = () => {
          if (writes++ === diesAtWrite) throw new Error("killed");
        };
        const died = await handled().then(
          () => false,
          () => true,
        );
        memory.beforeWrite = () => {};
        if (!died) unhandled.clear();
      }
    }),
    { seed: 3, numRuns: 12 },
  );
});

/** False where the part stays what it was. An empty ETag deletes it. */
function applied(table: Table, { part, etag }: { part: number; etag: string }): boolean {
  const before = table.get(`P${part}`)?.get("L0");
  if (etag === "") table.delete(`P${part}`);
  else table.set(`P${part}`, rowsOf(etag));
  return before !== (etag === "" ? undefined : etag);
}

/** Does the memory still have another state of this part than the table? */
function isNews(memory: ReturnType<typeof createTestMemory>, table: Table, part: string): boolean {
  const collected = collectFingerprints<PartNo>();
  for (const [row, etag] of table.get(part) ?? []) collected.add({ key: part as PartNo, row, etag });
  const known = [...memory.documents.values()]
    .map(({ value }) => (value as Record<string, string>)[part])
    .find((fingerprint) => fingerprint !== undefined);
  return known !== collected.result().get(part as PartNo);
}

test("a tenant whose lists have no ETags is looked at whole", async () => {
  const memory = createTestMemory();
  const feed = etagSweepFeed({ memory, name: "s", key: partNoSchema, read: async () => undefined });
  const { keys, handled } = await feed();
  await handled();
  expect([keys, memory.documents.size]).toEqual(["all", 0]);
});
