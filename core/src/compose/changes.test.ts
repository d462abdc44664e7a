/**
 * Whatever strategy finds the changes, the shop ends the same. One random story of a warehouse and its orders is told to several
 * worlds, each with another strategy (or with hints); no run through everything comes to help.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Contract, PartNo } from "../domain/ids.ts";
import { partNoSchema } from "../domain/ids.ts";
import { runStockSync } from "../flows/stock-sync/run.ts";
import { configWith, createWorld, type World } from "../flows/stock-sync/testing/world.ts";
import { collectFingerprints, etagSweepFeed } from "../ifs/changes/etag-sweep.ts";
import { everything, type Feed } from "../ifs/changes/found.ts";
import { timestampFeed } from "../ifs/changes/timestamp.ts";
import { createTestMemory } from "../ifs/testing/memory.ts";

const SKUS = ["BOLT", "NUT", "WASHER"] as const;
const S1 = "S1" as Contract;

type Step =
  | { kind: "count" | "sale" | "phone"; sku: string; quantity: number }
  | { kind: "receive"; sku: string; quantity: number }
  | { kind: "commit" | "link" | "reserve" | "ship"; order: number }
  | { kind: "wait"; ms: number };

const sku = fc.constantFrom(...SKUS);
const quantity = fc.integer({ min: 0, max: 9 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("count", "receive"), sku, quantity }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("sale", "phone"), sku, quantity: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("commit", "link", "reserve", "ship"), order: fc.nat({ max: 5 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1000, 31_000, 400_000) }),
  },
);
/** What happens between one run and the next. */
const story = fc.array(fc.array(anyStep, { maxLength: 5 }), { minLength: 1, maxLength: 8 });

function tell(world: World, placed: string[], step: Step): void {
  switch (step.kind) {
    case "count":
      if (world.rows.some(({ partNo }) => partNo === step.sku)) world.happen.count(step.sku, step.quantity);
      return;
    case "receive":
      world.happen.stock(step.sku, step.quantity);
      return;
    case "sale": {
      // The same orders everywhere, whatever an entry happens to show at this moment.
      placed.push(world.happen.order(step.sku, step.quantity));
      return;
    }
    case "phone":
      world.happen.ifsOrder(`T${placed.length}-${step.sku}`, step.sku, step.quantity);
      return;
    case "wait":
      world.happen.wait(step.ms);
      return;
    default: {
      const order = placed[step.order];
      if (order === undefined) return;
      world.happen[step.kind](step.kind === "commit" || step.kind === "link" ? order : `W${order}`);
    }
  }
}

type Strategy = (world: World) => Feed<PartNo>;

const tagsOf = (world: World) => {
  const collected = collectFingerprints<PartNo>();
  for (const row of world.rows) {
    const etag = createHash("sha256").update(JSON.stringify(row)).digest("hex");
    collected.add({ key: row.partNo, row: row.locationNo, etag });
  }
  return collected.result();
};

const strategies: Record<string, Strategy> = {
  timestamp: (world) =>
    timestampFeed({
      memory: createTestMemory(),
      name: "t",
      overlapMs: 300_000,
      now: () => world.time.now,
      read: async (since) => {
        const stampOf = (at: string | null) => Date.parse(at ?? "");
        const moved = world.rows.filter(({ lastActivityDate }) => stampOf(lastActivityDate) >= Date.parse(since));
        const newest = Math.max(Date.parse(since), ...moved.map((row) => stampOf(row.lastActivityDate)));
        return { keys: moved.map(({ partNo }) => partNo), watermark: new Date(newest).toISOString() };
      },
    }),
  etagSweep: (world) =>
    etagSweepFeed({ memory: createTestMemory(), name: "e", key: partNoSchema, read: async () => tagsOf(world) }),
  full: () => everything<PartNo>(),
};

/** Full runs are a day apart, so that they repair nothing that a strategy missed. */
const config = configWith((raw) => {
  raw.schedules = { stockFullSeconds: 86_400 };
});

const sync = (world: World) => runStockSync(world.deps, { now: world.time.now, mode: "delta" });
const writes = (world: World) => world.calls.filter((call) => call === "create" || call === "update").length;

async function play(steps: readonly (readonly Step[])[], strategy: Strategy, hinted: boolean) {
  const base = createWorld(config);
  const feed = strategy(base);
  const world: World = { ...base, deps: { ...base.deps, changedParts: () => feed() } };
  const placed: string[] = [];
  for (const name of SKUS) {
    world.happen.sku(name);
    world.happen.stock(name, 20);
  }
  await sync(world);
  for (const happening of steps) {
    for (const step of happening) {
      tell(world, placed, step);
      // Hints come late, twice, and for parts that did not change.
      if (hinted && "sku" in step) {
        const partNos = [step.sku, "NUT", "UNKNOWN"].map((partNo) => ({ contract: S1, partNo: partNo as PartNo }));
        await runStockSync(world.deps, { now: world.time.now, mode: "delta", only: { partNos } });
      }
    }
    await sync(world);
  }
  // What was ordered in the last half minute counts in full; then the last word is said.
  world.happen.wait(31_000);
  await sync(world);
  await sync(world);
  const end = Object.fromEntries(SKUS.map((name) => [name, world.quantityOf(name)]));
  world.calls.length = 0;
  await sync(world);
  return { end, again: writes(world) };
}

test("every strategy ends in the same shop, with hints and without, and a repeat run writes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const reference = await play(steps, () => everything<PartNo>(), false);
      expect(reference.again).toBe(0);
      for (const [name, strategy] of Object.entries(strategies)) {
        for (const hinted of [false, true]) {
          expect([name, hinted, await play(steps, strategy, hinted)]).toEqual([name, hinted, reference]);
        }
      }
    }),
    { seed: 11, numRuns: 60 },
  );
});

test("only parts that changed are written", async () => {
  for (const [name, strategy] of Object.entries(strategies)) {
    const base = createWorld(config);
    const feed = strategy(base);
    const world: World = { ...base, deps: { ...base.deps, changedParts: () => feed() } };
    for (const sku of SKUS) {
      world.happen.sku(sku);
      world.happen.stock(sku, 20);
    }
    await sync(world);
    world.happen.wait(3_600_000);
    world.happen.count("NUT", 7);
    world.calls.length = 0;
    await sync(world);
    expect([name, writes(world), world.quantityOf("NUT"), world.quantityOf("BOLT")]).toEqual([name, 1, 7, 20]);
  }
});

test("a strategy that misses changes would not pass: nothing else repairs the shop", async () => {
  const blind = () => async () => ({ keys: [] as PartNo[], handled: async () => {} });
  const steps: Step[][] = [
    [
      { kind: "wait", ms: 400_000 },
      { kind: "count", sku: "NUT", quantity: 7 },
    ],
  ];
  expect((await play(steps, blind, false)).end).toEqual({ BOLT: 20, NUT: 20, WASHER: 20 });
  expect((await play(steps, blind, true)).end).toEqual({ BOLT: 20, NUT: 7, WASHER: 20 });
});

test("a row that is gone is not zero stock by itself: the part is read again", async () => {
  const base = createWorld(config);
  const feed = strategies.etagSweep?.(base) ?? everything<PartNo>();
  const world: World = { ...base, deps: { ...base.deps, changedParts: () => feed() } };
  world.happen.sku("BOLT");
  world.happen.stock("BOLT", 20);
  world.happen.stock("BOLT", 4);
  await sync(world);
  world.happen.wait(3_600_000);
  world.rows.splice(0, 1);
  await sync(world);
  expect(world.quantityOf("BOLT")).toBe(4);
});
